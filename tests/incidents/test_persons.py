"""People outside the organisation: known before named, opened for a purpose, told or put off, never twice."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from incidents.actions.advice import complete_facts
from incidents.actions.data_requests.requests import NewRequest, register_request
from incidents.actions.person_lookups import MOST_A_DAY, TooManyLookups, look_up_persons
from incidents.actions.person_openings import RecordShut, open_person
from incidents.actions.person_records import merge_persons
from incidents.actions.persons import (
    LinkedBefore,
    MadeMeanwhile,
    OtherOrganisation,
    PersonGone,
    Typed,
    link_person,
    make_person,
)
from incidents.actions.tasks import finish_task
from incidents.models import (
    CareMoment,
    Exclusion,
    Incident,
    Involvement,
    Letter,
    Note,
    Person,
    PersonOpening,
    Reaction,
    Task,
)
from incidents.vocabulary import DataRequestKind, DataSubject, InvolvedAs, OpeningPurpose
from tests import clock
from tests.world import PASSWORD, Place, make_incident, make_place, open_task
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import RIGHTS, Right, Role
from vpdportal.audit.models import AuditEvent

NAME = "Kees Verzonnen"
TYPED = {
    "name": NAME,
    "birth_date": "1980-02-01",
    "phone": "06-12345678",
    "role": "perpetrator",
    "kind": "person",
    "relation": "citizen",
    "is_minor": "no",
}


@pytest.fixture
def incident(town: Place) -> Incident:
    return make_incident(town)


def text(response: Any) -> str:
    found: str = response.content.decode()
    return found


def typed(**more: Any) -> Typed:
    phone = more.pop("phone", "0612345678")
    values: dict[str, Any] = {"name": NAME, "relation": "citizen", "is_minor": False}
    values["identifiers"] = {"phone": [phone]}
    return Typed(**{**values, **more})


def linked(incident: Incident, by: User, person: Person | None = None, **more: Any) -> Involvement:
    """This person, or a new one, in the case."""
    how = {"incident": incident, "typed": typed(**more), "by": by, "now": clock.now()}
    return link_person(**how, person=person) if person else make_person(**how, seen=set())


def send(client: Client, name: str, /, *args: Any, **data: Any) -> Any:
    return client.post(reverse(name, args=args), data)


def opened(person: Person, by: User) -> PersonOpening:
    return open_person(
        person=person, purpose=OpeningPurpose.HANDLE, reason="Voor de zaak", incident=None, by=by, now=clock.now()
    )


def reaction(incident: Incident, person: Person, by: User, **more: Any) -> Reaction:
    values = {
        "kind": "warning",
        "status": "done",
        "conduct_on": date(2026, 11, 1),
        "hearing": "heard",
        "drafted_at": clock.now(),
        "drafted_by": by,
    }
    row = Reaction(organisation=incident.organisation, incident=incident, person=person, **{**values, **more})
    row.save(force_insert=True)
    return row


def running_ban(incident: Incident, person: Person, by: User, **more: Any) -> Reaction:
    today = timezone.localdate(clock.now())
    span = {"starts_on": today, "ends_on": today + timedelta(days=30)}
    return reaction(incident, person, by, **{"kind": "ban", "status": "active", **span, **more})


def facts_now(incident: Incident) -> Any:
    return Incident.objects.get(pk=incident.pk).facts


# --- known before named ---


def test_what_is_known_is_counted_before_any_name(town: Place, adviser: Client, incident: Incident):
    person = linked(make_incident(town, ago=timedelta(days=30)), town.adviser).person
    linked(make_incident(town, ago=timedelta(days=500)), town.adviser, person)
    response = send(adviser, "case_person_find", incident.pk, **{**TYPED, "name": "", "birth_date": ""})
    page = text(response)
    assert response.status_code == 200 and "Earlier: 1" in page and "2 in all" in page
    assert NAME not in page, "numbers come before any name"
    assert Person.objects.count() == 1 and incident.involvements.count() == 0, "looking keeps nothing"
    unknown = text(send(adviser, "case_person_find", incident.pk, **{**TYPED, "phone": "06-87654321"}))
    assert "Nobody is known by this" in unknown


def test_who_goes_by_most_of_what_was_typed_stands_first(town: Place, adviser: Client, incident: Incident):
    address = {"address": ["1234 AB 12"]}
    for number in range(6):
        neighbour = linked(make_incident(town), town.adviser, phone=f"061111111{number}").person
        linked(make_incident(town), town.adviser, neighbour, identifiers=address)
        clock.move(minutes=1)
    wanted = linked(make_incident(town), town.adviser).person
    linked(make_incident(town), town.adviser, wanted, identifiers=address)
    asked = {**TYPED, "birth_date": "", "address": "1234 AB 12"}
    response = send(adviser, "case_person_find", incident.pk, **asked)
    assert response.context["options"][0].person == wanted
    assert "2 more records go by part of it." in text(response), "five are shown"
    new = send(adviser, "case_person_link", incident.pk, **asked, person="new", seen=response.context["seen"])
    assert new.status_code == 302, "who was not shown stands in nobody's way"


def test_linking_sets_the_facts_and_the_advice_follows(town: Place, adviser: Client):
    incident = make_incident(town, perpetrator_known=None)
    earlier = [make_incident(town, ago=timedelta(days=days)) for days in (20, 40)]
    person = linked(earlier[0], town.adviser).person
    linked(earlier[1], town.adviser, person)
    linked(make_incident(town, ago=timedelta(days=380)), town.adviser, person)
    near_miss = make_incident(town, ago=timedelta(days=10))
    Incident.objects.filter(pk=near_miss.pk).update(kind="near_miss")
    linked(near_miss, town.adviser, person)
    linked(make_incident(town, ago=timedelta(days=5)), town.adviser, person, role=InvolvedAs.WITNESS)
    given = clock.now() - timedelta(days=15)
    reaction(earlier[1], person, town.adviser, given_at=given)
    codes = set(incident.measures.values_list("code", flat=True))
    shown = text(send(adviser, "case_person_find", incident.pk, **TYPED))
    assert "Earlier incidents by the same person in 12 months: not known → <strong>2</strong>" in shown
    done = send(adviser, "case_person_link", incident.pk, **TYPED, person=str(person.pk))
    assert done.status_code == 302
    facts = facts_now(incident)
    assert facts.perpetrator_known is True and facts.perpetrator_relation == "citizen"
    assert facts.perpetrator_earlier_incidents_12m == 2 and facts.perpetrator_minor is False
    assert facts.perpetrator_warned_for_same_conduct is True and facts.perpetrator_group is None
    assert set(incident.measures.values_list("code", flat=True)) > codes
    assert incident.timeline.filter(kind="person_linked").count() == 1
    page = text(adviser.get(done.url))
    assert NAME in page and "Earlier incidents by the same person in 12 months: 2" in page


@pytest.mark.parametrize(
    ("more", "is_warned"),
    [
        ({"status": "done", "given_at": clock.START - timedelta(days=300)}, True),
        ({"status": "signed", "signed_at": clock.START - timedelta(days=3)}, True),
        ({"status": "done", "given_at": clock.START - timedelta(days=380)}, False),
        ({"status": "withdrawn", "given_at": clock.START - timedelta(days=3)}, False),
        ({"status": "draft"}, False),
        ({"kind": "talk", "given_at": clock.START - timedelta(days=3)}, False),
    ],
)
def test_a_warning_counts_when_it_was_given_within_a_year(
    town: Place, incident: Incident, more: dict[str, Any], is_warned: bool
):
    before = make_incident(town, ago=timedelta(days=10))
    person = linked(before, town.adviser).person
    reaction(before, person, town.adviser, **more)
    linked(incident, town.adviser, person)
    assert facts_now(incident).perpetrator_warned_for_same_conduct is (True if is_warned else None)


def test_linking_adds_to_the_record_and_changes_nothing_in_it(town: Place, incident: Incident):
    person = linked(make_incident(town), town.adviser, is_minor=None).person
    other = typed(name="Anders", relation="business", is_minor=True, identifiers={"email": ["naam@voorbeeld.nl"]})
    link_person(incident=incident, person=person, typed=other, by=town.adviser, now=clock.now())
    person.refresh_from_db()
    assert person.sealed_name == NAME and person.relation == "citizen"
    assert person.is_minor is True and set(person.identifiers) == {"email", "phone"} and person.keys.count() == 2


def test_reports_that_were_joined_count_as_one_event(town: Place, incident: Incident):
    one, other = (make_incident(town, ago=timedelta(days=9)) for _ in range(2))
    person = linked(one, town.adviser).person
    linked(other, town.adviser, person)
    Incident.objects.filter(pk=other.pk).update(status="merged", merged_into=one, merged_at=clock.now())
    linked(incident, town.adviser, person)
    assert facts_now(incident).perpetrator_earlier_incidents_12m == 1


def test_a_record_of_another_organisation_is_not_found(town: Place, other_town: Place, adviser: Client):
    theirs = linked(make_incident(other_town), other_town.adviser)
    incident = make_incident(town)
    assert "Nobody is known by this" in text(send(adviser, "case_person_find", incident.pk, **TYPED))
    refused = send(adviser, "case_person_link", incident.pk, **TYPED, person=str(theirs.person_id))
    assert refused.status_code == 409 and incident.involvements.count() == 0


def test_who_is_kept_out_of_one_of_the_cases_finds_nobody_and_counts_nothing(
    town: Place, adviser: Client, as_user: Any, incident: Incident
):
    hidden = make_incident(town, ago=timedelta(days=20))
    person = linked(hidden, town.deputy).person
    assert "Earlier: 1" in text(send(adviser, "case_person_find", incident.pk, **TYPED))
    Exclusion.objects.create(
        organisation=town.organisation, incident=hidden, user=town.adviser, at=clock.now(), by=town.employee
    )
    assert "Nobody is known by this" in text(send(adviser, "case_person_find", incident.pk, **TYPED))
    assert send(adviser, "case_person_link", incident.pk, **TYPED, person=str(person.pk)).status_code == 409
    assert adviser.get(reverse("person", args=[person.pk])).status_code == 404
    linked(incident, town.deputy, person)
    running_ban(hidden, person, town.deputy)
    page = text(adviser.get(reverse("case_people", args=[incident.pk])))
    assert NAME in page and "Tell this person that data are kept" in page, "who is linked is seen, and can be told"
    assert "Earlier:" not in page and "in all" not in page and "a measure runs" not in page
    assert reverse("person", args=[person.pk]) not in page
    full = as_user(town.deputy)
    full.cookies["vpd_language"] = "en"
    page = text(full.get(reverse("case_people", args=[incident.pk])))
    assert "Earlier: 1" in page and "a measure runs" in page, "who is kept out of nothing sees it as before"


@pytest.fixture
def half_seen(town: Place) -> Incident:
    """A case whose perpetrator also stands in a case that came in later, and from which the adviser is kept out."""
    incident = make_incident(town, perpetrator_known=None)
    person = linked(incident, town.deputy).person
    hidden = make_incident(town, ago=timedelta(days=20))
    linked(hidden, town.deputy, person)
    reaction(hidden, person, town.deputy, given_at=clock.now() - timedelta(days=15))
    Exclusion.objects.create(
        organisation=town.organisation, incident=hidden, user=town.adviser, at=clock.now(), by=town.employee
    )
    return incident


def counted_facts(incident: Incident) -> tuple[Any, Any]:
    facts = facts_now(incident)
    return facts.perpetrator_earlier_incidents_12m, facts.perpetrator_warned_for_same_conduct


def test_who_is_kept_out_of_a_case_is_not_told_by_what_would_change(
    town: Place, adviser: Client, as_user: Any, half_seen: Incident
):
    address, offer = reverse("case_people", args=[half_seen.pk]), "The records say something else"
    assert offer not in text(adviser.get(address)), "the numbers of a hidden case are no news"
    taken = send(adviser, "case_person_facts", half_seen.pk, do="take_over")
    assert taken.status_code == 302 and "No facts were changed." in text(adviser.get(address))
    assert counted_facts(half_seen) == (0, None)
    full = as_user(town.deputy)
    full.cookies["vpd_language"] = "en"
    assert offer in text(full.get(address))
    assert send(full, "case_person_facts", half_seen.pk, do="take_over").status_code == 302
    assert counted_facts(half_seen) == (1, True)


def test_who_is_kept_out_of_a_case_counts_nothing_by_linking_someone_else(
    town: Place, adviser: Client, as_user: Any, half_seen: Incident
):
    other = {**TYPED, "birth_date": "", "phone": "0622222222"}
    before = facts_now(half_seen)
    for number in (1, 2):
        page = text(send(adviser, "case_person_find", half_seen.pk, **{**other, "phone": f"062222222{number}"}))
        assert "Linking changes these facts" not in page
        new = {**other, "phone": f"062222222{number}", "person": "new"}
        assert send(adviser, "case_person_link", half_seen.pk, **new).status_code == 302
    assert half_seen.involvements.count() == 3 and facts_now(half_seen) == before
    one = half_seen.involvements.order_by("at", "pk").exclude(person__involvements__incident__exclusions__isnull=False)
    gone = send(adviser, "case_person_unlink", half_seen.pk, one[0].pk, reason="Die niet.")
    assert gone.status_code == 302 and counted_facts(half_seen) == (0, None), "nor by taking someone off"
    full = as_user(town.deputy)
    full.cookies["vpd_language"] = "en"
    page = text(send(full, "case_person_find", half_seen.pk, **{**other, "phone": "0633333333"}))
    assert "Linking changes these facts" in page and "not known → <strong>" in page


def test_who_is_kept_out_of_a_case_can_still_take_the_person_off_this_one(
    town: Place, adviser: Client, half_seen: Incident
):
    one = half_seen.involvements.get()
    assert send(adviser, "case_person_unlink", half_seen.pk, one.pk, reason="Dit was zijn broer.").status_code == 302
    facts = facts_now(half_seen)
    assert facts.perpetrator_known is None and counted_facts(half_seen) == (None, None)


# --- looking up leaves a trace, and has an end ---


def test_each_search_leaves_a_row_without_what_was_typed(town: Place, adviser: Client, incident: Incident):
    linked(make_incident(town), town.adviser)
    send(adviser, "case_person_find", incident.pk, **TYPED)
    send(adviser, "case_person_find", incident.pk, **{**TYPED, "birth_date": "", "phone": "0687654321"})
    rows = list(AuditEvent.objects.filter(action="person.searched").order_by("position"))
    assert [row.fields for row in rows] == [["found_1", "name_birth", "phone"], ["found_0", "phone"]]
    assert {(row.actor_id, row.object_type, row.object_id) for row in rows} == {
        (town.adviser.pk, "incident", incident.pk)
    }
    logged = str([(row.action, row.object_type, row.fields) for row in AuditEvent.objects.all()])
    assert "Kees" not in logged and "12345678" not in logged and "87654321" not in logged
    wrong = send(adviser, "case_person_link", incident.pk, **TYPED, person="nonsense")
    assert wrong.status_code == 409 and "Record 1" in text(wrong)
    assert AuditEvent.objects.filter(action="person.searched").count() == 3, "what a refused link shows is a search too"
    refused = send(adviser, "case_person_find", incident.pk, role="perpetrator")
    assert refused.status_code == 400 and AuditEvent.objects.filter(action="person.searched").count() == 3


def test_a_search_that_cannot_be_written_down_finds_nothing(
    town: Place, adviser: Client, incident: Incident, monkeypatch: pytest.MonkeyPatch
):
    linked(make_incident(town), town.adviser)

    def full(**_: Any) -> None:
        raise OSError("the disk of the log is full")

    monkeypatch.setattr("incidents.actions.person_lookups.record", full)
    adviser.raise_request_exception = False
    response = send(adviser, "case_person_find", incident.pk, **TYPED)
    assert response.status_code == 500 and "Record 1" not in text(response)


def searched(incident: Incident, times: int, by: User) -> None:
    for _ in range(times):
        look_up_persons(incident=incident, identifiers={"phone": ["0612345678"]}, by=by, now=clock.now())


def test_looking_people_up_has_a_limit_for_a_day_and_costs_no_word(
    town: Place, other_town: Place, adviser: Client, as_user: Any, incident: Incident
):
    linked(make_incident(town), town.adviser)
    clock.move(days=-1)
    searched(incident, 5, town.adviser)
    clock.move(days=1)
    searched(incident, 59, town.adviser)
    last = send(adviser, "case_person_find", incident.pk, **TYPED)
    assert last.status_code == 200 and "Record 1" in text(last), "yesterday counts no more"
    words = "Riep 😡 aan de balie"
    refused = send(adviser, "case_person_find", incident.pk, **TYPED, remark=words)
    assert refused.status_code == 409 and "You looked people up 60 times today" in text(refused)
    assert words in text(refused) and f'value="{NAME}"' in text(refused) and "Record 1" not in text(refused)
    why = "De rechter vraagt erom"
    round_about = send(adviser, "case_person_link", incident.pk, **TYPED, person="nonsense", reason=why)
    assert round_about.status_code == 409 and why in text(round_about) and "Record 1" not in text(round_about)
    assert AuditEvent.objects.filter(action="person.searched").count() == 65
    assert send(as_user(town.deputy), "case_person_find", incident.pk, **TYPED).status_code == 200, "of each their own"
    theirs = make_incident(other_town)
    assert send(as_user(other_town.adviser), "case_person_find", theirs.pk, **TYPED).status_code == 200
    clock.move(days=1)
    assert send(adviser, "case_person_find", incident.pk, **TYPED).status_code == 200


@pytest.mark.parametrize("name", ["find", "link", "facts", "unlink", "inform"])
def test_people_of_a_case_ask_for_the_right_to_handle_persons_too(
    town: Place, adviser: Client, incident: Incident, monkeypatch: pytest.MonkeyPatch, name: str
):
    one = linked(incident, town.adviser)
    args, _method = ADDRESSES[f"case_person_{name}"](one)
    assert send(adviser, f"case_person_{name}", *args).status_code in {400, 409}
    monkeypatch.setitem(RIGHTS, Role.ADVISER, RIGHTS[Role.ADVISER] - {Right.HANDLE_PERSONS})
    assert send(adviser, f"case_person_{name}", *args).status_code == 403


def test_linked_once_whoever_is_first(town: Place, adviser: Client, incident: Incident):
    person = linked(incident, town.deputy).person
    refused = send(adviser, "case_person_link", incident.pk, **TYPED, person=str(person.pk))
    assert refused.status_code == 409 and "linked to the case in this role already" in text(refused)
    assert NAME not in text(refused).replace(f'value="{NAME}"', "")
    with pytest.raises(LinkedBefore):
        linked(incident, town.adviser, person)
    assert (
        send(
            adviser, "case_person_link", incident.pk, **{**TYPED, "role": "witness"}, person=str(person.pk)
        ).status_code
        == 302
    ), "in another role is another line"


def test_a_record_made_meanwhile_is_shown_before_a_second_one_is_made(town: Place, adviser: Client, incident: Incident):
    other = linked(make_incident(town), town.deputy).person
    refused = send(adviser, "case_person_link", incident.pk, **TYPED, person="new", seen="")
    assert refused.status_code == 409 and "Someone else just made a record" in text(refused)
    with pytest.raises(MadeMeanwhile):
        linked(incident, town.adviser)
    assert Person.objects.count() == 1
    done = send(adviser, "case_person_link", incident.pk, **TYPED, person="new", seen=str(other.pk))
    assert done.status_code == 302 and Person.objects.count() == 2


def test_a_record_that_was_joined_meanwhile_is_said_to_be_gone(town: Place, adviser: Client, incident: Incident):
    person = linked(make_incident(town), town.deputy).person
    gone = Person(pk=uuid4(), organisation=town.organisation)
    with pytest.raises(PersonGone):
        linked(incident, town.adviser, gone)
    refused = send(adviser, "case_person_link", incident.pk, **TYPED, person=str(gone.pk))
    assert refused.status_code == 409 and "Look for the person again" in text(refused)
    assert send(adviser, "case_person_link", incident.pk, **TYPED, person=str(person.pk)).status_code == 302


def test_several_people_are_a_group_and_a_minor_asks_for_restraint(town: Place, adviser: Client, incident: Incident):
    linked(incident, town.adviser)
    assert facts_now(incident).perpetrator_group is None
    linked(incident, town.adviser, phone="0611111111", is_minor=True, relation="unknown")
    facts = facts_now(incident)
    assert facts.perpetrator_group is True and facts.perpetrator_minor is True
    page = text(adviser.get(reverse("case_people", args=[incident.pk])))
    assert "Letters go to the parents" in page


@pytest.mark.parametrize("field", ["client", "remark", "name", "account"])
def test_a_citizen_service_number_is_refused_wherever_it_is_typed(adviser: Client, incident: Incident, field: str):
    refused = send(adviser, "case_person_find", incident.pk, **{**TYPED, "birth_date": "", field: "123456782"})
    assert refused.status_code == 400 and "citizen service number" in text(refused)
    fine = send(adviser, "case_person_find", incident.pk, **{**TYPED, "client": "123456789"})
    assert fine.status_code == 200


@pytest.mark.parametrize(
    "more",
    [
        {"name": "", "birth_date": "", "phone": ""},
        {"birth_date": "", "phone": ""},
        {"name": ""},
        {"birth_date": "10000-01-01"},
        {"birth_date": "0001-01-01"},
        {"birth_date": "2030-01-01"},
        {"phone": "12"},
        {"address": "Dorpsstraat 1"},
        {"email": "geen adres"},
        {"role": "nothing"},
        {"name": "x" * 201},
    ],
)
def test_what_cannot_be_looked_for_says_how_to_mend_it(adviser: Client, incident: Incident, more: dict[str, str]):
    response = send(adviser, "case_person_find", incident.pk, **{**TYPED, **more})
    assert response.status_code == 400 and "This still has to be mended" in text(response)


@pytest.mark.parametrize("name", ["Zoë 😡 <script>alert(1)</script>", "é" * 120, "\u202eשלום"])
def test_odd_names_are_kept_as_typed(town: Place, adviser: Client, incident: Incident, name: str):
    done = send(adviser, "case_person_link", incident.pk, **{**TYPED, "name": name, "birth_date": ""}, person="new")
    assert done.status_code == 302 and Person.objects.get().sealed_name == name
    assert "<script>alert" not in text(adviser.get(done.url))


# --- colleagues, unknown, group ---


@pytest.mark.parametrize("relation", ["colleague", "office_holder"])
def test_of_a_colleague_no_record_is_made_without_a_reason(
    town: Place, adviser: Client, incident: Incident, relation: str
):
    asked = {**TYPED, "relation": relation}
    page = text(send(adviser, "case_person_find", incident.pk, **asked))
    assert "the internal track holds (R26)" in page and reverse("case_visibility", args=[incident.pk]) in page
    refused = send(adviser, "case_person_link", incident.pk, **asked, person="new")
    assert refused.status_code == 409 and Person.objects.count() == 0
    fact = send(adviser, "case_person_facts", incident.pk, do="internal", relation=relation)
    assert fact.status_code == 302 and facts_now(incident).perpetrator_relation == relation
    assert incident.measures.filter(code="R26").exists() and Person.objects.count() == 0
    done = send(adviser, "case_person_link", incident.pk, **asked, person="new", reason="De rechter vraagt erom.")
    assert done.status_code == 302 and Person.objects.count() == 1
    assert Note.objects.get(incident=incident).text == "De rechter vraagt erom."


def test_someone_unknown_gets_a_description_and_no_record(town: Place, adviser: Client, incident: Incident):
    seen = adviser.get(reverse("case_people", args=[incident.pk])).context["seen"]
    words = "Rode jas, liep weg naar het station. 😡"
    done = send(adviser, "case_person_facts", incident.pk, do="unknown", description=words, seen=seen)
    assert done.status_code == 302 and facts_now(incident).perpetrator_known is False
    assert Incident.objects.get(pk=incident.pk).perpetrator_description == words
    page = text(adviser.get(done.url))
    assert "Secure the evidence (R14) and tell the police (R13) first" in page
    stale = send(adviser, "case_person_facts", incident.pk, do="unknown", description="Anders", seen=seen)
    assert stale.status_code == 409 and "Anders" in text(stale), "someone was first, and what was typed stays"
    assert "This stands there now" in text(stale) and words in text(stale)
    assert Incident.objects.get(pk=incident.pk).perpetrator_description == words
    linked(incident, town.deputy)
    now_seen = stale.context["seen"]
    known = send(adviser, "case_person_facts", incident.pk, do="unknown", description="Anders", seen=now_seen)
    assert known.status_code == 409 and facts_now(incident).perpetrator_known is True


def test_a_group_of_which_not_everyone_is_known(adviser: Client, incident: Incident):
    assert send(adviser, "case_person_facts", incident.pk, do="group").status_code == 302
    assert facts_now(incident).perpetrator_group is True


# --- taken off again ---


def test_off_the_case_the_facts_are_not_known_again(town: Place, adviser: Client):
    incident = make_incident(town, perpetrator_known=None)
    person = linked(make_incident(town, ago=timedelta(days=9)), town.adviser).person
    one = linked(incident, town.adviser, person)
    no_reason = send(adviser, "case_person_unlink", incident.pk, one.pk, reason=" ")
    assert no_reason.status_code == 400 and incident.involvements.count() == 1
    done = send(adviser, "case_person_unlink", incident.pk, one.pk, reason="Dit was zijn broer.")
    assert done.status_code == 302 and incident.involvements.count() == 0
    facts = facts_now(incident)
    assert (facts.perpetrator_known, facts.perpetrator_relation, facts.perpetrator_minor) == (None, None, None)
    assert facts.perpetrator_earlier_incidents_12m is None
    assert Note.objects.get(incident=incident).text == "Dit was zijn broer."
    again = send(adviser, "case_person_unlink", incident.pk, one.pk, reason="Nog eens")
    assert again.status_code == 302 and Note.objects.filter(incident=incident).count() == 1


def test_what_a_person_said_stays_when_someone_is_taken_off(town: Place, adviser: Client):
    incident = make_incident(town, perpetrator_known=True, perpetrator_relation="business")
    one = linked(incident, town.adviser, relation="citizen")
    assert facts_now(incident).perpetrator_relation == "citizen"
    send(adviser, "case_person_unlink", incident.pk, one.pk, reason="Verkeerde.")
    facts = facts_now(incident)
    assert facts.perpetrator_known is True, "the reporter said so, not the record"
    assert facts.perpetrator_relation is None and facts.perpetrator_minor is None


def test_of_two_the_other_keeps_saying_who_it_was(town: Place):
    incident = make_incident(town, perpetrator_known=None)
    first, second = linked(incident, town.adviser), linked(incident, town.adviser, phone="0611111111")
    client = Client()
    client.force_login(town.adviser)
    send(client, "case_person_unlink", incident.pk, second.pk, reason="Die niet.")
    facts = facts_now(incident)
    assert facts.perpetrator_known is True and facts.perpetrator_group is None
    send(client, "case_person_unlink", incident.pk, first.pk, reason="Die ook niet.")
    assert facts_now(incident).perpetrator_known is None


def test_who_has_a_reaction_in_the_case_stays_in_it(town: Place, adviser: Client, incident: Incident):
    one = linked(incident, town.adviser)
    row = reaction(incident, one.person, town.adviser, status="draft")
    refused = send(adviser, "case_person_unlink", incident.pk, one.pk, reason="Fout.")
    assert refused.status_code == 409 and "Fout." in text(refused) and incident.involvements.exists()
    Reaction.objects.filter(pk=row.pk).update(status="withdrawn")
    assert send(adviser, "case_person_unlink", incident.pk, one.pk, reason="Fout.").status_code == 302


def test_in_a_closed_case_nobody_is_linked(town: Place, adviser: Client, incident: Incident):
    Incident.objects.filter(pk=incident.pk).update(status="closed", closed_at=clock.now(), closed_by=town.adviser)
    refused = send(adviser, "case_person_link", incident.pk, **TYPED, person="new")
    assert refused.status_code == 409 and Person.objects.count() == 0


def test_what_the_records_say_later_can_be_taken_over(town: Place, adviser: Client, incident: Incident):
    person = linked(incident, town.adviser).person
    assert facts_now(incident).perpetrator_earlier_incidents_12m == 0
    linked(make_incident(town, ago=timedelta(days=3)), town.adviser, person)
    page = text(adviser.get(reverse("case_people", args=[incident.pk])))
    assert "The records say something else" in page
    assert send(adviser, "case_person_facts", incident.pk, do="take_over").status_code == 302
    assert facts_now(incident).perpetrator_earlier_incidents_12m == 1
    assert "The records say something else" not in text(adviser.get(reverse("case_people", args=[incident.pk])))


# --- told that data are kept ---


def test_told_finishes_the_task(town: Place, adviser: Client, incident: Incident):
    one, two = linked(incident, town.adviser), linked(incident, town.adviser, phone="0611111111")
    future = send(adviser, "case_person_inform", incident.pk, one.pk, do="told", informed_on="2026-11-25")
    assert future.status_code == 409 and Involvement.objects.get(pk=one.pk).informed_on is None
    done = send(adviser, "case_person_inform", incident.pk, one.pk, do="told", informed_on="2026-11-24")
    assert done.status_code == 302 and open_task(incident, "R24").status == "open", "the other is not told yet"
    send(adviser, "case_person_inform", incident.pk, two.pk, do="told", informed_on="2026-11-23")
    assert open_task(incident, "R24").status == "done"
    again = send(adviser, "case_person_inform", incident.pk, two.pk, do="told", informed_on="2026-11-22")
    assert again.status_code == 409 and Involvement.objects.get(pk=two.pk).informed_on == date(2026, 11, 23)
    assert incident.timeline.filter(kind="person_informed").count() == 2


def test_put_off_with_a_ground_and_a_reason_until_a_day(town: Place, adviser: Client, incident: Incident):
    one = linked(incident, town.adviser)
    right = {"do": "delay", "ground": "police", "reason": "De recherche vraagt te wachten.", "until": "2027-02-24"}
    for wrong in ({"ground": ""}, {"reason": " "}, {"until": ""}, {"ground": "laziness"}):
        response = send(adviser, "case_person_inform", incident.pk, one.pk, **{**right, **wrong})
        assert response.status_code == 400, wrong
    for until in ("2027-02-25", "2026-11-24", "2020-01-01"):
        response = send(adviser, "case_person_inform", incident.pk, one.pk, **{**right, "until": until})
        assert response.status_code == 409 and right["reason"] in text(response), until
    assert send(adviser, "case_person_inform", incident.pk, one.pk, **right).status_code == 302
    row = Involvement.objects.get(pk=one.pk)
    assert (row.delay_ground, row.delay_reason, row.delayed_until) == ("police", right["reason"], date(2027, 2, 24))
    task = open_task(incident, "R24")
    assert task.due_at and timezone.localdate(task.due_at) == date(2027, 2, 24)
    assert task.notices.filter(step="deadline", due_at=task.due_at).exists()
    complete_facts(incident=incident, answers={"police_ask_to_wait": True}, by=town.adviser, now=clock.now())
    moved = open_task(incident, "R24").due_at
    assert moved and timezone.localdate(moved) == date(2027, 2, 24), "facts that come later do not move it back"


def test_a_delay_can_be_renewed_and_ends_with_telling(town: Place, adviser: Client, incident: Incident):
    one = linked(incident, town.adviser)
    delay = {"do": "delay", "ground": "safety", "reason": "Er dreigt gevaar."}
    send(adviser, "case_person_inform", incident.pk, one.pk, **delay, until="2027-02-01")
    clock.move(days=60)
    assert send(adviser, "case_person_inform", incident.pk, one.pk, **delay, until="2027-04-01").status_code == 302
    clock.move(days=1)
    send(adviser, "case_person_inform", incident.pk, one.pk, do="told", informed_on="2027-01-20")
    row = Involvement.objects.get(pk=one.pk)
    assert row.informed_on == date(2027, 1, 20) and row.delayed_until is None and row.delay_ground == ""


def test_the_task_is_not_done_while_someone_was_not_told(town: Place, adviser: Client, incident: Incident):
    one = linked(incident, town.adviser)
    linked(incident, town.adviser, phone="0622222222", role=InvolvedAs.WITNESS)
    task = open_task(incident, "R24")
    refused = adviser.post(reverse("task_finish", args=[task.pk]), {"remark": "Gebeld"})
    assert refused.status_code == 409 and "was not told yet" in text(refused) and "Gebeld" in text(refused)
    delay = {"do": "delay", "ground": "safety", "reason": "Er dreigt gevaar.", "until": "2027-02-01"}
    send(adviser, "case_person_inform", incident.pk, one.pk, **delay)
    assert adviser.post(reverse("task_finish", args=[task.pk]), {"remark": ""}).status_code == 409, "nor when put off"
    send(adviser, "case_person_inform", incident.pk, one.pk, do="told", informed_on="2026-11-24")
    assert open_task(incident, "R24").status == "done", "a witness is not told in this way"


def test_also_told_when_the_task_is_gone_or_the_case_closed(town: Place, adviser: Client, incident: Incident):
    finish_task(task=open_task(incident, "R24"), by=town.adviser, now=clock.now())
    one = linked(incident, town.adviser)
    Incident.objects.filter(pk=incident.pk).update(status="closed", closed_at=clock.now(), closed_by=town.adviser)
    done = send(adviser, "case_person_inform", incident.pk, one.pk, do="told", informed_on="2026-11-24")
    assert done.status_code == 302 and Involvement.objects.get(pk=one.pk).informed_on
    witness = linked(make_incident(town), town.adviser, one.person, role=InvolvedAs.WITNESS)
    refused = send(adviser, "case_person_inform", witness.incident_id, witness.pk, do="told", informed_on="2026-11-24")
    assert refused.status_code == 409


# --- the record ---


def test_a_record_is_shut_until_it_is_opened_for_a_purpose(town: Place, adviser: Client, incident: Incident):
    person = linked(incident, town.adviser).person
    address = reverse("person", args=[person.pk])
    shut = adviser.get(address, {"zaak": str(incident.pk)})
    assert NAME not in text(shut) and "0612345678" not in text(shut) and "This record is shut" in text(shut)
    no_reason = send(adviser, "person_open", person.pk, purpose="handle", reason="")
    assert no_reason.status_code == 400 and not PersonOpening.objects.exists()
    how = {"purpose": "handle", "reason": "Brief maken", "zaak": str(incident.pk)}
    assert send(adviser, "person_open", person.pk, **how).status_code == 302
    send(adviser, "person_open", person.pk, **how)
    opening = PersonOpening.objects.get()
    assert opening.reason == "Brief maken" and opening.incident == incident
    page = text(adviser.get(address))
    assert NAME in page and "0612345678" in page and incident.reference in page
    rows = list(AuditEvent.objects.filter(object_id=person.pk).order_by("position").values_list("action", "fields"))
    assert rows == [("person.opened", ["handle"]), ("person.viewed", ["handle"])]
    clock.move(minutes=59)
    assert NAME in text(adviser.get(address))
    clock.move(minutes=2)
    assert NAME not in text(adviser.get(address)), "an hour later it is shut again"


def test_all_who_opened_a_record_stand_on_it(town: Place, adviser: Client, incident: Incident):
    person = linked(incident, town.adviser).person
    for _number in range(22):
        opened(person, town.deputy)
        clock.move(hours=2)
    opened(person, town.adviser)
    page = text(adviser.get(reverse("person", args=[person.pk])))
    section = page.partition("Who opened it before")[2].partition("</section>")[0]
    assert section.count("<li>") == 22 and "2 older" in section


def test_another_adviser_does_not_read_along(town: Place, as_user: Any, incident: Incident):
    person = linked(incident, town.adviser).person
    opened(person, town.adviser)
    address = reverse("person", args=[person.pk])
    assert NAME in text(as_user(town.adviser).get(address))
    assert NAME not in text(as_user(town.deputy).get(address))
    opened(person, town.deputy)
    client = as_user(town.deputy)
    client.cookies["vpd_language"] = "en"
    page = text(client.get(address))
    assert NAME in page and "VPD adviser, today 10:00: To handle this case" in page


def test_without_a_row_in_the_log_there_is_no_page(
    town: Place, adviser: Client, incident: Incident, monkeypatch: pytest.MonkeyPatch
):
    person = linked(incident, town.adviser).person
    opened(person, town.adviser)
    address = reverse("person", args=[person.pk])
    assert adviser.get(address).status_code == 200

    def full(**_: Any) -> None:
        raise OSError("the disk of the log is full")

    monkeypatch.setattr("incidents.actions.person_openings.record", full)
    adviser.raise_request_exception = False
    response = adviser.get(address)
    assert response.status_code == 500 and NAME not in text(response)
    other = linked(make_incident(town), town.adviser, phone="0611111111").person
    assert send(adviser, "person_open", other.pk, purpose="handle", reason="x").status_code == 500
    assert not other.openings.exists()


def record_data(person: Person, **more: Any) -> dict[str, Any]:
    values = {"name": NAME, "relation": "citizen", "is_minor": "no", "phone": "0612345678"}
    return {**values, **more}


def test_the_record_is_changed_once_and_found_by_what_is_new(town: Place, adviser: Client, incident: Incident):
    person = linked(incident, town.adviser).person
    opened(person, town.adviser)
    seen = adviser.get(reverse("person", args=[person.pk])).context["seen"]
    bsn = send(adviser, "person_change", person.pk, **record_data(person, client="123456782"), seen=seen)
    assert bsn.status_code == 400
    lines = "naam@voorbeeld.nl\nander@voorbeeld.nl"
    change = record_data(person, name="Kees Anders", phone="", email=lines, letter_address="Straat 1", note="Rustig.")
    assert send(adviser, "person_change", person.pk, **change, seen=seen).status_code == 302
    person.refresh_from_db()
    assert person.sealed_name == "Kees Anders" and person.sealed_address == "Straat 1"
    assert person.keys.count() == 2 and set(person.keys.values_list("kind", flat=True)) == {"email"}
    assert AuditEvent.objects.get(action="person.changed").fields == ["address", "identifiers", "name", "note"]
    stale = send(adviser, "person_change", person.pk, **record_data(person, name="Te laat"), seen=seen)
    assert stale.status_code == 409 and "Te laat" in text(stale)
    person.refresh_from_db()
    assert person.sealed_name == "Kees Anders"
    other = make_incident(town)
    assert "Nobody is known" in text(send(adviser, "case_person_find", other.pk, **{**TYPED, "birth_date": ""}))
    found = send(adviser, "case_person_find", other.pk, **{**TYPED, "phone": "", "email": "ANDER@voorbeeld.nl"})
    assert "Record 1" in text(found)


def test_the_own_reading_stands_beside_what_was_reported(town: Place, adviser: Client, incident: Incident):
    person = linked(incident, town.adviser).person
    shut = send(adviser, "person_reading", person.pk, words="Ik heb alleen hard gepraat.")
    assert shut.status_code == 409 and "Ik heb alleen hard gepraat." in text(shut), "shut, and nothing typed is lost"
    opened(person, town.adviser)
    assert send(adviser, "person_reading", person.pk, words="Ik heb alleen hard gepraat.").status_code == 302
    person.refresh_from_db()
    assert "Ik heb alleen hard gepraat." in person.sealed_note


def test_a_record_with_many_readings_can_still_be_changed(town: Place, adviser: Client, incident: Incident):
    person = linked(incident, town.adviser).person
    opened(person, town.adviser)
    for letter in "abc":
        assert send(adviser, "person_reading", person.pk, words=f"{letter}\n" * 990).status_code == 302
    page = adviser.get(reverse("person", args=[person.pk]))
    person.refresh_from_db()
    note = person.sealed_note.replace("\n", "\r\n")  # as a browser sends it
    change = record_data(person, phone="0612345678\n0687654321", note=note)
    assert send(adviser, "person_change", person.pk, **change, seen=page.context["seen"]).status_code == 302
    assert person.keys.count() == 2
    seen = adviser.get(reverse("person", args=[person.pk])).context["seen"]
    longer = send(adviser, "person_change", person.pk, **{**change, "note": f"{note}, en meer"}, seen=seen)
    assert longer.status_code == 400, "what stands there is the most"


# --- one person in two records ---


def test_two_records_become_one(town: Place, adviser: Client):
    cases = [make_incident(town, ago=timedelta(days=days)) for days in (3, 6, 9)]
    kept = linked(cases[0], town.adviser).person
    other = linked(cases[1], town.adviser, name="K. Verzonnen", phone="0611111111").person
    linked(cases[2], town.adviser, kept)
    linked(cases[2], town.adviser, other)
    running_ban(cases[1], other, town.adviser)
    opened(kept, town.adviser)
    refused = send(adviser, "person_merge", kept.pk, other=str(other.pk))
    assert refused.status_code == 409 and Person.objects.count() == 2, "nobody joins what they have not read"
    opened(other, town.adviser)
    assert send(adviser, "person_merge", kept.pk, other=str(other.pk)).status_code == 302
    kept = Person.objects.get()
    assert kept.involvements.count() == 3 and kept.keys.count() == 2 and kept.reactions.count() == 1
    assert kept.identifiers["phone"] == ["0612345678", "0611111111"] and "K. Verzonnen" in kept.sealed_note
    assert AuditEvent.objects.get(action="person.merged").fields == [str(other.pk)]
    assert kept.openings.count() == 2
    again = send(adviser, "person_merge", kept.pk, other=str(other.pk))
    assert again.status_code == 404


def test_all_that_hangs_under_a_record_goes_along(town: Place, adviser: Client, incident: Incident):
    """Each foreign key to a person: a new one is missed here until it has a row, and is moved."""
    kept = linked(make_incident(town), town.adviser).person
    other = linked(incident, town.adviser, phone="0611111111").person
    of_case = {"organisation": town.organisation, "incident": incident, "person": other}
    reaction(incident, other, town.adviser)
    Letter.objects.create(**of_case, kind="avg14", made_at=clock.now(), made_by=town.adviser)
    CareMoment.objects.create(**of_case, task=incident.tasks.all()[0], kind="reception")
    about = (town.organisation, DataRequestKind.ACCESS, DataSubject.CITIZEN, date(2026, 11, 24))
    register_request(new=NewRequest(*about, name=NAME, person=other), by=town.adviser, now=clock.now())
    for one in (kept, other):
        opened(one, town.adviser)

    keys = [relation for relation in Person._meta.get_fields(include_hidden=True) if relation.one_to_many]
    rows = {key: set(key.related_model.objects.filter(**{key.field.name: other}).values_list("pk")) for key in keys}
    assert all(rows.values()), f"a row of each: {[key for key in keys if not rows[key]]}"
    merge_persons(kept=kept, other=other, by=town.adviser, now=clock.now())
    for key, before in rows.items():
        moved = set(key.related_model.objects.filter(**{key.field.name: kept}).values_list("pk"))
        assert before <= moved, f"not moved: {key}"
    assert adviser.get(reverse("person", args=[kept.pk])).context["person"].has_data_request


def test_another_address_stays_readable_when_two_records_become_one(town: Place, incident: Incident):
    kept, other = linked(incident, town.adviser).person, linked(incident, town.adviser, phone="0611111111").person
    for one, address in ((kept, "Oudestraat 1\n1234 AB Dorp"), (other, "Nieuwestraat 2\n5678 CD Dorp")):
        one.sealed_address = address
        one.save(update_fields=["sealed_address"])
        opened(one, town.adviser)
    merged = merge_persons(kept=kept, other=other, by=town.adviser, now=clock.now())
    assert merged.sealed_address == "Oudestraat 1\n1234 AB Dorp"
    assert merged.sealed_note.endswith(": Nieuwestraat 2\n5678 CD Dorp")


def test_records_of_two_organisations_are_never_joined(town: Place, other_town: Place, adviser: Client):
    kept = linked(make_incident(town), town.adviser).person
    theirs = linked(make_incident(other_town), other_town.adviser).person
    for one, by in ((kept, town.adviser), (theirs, other_town.adviser), (theirs, town.adviser)):
        opened(one, by)
    assert send(adviser, "person_merge", kept.pk, other=str(theirs.pk)).status_code == 404
    with pytest.raises(OtherOrganisation):
        merge_persons(kept=kept, other=theirs, by=town.adviser, now=clock.now())
    same = send(adviser, "person_merge", kept.pk, other="nonsense")
    assert same.status_code == 409 and Person.objects.count() == 2


def test_an_opening_that_ran_out_changes_nothing(town: Place, incident: Incident):
    kept, other = linked(incident, town.adviser).person, linked(incident, town.adviser, phone="0611111111").person
    for one in (kept, other):
        opened(one, town.adviser)
    clock.move(minutes=61)
    with pytest.raises(RecordShut):
        merge_persons(kept=kept, other=other, by=town.adviser, now=clock.now())
    assert Person.objects.count() == 2


# --- who may, what it costs, what is typed stays ---

ADDRESSES: dict[str, Callable[[Involvement], tuple[list[Any], str]]] = {
    "case_people": lambda one: ([one.incident_id], "get"),
    "case_person_find": lambda one: ([one.incident_id], "post"),
    "case_person_link": lambda one: ([one.incident_id], "post"),
    "case_person_facts": lambda one: ([one.incident_id], "post"),
    "case_person_unlink": lambda one: ([one.incident_id, one.pk], "post"),
    "case_person_inform": lambda one: ([one.incident_id, one.pk], "post"),
    "person": lambda one: ([one.person_id], "get"),
    "person_open": lambda one: ([one.person_id], "post"),
    "person_change": lambda one: ([one.person_id], "post"),
    "person_reading": lambda one: ([one.person_id], "post"),
    "person_merge": lambda one: ([one.person_id], "post"),
}


@pytest.mark.parametrize("name", ADDRESSES)
def test_who_may(town: Place, other_town: Place, as_user: Any, incident: Incident, name: str):
    one = linked(incident, town.adviser)
    args, method = ADDRESSES[name](one)
    address = reverse(name, args=args)

    def status(client: Client) -> int:
        return int(getattr(client, method)(address).status_code)

    for role in ("adviser", "deputy"):
        assert status(as_user(town.people[role])) in {200, 400, 409}, role
    for role in ("employee", "manager", "support", "legal", "management", "administrator", "auditor", "analyst"):
        assert status(as_user(town.people[role])) == 403, role
    assert status(as_user(other_town.adviser)) == 404
    stranger = getattr(Client(), method)(address)
    assert stranger.status_code == 302 or NAME not in text(stranger)
    Exclusion.objects.create(
        organisation=town.organisation, incident=incident, user=town.deputy, at=clock.now(), by=town.adviser
    )
    assert status(as_user(town.deputy)) == 404
    wrong_way = as_user(town.adviser)
    other_method = "post" if method == "get" else "get"
    assert getattr(wrong_way, other_method)(address).status_code == 405


@pytest.mark.parametrize("name", ["case_people", "person"])
@pytest.mark.parametrize("count", [1, 3])
def test_pages_ask_the_same_however_much_there_is(
    town: Place, as_user: Any, django_assert_num_queries: Any, name: str, count: int
):
    queries = {"case_people": 12, "person": 12}[name]
    incident = make_incident(town)
    person = linked(incident, town.adviser).person
    for number in range(1, count):
        more = linked(incident, town.adviser, phone=f"061111111{number}").person
        linked(make_incident(town), town.adviser, person)
        reaction(incident, person, town.adviser, given_at=clock.now())
        opened(more, town.adviser)
        opened(person, town.deputy)
    opened(person, town.adviser)
    client = as_user(town.adviser)
    address = reverse(name, args=[incident.pk if name == "case_people" else person.pk])
    client.get(address)
    with django_assert_num_queries(queries):
        assert client.get(address).status_code == 200


def test_hundreds_of_cases_are_counted_with_two_questions(
    town: Place, incident: Incident, adviser: Client, django_assert_num_queries: Any
):
    person = linked(make_incident(town, ago=timedelta(days=2)), town.adviser).person
    for _ in range(20):
        linked(make_incident(town, ago=timedelta(days=2)), town.adviser, person)
    with django_assert_num_queries(19):  # of which 7 count this search and write it down
        page = text(send(adviser, "case_person_find", incident.pk, **TYPED))
    assert "Earlier: 21" in page


@pytest.mark.parametrize("name", ["case_person_find", "case_person_link", "case_person_unlink", "person_reading"])
def test_an_ended_session_costs_no_word_and_changes_nothing(town: Place, incident: Incident, name: str):
    one = linked(incident, town.adviser)
    args, _method = ADDRESSES[name](one)
    opened(one.person, town.adviser)
    client = Client()
    client.force_login(town.adviser)
    writer = client.get(reverse("case_people", args=[incident.pk])).context["writer"]
    client.logout()
    words = "Kanarie 😡 dit typte ik"
    data = {**TYPED, "remark": words, "reason": words, "words": words, "person": "new", "writer": writer}
    signing_in = client.post(reverse(name, args=args), data)
    assert signing_in.status_code == 200 and words in text(signing_in)
    carried = dict(signing_in.context["typed"])
    back = client.post(reverse(name, args=args), {**carried, "username": town.adviser.email, "password": PASSWORD})
    assert back.status_code == 200 and words in text(back)
    assert Involvement.objects.count() == 1 and Person.objects.count() == 1 and not Note.objects.exists()


def test_nothing_plain_and_nothing_logged_says_who_it_is(town: Place, adviser: Client, incident: Incident):
    done = send(adviser, "case_person_link", incident.pk, **TYPED, person="new")
    assert done.status_code == 302
    logged = "".join(str(row) for row in AuditEvent.objects.values_list("action", "fields"))
    keys = str(list(Person.objects.get().keys.values_list("digest", flat=True)))
    for word in ("Kees", "Verzonnen", "1980", "12345678"):
        assert word not in logged and word not in keys and word not in done.url
    assert not Task.objects.filter(words__isnull=False).exists()


# --- two at once ---


def test_two_advisers_who_make_the_same_record_make_one(committed: None):
    town = make_place("Vlinderwaard")
    cases = [make_incident(town) for _ in range(2)]
    raised = at_once(lambda: linked(cases[0], town.adviser), lambda: linked(cases[1], town.deputy))
    assert [type(error) for error in raised] == [MadeMeanwhile]
    assert Person.objects.count() == 1 and Involvement.objects.count() == 1


def test_two_advisers_who_link_the_same_person_link_once(committed: None):
    town = make_place("Vlinderwaard")
    incident, person = make_incident(town), linked(make_incident(town), town.adviser).person
    raised = at_once(*(lambda by=by: linked(incident, by, person) for by in (town.adviser, town.deputy)))
    assert [type(error) for error in raised] == [LinkedBefore]
    assert incident.involvements.count() == 1


def test_the_last_search_of_a_day_is_given_once(committed: None):
    town = make_place("Vlinderwaard")
    incident = make_incident(town)
    searched(incident, MOST_A_DAY - 1, town.adviser)
    raised = at_once(*[lambda: searched(incident, 1, town.adviser)] * 3)
    assert [type(error) for error in raised] == [TooManyLookups] * 2
    assert AuditEvent.objects.filter(action="person.searched").count() == MOST_A_DAY


def test_two_records_joined_crosswise_at_once_leave_one(committed: None):
    town = make_place("Vlinderwaard")
    incident = make_incident(town)
    one, two = (linked(incident, town.adviser, phone=phone).person for phone in ("0611111111", "0622222222"))
    for by in (town.adviser, town.deputy):
        opened(one, by)
        opened(two, by)

    def join(kept: Person, other: Person, by: User) -> None:
        merge_persons(kept=kept, other=other, by=by, now=clock.now())

    raised = at_once(lambda: join(one, two, town.adviser), lambda: join(two, one, town.deputy))
    assert [type(error) for error in raised] == [PersonGone]
    assert Person.objects.get().keys.count() == 2 and Involvement.objects.count() == 1


def test_linking_what_is_being_joined_loses_nobody(committed: None):
    town = make_place("Vlinderwaard")
    first, second, third = (make_incident(town) for _ in range(3))
    kept, other = linked(first, town.adviser).person, linked(second, town.adviser, phone="0622222222").person
    for one in (kept, other):
        opened(one, town.adviser)
    raised = at_once(
        lambda: merge_persons(kept=kept, other=other, by=town.adviser, now=clock.now()),
        lambda: linked(third, town.deputy, other),
    )
    assert [type(error) for error in raised] in ([], [PersonGone])
    assert Person.objects.get().involvements.count() == 3 - len(raised)


def at_once(*acts: Callable[[], object]) -> list[Exception]:
    """Do these at the same moment, each on a connection of its own; gives what they raised."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> Exception | None:
        gate.wait(10)
        try:
            act()
        except Exception as error:  # a deadlock too
            return error
        finally:
            connections.close_all()
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return [error for error in pool.map(run, acts) if error]
