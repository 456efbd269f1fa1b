"""The question before a contact: an instruction, never a case; ten a day, each with a reason and written down."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from incidents.actions.persons import Typed, make_person
from incidents.forms.persons import CheckForm
from incidents.models import Exclusion, Incident, Person, Reaction, RestrictionCheck
from incidents.person_keys import looks_like_bsn
from tests import clock
from tests.world import PASSWORD, Place, make_incident
from vpdportal.accounts.models import Organisation, User
from vpdportal.accounts.roles import Role
from vpdportal.audit.models import AuditEvent

INSTRUCTION = "Ga met twee mensen, en alleen op afspraak."
SECRET = "Kees Verzonnen", "schelden", "Hij dreigde met de hond"
ASKED = {"address": "1234 AB 12", "reason": "huisbezoek morgen"}
NOTHING = "Nothing runs that you have to know."


@pytest.fixture
def incident(town: Place) -> Incident:
    return make_incident(town, story=SECRET[2])


@pytest.fixture
def person(town: Place, incident: Incident) -> Person:
    identifiers = {
        "address": ["1234AB 12"],
        "phone": ["06 12345678"],
        "name_birth": [f"{SECRET[0]} 1980-02-01"],
        "plate": ["AB-12-CD"],
    }
    typed = Typed(name=SECRET[0], identifiers=identifiers, remark=SECRET[1])
    made = make_person(incident=incident, typed=typed, seen=set(), by=town.adviser, now=clock.now())
    found: Person = made.person
    return found


@pytest.fixture
def ban(town: Place, incident: Incident, person: Person) -> Reaction:
    return give_ban(town, incident, person)


def give_ban(town: Place, incident: Incident, person: Person) -> Reaction:
    today = timezone.localdate(clock.now())
    row = Reaction(
        organisation=town.organisation,
        incident=incident,
        person=person,
        kind="ban",
        status="active",
        conduct_on=today,
        hearing="heard",
        drafted_at=clock.now(),
        drafted_by=town.adviser,
        starts_on=today - timedelta(days=3),
        ends_on=date(2027, 2, 1),
    )
    row.conduct, row.instruction = SECRET[2], INSTRUCTION
    row.save(force_insert=True)
    return row


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["vpd_language"] = "en"
    return client


def ask(client: Client, **data: str) -> Any:
    return client.post(reverse("person_check"), {**ASKED, **data})


def text(response: Any) -> str:
    found: str = response.content.decode()
    return found


def test_a_running_measure_gives_an_instruction_and_no_story(town: Place, incident: Incident, ban: Reaction):
    User.objects.filter(pk=town.adviser.pk).update(phone="010 5550100")
    response = ask(browser(town.employee))
    page = text(response)
    assert response.status_code == 200 and INSTRUCTION in page and "until 1 February 2027" in page
    assert f"{town.adviser.name}, 010 5550100" in page
    for secret in (*SECRET, incident.reference, "Building ban", str(ban.person_id)):
        assert secret not in page
    check = RestrictionCheck.objects.get()
    assert check.has_hit and check.reason == ASKED["reason"] and check.user == town.employee
    row = AuditEvent.objects.get(action="person.checked")
    assert row.fields == ["address", "hit"] and row.object_id == check.pk


@pytest.mark.parametrize(
    ("asked", "is_hit"),
    [
        ({"address": "1234ab 12"}, True),
        ({"address": "", "phone": "+31612345678"}, True),
        ({"address": "", "plate": "ab12cd"}, True),
        ({"address": "", "name": SECRET[0], "birth_date": "1980-02-01"}, True),
        ({"address": "1234 AB 1"}, False),
        ({"address": "1234 AB 12 a"}, False),
        ({"address": "1234 AB 112"}, False),
        ({"address": "1234 AC 12"}, False),
        ({"address": "", "name": SECRET[0], "birth_date": "1980-02-02"}, False),
        ({"address": "", "phone": "0612345679"}, False),
    ],
)
def test_only_what_is_exact_is_found(town: Place, ban: Reaction, asked: dict[str, str], is_hit: bool):
    page = text(ask(browser(town.employee), **asked))
    assert (INSTRUCTION in page) is is_hit and (NOTHING in page) is not is_hit


@pytest.mark.parametrize(
    ("change", "is_hit"),
    [
        ({}, True),
        ({"kind": "conditions"}, True),
        ({"status": "ended", "ended_at": clock.START}, False),
        ({"status": "signed"}, False),
        ({"status": "draft"}, False),
        ({"kind": "warning"}, False),
        ({"ends_on": date(2026, 11, 24)}, True),
        ({"ends_on": date(2026, 11, 23)}, False),
        ({"starts_on": date(2026, 11, 25)}, False),
    ],
)
def test_only_what_runs_today_counts(town: Place, ban: Reaction, change: dict[str, Any], is_hit: bool):
    Reaction.objects.filter(pk=ban.pk).update(**change)
    page = text(ask(browser(town.employee)))
    assert (INSTRUCTION in page) is is_hit and RestrictionCheck.objects.get().has_hit is is_hit


def test_without_an_instruction_one_does_not_go(town: Place, ban: Reaction):
    ban.instruction = ""
    ban.save(update_fields=["instruction"])
    assert "Do not go before you have spoken" in text(ask(browser(town.manager)))


def test_of_another_organisation_nothing_is_known(other_town: Place, town: Place, ban: Reaction):
    assert NOTHING in text(ask(browser(other_town.employee)))
    assert INSTRUCTION in text(ask(browser(town.employee)))


def test_who_works_for_two_organisations_says_which(other_town: Place, town: Place, ban: Reaction):
    town.join(other_town.employee, Role.EMPLOYEE, town.department)
    client = browser(other_town.employee)
    assert ask(client).status_code == 400
    assert NOTHING in text(ask(client, organisation=str(other_town.organisation.pk)))
    assert INSTRUCTION in text(ask(client, organisation=str(town.organisation.pk)))
    assert ask(client, organisation=str(ban.pk)).status_code == 400


def test_the_id_of_what_is_chosen_is_no_citizen_service_number(town: Place, incident: Incident):
    number = "66b799d1-7deb-42b6-aaf9-708218970ce5"
    assert looks_like_bsn(number), "nine of its digits pass the test"
    chosen = Organisation(pk=UUID(number), name="Derde")
    data = {"organisation": number, "phone": "0612345678", "reason": "Huisbezoek"}
    form = CheckForm(data, organisations=[town.organisation, chosen], now=clock.now())
    assert form.is_valid() and form.organisation() == chosen
    wrong = CheckForm({**data, "reason": f"Over {number}"}, organisations=[town.organisation, chosen], now=clock.now())
    assert set(wrong.errors) == {"reason"}


def test_for_who_is_kept_out_of_the_case_it_does_not_exist(town: Place, incident: Incident, ban: Reaction):
    assert INSTRUCTION in text(ask(browser(town.manager)))
    Exclusion.objects.create(
        organisation=town.organisation, incident=incident, user=town.manager, at=clock.now(), by=town.adviser
    )
    assert NOTHING in text(ask(browser(town.manager)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": ""},
        {"reason": "  "},
        {"address": ""},
        {"address": "", "name": SECRET[0]},
        {"address": "Dorpsstraat"},
        {"address": "", "phone": "12"},
        {"reason": "bsn 123456782"},
    ],
)
def test_a_question_that_is_not_whole_is_not_asked(town: Place, ban: Reaction, wrong: dict[str, str]):
    client = browser(town.employee)
    response = ask(client, **wrong)
    assert response.status_code == 400 and not RestrictionCheck.objects.exists()
    assert ask(client).status_code == 200


def test_ten_a_day(town: Place, ban: Reaction):
    client = browser(town.employee)
    assert "ask 10 more times today" in text(client.get(reverse("person_check")))
    for _ in range(10):
        assert ask(client).status_code == 200
    refused = ask(client)
    assert refused.status_code == 409 and INSTRUCTION not in text(refused)
    assert f"Call the VPD adviser: {town.adviser.name}" in text(refused) and "1234 AB 12" in text(refused)
    assert RestrictionCheck.objects.count() == 10
    assert ask(browser(town.manager)).status_code == 200, "someone else has ten of their own"
    clock.move(hours=15)  # after midnight
    assert ask(client).status_code == 200


@pytest.mark.parametrize("role", list(Role))
def test_who_may_ask(town: Place, ban: Reaction, role: Role):
    client = browser(town.people[role])
    may = role in {Role.EMPLOYEE, Role.MANAGER, Role.ADVISER, Role.DEPUTY}
    assert client.get(reverse("person_check")).status_code == (200 if may else 403)
    assert ask(client).status_code == (200 if may else 403)
    assert RestrictionCheck.objects.count() == int(may)
    is_in_navigation = reverse("person_check") in text(client.get(reverse("menu_card")))
    assert is_in_navigation is may


def test_a_stranger_is_asked_to_sign_in_and_loses_no_word(town: Place, ban: Reaction):
    stranger = Client()
    asked = stranger.post(reverse("person_check"), ASKED)
    assert asked.status_code == 200 and INSTRUCTION not in text(asked) and ASKED["address"] in text(asked)
    typed = dict(asked.context["typed"])
    stranger.cookies["vpd_language"] = "en"
    back = stranger.post(reverse("person_check"), {**typed, "username": town.employee.email, "password": PASSWORD})
    assert INSTRUCTION not in text(back) and not RestrictionCheck.objects.exists(), "looked at again before it is asked"


def test_without_a_row_in_the_log_there_is_no_answer(town: Place, ban: Reaction, monkeypatch: pytest.MonkeyPatch):
    client = browser(town.employee)
    assert INSTRUCTION in text(ask(client))

    def full(**_: Any) -> None:
        raise OSError("the disk of the log is full")

    monkeypatch.setattr("incidents.actions.person_checks.record", full)
    client.raise_request_exception = False
    response = ask(client)
    assert response.status_code == 500 and INSTRUCTION not in text(response)
    assert RestrictionCheck.objects.count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_an_answer_asks_the_same_however_much_runs(
    town: Place, ban: Reaction, django_assert_num_queries: Any, count: int
):
    for _ in range(count - 1):
        give_ban(town, ban.incident, ban.person)
    client = browser(town.employee)
    ask(client)
    with django_assert_num_queries(14):
        assert text(ask(client)).count(INSTRUCTION) == count
