"""What can be worked out from told numbers: by hand, by trying all tables, and in the experiment of T35."""

import itertools
import math
import random
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as some

from incidents.overview.attacker import Cell, Fact, Impossible, Leak, Secret, attack
from incidents.overview.linear import Program, Row, Towards

Table = dict[Cell, int]
NOTHING: frozenset[Cell] = frozenset()
MONTHS = range(1, 13)
QUARTERS = [range(first, first + 3) for first in (1, 4, 7, 10)]


def cells(names: str, months: Iterable[int] = (1,), family: str = "behaviour") -> frozenset[Cell]:
    return frozenset((family, name, month) for name in names.split() for month in months)


def told(plus: frozenset[Cell], low: int, high: int | None, minus: frozenset[Cell] = NOTHING) -> Fact:
    return Fact(plus, minus, low, high)


def secret(which: frozenset[Cell], needed: int = 3, name: str = "secret") -> Secret:
    return Secret(name, "behaviour", which, needed)


def intervals(leaks: Iterable[Leak]) -> list[tuple[int, int]]:
    return [(leak.low, leak.high) for leak in leaks]


# By hand


def test_a_total_and_a_part_tell_the_other_parts():
    """8 reports, of which "10" (8 to 12) were threats: then all were, and nothing else happened."""
    facts = [told(cells("threat kick insult"), 8, 8), told(cells("threat"), 8, 12)]
    facts += [told(cells("kick"), 0, 4), told(cells("insult"), 0, 4)]
    secrets = [secret(cells("threat")), secret(cells("kick")), secret(cells("kick insult"))]
    assert attack(facts, secrets) == [Leak(secrets[0], 8, 8), Leak(secrets[1], 0, 0), Leak(secrets[2], 0, 0)]
    facts[0] = told(cells("threat kick insult"), 13, 13)
    assert intervals(attack(facts, secrets)) == []


def test_three_hidden_months_and_their_quarter():
    facts = [told(cells("threat", [month]), 0, 4) for month in (1, 2, 3)]
    secrets = [secret(cells("threat", [month]), 3, f"month {month}") for month in (1, 2, 3)]
    assert attack([*facts, told(cells("threat", [1, 2, 3]), 8, 12)], secrets) == []
    assert intervals(attack([*facts, told(cells("threat", [1, 2, 3]), 10, 12)], secrets)) == [(2, 4)] * 3
    assert intervals(attack([*facts, told(cells("threat", [1, 2, 3]), 0, 1)], secrets)) == [(0, 1)] * 3


def test_a_secret_over_months_and_categories_leaks_although_each_of_its_cells_is_safe():
    """A quarter, and the small categories that are told together."""
    quarter = cells("kick bite", [1, 2, 3])
    facts = [told(cells("kick bite threat", [1, 2, 3]), 30, 30), told(cells("threat", [1, 2, 3]), 25, 26)]
    one, together = secret(cells("kick", [1])), secret(quarter)
    assert attack(facts, [one, together]) == [Leak(together, 4, 5)]


def test_a_difference_tells_as_much_as_a_sum():
    """Two breakdowns of the same reports: whoever knows one total knows the other."""
    kinds, places = cells("threat kick"), cells("street desk", family="place")
    same = told(kinds, 0, 0, minus=places)
    facts = [same, told(cells("street", family="place"), 3, 3), told(cells("desk", family="place"), 1, 2)]
    assert intervals(attack(facts, [secret(kinds)])) == [(4, 5)]
    assert attack(facts[1:], [secret(kinds)]) == []
    more = told(cells("street", family="place"), 2, 3, minus=cells("desk", family="place"))
    assert intervals(attack([more, facts[2]], [secret(cells("street", family="place"))])) == [(3, 5)]


