"""Adding, finishing, declining and handing over a task. Each matches the open state: two at once is one."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from incidents.actions.advice import release_followers
from incidents.actions.care_moments import ask_anew, end_care_of
from incidents.actions.done_checks import check_can_be_done
from incidents.actions.duty import kept_out
from incidents.actions.exclusions import ManagerMustNotSee, managers_left_out
from incidents.actions.refusals import AlreadyFinished, CannotBeGiven, CaseClosed, ReasonNeeded, Refused
from incidents.actions.reminders.planning import cancel_notices, move_notices, plan_notices
from incidents.actions.restricting import refuse_to_stay
from incidents.actions.trail import note_in_trail
from incidents.models import Incident, Task
from incidents.models.task import ENDING
from incidents.vocabulary import CaseStatus, TaskKind, TaskStatus, TimelineKind
from vpdportal.accounts.access import staying
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Right

# These end with what was decided on their own page; the proposal names who gets them.
DECIDED_ELSEWHERE = frozenset({TaskKind.SIGN, TaskKind.SECOND_LOOK})


# What is about prevention goes on when the case is closed: it does not stop the closing, and can be ended after it.
# [OWN] A case that stays open until a training was held would say that someone who was hit still waits for something.
RUNS_ON = frozenset({TaskKind.LESSON})


class HandedOverMeanwhile(Refused):
    """Who has it now would lose it, and nobody would know why."""

    message = _("Someone else handed this task over while you looked at it. See who has it now, then decide again.")


class DecidedElsewhere(Refused):
    message = _("Open the proposal: this task ends when you agree there or send it back.")


def add_task(
    *,
    incident: Incident,
    kind: TaskKind,
    assignee: User | None,
    due_at: datetime | None,
    by: User | None,
    now: datetime,
    words: str = "",
    about: UUID | None = None,
) -> Task:
    """A task that does not come from the menu, with its notices. `about`: the id of what it is about.

    In the caller's transaction, who holds the case. `by` is None where the portal does it by itself.
    """
    task = Task(
        organisation_id=incident.organisation_id,
        incident=incident,
        kind=kind,
        menu_version=incident.menu_version,
        about=about,
        assignee=assignee,
        assigned_at=now,
        due_at=due_at,
    )
    task.words = words or None
    task.save()
    plan_notices(tasks=[task], now=now)
    note_in_trail(incident=incident, kind=TimelineKind.TASK_ADDED, by=by, now=now, fields=[kind])
    return task


def can_be_given(incident: Incident, person: User, now: datetime) -> bool:
    """Whether a task of this case can be for this person: by role, not kept out, and no manager who must not see it."""
    may = staying(person, now).may(Right.BE_GIVEN_TASKS, incident.organisation_id)
    return may and person.pk not in kept_out(incident) | managers_left_out(incident, now)


def end_task_about(
    *, incident: Incident, kind: TaskKind, about: UUID, by: User, now: datetime, status: TaskStatus = TaskStatus.DONE
) -> None:
    """End the open tasks of one kind about one thing: what they ask was decided. In the caller's transaction."""
    rows = Task.objects.unfinished().filter(incident=incident, kind=kind, about=about)
    for task in rows.order_by("pk").select_for_update(of=("self",), no_key=True):
        task.incident = incident
        _end(task, status, "", by, now)
        _note(task, TimelineKind.TASK_DONE if status == TaskStatus.DONE else TimelineKind.TASK_DECLINED, by, now)


def finish_task(*, task: Task, by: User, now: datetime, remark: str = "") -> Task:
    """The task was done. What counts from it (a follow-up talk from the reception talk) gets its own task.

    Raises PlannedForLater, NotEveryoneWasTold, DecidedElsewhere, AlreadyFinished, CaseClosed.
    """
    with transaction.atomic():
        task = _close(task, TaskStatus.DONE, remark, by, now)
        _note(task, TimelineKind.TASK_DONE, by, now)
        release_followers(incident=task.incident, code=task.code, now=now, is_done=True)
    return task


