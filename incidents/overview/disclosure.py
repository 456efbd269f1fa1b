"""Small numbers point at persons. Everything that leaves incidents.overview passes here first; nothing else decides.

A number of 1 to 4 is not shown (handbook 7.2 "<5 hidden"). In a table of parts 0 hides as well: otherwise the parts
that are not shown would tell that something happened there. What could be computed from the total and the parts that
are shown is protected too: the next smallest part hides until nothing, or at least five reports in two parts, hide.
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
    """The parts of one table whose total is shown, each None where it may not be shown."""
    if sum(counts) < THRESHOLD:
        return [None for _count in counts]
    hidden = {index for index, count in enumerate(counts) if count < THRESHOLD}
    shown = sorted((index for index in range(len(counts)) if index not in hidden), key=lambda index: counts[index])
    while shown and 0 < sum(counts[index] for index in hidden) < THRESHOLD:
        hidden.add(shown.pop(0))
    return [None if index in hidden else count for index, count in enumerate(counts)]


def protect_share(part: int, whole: int) -> Share:
    """A share of at least five cases; its part is hidden when it is 1 to 4."""
    if 0 < whole < THRESHOLD:
        return Share(None, None)
    return Share(protect(part), whole)
