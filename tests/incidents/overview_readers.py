"""Files of overviews, read back without the modules that wrote them."""

import io
import re
import zipfile
from typing import Any
from xml.etree import ElementTree

from docx import Document as read_word
from odfdo import Document as OpenDocument
from pypdf import PdfReader

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
Value = float | str | None
Sheet = list[list[Value]]


def xlsx_sheets(content: bytes) -> dict[str, Sheet]:
    """Name → rows of cells: a number, a text, or None. No cell may hold a formula."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert not [name for name in archive.namelist() if "Links" in name or "vba" in name.lower()]
    strings = [
        "".join(one.itertext())
        for one in ElementTree.fromstring(archive.read("xl/sharedStrings.xml")).iter(f"{MAIN}si")
    ]
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    assert not list(book.iter(f"{MAIN}definedName"))
    names = [(sheet.get("name") or "", sheet.get(LINK) or "") for sheet in book.iter(f"{MAIN}sheet")]
    found = {}
    for number, (name, _link) in enumerate(names, 1):
        tree = ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))
        assert not list(tree.iter(f"{MAIN}f")) and not list(tree.iter(f"{MAIN}hyperlink"))
        found[name] = _xlsx_rows(tree, strings)
    return found


def _xlsx_rows(tree: Any, strings: list[str]) -> Sheet:
    rows: Sheet = []
    for row in tree.iter(f"{MAIN}row"):
        rows += [[] for _missing in range(int(row.get("r")) - 1 - len(rows))]
        cells: list[Value] = []
        for cell in row.iter(f"{MAIN}c"):
            cells += [None] * (_column(cell.get("r")) - len(cells))
            value = cell.find(f"{MAIN}v")
            if value is None:
                cells.append(None)
            else:
                cells.append(strings[int(value.text)] if cell.get("t") == "s" else float(value.text))
        rows.append(cells)
    return rows


def _column(place: str) -> int:
    number = 0
    for letter in re.match("[A-Z]+", place)[0]:  # type: ignore[index]
        number = number * 26 + ord(letter) - 64
    return number - 1


def xlsx_charts(content: bytes) -> dict[str, tuple[list[Value], list[Value]]]:
    """Title → the names and the values that it refers to, taken from the cells."""
    archive, sheets = zipfile.ZipFile(io.BytesIO(content)), xlsx_sheets(content)
    found = {}
    for name in archive.namelist():
        if name.startswith("xl/charts/chart"):
            tree = ElementTree.fromstring(archive.read(name))
            title = "".join(next(tree.iter(f"{CHART}title")).itertext()).strip()
            places = [one.text or "" for one in tree.iter(f"{CHART}f")]
            _name, values = (_cells(sheets, place) for place in places[-2:])
            found[title] = (_name, values)
    return found


def _cells(sheets: dict[str, Sheet], place: str) -> list[Value]:
    """What stands at "'Reports over time'!$A$5:$A$9"."""
    sheet, area = place.rsplit("!", 1)
    first, last = (one.split("$")[1:] for one in area.split(":"))
    rows = sheets[sheet.strip("'")][int(first[1]) - 1 : int(last[1])]
    column = _column(first[0])
    return [row[column] if column < len(row) else None for row in rows]


def ods_sheets(content: bytes) -> dict[str, Sheet]:
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.namelist()[0] == "mimetype" and b"table:formula" not in archive.read("content.xml")
    assert not any(name.startswith(("Basic", "Scripts", "Object")) for name in archive.namelist())
    found = {}
    for table in ElementTree.fromstring(archive.read("content.xml")).iter(f"{TABLE}table"):
        rows = []
        for row in table.iter(f"{TABLE}table-row"):
            cells = [_ods_cell(cell) for cell in row.iter(f"{TABLE}table-cell")]
            rows.append([] if cells == [None] else cells)
        found[table.get(f"{TABLE}name") or ""] = rows
    return found


def _ods_cell(cell: Any) -> Value:
    if cell.get(f"{OFFICE}value-type") == "float":
        return float(cell.get(f"{OFFICE}value"))
    return "".join(cell.itertext()) or None


def trimmed(sheets: dict[str, Sheet]) -> dict[str, Sheet]:
    """Without empty ends of rows and sheets, which one format writes and the other does not."""
    found = {}
    for name, rows in sheets.items():
        kept = [_without_end(row) for row in rows]
        found[name] = [row for row in kept if row]
    return found


def _without_end(row: list[Value]) -> list[Value]:
    while row and row[-1] is None:
        row = row[:-1]
    return row


def docx_tables(content: bytes) -> list[list[list[str]]]:
    document = read_word(io.BytesIO(content))
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]


def docx_headings(content: bytes) -> list[tuple[str, str]]:
    document = read_word(io.BytesIO(content))
    styled = [(one.style.name, one.text) for one in document.paragraphs if one.style is not None]
    return [(name or "", text) for name, text in styled if (name or "").startswith("Heading")]


def odt_tables(content: bytes) -> list[list[list[str]]]:
    document = OpenDocument(io.BytesIO(content))
    tables = document.body.get_elements("//table:table")
    return [
        [[_text(cell) for cell in row.get_elements("table:table-cell")] for row in _rows(table)] for table in tables
    ]


def _rows(table: Any) -> list[Any]:
    return [*table.get_elements("table:table-header-rows/table:table-row"), *table.get_elements("table:table-row")]


def _text(cell: Any) -> str:
    return " ".join(one.inner_text for one in cell.get_elements("text:p"))


def odt_headings(content: bytes) -> list[tuple[str, str]]:
    found = OpenDocument(io.BytesIO(content)).body.get_elements("//text:h")
    return [(f"Heading {one.get_attribute('text:outline-level')}", one.inner_text) for one in found]


def pdf_pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def numbers_in(sheets: dict[str, Sheet]) -> set[float]:
    return {value for rows in sheets.values() for row in rows for value in row if isinstance(value, float)}
