"""Being away: planned once for each time, in all organisations or in none, and nothing that was typed is lost."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.world import Place
from vpdportal.accounts.models import Absence
from vpdportal.accounts.roles import Role
from vpdportal.audit.models import AuditEvent

WEEK = {"first_day": "2026-12-07", "back_on": "2026-12-14"}


@pytest.fixture
def desk(town: Place, as_user: Any) -> Client:
    client: Client = as_user(town.adviser)
    client.cookies["vpd_language"] = "en"
    return client


def plan(client: Client, first_day: str, back_on: str) -> Any:
    return client.post(reverse("absence"), {"first_day": first_day, "back_on": back_on})


@pytest.mark.parametrize(
    ("first_day", "back_on", "is_planned"),
    [
        ("2026-12-07", "2026-12-14", False),
        ("2026-12-01", "2026-12-31", False),
        ("2026-12-09", "2026-12-10", False),
        ("2026-12-13", "2026-12-20", False),
        ("2026-12-14", "2026-12-20", True),
        ("2026-12-01", "2026-12-07", True),
    ],
)
def test_no_two_absences_in_the_same_time(town: Place, desk: Client, first_day: str, back_on: str, is_planned: bool):
    assert plan(desk, **WEEK).status_code == 302
    response = plan(desk, first_day, back_on)
    assert response.status_code == (302 if is_planned else 409)
    assert Absence.objects.count() == 1 + is_planned
    assert AuditEvent.objects.filter(action="absence.planned").count() == 1 + is_planned
    if not is_planned:
        page = response.content.decode()
        assert "from 7 December 2026 until 14 December 2026 is planned already. Cancel that one first" in page
        assert f'value="{first_day}"' in page and f'value="{back_on}"' in page, "what was typed stays"


def test_an_absence_of_someone_else_or_elsewhere_is_in_no_one_s_way(
    town: Place, other_town: Place, desk: Client, as_user: Any
):
    for person in (town.deputy, other_town.adviser):
        assert plan(as_user(person), **WEEK).status_code == 302
    assert plan(desk, **WEEK).status_code == 302


def test_it_is_planned_everywhere_or_nowhere(town: Place, other_town: Place, desk: Client):
    assert plan(desk, **WEEK).status_code == 302
    other_town.join(town.adviser, Role.DEPUTY)
    assert plan(desk, **WEEK).status_code == 409
    assert Absence.objects.get().organisation == town.organisation
    desk.post(reverse("absence_cancel", args=[Absence.objects.get().pk]))
    assert plan(desk, **WEEK).status_code == 302
    assert set(Absence.objects.values_list("organisation__slug", flat=True)) == {
        town.organisation.slug,
        other_town.organisation.slug,
    }


@pytest.mark.parametrize("role", ["manager", "support", "legal", "management"])
def test_who_is_given_tasks_or_signs_can_be_away_too(town: Place, other_town: Place, as_user: Any, role: str):
    person = town.people[role]
    other_town.join(person, Role.EMPLOYEE)
    client = as_user(person)
    client.cookies["vpd_language"] = "en"
    page = client.get(reverse("absence")).content.decode()
    assert "your reminders go to who is on duty at the desk" in page and "Hand over everything" not in page
    assert plan(client, **WEEK).status_code == 302
    assert [planned.organisation for planned in Absence.objects.all()] == [town.organisation], "no tasks as an employee"
    client.post(reverse("absence_cancel", args=[Absence.objects.get().pk]))
    assert not Absence.objects.exists()


@pytest.mark.parametrize("role", ["employee", "administrator", "auditor", "analyst"])
def test_who_has_no_tasks_needs_no_absence(town: Place, as_user: Any, role: str):
    client = as_user(town.people[role])
    assert client.get(reverse("absence")).status_code == 403
    assert plan(client, **WEEK).status_code == 403 and not Absence.objects.exists()


def test_no_one_cancels_the_absence_of_another(town: Place, desk: Client, as_user: Any):
    plan(desk, **WEEK)
    address = reverse("absence_cancel", args=[Absence.objects.get().pk])
    assert as_user(town.deputy).post(address).status_code == 404
    assert as_user(town.employee).post(address).status_code == 403
    assert desk.post(address).status_code == 302 and not Absence.objects.exists()


def test_what_cannot_be_read_is_a_400_with_what_was_typed(town: Place, desk: Client):
    response = plan(desk, "2026-12-14", "2026-12-07")
    assert response.status_code == 400 and 'value="2026-12-14"' in response.content.decode()
    assert desk.post(reverse("absence")).status_code == 400


def test_one_that_was_cancelled_meanwhile_is_said(town: Place, other_town: Place, desk: Client, as_user: Any):
    plan(desk, **WEEK)
    away = Absence.objects.get()
    back = reverse("administration_person_back", args=[town.organisation.slug, town.adviser.pk, away.pk])
    assert as_user(town.deputy).post(reverse("absence_cancel", args=[away.pk])).status_code == 404, "of someone else"
    assert as_user(town.administrator).post(back).status_code == 302
    page = desk.post(reverse("absence_cancel", args=[away.pk]), follow=True).content.decode()
    assert "This absence was cancelled already." in page
    assert as_user(town.administrator).post(back).status_code == 302
    assert AuditEvent.objects.filter(action="absence.cancelled").count() == 1
