"""Who handles a case: new tasks of it go to that person, and the reporter reads the name."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from incidents.actions.care_moments import ask_anew
from incidents.actions.duty import kept_out
from incidents.actions.refusals import CaseClosed, Refused
from incidents.actions.reminders.planning import move_notices
from incidents.actions.restricting import refuse_to_stay
from incidents.actions.tasks import DECIDED_ELSEWHERE
from incidents.actions.together import hold_cases
from incidents.actions.trail import note_in_trail
from incidents.models import Incident, Task
from incidents.vocabulary import TimelineKind
from vpdportal.accounts.access import staying
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Right


class CannotHandle(Refused):
    message = _("This person cannot handle this case. Choose a VPD adviser or a deputy who may see it.")


class ChangedHands(Refused):
    message = _("This case changed hands while you looked at it. See who handles it now, and decide again.")


def handler_mark(incident: Incident) -> str:
    """Who handles the case, as a form carries it along."""
    return str(incident.adviser_id or "nobody")


def assign_case(*, incident: Incident, to: User, moves_tasks: bool, by: User, now: datetime, seen: str = "") -> int:
    """Let someone else handle the case; with `moves_tasks` the open tasks of who handled it move along.

    `seen`: `handler_mark` of the case as it was looked at. Gives how many tasks moved. The same person again changes
    nothing but the tasks. Raises CannotHandle, ChangedHands, StaysShut, CaseClosed.
    """
    with transaction.atomic():
        incident = hold_cases({incident.pk})[incident.pk]
        if incident.is_closed:
            raise CaseClosed
        if not staying(to, now).may(Right.WORK_CASES, incident.organisation_id) or to.pk in kept_out(incident):
            raise CannotHandle
        refuse_to_stay(incident=incident, by=by, now=now)
        before = incident.adviser_id
        if seen and before != to.pk and seen != handler_mark(incident):
            raise ChangedHands
        if before != to.pk:
            give_case(incident, to, by, now)
        if not moves_tasks or before in {None, to.pk}:
            return 0
        rows = Task.objects.unfinished().filter(incident=incident, assignee=before).exclude(kind__in=DECIDED_ELSEWHERE)
        tasks = list(rows.order_by("pk").select_for_update(of=("self",), no_key=True))
        former = owners_of(tasks)
        for task in tasks:
            task.incident = incident
            give_task(task, to, by, now)
        move_notices(tasks=tasks, former=former, by=by, now=now)
    return len(tasks)


def give_case(case: Incident, to: User | None, by: User | None, now: datetime) -> None:
    """Write who handles a case whose row the caller holds. `by` is None where the portal does it by itself."""
    case.adviser = to
    case.save(update_fields=["adviser"])
    fields = [str(to.pk)] if to else [""]
    note_in_trail(incident=case, kind=TimelineKind.ASSIGNED, by=by, now=now, fields=fields)


def give_task(task: Task, to: User | None, by: User | None, now: datetime) -> None:
    """Write the new owner of a task whose row and case the caller holds. Its notices: `move_notices`.

    `by` is None where the portal does it by itself.
    """
    task.assignee, task.assigned_at = to, now
    task.save(update_fields=["assignee", "assigned_at"])
    ask_anew(task=task, by=by, now=now)
    kind = TimelineKind.TASK_HANDED_OVER
    note_in_trail(incident=task.incident, kind=kind, by=by, now=now, code=task.code, step=task.step)


def owners_of(tasks: Iterable[Task]) -> dict[UUID, UUID | None]:
    """Who has each of these tasks now, to be remembered before they are given to someone else."""
    return {task.pk: task.assignee_id for task in tasks}
