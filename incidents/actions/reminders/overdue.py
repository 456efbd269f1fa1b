"""What comes after a deadline: each day to the owner, and after some days to the deputy and the manager, once."""

from collections.abc import Iterator
from datetime import date, datetime, time
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from guidance.office import at
from guidance.vocabulary import Severity
from incidents.actions.duty import out_of_sight_of
from incidents.actions.reminders.alarms import warn_responsible
from incidents.actions.reminders.offices import Offices
from incidents.actions.reminders.planning import Planner
from incidents.models import Notice, Task
from incidents.vocabulary import AlarmKind, NoticeStep
from vpdportal.accounts.access import memberships_at
from vpdportal.accounts.models import Organisation
from vpdportal.accounts.roles import Role

BATCH = 500  # tasks of which the reminders are written together
MANY = 10_000  # tasks that are found at a time
EACH_DAY_FROM = Severity.THREATENING  # of what is severe the owner hears on days off too [OWN]

_OF_TASK = (
    *("organisation", "assignee", "due_at"),
    *("incident__" + name for name in ("severity", "may_manager_see", "is_restricted", "department")),
)
HEARING = (Role.DEPUTY, Role.MANAGER, Role.ADVISER)


def plan_overdue(*, now: datetime) -> int:
    """Write today's notices for tasks past their deadline; gives the number of tasks.

    Only today's: after a stop of some days each owner hears once, not once for every day missed. From the hour of the
    mail of the day on, so that it goes with it.
    """
    today = timezone.localdate(now)
    late, planned = _late_since_this_morning(now, today), 0
    for ids in _batches(late):
        tasks = late.filter(pk__in=ids).select_related("incident").only(*_OF_TASK)
        planned += _plan(list(tasks), now, today)
    return planned


def _batches(late: QuerySet[Task]) -> Iterator[list[UUID]]:
    """Ids, few at a time. To find them all that is late is looked through: once for many, not for each batch."""
    rest = late.order_by("pk").values_list("pk", flat=True)
    found = list(rest[:MANY])
    while found:
        yield from (found[first : first + BATCH] for first in range(0, len(found), BATCH))
        found = list(rest.filter(pk__gt=found[-1])[:MANY]) if len(found) == MANY else []


def _late_since_this_morning(now: datetime, today: date) -> QuerySet[Task]:
    """The tasks that were late when the mail of today was made up, and of which nothing was said today."""
    ids = list(Organisation.objects.values_list("pk", flat=True))
    offices = Offices(ids, ())
    mornings: dict[tuple[time, bool], list[UUID]] = {}
    for pk in ids:
        office = offices.office_of(pk)
        mornings.setdefault((office.digest_at, office.is_working_day(today)), []).append(pk)
    which = Q(pk__in=[])
    for (hour, is_working_day), organisations in mornings.items():
        morning = at(today, hour)
        if morning <= now:
            found = Q(organisation__in=organisations, due_at__lt=morning)
            which |= found if is_working_day else found & Q(incident__severity__gte=EACH_DAY_FROM)
    told = Notice.objects.filter(
        task=OuterRef("pk"), step=NoticeStep.OVERDUE, day=today, recipient=OuterRef("assignee")
    )
    late: QuerySet[Task] = Task.objects.overdue(now).filter(which, ~Exists(told), assignee__isnull=False)
    return late.order_by()


def _plan(tasks: list[Task], now: datetime, today: date) -> int:
    planner = Planner(tasks, now)
    without = out_of_sight_of({task.incident_id for task in tasks}, now)
    others = _Others({task.organisation_id for task in tasks}, now)
    rows: list[Notice] = []
    lonely: set[UUID] = set()  # organisations in which nobody else can hear of a task
    for task in tasks:
        plan = planner.offices.plan_of(task.organisation_id)
        is_day_off = not planner.offices.office_of(task.organisation_id, task.assignee_id).is_working_day(today)
        if task.incident.severity >= EACH_DAY_FROM or not is_day_off:
            rows.append(planner.notice(task, NoticeStep.OVERDUE, now, task.assignee_id))
        assert task.due_at is not None
        late_for_long = task.due_at + plan.escalates_after
        if now >= late_for_long:
            to = others.of(task, plan.to_deputy, plan.to_manager, without[task.incident_id])
            for pk in to:
                row = planner.notice(task, NoticeStep.ESCALATED, late_for_long, pk)
                row.day = timezone.localdate(task.due_at)  # one for each term, whatever the days are set to meanwhile
                rows.append(row)
            if not to:
                lonely.add(task.organisation_id)
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    warn_responsible(organisations=lonely, kind=AlarmKind.LATE_UNHEARD, now=now)
    return len(tasks)


class _Others:
    """Who hears that a task has been late for long, read once."""

    def __init__(self, organisations: set[UUID], now: datetime) -> None:
        roles = memberships_at(now).filter(organisation__in=organisations, role__in=HEARING)
        self._roles = list(roles)

    def of(self, task: Task, to_deputy: bool, to_manager: bool, without: set[UUID]) -> set[UUID]:
        """The deputies, and the department's manager where the reporter lets the manager see the report.

        Where that is nobody, the other advisers. Never who is kept out of the case (`without`).
        """
        case = task.incident
        found: set[UUID] = set()
        if to_deputy:
            found |= set(self._of(task, Role.DEPUTY))
        if to_manager and case.may_manager_see and not case.is_restricted:
            found |= set(self._of(task, Role.MANAGER, case.department_id))
        apart = {task.assignee_id, *without}
        return found - apart or set(self._of(task, Role.ADVISER)) - apart

    def _of(self, task: Task, role: Role, department: UUID | None = None) -> Iterator[UUID]:
        for one in self._roles:
            is_here = one.organisation_id == task.organisation_id and one.role == role
            if is_here and department in {None, one.department_id}:
                yield one.user_id
