"""Witnesses, and the account of the person hit: who may ask, who is told what, and who reads what was told."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from incidents.actions.closing import close_case
from incidents.actions.people import MOST_WITNESSES, AskedBefore, ask_witness, link_affected
from incidents.models import Evidence, Exclusion, Incident, News, Statement, Task, TimelineEntry, Witness
from incidents.views.typed import mark_of_writer
from incidents.vocabulary import NewsKind, ReporterIs, StatementKind
from tests import clock
from tests.world import PASSWORD, Place, make_incident, make_user
from vpdportal.accounts.models import Membership, User
from vpdportal.audit.models import AuditEvent

WORDS = "Kanarie: ik zag dat hij sloeg. 😡 \u202eשלום"
SAME_ANSWER = "If this is a colleague with an account, they get a mail with the question."


def asking(incident: Incident) -> str:
    return reverse("witness_ask", args=[incident.pk])


def at_desk(incident: Incident, name: str = "case_witness") -> str:
    return reverse(name, args=[incident.pk])


def telling(incident: Incident) -> str:
    return reverse("witness", args=[incident.pk])


def ask(incident: Incident, person: User, by: User) -> Witness:
    return ask_witness(incident=incident, email=person.email, by=by, now=clock.now())


def form(text: str = WORDS, **more: Any) -> dict[str, Any]:
    return {"form_key": str(uuid4()), "text": text, **more}


def keep_out(incident: Incident, person: User, town: Place) -> None:
    Exclusion.objects.create(
        organisation=town.organisation, incident=incident, user=person, at=clock.now(), by=town.adviser
    )


def close(incident: Incident, town: Place) -> None:
    Task.objects.filter(incident=incident, status="open").update(
        status="done", finished_at=clock.now(), finished_by=town.adviser
    )
    close_case(incident=incident, outcome="Wij spraken met u.", by=town.adviser, now=clock.now())


# --- asking -----------------------------------------------------------------------------------------------------------


def test_the_reporter_asks_a_colleague_who_is_told(town: Place, english: Any):
    incident = make_incident(town)
    response = english(town.employee).post(asking(incident), {"email": town.support.email.upper()}, follow=True)
    assert SAME_ANSWER in response.content.decode()
    witness = Witness.objects.get()
    assert (witness.user, witness.asked_by) == (town.support, town.employee)
    assert [n.recipient for n in News.objects.filter(kind=NewsKind.WITNESS_ASKED)] == [town.support]
    assert TimelineEntry.objects.filter(incident=incident, kind="witness_asked").count() == 1
    assert AuditEvent.objects.get(action="incident.witness_asked").fields == [str(town.support.pk)]


def test_the_answer_tells_the_reporter_nothing_of_who_exists(town: Place, other_town: Place, english: Any):
    incident = make_incident(town)
    keep_out(incident, town.legal, town)
    ask(incident, town.support, town.adviser)
    left = make_user()
    Membership.objects.create(
        organisation=town.organisation, user=left, role="employee", starts_on="2020-01-01", ends_on="2026-11-01"
    )
    pages = set()
    client = english(town.employee)
    for email in (
        *(town.manager.email, "niemand@nergens.invalid", other_town.employee.email, town.legal.email, left.email),
        *(town.support.email, town.employee.email),
    ):
        response = client.post(asking(incident), {"email": email}, follow=True)
        found = response.content.decode() + client.get(reverse("visibility", args=[incident.pk])).content.decode()
        pages.add(re.sub(r'value="[^"]*"|data-token="[^"]*"|nonce="[^"]*"', "", found))
    assert len(pages) == 1 and SAME_ANSWER in pages.pop(), "not the message, and not the pages after it"
    assert {witness.user for witness in Witness.objects.all()} == {town.support, town.manager}
    assert not News.objects.filter(kind=NewsKind.WITNESS_ASKED, recipient=town.legal).exists()


def test_the_desk_is_told_why_not(town: Place, english: Any):
    incident = make_incident(town)
    keep_out(incident, town.legal, town)
    ask(incident, town.support, town.adviser)
    client = english(town.adviser)
    for email, why in (
        ("niemand@nergens.invalid", "This is not a colleague with an account in this organisation."),
        (town.legal.email, "This person is kept out of the case."),
        (town.support.email, "This colleague was asked before."),
        (town.employee.email, "This is the reporter or the person it happened to"),
    ):
        response = client.post(at_desk(incident), {"email": email})
        page = response.content.decode()
        assert response.status_code == 409 and why in page and email in page
    done = client.post(at_desk(incident), {"email": town.manager.email}, follow=True).content.decode()
    assert f"{town.manager.name} is asked to tell what they saw." in done
    assert done.index("Asked as a witness, no answer yet:") < done.index(town.manager.name, done.index("no answer yet"))


@pytest.mark.parametrize("email", ["", "geen adres", "a\x00@b.invalid", "x" * 250 + "@b.invalid"])
def test_an_address_that_is_none_comes_back(town: Place, english: Any, email: str):
    incident = make_incident(town)
    response = english(town.employee).post(asking(incident), {"email": email})
    assert response.status_code == 400 and 'href="#witness-email"' in response.content.decode()
    assert english(town.adviser).post(at_desk(incident), {"email": email}).status_code == 400
    assert Witness.objects.count() == 0


def test_nobody_is_asked_twice_nor_without_end(town: Place, english: Any):
    incident = make_incident(town)
    ask(incident, town.support, town.employee)
    with pytest.raises(AskedBefore):
        ask(incident, town.support, town.adviser)
    for _number in range(MOST_WITNESSES - 1):
        person = make_user()
        town.join(person, "employee")
        ask(incident, person, town.adviser)
    response = english(town.employee).post(asking(incident), {"email": town.legal.email})
    assert response.status_code == 409 and "Twenty colleagues were asked already." in response.content.decode()
    assert Witness.objects.count() == MOST_WITNESSES


def test_who_has_a_receipt_and_who_has_nothing_ask_nobody(town: Place, other_town: Place, english: Any):
    incident = make_incident(town, by=town.manager, affected=town.employee, affected_name="Eva Voorbeeld")
    assert english(town.manager).post(asking(incident), {"email": town.legal.email}).status_code == 302
    for person, status in ((town.support, 404), (other_town.adviser, 404), (make_user(), 404)):
        assert english(person).post(asking(incident), {"email": town.legal.email}).status_code == status
    for person, status in ((town.manager, 403), (other_town.adviser, 404), (town.administrator, 403)):
        assert english(person).post(at_desk(incident), {"email": town.legal.email}).status_code == status
    assert Witness.objects.count() == 0
    english(town.employee).post(asking(incident), {"email": town.legal.email})
    assert Witness.objects.get().asked_by == town.employee


def test_a_closed_case_asks_nobody(town: Place, english: Any):
    incident = make_incident(town)
    close(incident, town)
    assert english(town.employee).post(asking(incident), {"email": town.legal.email}).status_code == 409
    assert english(town.adviser).post(at_desk(incident), {"email": town.legal.email}).status_code == 409
    assert Witness.objects.count() == 0


# --- the page of a witness --------------------------------------------------------------------------------------------


def test_a_witness_sees_when_and_where_and_nothing_of_the_report(town: Place, english: Any):
    incident = make_incident(
        town,
        by=town.manager,
        affected=town.employee,
        affected_name="Kanarie naam",
        story="Kanarie verhaal",
        place="Balie 3",
        perpetrator_description="Kanarie dader",
        contact="Kanarie nummer",
        details={"means": "Kanarie middel"},
    )
    ask(incident, town.support, town.employee)
    ask(incident, town.legal, town.adviser)
    english(town.legal).post(telling(incident), form("Kanarie van een ander"))
    page = english(town.support).get(telling(incident)).content.decode()
    assert "Tuesday 24 November 2026, 08:00" in page and "Balie 3" in page
    assert "You are asked by the colleague it happened to" in page
    assert "You are asked by the VPD adviser" in english(town.legal).get(telling(incident)).content.decode()
    for secret in ("anarie", town.manager.name, town.employee.name, town.adviser.name, "severity", "Verbal abuse"):
        assert secret not in page, secret


def people(english: Any, town: Place, incident: Incident) -> str:
    """The page of the people of the case, as the adviser sees it."""
    found: str = english(town.adviser).get(reverse("case_people", args=[incident.pk])).content.decode()
    return found


def test_a_witness_tells_it_and_only_the_desk_reads_it(town: Place, english: Any):
    incident = make_incident(town)
    ask(incident, town.support, town.employee)
    client, data = english(town.support), form()
    for _click in range(2):
        assert client.post(telling(incident), data).status_code == 302
    statement = Statement.objects.get()
    assert (statement.text, statement.given_as) == (WORDS, "witness")
    assert News.objects.filter(kind=NewsKind.ADDED, recipient=town.adviser).count() == 1
    own = client.get(telling(incident)).content.decode()
    assert WORDS in own and "What do you want to add?" in own and "Nothing to tell?" not in own
    client.post(telling(incident), form("Nog iets."))
    case = english(town.adviser).get(reverse("case", args=[incident.pk])).content.decode()
    assert WORDS in case and "Nog iets." in case and town.support.name in case
    assert "no answer yet" not in people(english, town, incident)
    for name in ("report_status", "report_add", "who_looked", "messages"):
        assert WORDS not in english(town.employee).get(reverse(name, args=[incident.pk])).content.decode(), name
    assert (
        "Something was added"
        not in english(town.employee).get(reverse("report_status", args=[incident.pk])).content.decode()
    )


@pytest.mark.parametrize(
    ("kind", "words"),
    [(StatementKind.SAW_NOTHING, "saw nothing of it"), (StatementKind.RATHER_NOT, "would rather not tell")],
)
def test_nothing_to_tell_is_an_answer_too(town: Place, english: Any, kind: StatementKind, words: str):
    incident = make_incident(town)
    ask(incident, town.support, town.employee)
    client = english(town.support)
    data = {"form_key": str(uuid4()), "kind": kind.value}
    for _click in range(2):
        assert client.post(telling(incident), data).status_code == 302
    statement = Statement.objects.get()
    assert (statement.kind, statement.text) == (kind, "")
    case = english(town.adviser).get(reverse("case", args=[incident.pk])).content.decode()
    assert f'<span class="mark mark--warm">{words}</span>' in case
    assert "no answer yet" not in people(english, town, incident)
    assert client.post(telling(incident), form()).status_code == 302, "still possible later"
    assert Statement.objects.count() == 2


def test_a_witness_may_add_a_file(town: Place, english: Any):
    incident = make_incident(town)
    ask(incident, town.support, town.employee)
    client = english(town.support)
    upload = SimpleUploadedFile("foto.pdf", b"%PDF-1.4\n%%EOF")
    assert client.post(telling(incident), form("", evidence=upload)).status_code == 302
    kept = Evidence.objects.get()
    assert (kept.incident, kept.uploaded_by) == (incident, town.support)
    assert "foto.pdf" in client.get(telling(incident)).content.decode()
    status = english(town.employee).get(reverse("report_status", args=[incident.pk])).content.decode()
    assert "foto.pdf" not in status and "a file" not in status


WRONG = {
    "nothing": {"text": " "},
    "too long": {"text": "x" * 4001},
    "a zero byte": {"text": "a\x00b"},
    "no key": {"form_key": ""},
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG.keys())
def test_what_a_witness_types_wrong_comes_back(town: Place, english: Any, change: dict[str, str]):
    incident = make_incident(town)
    ask(incident, town.support, town.employee)
    response = english(town.support).post(telling(incident), {**form(), **change})
    page = response.content.decode()
    assert response.status_code == 400 and 'id="errors"' in page
    if "text" not in change:
        assert WORDS in page
    unknown = english(town.support).post(telling(incident), {"form_key": str(uuid4()), "kind": "addition"})
    assert unknown.status_code == 400
    assert Statement.objects.count() == 0


def test_a_session_that_ended_costs_a_witness_nothing(town: Place):
    incident = make_incident(town)
    ask(incident, town.support, town.employee)
    client = Client()
    page = client.post(telling(incident), form(writer=mark_of_writer(town.support)))
    typed = dict(page.context["typed"])
    back = client.post(telling(incident), {**typed, "username": town.support.email, "password": PASSWORD})
    assert back.status_code == 200 and WORDS in back.content.decode() and Statement.objects.count() == 0


def test_the_page_is_only_of_who_was_asked(town: Place, other_town: Place, english: Any):
    incident = make_incident(town)
    ask(incident, town.support, town.employee)
    assert english(town.support).get(telling(incident)).status_code == 200
    for person in (town.employee, town.adviser, town.legal, other_town.adviser, make_user()):
        assert english(person).get(telling(incident)).status_code == 404
        assert english(person).post(telling(incident), form()).status_code == 404
    keep_out(incident, town.support, town)
    assert english(town.support).get(telling(incident)).status_code == 404
    assert english(town.support).post(telling(incident), form()).status_code == 404
    assert Statement.objects.count() == 0


def test_a_closed_case_thanks_a_witness_and_loses_no_words(town: Place, english: Any):
    incident = make_incident(town)
    ask(incident, town.support, town.employee)
    client = english(town.support)
    client.post(telling(incident), form("Eerder."))
    close(incident, town)
    page = client.get(telling(incident)).content.decode()
    assert "Nothing more is needed; thank you." in page and "Eerder." in page and "<textarea" not in page
    response = client.post(telling(incident), form())
    assert response.status_code == 409 and WORDS in response.content.decode()


def test_the_start_page_and_the_mail_lead_a_witness_there(town: Place, english: Any):
    incident = make_incident(town)
    ask(incident, town.support, town.employee)
    client = english(town.support)
    assert telling(incident) in client.get(reverse("home")).content.decode()
    assert client.get(reverse("door", args=[incident.pk]))["Location"] == telling(incident)
    client.post(telling(incident), form())
    assert telling(incident) not in client.get(reverse("home")).content.decode()
    assert telling(incident) not in english(town.legal).get(reverse("home")).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_case_page_asks_no_more_queries_for_more_witnesses(
    town: Place, english: Any, django_assert_num_queries: DjangoAssertNumQueries, number: int
):
    incident = make_incident(town)
    for person in (town.support, town.legal, town.manager)[:number]:
        ask(incident, person, town.adviser)
        english(person).post(telling(incident), form(f"Van {person.pk}"))
    client = english(town.adviser)
    for name, queries in (("case", 11), ("case_people", 10)):
        client.get(reverse(name, args=[incident.pk]))
        with django_assert_num_queries(queries):
            page = client.get(reverse(name, args=[incident.pk])).content.decode()
        assert name != "case" or page.count("Van ") >= number


# --- the account of the person hit ------------------------------------------------------------------------------------


def test_the_desk_links_the_person_hit_who_is_told_once(town: Place, english: Any):
    incident = make_incident(town, by=town.manager, reporter_is=ReporterIs.MANAGER, affected_name="Eva Voorbeeld")
    client, address = english(town.adviser), at_desk(incident, "case_affected")
    assert english(town.employee).get(reverse("report_status", args=[incident.pk])).status_code == 404
    for _click in range(2):
        page = client.post(address, {"email": town.employee.email}, follow=True).content.decode()
        assert f"{town.employee.name} can follow the report now" in page
    incident.refresh_from_db()
    assert incident.affected == town.employee
    assert [n.recipient for n in News.objects.filter(kind=NewsKind.ABOUT_YOU)] == [town.employee]
    assert TimelineEntry.objects.filter(incident=incident, kind="affected_linked").count() == 1
    assert english(town.employee).get(reverse("report_status", args=[incident.pk])).status_code == 200
    status = english(town.employee).get(reverse("report_status", args=[incident.pk])).content.decode()
    assert "Since then you can follow the report yourself." in status


def test_a_wrong_account_is_taken_away_with_what_it_would_hear(town: Place, english: Any):
    incident = make_incident(town, by=town.manager, reporter_is=ReporterIs.MANAGER, affected_name="Eva Voorbeeld")
    client, address = english(town.adviser), at_desk(incident, "case_affected")
    client.post(address, {"email": town.legal.email})
    for _click in range(2):
        assert client.post(address, {"do": "unlink"}).status_code == 302
    incident.refresh_from_db()
    assert incident.affected is None
    assert News.objects.get(kind=NewsKind.ABOUT_YOU).cancelled_at is not None
    assert AuditEvent.objects.filter(action="incident.visibility_changed").count() == 1
    assert english(town.legal).get(reverse("report_status", args=[incident.pk])).status_code == 404
    clock.move(minutes=1)
    client.post(address, {"email": town.legal.email})
    assert News.objects.filter(kind=NewsKind.ABOUT_YOU, cancelled_at__isnull=True).count() == 1, "told again"


def test_who_cannot_be_linked_is_said_and_nothing_changes(town: Place, other_town: Place, english: Any):
    incident = make_incident(town, by=town.manager, reporter_is=ReporterIs.MANAGER, affected_name="Eva Voorbeeld")
    keep_out(incident, town.legal, town)
    client, address = english(town.adviser), at_desk(incident, "case_affected")
    for email, why in (
        ("niemand@nergens.invalid", "This is not a colleague with an account in this organisation."),
        (other_town.employee.email, "This is not a colleague with an account in this organisation."),
        (town.legal.email, "This person is kept out of the case."),
        (town.manager.email, "This is who reported it"),
    ):
        response = client.post(address, {"email": email})
        assert response.status_code == 409 and why in response.content.decode() and email in response.content.decode()
    assert client.post(address, {"email": "geen"}).status_code == 400
    incident.refresh_from_db()
    assert incident.affected is None
    link_affected(incident=incident, email=town.employee.email, by=town.adviser, now=clock.now())
    other = client.post(address, {"email": town.support.email})
    assert other.status_code == 409 and "Another account is linked." in other.content.decode()


def test_only_the_desk_of_the_organisation_links(town: Place, other_town: Place, english: Any):
    incident = make_incident(town, by=town.manager, reporter_is=ReporterIs.MANAGER, affected_name="Eva Voorbeeld")
    address = at_desk(incident, "case_affected")
    for person, status in ((town.manager, 403), (town.auditor, 403), (other_town.adviser, 404)):
        assert english(person).post(address, {"email": town.employee.email}).status_code == status
    keep_out(incident, town.deputy, town)
    assert english(town.deputy).post(address, {"email": town.employee.email}).status_code == 404
    incident.refresh_from_db()
    assert incident.affected is None
