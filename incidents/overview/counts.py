"""The exact counts of one period. They add up: a quarter is its three months, a year its twelve."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

Table = dict[str, int]
Key = TypeVar("Key", str, int)
VERSION = 1  # of what the codes mean; a figure that is defined anew gets a new code


@dataclass(frozen=True)
class Counts:
    """Codes are those of incidents.overview.figures.

    `numbers` and `tables` (breakdown → category → count) and `shares` (met, of how many) add up; `stocks` are as they
    stood at the end; `spreads` are how many cases took how long (whole days or hours → cases), from which a median
    comes; `sums` are cents, each with the number of lines behind it.
    """

    numbers: dict[str, int] = field(default_factory=dict)
    stocks: dict[str, int] = field(default_factory=dict)
    shares: dict[str, tuple[int, int]] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    spreads: dict[str, dict[int, int]] = field(default_factory=dict)
    sums: dict[str, tuple[int, int]] = field(default_factory=dict)

    def to_json(self) -> str:
        """Canonical: the same counts are the same text, byte for byte. Noughts are left out of tables and spreads."""
        return json.dumps(
            {
                "version": VERSION,
                "numbers": self.numbers,
                "stocks": self.stocks,
                "shares": self.shares,
                "tables": {name: _without_noughts(table) for name, table in self.tables.items()},
                "spreads": {
                    name: {str(key): number for key, number in _without_noughts(spread).items()}
                    for name, spread in self.spreads.items()
                },
                "sums": self.sums,
            },
            sort_keys=True,
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, text: str) -> "Counts":
        found = json.loads(text)
        return cls(
            numbers=found["numbers"],
            stocks=found["stocks"],
            shares={name: (met, of) for name, (met, of) in found["shares"].items()},
            tables=found["tables"],
            spreads={
                name: {int(key): number for key, number in spread.items()} for name, spread in found["spreads"].items()
            },
            sums={name: (cents, lines) for name, (cents, lines) in found["sums"].items()},
        )


def added(months: Iterable[Counts]) -> Counts:
    """The counts of a longer period; `stocks` are those of its last month. Raises IndexError for no months."""
    parts = list(months)
    return Counts(
        numbers=_sum([part.numbers for part in parts]),
        stocks=parts[-1].stocks,
        shares=_sum_pairs([part.shares for part in parts]),
        tables=_sum_tables([part.tables for part in parts]),
        spreads=_sum_tables([part.spreads for part in parts]),
        sums=_sum_pairs([part.sums for part in parts]),
    )


def less(whole: Counts, part: Counts) -> Counts:
    """What is left when a part is taken away; never below nought."""
    return Counts(
        numbers={code: max(0, number - part.numbers.get(code, 0)) for code, number in whole.numbers.items()},
        stocks={code: max(0, number - part.stocks.get(code, 0)) for code, number in whole.stocks.items()},
        shares=_less_pairs(whole.shares, part.shares),
        tables={code: _less(table, part.tables.get(code, {})) for code, table in whole.tables.items()},
        spreads={code: _less(spread, part.spreads.get(code, {})) for code, spread in whole.spreads.items()},
        sums=_less_pairs(whole.sums, part.sums),
    )


def _less(table: Mapping[Key, int], part: Mapping[Key, int]) -> dict[Key, int]:
    return {key: max(0, number - part.get(key, 0)) for key, number in table.items()}


def _less_pairs(
    whole: Mapping[str, tuple[int, int]], part: Mapping[str, tuple[int, int]]
) -> dict[str, tuple[int, int]]:
    found = {}
    for code, pair in whole.items():
        gone = part.get(code, (0, 0))
        found[code] = (max(0, pair[0] - gone[0]), max(0, pair[1] - gone[1]))
    return found


def _sum(parts: list[dict[str, int]]) -> dict[str, int]:
    names = dict.fromkeys(name for part in parts for name in part)
    return {name: sum(part.get(name, 0) for part in parts) for name in names}


def _sum_pairs(parts: list[dict[str, tuple[int, int]]]) -> dict[str, tuple[int, int]]:
    names = dict.fromkeys(name for part in parts for name in part)
    return {
        name: (sum(part.get(name, (0, 0))[0] for part in parts), sum(part.get(name, (0, 0))[1] for part in parts))
        for name in names
    }


def _sum_tables(parts: list[dict[str, dict[Key, int]]]) -> dict[str, dict[Key, int]]:
    names = dict.fromkeys(name for part in parts for name in part)
    found: dict[str, dict[Key, int]] = {}
    for name in names:
        total: Counter[Key] = Counter()
        for part in parts:
            total.update(part.get(name, {}))
        found[name] = dict(total)
    return found


def _without_noughts(table: Mapping[Key, int]) -> dict[Key, int]:
    return {key: number for key, number in table.items() if number}
