"""Planning who hears of a task when. Planning again changes nothing: the rows are unique.

The steps are those of handbook 11.1: at assignment, at half of the term, 24 hours before, at the deadline (their
moments: guidance/reminders.py); what comes after the deadline is planned day by day (overdue.py). When a step may be
mailed: moments.py.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from guidance.reminders import reminders_of
from incidents.actions.reminders.moments import announced_at, is_urgent, reminded_at, urgent_at
from incidents.actions.reminders.offices import Offices
from incidents.models import Incident, Notice, Task
from incidents.vocabulary import NoticeStep
from vpdportal.accounts.models import Organisation, User

TOLD_AT_ONCE = (NoticeStep.ASSIGNED, NoticeStep.HANDED_OVER)
BEFORE_THE_END = (NoticeStep.HALFWAY, NoticeStep.DAY_BEFORE, NoticeStep.DEADLINE)


def plan_notices(*, tasks: Iterable[Task], now: datetime) -> None:
    """Write the notices of new or handed-over tasks. Tasks without an owner get theirs when they get one."""
    if owned := [task for task in tasks if task.assignee_id]:
        # Who gives a task away and gets it back stopped notices of it: in their way, new ones would be no new rows.
        Notice.objects.filter(task__in=owned, mail=None, cancelled_at__isnull=False).delete()
        _write_first(owned, Planner(owned, now))


def plan_first_notices(*, tasks: list[Task], severity: int, now: datetime) -> None:
    """As plan_notices, for the first tasks of a case being stored: `severity` is in hand, nothing is stopped."""
    if owned := [task for task in tasks if task.assignee_id]:
        _write_first(owned, Planner(owned, now, severity={task.incident_id: severity for task in owned}))


def _write_first(owned: list[Task], planner: "Planner") -> None:
    rows = [row for task in owned for row in planner.first_steps(task)]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)


def replan_notices(*, tasks: Iterable[Task], now: datetime) -> None:
    """The tasks have another deadline, severity or calendar: what has not gone out yet is planned anew.

    That a task is new is said once: not again, but also not lost, and sooner when it cannot wait any more.
    """
    owned = [task for task in tasks if task.assignee_id]
    if not owned:
        return
    planner = Planner(owned, now)
    unsent = Notice.objects.filter(task__in=owned, mail__isnull=True)
    unsent.filter(step__in=BEFORE_THE_END, due_at__gt=now).delete()  # what has come already is still to be said
    rows = [row for task in owned for row in planner.steps_to_come(task)]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    planner.hurry(unsent.filter(due_at__lte=now, cancelled_at__isnull=True), owned)


def move_notices(*, tasks: Iterable[Task], former: Mapping[UUID, UUID | None], by: User | None, now: datetime) -> None:
    """The tasks have another owner (or none): what waits for the former one stops, and both hear of it.

    `former`: who had each task. Who did it, or never heard of the task, need not be told that it is gone.
    """
    moved = list(tasks)
    waiting = Notice.objects.filter(task__in=moved, mail=None, cancelled_at=None)
    # Who had it before the former one and was not told yet that it is gone, still is.
    waiting.exclude(step=NoticeStep.HANDED_OVER).update(cancelled_at=now)
    plan_notices(tasks=moved, now=now)
    _say_again_today(moved, now)
    heard = set(Notice.objects.filter(task__in=moved, mail__isnull=False).values_list("task", "recipient"))
    told = [
        task
        for task in moved
        if (task.pk, former[task.pk]) in heard and former[task.pk] not in {task.assignee_id, by.pk if by else None}
    ]
    if told:
        planner = Planner(told, now, former.values())
        rows = [planner.notice(task, NoticeStep.HANDED_OVER, now, former[task.pk]) for task in told]
        Notice.objects.bulk_create(rows, ignore_conflicts=True)


def _say_again_today(tasks: list[Task], now: datetime) -> None:
    """Who gets a task back on the day on which it was told as new, and as gone, hears again that it is theirs."""
    by_pk = {task.pk: task for task in tasks}
    today = Notice.objects.filter(task__in=tasks, day=timezone.localdate(now), mail__isnull=False)
    gone = set(today.filter(step=NoticeStep.HANDED_OVER).values_list("task", "recipient"))
    again = [
        row
        for row in today.filter(step=NoticeStep.ASSIGNED)
        if row.recipient_id == by_pk[row.task_id].assignee_id and (row.task_id, row.recipient_id) in gone
    ]
    planner = Planner([by_pk[row.task_id] for row in again], now) if again else None
    for row in again:
        assert planner is not None
        fresh = planner.notice(by_pk[row.task_id], NoticeStep.ASSIGNED, now, row.recipient_id)
        row.mail, row.due_at, row.send_at = None, now, fresh.send_at
        row.save(update_fields=["mail", "due_at", "send_at"])


def tell_of_task_again(*, task: Task, now: datetime) -> None:
    """Let its owner hear of a task as if it were new: once a day, as a notice is unique by its day."""
    _tell_owner(task, NoticeStep.ASSIGNED, now)


def tell_that_it_ended(*, task: Task, now: datetime) -> None:
    """Let who had it hear that the task is gone, as someone else ended it: they would go on with it."""
    _tell_owner(task, NoticeStep.HANDED_OVER, now)


def _tell_owner(task: Task, step: NoticeStep, now: datetime) -> None:
    if task.assignee_id:
        row = Planner([task], now).notice(task, step, now, task.assignee_id)
        Notice.objects.bulk_create([row], ignore_conflicts=True)


def cancel_notices(*, task: Task, now: datetime) -> None:
    """Stop what has not gone out yet: the task is finished."""
    task.notices.filter(mail__isnull=True, cancelled_at__isnull=True).update(cancelled_at=now)


def replan_organisation(*, organisation: Organisation, now: datetime) -> int:
    """The organisation keeps other hours: plan the reminders of its open tasks anew. Gives how many tasks."""
    return _replan_open(Q(organisation=organisation), now)


def replan_person(*, person: User, now: datetime) -> int:
    """The person works on other days: plan the reminders of that person's open tasks anew. Gives how many tasks."""
    return _replan_open(Q(assignee=person), now)


