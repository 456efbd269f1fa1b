"""Nothing that is told points at a person (T35): by the rules, by the attacker program, and by one of our own."""

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

import highspy
import pytest
from django.core.management import CommandError, call_command

from incidents.models import Location, Release
from incidents.overview.attack_on import Past, leaks_of
from incidents.overview.breakdowns import BREAKDOWNS
from incidents.overview.counts import Counts
from incidents.overview.disclosure import median_of
from incidents.overview.figures import FIGURES, Nature
from incidents.overview.periods import Period, ended_by
from incidents.overview.setting import Setting, Unit, setting_of
from incidents.overview.shown import Line, Shown
from incidents.overview.told import Told
from incidents.overview.wording import percent_of
from incidents.vocabulary import PeriodKind
from tests import clock
from tests.incidents.random_organisation import (
    RandomOrganisation,
    as_disclosed,
    as_ruled,
    each_line,
    months_of,
    tell_all,
)
from tests.world import Place
from vpdportal.accounts.models import Department

Cell = tuple[str, str, int]
NEEDED = 3
QUARTER = months_of("2026-01", 3)
# seed, people, reports a month: from a hamlet to a city
WORLDS = [(1, 120, 0.3), (2, 300, 2), (3, 300, 5), (4, 800, 16), (5, 90, 30)]
DEPARTMENTS = ("department", "department_severe")


@pytest.fixture(scope="module", params=WORLDS, ids=lambda world: f"{world[1]} people, {world[2]} a month")
def quarter(request: Any) -> tuple[Setting, list[Past]]:
    """Three months and their quarter, as told."""
    organisation = RandomOrganisation(*request.param)
    return organisation.setting, organisation.told(QUARTER)


def test_each_number_is_told_by_the_rules(quarter: tuple[Setting, list[Past]]):
    for past in quarter[1]:
        keeps_the_rules(quarter[0], past)


def test_our_own_program_finds_nothing_either(quarter: tuple[Setting, list[Past]]):
    setting, past = quarter
    attacker = OwnAttacker(setting, past)
    secrets = list(attacker.secrets())
    for cells in random.Random(0).sample(secrets, min(len(secrets), 40)):
        low, high = attacker.ends(cells)
        needed = min([NEEDED, *attacker.totals_of(cells)])
        assert high - low >= needed, (sorted(cells), low, high)


def test_two_years_tell_nothing_too_closely():
    """Of 24 months, 8 quarters and 2 years together; and what was told first did not stop what came after it."""
    organisation = RandomOrganisation(6, 300, 5)
    past = organisation.told(months_of("2025-01", 24))
    assert len(past) == 24 + 8 + 2
    for one in past:
        keeps_the_rules(organisation.setting, one)
    for year in (2025, 2026):
        assert leaks_of([one for one in past if one.period.year == year], organisation.setting) == []
    years = [one.shown for one in past if one.period.kind == PeriodKind.YEAR]
    assert all(shown.tables["department"] and shown.tables["behaviour"] for shown in years), "still of use"


# --- the rules -------------------------------------------------------------------------------------------------------


def keeps_the_rules(setting: Setting, past: Past) -> None:
    exact, shown = past.exact, past.shown
    for code, told in {**shown.numbers, **shown.stocks}.items():
        number = (exact.numbers | exact.stocks)[code]
        assert told is None or told.low <= number <= told.high
        if FIGURES[code].nature in (Nature.PART, Nature.PEOPLE) and 0 < number < 5:
            assert told is None or told == Told(None, 0, 4), "no small number of persons"
        if told and told.is_exact and FIGURES[code].nature == Nature.TOTAL:
            assert setting.staff >= setting.exact_from
    for code, share in shown.shares.items():
        met, of = exact.shares[code]
        assert share is None or (of >= 10 and share[0].low <= met <= share[0].high and share[1].low <= of)
        assert share is None or percent_of(*share) is None or of >= 25
    for code, spread in exact.spreads.items():
        assert shown.medians[code] == (median_of(spread, 1) if sum(spread.values()) >= 25 else None)
    for code, (_cents, lines) in exact.sums.items():
        assert shown.sums[code] is None or lines >= 5 or (lines, shown.sums[code]) == (0, 0)
        assert (shown.sums[code] or 0) % 100 == 0
    keeps_the_grid(setting, past)


