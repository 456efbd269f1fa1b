"""Who handles a case: new tasks of it go to that person, and the reporter reads the name."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from incidents.actions.duty import kept_out
from incidents.actions.notices import plan_notices
from incidents.actions.refusals import CaseClosed, Refused
from incidents.actions.tasks import DECIDED_ELSEWHERE
from incidents.actions.together import hold_cases
from incidents.actions.trail import note_in_trail
from incidents.models import Incident, Notice, Task
from incidents.vocabulary import TimelineKind
from vpdportal.accounts.access import staying
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Right


class CannotHandle(Refused):
    message = _("This person cannot handle this case. Choose a VPD adviser or a deputy who may see it.")


def assign_case(*, incident: Incident, to: User, moves_tasks: bool, by: User, now: datetime) -> int:
    """Let someone else handle the case; with `moves_tasks` the open tasks of who handled it move along.

    Gives how many tasks moved. The same person again changes nothing but the tasks. Raises CannotHandle, CaseClosed.
    """
    with transaction.atomic():
        incident = hold_cases({incident.pk})[incident.pk]
        if incident.is_closed:
            raise CaseClosed
        if not staying(to, now).may(Right.WORK_CASES, incident.organisation_id) or to.pk in kept_out(incident):
            raise CannotHandle
        before = incident.adviser_id
        if before != to.pk:
            give_case(incident, to, by, now)
        if not moves_tasks or before in {None, to.pk}:
            return 0
        rows = Task.objects.unfinished().filter(incident=incident, assignee=before).exclude(kind__in=DECIDED_ELSEWHERE)
        tasks = list(rows.order_by("pk").select_for_update(of=("self",), no_key=True))
        for task in tasks:
            task.incident = incident
            give_task(task, to, by, now)
        stop_and_plan(tasks, now)
    return len(tasks)


def give_case(case: Incident, to: User | None, by: User | None, now: datetime) -> None:
    """Write who handles a case whose row the caller holds. `by` is None where the portal does it by itself."""
    case.adviser = to
    case.save(update_fields=["adviser"])
    fields = [str(to.pk)] if to else [""]
    note_in_trail(incident=case, kind=TimelineKind.ASSIGNED, by=by, now=now, fields=fields)


def give_task(task: Task, to: User | None, by: User | None, now: datetime) -> None:
    """Write the new owner of a task whose row and case the caller holds. Its notices: `stop_and_plan`.

    `by` is None where the portal does it by itself.
    """
    task.assignee, task.assigned_at = to, now
    task.save(update_fields=["assignee", "assigned_at"])
    kind = TimelineKind.TASK_HANDED_OVER
    note_in_trail(incident=task.incident, kind=kind, by=by, now=now, code=task.code, step=task.step)


def stop_and_plan(tasks: list[Task], now: datetime) -> None:
    """What has not gone out to the owners before is stopped, and the owners now hear of their tasks."""
    Notice.objects.filter(task__in=tasks, mail=None, cancelled_at=None).update(cancelled_at=now)
    plan_notices(tasks=tasks, now=now)