def _replan_open(which: Q, now: datetime) -> int:
    # The rows are held so that nobody hands one of them over meanwhile.
    rows = Task.objects.unfinished().filter(which, assignee__isnull=False).order_by("pk")
    tasks = list(rows.select_for_update(of=("self",), no_key=True))
    replan_notices(tasks=tasks, now=now)
    return len(tasks)


class Planner:
    """Writes the rows of some tasks; reads once how severe their cases are and when their people work.

    `severity`: of the cases, by their id, where the caller holds them already.
    """

    def __init__(
        self,
        tasks: list[Task],
        now: datetime,
        people: Iterable[UUID | None] = (),
        severity: Mapping[UUID, int] | None = None,
    ) -> None:
        self.now = now
        self._severity = _severity_of(tasks) if severity is None else severity
        owners = {task.assignee_id for task in tasks} | set(people)
        self.offices = Offices({task.organisation_id for task in tasks}, [pk for pk in owners if pk])

    def first_steps(self, task: Task) -> Iterator[Notice]:
        yield self.notice(task, NoticeStep.ASSIGNED, self.now, task.assignee_id)
        yield from self._steps(task, self.now)

    def steps_to_come(self, task: Task) -> Iterator[Notice]:
        """Those of a term that runs already; what has passed is not said any more."""
        return (row for row in self._steps(task, min(task.assigned_at, self.now)) if row.due_at > self.now)

    def _steps(self, task: Task, given_at: datetime) -> Iterator[Notice]:
        office = self.offices.office_of(task.organisation_id, task.assignee_id)
        steps = self.offices.plan_of(task.organisation_id).steps
        moments = reminders_of(given_at, task.due_at, office, steps)
        for step, moment in zip(BEFORE_THE_END, (moments.halfway, moments.day_before, moments.deadline), strict=True):
            if moment:
                yield self.notice(task, step, moment, task.assignee_id)

    def notice(self, task: Task, step: NoticeStep, moment: datetime, recipient_id: UUID | None) -> Notice:
        assert recipient_id is not None
        return Notice(
            organisation_id=task.organisation_id,
            task=task,
            step=step,
            day=timezone.localdate(moment),
            recipient_id=recipient_id,
            due_at=moment,
            send_at=self._send_at(task, step, moment, recipient_id),
        )

    def hurry(self, rows: Iterable[Notice], tasks: list[Task]) -> None:
        """Let what was to wait for the mail of a day go sooner, now that it cannot wait any more."""
        by_pk = {task.pk: task for task in tasks}
        sooner = []
        for row in rows:
            moment = self._send_at(by_pk[row.task_id], NoticeStep(row.step), row.due_at, row.recipient_id)
            if moment < row.send_at:
                row.send_at = moment
                sooner.append(row)
        Notice.objects.bulk_update(sooner, ["send_at"])

    def _send_at(self, task: Task, step: NoticeStep, moment: datetime, recipient_id: UUID) -> datetime:
        office = self.offices.office_of(task.organisation_id, recipient_id)
        if is_urgent(severity=self._severity[task.incident_id], ends_at=task.due_at, moment=moment):
            return urgent_at(moment, task.due_at, office)
        if step in TOLD_AT_ONCE:
            return announced_at(moment, task.due_at, office)
        return reminded_at(moment, task.due_at, office, self.now)


def _severity_of(tasks: Iterable[Task]) -> dict[UUID, int]:
    """How severe the cases of these tasks are now, by their id."""
    cases = {task.incident_id for task in tasks}
    return dict(Incident.objects.filter(pk__in=cases).values_list("pk", "severity"))
