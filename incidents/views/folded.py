"""A long list of which a page shows the first few; the rest is folded, so that no page scrolls forever."""

from dataclasses import dataclass
from typing import Any

AT_ONCE = 5


@dataclass(frozen=True)
class Folded:
    """`first` stands open. One row more than a few is no reason to fold."""

    rows: list[Any]
    at_once: int = AT_ONCE

    @property
    def first(self) -> list[Any]:
        return self.rows if len(self.rows) == self.at_once + 1 else self.rows[: self.at_once]

    @property
    def rest(self) -> list[Any]:
        return self.rows[len(self.first) :]
