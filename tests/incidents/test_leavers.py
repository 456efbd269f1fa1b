"""Someone leaves: nothing new comes to them on the last day, and the day after nothing waits for them any more."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from incidents.actions import leavers
from incidents.actions.assignment import CannotHandle, assign_case
from incidents.actions.exclusions import keep_out
from incidents.actions.handing_over import hand_over_all
from incidents.actions.leavers import give_back_of_leavers
from incidents.actions.own_tasks import WantedTask, add_own_task
from incidents.actions.refusals import CannotBeGiven
from incidents.actions.reminders.sweep import sweep
from incidents.actions.tasks import hand_over_task
from incidents.models import Incident, News, Notice, Task, TimelineEntry
from incidents.tasks import tidy
from tests import clock
from tests.world import Place, make_incident, make_user, open_task
from vpdportal.accounts.actions import plan_absence
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Role
from vpdportal.audit.models import AuditEvent


def today() -> date:
    return timezone.localdate(clock.now())


def last_day_of(town: Place, person: User, day: date | None = None) -> None:
    """The last day of all roles of this person: today, unless told otherwise."""
    town.organisation.memberships.filter(user=person).update(ends_on=day or today())
    person.__dict__.pop("_standing", None)


def away(town: Place, person: User) -> None:
    span = {"starts_at": clock.now() - timedelta(days=1), "ends_at": clock.now() + timedelta(days=5)}
    plan_absence(user=person, organisation=town.organisation, by=person, now=clock.now(), **span)


def open_of(person: User | None, *cases: Incident) -> list[Task]:
    return list(Task.objects.filter(assignee=person, status="open", incident__in=cases).order_by("pk"))


# --- the last day -----------------------------------------------------------------------------------------------------


def test_a_report_of_someone_s_last_day_goes_to_who_stays(town: Place):
    before = make_incident(town)
    last_day_of(town, town.adviser)
    incident = make_incident(town)
    assert open_of(town.adviser, before) and not open_of(town.adviser, incident)
    assert incident.adviser == town.deputy and open_of(town.deputy, incident)


def test_who_leaves_today_gets_it_only_when_nobody_else_is_there(town: Place):
    last_day_of(town, town.adviser)
    away(town, town.deputy)
    assert make_incident(town).adviser == town.adviser, "today someone who is there can act"
    away(town, town.adviser)
    assert make_incident(town).adviser == town.deputy, "both are away: who comes back"
    last_day_of(town, town.deputy, today() - timedelta(days=1))
    assert make_incident(town).adviser == town.adviser


def test_another_role_that_goes_on_keeps_someone_on_duty(town: Place):
    last_day_of(town, town.deputy)
    last_day_of(town, town.adviser)
    town.join(town.adviser, Role.DEPUTY)
    assert make_incident(town).adviser == town.adviser


@pytest.mark.parametrize("leaves", [True, False])
def test_nothing_is_given_to_who_leaves_today(town: Place, leaves: bool):
    incident = make_incident(town)
    if leaves:
        last_day_of(town, town.deputy)
    by, to, now = town.adviser, town.deputy, clock.now()
    wanted = WantedTask(words="Bel even", assignee=to, due_at=now + timedelta(days=1))

    def is_refused(error: type[Exception], act: Any) -> bool:
        try:
            act()
        except error:
            return True
        return False

    assert leaves == is_refused(CannotBeGiven, lambda: add_own_task(incident=incident, wanted=wanted, by=by, now=now))
    task = open_task(incident, "N02")
    assert leaves == is_refused(CannotBeGiven, lambda: hand_over_task(task=task, to=to, by=by, now=now))
    assert leaves == is_refused(
        CannotHandle, lambda: assign_case(incident=incident, to=to, moves_tasks=True, by=by, now=now)
    )
    everything = {"person": by, "organisation": town.organisation, "to": to, "by": by, "now": now}
    assert leaves == is_refused(CannotBeGiven, lambda: hand_over_all(**everything))
    assert bool(open_of(to, incident)) is not leaves


@pytest.mark.parametrize("leaves", [True, False])
def test_who_leaves_today_stands_in_no_list_of_who_can_get_it(town: Place, as_user: Any, leaves: bool):
    incident = make_incident(town)
    task = open_task(incident, "N02")
    if leaves:
        last_day_of(town, town.deputy)
    client = as_user(town.adviser)
    for address in (
        reverse("hand_over_all"),
        reverse("case_assign", args=[incident.pk]),
        reverse("task_add", args=[incident.pk]),
        reverse("task", args=[task.pk]),
        reverse("care_plan", args=[task.pk]),
    ):
        page = client.get(address).content.decode()
        assert (f'value="{town.deputy.pk}"' in page) is not leaves, address


# --- the day after ----------------------------------------------------------------------------------------------------


def test_what_a_leaver_had_goes_to_who_is_on_duty(town: Place, other_town: Place):
    cases = [make_incident(town) for _number in range(2)]
    elsewhere = make_incident(other_town)
    theirs, kept = open_task(cases[0], "N02"), open_task(cases[1], "N02")
    Task.objects.filter(pk=kept.pk).update(assignee=town.support)
    number = len(open_of(town.adviser, *cases))
    sweep(now=clock.now())
    last_day_of(town, town.adviser)
    clock.move(hours=12)
    assert give_back_of_leavers(now=clock.now()) == 0, "the role holds until midnight"
    clock.move(hours=12)
    mail.outbox.clear()
    tidy()
    assert not open_of(town.adviser, *cases) and len(open_of(town.deputy, *cases)) == number
    assert open_of(town.support, *cases) == [kept] and open_of(other_town.adviser, elsewhere)
    assert set(Incident.objects.filter(organisation=town.organisation).values_list("adviser", flat=True)) == {
        town.deputy.pk
    }
    assert set(
        Notice.objects.filter(task=theirs, mail=None, cancelled_at=None)
        .exclude(step="handed_over")
        .values_list("recipient", flat=True)
    ) == {town.deputy.pk}
    entries = TimelineEntry.objects.filter(by=None, incident__in=cases)
    assert entries.filter(kind="assigned").count() == 2 and entries.filter(kind="task_handed_over").count() == number
    assert AuditEvent.objects.filter(action="incident.assigned", actor_id=None).count() == 2
    sweep(now=clock.now())
    assert {message.to[0] for message in mail.outbox} == {town.deputy.email, other_town.adviser.email}
    trail = AuditEvent.objects.count(), TimelineEntry.objects.count(), Notice.objects.count()
    assert give_back_of_leavers(now=clock.now()) == 0, "a second run changes nothing"
    assert trail == (AuditEvent.objects.count(), TimelineEntry.objects.count(), Notice.objects.count())


def test_someone_who_may_not_sign_in_any_more_keeps_nothing(town: Place):
    incident = make_incident(town)
    User.objects.filter(pk=town.adviser.pk).update(is_active=False)
    assert give_back_of_leavers(now=clock.now())
    assert not open_of(town.adviser, incident) and open_of(town.deputy, incident)


def test_only_what_the_roles_that_are_left_do_not_allow_goes_back(town: Place):
    incident = make_incident(town)
    last_day_of(town, town.adviser, today() - timedelta(days=1))
    town.join(town.adviser, Role.SUPPORT)
    there = open_of(town.adviser, incident)
    assert give_back_of_leavers(now=clock.now()) == 1, "the case: the support team handles none"
    assert open_of(town.adviser, incident) == there
    assert Incident.objects.get(pk=incident.pk).adviser == town.deputy


def test_who_is_kept_out_gets_nothing_of_a_leaver(town: Place):
    incident = make_incident(town)
    keep_out(incident=incident, person=town.deputy, by=town.employee, now=clock.now())
    last_day_of(town, town.adviser, today() - timedelta(days=1))
    third = make_user("Derde Adviseur")
    town.join(third, Role.DEPUTY)
    town.organisation.memberships.filter(user=third).update(starts_on=today())  # after the deputy who is kept out
    assert give_back_of_leavers(now=clock.now())
    assert open_of(third, incident) and not open_of(town.deputy, incident)
    assert Incident.objects.get(pk=incident.pk).adviser == third


def test_with_nobody_on_duty_it_waits_without_an_owner(town: Place, as_user: Any):
    incident = make_incident(town)
    number = len(open_of(town.adviser, incident))
    for person in (town.adviser, town.deputy):
        last_day_of(town, person, today() - timedelta(days=1))
    give_back_of_leavers(now=clock.now())
    assert len(open_of(None, incident)) == number and Incident.objects.get(pk=incident.pk).adviser is None
    assert give_back_of_leavers(now=clock.now()) == 0
    late = make_user("Nieuwe Adviseur")
    town.join(late, Role.ADVISER)
    client = as_user(late)
    client.cookies["vpd_language"] = "en"
    page = client.get(reverse("work_list"), {"tab": "all"}).content.decode()
    assert page.count("nobody yet") >= number


@pytest.mark.parametrize("kind", ["sign", "second_look"])
def test_what_is_to_be_signed_stays_and_who_is_on_duty_hears_of_it(town: Place, kind: str):
    incident = make_incident(town)
    task = open_task(incident, "R01")
    Task.objects.exclude(pk=task.pk).delete()
    News.objects.all().delete()
    Task.objects.filter(pk=task.pk).update(kind=kind, code="", measure=None, assignee=town.management)
    Notice.objects.update(recipient=town.management)
    last_day_of(town, town.management, today() - timedelta(days=1))
    assert give_back_of_leavers(now=clock.now()) == 0
    sweep(now=clock.now())
    assert open_of(town.management, incident) == [task]
    assert [message.to for message in mail.outbox] == [[town.adviser.email]]


def test_a_closed_case_keeps_who_handled_it(town: Place):
    incident = make_incident(town)
    Task.objects.all().delete()
    Incident.objects.filter(pk=incident.pk).update(status="closed", closed_at=clock.now(), closed_by=town.adviser)
    last_day_of(town, town.adviser, today() - timedelta(days=1))
    assert give_back_of_leavers(now=clock.now()) == 0
    assert Incident.objects.get(pk=incident.pk).adviser == town.adviser


def test_what_is_more_than_one_run_takes_goes_on_in_the_next(town: Place, monkeypatch: Any):
    cases = [make_incident(town) for _number in range(3)]
    last_day_of(town, town.adviser, today() - timedelta(days=1))
    monkeypatch.setattr(leavers, "BATCH", 2)
    assert give_back_of_leavers(now=clock.now())
    left = {task.incident_id for task in open_of(town.adviser, *cases)}
    assert len(left) == 1
    assert give_back_of_leavers(now=clock.now())
    assert not open_of(town.adviser, *cases)
