"""A document as an OpenDocument spreadsheet: the same sheets and cells as the Excel file, without its charts."""

from collections.abc import Sequence
from typing import Any

from odfdo import Document as Odf
from odfdo import Element

from incidents.overview.document import Cell, Document, Table
from incidents.overview.files.blocks import Block, Line, LineKind, sheet_blocks
from incidents.overview.files.cells import (
    add_ods_row,
    add_ods_sheet,
    new_ods,
    ods_cell,
    quoted,
    saved,
    sheet_names,
    words_around,
)
from incidents.overview.files.properties import name_odf
from incidents.overview.files.widths import widths_of

BOLD, HEAD, NAME, WRAPPED, RIGHT = "bold", "head", "name", "wrapped", "right"
STYLES = {
    BOLD: '<style:text-properties fo:font-weight="bold"/>',
    HEAD: '<style:table-cell-properties fo:wrap-option="wrap" fo:background-color="#e8eef3"/>'
    '<style:text-properties fo:font-weight="bold"/>',
    NAME: '<style:table-cell-properties fo:wrap-option="wrap" style:vertical-align="top"/>',
    WRAPPED: '<style:table-cell-properties fo:wrap-option="wrap" style:vertical-align="top" fo:padding-left="0.2cm"/>',
    RIGHT: '<style:table-cell-properties fo:wrap-option="wrap" style:vertical-align="top"/>'
    '<style:paragraph-properties fo:text-align="end"/>',
}
OVER_TABLES = (LineKind.HEADING, LineKind.CAPTION)  # with an empty row before them
PLAIN = (LineKind.TEXT, LineKind.BULLET)
ONE_PAGE_WIDE = {"style:print-orientation": "landscape", "style:scale-to-X": "1", "style:scale-to-Y": "0"}
SIGN_WIDE = 0.19  # centimetres
NAMES_WIDE = 40  # the column of names at least, in signs


def as_ods(document: Document) -> bytes:
    """The whole document; a number is a number, and says in words when it is rounded."""
    book = new_ods()
    name_odf(book, document)
    _fit_to_page(book)
    shapes = _Shapes(book)
    for name, section in zip(
        sheet_names(one.sheet or one.title for one in document.sections), document.sections, strict=True
    ):
        _Sheet(book, name, shapes).write(list(sheet_blocks(document, section)))
    return saved(book)


def _fit_to_page(book: Odf) -> None:
    """Printed across, each sheet as wide as a page."""
    styles: Any = book.get_part("styles.xml")
    for page in styles.get_elements("//style:page-layout/style:page-layout-properties"):
        for name, value in {"fo:page-width": "29.7cm", "fo:page-height": "21cm", **ONE_PAGE_WIDE}.items():
            page.set_attribute(name, value)


class _Shapes:
    """Styles of cells, each made once."""

    def __init__(self, book: Odf) -> None:
        content: Any = book.get_part("content.xml")
        self.place = content.get_element("//office:automatic-styles")
        self.made: dict[tuple[str, str], str] = {}
        self.columns: set[str] = set()
        for name, properties in STYLES.items():
            self._add(f'<style:style style:name="{name}" style:family="table-cell">{properties}</style:style>')

    def _add(self, xml: str) -> None:
        self.place.append(Element.from_tag(xml))

    def column(self, width: int) -> str:
        """A column of so many signs."""
        name = f"wide{width}"
        if name not in self.columns:
            self.columns.add(name)
            wide = f'<style:table-column-properties style:column-width="{width * SIGN_WIDE:.2f}cm"/>'
            self._add(f'<style:style style:name="{name}" style:family="table-column">{wide}</style:style>')
        return name

    def number(self, cell: Cell) -> str:
        """How a number is shown: with the words that stand around it."""
        around = words_around(cell.text)
        if around not in self.made:
            name = self.made[around] = f"number{len(self.made) + 1}"
            before, after = (f"<number:text>{quoted(part)[1:-1]}</number:text>" if part else "" for part in around)
            places = 0 if isinstance(cell.number, int) else 1
            shape = f'number:min-integer-digits="1" number:grouping="true" number:decimal-places="{places}"'
            digits = f"<number:number {shape}/>"
            self._add(f'<number:number-style style:name="N{name}">{before}{digits}{after}</number:number-style>')
            self._add(
                f'<style:style style:name="{name}" style:family="table-cell" style:data-style-name="N{name}">'
                f"{STYLES[RIGHT]}</style:style>"
            )
        return self.made[around]


class _Sheet:
    """One section on one sheet, from the top down."""

    def __init__(self, book: Odf, name: str, shapes: _Shapes) -> None:
        self.sheet, self.shapes = add_ods_sheet(book, name), shapes

    def write(self, blocks: Sequence[Block]) -> None:
        widths = widths_of(block for block in blocks if isinstance(block, Table)) or [NAMES_WIDE]
        for width in (max(NAMES_WIDE, widths[0]), *widths[1:]):
            self.sheet.append(Element.from_tag(f'<table:table-column table:style-name="{self.shapes.column(width)}"/>'))
        for block in blocks:
            if isinstance(block, Table):
                self._table(block)
            else:
                self._line(block)

    def _line(self, line: Line) -> None:
        if line.kind in OVER_TABLES:
            add_ods_row(self.sheet, [])
        add_ods_row(self.sheet, [ods_cell(line.text, "" if line.kind in PLAIN else BOLD)])

    def _table(self, table: Table) -> None:
        add_ods_row(self.sheet, [ods_cell(column.title, HEAD) for column in table.columns])
        for row in table.rows:
            styles = [NAME, *(RIGHT if column.is_number else WRAPPED for column in table.columns[1:])]
            cells = zip(row.cells, styles, strict=True)
            add_ods_row(self.sheet, [self._cell(cell, style) for cell, style in cells])

    def _cell(self, cell: Cell, style: str) -> str:
        if cell.number is not None:
            return ods_cell(cell.number, self.shapes.number(cell), cell.text)
        return ods_cell(cell.text or None, style)
