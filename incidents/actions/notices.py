"""Planning who hears of a task when. Planning again changes nothing: the rows are unique.

The steps are those of handbook 11.1: at assignment, at half of the term, 24 hours before, at the deadline (their
moments: guidance/reminders.py), daily after it to the owner, after three days to the deputy and the manager.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils import timezone

from guidance.cards import card_at
from guidance.reminders import MORNING, reminders_of
from incidents.actions.duty import kept_out_of
from incidents.models import Notice, Task
from incidents.vocabulary import NoticeStep
from vpdportal.accounts.access import memberships_at, people_with
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Role

ESCALATE_AFTER = timedelta(days=3)
BATCH = 500


def plan_notices(*, tasks: Iterable[Task], now: datetime) -> None:
    """Write the notices of new or handed-over tasks. Tasks without an owner get theirs when they get one."""
    rows = [notice for task in tasks if task.assignee_id for notice in _notices_of(task, now)]
    # Who gives a task away and gets it back has stopped notices of it; in their way the new ones would be no new rows.
    stopped = Notice.objects.filter(task__in={row.task_id for row in rows}, mail=None, cancelled_at__isnull=False)
    stopped.delete()
    Notice.objects.bulk_create(rows, ignore_conflicts=True)


def replan_notices(*, task: Task, now: datetime) -> None:
    """The task has another deadline: what has not gone out yet is planned anew.

    That the task is new is said once: not again, but also not lost when it has not gone out yet.
    """
    task.notices.filter(mail__isnull=True).exclude(step=NoticeStep.ASSIGNED).delete()
    if task.assignee_id:
        rows = [notice for notice in _notices_of(task, now) if notice.step != NoticeStep.ASSIGNED]
        Notice.objects.bulk_create(rows, ignore_conflicts=True)


def cancel_notices(*, task: Task, now: datetime) -> None:
    """Stop what has not gone out yet: the task is finished or belongs to someone else."""
    task.notices.filter(mail__isnull=True, cancelled_at__isnull=True).update(cancelled_at=now)


def plan_overdue(*, now: datetime) -> int:
    """Write today's notices for tasks past their deadline; gives the number of tasks looked at.

    Only today's: after a stop of some days each owner hears once, not once for every day missed.
    """
    local = timezone.localtime(now)
    if local.time() < MORNING:
        return 0
    today = local.date()
    told_today = Notice.objects.filter(task=OuterRef("pk"), step=NoticeStep.OVERDUE, day=today)
    late = (
        Task.objects.overdue(now)
        .filter(due_at__lt=_at(today, MORNING), assignee__isnull=False)
        .filter(~Exists(told_today))
        .select_related("incident")[:BATCH]
    )
    rows: list[Notice] = []
    tasks = list(late)
    kept_out = kept_out_of({task.incident_id for task in tasks})
    for task in tasks:
        rows.append(_notice(task, NoticeStep.OVERDUE, now, task.assignee_id))
        if task.due_at and now - task.due_at >= ESCALATE_AFTER:
            rows += _escalations(task, now, kept_out[task.incident_id])
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    return len(tasks)


def _notices_of(task: Task, now: datetime) -> Iterator[Notice]:
    yield _notice(task, NoticeStep.ASSIGNED, now, task.assignee_id)
    # The calendar is that of the card which set the term; published cards are kept, so this asks no query a task.
    card = card_at(task.organisation_id, task.menu_version)
    moments = reminders_of(now, task.due_at, card.changes.closed_day)
    for step, moment in (
        (NoticeStep.HALFWAY, moments.halfway),
        (NoticeStep.DAY_BEFORE, moments.day_before),
        (NoticeStep.DEADLINE, moments.deadline),
    ):
        if moment:
            yield _notice(task, step, moment, task.assignee_id)


def _escalations(task: Task, now: datetime, without: set[UUID]) -> Iterator[Notice]:
    """To the deputies, and to the department's manager where the reporter lets the manager see the report.

    Never to who is kept out of the case (`without`). One each: the day is that of the third day after the deadline,
    so that it is not repeated daily.
    """
    assert task.due_at is not None
    moment = task.due_at + ESCALATE_AFTER
    people: list[User] = people_with(Role.DEPUTY, task.organisation_id, now)
    if task.incident.may_manager_see:
        managers = memberships_at(now).filter(role=Role.MANAGER, department=task.incident.department_id)
        people += [membership.user for membership in managers.select_related("user")]
    for person in people:
        if person.pk != task.assignee_id and person.pk not in without:
            yield _notice(task, NoticeStep.ESCALATED, moment, person.pk)


def _notice(task: Task, step: NoticeStep, due_at: datetime, recipient_id: UUID | None) -> Notice:
    assert recipient_id is not None
    return Notice(
        organisation_id=task.organisation_id,
        task=task,
        step=step,
        day=timezone.localdate(due_at),
        recipient_id=recipient_id,
        due_at=due_at,
    )


def _at(day: date, hour: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, hour))
