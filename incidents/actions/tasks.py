"""Finishing, declining and handing over a task. Each matches the open state in the database: two at once is one."""

from datetime import datetime

from django.db import transaction

from incidents.actions.advice import release_followers
from incidents.actions.duty import kept_out
from incidents.actions.exclusions import ManagerMustNotSee, managers_left_out
from incidents.actions.notices import cancel_notices, plan_notices
from incidents.actions.refusals import AlreadyFinished, CannotBeGiven, CaseClosed, ReasonNeeded
from incidents.actions.trail import note_in_trail
from incidents.models import Incident, Task
from incidents.vocabulary import CaseStatus, TaskStatus, TimelineKind
from vpdportal.accounts.access import standing
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Right


def finish_task(*, task: Task, by: User, now: datetime, remark: str = "") -> Task:
    """The task was done. What counts from it (a follow-up talk from the reception talk) gets its own task."""
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


def hand_over_task(*, task: Task, to: User, by: User, now: datetime) -> Task:
    """Give the task to someone else of the organisation, never to who is kept out of the case.

    Raises CannotBeGiven, ManagerMustNotSee, AlreadyFinished, CaseClosed.
    """
    with transaction.atomic():
        task = _locked(task)
        if not standing(to, now).may(Right.BE_GIVEN_TASKS, task.organisation_id) or to.pk in kept_out(task.incident):
            raise CannotBeGiven
        if to.pk in managers_left_out(task.incident, now):
            raise ManagerMustNotSee
        task.assignee, task.assigned_at = to, now
        task.save(update_fields=["assignee", "assigned_at"])
        cancel_notices(task=task, now=now)
        plan_notices(tasks=[task], now=now)
        _begin(task.incident)
        _note(task, TimelineKind.TASK_HANDED_OVER, by, now)
    return task


def _close(task: Task, status: TaskStatus, reason: str, by: User, now: datetime) -> Task:
    task = _locked(task)
    task.status, task.reason = status, reason.strip()
    task.finished_at, task.finished_by = now, by
    task.save(update_fields=["status", "reason", "finished_at", "finished_by"])
    cancel_notices(task=task, now=now)
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
    if incident.is_closed:
        raise CaseClosed
    return fresh


def _note(task: Task, kind: TimelineKind, by: User, now: datetime) -> None:
    note_in_trail(incident=task.incident, kind=kind, by=by, now=now, code=task.code, step=task.step)


def _begin(incident: Incident) -> None:
    if incident.status == CaseStatus.RECEIVED:
        Incident.objects.filter(pk=incident.pk, status=CaseStatus.RECEIVED).update(status=CaseStatus.IN_PROGRESS)
