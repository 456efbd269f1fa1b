"""Adding to a report and correcting it: nothing is rewritten, lost or kept twice, and each sees only what is theirs."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guidance.vocabulary import Severity
from incidents.actions.additions import Addition, add_to_report
from incidents.actions.advice import complete_facts
from incidents.actions.case import confirm_severity
from incidents.actions.closing import close_case
from incidents.actions.people import link_affected
from incidents.models import Evidence, Incident, News, Statement, Task, TimelineEntry
from incidents.views.typed import mark_of_writer
from incidents.vocabulary import NewsKind, ReporterIs, ReportKind, StatementKind
from tests import clock
from tests.world import PASSWORD, Place, make_incident
from vpdportal.accounts.models import User
from vpdportal.audit.models import AuditEvent

WORDS = "Kanarie: hij stond er weer. 😡 \u202eשלום"
PDF = b"%PDF-1.4\n%%EOF"


def form(text: str = WORDS, **more: Any) -> dict[str, Any]:
    return {"form_key": str(uuid4()), "text": text, **more}


def adding(incident: Incident) -> str:
    return reverse("report_add", args=[incident.pk])


def correcting(incident: Incident) -> str:
    return reverse("report_correct", args=[incident.pk])


def made_for(town: Place, affected: User | None = None, **more: Any) -> Incident:
    """Reported by the manager for someone else."""
    details = {"reporter_is": ReporterIs.MANAGER, "affected_name": "Eva Voorbeeld", **more}
    return make_incident(town, by=town.manager, affected=affected, **details)


def close(incident: Incident, town: Place) -> None:
    Task.objects.filter(incident=incident, status="open").update(
        status="done", finished_at=clock.now(), finished_by=town.adviser
    )
    close_case(incident=incident, outcome="Wij spraken met u.", by=town.adviser, now=clock.now())


def shown(client: Client, address: str) -> dict[str, str]:
    """What a browser would send of this form without touching it."""
    found = client.get(address).context["form"]
    data = {}
    for field in found:
        value = field.value()
        if field.name != "evidence" and value not in (None, ""):
            data[field.name] = value
    return data


# --- words ------------------------------------------------------------------------------------------------------------


def test_words_are_added_beside_the_story_and_the_desk_is_told(town: Place, english: Any):
    incident = make_incident(town, story="Het eerste verhaal.")
    response = english(town.employee).post(adding(incident), form(), follow=True)
    assert "It is added to the report, and the VPD adviser is told." in response.content.decode()
    statement = Statement.objects.get()
    assert (statement.text, statement.kind, statement.given_as) == (WORDS, StatementKind.ADDITION, "reporter")
    incident.refresh_from_db()
    assert incident.story == "Het eerste verhaal."
    assert TimelineEntry.objects.filter(incident=incident, kind="statement_added").count() == 1
    assert AuditEvent.objects.get(action="incident.statement_added").fields == ["reporter"]
    assert [news.recipient for news in News.objects.filter(kind=NewsKind.ADDED)] == [town.adviser]
    case = english(town.adviser).get(reverse("case", args=[incident.pk])).content.decode()
    assert WORDS in case and town.employee.name in case


def test_what_was_added_while_the_page_was_made_is_still_new_to_the_desk(town: Place, english: Any):
    """At the moment at which the page marks as seen what it shows, one more addition comes in."""
    incident, later = make_incident(town), ["Hij heeft een mes."]

    def add(text: str) -> None:
        addition = Addition(form_key=uuid4(), text=text)
        add_to_report(incident=incident, addition=addition, by=town.employee, now=clock.now())

    def between(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("UPDATE") and "seen_at" in sql and later:
            add(later.pop())
        return execute(sql, *rest)

    def is_new() -> bool:
        return News.objects.filter(kind=NewsKind.ADDED, seen_at=None).exists()

    add("Hij stond er weer.")
    desk, case = english(town.adviser), reverse("case", args=[incident.pk])
    with connection.execute_wrapper(between):
        page = desk.get(case).content.decode()
    assert "Hij stond er weer." in page and "een mes" not in page and not later
    assert is_new()
    assert "een mes" in desk.get(case).content.decode() and not is_new()


def test_a_double_click_adds_once_and_other_words_on_the_same_page_are_not_lost(town: Place, english: Any):
    incident = make_incident(town)
    client, data = english(town.employee), form()
    for _click in range(2):
        assert client.post(adding(incident), data).status_code == 302
    assert Statement.objects.count() == TimelineEntry.objects.filter(kind="statement_added").count() == 1
    client.post(adding(incident), {**data, "text": "Nog iets."})
    assert sorted(one.text for one in Statement.objects.all()) == sorted([WORDS, "Nog iets."])


def test_two_clicks_at_once_add_once(town: Place, committed: None):
    incident = make_incident(town)
    addition = Addition(form_key=uuid4(), text=WORDS)

    def click(_number: int) -> None:
        try:
            add_to_report(incident=incident, addition=addition, by=town.employee, now=clock.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(click, range(4)))
    assert Statement.objects.count() == 1


def test_who_is_named_in_an_addition_is_proposed_to_be_kept_out(town: Place, english: Any):
    for person, name in ((town.adviser, "Noor Zonnestraal"), (town.deputy, "Bram Maanlicht")):
        person.name = name
        person.save()
    incident = make_incident(town)
    client, address = english(town.adviser), reverse("case", args=[incident.pk])
    named = "Named in the report, and able to see it:"
    assert named not in client.get(address).content.decode()
    english(town.employee).post(adding(incident), form("Maanlicht stond erbij en deed mee."))
    assert named in client.get(address).content.decode()


WRONG = {
    "nothing at all": {"text": "  "},
    "too long": {"text": "x" * 4001},
    "a zero byte": {"text": "a\x00b"},
    "no key": {"form_key": ""},
    "a key of words": {"form_key": "abc"},
    "an answer of no choice": {"injury": "misschien"},
    "a number below zero": {"witnesses": "-1"},
    "a number without end": {"witnesses": "9" * 40},
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_named_and_the_rest_comes_back(town: Place, english: Any, change: dict[str, str]):
    incident = make_incident(town)
    data = {**form(), "damage": "yes", **change}
    if change.get("text") == "  ":
        del data["damage"]
    response = english(town.employee).post(adding(incident), data)
    page = response.content.decode()
    assert response.status_code == 400 and 'id="errors"' in page
    if "text" not in change:
        assert WORDS in page and 'value="yes" id="id_damage_0" aria-describedby' not in page
    assert Statement.objects.count() == 0
    incident.refresh_from_db()
    assert incident.facts.damage is None


def test_four_thousand_characters_are_kept_whole(town: Place, english: Any):
    incident = make_incident(town)
    assert english(town.employee).post(adding(incident), form("é" * 4000)).status_code == 302
    assert Statement.objects.get().text == "é" * 4000


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=200), answer=st.text(max_size=20))
def test_whatever_is_typed_is_kept_or_comes_back(town: Place, as_user: Any, text: str, answer: str):
    incident = Incident.objects.first() or make_incident(town)
    before = incident.statements.count()
    client = as_user(town.employee)
    typed = text.encode("utf-8", "ignore").decode()
    response = client.post(adding(incident), form(typed, witnesses=answer.encode("utf-8", "ignore").decode()))
    assert response.status_code in {302, 400}
    assert incident.statements.count() - before == (1 if response.status_code == 302 and typed.strip() else 0)
    assert client.get(reverse("report_status", args=[incident.pk])).status_code == 200


def test_a_session_that_ended_costs_no_word(town: Place):
    incident = make_incident(town)
    client = Client()
    page = client.post(adding(incident), form(writer=mark_of_writer(town.employee), injury="yes"))
    assert page.status_code == 200 and WORDS in page.content.decode() and Statement.objects.count() == 0
    typed = dict(page.context["typed"])
    back = client.post(adding(incident), {**typed, "username": town.employee.email, "password": PASSWORD})
    assert back.status_code == 200 and WORDS in back.content.decode() and Statement.objects.count() == 0
    assert client.post(adding(incident), typed).status_code == 302
    assert Statement.objects.get().text == WORDS


# --- questions that were left open ------------------------------------------------------------------------------------


def test_an_answer_becomes_a_fact_and_the_advice_follows(town: Place, english: Any):
    incident = make_incident(town)
    before = set(incident.measures.values_list("code", flat=True))
    assert english(town.employee).post(adding(incident), form("", injury="yes", witnesses="2")).status_code == 302
    incident.refresh_from_db()
    assert (incident.facts.injury, incident.facts.witnesses) == (True, 2)
    assert set(incident.measures.values_list("code", flat=True)) > before
    assert Statement.objects.count() == 0
    entry = TimelineEntry.objects.get(incident=incident, kind="facts_added")
    assert entry.by == town.employee
    assert AuditEvent.objects.get(action="incident.facts_added").fields == ["injury", "witnesses"]


def test_only_what_is_open_is_asked_and_what_was_answered_meanwhile_stays(town: Place, english: Any):
    incident = make_incident(town, injury=False)
    client = english(town.employee)
    page = client.get(adding(incident)).content.decode()
    assert 'name="injury"' not in page and 'name="damage"' in page
    complete_facts(incident=incident, answers={"damage": False}, by=town.adviser, now=clock.now())
    response = client.post(adding(incident), form(damage="yes", injury="yes", complaints="yes"), follow=True)
    assert "Someone else answered 2 questions meanwhile." in response.content.decode()
    incident.refresh_from_db()
    facts = incident.facts
    assert (facts.injury, facts.damage, facts.complaints) == (False, False, True)


def test_of_a_near_miss_nothing_is_asked(town: Place, english: Any):
    incident = make_incident(town, kind=ReportKind.NEAR_MISS)
    client = english(town.employee)
    assert 'name="injury"' not in client.get(adding(incident)).content.decode()
    assert client.post(adding(incident), form()).status_code == 302


def test_who_reported_for_another_is_asked_about_that_person(town: Place, english: Any):
    incident = made_for(town)
    page = english(town.manager).get(adding(incident)).content.decode()
    assert "Does the person hit have complaints since" in page and "Has it given you trouble" not in page


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_file_alone_is_an_addition(town: Place, english: Any):
    incident = make_incident(town)
    data = form("", evidence=SimpleUploadedFile("brief.pdf", PDF))
    response = english(town.employee).post(adding(incident), data, follow=True)
    assert "Kept: brief.pdf." in response.content.decode()
    assert Evidence.objects.get().incident == incident
    assert News.objects.filter(kind=NewsKind.ADDED, recipient=town.adviser).count() == 1


def test_a_refused_file_costs_neither_the_words_nor_the_other_file(town: Place, english: Any):
    incident = make_incident(town)
    files = [SimpleUploadedFile("brief.pdf", PDF), SimpleUploadedFile("leeg.pdf", b"")]
    response = english(town.employee).post(adding(incident), form(evidence=files))
    page = response.content.decode()
    assert response.status_code == 400 and "leeg.pdf: This file is empty." in page and WORDS in page
    assert Evidence.objects.get().incident == incident and Statement.objects.count() == 0


def test_a_receipt_brings_in_no_file(town: Place, english: Any):
    incident = made_for(town, town.employee)
    english(town.manager).post(adding(incident), form(evidence=SimpleUploadedFile("brief.pdf", PDF)))
    assert Evidence.objects.count() == 0


# --- closed, or taken over --------------------------------------------------------------------------------------------


def test_a_closed_report_leads_to_opening_it_again_and_loses_no_words(town: Place, english: Any):
    incident = make_incident(town)
    close(incident, town)
    client = english(town.employee)
    page = client.get(adding(incident)).content.decode()
    assert "nothing can be added here" in page and reverse("reopen", args=[incident.pk]) in page
    assert "<textarea" not in page
    response = client.post(adding(incident), form())
    assert response.status_code == 409 and WORDS in response.content.decode()
    assert Statement.objects.count() == 0


def test_words_typed_while_the_person_hit_took_over_come_back(town: Place, english: Any):
    incident = made_for(town, story="Kanarie in het verhaal.")
    client = english(town.manager)
    assert client.get(adding(incident)).status_code == 200
    link_affected(incident=incident, email=town.employee.email, by=town.adviser, now=clock.now())
    response = client.post(adding(incident), form(injury="yes"))
    assert response.status_code == 409 and WORDS in response.content.decode()
    incident.refresh_from_db()
    assert Statement.objects.count() == 0 and incident.facts.injury is None
    led_on = client.get(adding(incident), follow=True)
    assert "Your colleague now follows this report" in led_on.content.decode()
    assert "Kanarie" not in led_on.content.decode()


# --- corrections ------------------------------------------------------------------------------------------------------


def test_the_person_hit_corrects_in_words_and_facts(town: Place, english: Any):
    incident = made_for(town, town.employee, injury=True, story="Hij sloeg.")
    confirm_severity(incident=incident, severity=Severity.VERBAL, reason="x", by=town.adviser, now=clock.now())
    incident.refresh_from_db()
    severity, client = incident.severity, english(town.employee)
    data = shown(client, correcting(incident))
    assert data["injury"] == "yes"
    data |= {"text": WORDS, "injury": "no", "behaviours": ["threat", "verbal_abuse"], "weapon": "unknown"}
    assert client.post(correcting(incident), data).status_code == 302
    incident.refresh_from_db()
    facts = incident.facts
    assert (facts.injury, facts.weapon) == (False, None)
    assert facts.behaviours == ("verbal_abuse", "threat"), "the worst stays first"
    assert (incident.story, incident.severity) == ("Hij sloeg.", severity)
    statement = Statement.objects.get()
    assert (statement.kind, statement.text, statement.given_as) == (StatementKind.CORRECTION, WORDS, "affected")
    assert AuditEvent.objects.get(action="incident.facts_added").fields == ["behaviours", "injury", "weapon"]
    case = english(town.adviser).get(reverse("case", args=[incident.pk])).content.decode()
    assert '<span class="mark mark--warm">correction</span>' in case
    assert "Your correction" in client.get(reverse("report_status", args=[incident.pk])).content.decode()


def test_a_correction_changes_only_what_this_person_changed(town: Place, english: Any):
    incident = made_for(town, town.employee, injury=True, damage=False)
    client = english(town.employee)
    data = shown(client, correcting(incident))
    complete_facts(incident=incident, answers={"damage": True}, by=town.adviser, now=clock.now())
    assert client.post(correcting(incident), {**data, "injury": "no"}).status_code == 302
    incident.refresh_from_db()
    assert (incident.facts.injury, incident.facts.damage) == (False, True)
    again = client.post(correcting(incident), {**data, "injury": "no"})
    assert again.status_code == 302 and AuditEvent.objects.filter(action="incident.facts_added").count() == 2


@pytest.mark.parametrize("broken", ["", "{", "[]", "null", '{"injury": {}}', "7"])
def test_a_broken_note_of_what_was_shown_is_no_server_error(town: Place, english: Any, broken: str):
    incident = made_for(town, town.employee, injury=True)
    client = english(town.employee)
    data = shown(client, correcting(incident)) | {"shown": broken, "injury": "no"}
    assert client.post(correcting(incident), data).status_code == 302
    incident.refresh_from_db()
    assert incident.facts.injury is False


def test_nothing_changed_and_nothing_written_is_named(town: Place, english: Any):
    incident = made_for(town, town.employee)
    client = english(town.employee)
    response = client.post(correcting(incident), shown(client, correcting(incident)))
    assert response.status_code == 400 and "Write what is not right" in response.content.decode()
    wrong = client.post(correcting(incident), shown(client, correcting(incident)) | {"behaviours": [], "text": WORDS})
    assert wrong.status_code == 400 and WORDS in wrong.content.decode()


def test_what_the_desk_found_out_about_the_perpetrator_is_not_shown(town: Place, english: Any):
    incident = made_for(town, town.employee, perpetrator_group=True)
    answers = {"perpetrator.minor": True, "perpetrator.benefit_client": True, "complaints": True}
    complete_facts(incident=incident, answers=answers, by=town.adviser, now=clock.now())
    names = set(english(town.employee).get(correcting(incident)).context["form"].fields)
    assert {"perpetrator.group", "complaints"} <= names
    assert not {"perpetrator.minor", "perpetrator.benefit_client", "perpetrator.earlier_incidents_12m"} & names
    assert not {"severity", "police_ask_to_wait", "safe_to_meet", "offence_suspected"} & names


def test_only_the_person_hit_corrects_and_only_what_someone_else_reported(town: Place, english: Any):
    own = make_incident(town)
    assert english(town.employee).get(correcting(own)).status_code == 404
    incident = made_for(town, town.employee)
    assert english(town.manager).post(correcting(incident), form()).status_code == 404
    assert english(town.employee).get(correcting(incident)).status_code == 200
    assert Statement.objects.count() == 0