def keeps_the_grid(setting: Setting, past: Past) -> None:
    assert set(past.shown.tables) == set(BREAKDOWNS)
    for code, lines in past.shown.tables.items():
        if lines is None:
            continue
        assert past.period.kind in BREAKDOWNS[code].kinds, "nothing of a finer grid"
        keys = [line.key for line in lines]
        grid = [unit.key for unit in setting.units] if code in DEPARTMENTS else list(setting.grid(code))
        assert set(grid) <= set(keys) and len(keys) == len(set(keys)), "every category, whatever it has"
    for code, line, number in each_line(past):
        if line.told is None:
            assert code in DEPARTMENTS
            continue
        assert line.told.low <= number <= line.told.high and not line.told.is_exact
        if line.told.high - line.told.low > 4:  # added up from shorter periods, which says nothing new
            continue
        assert (number < 5) == (line.told == Told(None, 0, 4))
        assert line.told.value is None or line.told.value % 5 == 0
        if code in DEPARTMENTS:
            reports = sum(past.exact.tables["department"].get(key, 0) for key in line.holds)
            people = sum(unit.people for unit in setting.units if unit.key in line.holds)
            assert people == line.people >= setting.smallest_team and reports >= 5
        base = past.shown.numbers["reports"]
        assert percent_of(line.told, base) is None or past.exact.numbers["reports"] >= 23  # "about 25" or more
    departments = past.shown.tables["department"] or ()
    told = Counter(key for line in departments if line.told for key in line.holds)
    assert set(told.values()) <= {1}, "nobody counts twice"


def test_percentages_only_on_a_wide_base():
    assert percent_of(Told.exact(24), Told.exact(24)) is None
    assert percent_of(Told.exact(20), Told.exact(25)) == 80
    assert percent_of(Told.rounded(25), Told.rounded(25)) is None, "it may be 23"
    assert percent_of(Told.rounded(20), Told.rounded(30)) == 65
    assert percent_of(Told.rounded(30), Told.rounded(30)) is None, "all of it may be fewer"
    assert percent_of(Told.few(), Told.exact(100)) is None
    assert percent_of(None, Told.exact(100)) is None and percent_of(Told.exact(10), None) is None


@pytest.mark.parametrize("number", range(40))
@pytest.mark.parametrize("base", [5, 10])
def test_a_rounded_number_could_be_any_of_several(number: int, base: int):
    told = Told.rounded(number, base)
    same = [other for other in range(60) if Told.rounded(other, base) == told]
    assert same == list(range(told.low, told.high + 1)) and len(same) >= 3
    assert set(range(base)) <= set(same) or min(same) >= base


# --- a program of our own --------------------------------------------------------------------------------------------


