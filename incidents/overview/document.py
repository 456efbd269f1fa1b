"""What stands on paper, in a spreadsheet and in a text: one structure, so that no file counts or words anything itself.

Pure data, in the language in which it was made. overview_document.py and board_report.py make it; files/ only writes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any

Number = int | float


@dataclass(frozen=True)
class Cell:
    """`number` is what a spreadsheet counts with, where it is in `text`; None where there are only words."""

    text: str
    number: Number | None = None


@dataclass(frozen=True)
class Column:
    """`is_extra`: for who counts on, so in spreadsheets only."""

    title: str
    is_number: bool = False
    is_extra: bool = False


@dataclass(frozen=True)
class Row:
    """The first cell names the row. `is_few`: nought, or fewer than the base, is what is told of it."""

    cells: tuple[Cell, ...]
    is_few: bool = False


class ChartKind(Enum):
    LINE = "line"
    BARS = "bars"


@dataclass(frozen=True)
class Chart:
    """What of the table is drawn: one column of the first `rows` against their names. `drawing`: the same for paper."""

    kind: ChartKind
    column: int
    rows: int
    text: str
    drawing: Any = None


@dataclass(frozen=True)
class Table:
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    chart: Chart | None = None

    @property
    def marked_rows(self) -> list[list[tuple[Column, Cell]]]:
        """Each cell with its column."""
        return [list(zip(self.columns, row.cells, strict=True)) for row in self.rows]

    @property
    def on_paper(self) -> "Table":
        """Without what is for spreadsheets only, and with one row for all of which the same few are told."""
        kept = [number for number, column in enumerate(self.columns) if not column.is_extra]
        rows = [replace(row, cells=tuple(row.cells[number] for number in kept)) for row in self.rows]
        return replace(
            self,
            columns=tuple(self.columns[number] for number in kept),
            rows=(*(row for row in rows if not row.is_few), *_together([row for row in rows if row.is_few])),
        )


def _together(rows: list[Row]) -> Iterator[Row]:
    alike: dict[tuple[Cell, ...], list[str]] = {}
    for row in rows:
        alike.setdefault(row.cells[1:], []).append(row.cells[0].text)
    for others, names in alike.items():
        yield Row((Cell(", ".join(names)), *others), is_few=True)


@dataclass(frozen=True)
class Tile:
    """One figure large, with what it is compared to."""

    title: str
    text: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """`parts` stand under it, one level deeper. `is_page_one`: on the A4 that can be read alone.

    `tiles` say the same as the tables, for paper. `sheet` is a shorter title, for a spreadsheet.
    """

    title: str
    paragraphs: tuple[str, ...] = ()
    bullets: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    parts: tuple["Section", ...] = ()
    tiles: tuple[Tile, ...] = ()
    is_page_one: bool = False
    sheet: str = ""


@dataclass(frozen=True)
class Document:
    """`mark` says when it was fixed (`made_at`; None while the period runs) and by which mark one knows it again.

    `warning` is empty, or says that it may not be passed on.
    """

    title: str
    subtitle: str
    language: str
    mark: str
    made_at: datetime | None = None
    warning: str = ""
    notes: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()

    @property
    def page_one(self) -> list[Section]:
        return [section for section in self.sections if section.is_page_one]

    @property
    def details(self) -> list[Section]:
        return [section for section in self.sections if not section.is_page_one]

    def each_table(self) -> Iterator[Table]:
        for section in self.sections:
            for one in (section, *section.parts):
                yield from one.tables
