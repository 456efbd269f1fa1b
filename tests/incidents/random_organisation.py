"""Organisations of any size with counts of months, straight from chance: for what may be told of them.

Without a database. What follows from a seed is always the same.
"""

import math
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from incidents.overview.attack_on import Past
from incidents.overview.breakdowns import BREAKDOWNS
from incidents.overview.counts import Counts, added
from incidents.overview.disclosure import by_rules, disclose
from incidents.overview.figures import Nature, of_nature
from incidents.overview.periods import Period, ended_by
from incidents.overview.setting import Setting, Unit
from incidents.overview.shown import Shown

SIZES = (3, 6, 9, 10, 12, 20, 40, 80)  # of departments
OFTEN = {  # how much more often the first categories happen than the others
    **{"behaviour": (30, 15, 12, 10, 6, 4), "channel": (30, 5, 20, 12, 5, 10), "target_group": (10, 30, 20, 15, 8)},
    **{"severity": (20, 45, 27, 8), "weekday": (5, 5, 5, 5, 5, 1, 1), "day_part": (1, 6, 8, 3)},
}
PLACES = {code: {"nl": code, "en": code} for code in ("balie", "wijk", "bus")}
Tell = Callable[[Counts, Period, Setting, Sequence[Past]], Shown]
STOCKS = (Nature.STOCK, Nature.ALARM, Nature.PEOPLE)


class RandomOrganisation:
    """With so many people in a tree of departments, and about `mean` reports a month."""

    def __init__(self, seed: int, people: int, mean: float) -> None:
        self.dice, self.mean = random.Random(seed), mean
        self.setting = Setting(tuple(self._units(people)), PLACES, {"P02": {"nl": "P02", "en": "P02"}})

    def _units(self, people: int) -> Sequence[Unit]:
        found: list[Unit] = []
        while people > 0:
            size = min(people, self.dice.choice(SIZES))
            parent = self.dice.choice([*(unit.key for unit in found), "", ""])
            found.append(Unit(f"d{len(found):02}", f"Afdeling {len(found)}", size, parent))
            people -= size
        return found

    def poisson(self, mean: float) -> int:
        if mean > 50:
            return max(0, round(self.dice.gauss(mean, mean**0.5)))
        number, chance, least = 0, self.dice.random(), math.exp(-mean)
        while chance > least:
            number, chance = number + 1, chance * self.dice.random()
        return number

    def month(self) -> Counts:
        tables: dict[str, dict[str, int]] = {code: {} for code in BREAKDOWNS}
        number = self.poisson(self.mean)
        severe = sum(self._report(tables) for _report in range(number))
        natures = of_nature(Nature.TOTAL, Nature.PART, Nature.WORK)
        numbers = {figure.code: self.poisson(self.mean) for figure in natures}
        numbers |= {"reports": number, "severe": severe, "near_misses": self.poisson(self.mean / 4)}
        return Counts(
            numbers=numbers,
            stocks={
                figure.code: self.poisson(self.mean) for figure in of_nature(Nature.STOCK, Nature.ALARM, Nature.PEOPLE)
            },
            shares={figure.code: self._share(number) for figure in of_nature(Nature.SHARE)},
            tables=tables,
            spreads={figure.code: {3: number // 2, 5: number // 2} for figure in of_nature(Nature.MEDIAN)},
            sums={figure.code: (12_345 * number, number // 3) for figure in of_nature(Nature.SUM)},
        )

    def _report(self, tables: Mapping[str, dict[str, int]]) -> bool:
        units = self.setting.units
        found = {code: self._one_of(code) for code in OFTEN}
        found["location"] = self.dice.choice([*PLACES, "none", "none"])
        found["department"] = self.dice.choices(units, [unit.people for unit in units])[0].key
        if is_severe := found["severity"] in ("3", "4"):
            found["department_severe"] = found["department"]
        if found["channel"] == "social_media":
            found["online"] = found["behaviour"]
        for code, key in found.items():
            tables[code][key] = tables[code].get(key, 0) + 1
        return is_severe

    def _one_of(self, code: str) -> str:
        labels = list(BREAKDOWNS[code].labels or ())
        weights = [*OFTEN[code], *[1] * len(labels)][: len(labels)]
        return self.dice.choices(labels, weights)[0]

    def _share(self, number: int) -> tuple[int, int]:
        of = sum(self.dice.random() < 0.6 for _report in range(number))
        return sum(self.dice.random() < 0.8 for _case in range(of)), of

    def told(self, months: Collection[Period], tell: Tell | None = None) -> list[Past]:
        """The months one after the other, with the quarters and years that they end, as management is told."""
        return tell_all({month: self.month() for month in months}, self.setting, tell or as_disclosed)


def as_disclosed(exact: Counts, period: Period, setting: Setting, past: Sequence[Past]) -> Shown:
    return disclose(exact, period, setting, past).shown


def as_ruled(exact: Counts, period: Period, setting: Setting, _past: Sequence[Past]) -> Shown:
    """Before the attacker looked."""
    return by_rules(exact, period, setting)


def tell_all(months: Mapping[Period, Counts], setting: Setting, tell: Tell = as_disclosed) -> list[Past]:
    past: list[Past] = []
    for month in months:
        for period in ended_by(month):
            exact = added(months[one] for one in period.months if one in months)
            of_year = [one for one in past if one.period.year == period.year]
            past.append(Past(period, exact, tell(exact, period, setting, of_year)))
    return past


def months_of(first: str, number: int) -> list[Period]:
    return [Period.parse(first).shifted(step) for step in range(number)]


def each_line(past: Past) -> Any:
    """Every line of every table that is told: code, line, and how many there really were."""
    for code, lines in past.shown.tables.items():
        for line in lines or ():
            keys = line.holds or (line.key,)
            yield code, line, sum(past.exact.tables.get(code, {}).get(key, 0) for key in keys)