class OwnAttacker:
    """Whole numbers only, nothing left out, and nothing taken from the program of the portal.

    It knows what anyone can read in the JSON that is shown, how numbers are rounded and when something is told at all.
    """

    def __init__(self, setting: Setting, past: Sequence[Past]) -> None:
        self.setting, self.past = setting, past
        self.months = {one.period.number: one for one in past if one.period.kind == PeriodKind.MONTH}
        self.columns: dict[Cell, int] = {}
        self.solver = highspy.Highs()
        self.solver.setOptionValue("output_flag", False)
        for month in self.months:
            self.parts_add_up(month)
        for one in past:
            self.read(json.loads(one.shown.to_json()), [month.number for month in one.period.months])

    def keys(self, code: str) -> list[str]:
        counted = {key for one in self.past for key in one.exact.tables.get(code, {})}
        grid = {unit.key for unit in self.setting.units} if code in DEPARTMENTS else self.setting.grid(code)
        return sorted({*grid, *counted})

    def column(self, *cell: Any) -> int:
        if cell not in self.columns:
            self.columns[cell] = len(self.columns)
            self.solver.addVar(0, 500)
            self.solver.changeColIntegrality(self.columns[cell], highspy.HighsVarType.kInteger)
        return self.columns[cell]

    def fact(self, plus: Sequence[int], minus: Sequence[int], low: float, high: float) -> None:
        weights = [1.0] * len(plus) + [-1.0] * len(minus)
        self.solver.addRow(low, high, len(weights), [*plus, *minus], weights)

    def parts_add_up(self, month: int) -> None:
        whole, severe = self.column("reports", "", month), self.column("severe", "", month)
        for code, breakdown in BREAKDOWNS.items():
            if code not in ("prevention",):
                parts = [self.column(code, key, month) for key in self.keys(code)]
                of = {"reports": whole, "severe": severe}.get(
                    breakdown.of, self.column("channel", "social_media", month)
                )
                self.fact(parts, [of], 0, 0)
        grave = [self.column("severity", key, month) for key in ("3", "4")]
        self.fact(grave, [severe], 0, 0)
        for part, of in (("department_severe", "department"), ("online", "behaviour")):
            for key in self.keys(part):
                self.fact([self.column(of, key, month)], [self.column(part, key, month)], 0, 500)

    def read(self, shown: dict[str, Any], months: Sequence[int]) -> None:
        for name in ("reports", "severe"):
            if shown["numbers"][name]:
                self.fact([self.column(name, "", month) for month in months], [], *shown["numbers"][name][1:])
        for code, lines in shown["tables"].items():
            for line in lines or () if code != "prevention" else ():
                keys = line.get("holds") or [line["key"]]
                ends = line["told"][1:] if line["told"] else self.why_not(code, line)
                self.fact([self.column(code, key, month) for key in keys for month in months], [], *ends)

    def why_not(self, code: str, line: dict[str, Any]) -> tuple[int, int]:
        is_large = code == "department" and line.get("people", 0) >= self.setting.smallest_team
        return (0, 4) if is_large else (0, 500)

    def secrets(self) -> Iterator[list[int]]:
        """Each part of which fewer than 5 came in, in a month and in the quarter; and each small department."""
        small = {unit.key for unit in self.setting.units if unit.people < self.setting.smallest_team}
        for one in self.past:
            months = [month.number for month in one.period.months]
            for code in BREAKDOWNS:
                for key in self.keys(code) if code != "prevention" else ():
                    if one.exact.tables.get(code, {}).get(key, 0) < 5 or (code in DEPARTMENTS and key in small):
                        yield [self.column(code, key, month) for month in months]

    def totals_of(self, cells: Sequence[int]) -> Iterator[int]:
        """Where all its months are told exactly: no part can be more than that, and everyone may know."""
        months = {cell[2] for cell, column in self.columns.items() if column in cells}
        told = [self.months[month].shown.numbers["reports"] for month in months]
        if all(one and one.is_exact for one in told):
            yield sum(one.low for one in told if one)

    def ends(self, cells: Sequence[int]) -> tuple[int, int]:
        return self.end(cells, 1), self.end(cells, -1)

    def end(self, cells: Sequence[int], towards: int) -> int:
        every = list(range(len(self.columns)))
        costs = [float(towards) if column in cells else 0.0 for column in every]
        self.solver.changeColsCost(len(every), every, costs)
        self.solver.run()
        assert self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return towards * round(self.solver.getInfo().objective_function_value)


# --- what must be found ----------------------------------------------------------------------------------------------


