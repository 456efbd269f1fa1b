"""How an organisation tells its numbers: kept by its administrators, and weaker only with the officer's agreement."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from incidents.actions.overview_plans import NotAgreed, plan_mark, plan_of, save_overview_plan, staff_of
from incidents.models import OverviewPlan
from tests import clock
from tests.at_once import at_once
from tests.world import Place, make_user
from vpdportal.accounts.roles import Role
from vpdportal.audit.models import AuditEvent

PROPOSED = {
    "exact_from_staff": "250",
    "smallest_team": "10",
    "round_to": "5",
    "survey_year": "",
    "survey_percent": "",
    "export_months": "12",
}


@pytest.fixture
def admin(town: Place, as_user: Any) -> Client:
    client: Client = as_user(town.administrator)
    client.cookies["vpd_language"] = "en"
    return client


def address(town: Place) -> str:
    return reverse("overview_plan", args=[town.organisation.slug])


def shown(client: Client, town: Place) -> str:
    seen: str = client.get(address(town)).context["form"]["seen"].value()
    return seen


def send(client: Client, town: Place, seen: str | None = None, **changes: Any) -> Any:
    data = {**PROPOSED, "seen": shown(client, town) if seen is None else seen, **changes}
    return client.post(address(town), {name: value for name, value in data.items() if value is not None})


def saved() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action="overviews.saved").order_by("position"))


def test_the_page_shows_our_proposal_and_says_so(town: Place, admin: Client):
    page = admin.get(address(town)).content.decode()
    assert "our own proposal: no law or norm gives these numbers" in page
    assert "A change holds for what is fixed after it" in page
    for value in ('value="250"', 'value="10"', 'value="12"'):
        assert value in page
    assert not OverviewPlan.objects.exists()
    assert address(town) in admin.get(reverse("administration", args=[town.organisation.slug])).content.decode()


def test_it_says_how_many_people_count_and_what_that_means(town: Place, admin: Client):
    page = admin.get(address(town)).content.decode()
    assert "count 40 people." in page and "Totals of the whole organisation are rounded." in page
    town.organisation.departments.create(name="Groot", headcount=209)
    town.organisation.departments.create(name="Oud", headcount=999, is_active=False)
    assert "count 249 people." in admin.get(address(town)).content.decode()
    town.organisation.departments.create(name="Een", headcount=1, parent=town.department)
    page = admin.get(address(town)).content.decode()
    assert "count 250 people." in page and "Totals of the whole organisation are told exactly." in page
    send(admin, town, exact_from_staff="251")
    assert "are rounded." in admin.get(address(town)).content.decode()


def test_without_departments_nobody_counts(town: Place):
    town.organisation.departments.update(is_active=False)
    assert staff_of(town.organisation) == 0


def test_what_is_chosen_is_kept_and_noted(town: Place, other_town: Place, admin: Client):
    stricter = {"exact_from_staff": "300", "smallest_team": "15", "round_to": "10"}
    more = {"shares_benchmark": "on", "survey_year": "2025", "survey_percent": "41", "export_months": "6"}
    assert send(admin, town, **stricter, **more).status_code == 302
    plan = plan_of(town.organisation)
    assert (plan.exact_from_staff, plan.smallest_team, plan.round_to) == (300, 15, 10)
    assert (plan.shares_benchmark, plan.survey_year, plan.survey_percent, plan.export_months) == (True, 2025, 41, 6)
    (event,) = saved()
    assert (event.actor_id, event.organisation_id) == (town.administrator.pk, town.organisation.pk)
    assert sorted(event.fields) == sorted([*stricter, *more]), "and no word of agreeing: it became no weaker"
    assert send(admin, town, **stricter, **more).status_code == 302
    assert len(saved()) == 1, "nothing changed"
    assert not OverviewPlan.objects.filter(organisation=other_town.organisation).exists()


def test_who_takes_part_does_so_from_that_day_on(town: Place, admin: Client):
    """A period that began before it is compared with nobody."""
    assert send(admin, town, shares_benchmark="on").status_code == 302
    assert plan_of(town.organisation).shares_benchmark_since == date(2026, 11, 24)
    clock.move(days=10)
    assert send(admin, town, shares_benchmark="on", export_months="6").status_code == 302
    assert plan_of(town.organisation).shares_benchmark_since == date(2026, 11, 24), "without a break"
    assert send(admin, town, export_months="6").status_code == 302
    assert plan_of(town.organisation).shares_benchmark_since is None
    clock.set_to(datetime(2026, 12, 31, 23, 30, tzinfo=UTC))  # in Amsterdam it is the new year
    assert send(admin, town, shares_benchmark="on").status_code == 302
    assert plan_of(town.organisation).shares_benchmark_since == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("strict", "weaker"),
    [
        ({"exact_from_staff": "300"}, {"exact_from_staff": "299"}),
        ({"smallest_team": "20"}, {"smallest_team": "19"}),
        ({"round_to": "10"}, {"round_to": "5"}),
        ({}, {"exact_from_staff": "100"}),
    ],
)
def test_telling_more_about_fewer_people_is_agreed_on_first(
    town: Place, admin: Client, strict: dict[str, str], weaker: dict[str, str]
):
    assert send(admin, town, **strict).status_code == 302
    before = plan_mark(plan_of(town.organisation))
    response = send(admin, town, **{**strict, **weaker}, export_months="7")
    page = response.content.decode()
    assert response.status_code == 400 and "Agree on it with the data protection officer, and tick this." in page
    assert 'value="7"' in page and plan_mark(plan_of(town.organisation)) == before, "what was typed stays"
    assert send(admin, town, **{**strict, **weaker}, agreed="on").status_code == 302
    name, value = next(iter(weaker.items()))
    assert str(getattr(plan_of(town.organisation), name)) == value
    assert sorted(saved()[-1].fields) == sorted([name, "agreed:yes"])
    assert send(admin, town, **strict).status_code == 302, "and back needs no word from anyone"


def test_it_is_judged_again_where_it_is_saved(town: Place):
    organisation = town.organisation
    plan = OverviewPlan(organisation=organisation, exact_from_staff=100)
    about = {"plan": plan, "changed": ["exact_from_staff"], "seen": plan_mark(plan_of(organisation))}
    who = {"by": town.administrator, "now": clock.now()}
    with pytest.raises(NotAgreed):
        save_overview_plan(**about, **who, is_agreed=False)
    assert not OverviewPlan.objects.exists() and not saved()
    save_overview_plan(**about, **who, is_agreed=True)
    assert saved()[0].fields == ["agreed:yes", "exact_from_staff"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"exact_from_staff": "99"}, "Choose from 100 to 1 000 000 people."),
        ({"exact_from_staff": "1000001"}, "Choose from 100 to 1 000 000 people."),
        ({"exact_from_staff": ""}, "Fill this in"),
        ({"exact_from_staff": "\x00"}, "whole number"),
        ({"smallest_team": "9"}, "Choose from 10 to 500 people."),
        ({"smallest_team": "501"}, "Choose from 10 to 500 people."),
        ({"smallest_team": "-99999999999999999999"}, "Choose from 10 to 500 people."),
        ({"round_to": "1"}, "Select a valid choice"),
        ({"round_to": None}, "Choose an answer."),
        ({"survey_year": "2025"}, "Fill in both the year and the per cent"),
        ({"survey_percent": "41"}, "Fill in both the year and the per cent"),
        ({"survey_year": "1999", "survey_percent": "41"}, "Choose a year from 2000 to 2100."),
        ({"survey_year": "10000", "survey_percent": "41"}, "Choose a year from 2000 to 2100."),
        ({"survey_year": "2025", "survey_percent": "0"}, "Choose from 1 to 100."),
        ({"survey_year": "2025", "survey_percent": "101"}, "Choose from 1 to 100."),
        ({"export_months": "0"}, "Choose from 1 to 60 months."),
        ({"export_months": "61"}, "Choose from 1 to 60 months."),
    ],
)
def test_what_cannot_be_is_refused_and_says_how_to_mend_it(
    town: Place, admin: Client, changes: dict[str, Any], says: str
):
    response = send(admin, town, **{"export_months": "7", "agreed": "on", **changes})
    assert response.status_code == 400 and says in response.content.decode()
    assert not OverviewPlan.objects.exists() and not saved()
    if "export_months" not in changes:
        assert 'value="7"' in response.content.decode(), "what was typed stays"


@pytest.mark.parametrize(
    "changes",
    [
        {"exact_from_staff": "100", "agreed": "on"},
        {"exact_from_staff": "1000000"},
        {"smallest_team": "500"},
        {"survey_year": "2000", "survey_percent": "1"},
        {"survey_year": "2100", "survey_percent": "100"},
        {"export_months": "1"},
        {"export_months": "60"},
    ],
)
def test_what_can_be_is_kept(town: Place, admin: Client, changes: dict[str, Any]):
    assert send(admin, town, **changes).status_code == 302
    kept = OverviewPlan.objects.get()
    assert {name: str(getattr(kept, name)) for name in changes if name != "agreed"} == {
        name: value for name, value in changes.items() if name != "agreed"
    }


@pytest.mark.parametrize("weak", [{"exact_from_staff": 99}, {"smallest_team": 9}, {"round_to": 1}])
def test_the_database_keeps_the_limits_too(town: Place, weak: dict[str, int]):
    with pytest.raises(IntegrityError), transaction.atomic():
        OverviewPlan.objects.create(organisation=town.organisation, **weak)
    OverviewPlan.objects.create(organisation=town.organisation)


def test_of_two_administrators_the_second_sees_what_the_first_did(town: Place, admin: Client, as_user: Any):
    second = make_user("Tweede Beheerder")
    town.join(second, Role.ADMINISTRATOR)
    other = as_user(second)
    other.cookies["vpd_language"] = "en"
    seen = shown(other, town)
    assert send(admin, town, smallest_team="20", round_to="10").status_code == 302
    response = send(other, town, seen=seen, smallest_team="25", round_to="5", export_months="7", agreed="on")
    page = response.content.decode()
    assert response.status_code == 409
    assert f"{town.administrator.name} changed these settings after you opened this page" in page
    assert "Kept now: 20." in page and "Kept now: tens." in page and "Kept now: 12." in page
    assert "Kept now: 250." not in page and 'value="25"' in page and 'value="7"' in page, "what was chosen stays"
    assert plan_of(town.organisation).smallest_team == 20
    again = response.context["form"]["seen"].value()
    assert send(other, town, seen=again, smallest_team="25", round_to="10").status_code == 302
    assert plan_of(town.organisation).smallest_team == 25


@pytest.mark.parametrize("seen", ["", "x", "0" * 5000])
def test_without_the_mark_of_what_was_shown_nothing_is_kept(town: Place, admin: Client, seen: str):
    assert send(admin, town, seen=seen, export_months="7").status_code == 409
    assert not OverviewPlan.objects.exists()


def test_two_at_once_are_one_after_the_other(committed: None, town: Place):
    seen = plan_mark(plan_of(town.organisation))

    def save(team: int) -> None:
        plan = OverviewPlan(organisation=town.organisation, smallest_team=team)
        about = {"by": town.administrator, "now": clock.now(), "seen": seen, "is_agreed": False}
        save_overview_plan(plan=plan, changed=["smallest_team"], **about)

    raised = at_once(lambda: save(20), lambda: save(30))
    assert [type(error).__name__ for error in raised] == ["OverviewPlanChanged"]
    assert len(saved()) == 1


def test_who_may_open_it(town: Place, other_town: Place, as_user: Any):
    client = as_user(other_town.administrator)
    assert client.get(address(town)).status_code == client.post(address(town), PROPOSED).status_code == 404
    for role in Role:
        if role != Role.ADMINISTRATOR:
            client = as_user(town.people[role])
            assert client.get(address(town)).status_code == client.post(address(town), PROPOSED).status_code == 403
    for answer in (Client().get(address(town)), Client().post(address(town), PROPOSED)):
        assert answer.status_code == 302 and "/inloggen/" in answer["Location"]
    assert as_user(town.administrator).get(address(town)).status_code == 200
    assert not OverviewPlan.objects.exists()


@pytest.mark.parametrize("departments", [1, 3])
def test_the_page_asks_the_same_of_the_database(
    town: Place, admin: Client, django_assert_num_queries: Any, departments: int
):
    for number in range(departments):
        town.organisation.departments.create(name=f"Team {number}", headcount=10)
    with django_assert_num_queries(6):
        admin.get(address(town))
