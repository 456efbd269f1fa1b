"""The numbers of a month, each defined once. Pages, charts and exports take them from here and count nothing.

A report belongs to the local month in which it came in, so that a late report does not change a month that was read.
Reports about the same event that were joined count once.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guidance.vocabulary import Behaviour, Channel, Severity
from incidents.models import Incident, Task
from incidents.overview.disclosure import Share, protect, protect_row, protect_share
from incidents.vocabulary import CaseStatus, ReportKind, TaskStatus
from vpdportal.accounts.models import Department, Organisation

TREND_MONTHS = 13
REACTION = ("R04", "R05", "R06", "R07", "R08", "R09")
POLICE = ("R11", "R12", "R13")
RECEPTION = ("N02",)


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month in local time."""

    year: int
    number: int

    @classmethod
    def of(cls, moment: datetime) -> "Month":
        local = timezone.localtime(moment)
        return cls(local.year, local.month)

    def shifted(self, months: int) -> "Month":
        index = self.year * 12 + self.number - 1 + months
        return Month(index // 12, index % 12 + 1)

    @property
    def start(self) -> datetime:
        return timezone.make_aware(datetime(self.year, self.number, 1))

    @property
    def end(self) -> datetime:
        return self.shifted(1).start


@dataclass(frozen=True)
class Row:
    """One line of a table: a label, and its number or None where it may not be shown."""

    label: Any
    count: int | None


@dataclass(frozen=True)
class Table:
    """The parts that may be shown, largest first; `has_rest` when some parts are not."""

    title: Any
    rows: tuple[Row, ...]
    has_rest: bool

    @property
    def highest(self) -> int:
        return max((row.count or 0 for row in self.rows), default=0)


@dataclass(frozen=True)
class Norm:
    """A time norm: how many cases met it of those that had to, and its definition in words."""

    title: Any
    definition: Any
    share: Share


@dataclass(frozen=True)
class Point:
    month: Month
    count: int | None


@dataclass(frozen=True)
class Figures:
    """One month of one organisation, after disclosure: safe to show to whoever may see overviews."""

    month: Month
    total: int | None
    last_month: int | None
    year_ago: int | None
    near_misses: int | None  # counted apart: in no other figure
    severe: int | None
    open_tasks: int | None
    overdue_tasks: int | None
    norms: tuple[Norm, ...]
    tables: tuple[Table, ...]
    trend: tuple[Point, ...]


def month_figures(organisation: Organisation, month: Month, now: datetime) -> Figures:
    """Everything the month page shows. Eight queries, whatever the number of reports."""
    reports = Incident.objects.counted().filter(
        organisation=organisation, reported_at__gte=month.start, reported_at__lt=month.end
    )
    in_month = reports.filter(kind=ReportKind.INCIDENT)
    rows = list(in_month.values_list("main_behaviour", "severity", "department_id", "channel"))
    trend = _trend(organisation, month)
    by_month = {point: count for point, count in trend}
    tasks = Task.objects.filter(organisation=organisation)
    return Figures(
        month=month,
        total=protect(len(rows)),
        last_month=protect(by_month[month.shifted(-1)]),
        year_ago=protect(by_month[month.shifted(-12)]),
        near_misses=protect(reports.filter(kind=ReportKind.NEAR_MISS).count()),
        severe=protect(sum(1 for row in rows if row[1] >= Severity.THREATENING)),
        open_tasks=protect(tasks.unfinished().count()),
        overdue_tasks=protect(tasks.overdue(now).count()),
        norms=_norms(organisation, month, now),
        tables=_tables(organisation, rows),
        trend=tuple(Point(point, protect(count)) for point, count in trend),
    )


def first_month(organisation: Organisation, now: datetime) -> Month:
    """The month of the first report, or this month when there is none."""
    earliest = (
        Incident.objects.filter(organisation=organisation).order_by("reported_at").values_list("reported_at", flat=True)
    ).first()
    return Month.of(earliest or now)


def _trend(organisation: Organisation, month: Month) -> list[tuple[Month, int]]:
    first = month.shifted(1 - TREND_MONTHS)
    counted = (
        Incident.objects.counted()
        .filter(
            organisation=organisation,
            kind=ReportKind.INCIDENT,
            reported_at__gte=first.start,
            reported_at__lt=month.end,
        )
        .annotate(month=TruncMonth("reported_at"))
        .order_by()
        .values_list("month")
        .annotate(number=Count("pk"))
    )
    found = {Month.of(start): number for start, number in counted}
    return [(point, found.get(point, 0)) for point in (first.shifted(step) for step in range(TREND_MONTHS))]


def _tables(organisation: Organisation, rows: Sequence[tuple[Any, ...]]) -> tuple[Table, ...]:
    departments = dict(Department.objects.filter(organisation=organisation).values_list("pk", "name"))
    return (
        _table(_("By behaviour"), Behaviour.choices, (row[0] for row in rows)),
        _table(_("By severity"), Severity.choices, (row[1] for row in rows)),
        _table(_("By department"), departments.items(), (row[2] for row in rows)),
        _table(_("By channel or place"), Channel.choices, (row[3] for row in rows)),
    )


def _table(title: Any, labels: Iterable[tuple[Any, Any]], values: Iterable[Any]) -> Table:
    """One count a label; what may not be shown is not even named, so that it does not tell that it happened."""
    counted = Counter(values)
    pairs = [(label, counted[code]) for code, label in labels]
    shown = protect_row([count for _label, count in pairs])
    rows = [Row(label, cell) for (label, _count), cell in zip(pairs, shown, strict=True) if cell is not None]
    rest = sum(count for (_label, count), cell in zip(pairs, shown, strict=True) if cell is None)
    return Table(title, tuple(sorted(rows, key=lambda row: -(row.count or 0))), rest > 0)


def _norms(organisation: Organisation, month: Month, now: datetime) -> tuple[Norm, ...]:
    tasks = list(
        Task.objects.filter(
            organisation=organisation,
            incident__reported_at__gte=month.start,
            incident__reported_at__lt=month.end,
            code__in=(*REACTION, *POLICE, *RECEPTION),
            is_on_hold=False,
            measure__is_late_report=False,
            due_at__isnull=False,
        )
        .exclude(incident__status=CaseStatus.MERGED)
        .values_list("incident_id", "code", "status", "finished_at", "due_at")
    )
    return (
        Norm(
            _("Reaction to a known perpetrator within 48 hours"),
            _(
                "Cases with a reaction task that was due: the first one done in time. Without late reports and "
                "without cases in which the police ask to wait. Norm: 48 hours [S02]."
            ),
            _met(tasks, REACTION, {TaskStatus.DONE}, now),
        ),
        Norm(
            _("Reception talk within 72 hours"),
            _(
                "Cases with a reception talk that was due: held, or declined by the person, in time. "
                "Norm: 72 hours [S05]."
            ),
            _met(tasks, RECEPTION, {TaskStatus.DONE, TaskStatus.DECLINED}, now),
        ),
        Norm(
            _("Police told within 2 working days"),
            _("Cases with a police task that was due: the first one done in time. Norm: 2 working days [S03]."),
            _met(tasks, POLICE, {TaskStatus.DONE}, now),
        ),
    )


def _met(
    tasks: Sequence[tuple[Any, ...]], codes: tuple[str, ...], counts_as_done: set[TaskStatus], now: datetime
) -> Share:
    """Of the cases whose term has ended or was met: in how many some task of these codes was done in time."""
    met: dict[Any, bool] = {}
    for incident, code, status, finished_at, due_at in tasks:
        if code not in codes:
            continue
        in_time = status in counts_as_done and finished_at <= due_at
        if in_time or due_at < now:
            met[incident] = met.get(incident, False) or in_time
    return protect_share(sum(met.values()), len(met))
