"""Who is on duty on a day on which not everybody works."""

from datetime import date, timedelta

import pytest

from tests import clock
from tests.world import Place, make_user
from vpdportal.accounts.access import duty_adviser
from vpdportal.accounts.actions import plan_absence
from vpdportal.accounts.models import Membership, User
from vpdportal.accounts.roles import Role

TUESDAY = date(2026, 11, 24)


def works_on(person: User, days: str) -> None:
    User.objects.filter(pk=person.pk).update(works_on=days)


def on_duty(town: Place, first: User | None = None) -> User | None:
    return duty_adviser(town.organisation.pk, clock.now(), first=first.pk if first else None)


@pytest.mark.parametrize(
    ("days", "works"), [("", True), ("2", True), ("1234567", True), ("1345", False), ("67", False)]
)
def test_the_days_of_the_week_that_someone_gave(days: str, works: bool):
    assert User(works_on=days).works_on_day(TUESDAY) is works


def test_who_works_today_comes_first(town: Place):
    assert on_duty(town) == town.adviser
    works_on(town.adviser, "1345")
    assert on_duty(town) == town.deputy
    works_on(town.deputy, "1")
    assert on_duty(town) == town.adviser, "nobody works today: as on any day"
    clock.move(hours=24)
    assert on_duty(town) == town.adviser


def test_who_handles_the_case_keeps_it_on_a_day_off(town: Place):
    works_on(town.deputy, "1345")
    assert on_duty(town, first=town.deputy) == town.deputy


def test_a_day_off_weighs_less_than_being_away_or_a_last_day(town: Place):
    works_on(town.deputy, "1345")
    span = {"starts_at": clock.now() - timedelta(days=1), "ends_at": clock.now() + timedelta(days=1)}
    plan_absence(user=town.adviser, organisation=town.organisation, by=town.adviser, now=clock.now(), **span)
    assert on_duty(town) == town.deputy
    third = make_user("Derde Adviseur")
    town.join(third, Role.ADVISER)
    assert on_duty(town) == third
    Membership.objects.filter(user=third).update(ends_on=TUESDAY)
    assert on_duty(town) == town.deputy
