"""What was told of one calendar year, as sums of unknown numbers: the input of the attacker program.

Years are looked at one by one: no number that is told runs over the turn of a year. An unknown is a count of one month
and one part. Known to everyone: that parts add up to their whole, and each number that was told, with its rounding.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from incidents.overview.attacker import Cell, Fact, Leak, Secret, attack
from incidents.overview.breakdowns import BREAKDOWNS
from incidents.overview.counts import Counts, added
from incidents.overview.figures import Nature, of_nature
from incidents.overview.periods import Period
from incidents.overview.setting import Setting
from incidents.overview.shown import Line, Shown
from incidents.overview.told import FEW, Told
from incidents.vocabulary import PeriodKind

NEEDED = 3  # how wide the interval of a small number must stay (reliability T35)
TOTALS = [figure.code for figure in of_nature(Nature.TOTAL)]
SHARES = [figure.code for figure in of_nature(Nature.SHARE)]
SEVERE = ("3", "4")  # categories of the breakdown by severity
ONLINE = "social_media"
YES, NO = "yes", "no"
PARTS_OF_REPORTS = [code for code, breakdown in BREAKDOWNS.items() if breakdown.of == "reports"]
DEPARTMENTS = ("department", "department_severe")
SECRET_BREAKDOWNS = [code for code in BREAKDOWNS if code != "prevention"]  # a choice of the desk points at nobody


@dataclass(frozen=True)
class Past:
    """A released period: what was counted and what was told."""

    period: Period
    exact: Counts
    shown: Shown


def leaks_of(past: Sequence[Past], setting: Setting) -> list[Leak]:
    """What can be worked out too closely from these releases of one calendar year."""
    year = _Year(past, setting)
    return attack(list(year.facts()), list(year.secrets()))


class _Year:
    def __init__(self, past: Sequence[Past], setting: Setting) -> None:
        self.past, self.setting = past, setting
        self.months = {one.period.number: one.exact for one in past if one.period.kind == PeriodKind.MONTH}
        self.keys = {month: self._keys(month) for month in self.months}
        small = {unit.key for unit in setting.units if unit.people < setting.smallest_team}
        self.small = small - self._told_alone()
        told = {
            one.period.number: one.shown.numbers.get("reports") for one in past if one.period.kind == PeriodKind.MONTH
        }
        self.totals = {month: one.high for month, one in told.items() if one is not None and one.is_exact}

    def _keys(self, month: int) -> dict[str, set[str]]:
        """The categories that a breakdown had in this month: those that were shown of it, and those that were counted.

        Where nothing was shown of it, those of now.
        """
        keys: dict[str, set[str]] = {code: set(self.months[month].tables.get(code, {})) for code in BREAKDOWNS}
        covering = [one for one in self.past if month in {part.number for part in one.period.months}]
        for code in BREAKDOWNS:
            tables = [lines for one in covering if (lines := one.shown.tables.get(code)) is not None]
            seen = {key for lines in tables for line in lines for key in _held(code, line)}
            keys[code] |= seen or set(self.setting.grid(code))
        both = keys["department"] | keys["department_severe"]
        return keys | {"department": both, "department_severe": both}

    def _told_alone(self) -> set[str]:
        """The departments of which a number was told when they were large enough: that cannot be taken back."""
        return {
            line.key
            for one in self.past
            for line in one.shown.tables.get("department") or ()
            if line.told and line.holds == (line.key,) and line.people >= one.shown.smallest_team
        }

    # --- what everyone knows ---

    def facts(self) -> Iterator[Fact]:
        for month in self.months:
            yield from self._adding_up(month)
        for one in self.past:
            months = [month.number for month in one.period.months if month.number in self.months]
            yield from self._told(one.shown, months)

    def _adding_up(self, month: int) -> Iterator[Fact]:
        whole, keys = _cell("reports", "", month), self.keys[month]
        for code in PARTS_OF_REPORTS:
            assert keys[code], "a whole has parts"
            yield _equal({_cell(code, key, month) for key in keys[code]}, whole)
        severe = _cell("severe", YES, month)
        yield _equal({severe, _cell("severe", NO, month)}, whole)
        yield _equal({_cell("severity", key, month) for key in SEVERE}, severe)
        yield _equal({_cell("department_severe", key, month) for key in keys["department_severe"]}, severe)
        for key in keys["department"]:
            yield _at_most(_cell("department_severe", key, month), _cell("department", key, month))
        yield _equal({_cell("online", key, month) for key in keys["online"]}, _cell("channel", ONLINE, month))
        for key in keys["online"]:
            yield _at_most(_cell("online", key, month), _cell("behaviour", key, month))
        for code in SHARES:
            yield _at_most(_cell(f"met:{code}", "", month), _cell(f"of:{code}", "", month))

    def _told(self, shown: Shown, months: Sequence[int]) -> Iterator[Fact]:
        yield from _known({_cell("reports", "", month) for month in months}, shown.numbers.get("reports"))
        yield from _known({_cell("near_misses", "", month) for month in months}, shown.numbers.get("near_misses"))
        yield from _known({_cell("severe", YES, month) for month in months}, shown.numbers.get("severe"))
        for code in SHARES:
            for part, told in zip(("met", "of"), shown.shares.get(code) or (), strict=False):
                yield from _known({_cell(f"{part}:{code}", "", month) for month in months}, told)
        for code in SECRET_BREAKDOWNS:
            for line in shown.tables.get(code) or ():
                cells = {_cell(code, key, month) for key in _held(code, line) for month in months}
                yield from _known(cells, line.told or _why_folded(code, line, shown.smallest_team))

    # --- what must stay unknown ---

    def secrets(self) -> Iterator[Secret]:
        for one in self._periods():
            months = [month.number for month in one.months if month.number in self.months]
            counts = added(self.months[month] for month in months)
            needed = self._needed(months)
            for code in SECRET_BREAKDOWNS:
                table = counts.tables.get(code, {})
                keys = {key for month in months for key in self.keys[month][code]}
                for key in sorted(keys) if len(keys) > 1 else ():  # a single part is the whole
                    if table.get(key, 0) < FEW or self._is_small(code, key):
                        yield _secret(code, key, months, needed, one)
            for code in TOTALS:  # exact ones are told by choice
                is_exact = any(told.is_exact for told in self._told_of(code, one))
                if counts.numbers[code] < FEW and not is_exact:
                    yield _secret(code, "", months, NEEDED, one)
            severe = counts.numbers["severe"]
            for key, number in ((YES, severe), (NO, counts.numbers["reports"] - severe)):
                if number < FEW:
                    yield _secret("severe", key, months, needed, one)
            for code in SHARES:
                if counts.shares.get(code, (0, 0))[1] < FEW:
                    yield _secret(f"of:{code}", "", months, NEEDED, one)

    def _told_of(self, code: str, period: Period) -> Iterator[Told]:
        """How a number was told of a period, or of each month in it where it was not."""
        found = [one.shown.numbers.get(code) for one in self.past if one.period == period]
        found = found or [one.shown.numbers.get(code) for one in self.past if one.period in period.months]
        return (told for told in found if told is not None)

    def _periods(self) -> Iterator[Period]:
        """Every period of the grid that is complete; before the first month nothing was kept here."""
        if not self.past:
            return
        year = self.past[0].period.year
        for kind, count in ((PeriodKind.MONTH, 12), (PeriodKind.QUARTER, 4), (PeriodKind.YEAR, 1)):
            for number in range(1, count + 1):
                period = Period(kind, year, number)
                if period.months[-1].number in self.months:
                    yield period

    def _needed(self, months: Sequence[int]) -> int:
        """As wide as it must stay, or as wide as it is by the exact totals, which are told by choice.

        Of a month with two reports everyone knows that no part has more than two.
        """
        if not set(months) <= set(self.totals):
            return NEEDED
        return min(NEEDED, sum(self.totals[month] for month in months))

    def _is_small(self, code: str, key: str) -> bool:
        return code in DEPARTMENTS and key in self.small


def _held(code: str, line: Line) -> tuple[str, ...]:
    """The categories that count in a line; of departments it may be several, or none."""
    return line.holds if code in DEPARTMENTS else (line.key,)


def _why_folded(code: str, line: Line, smallest_team: int) -> Told | None:
    """A department that was large enough and still not told had few reports: everyone can see that."""
    return Told.few(FEW) if code == "department" and line.people >= smallest_team else None


def _cell(family: str, key: str, month: int) -> Cell:
    return (family, key, month)


def _equal(parts: set[Cell], whole: Cell) -> Fact:
    return Fact(frozenset(parts), frozenset({whole}), 0, 0)


def _at_most(part: Cell, whole: Cell) -> Fact:
    return Fact(frozenset({whole}), frozenset({part}), 0, None)


def _known(cells: set[Cell], told: Told | None) -> Iterator[Fact]:
    if told is not None and cells:
        yield Fact(frozenset(cells), frozenset(), told.low, told.high)


def _secret(family: str, key: str, months: Sequence[int], needed: int, period: Period) -> Secret:
    cells = frozenset(_cell(family, key, month) for month in months)
    return Secret(f"{family}:{key} {period.code}", family, cells, needed)