def decline_task(*, task: Task, reason: str, by: User, now: datetime) -> Task:
    """The task will not be done, and why. Raises ReasonNeeded without a reason."""
    if not reason.strip():
        raise ReasonNeeded
    with transaction.atomic():
        task = _close(task, TaskStatus.DECLINED, reason, by, now)
        _note(task, TimelineKind.TASK_DECLINED, by, now)
    return task


def owner_mark(task: Task) -> str:
    """Whose the task is, as a page carries it."""
    return str(task.assignee_id or "nobody")


def hand_over_task(*, task: Task, to: User, by: User, now: datetime, seen: str = "", asks_anew: bool = True) -> Task:
    """Give the task to someone else of the organisation, never to who is kept out of the case.

    `seen`: `owner_mark` of the task as it was on the screen. `asks_anew`: not where the talk is planned anew anyway.
    Raises HandedOverMeanwhile, CannotBeGiven, ManagerMustNotSee, StaysShut, DecidedElsewhere, AlreadyFinished,
    CaseClosed.
    """
    with transaction.atomic():
        task = _locked(task)
        if task.kind in DECIDED_ELSEWHERE:
            raise DecidedElsewhere
        if seen and seen != owner_mark(task):
            raise HandedOverMeanwhile
        if not staying(to, now).may(Right.BE_GIVEN_TASKS, task.organisation_id) or to.pk in kept_out(task.incident):
            raise CannotBeGiven
        if to.pk in managers_left_out(task.incident, now):
            raise ManagerMustNotSee
        refuse_to_stay(incident=task.incident, by=by, now=now)
        former = {task.pk: task.assignee_id}
        task.assignee, task.assigned_at = to, now
        task.save(update_fields=["assignee", "assigned_at"])
        move_notices(tasks=[task], former=former, by=by, now=now)
        if asks_anew:
            ask_anew(task=task, by=by, now=now)
        _begin(task.incident)
        _note(task, TimelineKind.TASK_HANDED_OVER, by, now)
    return task


def _close(task: Task, status: TaskStatus, reason: str, by: User, now: datetime) -> Task:
    task = _locked(task)
    if task.kind in DECIDED_ELSEWHERE:
        raise DecidedElsewhere
    if status == TaskStatus.DONE:
        check_can_be_done(task, now)
    return _end(task, status, reason, by, now)


def _end(task: Task, status: TaskStatus, reason: str, by: User, now: datetime) -> Task:
    task.status, task.reason = status, reason.strip()
    task.finished_at, task.finished_by = now, by
    task.save(update_fields=ENDING)
    cancel_notices(task=task, now=now)
    end_care_of(task=task, by=by, now=now)
    _begin(task.incident)
    return task


def _locked(task: Task) -> Task:
    """The row as it is now, held for this transaction, its case first: nobody is kept out and nothing closes meanwhile.

    Raises AlreadyFinished or CaseClosed.
    """
    rows = Incident.objects.select_for_update(of=("self",), no_key=True).select_related("organisation", "department")
    incident: Incident = rows.get(pk=task.incident_id)
    fresh: Task = Task.objects.select_for_update(of=("self",), no_key=True).get(pk=task.pk)
    fresh.incident = incident
    if fresh.status != TaskStatus.OPEN:
        raise AlreadyFinished
    if incident.is_closed and fresh.kind not in RUNS_ON:
        raise CaseClosed
    return fresh


def _note(task: Task, kind: TimelineKind, by: User, now: datetime) -> None:
    note_in_trail(incident=task.incident, kind=kind, by=by, now=now, code=task.code, step=task.step)


def _begin(incident: Incident) -> None:
    if incident.status == CaseStatus.RECEIVED:
        Incident.objects.filter(pk=incident.pk, status=CaseStatus.RECEIVED).update(status=CaseStatus.IN_PROGRESS)
