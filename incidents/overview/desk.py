"""What stands under each tab of the adviser's work list. Counts and lists come from here, so they cannot differ."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident, Measure, Message, Reaction, Task
from incidents.models.task import BY_CLOCK
from incidents.need_to_know import hidden_cases
from incidents.overview.machine_room import MachineRoom, facts, room_of
from incidents.overview.one_row import CountOf, beside
from incidents.querysets import ENDED
from incidents.vocabulary import CaseStatus, MeasureStatus, ReactionStatus, TaskKind
from vpdportal.accounts.access import memberships_at
from vpdportal.accounts.models import Organisation, User
from vpdportal.accounts.roles import DESK_ROLES

TABS = {
    "overdue": _("Too late"),
    "today": _("Today"),
    "new": _("New reports"),
    "week": _("This week"),
    "waiting": _("Waiting for others"),
    "ending": _("Measures that end"),
    "quiet": _("Gone quiet"),
    "later": _("Later"),
    "mine": _("Mine"),
    "all": _("All open"),
}
# A reaction that waits stands there by itself; the task to sign it would say it twice.
SAID_BY_THE_REACTION = (TaskKind.SIGN, TaskKind.SECOND_LOOK)
CASE = ("reference", "kind", "main_behaviour", "severity", "organisation__name", "department__name")
OF_CASE = tuple(f"incident__{name}" for name in CASE)
OF_A_CASE = ("organisation", "department")
BY_CASE = tuple(f"incident__{name}" for name in OF_A_CASE)
OF_TASK = (
    *("kind", "code", "step", "menu_version"),
    "words",  # sealed: the own words of a task open only where they are shown
    "organisation",  # with the version it names the card whose words a row carries
    *("due_at", "is_on_hold", "status", "assignee__name"),
    *OF_CASE,
)


@dataclass(frozen=True)
class Part:
    """Rows of one kind under a tab. `kind`: which row; `label`: said above them where a tab has several parts.

    `found`: which rows, enough to count them; the others say what of each is shown (`only`), of which rows beside it
    (`related`), and in which order.
    """

    kind: str
    found: QuerySet[Any]
    related: Sequence[str]
    only: Sequence[str]
    order: Sequence[str]
    label: Any = ""

    @property
    def rows(self) -> QuerySet[Any]:
        return self.found.select_related(*self.related).only(*self.only).order_by(*self.order)


@dataclass(frozen=True)
class Row:
    """One row as the page shows it; `subject` is the task, case, reaction, advice or question."""

    kind: str
    label: Any
    subject: Any

    @property
    def template(self) -> str:
        return f"incidents/work_{self.kind}.html"


class Rows:
    """The rows of several parts after each other, as a paginator asks for them: only the parts of a page are read."""

    def __init__(self, parts: Iterable[Part], counts: Iterable[int]) -> None:
        self._parts = list(zip(parts, counts, strict=True))

    def __len__(self) -> int:
        return sum(count for _part, count in self._parts)

    def __getitem__(self, wanted: slice) -> list[Row]:
        return list(self._between(wanted.start or 0, len(self) if wanted.stop is None else wanted.stop))

    def _between(self, start: int, stop: int) -> Iterator[Row]:
        before = 0
        for part, count in self._parts:
            first, last = max(start - before, 0), min(stop - before, count)
            if first < last:
                yield from (Row(part.kind, part.label, subject) for subject in part.rows[first:last])
            before += count


@dataclass(frozen=True)
class Numbers:
    """What the head of the page says. `tabs`: rows of each part of each tab."""

    parts: dict[str, list[int]]
    next_due_at: datetime | None
    machine_room: MachineRoom

    def of(self, tab: str) -> int:
        return sum(self.parts[tab])


@dataclass(frozen=True)
class Desk:
    """The work of these organisations (which this person serves), perhaps of one department, for this person now."""

    user: User
    now: datetime
    organisations: Collection[Organisation]
    served: Collection[Organisation]  # also those that are not looked at now: mails that fail concern all
    department: str = ""

    def rows(self, tab: str, numbers: Numbers) -> Any:
        """What stands under a tab, in the order in which it is shown, for a paginator."""
        parts = self._others[tab] if tab in self._others else [self._task_part(self._tasks_by_tab[tab])]
        return Rows(parts, numbers.parts[tab])

    def numbers(self) -> Numbers:
        """How many rows each part of each tab has, and how the machine room stands. One query."""
        of_tasks = {name: Count("pk", filter=found or None) for name, found in self._tasks_by_tab.items()}
        coming = Q(due_at__gte=self.now, is_on_hold=False)
        of_others = {
            f"{tab}_{n}": CountOf(part.found.order_by().values("pk"))
            for tab, others in self._others.items()
            for n, part in enumerate(others)
        }
        found = beside(
            self._tasks.order_by(),
            {"next_due_at": Min("due_at", filter=coming), **of_tasks},
            {**of_others, **facts(self.now, self.served)},
        )
        parts = {tab: [found[tab]] for tab in self._tasks_by_tab}
        parts |= {tab: [found[f"{tab}_{n}"] for n, _part in enumerate(others)] for tab, others in self._others.items()}
        return Numbers(parts, found["next_due_at"], room_of(found, self.now))

    def unread(self) -> QuerySet[Any]:
        """The cases in which people wrote something that the desk has not seen, the oldest report first."""
        cases = self._cases.unread_by_desk().order_by("reported_at", "id")
        return cases.select_related("organisation", "department").only(*CASE)

    @property
    def _cases(self) -> Any:
        cases: Any = Incident.objects.filter(organisation__in=self._ids).exclude(pk__in=self._hidden)
        return cases.filter(department=self.department) if self.department else cases

    @property
    def _tasks(self) -> Any:
        return self._narrow(Task.objects.unfinished())

    @property
    def _ids(self) -> list[Any]:
        return [organisation.pk for organisation in self.organisations]

    @cached_property
    def _hidden(self) -> list[Any]:
        """The cases that do not exist for this person. Read once: each number and each list leaves them out."""
        return hidden_cases(self.user, self.now, self._ids)

    def _narrow(self, rows: Any) -> Any:
        """Only rows of the organisations and the department looked at, and of no case that is hidden."""
        rows = rows.filter(organisation__in=self._ids).exclude(incident__in=self._hidden)
        return rows.filter(incident__department=self.department) if self.department else rows

    @cached_property
    def _tasks_by_tab(self) -> dict[str, Q]:
        """Which open tasks stand under each tab of tasks."""
        local = timezone.localtime(self.now)
        midnight = timezone.make_aware(datetime.combine(local.date() + timedelta(days=1), time.min))
        sunday = local.date() + timedelta(days=7 - local.weekday())
        week_end = timezone.make_aware(datetime.combine(sunday, time.min))
        running = Q(is_on_hold=False)
        return {
            "overdue": running & Q(due_at__lt=self.now),
            "today": running & Q(due_at__gte=self.now, due_at__lt=midnight),
            "week": running & Q(due_at__gte=midnight, due_at__lt=week_end),
            "later": running & (Q(due_at__gte=max(midnight, week_end)) | Q(due_at__isnull=True)),
            "mine": Q(assignee=self.user.pk),
            "all": Q(),
        }

    @cached_property
    def _others(self) -> dict[str, list[Part]]:
        """The tabs whose rows are no tasks, or not only. No sealed column is read for a list."""
        return {
            "new": [Part("case_new", self._new(), OF_A_CASE, (*CASE, "reported_at"), ("reported_at", "id"))],
            "waiting": [
                self._task_part(self._waiting_tasks(), _("Tasks that others have, or that are on hold")),
                Part(
                    "advice",
                    self._put_off(),
                    BY_CASE,
                    ("code", "menu_version", "organisation", "hold_until", *OF_CASE),
                    ("hold_until", "id"),
                    _("Advice that was put off"),
                ),
                Part(
                    "question",
                    self._unanswered(),
                    (*BY_CASE, "person"),
                    ("at", "person__name", *OF_CASE),
                    ("at", "id"),
                    _("Questions without an answer"),
                ),
                Part(
                    "reaction_waits",
                    self._unsigned(),
                    (*BY_CASE, "signer"),
                    ("kind", "proposed_at", "signer__name", *OF_CASE),
                    ("proposed_at", "id"),
                    _("Reactions that wait for a signature"),
                ),
            ],
            "ending": [
                Part("reaction_ends", self._ending(), BY_CASE, ("kind", "ends_on", *OF_CASE), ("ends_on", "id"))
            ],
            "quiet": [
                Part(
                    "case_quiet",
                    self._cases.filter(gone_quiet(self.organisations, self.now)),
                    (*OF_A_CASE, "adviser"),
                    (*CASE, "touched_at", "adviser__name"),
                    ("touched_at", "id"),
                )
            ],
        }

    def _task_part(self, which: Q, label: Any = "") -> Part:
        return Part("task", self._tasks.filter(which), (*BY_CASE, "assignee"), OF_TASK, BY_CLOCK, label)

    def _waiting_tasks(self) -> Q:
        """Given to somebody who does not work on cases here, or on hold because the police ask to wait."""
        at_desk = memberships_at(self.now).filter(
            user=OuterRef("assignee"), organisation=OuterRef("organisation"), role__in=DESK_ROLES
        )
        elsewhere = Q(assignee__isnull=False) & ~Exists(at_desk) & ~Q(kind__in=SAID_BY_THE_REACTION)
        return Q(is_on_hold=True) | elsewhere

    def _new(self) -> QuerySet[Any]:
        new: QuerySet[Any] = self._cases.unfinished().filter(status=CaseStatus.RECEIVED)
        return new

    def _put_off(self) -> QuerySet[Any]:
        held = Measure.objects.filter(status=MeasureStatus.HELD).exclude(incident__status__in=ENDED)
        return self._narrow(held)

    def _unanswered(self) -> QuerySet[Any]:
        asked = Message.objects.filter(is_question=True, answer__isnull=True).exclude(incident__status__in=ENDED)
        return self._narrow(asked)

    def _unsigned(self) -> QuerySet[Any]:
        return self._narrow(Reaction.objects.filter(status=ReactionStatus.PROPOSED))

    def _ending(self) -> QuerySet[Any]:
        """Running measures that end soon, and those past their last day that nobody has ended or followed up."""
        day = timezone.localdate(self.now)
        soon = Q(pk__in=[])
        for organisation in self.organisations:
            last = day + timedelta(days=organisation.ends_soon_days)
            soon |= Q(organisation=organisation.pk, ends_on__lte=last)
        return self._narrow(Reaction.objects.filter(soon, status=ReactionStatus.ACTIVE))


def gone_quiet(organisations: Iterable[Organisation], now: datetime) -> Q:
    """Cases that are not ended and in which nothing happened for as many days as their organisation finds long."""
    quiet = Q(pk__in=[])
    for organisation in organisations:
        since = now - timedelta(days=organisation.quiet_after_days)
        quiet |= Q(organisation=organisation.pk, touched_at__lt=since)
    return quiet & ~Q(status__in=ENDED)
