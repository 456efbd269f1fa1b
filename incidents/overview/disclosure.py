"""Small numbers point at persons: the one function through which counts become numbers that may be seen.

Rules first (docs/adr/0024): whole-organisation totals are exact where the organisation is large enough; parts are
rounded, on a fixed grid in which every part stands whatever it has; departments fold into the one above; shares,
percentages and medians need a wide base. Then the attacker program looks at everything that was ever told of the year,
with this beside it, and what it could narrow down is told less well, until it finds nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from incidents.overview.attack_on import Past, leaks_of
from incidents.overview.attacker import Leak
from incidents.overview.counts import Counts, Table
from incidents.overview.figures import BREAKDOWNS, FIGURES, Nature
from incidents.overview.folding import department_lines, severe_lines
from incidents.overview.periods import Period
from incidents.overview.setting import Setting
from incidents.overview.shown import Line, Share, Shown
from incidents.overview.told import FEW, Told
from incidents.vocabulary import PeriodKind

WIDE = 25  # cases from which a percentage or a median is told
SHARE_FROM = 10  # cases from which "17 of 20" is told
TABLE_FROM = {PeriodKind.MONTH: 25, PeriodKind.QUARTER: 10, PeriodKind.YEAR: 10}  # reports; see ADR 24 for months
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

    Raises Blocked.
    """
    steps: dict[str, int] = {}
    while True:
        shown = by_rules(exact, period, setting, steps)
        leaks = leaks_of([*past, Past(period, exact, shown)], setting)
        if not leaks:
            return Disclosed(shown, steps)
        if not _coarsen(steps, shown, leaks):
            raise Blocked(leaks)


def _coarsen(steps: dict[str, int], shown: Shown, leaks: Iterable[Leak]) -> bool:
    """Tell less of what the attacker used; gives whether there was anything left to tell less of."""
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


def by_rules(exact: Counts, period: Period, setting: Setting, steps: Mapping[str, int] | None = None) -> Shown:
    """As the rules have it, before the attacker looks. `steps`: how much less than that is told of a code."""
    return _Rules(exact, period, setting, steps or {}).shown()


class _Rules:
    def __init__(self, exact: Counts, period: Period, setting: Setting, steps: Mapping[str, int]) -> None:
        self.exact, self.period, self.setting, self.steps = exact, period, setting, steps

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
            sums={code: _rounded_sum(*found) for code, found in exact.sums.items()},
        )

    def _number(self, code: str, number: int) -> Told | None:
        nature = FIGURES[code].nature
        is_exact = self.setting.is_exact
        if nature in {Nature.PART, Nature.PEOPLE}:  # exact months would leave nothing to tell of their quarter
            is_exact = is_exact and number >= FEW and self.period.kind == PeriodKind.YEAR
        if code == "repeat_persons" and self.period.kind != PeriodKind.YEAR:
            return None
        if nature in {Nature.WORK, Nature.STOCK}:
            return self._work(number)
        return self._coarser(code, [Told.exact] if is_exact else [], number)

    def _work(self, number: int) -> Told:
        """What was done, or not, says nothing about who was hit: that there was none may always be known."""
        if self.setting.is_exact or not number:
            return Told.exact(number)
        rounded = Told.rounded(number, self.setting.base)
        return replace(rounded, low=max(1, rounded.low))

    def _coarser(self, code: str, first: Sequence[Callable[[int], Told]], number: int) -> Told | None:
        """By the first way that the attacker left; None when none is left."""
        ways = [*first, lambda number: Told.rounded(number, self.setting.base)]
        step = self.steps.get(code, 0)
        return ways[step](number) if step < len(ways) else None

    def _share(self, code: str, met: int, of: int) -> Share | None:
        if of < SHARE_FROM:
            return None
        first = [Told.exact] if self.setting.is_exact else []
        told = [self._coarser(code, first, number) for number in (met, of)]
        return (told[0], told[1]) if told[0] and told[1] else None

    def _tables(self) -> dict[str, tuple[Line, ...] | None]:
        lines = department_lines(self.setting, self.exact.tables.get("department", {}))
        found: dict[str, tuple[Line, ...] | None] = {}
        for code, breakdown in BREAKDOWNS.items():
            counts = self.exact.tables.get(code, {})
            if self.period.kind not in breakdown.kinds or self.steps.get(code) or not self._is_wide(code, counts):
                found[code] = None
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
        """Every category of the fixed grid, and what is counted besides, such as a place that is gone."""
        labels = self.setting.grid(code)
        keys = [*labels, *sorted(set(counts) - set(labels))]
        return tuple(
            Line(key, Told.rounded(counts.get(key, 0), self.setting.base), labels.get(key, {})) for key in keys
        )


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


def _rounded_sum(cents: int, lines: int) -> int | None:
    """Whole euros in hundreds; None where few lines would tell one amount. Nothing at all is told as nought."""
    if not lines:
        return 0
    return round(cents / HUNDRED / HUNDRED) * HUNDRED if lines >= SUM_FROM else None
