"""Tasks that no menu asks for: what the desk finds needed in a case, and the lessons for prevention."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from incidents.actions.case import A_CLICK
from incidents.actions.refusals import CannotBeGiven, CaseClosed
from incidents.actions.restricting import refuse_to_stay
from incidents.actions.tasks import add_task, can_be_given
from incidents.actions.together import hold_cases
from incidents.models import Incident, Task
from incidents.vocabulary import CaseStatus, TaskKind, TimelineKind
from vpdportal.accounts.models import User


@dataclass(frozen=True)
class WantedTask:
    """What is to be done, by whom, before when."""

    words: str
    assignee: User
    due_at: datetime


def add_own_task(*, incident: Incident, wanted: WantedTask, by: User, now: datetime) -> Task:
    """Ask something of one person in a case that is open; what was asked a moment ago is that task.

    Raises CaseClosed, StaysShut, CannotBeGiven.
    """
    with transaction.atomic():
        incident = hold_cases({incident.pk})[incident.pk]
        if incident.is_closed:
            raise CaseClosed
        refuse_to_stay(incident=incident, by=by, now=now)
        if given := given_just_now(incident, wanted, TaskKind.OWN, by, now):
            return given
        if incident.status == CaseStatus.RECEIVED:
            incident.status = CaseStatus.IN_PROGRESS
            incident.save(update_fields=["status"])
        return give_out(incident, [wanted], TaskKind.OWN, by, now)[0]


def given_just_now(incident: Incident, wanted: WantedTask, kind: TaskKind, by: User, now: datetime) -> Task | None:
    """The same task, if this person gave it a moment ago. Who gave a task stands in the timeline, at that moment."""
    gave = incident.timeline.filter(kind=TimelineKind.TASK_ADDED, by=by, at__gt=now - A_CLICK).values("at")
    alike = Task.objects.filter(
        incident=incident, kind=kind, assignee=wanted.assignee, due_at=wanted.due_at, assigned_at__in=gave
    )
    return next((task for task in alike if task.words == wanted.words.strip()), None)


def give_out(incident: Incident, wanted: Iterable[WantedTask], kind: TaskKind, by: User, now: datetime) -> list[Task]:
    """Make tasks of what is wanted. In the caller's transaction, who holds the case. Raises CannotBeGiven."""
    tasks = []
    for one in wanted:
        if not can_be_given(incident, one.assignee, now):
            raise CannotBeGiven
        words = one.words.strip()
        tasks.append(
            add_task(
                incident=incident, kind=kind, assignee=one.assignee, due_at=one.due_at, words=words, by=by, now=now
            )
        )
    return tasks
