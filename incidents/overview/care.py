"""The rhythm of aftercare in one case (handbook 5.2), as lines in time: what is planned for whom, and how it stands.

Of a talk only when, where and with whom; what was said is nowhere.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from guidance.deadlines import add_months
from incidents.actions.care_moments import CARE_KINDS, person_hit
from incidents.actions.exclusions import managers_left_out
from incidents.models import CareMoment, Exclusion, Incident, Measure, Task
from incidents.vocabulary import (
    RESTRICTING,
    CareFor,
    CareKind,
    CareStatus,
    MeasureStatus,
    ReactionKind,
    ReactionStatus,
    TaskKind,
    TaskStatus,
)
from vpdportal.accounts.access import staying_at
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import RIGHTS, Right, Role

MAY_GIVE = [role for role in Role if Right.BE_GIVEN_TASKS in RIGHTS[role]]
RECEPTION_WITHIN = timedelta(hours=72)  # after it happened [S05]
TO_PLAN, WAITS, ADVISED = "to_plan", "waits", "advised"  # how a line stands, beside CareStatus
ANSWERED = (CareStatus.ACCEPTED, CareStatus.MOVE_ASKED, CareStatus.DECLINED)
STATES = {
    TO_PLAN: _("to be planned"),
    WAITS: _("follows after the reception talk"),
    ADVISED: _("advised, not chosen yet"),
    **dict(CareStatus.choices),
}
# What the person it is for reads.
PLAIN = {
    CareKind.FIRST: _("Someone asks how you are, on the day itself"),
    CareKind.RECEPTION: _("A talk about what happened, and about what you need"),
    CareKind.FOLLOW_UP_1: _("A second talk: how is it going now?"),
    CareKind.FOLLOW_UP_2: _("A third talk: how is it going now?"),
    CareKind.SYMPTOMS: _("Someone asks whether you still have trouble because of it"),
    CareKind.CLOSING: _("A last talk: was everything done that you need?"),
    CareKind.EXTRA: _("A talk with you"),
}


@dataclass(frozen=True)
class CareLine:
    """One talk: its task and, once someone planned or answered it, its moment."""

    incident: Incident
    kind: CareKind
    task: Task | None = None
    moment: CareMoment | None = None
    is_waiting: bool = False

    @property
    def key(self) -> UUID | None:
        """By which its address knows it: the moment, else the task."""
        if self.moment:
            return self.moment.pk
        return self.task.pk if self.task else None

    @property
    def revision(self) -> int:
        return self.moment.revision if self.moment else 0

    @property
    def state(self) -> str:
        if self.task is None:
            return WAITS if self.is_waiting else ADVISED
        if self.moment is None:
            done = {TaskStatus.DONE: CareStatus.HELD, TaskStatus.DECLINED: CareStatus.CANCELLED}
            return done.get(TaskStatus(self.task.status), TO_PLAN)
        is_unplanned = self.moment.status == CareStatus.PLANNED and self.moment.planned_at is None
        return TO_PLAN if is_unplanned else self.moment.status

    @property
    def state_label(self) -> Any:
        return STATES[self.state]

    @property
    def plain(self) -> Any:
        return PLAIN[self.kind]

    @property
    def is_running(self) -> bool:
        """Whether someone still has to do something for it."""
        return self.task is not None and self.task.status == TaskStatus.OPEN

    @property
    def may_be_planned(self) -> bool:
        is_over = self.state in {CareStatus.HELD, CareStatus.CANCELLED}
        return self.task is not None and not is_over and not self.incident.is_closed

    @property
    def may_be_asked_again(self) -> bool:
        return self.state == CareStatus.DECLINED

    @property
    def may_be_declined(self) -> bool:
        return self.is_running and self.state != CareStatus.DECLINED and not self.incident.is_closed

    @property
    def may_be_accepted(self) -> bool:
        return self.may_be_declined and self.state == CareStatus.PLANNED

    @property
    def care_for(self) -> CareFor:
        return CareFor(self.moment.care_for) if self.moment else CareFor.AFFECTED

    @property
    def person(self) -> User | None:
        """For whom it is, with an account. Of the person hit as the case has it now: an account may have been wrong."""
        if self.care_for == CareFor.AFFECTED:
            return person_hit(self.incident)
        return self.moment.user if self.moment else None

    @property
    def name(self) -> str:
        if self.person:
            return self.person.name
        if self.care_for == CareFor.AFFECTED:
            return self.incident.affected_name
        return self.moment.name if self.moment else ""

    @property
    def contact(self) -> str:
        """How to reach the person: as it was given for this moment; of the person hit, as the report has it."""
        given = self.moment.contact if self.moment else ""
        if self.care_for == CareFor.AFFECTED:
            return given or self.incident.contact
        return given or (self.person.phone or self.person.email if self.person else "")

    @property
    def when(self) -> datetime | None:
        """Where it stands on the line: planned, or due."""
        planned = self.moment.planned_at if self.moment else None
        return planned or (self.task.due_at if self.task else None)

    @property
    def is_planned_late(self) -> bool:
        """Planned later than the norm asks."""
        if self.moment is None or self.moment.planned_at is None or self.state == CareStatus.HELD:
            return False
        if self.kind == CareKind.RECEPTION and self.moment.planned_at > self.incident.occurred_at + RECEPTION_WITHIN:
            return True
        due = self.task.due_at if self.task else None
        return due is not None and self.moment.planned_at > due

    @property
    def late_words(self) -> Any:
        return _("later than the norm of 72 hours") if self.kind == CareKind.RECEPTION else _("later than the deadline")


@dataclass(frozen=True)
class Receiver:
    """One person or team, with the own line in time."""

    care_for: CareFor
    name: str
    lines: list[CareLine]


def care_lines(incident: Incident) -> list[CareLine]:
    """Every talk of the case that has a task, by time. One query."""
    found = list(_tasks().filter(incident=incident))
    moments = {moment.pk for task in found if (moment := _moment_of(task))}
    lines = []
    for task in found:
        moment = _moment_of(task)
        if moment is None and task.pk in moments:  # it was asked for again and has another task now
            continue
        lines.append(_line(incident, task, moment))
    return sorted(lines, key=lambda line: (line.when is None, line.when))


def care_line(task: Task) -> CareLine | None:
    """The talk that this task asks for; None for another task. One query at most."""
    if task.code not in CARE_KINDS and task.kind != TaskKind.TALK:
        return None
    moment = CareMoment.objects.filter(task=task).select_related("user").first()
    return _line(task.incident, task, moment) if moment or task.code in CARE_KINDS else None


def still_to_come(incident: Incident) -> list[CareLine]:
    """What of the rhythm has no task: it waits for the reception talk, or nobody has chosen it. One query."""
    if incident.is_closed:
        return []
    rows: QuerySet[Measure] = incident.measures.filter(code__in=CARE_KINDS, tasks__isnull=True, is_still_advised=True)
    return [
        CareLine(incident, CARE_KINDS[measure.code], is_waiting=bool(measure.waits_for))
        for measure in rows.exclude(status=MeasureStatus.DECLINED)
    ]


def days_that_touch_again(incident: Incident, today: date) -> list[tuple[Any, date]]:
    """When the person hit may be touched by it again: a measure ends, or it is a year ago (handbook 5.2). One query.

    A hearing or a release the portal does not know: the page asks to think of those.
    """
    if incident.is_closed:
        return []
    ends = incident.reactions.filter(kind__in=RESTRICTING, status=ReactionStatus.ACTIVE, ends_on__gte=today)
    rows = ends.order_by("ends_on").values_list("kind", "ends_on")
    found: list[tuple[Any, date]] = [(ReactionKind(kind).label, day) for kind, day in rows if day]
    year = add_months(localdate(incident.occurred_at), 12)
    return [*found, *([(_("a year after it happened"), year)] if year >= today else [])]


def by_receiver(incident: Incident, lines: Iterable[CareLine]) -> list[Receiver]:
    """The lines of each person: the person hit first, then as in CareFor, by name."""
    groups: dict[tuple[CareFor, str], list[CareLine]] = {(CareFor.AFFECTED, _name_of_hit(incident)): []}
    for line in lines:
        name = _name_of_hit(incident) if line.care_for == CareFor.AFFECTED else line.name
        groups.setdefault((line.care_for, name), []).append(line)
    order = list(CareFor)
    found = [Receiver(care_for, name, mine) for (care_for, name), mine in groups.items()]
    return sorted(found, key=lambda receiver: (order.index(receiver.care_for), receiver.name))


def care_for_viewer(incident: Incident, viewer: User) -> list[CareLine]:
    """What stands on the own page of this person: still to come, or declined and to be asked again. One query."""
    return list(_shown_to(care_lines(incident), viewer))


def people_who_may_give(incident: Incident, now: datetime) -> QuerySet[User]:
    """Who can be given a talk of this case: whose role takes tasks; not who must not see it, nor the person hit."""
    able = staying_at(now).filter(organisation=incident.organisation_id, role__in=MAY_GIVE)
    able = able.exclude(user__in=Exclusion.objects.filter(incident=incident).values("user"))
    able = able.exclude(user__in=managers_left_out(incident, now))
    if hit := person_hit(incident):
        able = able.exclude(user=hit)
    return User.objects.filter(pk__in=able.values("user")).order_by("name", "pk")


def _shown_to(lines: Iterable[CareLine], viewer: User) -> Iterator[CareLine]:
    for line in lines:
        is_over = line.state in {CareStatus.HELD, CareStatus.CANCELLED} or (line.task and line.task.is_on_hold)
        if not is_over and line.person == viewer and (line.is_running or line.state in ANSWERED):
            yield line


def _tasks() -> QuerySet[Task]:
    rows = Task.objects.filter(Q(code__in=CARE_KINDS, step=0) | Q(care__isnull=False))
    found: QuerySet[Task] = rows.select_related("care__user", "assignee")
    return found


def _moment_of(task: Task) -> CareMoment | None:
    return getattr(task, "care", None)


def _line(incident: Incident, task: Task, moment: CareMoment | None) -> CareLine:
    kind = CareKind(moment.kind) if moment else CARE_KINDS[task.code]
    return CareLine(incident, kind, task, moment)


def _name_of_hit(incident: Incident) -> str:
    hit = person_hit(incident)
    return hit.name if hit else incident.affected_name or str(_("person hit"))
