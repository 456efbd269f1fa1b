"""What a reader can work out from everything that was told, put together: the attacker of reliability.md 4.8 and T35.

Behind the told numbers stand whole numbers (cells) that nobody was told. Each told number is a fact about a sum of
them, and so is each rule of rounding, folding and adding up. Of each secret, which is such a sum too, the least and the
greatest value are looked for over all tables that fit every fact. Where these lie too close together, it leaks.

These two ends are those of a linear program, rounded inwards to whole numbers. Tables with broken numbers fit as well
there, so an interval may come out wider than whole numbers allow. `exact=True` allows whole numbers only; it may take
for ever. tests/incidents/test_attacker.py measures how often the two differ.

Nothing here knows a database, a period or a setting; see attack_on.py for what the facts and secrets are.
"""

import math
import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from incidents.overview.linear import Program, Row, Towards

Cell = tuple[str, str, int]  # family, category, month (1-12): a whole number from 0 to MOST that nobody was told
MOST = 1_000_000  # what everybody knows: nobody counts so many. So every sum has two ends. [OWN]
ROUNDS = 30  # of narrowing; beyond these the linear program finds out what is left
THROWS = 10  # of chance, for as long as they decide on more secrets than as many searches would
CLOSE = 1e-5  # HiGHS keeps to a row within 1e-7; corners of such tables are never broken finer than this


class Impossible(Exception):
    """No table fits all facts: someone told what cannot be, or a fact was written down wrongly."""


@dataclass(frozen=True)
class Fact:
    """What everyone can read: the sum of `plus` less the sum of `minus` lies in `low`..`high` (None: no bound)."""

    plus: frozenset[Cell]
    minus: frozenset[Cell]
    low: int
    high: int | None


@dataclass(frozen=True)
class Secret:
    """What may not be worked out: the sum of `cells`. `needed` is how wide (high - low) its interval must stay."""

    name: str  # for the report, such as "behaviour:threat 2026-k4"
    family: str
    cells: frozenset[Cell]
    needed: int


@dataclass(frozen=True)
class Leak:
    """A secret of which everyone can work out that it lies in `low`..`high`, which is narrower than it needs."""

    secret: Secret
    low: int
    high: int


def attack(facts: Collection[Fact], secrets: Collection[Secret], *, exact: bool = False) -> list[Leak]:
    """The secrets of which too much can be worked out, in the order given. None: all may be told.

    Raises Impossible when no table fits the facts (unless `exact`, it may not notice that only broken numbers do), and
    linear.Unsolved when the solver fails: then nothing is known and nothing may be told.
    """
    columns = _columns(facts, secrets)
    rows = [_row(fact, columns) for fact in facts]
    lows, highs = _narrowed(rows, max(columns.values(), default=-1) + 1)
    asked = [_Asked(secret, {columns[cell] for cell in secret.cells}) for secret in secrets]
    islands = _islands([row for row in rows if _says_something(row, lows, highs)], lows, highs)
    at_sea = set(range(len(lows))) - {column for island in islands for column in island.columns}
    for question in asked:
        alone = question.columns & at_sea
        question.settle(sum(lows[column] for column in alone), sum(highs[column] for column in alone))
    for island in islands:
        _attack_island(island, asked, exact=exact)
    return [Leak(question.secret, question.low, question.high) for question in asked if not question.is_safe]


# From cells to columns: fewer unknowns, with the same answers.


def _columns(facts: Iterable[Fact], secrets: Iterable[Secret]) -> dict[Cell, int]:
    """The column of each cell. Cells that stand in the same facts and secrets share one: only their sum matters."""
    places: defaultdict[Cell, list[tuple[str, int]]] = defaultdict(list)
    for number, fact in enumerate(facts):
        for cell in fact.plus | fact.minus:
            places[cell].append(("plus" if cell in fact.plus else "minus", number))
    for number, secret in enumerate(secrets):
        for cell in secret.cells:
            places[cell].append(("secret", number))
    numbers: dict[tuple[tuple[str, int], ...], int] = {}
    return {cell: numbers.setdefault(tuple(found), len(numbers)) for cell, found in sorted(places.items())}


def _row(fact: Fact, columns: dict[Cell, int]) -> Row:
    plus = {columns[cell] for cell in fact.plus - fact.minus}
    minus = {columns[cell] for cell in fact.minus - fact.plus}
    high = MOST * len(plus) if fact.high is None else fact.high
    return Row(tuple(sorted(plus)), tuple(sorted(minus)), fact.low, high)


# Narrowing: what a single fact says about each of its columns, until that says nothing new. Whole numbers, no rounding.


