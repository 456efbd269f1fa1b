"""A document as an Excel file: a sheet for each section, charts that refer to its cells, and no formula anywhere."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter

from incidents.overview.document import Cell, Chart, ChartKind, Column, Document, Table
from incidents.overview.files.blocks import Block, Line, LineKind, sheet_blocks
from incidents.overview.files.cells import sheet_names, words_around, write_xlsx
from incidents.overview.files.widths import lines_high, widths_of

NAMES_WIDE, LINE_HIGH = 40, 15  # the column of names at least, in signs; a line in points
CHART_ROWS, ROW_HIGH, CHART_WIDE = 20, 20, 760  # rows that a chart takes, and pixels
COLOUR = "#0b3d62"
A4 = 9
OVER_TABLES = (LineKind.HEADING, LineKind.CAPTION)  # with an empty row before them


def as_xlsx(document: Document) -> bytes:
    """The whole document; a number is a number, and says in words when it is rounded."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"strings_to_urls": False})
    book.set_properties({"title": document.title, "created": document.made_at})
    shapes = _Shapes(book)
    for name, section in zip(
        sheet_names(one.sheet or one.title for one in document.sections), document.sections, strict=True
    ):
        _Sheet(book, name, shapes).write(list(sheet_blocks(document, section)))
    book.close()
    return file.getvalue()


class _Shapes:
    """Formats of cells, each made once."""

    def __init__(self, book: Any) -> None:
        self.book, self.made = book, {}  # type: ignore[var-annotated]
        top = {"valign": "top"}
        self.lines = {
            LineKind.TITLE: book.add_format({"bold": True, "font_size": 14}),
            LineKind.WARNING: book.add_format({"bold": True, "font_color": "#9b1c1c"}),
            LineKind.HEADING: book.add_format({"bold": True}),
            LineKind.CAPTION: book.add_format({"bold": True}),
        }
        self.head = book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#e8eef3"} | top)
        self.name = book.add_format({"text_wrap": True} | top)
        self.text = book.add_format({"text_wrap": True, "align": "left", "indent": 1} | top)
        self.words = book.add_format({"text_wrap": True, "align": "right"} | top)

    def number(self, cell: Cell) -> Any:
        """How a number is shown: with the words that stand around it."""
        before, after = (f'"{part}"' if part else "" for part in _without_quotes(*words_around(cell.text)))
        shape = f"{before}{'#,##0' if isinstance(cell.number, int) else '0.0'}{after}"
        if shape not in self.made:
            self.made[shape] = self.book.add_format({"num_format": shape, "valign": "top", "align": "right"})
        return self.made[shape]


def _without_quotes(*parts: str) -> tuple[str, ...]:
    return tuple(part.replace('"', "") for part in parts)


class _Sheet:
    """One section on one sheet, from the top down."""

    def __init__(self, book: Any, name: str, shapes: _Shapes) -> None:
        self.book, self.name, self.shapes, self.row = book, name, shapes, 0
        self.sheet = book.add_worksheet(name)
        self.sheet.set_landscape()
        self.sheet.set_paper(A4)
        self.sheet.fit_to_pages(1, 0)

    def write(self, blocks: Sequence[Block]) -> None:
        self.widths = widths_of(block for block in blocks if isinstance(block, Table)) or [NAMES_WIDE]
        self.widths[0] = max(NAMES_WIDE, self.widths[0])
        for number, width in enumerate(self.widths):
            self.sheet.set_column(number, number, width)
        for block in blocks:
            if isinstance(block, Table):
                self._table(block)
            else:
                self._line(block)

    def _line(self, line: Line) -> None:
        self.row += line.kind in OVER_TABLES
        write_xlsx(self.sheet, self.row, 0, line.text, self.shapes.lines.get(line.kind))
        self.row += 1

    def _table(self, table: Table) -> None:
        head = self.row
        self._high(column.title for column in table.columns)
        for number, column in enumerate(table.columns):
            write_xlsx(self.sheet, head, number, column.title, self.shapes.head)
        for row in table.rows:
            self.row += 1
            self._high(cell.text for cell in row.cells)
            for number, (column, cell) in enumerate(zip(table.columns, row.cells, strict=True)):
                self._cell(number, column, cell)
        self.row += 1
        if table.chart:
            self._chart(table, table.chart, head)

    def _high(self, texts: Iterable[str]) -> None:
        lines = lines_high(texts, self.widths)
        if lines > 1:
            self.sheet.set_row(self.row, lines * LINE_HIGH)

    def _cell(self, number: int, column: Column, cell: Cell) -> None:
        if cell.number is not None:
            write_xlsx(self.sheet, self.row, number, cell.number, self.shapes.number(cell))
        elif cell.text:  # an empty cell is a gap in a chart
            text = self.shapes.text if number else self.shapes.name
            write_xlsx(self.sheet, self.row, number, cell.text, self.shapes.words if column.is_number else text)

    def _chart(self, table: Table, chart: Chart, head: int) -> None:
        """Under the table, to be copied into a slide: it refers to the cells, and looks the same everywhere."""
        is_line = chart.kind == ChartKind.LINE
        drawn = self.book.add_chart({"type": "line" if is_line else "bar"})
        first, last = head + 1, head + chart.rows
        looks = {"line": {"color": COLOUR}, "marker": {"type": "circle", "size": 7}} if is_line else {}
        drawn.add_series(
            {
                "name": table.columns[1].title,
                "categories": [self.name, first, 0, last, 0],
                "values": [self.name, first, chart.column, last, chart.column],
                "fill": {"color": COLOUR},
                "data_labels": {"value": not is_line},
                **looks,
            }
        )
        drawn.set_title({"name": table.title, "name_font": {"size": 12}})
        drawn.set_legend({"none": True})
        drawn.show_blanks_as("gap")
        if is_line:
            drawn.set_y_axis({"min": 0, "major_gridlines": {"visible": True, "line": {"color": "#cccccc"}}})
        else:
            drawn.set_y_axis({"reverse": True})
            drawn.set_x_axis({"visible": False, "min": 0, "major_gridlines": {"visible": False}})
        self.sheet.fit_to_pages(1, 1)
        drawn.set_size({"width": CHART_WIDE, "height": CHART_ROWS * ROW_HIGH - 10})
        self.sheet.insert_chart(self.row + 1, 0, drawn, {"description": chart.text, "object_position": 2})
        self.row += CHART_ROWS + 1
