"""When an organisation works and whom it reminds: kept by its administrators, one after the other."""

from datetime import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from incidents.actions.reminders.plans import plan_of
from incidents.models import Notice, ReminderPlan
from tests import clock
from tests.world import Place, make_incident, make_user
from vpdportal.accounts.roles import Role
from vpdportal.audit.models import AuditEvent

PROPOSED = {
    "opens_at": "09:00",
    "closes_at": "17:00",
    "works_on": list("12345"),
    "digest_at": "08:30",
    "quiet_from": "19:00",
    "quiet_until": "07:00",
    "halfway": "on",
    "hours_before": "24",
    "escalate_days": "3",
    "to_deputy": "on",
    "to_manager": "on",
}


@pytest.fixture
def admin(town: Place, as_user: Any) -> Client:
    client: Client = as_user(town.administrator)
    client.cookies["vpd_language"] = "en"
    return client


def address(town: Place) -> str:
    return reverse("reminder_plan", args=[town.organisation.slug])


def shown(client: Client, town: Place) -> str:
    """What the page carries of the choices that it shows."""
    seen: str = client.get(address(town)).context["form"]["seen"].value()
    return seen


def send(client: Client, town: Place, seen: str | None = None, **changes: Any) -> Any:
    data = {**PROPOSED, "seen": shown(client, town) if seen is None else seen, **changes}
    return client.post(address(town), {name: value for name, value in data.items() if value is not None})


def test_the_page_shows_our_proposal_and_says_so(town: Place, admin: Client):
    page = admin.get(address(town)).content.decode()
    assert "our own proposal: no law or norm asks for it" in page and "cannot be switched off" in page
    assert (
        "on each working day, until it is done. About a serious report (severity 3 and 4) it comes every day." in page
    )
    for value in ('value="09:00"', 'value="08:30"', 'value="24"'):
        assert value in page
    assert page.count("checked") == 8 and not ReminderPlan.objects.exists()


def test_what_is_chosen_is_kept_and_noted(town: Place, admin: Client):
    response = send(admin, town, works_on=list("1246"), digest_at="07:45", halfway=None, hours_before="48")
    assert response.status_code == 302
    plan = plan_of(town.organisation)
    assert (plan.works_on, plan.digest_at, plan.halfway, plan.hours_before) == ("1246", time(7, 45), False, 48)
    event = AuditEvent.objects.get(action="reminders.saved")
    assert (event.actor_id, event.organisation_id) == (town.administrator.pk, town.organisation.pk)
    assert event.fields == ["digest_at", "halfway", "hours_before", "works_on"]
    assert send(admin, town, works_on=list("1246"), digest_at="07:45", halfway=None, hours_before="48")
    assert AuditEvent.objects.filter(action="reminders.saved").count() == 1, "nothing changed"


def test_what_waits_follows_at_once_and_only_here(town: Place, other_town: Place, admin: Client):
    for place in (town, other_town):
        make_incident(place)
    halfway = Notice.objects.filter(step="halfway")
    there = halfway.filter(organisation=other_town.organisation).count()
    assert halfway.filter(organisation=town.organisation).exists() and there
    send(admin, town, halfway=None)
    assert not halfway.filter(organisation=town.organisation).exists()
    assert halfway.filter(organisation=other_town.organisation).count() == there
    assert Notice.objects.filter(organisation=town.organisation, step="assigned", cancelled_at=None).exists()
    send(admin, town)
    assert halfway.filter(organisation=town.organisation).exists()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"closes_at": "09:00"}, "Choose a later hour"),
        ({"closes_at": "08:00"}, "Choose a later hour"),
        ({"works_on": None}, "Choose at least one day."),
        ({"works_on": ["8"]}, "8"),
        ({"digest_at": "06:30"}, "shorter quiet hours"),
        ({"digest_at": "19:00"}, "shorter quiet hours"),
        ({"digest_at": "18:59"}, "Less than two hours after this"),
        ({"digest_at": "17:01"}, "Less than two hours after this"),
        ({"quiet_from": "01:00", "digest_at": "23:30"}, "Less than two hours after this"),
        ({"quiet_from": "00:00", "quiet_until": "06:00", "digest_at": "22:01"}, "Less than two hours after this"),
        ({"quiet_from": "04:00", "quiet_until": "06:00", "digest_at": "22:01"}, "Choose 22:00 or earlier."),
        ({"quiet_from": "00:00", "quiet_until": "00:00", "digest_at": "23:59"}, "Choose 22:00 or earlier."),
        ({"quiet_from": "16:00"}, "Choose hours outside them."),
        ({"quiet_until": "09:30", "digest_at": "10:00"}, "Choose hours outside them."),
        ({"quiet_from": "10:00", "quiet_until": "11:00"}, "Choose hours outside them."),
        ({"to_deputy": None, "to_manager": None}, "Choose at least one of the two"),
        ({"hours_before": "3"}, "Choose from 4 to 120 hours."),
        ({"hours_before": "121"}, "Choose from 4 to 120 hours."),
        ({"hours_before": "-99999999999999999999"}, "Choose from 4 to 120 hours."),
        ({"escalate_days": "0"}, "Choose from 1 to 14 days."),
        ({"escalate_days": "15"}, "Choose from 1 to 14 days."),
        ({"opens_at": "25:00"}, "valid time"),
        ({"opens_at": None}, "Fill this in"),
        ({"quiet_from": "\x00"}, "valid time"),
    ],
)
def test_what_cannot_be_is_refused_and_says_how_to_mend_it(
    town: Place, admin: Client, changes: dict[str, Any], says: str
):
    response = send(admin, town, **{"escalate_days": "5", **changes})
    assert response.status_code == 400 and says in response.content.decode()
    assert not ReminderPlan.objects.exists() and not AuditEvent.objects.filter(action="reminders.saved").exists()
    if "escalate_days" not in changes:
        assert 'value="5"' in response.content.decode(), "what was typed stays"


