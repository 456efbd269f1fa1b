"""Small numbers point at persons. Everything that leaves incidents.overview passes here first; nothing else decides.

A cell of 1 to 4 is not shown (handbook 7.2 "<5 hidden"), nor is one that could be computed from the total and the
cells that are shown: then the next smallest cell hides too, until at least two cells and five reports hide together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

THRESHOLD = 5


@dataclass(frozen=True)
class Share:
    """`part` of `whole`, each None where it may not be shown."""

    part: int | None
    whole: int | None


def protect(count: int) -> int | None:
    """The number itself, or None when it is 1 to 4."""
    return None if 0 < count < THRESHOLD else count


def protect_row(counts: Sequence[int]) -> list[int | None]:
    """The cells of one table whose total is shown. All are hidden when the total itself is 1 to 4."""
    if 0 < sum(counts) < THRESHOLD:
        return [None for _count in counts]
    hidden = {index for index, count in enumerate(counts) if 0 < count < THRESHOLD}
    others = sorted((index for index in range(len(counts)) if index not in hidden), key=lambda i: (counts[i] == 0, counts[i]))
    while hidden and others and (len(hidden) < 2 or sum(counts[index] for index in hidden) < THRESHOLD):
        hidden.add(others.pop(0))
    return [None if index in hidden else count for index, count in enumerate(counts)]


def protect_share(part: int, whole: int) -> Share:
    """A share of at least five cases; its part is hidden when it is 1 to 4."""
    if 0 < whole < THRESHOLD:
        return Share(None, None)
    return Share(protect(part), whole)