def test_a_difference_tells_two_parts_apart():
    """Of 4 reports as many were threats as happened in the street; and bites were 3 fewer than those."""
    street = cells("street", family="place")
    facts = [told(cells("threat kick"), 4, 4), told(street, 3, 4), told(street, 0, 0, minus=cells("threat"))]
    facts += [told(street, 3, 3, minus=cells("bite"))]
    assert intervals(attack(facts, [secret(cells("threat kick")), secret(street)])) == [(4, 4), (3, 4)]
    assert intervals(attack(facts, [secret(cells("kick")), secret(cells("bite"))])) == [(0, 1), (0, 1)]


def test_what_is_added_and_taken_away_again_says_nothing():
    both = cells("threat")
    assert attack([told(both | cells("kick"), 2, 2, minus=both)], [secret(both), secret(cells("kick"), 1)]) == [
        Leak(secret(cells("kick"), 1), 2, 2)
    ]


@pytest.mark.parametrize(("needed", "leaks"), [(0, False), (1, False), (2, False), (3, True), (4, True)])
def test_as_wide_as_needed_is_wide_enough(needed: int, leaks: bool):
    """On an island of two columns, and on a column alone."""
    pair = [told(cells("threat kick"), 10, 12), told(cells("kick", [1]), 5, 5)]
    free = [told(cells("threat kick"), 3, 5), told(cells("threat"), 0, 2)]
    assert bool(attack(pair, [secret(cells("threat"), needed)])) is leaks
    assert bool(attack(free, [secret(cells("threat"), needed)])) is leaks


def test_no_need_never_leaks_and_a_number_nobody_told_is_safe():
    known = told(cells("threat"), 7, 7)
    assert attack([known], [secret(cells("threat"), 0)]) == []
    assert attack([known], [secret(cells("kick"), 100), secret(cells("kick threat"), 100)]) == []
    assert attack([], [secret(cells("kick"), 100)]) == []
    assert attack([known], []) == []
    assert attack([told(cells("threat kick"), 5, None)], [secret(cells("kick"), 100)]) == []  # "at least five"


def test_a_secret_over_two_islands_is_as_wide_as_both_together():
    """January and May share no fact. Each says 0 or 1; together 0 to 2; with what is pinned in June 3 to 5."""
    facts = [told(cells("threat kick", [month]), 1, 1) for month in (1, 5)] + [told(cells("threat", [6]), 3, 3)]
    over_both = cells("threat", [1, 5, 6])
    assert intervals(attack(facts, [secret(over_both, 3)])) == [(3, 5)]
    assert attack(facts, [secret(over_both, 2)]) == []


@pytest.mark.parametrize(
    "facts",
    [
        [told(cells("threat"), 3, 4), told(cells("threat"), 5, 6)],
        [told(cells("threat"), 6, 5)],
        [told(NOTHING, 1, 2)],
        [told(cells("threat"), -3, -1)],
        [told(cells("threat kick"), 3, 4), told(cells("threat kick bite"), 0, 2)],
        [told(cells("threat"), 1, None, minus=cells("kick")), told(cells("kick"), 1, None, minus=cells("threat"))],
        # each pair of facts agrees; a search must find that all together do not
        [told(cells(a), 0, 0, minus=cells(b)) for a, b in (("a c", "b"), ("b", "d"), ("d e", "a"))]
        + [told(cells("a b c d e"), 9, 10), told(cells("c"), 1, 5), told(cells("e"), 0, 5)],
    ],
    ids=lambda facts: f"{len(facts)} facts",
)
def test_facts_that_no_table_fits(facts: list[Fact]):
    with pytest.raises(Impossible):
        attack(facts, [])
    with pytest.raises(Impossible):
        attack([*facts, told(cells("other"), 0, 3)], [secret(cells("other"))])


@pytest.mark.parametrize("names", list(itertools.permutations("abcd")), ids="".join)
def test_facts_that_are_connected_in_the_end_make_one_island(names: tuple[str, ...]):
    """Two pairs of four, and then something that ties the pairs together."""
    a, b, c, d = names
    facts = [told(cells(f"{a} {b}"), 4, 4), told(cells(f"{c} {d}"), 4, 4), told(cells(f"{b} {d}"), 1, 2)]
    secrets = [secret(cells(d)), secret(cells(f"{a} {c}"))]
    for order in itertools.permutations(facts):
        assert intervals(attack(order, secrets)) == [(0, 2), (6, 7)]


