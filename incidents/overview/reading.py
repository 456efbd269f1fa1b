"""A period as one reads it: what was fixed, beside what was fixed before. Page, paper and files all come from here.

Nothing is counted here, and nothing is known here that was not told: it reads the texts of releases.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from incidents.overview.breakdowns import BREAKDOWNS, NO_LOCATION, Breakdown
from incidents.overview.figures import FIGURES, Figure, Nature, of_nature
from incidents.overview.periods import Period
from incidents.overview.shown import REST, Line, Share, Shown
from incidents.overview.told import Told, added
from incidents.overview.wording import percent_of
from incidents.vocabulary import PeriodKind

TREND = {PeriodKind.MONTH: 13, PeriodKind.QUARTER: 9, PeriodKind.YEAR: 5}
HEADLINES = ("reports", "severe", "near_misses")
LESSONS = 3


@dataclass(frozen=True)
class Fixed:
    """A period as it was fixed, or (for the adviser) as it is: `made_at` is None while it still runs."""

    period: Period
    made_at: datetime | None
    load: Callable[[], Shown]
    digest: str = ""

    @cached_property
    def shown(self) -> Shown:
        """Read when it is asked for: of most periods beside this one few numbers are."""
        return self.load()


@dataclass(frozen=True)
class Corrected:
    """That a headline of this period would be counted otherwise now; how, only where that says no more (None)."""

    figure: Figure
    told: Told | None
    reasons: tuple[Any, ...]
    found_at: datetime
    month: Period


@dataclass(frozen=True)
class NumberRow:
    """One figure with the period before and the same one a year ago (None: not told, or nothing was kept then)."""

    figure: Figure
    told: Told | None
    before: Told | None
    a_year_ago: Told | None

    @property
    def is_met(self) -> bool | None:
        """Whether the norm is met; None without a norm, or where it cannot be told."""
        if self.figure.norm is None or self.told is None:
            return None
        if self.told.low > self.figure.norm:
            return False
        return True if self.told.high <= self.figure.norm else None


@dataclass(frozen=True)
class ShareRow:
    figure: Figure
    share: Share | None
    before: Share | None
    a_year_ago: Share | None

    @property
    def percent(self) -> int | None:
        return percent_of(*self.share) if self.share else None

    @property
    def is_met(self) -> bool | None:
        """By what is told: None without a norm, on few cases, or where rounding leaves it open."""
        if self.figure.norm is None or self.share is None:
            return None
        met, of = self.share
        if 100 * met.low >= self.figure.norm * of.high:
            return True
        return False if 100 * met.high < self.figure.norm * of.low else None


@dataclass(frozen=True)
class PartRow:
    """One line of a breakdown. `counts_with`: the label of the line in which it counts, where it is not told itself."""

    label: str
    told: Told | None
    before: Told | None
    percent: int | None
    level: int = 0
    people: int = 0
    counts_with: str = ""


@dataclass(frozen=True)
class Table:
    """A breakdown of one period; of a longer one (`period`) where this one is too short for it."""

    breakdown: Breakdown
    period: Period
    rows: tuple[PartRow, ...]

    @property
    def told_rows(self) -> list[PartRow]:
        """Largest first, those of which there is a number to draw."""
        rows = [row for row in self.rows if row.told is not None and row.told.value]
        return sorted(rows, key=lambda row: -(row.told.value or 0) if row.told else 0)

    @property
    def few_rows(self) -> list[PartRow]:
        """Those that are fewer than the base, nought included."""
        return [row for row in self.rows if row.told is not None and not row.told.value]

    @property
    def highest(self) -> int:
        return max((row.told.value or 0 for row in self.rows if row.told), default=0)


@dataclass(frozen=True)
class Overview:
    """Everything of one period of one organisation. `others`: what was fixed of other periods.

    `has_lost_exact`: someone asked for the exact figures, and their term has passed.
    """

    organisation: Any
    fixed: Fixed
    others: Mapping[Period, Fixed]
    corrections: Sequence[Corrected] = ()
    is_exact_view: bool = False
    has_lost_exact: bool = False
    later: Period | None = field(default=None)

    @property
    def period(self) -> Period:
        return self.fixed.period

    @property
    def shown(self) -> Shown:
        return self.fixed.shown

    @property
    def is_running(self) -> bool:
        return self.fixed.made_at is None

    @property
    def kept_from(self) -> Period | None:
        """The month with which a quarter or year begins here, where nothing was kept of the months before it."""
        there = [month for month in self.period.months if month in self.others]
        return there[0] if 0 < len(there) < len(self.period.months) else None

    @property
    def earlier(self) -> Period | None:
        before = self.period.shifted(-1)
        return before if before in self.others else None

    # --- numbers ---

    @property
    def headlines(self) -> list[NumberRow]:
        return [self.number(code) for code in HEADLINES]

    @property
    def work(self) -> list[NumberRow]:
        """What was done in the period."""
        return [self.number(figure.code) for figure in of_nature(Nature.WORK)]

    @property
    def stocks(self) -> list[NumberRow]:
        """How it stood at the end."""
        return [self.number(figure.code) for figure in of_nature(Nature.STOCK, Nature.ALARM, Nature.PEOPLE)]

    @property
    def shares(self) -> list[ShareRow]:
        return [self.share(figure.code) for figure in of_nature(Nature.SHARE)]

    @property
    def medians(self) -> list[tuple[Figure, int | None]]:
        return [(figure, self.shown.medians.get(figure.code)) for figure in of_nature(Nature.MEDIAN)]

    @property
    def sums(self) -> list[tuple[Figure, int | None]]:
        return [(figure, self.shown.sums.get(figure.code)) for figure in of_nature(Nature.SUM)]

    def number(self, code: str) -> NumberRow:
        """Raises KeyError for what is no number."""
        found = [None if shown is None else (shown.numbers | shown.stocks).get(code) for shown in self._three()]  # type: ignore[operator]
        return NumberRow(FIGURES[code], *found)

    def share(self, code: str) -> ShareRow:
        found = [None if shown is None else shown.shares.get(code) for shown in self._three()]
        return ShareRow(FIGURES[code], *found)

    def _three(self) -> list[Shown | None]:
        """This period, the one before, and the same one a year ago."""
        periods = (self.period.shifted(-1), self.period.a_year_ago)
        others = [self.others.get(period) for period in periods]
        return [self.shown, *(fixed.shown if fixed else None for fixed in others)]

    @property
    def rate(self) -> float | None:
        """Reports for each 100 people, in this period; None where the total is rounded or nobody is counted."""
        told = self.shown.numbers.get("reports")
        if told is None or not told.is_exact or not self.shown.staff:
            return None
        return round(100 * told.low / self.shown.staff, 1)

    @property
    def trend(self) -> list[tuple[Period, Told | None]]:
        """Reports of this and earlier periods of its kind, the oldest first; None where nothing was fixed or told."""
        found = []
        for step in range(1 - TREND[self.period.kind], 1):
            period = self.period.shifted(step)
            fixed = self.fixed if period == self.period else self.others.get(period)
            found.append((period, fixed.shown.numbers.get("reports") if fixed else None))
        return found

    @property
    def year_to_date(self) -> Told | None:
        """Reports from January on: the sum of the months as they were told, and never of anything finer."""
        return self._sum(self._months_of(self.period.year))

    @property
    def year_to_date_before(self) -> Told | None:
        """The same months of a year earlier, where each of them was kept: fewer months are no comparison."""
        is_whole = set(self.months_a_year_ago) <= set(self.others)
        return self._sum(self.months_a_year_ago) if is_whole else None

    @property
    def months_a_year_ago(self) -> list[Period]:
        """From January on, up to the last month of this period, a year earlier."""
        return self._months_of(self.period.year - 1)

    def _months_of(self, year: int) -> list[Period]:
        return [Period(PeriodKind.MONTH, year, number + 1) for number in range(self.period.months[-1].number)]

    def _sum(self, months: Sequence[Period]) -> Told | None:
        """Months before anything was kept here are left out; one that was kept and not told leaves no sum."""
        fixed = [self.fixed if month == self.period else self.others.get(month) for month in months]
        there = [one.shown.numbers.get("reports") for one in fixed if one]
        return added(there) if there else None

    # --- parts ---

    @cached_property
    def tables(self) -> list[Table]:
        """Every breakdown that can be told, of this period or of the newest longer one that has ended."""
        found = (self.table(code) for code in BREAKDOWNS)
        return [table for table in found if table is not None]

    def table(self, code: str) -> Table | None:
        """A breakdown, else None. Raises KeyError."""
        for fixed in self._from_short_to_long():
            lines = fixed.shown.tables.get(code)
            if lines is not None:
                return Table(BREAKDOWNS[code], fixed.period, tuple(self._part_rows(code, fixed, lines)))
        return None

    def _from_short_to_long(self) -> Iterator[Fixed]:
        """This period, then the last quarter and the last year that had ended with it."""
        yield self.fixed
        ended = [one for one in self.others.values() if one.period.end <= self.period.end]
        for kind in (PeriodKind.QUARTER, PeriodKind.YEAR):
            mine = [one for one in ended if one.period.kind == kind and one.period.end > self.period.a_year_ago.start]
            if mine and kind != self.period.kind:
                yield max(mine, key=lambda one: one.period.end)

    def _part_rows(self, code: str, fixed: Fixed, lines: Sequence[Line]) -> Iterator[PartRow]:
        whole = fixed.shown.numbers.get("reports") if BREAKDOWNS[code].of == "reports" else None
        before = self._lines_before(code, fixed.period)
        labels = {line.key: label_of(code, line) for line in lines}
        for line in lines:
            if line.key == REST and not line.holds:
                continue
            yield PartRow(
                label=labels[line.key],
                told=line.told,
                before=before.get(line.key),
                percent=percent_of(line.told, whole),
                level=line.level,
                people=line.people if line.told else 0,
                counts_with=labels.get(line.with_line, ""),
            )

    def _lines_before(self, code: str, period: Period) -> dict[str, Told | None]:
        before = self.others.get(period.shifted(-1))
        lines = before.shown.tables.get(code) if before else None
        return {line.key: line.told for line in lines or ()}

    @property
    def lessons(self) -> list[PartRow]:
        """The three measures for prevention that were carried out most."""
        table = self.table("prevention")
        return table.told_rows[:LESSONS] if table else []


def label_of(code: str, line: Line) -> str:
    """The name of a line, in the language that is active."""
    labels = BREAKDOWNS[code].labels
    if labels and line.key in labels:
        return str(labels[line.key])
    if line.key == REST:
        return _("Other departments together")
    if line.key == NO_LOCATION:
        return _("No location named")
    return line.own_name or _("Gone since")
