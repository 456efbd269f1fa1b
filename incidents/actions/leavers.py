"""Nobody keeps work without the role for it, and no work waits for nobody: it goes to who is on duty."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from incidents.actions.assignment import give_case, give_task, owners_of
from incidents.actions.duty import on_duty
from incidents.actions.reminders.planning import move_notices
from incidents.actions.tasks import DECIDED_ELSEWHERE
from incidents.actions.together import hold_cases
from incidents.models import Exclusion, Incident, Task
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
    return sum(_give_to_who_is_on_duty(pk, _tasks_left(now), _cases_left(now), now) for pk in sorted(touched)[:BATCH])


def give_out_ownerless(*, now: datetime) -> int:
    """Give open tasks and cases that wait for nobody to who is on duty, as soon as anyone is; gives how many.

    They lost their owner when nobody else was there: each case has an adviser when it comes in. One query when there is
    nothing to give, or nobody to give it to.
    """
    without = Q(adviser=None) | Exists(_tasks_of_nobody().filter(incident=OuterRef("pk")))
    found = Incident.objects.unfinished().filter(without, _someone_is_there(now))
    waiting = list(found.order_by("pk").values_list("pk", flat=True)[:BATCH])
    cases = Incident.objects.unfinished().filter(adviser=None)
    return sum(_give_to_who_is_on_duty(pk, _tasks_of_nobody(), cases, now) for pk in waiting)


def _give_to_who_is_on_duty(pk: UUID, which: QuerySet[Task], cases: QuerySet[Incident], now: datetime) -> int:
    """Of one case: those of these tasks that are its own, and the case if it is one of these."""
    with transaction.atomic():
        held = hold_cases({pk})
        rows = which.filter(incident__in=held).order_by("pk")
        tasks = list(rows.select_for_update(of=("self",), no_key=True))
        is_left = cases.filter(pk__in=held).exists()
        former = owners_of(tasks)
        for case in held.values():
            owner = on_duty(case, now)
            if is_left:
                give_case(case, owner, None, now)
            for task in tasks:
                task.incident = case
                give_task(task, owner, None, now)
        move_notices(tasks=tasks, former=former, by=None, now=now)
    return len(tasks) + is_left


def _tasks_left(now: datetime) -> QuerySet[Task]:
    left = Task.objects.unfinished().filter(~_still_may(Right.BE_GIVEN_TASKS, "assignee", now), assignee__isnull=False)
    waiting: QuerySet[Task] = left.exclude(kind__in=DECIDED_ELSEWHERE)
    return waiting


def _cases_left(now: datetime) -> QuerySet[Incident]:
    left = Incident.objects.unfinished().filter(~_still_may(Right.WORK_CASES, "adviser", now), adviser__isnull=False)
    cases: QuerySet[Incident] = left
    return cases


def _tasks_of_nobody() -> QuerySet[Task]:
    waiting: QuerySet[Task] = Task.objects.unfinished().filter(assignee=None).exclude(kind__in=DECIDED_ELSEWHERE)
    return waiting


def _someone_is_there(now: datetime) -> Exists:
    """Whether somebody at the desk of the case's organisation is not kept out of it."""
    kept_out = Exclusion.objects.filter(incident=OuterRef(OuterRef("pk")), user=OuterRef("user"))
    desk = memberships_at(now).filter(organisation=OuterRef("organisation"), role__in=(Role.ADVISER, Role.DEPUTY))
    return Exists(desk.exclude(Exists(kept_out)))


def _still_may(right: Right, person: str, now: datetime) -> Exists:
    """Whether a role that holds now gives this person the right in the organisation of the row."""
    roles = [role for role in Role if right in RIGHTS[role]]
    here = memberships_at(now).filter(organisation=OuterRef("organisation"), role__in=roles)
    return Exists(here.filter(user=OuterRef(person)))
