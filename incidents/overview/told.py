"""A number as it is told, and what everyone who reads it then knows of the real one."""

from collections.abc import Iterable
from dataclasses import dataclass

FEW = 5  # below this a number points at persons (handbook 7.2 "<5 hidden")
Json = list[int | None]


@dataclass(frozen=True)
class Told:
    """`value` is what stands there; the real number lies in `low` to `high`.

    Exact: all three the same. Rounded: `value` is a multiple between the two. `value` None: told only that it is
    `high` at most ("fewer than 5").
    """

    value: int | None
    low: int
    high: int

    @classmethod
    def exact(cls, number: int) -> "Told":
        return cls(number, number, number)

    @classmethod
    def few(cls, base: int = FEW) -> "Told":
        """Fewer than the base: nought too, so that nobody learns that it happened or did not."""
        return cls(None, 0, base - 1)

    @classmethod
    def rounded(cls, number: int, base: int = FEW) -> "Told":
        """The nearest multiple of the base (upwards from the middle); below the base: few."""
        if number < base:
            return cls.few(base)
        value = (2 * number + base) // (2 * base) * base
        low = value - base // 2
        return cls(value, max(base, low), low + base - 1)

    @property
    def is_exact(self) -> bool:
        return self.low == self.high

    @property
    def is_few(self) -> bool:
        return self.value is None

    @property
    def drawn(self) -> float:
        """For a line or a bar: the value, or the middle of what it may be."""
        return self.value if self.value is not None else (self.low + self.high) / 2

    def to_json(self) -> Json:
        return [self.value, self.low, self.high]

    @classmethod
    def from_json(cls, json: Json | None) -> "Told | None":
        if json is None:
            return None
        value, low, high = json
        assert low is not None and high is not None
        return cls(value, low, high)


def added(told: Iterable["Told | None"]) -> Told | None:
    """The sum as everyone can make it from what is told; None where one of them is not told."""
    parts = list(told)
    there = [one for one in parts if one is not None]
    if not there or len(there) < len(parts):
        return None
    low, high = sum(one.low for one in there), sum(one.high for one in there)
    if low == high:
        return Told.exact(low)
    is_number = any(one.value is not None for one in there)
    return Told(sum(round(one.drawn) for one in there) if is_number else None, low, high)
