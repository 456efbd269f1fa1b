"""A task of its own for a moment of aftercare whose task has ended: nobody who asked for a talk waits without one."""

from datetime import datetime

from incidents.actions.care_moments import keep
from incidents.actions.duty import on_duty
from incidents.actions.tasks import add_task
from incidents.models import CareMoment, Incident
from incidents.vocabulary import CareStatus, TaskKind, TaskStatus
from vpdportal.accounts.models import User


def give_own_task(
    moment: CareMoment, *, assignee: User | None, due_at: datetime | None, by: User, now: datetime
) -> None:
    """A new task for this moment, not stored in its row yet. In the caller's transaction, which holds the case."""
    incident = moment.incident
    moment.task = add_task(
        incident=incident, kind=TaskKind.TALK, assignee=assignee, due_at=due_at, by=by, now=now, about=moment.pk
    )
    moment.task.incident = incident


def take_up_what_was_asked(incident: Incident, *, due_at: datetime | None, by: User, now: datetime) -> None:
    """Who is on duty gets each talk that was asked for while the case was closed. In the caller's transaction."""
    asked = incident.care.filter(status=CareStatus.MOVE_ASKED).exclude(task__status=TaskStatus.OPEN)
    for moment in asked.select_related("task"):
        moment.incident = incident
        give_own_task(moment, assignee=on_duty(incident, now), due_at=due_at, by=by, now=now)
        keep(moment)