def _narrowed(rows: Sequence[Row], count: int) -> tuple[list[int], list[int]]:
    """The ends of each column, as far as single rows tell them. Raises Impossible."""
    lows, highs = [0] * count, [MOST] * count
    rows_of: defaultdict[int, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        for column in row.columns:
            rows_of[column].append(number)
    news: Iterable[int] = range(len(rows))
    for _round in range(ROUNDS):
        moved = {column for number in news for column in _narrow(rows[number], lows, highs)}
        news = sorted({number for column in moved for number in rows_of[column]})
    return lows, highs


def _narrow(row: Row, lows: list[int], highs: list[int]) -> Iterator[int]:
    """Move the ends of the columns of this row inwards; the columns of which one moved. Raises Impossible."""
    least, greatest = _ends(row, lows, highs)
    up, down = row.high - least, greatest - row.low  # a column can use all of this room, if the others leave it
    for columns, above, below in ((row.plus, up, down), (row.minus, down, up)):
        for column in columns:
            low, high = lows[column], highs[column]
            lows[column], highs[column] = max(low, high - below), min(high, low + above)
            if (low, high) != (lows[column], highs[column]):
                yield column


def _ends(row: Row, lows: Sequence[int], highs: Sequence[int]) -> tuple[int, int]:
    """The least and greatest that a row can be if its columns knew nothing of each other. Raises Impossible."""
    least = sum(lows[column] for column in row.plus) - sum(highs[column] for column in row.minus)
    greatest = sum(highs[column] for column in row.plus) - sum(lows[column] for column in row.minus)
    if max(least, row.low) > min(greatest, row.high):
        raise Impossible("No table fits these facts: one of them contradicts another.")
    return least, greatest


def _says_something(row: Row, lows: Sequence[int], highs: Sequence[int]) -> bool:
    least, greatest = _ends(row, lows, highs)
    return least < row.low or greatest > row.high


# Islands: what no fact connects can be looked at apart, which is much less work.


@dataclass
class _Island:
    """Columns that facts connect, renumbered from 0; `columns` says which column of the whole each of them is."""

    columns: list[int]
    lows: list[int]
    highs: list[int]
    rows: list[Row]


def _islands(rows: Sequence[Row], lows: Sequence[int], highs: Sequence[int]) -> list[_Island]:
    """A pinned column is a constant and connects nothing; a column that stands in no row is on no island."""
    leaders = list(range(len(lows)))

    def leader(column: int) -> int:
        while leaders[column] != column:
            leaders[column] = column = leaders[leaders[column]]
        return column

    loose = [[column for column in row.columns if lows[column] < highs[column]] for row in rows]
    for columns in loose:
        for column in columns[1:]:
            leaders[leader(column)] = leader(columns[0])
    rows_of: defaultdict[int, list[Row]] = defaultdict(list)
    for row, columns in zip(rows, loose, strict=True):
        rows_of[leader(columns[0])].append(row)  # a row that says something has a loose column
    return [_island(group, lows, highs) for group in rows_of.values()]


def _island(rows: Sequence[Row], lows: Sequence[int], highs: Sequence[int]) -> _Island:
    columns = sorted({column for row in rows for column in row.columns if lows[column] < highs[column]})
    number = {column: index for index, column in enumerate(columns)}

    def moved(row: Row) -> Row:
        constant = sum(lows[column] for column in row.plus if column not in number)
        constant -= sum(lows[column] for column in row.minus if column not in number)
        plus, minus = (tuple(number[one] for one in side if one in number) for side in (row.plus, row.minus))
        return Row(plus, minus, row.low - constant, row.high - constant)

    pick = [lows[column] for column in columns], [highs[column] for column in columns]
    return _Island(columns, *pick, [moved(row) for row in rows])


# Asking: each table that is found is a witness for every secret, so most secrets never need a search of their own.


@dataclass
class _Asked:
    """One secret and its interval as far as it is known: the ends over the islands that have been looked at add up."""

    secret: Secret
    columns: set[int]
    low: int = 0
    high: int = 0

    @property
    def is_safe(self) -> bool:
        return self.high - self.low >= self.secret.needed

    def settle(self, low: int, high: int) -> None:
        self.low += low
        self.high += high


@dataclass
class _Part:
    """What one secret counts on one island, with the least and the greatest sum in the tables seen so far."""

    question: _Asked
    columns: list[int]
    least: float = field(default=math.inf)
    greatest: float = field(default=-math.inf)

    def see(self, table: Sequence[float]) -> None:
        total = sum(table[column] for column in self.columns)
        self.least, self.greatest = min(self.least, total), max(self.greatest, total)

    @property
    def ends(self) -> tuple[int, int]:
        """Rounded inwards. A mix of two tables that fit fits too, so every whole number between is possible."""
        return math.ceil(self.least - CLOSE), math.floor(self.greatest + CLOSE)

    @property
    def is_safe(self) -> bool:
        low, high = self.ends
        return self.question.high - self.question.low + high - low >= self.question.secret.needed


def _attack_island(island: _Island, asked: Iterable[_Asked], *, exact: bool) -> None:
    program = Program(island.lows, island.highs, island.rows, whole=exact)
    number = {column: index for index, column in enumerate(island.columns)}
    here = [
        _Part(question, [number[column] for column in question.columns if column in number])
        for question in asked
        if not question.is_safe and not question.columns.isdisjoint(number)
    ]
    _witness(program.table(), here)
    searched = undecided = _left_by_chance(program, here)
    for part in searched:
        for towards in Towards:
            if not part.is_safe:
                undecided = [other for other in undecided if not other.is_safe]
                _witness(program.table(part.columns, towards), undecided)
    for part in here:
        low, high = part.ends
        if low > high:  # searched to both ends, and no whole number lies between
            raise Impossible("No table fits these facts: only broken numbers do.")
        part.question.settle(low, high)


def _left_by_chance(program: Program, parts: list[_Part]) -> list[_Part]:
    """What is still undecided after tables in which a random half is as great as it can be, and so the rest small.

    Costs a search for many secrets at once; halves the time of a year. Chance decides on the time, not on the outcome.
    """
    dice = random.Random(0)
    undecided, before = [part for part in parts if not part.is_safe], math.inf
    while before - len(undecided) > THROWS:
        before = len(undecided)
        for _throw in range(THROWS):
            half = {column for part in undecided if dice.random() < 0.5 for column in part.columns}
            _witness(program.table(sorted(half), Towards.GREATEST), undecided)
        undecided = [part for part in undecided if not part.is_safe]
    return undecided


def _witness(table: Sequence[float] | None, parts: Iterable[_Part]) -> None:
    if table is None:
        raise Impossible("No table fits these facts: together they contradict each other.")
    for part in parts:
        part.see(table)
