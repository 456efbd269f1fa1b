"""Planning who hears of a task: by the organisation's own calendar, and again when it comes back."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core import mail

from guidance.cards import card_for
from guidance.changes import Changes
from guidance.models import MenuCard
from guidance.vocabulary import ClosedDay
from incidents.actions.reminders.planning import plan_notices
from incidents.actions.reminders.sweep import sweep
from incidents.actions.tasks import hand_over_task
from incidents.models import Notice, Task
from tests import clock
from tests.world import Place, make_incident, open_task

MONDAY = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)  # 10:00 in Amsterdam, the day before 5 May


def choose(town: Place, day: ClosedDay) -> None:
    MenuCard.objects.create(
        organisation=town.organisation,
        number=1,
        published_at=clock.now(),
        published_by=town.administrator,
        changes=Changes(closed_day=day).to_data(),
    )


def planned(task: Task) -> dict[str, datetime]:
    rows = task.notices.filter(mail=None, cancelled_at=None, recipient=task.assignee)
    return dict(rows.values_list("step", "due_at"))


def test_a_day_that_the_organisation_is_closed_brings_the_reminder_forward(town: Place, other_town: Place):
    clock.set_to(MONDAY)
    choose(town, ClosedDay.ALWAYS)
    due_at = MONDAY + timedelta(hours=47)  # the day before is Tuesday 5 May
    moments = {}
    for place in (town, other_town):
        task = open_task(make_incident(place), "N02")
        task.notices.all().delete()
        task.due_at = due_at
        plan_notices(tasks=[task], now=clock.now())
        moments[place.organisation.name] = planned(task)["day_before"]
    at_two = datetime(2026, 5, 4, 14, 0, tzinfo=ZoneInfo("Europe/Amsterdam"))
    assert moments == {"Vlinderwaard": at_two, "Elders": due_at - timedelta(days=1)}


def test_planning_asks_the_same_however_many_tasks(town: Place, django_assert_num_queries: Any):
    choose(town, ClosedDay.ALWAYS)
    card_for(town.organisation)
    tasks = list(make_incident(town).tasks.all())
    for number in (1, 3):
        Notice.objects.all().delete()
        with django_assert_num_queries(6):
            plan_notices(tasks=tasks[:number], now=clock.now())
        assert Notice.objects.values("task").distinct().count() == number


def test_a_task_that_comes_back_reminds_its_first_owner_again(town: Place):
    task = open_task(make_incident(town), "N02")
    Task.objects.exclude(pk=task.pk).delete()
    sweep(now=clock.now())
    before = planned(task)
    assert set(before) == {"halfway", "day_before", "deadline"}
    for person in (town.support, town.adviser):
        task = hand_over_task(task=task, to=person, by=town.adviser, now=clock.now())
    assert planned(task) == before, "that it is new was said to this person already"
    assert not task.notices.filter(mail=None, cancelled_at=None, recipient=town.support).exists()
    mail.outbox.clear()
    while clock.now() < task.due_at:
        sweep(now=clock.move(hours=3))
    assert [message.to[0] for message in mail.outbox] == [town.adviser.email] * 3, "half, a day before, the end"
