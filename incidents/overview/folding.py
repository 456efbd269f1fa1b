"""Departments that are too small, or have too few reports, count with the one that they are part of.

Pure: departments and counts in, lines out. A line is told with enough people and enough reports (reliability 4.8).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from incidents.overview.setting import Setting, Unit
from incidents.overview.shown import REST, Line
from incidents.overview.told import FEW, Told


@dataclass
class Pool:
    """What counts together: departments, their people and their reports."""

    holds: list[str] = field(default_factory=list)
    people: int = 0
    reports: int = 0

    def take(self, other: "Pool") -> None:
        self.holds += other.holds
        self.people += other.people
        self.reports += other.reports

    def may_be_told(self, smallest: int) -> bool:
        return self.people >= smallest and self.reports >= FEW


def department_lines(setting: Setting, counts: Mapping[str, int]) -> tuple[Line, ...]:
    """A line for each department in the order of the tree, and last what counts with none of them.

    Each department stands there whatever it has, so that being there says nothing.
    """
    return _Folding(setting, counts).lines()


def severe_lines(lines: Sequence[Line], counts: Mapping[str, int], base: int) -> tuple[Line, ...]:
    """The same lines with another count: of what each of them holds."""
    return tuple(
        replace(line, told=Told.rounded(sum(counts.get(key, 0) for key in line.holds), base)) if line.told else line
        for line in lines
    )


class _Folding:
    def __init__(self, setting: Setting, counts: Mapping[str, int]) -> None:
        self.setting, self.counts = setting, counts
        keys = {unit.key for unit in setting.units}
        self.under: dict[str, list[Unit]] = {}
        for unit in setting.units:
            self.under.setdefault(unit.parent if unit.parent in keys else "", []).append(unit)
        self.found: list[Line] = []
        self.rest = Pool()
        self.seen: set[str] = set()

    def lines(self) -> tuple[Line, ...]:
        for unit in self.under.get("", []):
            self.rest.take(self._fold(unit, 0))
        for unit in self.setting.units:  # of a ring, which has no top
            if unit.key not in self.seen:
                self.rest.take(self._fold(unit, 0))
        unknown = {key: number for key, number in self.counts.items() if key not in self._known()}
        self.rest.take(Pool(sorted(unknown), 0, sum(unknown.values())))
        told = {key: line.key for line in self.found if line.told for key in line.holds}
        lines = [line if line.told else replace(line, with_line=told.get(line.key, REST)) for line in self.found]
        return (*lines, self._line(REST, {}, self.rest, 0))

    def _known(self) -> set[str]:
        return {unit.key for unit in self.setting.units}

    def _fold(self, unit: Unit, level: int) -> Pool:
        """Write the lines of a department and what is under it; gives what counts with the one above."""
        place = len(self.found)
        self.seen.add(unit.key)
        pool = Pool([unit.key], unit.people, self.counts.get(unit.key, 0))
        for part in self.under.get(unit.key, []):
            if part.key not in self.seen:
                pool.take(self._fold(part, level + 1))
        line = self._line(unit.key, {"nl": unit.name, "en": unit.name}, pool, level)
        self.found.insert(place, line)
        return Pool() if line.told else pool

    def _line(self, key: str, names: Mapping[str, str], pool: Pool, level: int) -> Line:
        is_told = pool.may_be_told(self.setting.smallest_team)
        told = Told.rounded(pool.reports, self.setting.base) if is_told else None
        return Line(key, told, names, tuple(pool.holds), pool.people, level)
