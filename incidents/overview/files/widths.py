"""How wide the columns of tables are: by the words in them, so that a definition has room and a number takes little."""

from collections.abc import Iterable, Sequence
from math import ceil

from incidents.overview.document import Column, Row, Table

IN_SHEETS = (9, 64)  # signs, at least and at most
ON_PAPER = (11, 40)


def widths_of(tables: Iterable[Table], least: int = IN_SHEETS[0], most: int = IN_SHEETS[1]) -> list[int]:
    """Of each column in signs, wide enough for all of these tables under each other."""
    found: list[int] = []
    for table in tables:
        widths = [
            max(least, min(most, _width(column, table.rows, number))) + 2 for number, column in enumerate(table.columns)
        ]
        found += [least] * (len(widths) - len(found))
        found[: len(widths)] = [max(pair) for pair in zip(found, widths, strict=False)]
    return found


def _width(column: Column, rows: Sequence[Row], number: int) -> int:
    """Headings may break between words, cells stay on one line as far as they are not too long."""
    words = [len(word) for word in column.title.split()]
    cells = [len(row.cells[number].text) for row in rows]
    return max([0, *words, *cells])


def lines_high(texts: Iterable[str], widths: Sequence[int]) -> int:
    """How many lines the highest of these cells needs."""
    needed = [ceil(1.1 * len(text) / width) for text, width in zip(texts, widths, strict=False)]
    return max([1, *needed])
