"""Small numbers point at persons: the one function through which counts become numbers that may be seen.

Rules first (docs/adr/0025): whole-organisation totals are exact where the organisation is large enough; parts are
rounded, on a fixed grid in which every part stands whatever it has; departments fold into the one above; shares,
percentages and medians need a wide base. Then the attacker program looks at everything that was ever told of the year,
with this beside it, and what it could narrow down is told less well, until it finds nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from incidents.overview.attack_on import DEPARTMENTS, Past, leaks_of
from incidents.overview.attacker import Leak
from incidents.overview.breakdowns import BREAKDOWNS
from incidents.overview.counts import Counts, Table
from incidents.overview.figures import FIGURES, Nature
from incidents.overview.folding import department_lines, severe_lines
from incidents.overview.periods import Period
from incidents.overview.setting import Setting
from incidents.overview.shown import Line, Share, Shown
from incidents.overview.told import FEW, Told, added
from incidents.vocabulary import PeriodKind

WIDE = 25  # cases from which a percentage or a median is told
SHARE_FROM = 10  # cases from which "17 of 20" is told
TABLE_FROM = {PeriodKind.MONTH: 25, PeriodKind.QUARTER: 10, PeriodKind.YEAR: 10}  # reports; see ADR 25 for months
SUM_FROM = 5  # lines from which an amount is told
HUNDRED = 100  # euros to which amounts are rounded, and cents in a euro
# What hangs together, so that telling less of one helps another.
RELATED = (
    ("severe", "severity", "department_severe"),
    ("department", "department_severe"),
    ("behaviour", "online"),
    ("channel", "online"),
)


class Blocked(Exception):
    """Even with nothing told of this period the attacker finds something: nothing is released, and people must look."""

    def __init__(self, leaks: Sequence[Leak]) -> None:
        super().__init__(", ".join(leak.secret.name for leak in leaks[:5]))
        self.leaks = leaks


@dataclass(frozen=True)
class Disclosed:
    """What may be seen, and what had to be told less well for it: code of a figure or breakdown → how often."""

    shown: Shown
    coarsened: Mapping[str, int]


def disclose(exact: Counts, period: Period, setting: Setting, past: Sequence[Past]) -> Disclosed:
    """The period as management may see it. `past`: what was released of the same calendar year before.

    What could be worked out already is nothing that this period adds; `manage.py attack_overviews` still names it.
    Raises Blocked.
    """
    steps: dict[str, int] = {}
    known: set[Leak] | None = None
    while True:
        shown = by_rules(exact, period, setting, steps, past)
        leaks = leaks_of([*past, Past(period, exact, shown)], setting)
        if leaks and known is None:  # such as of a department that became too small since it was told
            known = set(leaks_of(past, setting))
        leaks = [leak for leak in leaks if leak not in (known or ())]
        if not leaks:
            return Disclosed(shown, steps)
        if not _coarsen(steps, shown, leaks):
            raise Blocked(leaks)


def _coarsen(steps: dict[str, int], shown: Shown, leaks: Iterable[Leak]) -> bool:
    """Tell less of what the attacker used; gives whether there was anything left to tell less of.

    First the breakdowns in which it found something, then those that hang together with them, then numbers and shares
    in which it did; then all breakdowns, all other parts, and at last the total, which management misses most.
    """
    families = {leak.secret.family.partition(":")[2] or leak.secret.family for leak in leaks}
    related = {one for group in RELATED if families & set(group) for one in group}
    tables = set(shown.tables)
    for group in (families & tables, related & tables, families, tables, {"severe", *shown.shares}, {"reports"}):
        told = {code for code in group if _is_told(shown, code)}
        if told:
            for code in told:
                steps[code] = steps.get(code, 0) + 1
            return True
    return False


def _is_told(shown: Shown, code: str) -> bool:
    return any(found.get(code) is not None for found in (shown.numbers, shown.shares, shown.tables))


def by_rules(
    exact: Counts,
    period: Period,
    setting: Setting,
    steps: Mapping[str, int] | None = None,
    past: Sequence[Past] = (),
) -> Shown:
    """As the rules have it, before the attacker looks. `steps`: how much less than that is told of a code."""
    return _Rules(exact, period, setting, steps or {}, past).shown()


class _Rules:
    def __init__(
        self, exact: Counts, period: Period, setting: Setting, steps: Mapping[str, int], past: Sequence[Past]
    ) -> None:
        self.exact, self.period, self.setting, self.steps = exact, period, setting, steps
        self.finer = finer_of(period, past)

    def shown(self) -> Shown:
        exact = self.exact
        return Shown(
            staff=self.setting.staff,
            is_exact=self.setting.is_exact,
            base=self.setting.base,
            smallest_team=self.setting.smallest_team,
            numbers={code: self._number(code, number) for code, number in exact.numbers.items()},
            stocks={code: self._number(code, number) for code, number in exact.stocks.items()},
            shares={code: self._share(code, *share) for code, share in exact.shares.items()},
            tables=self._tables(),
            medians={code: median_of(spread) for code, spread in exact.spreads.items()},
            sums={code: self._sum(*found) for code, found in exact.sums.items()},
        )

    def _number(self, code: str, number: int) -> Told | None:
        nature = FIGURES[code].nature
        is_exact = self.setting.is_exact
        if nature in {Nature.PART, Nature.PEOPLE}:  # exact months would leave nothing to tell of their quarter
            is_exact = is_exact and number >= FEW and self.period.kind == PeriodKind.YEAR
        if FIGURES[code].is_by_year and self.period.kind != PeriodKind.YEAR:
            return None
        if nature in {Nature.WORK, Nature.STOCK, Nature.ALARM}:
            return self._work(number, is_exact and nature != Nature.ALARM)
        told = self._coarser(code, [Told.exact] if is_exact else [], number)
        return told or self._added_up(code, 2 if is_exact else 1)

    def _work(self, number: int, is_exact: bool) -> Told:
        """What was done, or not, says nothing about who was hit: that there was none may always be known."""
        if is_exact or not number:
            return Told.exact(number)
        rounded = Told.rounded(number, self.setting.base)
        return replace(rounded, low=max(1, rounded.low))

    def _coarser(self, code: str, first: Sequence[Callable[[int], Told]], number: int) -> Told | None:
        """By the first way that the attacker left; None when none is left."""
        ways = [*first, lambda number: Told.rounded(number, self.setting.base)]
        step = self.steps.get(code, 0)
        return ways[step](number) if step < len(ways) else None

    def _added_up(self, code: str, step: int) -> Told | None:
        """Where the attacker left no way of its own: as everyone can add it up from shorter periods."""
        is_asked = self.finer and self.steps.get(code, 0) == step
        return added(shown.numbers.get(code) for shown in self.finer) if is_asked else None

    def _share(self, code: str, met: int, of: int) -> Share | None:
        is_choice = FIGURES[code].is_choice
        if of < (WIDE if is_choice else SHARE_FROM):
            return None
        first = [Told.exact] if self.setting.is_exact and not is_choice else []
        told = [self._coarser(code, first, number) for number in (met, of)]
        return (told[0], told[1]) if told[0] and told[1] else None

    def _sum(self, cents: int, lines: int) -> int | None:
        """Whole euros in hundreds, by year only: the difference of two periods would be the amount of one person."""
        if self.period.kind != PeriodKind.YEAR or 0 < lines < SUM_FROM:
            return None
        return round(cents / HUNDRED / HUNDRED) * HUNDRED

    def _tables(self) -> dict[str, tuple[Line, ...] | None]:
        lines = department_lines(self.setting, self.exact.tables.get("department", {}))
        found: dict[str, tuple[Line, ...] | None] = {}
        for code, breakdown in BREAKDOWNS.items():
            counts = self.exact.tables.get(code, {})
            if self.period.kind not in breakdown.kinds or not self._is_wide(code, counts):
                found[code] = None
            elif self.steps.get(code):
                found[code] = summed(code, self.finer) if self.steps[code] == 1 and code not in DEPARTMENTS else None
            elif code == "department":
                found[code] = lines
            elif code == "department_severe":
                found[code] = severe_lines(lines, counts, self.setting.base)
            else:
                found[code] = self._lines(code, counts)
        return found

    def _is_wide(self, code: str, counts: Table) -> bool:
        """Whether there is enough of it; of parts of all reports that is known from the total."""
        of_it = self.exact.numbers["reports"] if BREAKDOWNS[code].of else sum(counts.values())
        return of_it >= TABLE_FROM[self.period.kind]

    def _lines(self, code: str, counts: Table) -> tuple[Line, ...]:
        """Every category of the fixed grid, and nothing else: that something stands there must say nothing."""
        labels = self.setting.grid(code)
        base = self.setting.base
        return tuple(Line(key, Told.rounded(counts.get(key, 0), base), names) for key, names in labels.items())


def finer_of(period: Period, past: Sequence[Past]) -> list[Shown]:
    """What was told of all the quarters of a year, or the months of a quarter; empty where one is missing."""
    kind = {PeriodKind.YEAR: PeriodKind.QUARTER, PeriodKind.QUARTER: PeriodKind.MONTH}.get(period.kind)
    parts = {one.period: one.shown for one in past if one.period.kind == kind}
    mine = [shown for part, shown in parts.items() if set(part.months) <= set(period.months)]
    return mine if len(mine) == (4 if kind == PeriodKind.QUARTER else 3) else []


def summed(code: str, finer: Sequence[Shown]) -> tuple[Line, ...] | None:
    """A breakdown as everyone can add it up from shorter periods: it says nothing new, so nothing can leak by it.

    None where one of them was not told, or has other lines.
    """
    tables = [shown.tables.get(code) for shown in finer]
    told = [lines for lines in tables if lines is not None]
    if not told or len(told) < len(tables) or len({tuple(_frame(lines)) for lines in told}) > 1:
        return None
    return tuple(replace(line, told=added(lines[place].told for lines in told)) for place, line in enumerate(told[-1]))


def _frame(lines: Sequence[Line]) -> Iterable[tuple[object, ...]]:
    """What a table of lines is made of, without its numbers."""
    return ((line.key, line.holds, line.told is None) for line in lines)


def median_of(spread: Mapping[int, int], least: int = WIDE) -> int | None:
    """The middle one of how long cases took (the lower of two); None for fewer cases than `least`."""
    total = sum(spread.values())
    if total < max(1, least):
        return None
    seen = 0
    for length in sorted(spread):
        seen += spread[length]
        if 2 * seen >= total:
            return length
    raise AssertionError("the last length holds all cases")