def telling(past: Sequence[Past], period: Period, code: str, key: str, told: Told) -> list[Past]:
    """The same, but for one number."""
    found = []
    for one in past:
        lines = one.shown.tables.get(code)
        if one.period == period and lines:
            tables = {**one.shown.tables, code: tuple(said(line, told) if line.key == key else line for line in lines)}
            found.append(replace(one, shown=replace(one.shown, tables=tables)))
        else:
            found.append(one)
    return found


def said(line: Line, told: Told) -> Line:
    return replace(line, told=told, holds=line.holds and (line.key,))


def small_and_told(setting: Setting, past: Past) -> tuple[str, int]:
    """A department with too few people, and what it really had."""
    unit = next(unit for unit in setting.units if unit.people < setting.smallest_team)
    return unit.key, past.exact.tables["department"].get(unit.key, 0)


def test_a_planted_number_is_found():
    organisation = RandomOrganisation(3, 300, 5)
    past, setting = organisation.told(QUARTER), organisation.setting
    assert leaks_of(past, setting) == []
    key, number = small_and_told(setting, past[-1])
    names = [leak.secret.name for leak in leaks_of(planted(past, key, number), setting)]
    assert f"department:{key} 2026-k1" in names
    attacker = OwnAttacker(setting, planted(past, key, number))
    assert attacker.ends([attacker.column("department", key, month) for month in (1, 2, 3)]) == (number, number)


def planted(past: Sequence[Past], key: str, number: int) -> list[Past]:
    return telling(past, past[-1].period, "department", key, Told.exact(number))


def hidden_below_five(exact: Counts, period: Period, setting: Setting, past: Sequence[Past]) -> Shown:
    """What others do: exact numbers, those under 5 left out, and another one so that the total does not tell."""
    shown = as_ruled(exact, period, setting, past)
    tables: dict[str, tuple[Line, ...] | None] = {}
    for code in BREAKDOWNS:
        if period.kind not in BREAKDOWNS[code].kinds or code in DEPARTMENTS:
            tables[code] = None
            continue
        counts = {key: exact.tables.get(code, {}).get(key, 0) for key in setting.grid(code)}
        order = sorted(counts, key=lambda key: counts[key])
        number = sum(counts[key] < 5 for key in order)
        while 0 < number < len(order) and (number < 2 or sum(counts[key] for key in order[:number]) < 5):
            number += 1
        tables[code] = tuple(
            Line(key, None if key in order[:number] else Told.exact(counts[key])) for key in setting.grid(code)
        )
    return replace(shown, tables=tables)


def test_hiding_small_numbers_is_not_enough():
    organisation = RandomOrganisation(4, 800, 16)
    leaks = leaks_of(organisation.told(months_of("2026-01", 12), hidden_below_five), organisation.setting)
    assert len(leaks) >= 10 and any(leak.low == leak.high for leak in leaks)


def test_the_rules_alone_are_not_enough():
    """Why the program runs before each release."""
    leaks = 0
    for seed in range(12):
        organisation = RandomOrganisation(seed, 300, 4)
        leaks += len(leaks_of(organisation.told(QUARTER, as_ruled), organisation.setting))
    assert leaks


@pytest.mark.parametrize(("departments", "places"), [(1, 1), (2, 0), (1, 0)])
def test_what_the_total_says_by_choice_is_no_leak(departments: int, places: int):
    """Without places, or with one department, the only part is the total itself, which is told exactly."""
    units = tuple(Unit(f"d{number}", f"Afdeling {number}", 300) for number in range(departments))
    setting = Setting(units, {f"p{number}": {"nl": "p", "en": "p"} for number in range(places)}, {})
    organisation = RandomOrganisation(1, 300, 2)
    organisation.setting = setting
    exact = replace(organisation.month(), numbers={**organisation.month().numbers, "reports": 2, "severe": 0})
    parts = {"severity": "2", "behaviour": "insult", "channel": "counter", "target_group": "employee"}
    parts |= {"department": "d0", "location": "none", "weekday": "2", "day_part": "morning"}
    exact = replace(exact, tables={code: {key: 2} for code, key in parts.items()})
    shown = as_disclosed(exact, QUARTER[0], setting, [])
    assert shown.numbers["reports"] == Told.exact(2)


