"""Hearing back: the status page in each state and for each person, help, the proof on paper, and who looked."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader
from pytest_django import DjangoAssertNumQueries

from guidance.cards import card_for
from incidents.actions.additions import Addition, add_files, add_to_report
from incidents.actions.advice import complete_facts
from incidents.actions.closing import close_case
from incidents.actions.exclusions import keep_out_people
from incidents.actions.people import ask_for_support, link_affected, unlink_affected
from incidents.actions.tasks import finish_task
from incidents.actions.trail import note_in_trail, record_view
from incidents.models import Evidence, Exclusion, Incident, News, Task, TimelineEntry
from incidents.views.typed import mark_of_writer
from incidents.vocabulary import NewsKind, ReporterIs, ReportKind, TimelineKind
from tests import clock
from tests.world import PASSWORD, Place, make_incident, make_user, open_task
from vpdportal import pdf
from vpdportal.accounts.models import Absence, Membership, User
from vpdportal.audit.models import AuditEvent

STORY = "Kanarie in het verhaal: ik pak je. 😡"
PDF = b"%PDF-1.4\n%%EOF kanarie"


@pytest.fixture
def shows(english: Any) -> Callable[..., str]:
    """The status page of this person, or another page of the report, as text."""

    def showing(incident: Incident, user: User, name: str = "report_status") -> str:
        response = english(user).get(reverse(name, args=[incident.pk]))
        assert response.status_code == 200
        return " ".join(response.content.decode().split())

    return showing


def for_other(town: Place, affected: User | None = None, **more: Any) -> Incident:
    """Reported by the manager for someone of the department."""
    details = {"reporter_is": ReporterIs.MANAGER, "affected_name": "Eva Voorbeeld", "story": STORY, **more}
    return make_incident(town, by=town.manager, affected=affected, **details)


def add(incident: Incident, by: User, text: str) -> None:
    add_to_report(incident=incident, addition=Addition(form_key=uuid4(), text=text), by=by, now=clock.now())


def close(incident: Incident, town: Place) -> None:
    Task.objects.filter(incident=incident, status="open").update(
        status="done", finished_at=clock.now(), finished_by=town.adviser
    )
    close_case(incident=incident, outcome="Wij spraken met u.", by=town.adviser, now=clock.now())


# --- what stands there ------------------------------------------------------------------------------------------------


def test_just_received_it_is_a_receipt_with_who_calls_and_before_when(town: Place, shows: Any):
    town.adviser.phone = "06-00000001"
    town.adviser.save()
    incident = make_incident(town, story=STORY)
    page = shows(incident, town.employee)
    assert "Thank you for telling this." in page
    for part in (incident.reference, "Tuesday 24 November 2026, 10:00", town.adviser.name, "06-00000001"):
        assert part in page
    assert f"{town.adviser.name}, VPD adviser, has your report and calls you before tomorrow 17:00." in page
    assert STORY in page and "You sent the report." in page
    assert [page.count(f"<title>Report {incident.reference} · ")] == [1]


def test_what_comes_next_stands_in_plain_words_the_nearest_first(town: Place, shows: Any):
    page = shows(make_incident(town, behaviours=("threat",)), town.employee)
    texts = ("before tomorrow 17:00</span>Your VPD adviser calls you.", "You hear what was done.")
    order = [page.index(text) for text in texts]
    assert order == sorted(order)
    assert "Someone talks with you about what happened" in page
    for title in ("Assess report", "Written warning", "Inform person about registration", "Learn: discuss in team"):
        assert title not in page, "the desk's own work has no sentence"


def test_what_was_done_says_by_which_role_and_never_by_whom(town: Place, shows: Any):
    incident = make_incident(town, behaviours=("threat",))
    task = open_task(incident, "R03")
    finish_task(task=task, by=town.deputy, now=clock.move(hours=1))
    finish_task(task=open_task(incident, "R24"), by=town.adviser, now=clock.now())
    page = shows(incident, town.employee)
    assert 'You were called. <span class="soft small">Deputy VPD adviser</span>' in page
    assert town.deputy.name not in page.replace(town.adviser.name, "")
    assert page.count('class="when"') == 7, "five to come, the call, and the report; R24 is not shown"


def test_the_role_is_that_of_the_day_itself(town: Place, shows: Any):
    incident = make_incident(town)
    finish_task(task=open_task(incident, "R03"), by=town.adviser, now=clock.now())
    Membership.objects.filter(user=town.adviser).update(ends_on="2026-11-24")
    clock.move(days=3)
    assert 'You were called. <span class="soft small">VPD adviser</span>' in shows(incident, town.employee)


def test_a_call_that_was_missed_is_said(town: Place, shows: Any):
    incident = make_incident(town)
    clock.move(days=3)
    page = shows(incident, town.employee)
    assert "should have called you before Wed 25 November 17:00. That did not happen. We are sorry." in page
    assert "late: it should have been before Wed 25 November 17:00" in page


def test_what_waits_for_the_police_is_not_shown(town: Place, shows: Any):
    incident = make_incident(town, behaviours=("threat",))
    complete_facts(incident=incident, answers={"offence_suspected": True}, by=town.adviser, now=clock.now())
    assert "You can report it to the police." in shows(incident, town.employee)
    incident.tasks.filter(code__in=("R11", "R12")).update(is_on_hold=True)
    assert "police" not in shows(incident, town.employee)


REACTION = "There was a reaction to the person who did it."
TOLD = {
    "N07": "You were offered a talk with the support team of colleagues.",
    "N08": "You were offered professional help.",
    "N09": "You were told how to reach the company doctor.",
    "N10": "You were told about help and money for who was hit.",
    "N11": "The colleagues who saw it got help as well.",
    "N12": "Help was offered to the people close to you.",
    "N13": "You were told about the support team for office holders.",
    "N14": "Your organisation reported it to the Labour Inspectorate.",
    "N16": "Your work was adapted.",
    "N17": "You were offered a medical check.",
    "R13": "Your organisation told the police about it.",
    "R14": "The evidence was kept safe.",
    "R15": "It was asked to take it off the internet.",
    "R16": "It was looked at what the damage costs.",
    **dict.fromkeys(("R04", "R05", "R06", "R07", "R08", "R09", "R17"), REACTION),
    **dict.fromkeys(("P01", "P04", "P13", "P16"), "Something was done so that it happens less."),
}


def done(incident: Incident, by: User, *codes: str) -> None:
    for code in codes:
        note_in_trail(incident=incident, kind=TimelineKind.TASK_DONE, by=by, now=clock.move(minutes=1), code=code)


@pytest.mark.parametrize("code", TOLD)
def test_what_was_done_is_told_and_not_how_to_whom(town: Place, shows: Any, code: str):
    incident = make_incident(town, behaviours=("threat",))
    assert TOLD[code] not in shows(incident, town.employee)
    done(incident, town.adviser, code)
    page = shows(incident, town.employee)
    line = f'{TOLD[code]} <span class="soft small">VPD adviser</span>'
    title = card_for(town.organisation).every[code].title
    assert line in page and title not in page
    other = for_other(town)
    done(other, town.adviser, code)
    assert TOLD[code] not in shows(other, town.manager), "who reported for another hears nothing of it"


def test_several_reactions_are_one_line_at_the_first(town: Place, shows: Any):
    incident = make_incident(town, behaviours=("threat",))
    done(incident, town.adviser, "R05", "R06", "R09")
    page = shows(incident, town.employee)
    assert page.count("There was a reaction") == 1 and "today 10:01</span>There was a reaction" in page


@pytest.mark.parametrize("code", ["P14", "P15", "R01", "R18", "R19", "R20", "R21", "R22", "R24", "R26", "N15"])
def test_what_would_tell_of_the_person_who_did_it_or_of_the_desk_is_not_told(town: Place, shows: Any, code: str):
    incident = make_incident(town, behaviours=("threat",))
    before = shows(incident, town.employee).count('class="when"')
    done(incident, town.adviser, code)
    assert shows(incident, town.employee).count('class="when"') == before


def test_of_a_near_miss_it_is_told_that_something_was_made_safer(town: Place, shows: Any):
    incident = make_incident(town, kind=ReportKind.NEAR_MISS)
    finish_task(task=open_task(incident, "R03"), by=town.adviser, now=clock.now())
    assert "You find here what was done." in shows(incident, town.employee)
    done(incident, town.adviser, "P16")
    assert "Something was done so that it happens less." in shows(incident, town.employee)


def test_the_damage_that_is_claimed_is_told(town: Place, shows: Any):
    incident = make_incident(town, behaviours=("vandalism",), damage=True)
    assert "It is looked at what the damage costs." in shows(incident, town.employee)
    note_in_trail(incident=incident, kind=TimelineKind.TASK_DONE, by=town.legal, now=clock.now(), code="R16", step=1)
    assert "It was asked that the damage is paid." in shows(incident, town.employee)


@pytest.mark.parametrize("days", [1, 60])
def test_a_long_history_is_folded_and_costs_no_more_queries(
    town: Place, english: Any, django_assert_num_queries: DjangoAssertNumQueries, days: int
):
    incident = make_incident(town)
    for day in range(days):
        add(incident, town.employee, f"Dag {day}")
        clock.move(days=1)
    client = english(town.employee)
    client.get(reverse("report_status", args=[incident.pk]))
    with django_assert_num_queries(19):
        page = client.get(reverse("report_status", args=[incident.pk])).content.decode()
    assert page.split('id="done"')[1].split("<details")[0].count('class="when"') == min(days + 1, 5)
    assert (f"{days + 1 - 5} older" in page) == (days > 5)


def test_a_near_miss_is_asked_nothing_more(town: Place, shows: Any):
    incident = make_incident(town, kind=ReportKind.NEAR_MISS)
    page = shows(incident, town.employee)
    assert "does not go wrong the next time" in page
    assert "You can still tell us more" not in page and "Someone talks with you" not in page


def test_a_closed_report_says_what_was_done_and_offers_no_addition(town: Place, shows: Any):
    incident = make_incident(town)
    close(incident, town)
    page = shows(incident, town.employee)
    assert "Wij spraken met u." in page and "The report was closed." in page
    assert "What comes next" not in page and reverse("report_add", args=[incident.pk]) not in page
    assert reverse("ask_support", args=[incident.pk]) in page


def test_without_an_adviser_the_numbers_stand_there(town: Place, shows: Any):
    incident = make_incident(town)
    town.organisation.confidant = "Vera Vertrouwen, 06-00000003"
    town.organisation.save()
    Membership.objects.filter(role__in=("adviser", "deputy")).delete()
    page = shows(incident, town.employee)
    assert "no VPD adviser who can take it now" in page and "Vera Vertrouwen, 06-00000003" in page
    assert "calls you before" not in page


def test_an_absent_adviser_is_replaced_on_the_page(town: Place, shows: Any):
    incident = make_incident(town)
    Absence.objects.create(
        organisation=town.organisation,
        user=town.adviser,
        starts_at=clock.now() - timedelta(days=1),
        ends_at=clock.now() + timedelta(days=5),
    )
    page = shows(incident, town.employee)
    assert town.deputy.name in page and town.adviser.name not in page


def test_what_can_still_be_told_is_asked_as_in_the_report(town: Place, shows: Any):
    page = shows(make_incident(town, injury=False), town.employee)
    assert "Has it given you trouble since" in page
    assert "Was anyone admitted to hospital?" not in page, "nobody is injured"
    assert "Is anyone injured?" not in page, "that is known"


def test_seeing_the_page_is_seeing_the_news_of_it(town: Place, shows: Any):
    incident = make_incident(town)
    close(incident, town)
    News.objects.create(
        organisation=town.organisation,
        incident=incident,
        recipient=town.employee,
        kind=NewsKind.WITNESS_ASKED,
        about=uuid4(),
        due_at=clock.now(),
    )
    shows(incident, town.employee)
    unseen = News.objects.filter(incident=incident, recipient=town.employee, seen_at__isnull=True)
    assert [news.kind for news in unseen] == [NewsKind.WITNESS_ASKED]


# --- for someone else -------------------------------------------------------------------------------------------------


def test_reported_for_someone_without_an_account_the_reporter_keeps_own_text_and_hears_no_more(town: Place, shows: Any):
    incident = for_other(town)
    finish_task(task=open_task(incident, "N01"), by=town.adviser, now=clock.now())
    page = shows(incident, town.manager)
    assert STORY in page and "You sent the report." in page
    assert "Someone came to ask how you are" not in page and "Someone talks with you" not in page
    assert "Your VPD adviser calls you." in page
    assert "Does the person hit have complaints since" in page, "asked about someone else"


def test_the_person_hit_has_a_view_of_their_own_and_the_reporter_a_receipt(town: Place, shows: Any, english: Any):
    incident = for_other(town, town.employee)
    add(incident, town.employee, "Kanarie van wie het overkwam.")
    theirs = shows(incident, town.employee)
    assert STORY in theirs and "Someone reported it for you." in theirs and "Kanarie van wie het overkwam." in theirs
    assert town.manager.name not in theirs
    assert "Someone talks with you about what happened" in theirs
    receipt = shows(incident, town.manager)
    assert "Your colleague follows this report now" in receipt and incident.reference in receipt
    assert "anarie" not in receipt and "You can still tell us more" not in receipt and 'class="when"' not in receipt
    assert english(town.manager).get(reverse("who_looked", args=[incident.pk])).status_code == 403


def test_after_a_wrong_account_is_taken_away_nothing_that_was_told_there_shows(town: Place, shows: Any):
    incident = for_other(town)
    link_affected(incident=incident, email=town.support.email, by=town.adviser, now=clock.now())
    add(incident, town.support, "Kanarie van de verkeerde.")
    ask_for_support(incident=incident, contact="06-kanarie", by=town.support, now=clock.now())
    unlink_affected(incident=incident, by=town.adviser, now=clock.now())
    page = shows(incident, town.manager)
    assert STORY in page
    assert "anarie van de" not in page and "06-kanarie" not in page and "Help was asked" not in page


def test_the_number_of_the_person_hit_takes_nothing_of_the_reporter(town: Place, shows: Any, english: Any):
    """The account that was linked may be the wrong one: then all is as it was before."""
    incident = make_incident(town, contact="06-melder")
    desk = english(town.adviser)

    def case() -> str:
        return desk.get(reverse("case", args=[incident.pk])).content.decode()

    link_affected(incident=incident, email=town.support.email, by=town.adviser, now=clock.now())
    for number in ("06-getroffene", "06-anders"):
        english(town.support).post(reverse("ask_support", args=[incident.pk]), {"contact": number})
        assert number in case() and "06-melder" in case(), "the desk can reach both"
    assert "06-melder" not in shows(incident, town.support)
    assert "06-anders" not in shows(incident, town.employee)
    unlink_affected(incident=incident, by=town.adviser, now=clock.now())
    incident.refresh_from_db()
    assert incident.contact == "06-melder" and incident.reporter_contact is None
    assert "06-anders" not in shows(incident, town.employee) and "06-anders" not in case()
    assert "06-melder" in shows(incident, town.employee)
    link_affected(incident=incident, email=town.legal.email, by=town.adviser, now=clock.now())
    english(town.legal).post(reverse("ask_support", args=[incident.pk]), {"contact": ""})
    assert "06-melder" in case()


def test_how_a_wrong_account_was_helped_is_not_told_to_the_reporter(town: Place, shows: Any, english: Any):
    incident = for_other(town)
    link_affected(incident=incident, email=town.support.email, by=town.adviser, now=clock.now())
    close(incident, town)
    answer = {"helped": "no", "remark": "Kanarie van de verkeerde."}
    english(town.support).post(reverse("helped", args=[incident.pk]), answer)
    unlink_affected(incident=incident, by=town.adviser, now=clock.now())
    page = shows(incident, town.manager)
    assert "anarie van de" not in page and "You said:" not in page
    assert f'action="{reverse("helped", args=[incident.pk])}"' in page, "now it is asked of who reported it"
    assert (
        "Kanarie van de verkeerde." in english(town.adviser).get(reverse("case", args=[incident.pk])).content.decode()
    )


def test_who_is_kept_out_or_has_nothing_to_do_with_it_finds_nothing(town: Place, other_town: Place, english: Any):
    incident = for_other(town, town.employee)
    pages = ("report_status", "report_add", "report_correct", "receipt", "who_looked", "witness")
    for user in (town.adviser, town.legal, other_town.employee, other_town.adviser, make_user()):
        for name in pages:
            assert english(user).get(reverse(name, args=[incident.pk])).status_code == 404, name
    Exclusion.objects.create(
        organisation=town.organisation, incident=incident, user=town.manager, at=clock.now(), by=town.adviser
    )
    for name in pages:
        assert english(town.manager).get(reverse(name, args=[incident.pk])).status_code == 404, name
    for name in ("ask_support", "witness_ask", "report_add"):
        response = english(town.manager).post(reverse(name, args=[incident.pk]), {"text": "x", "email": "a@b.invalid"})
        assert response.status_code == 404, name


# --- help -------------------------------------------------------------------------------------------------------------


def test_asking_for_help_says_who_calls_and_tells_the_desk_once(town: Place, english: Any):
    town.adviser.phone = "06-00000001"
    town.adviser.save()
    incident = make_incident(town)
    address = reverse("ask_support", args=[incident.pk])
    client = english(town.employee)
    for _click in range(2):
        response = client.post(address, {"contact": "06-00000009"}, follow=True)
    assert f"{town.adviser.name}, VPD adviser, calls you before tomorrow 17:00." in response.content.decode()
    incident.refresh_from_db()
    assert (incident.wants_support, incident.contact) == (True, "06-00000009")
    assert TimelineEntry.objects.filter(incident=incident, kind="support_asked").count() == 1
    assert [news.recipient for news in News.objects.filter(kind=NewsKind.ADDED)] == [town.adviser]
    assert AuditEvent.objects.get(action="incident.support_asked").fields == ["contact"]
    client.post(address, {"contact": "06-00000010"})
    assert TimelineEntry.objects.filter(incident=incident, kind="support_asked").count() == 2


def test_help_can_be_asked_when_it_is_closed_and_when_nobody_is_there(town: Place, english: Any):
    incident = make_incident(town)
    close(incident, town)
    Membership.objects.filter(role__in=("adviser", "deputy")).delete()
    page = english(town.employee).post(reverse("ask_support", args=[incident.pk]), {"contact": "x"}, follow=True)
    assert "There is no adviser now, so call one of the numbers" in page.content.decode()
    incident.refresh_from_db()
    assert incident.wants_support


def test_who_has_a_receipt_only_is_shown_where_help_is(town: Place, english: Any):
    incident = for_other(town, town.employee)
    response = english(town.manager).post(reverse("ask_support", args=[incident.pk]), {"contact": "06-1"})
    assert response.status_code == 409 and "Do you want help for yourself?" in response.content.decode()
    incident.refresh_from_db()
    assert (incident.wants_support, incident.contact) == (False, "")


@pytest.mark.parametrize("contact", ["x" * 121, "a\x00b"])
def test_a_contact_that_is_wrong_comes_back(town: Place, english: Any, contact: str):
    incident = make_incident(town)
    response = english(town.employee).post(reverse("ask_support", args=[incident.pk]), {"contact": contact})
    assert response.status_code == 400 and 'href="#support-contact"' in response.content.decode()
    incident.refresh_from_db()
    assert not incident.wants_support


def test_a_session_that_ended_costs_no_contact(town: Place):
    incident = make_incident(town)
    address = reverse("ask_support", args=[incident.pk])
    who = {"username": town.employee.email, "password": PASSWORD}
    for writer, status in ((town.employee, 200), (town.manager, 302)):
        client = Client()
        page = client.post(address, {"contact": "06-kanarie", "writer": mark_of_writer(writer)})
        assert page.status_code == 200 and "06-kanarie" in page.content.decode()
        back = client.post(address, {**dict(page.context["typed"]), **who})
        assert back.status_code == status, "what someone else typed is not shown"
        assert ("06-kanarie" in back.content.decode()) == (writer == town.employee)
    incident.refresh_from_db()
    assert not incident.wants_support, "looked at again before it is sent"


# --- the proof on paper -----------------------------------------------------------------------------------------------


def text_of(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())


def test_the_proof_has_number_moment_and_fingerprints_and_nothing_of_the_story(town: Place, english: Any, pango: None):
    incident = make_incident(town, story=STORY, perpetrator_description="kanarie van de dader")
    upload = SimpleUploadedFile("kanarie.pdf", PDF)
    add_files(incident=incident, uploads=[upload], form_key=uuid4(), by=town.employee, now=clock.now())
    others = SimpleUploadedFile("ander.pdf", PDF + b"ander")
    add_files(incident=incident, uploads=[others], form_key=uuid4(), by=town.adviser, now=clock.now())
    response = english(town.employee).get(reverse("receipt", args=[incident.pk]))
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'attachment; filename="{incident.reference}.pdf"'
    text = text_of(response.content)
    kept = Evidence.objects.get(uploaded_by=town.employee)
    for part in (incident.reference, "24 November 2026, 10:00:00 CET", town.organisation.name, town.employee.name):
        assert part in text
    assert kept.sha256 in text and text.count("SHA-256") == 2, "in the explanation, and with the one own file"
    assert "It is not a report to the police." in text
    assert "anarie" not in text and town.adviser.name not in text
    reader = PdfReader(BytesIO(response.content))
    assert "/StructTreeRoot" in reader.trailer["/Root"] and reader.trailer["/Root"]["/Lang"] == "en"
    assert reader.metadata is not None and reader.metadata.title == f"Proof of report {incident.reference}"


def test_who_reported_for_another_has_a_proof_too(town: Place, english: Any, pango: None):
    incident = for_other(town, town.employee)
    reporter = text_of(english(town.manager).get(reverse("receipt", args=[incident.pk])).content)
    affected = text_of(english(town.employee).get(reverse("receipt", args=[incident.pk])).content)
    assert town.manager.name in reporter and town.employee.name not in reporter and "Sent by" in reporter
    assert town.employee.name in affected and town.manager.name not in affected and "Sent by" not in affected


def test_without_the_libraries_the_same_text_can_be_printed(town: Place, english: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf, "LIBRARIES", (*pdf.LIBRARIES, "vpd-no-such-library"))
    pdf.is_available.cache_clear()
    incident = make_incident(town, story=STORY)
    response = english(town.employee).get(reverse("receipt", args=[incident.pk]))
    pdf.is_available.cache_clear()
    page = response.content.decode()
    assert response.status_code == 503 and "cannot make a PDF" in page
    assert "24 November 2026, 10:00:00 CET" in page and STORY not in page


# --- who looked -------------------------------------------------------------------------------------------------------


def look(incident: Incident, by: User, *parts: str) -> None:
    for part in parts:
        record_view(incident=incident, by=by, now=clock.move(minutes=1), part=part)


def test_looks_stand_by_role_and_day_with_a_count_and_never_a_name(town: Place, shows: Any):
    incident = make_incident(town)
    look(incident, town.adviser, "case", "case", "evidence")
    look(incident, town.support, "task")
    clock.move(days=1)
    look(incident, town.deputy, "facts")
    page = shows(incident, town.employee, "who_looked")
    rows = page.split("<tbody>")[1].split("</tbody>")[0]
    assert rows.count("<tr>") == 3
    assert "3 times, 10:01 to 10:03" in rows and "the report and what is done with it; a file" in rows
    assert rows.index("Deputy VPD adviser") < rows.index("Collegial support team"), "newest first"
    for person in (town.adviser, town.deputy, town.support, town.employee):
        assert person.name not in rows
    assert town.auditor.name in page, "who to go to"


LIST_OF_MANAGER = "A manager sees in a list that it was reported. Looking at that list is not written down."


@pytest.mark.parametrize("may", [True, False])
def test_it_promises_no_more_than_is_written_down(town: Place, shows: Any, english: Any, may: bool):
    incident = make_incident(town, may_manager_see=may)
    listed = english(town.manager).get(reverse("team")).content.decode()
    page = shows(incident, town.employee, "who_looked")
    assert "Nobody has opened it yet." in page and (incident.reference in listed) == may
    assert (LIST_OF_MANAGER in page) == may
    assert "Whoever opens your report is written down" in page and "Every look" not in page


def test_who_reports_for_someone_else_is_promised_no_list(town: Place, english: Any, writer: Any):
    person = writer(town.employee, english(town.employee))
    person.start(town)
    check = " ".join(person.page("controle").split())
    assert "Whoever opens the report is written down. The person it happened to can see that list." in check
    incident = for_other(town, town.support)
    for user, status in ((town.manager, 403), (town.support, 200)):
        assert english(user).get(reverse("who_looked", args=[incident.pk])).status_code == status


def test_own_looks_are_left_out_and_nobody_is_an_empty_state(town: Place, shows: Any):
    incident = make_incident(town)
    shows(incident, town.employee)
    assert "Nobody has opened it yet." in shows(incident, town.employee, "who_looked")


def test_the_person_hit_sees_that_the_reporter_looked(town: Place, shows: Any):
    incident = for_other(town, town.employee)
    look(incident, town.manager, "status")
    page = shows(incident, town.employee, "who_looked")
    assert "Who reported it for you" in page and town.manager.name not in page


def test_the_role_of_a_look_is_that_of_its_day(town: Place, shows: Any):
    incident = make_incident(town)
    look(incident, town.deputy, "case")
    Membership.objects.filter(user=town.deputy).update(ends_on="2026-11-24")
    clock.move(days=2)
    look(incident, town.deputy, "case")
    rows = shows(incident, town.employee, "who_looked").split("<tbody>")[1]
    assert rows.count("Deputy VPD adviser") == 1 + rows.split("</tbody>")[1].count("Deputy VPD adviser")
    assert "Someone without a role in your organisation" in rows


@pytest.mark.parametrize("number", [1, 3])
def test_who_looked_asks_a_fixed_number_of_queries(
    town: Place, english: Any, django_assert_num_queries: DjangoAssertNumQueries, number: int
):
    incident = make_incident(town)
    for person in (town.adviser, town.deputy, town.support)[:number]:
        look(incident, person, "case")
    client = english(town.employee)
    with django_assert_num_queries(12):
        page = client.get(reverse("who_looked", args=[incident.pk])).content.decode()
    assert page.split("<tbody>")[1].count("<tr>") == number


def test_kept_out_people_do_not_see_the_looks_either(town: Place, english: Any):
    incident = for_other(town, town.employee)
    keep_out_people(incident=incident, people=[town.deputy], by=town.adviser, now=clock.now(), reason="partij")
    assert english(town.deputy).get(reverse("who_looked", args=[incident.pk])).status_code == 404
    assert english(town.employee).get(reverse("who_looked", args=[incident.pk])).status_code == 200