@pytest.mark.parametrize(
    "changes",
    [
        {"digest_at": "07:00"},
        {"quiet_from": "17:00"},
        {"digest_at": "17:00"},
        {"quiet_from": "00:00", "quiet_until": "06:00", "digest_at": "22:00"},
        {"quiet_from": "04:00", "quiet_until": "06:00", "digest_at": "02:00"},
        {"quiet_from": "04:00", "quiet_until": "06:00", "digest_at": "00:00"},
        {"quiet_from": "12:00", "quiet_until": "12:00", "digest_at": "11:00", "closes_at": "18:00"},
        {"quiet_until": "09:00", "digest_at": "09:00"},
        {"quiet_from": "00:00", "quiet_until": "00:00", "digest_at": "03:00"},
        {"opens_at": "00:00", "closes_at": "23:59", "quiet_from": "12:00", "quiet_until": "12:00"},
        {"to_deputy": None},
        {"to_manager": None},
        {"hours_before": "4", "escalate_days": "14"},
        {"works_on": list("7654321")},
    ],
)
def test_what_can_be_is_kept(town: Place, admin: Client, changes: dict[str, Any]):
    assert send(admin, town, **changes).status_code == 302
    assert ReminderPlan.objects.get().works_on in {"12345", "1234567"}


def test_of_two_administrators_the_second_sees_what_the_first_did(town: Place, admin: Client, as_user: Any):
    second = make_user("Tweede Beheerder")
    town.join(second, Role.ADMINISTRATOR)
    other = as_user(second)
    other.cookies["vpd_language"] = "en"
    seen = shown(other, town)
    assert send(admin, town, digest_at="07:45").status_code == 302
    response = send(other, town, seen=seen, digest_at="08:15", hours_before="48")
    page = response.content.decode()
    assert response.status_code == 409
    assert f"{town.administrator.name} changed these settings after you opened this page" in page
    assert "Kept now: 07:45." in page and "Kept now: 24." in page and "Kept now: 09:00." not in page
    assert 'value="08:15"' in page and 'value="48"' in page, "what was chosen stays"
    assert plan_of(town.organisation).digest_at == time(7, 45)
    again = response.context["form"]["seen"].value()
    assert send(other, town, seen=again, digest_at="08:15", hours_before="48").status_code == 302
    assert plan_of(town.organisation).digest_at == time(8, 15)


@pytest.mark.parametrize("seen", ["", "x", "0" * 5000])
def test_without_the_mark_of_what_was_shown_nothing_is_kept(town: Place, admin: Client, seen: str):
    assert send(admin, town, seen=seen, digest_at="07:45").status_code == 409
    assert not ReminderPlan.objects.exists()


def test_the_administrator_of_elsewhere_has_no_page_here(town: Place, other_town: Place, as_user: Any):
    client = as_user(other_town.administrator)
    assert client.get(address(town)).status_code == client.post(address(town), PROPOSED).status_code == 404
    assert as_user(town.adviser).get(address(town)).status_code == 403
    assert client.get(address(other_town)).status_code == 200


@pytest.mark.parametrize("cases", [1, 3])
def test_the_page_asks_the_same_of_the_database(town: Place, admin: Client, django_assert_num_queries: Any, cases: int):
    for _number in range(cases):
        make_incident(town, at=clock.now())
    with django_assert_num_queries(4):
        admin.get(address(town))