def test_ends_are_rounded_inwards():
    """Each two of three make one or two: all three then make at least one and a half, so two."""
    facts = [told(cells(f"{a} {b}"), 1, 2) for a, b in itertools.combinations("abc", 2)]
    assert intervals(attack(facts, [secret(cells("a b c"), 2)])) == [(2, 3)]
    assert attack(facts, [secret(cells("a b c"), 1)]) == []
    facts = [told(cells(f"{a} {b}"), 0, 1) for a, b in itertools.combinations("abc", 2)]
    assert intervals(attack(facts, [secret(cells("a b c"), 2)])) == [(0, 1)]


def test_facts_that_only_broken_numbers_fit():
    """Each two of three are one: half, half and half."""
    facts = [told(cells(f"{a} {b}"), 1, 1) for a, b in itertools.combinations("abc", 2)]
    with pytest.raises(Impossible):
        attack(facts, [secret(cells("a"))])
    with pytest.raises(Impossible):
        attack(facts, [], exact=True)


def test_the_limit_of_broken_numbers():
    """Each pair of four hides at most one report. So all four hide at most one; halves would make it two."""
    facts = [told(cells(f"{a} {b}"), 0, 1) for a, b in itertools.combinations("abcd", 2)]
    of_all = secret(cells("a b c d"), 2)
    assert attack(facts, [of_all]) == []
    assert attack(facts, [of_all], exact=True) == [Leak(of_all, 0, 1)]