# --- two worlds that look the same -----------------------------------------------------------------------------------


def test_two_worlds_mostly_look_the_same():
    """One report more of this and one less of that, in the same interval: nearly always nobody can see it."""
    same, tried = 0, 0
    for seed in range(4):
        organisation = RandomOrganisation(seed, 300, (2, 8)[seed % 2])
        months = {month: organisation.month() for month in QUARTER}
        told = [past.shown.to_json() for past in tell_all(months, organisation.setting)]
        other = moved_by_one(months, organisation.dice)
        if other is not None:
            tried += 1
            same += told == [past.shown.to_json() for past in tell_all(other, organisation.setting)]
    assert tried >= 3 and same >= tried - 1


def moved_by_one(months: dict[Period, Counts], dice: random.Random) -> dict[Period, Counts] | None:
    """One report had another behaviour, so that each month and the quarter stay in their intervals."""
    labels = list(BREAKDOWNS["behaviour"].labels or ())
    for _try in range(200):
        month, (less, more) = dice.choice(list(months)), dice.sample(labels, 2)
        table = dict(months[month].tables["behaviour"])
        if not table.get(less):
            continue
        table |= {less: table[less] - 1, more: table.get(more, 0) + 1}
        tables = {**months[month].tables, "behaviour": table, "online": {}}
        other = {**months, month: replace(months[month], tables=tables | {"online": months[month].tables["online"]})}
        fits = all(table[key] >= tables["online"].get(key, 0) for key in table)
        if fits and all(intervals(months, key) == intervals(other, key) for key in (less, more)):
            return other
    return None


def intervals(months: dict[Period, Counts], key: str) -> list[Told]:
    numbers = [counts.tables["behaviour"].get(key, 0) for counts in months.values()]
    return [Told.rounded(number) for number in [*numbers, sum(numbers)]]


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_tells_what_it_found(town: Place, capsys: Any):
    Department.objects.filter(pk=town.department.pk).update(headcount=250)
    team = Department.objects.create(organisation=town.organisation, name="Team", headcount=6, parent=town.department)
    Location.objects.create(organisation=town.organisation, name="Balie", code="BALIE1")
    organisation = RandomOrganisation(1, 256, 9)
    organisation.setting = setting_of(town.organisation)
    months = {month: with_places(organisation) for month in QUARTER}
    past = tell_all(months, organisation.setting)
    keep(town, past[:-1])
    call_command("attack_overviews")
    assert "Nothing could be worked out." in capsys.readouterr().out
    keep(town, planted(past, str(team.pk), past[-1].exact.tables["department"].get(str(team.pk), 0))[-1:])
    with pytest.raises(CommandError, match="can be worked out too closely"):
        call_command("attack_overviews", organisation=town.organisation.slug)
    out = capsys.readouterr().out
    assert f"department:{team.pk} 2026-k1: between" in out and "Nothing could" not in out
    with pytest.raises(CommandError, match="no organisation"):
        call_command("attack_overviews", organisation="nergens")


def with_places(organisation: RandomOrganisation) -> Counts:
    """A month in which only the places of the organisation are named."""
    counts = organisation.month()
    number = counts.numbers["reports"]
    return replace(counts, tables={**counts.tables, "location": {"none": number}})


def keep(town: Place, past: Sequence[Past]) -> None:
    for one in past:
        text = one.shown.to_json()
        Release.objects.create(
            **{"organisation": town.organisation, **one.period.row(), "made_at": clock.move(hours=1)},
            **{"shown": text, "digest": sha256(text.encode()).hexdigest(), "sealed_exact": one.exact.to_json()},
        )


def test_the_periods_come_in_the_order_of_the_clock():
    assert [period.code for period in ended_by(Period.parse("2026-12"))] == ["2026-12", "2026-k4", "2026"]
