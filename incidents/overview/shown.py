"""One period as management may see it. Everything that leaves incidents.overview is made from this."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language

from incidents.overview.counts import VERSION
from incidents.overview.told import Told

REST = "rest"  # the line of what counts with no department that is told
Share = tuple[Told, Told]  # met, of how many


@dataclass(frozen=True)
class Line:
    """One part of a breakdown. `told` is None where it counts with another line (`with_line`), or is not told.

    `names`: language → name, for what the organisation named itself; `holds`: the departments that count in it.
    """

    key: str
    told: Told | None
    names: Mapping[str, str] = field(default_factory=dict)
    holds: tuple[str, ...] = ()
    people: int = 0
    level: int = 0
    with_line: str = ""

    @property
    def own_name(self) -> str:
        return self.names.get((get_language() or "nl")[:2], self.names.get("nl", ""))

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"key": self.key, "told": self.told.to_json() if self.told else None}
        more = {"names": dict(self.names), "holds": list(self.holds), "people": self.people, "level": self.level}
        return found | {name: value for name, value in (more | {"with": self.with_line}).items() if value}

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> "Line":
        return cls(
            key=found["key"],
            told=Told.from_json(found["told"]),
            names=found.get("names", {}),
            holds=tuple(found.get("holds", ())),
            people=found.get("people", 0),
            level=found.get("level", 0),
            with_line=found.get("with", ""),
        )


@dataclass(frozen=True)
class Shown:
    """Codes are those of incidents.overview.figures; what is None is not told.

    `staff`: the people of the departments in use when it was fixed; `is_exact`: whether totals are exact; `base`: to
    what other numbers are rounded; `smallest_team`: the people of the smallest department that is told. `medians` in
    the unit of the figure, `sums` in whole euros.
    """

    staff: int
    is_exact: bool
    base: int
    smallest_team: int = 0
    numbers: Mapping[str, Told | None] = field(default_factory=dict)
    stocks: Mapping[str, Told | None] = field(default_factory=dict)
    shares: Mapping[str, Share | None] = field(default_factory=dict)
    tables: Mapping[str, tuple[Line, ...] | None] = field(default_factory=dict)
    medians: Mapping[str, int | None] = field(default_factory=dict)
    sums: Mapping[str, int | None] = field(default_factory=dict)

    def to_json(self) -> str:
        """Canonical: the same figures are the same text, byte for byte."""
        return json.dumps(
            {
                "version": VERSION,
                "staff": self.staff,
                "is_exact": self.is_exact,
                "base": self.base,
                "smallest_team": self.smallest_team,
                "numbers": _told_json(self.numbers),
                "stocks": _told_json(self.stocks),
                "shares": {
                    code: [told.to_json() for told in share] if share else None for code, share in self.shares.items()
                },
                "tables": {
                    code: None if lines is None else [line.to_json() for line in lines]
                    for code, lines in self.tables.items()
                },
                "medians": dict(self.medians),
                "sums": dict(self.sums),
            },
            sort_keys=True,
            ensure_ascii=False,
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, text: str) -> "Shown":
        found = json.loads(text)
        return cls(
            staff=found["staff"],
            is_exact=found["is_exact"],
            base=found["base"],
            smallest_team=found["smallest_team"],
            numbers={code: Told.from_json(told) for code, told in found["numbers"].items()},
            stocks={code: Told.from_json(told) for code, told in found["stocks"].items()},
            shares={code: _share(share) for code, share in found["shares"].items()},
            tables={
                code: None if lines is None else tuple(Line.from_json(line) for line in lines)
                for code, lines in found["tables"].items()
            },
            medians=found["medians"],
            sums=found["sums"],
        )

    def each_told(self) -> Iterator[tuple[str, Told]]:
        """Every number that is told, with a name: for who looks at all of them."""
        for codes in (self.numbers, self.stocks):
            yield from ((code, told) for code, told in codes.items() if told)
        for code, share in self.shares.items():
            yield from ((f"{code}.{part}", told) for part, told in zip(("met", "of"), share or (), strict=False))
        for code, lines in self.tables.items():
            yield from ((f"{code}.{line.key}", line.told) for line in lines or () if line.told)


def _told_json(codes: Mapping[str, Told | None]) -> dict[str, Any]:
    return {code: told.to_json() if told else None for code, told in codes.items()}


def _share(found: Any) -> Share | None:
    if found is None:
        return None
    met, of = (Told.from_json(told) for told in found)
    assert met and of
    return met, of
