"""Nobody keeps work without the role for it: what waits for someone who left goes to who is on duty."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from incidents.actions.assignment import give_case, give_task, stop_and_plan
from incidents.actions.duty import on_duty
from incidents.actions.tasks import DECIDED_ELSEWHERE
from incidents.actions.together import hold_cases
from incidents.models import Incident, Task
from vpdportal.accounts.access import memberships_at
from vpdportal.accounts.roles import RIGHTS, Right, Role

BATCH = 200  # cases a run; the next run goes on


def give_back_of_leavers(*, now: datetime) -> int:
    """Give the open tasks and cases of people without a role for them to who is on duty; gives how many there were.

    A role that ended, whatever happened around it: with a last day that was set long ago, for someone who may not sign
    in any more, or a task given in the moment in which the role ended. Nobody did it, so nobody is named. Each case is
    a transaction of its own. When nobody is on duty it waits without an owner, and the overview of tasks says so.
    What is to be signed stays: the reminders go to who is on duty, who takes the measure back.
    """
    touched = {
        *_cases_left(now).order_by("pk").values_list("pk", flat=True)[:BATCH],
        *_tasks_left(now).order_by("incident_id").values_list("incident_id", flat=True).distinct()[:BATCH],
    }
    return sum(_give_back(pk, now) for pk in sorted(touched)[:BATCH])


def _give_back(pk: UUID, now: datetime) -> int:
    with transaction.atomic():
        held = hold_cases({pk})
        tasks = list(
            _tasks_left(now).filter(incident__in=held).order_by("pk").select_for_update(of=("self",), no_key=True)
        )
        is_left = _cases_left(now).filter(pk__in=held).exists()
        for case in held.values():
            owner = on_duty(case, now)
            if is_left:
                give_case(case, owner, None, now)
            for task in tasks:
                task.incident = case
                give_task(task, owner, None, now)
        stop_and_plan(tasks, now)
    return len(tasks) + is_left


def _tasks_left(now: datetime) -> QuerySet[Task]:
    left = Task.objects.unfinished().filter(~_still_may(Right.BE_GIVEN_TASKS, "assignee", now), assignee__isnull=False)
    waiting: QuerySet[Task] = left.exclude(kind__in=DECIDED_ELSEWHERE)
    return waiting


def _cases_left(now: datetime) -> QuerySet[Incident]:
    left = Incident.objects.unfinished().filter(~_still_may(Right.WORK_CASES, "adviser", now), adviser__isnull=False)
    cases: QuerySet[Incident] = left
    return cases


def _still_may(right: Right, person: str, now: datetime) -> Exists:
    """Whether a role that holds now gives this person the right in the organisation of the row."""
    roles = [role for role in Role if right in RIGHTS[role]]
    here = memberships_at(now).filter(organisation=OuterRef("organisation"), role__in=roles)
    return Exists(here.filter(user=OuterRef(person)))