def test_the_solver_is_loaded_when_needed_and_says_nothing():
    script = """
import sys
from incidents.overview.attacker import Fact, Secret, attack
assert not {"highspy", "numpy"} & set(sys.modules)
kick, bite = ("behaviour", "kick", 1), ("behaviour", "bite", 1)
both = Fact(frozenset({kick, bite}), frozenset(), 2, 2)
assert len(attack([both], [Secret("kick", "behaviour", frozenset({kick}), 3)])) == 1
assert "highspy" in sys.modules
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


# By trying all tables


@some.composite
def puzzles(draw: some.DrawFn) -> tuple[list[Fact], list[Secret]]:
    """At most five cells of 0 to 2, facts that are true of one table, and sums of which something may be known."""
    truth = {("behaviour", f"c{i}", 1): draw(some.integers(0, 2)) for i in range(draw(some.integers(1, 5)))}
    sums = some.frozensets(some.sampled_from(sorted(truth)), min_size=1)
    facts = [told(frozenset({cell}), 0, 2) for cell in truth]
    for _fact in range(draw(some.integers(0, 4))):
        plus, minus = draw(sums), draw(sums) if draw(some.booleans()) else NOTHING
        value = sum(truth[cell] for cell in plus) - sum(truth[cell] for cell in minus)
        high = value + draw(some.integers(0, 3))
        facts.append(told(plus, value - draw(some.integers(0, 3)), draw(some.sampled_from([high, high, None])), minus))
    return facts, [secret(draw(sums), draw(some.integers(0, 5)), f"s{i}") for i in range(draw(some.integers(1, 4)))]


def by_trying_all(facts: Collection[Fact], secrets: Collection[Secret]) -> list[Leak]:
    known = sorted({cell for fact in facts for cell in fact.plus | fact.minus})
    tables = (dict(zip(known, values, strict=True)) for values in itertools.product(range(3), repeat=len(known)))
    fitting = [table for table in tables if all(fits(fact, table) for fact in facts)]
    sums = {one: [sum(table[cell] for cell in one.cells) for table in fitting] for one in secrets}
    leaks = [Leak(one, min(sums[one]), max(sums[one])) for one in secrets]
    return [leak for leak in leaks if leak.high - leak.low < leak.secret.needed]


def fits(fact: Fact, table: Table) -> bool:
    value = sum(table[cell] for cell in fact.plus) - sum(table[cell] for cell in fact.minus)
    return fact.low <= value and (fact.high is None or value <= fact.high)


@given(puzzles())
@settings(max_examples=150)
def test_it_finds_what_trying_all_tables_finds(puzzle: tuple[list[Fact], list[Secret]]):
    facts, secrets = puzzle
    true = by_trying_all(facts, secrets)
    assert attack(facts, secrets, exact=True) == true
    found = attack(facts, secrets)
    event(f"broken numbers hide {len(true) - len(found)} leaks")
    true_ends = {leak.secret: (leak.low, leak.high) for leak in true}
    for leak in found:  # never more than is true; the test of the tables below says how seldom less
        low, high = true_ends[leak.secret]
        assert leak.low <= low <= high <= leak.high


# A year of an organisation


def numbers(seed: int, *, families: Iterable[str] = ("behaviour",), categories: int = 15, mean: float = 2) -> Table:
    """Reports by kind and month, about Poisson. Each family breaks the same reports down in its own way."""
    chance = random.Random(seed)
    count_in = {month: sum(chance.random() < mean / 40 for _ in range(40 * categories)) for month in MONTHS}
    table: Table = {}
    for family in families:
        names = [f"c{number}" for number in range(categories)]
        weights = [chance.uniform(0.2, 1.8) for _ in names]
        for month in MONTHS:
            drawn = chance.choices(names, weights, k=count_in[month])
            table |= {(family, name, month): drawn.count(name) for name in names}
    return table


def rows_of(table: Table, months: Iterable[int]) -> Iterator[tuple[frozenset[Cell], int]]:
    """Each category over these months: its cells and their sum."""
    months = set(months)
    for family, name in sorted({cell[:2] for cell in table}):
        row = frozenset(cell for cell in table if cell[:2] == (family, name) and cell[2] in months)
        yield row, sum(table[cell] for cell in row)


def total_of(table: Table, months: Iterable[int]) -> Iterator[Fact]:
    months = set(months)
    for family in sorted({cell[0] for cell in table}):
        every = frozenset(cell for cell in table if cell[0] == family and cell[2] in months)
        yield told(every, sum(table[cell] for cell in every), sum(table[cell] for cell in every))


def suppressed(table: Table, months: Collection[int]) -> Iterator[Fact]:
    """k = 5 with a second hidden cell: what is 0-4 hides, and the next smallest until two hide five or more."""
    yield from total_of(table, months)
    rows = sorted(rows_of(table, months), key=lambda row: row[1])
    hidden = sum(count < 5 for _row, count in rows)
    while 0 < hidden < len(rows) and (hidden < 2 or sum(count for _row, count in rows[:hidden]) < 5):
        hidden += 1
    yield from (told(row, count, count) for row, count in rows[hidden:])
    yield from (told(row, 0, None) for row, _count in rows[:hidden])


def rounded(table: Table, months: Collection[int]) -> Iterator[Fact]:
    """To the nearest 5; 0 to 4 are told alike. The total of the organisation is exact."""
    yield from total_of(table, months)
    for row, count in rows_of(table, months):
        nearest = (count + 2) // 5 * 5
        yield told(row, *((0, 4) if count < 5 else (nearest - 2, nearest + 2)))


def protected(table: Table, needed: int) -> list[Secret]:
    """The months in which 1 to 4 of a kind happened."""
    return [secret(frozenset({cell}), needed, str(cell)) for cell, count in table.items() if 0 < count < 5]


TO_DATE = [range(1, month + 1) for month in MONTHS]


@pytest.mark.parametrize("seed", range(3))
def test_the_experiment_of_the_design(seed: int):
    """T35: year-to-date tables with hidden small numbers give many months away; rounded tables none."""
    table = numbers(seed)
    hiding = [fact for months in TO_DATE for fact in suppressed(table, months)]
    leaks = attack(hiding, protected(table, 1))
    assert len(leaks) > 60  # of about 130
    assert all(leak.low == leak.high == sum(table[cell] for cell in leak.secret.cells) for leak in leaks)
    rounding = [fact for months in TO_DATE for fact in rounded(table, months)]
    assert attack(rounding, protected(table, 1)) == []
    monthly = [fact for month in MONTHS for fact in rounded(table, [month])]
    assert attack(monthly, protected(table, 3)) == []


def plainly(facts: Collection[Fact], secrets: Collection[Secret]) -> list[Leak]:
    """Without any short cut: every cell a column, every fact a row, two searches for every secret."""
    known = sorted({cell for fact in facts for cell in fact.plus})
    number = {cell: index for index, cell in enumerate(known)}
    rows = []
    for fact in facts:
        assert fact.high is not None and not fact.minus
        rows.append(Row(tuple(number[cell] for cell in fact.plus), (), fact.low, fact.high))
    program = Program([0] * len(known), [10**6] * len(known), rows)
    leaks = []
    for one in secrets:
        columns = [number[cell] for cell in one.cells]
        ends = []
        for towards in (Towards.LEAST, Towards.GREATEST):
            found = program.table(columns, towards)
            assert found is not None
            ends.append(sum(found[column] for column in columns))
        low, high = math.ceil(ends[0] - 1e-5), math.floor(ends[1] + 1e-5)
        if high - low < one.needed:
            leaks.append(Leak(one, low, high))
    return leaks


def of_every_sum(table: Table, needed: int) -> list[Secret]:
    """Each category in each month, each quarter and the year; and two categories together in each quarter."""
    periods = [[month] for month in MONTHS] + [list(quarter) for quarter in QUARTERS] + [list(MONTHS)]
    rows = [[row for row, _count in rows_of(table, months)] for months in periods]
    pairs = [one | other for group in rows[12:16] for one, other in itertools.pairwise(group)]
    return [secret(which, needed, str(index)) for index, which in enumerate(itertools.chain(*rows, pairs))]


def a_year_rounded(table: Table) -> list[Fact]:
    periods: list[Collection[int]] = [[month] for month in MONTHS] + [*QUARTERS, MONTHS]
    return [fact for months in periods for fact in rounded(table, months)]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("mean", [0.7, 4])
def test_the_short_cuts_change_nothing(seed: int, mean: float):
    """Where month totals are exact, facts nest in two ways, so corners of the program are whole: no gap either."""
    table = numbers(seed, categories=5, mean=mean)
    facts, secrets = a_year_rounded(table), of_every_sum(table, 4)
    found = attack(facts, secrets)
    assert found == plainly(facts, secrets) == attack(facts, secrets, exact=True)
    assert found, "a test of leaks needs leaks"
    for leak in found:
        assert leak.low <= sum(table[cell] for cell in leak.secret.cells) <= leak.high


@pytest.mark.parametrize(("seed", "categories"), [(0, 3), (2, 3), (14, 8), (16, 8)])
def test_broken_numbers_hide_hardly_a_leak_where_totals_are_not_told(seed: int, categories: int):
    """Three breakdowns of the same reports whose total nobody was told: no nesting, and in these years no gap.

    In the large ones the solver is off by a hair here and there, which may not make a leak.
    """
    table = numbers(seed, families=("behaviour", "place", "moment"), categories=categories, mean=2)
    facts = [fact for fact in a_year_rounded(table) if fact.low != fact.high]
    for month in MONTHS:
        one, *others = (fact.plus for fact in total_of(table, [month]))
        facts += [told(one, 0, 0, minus=other) for other in others]
    secrets = of_every_sum(table, 4)
    found = attack(facts, secrets)
    assert found == attack(facts, secrets, exact=True)
    assert found, "a test of leaks needs leaks"
