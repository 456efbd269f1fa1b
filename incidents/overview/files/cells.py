"""Cells of spreadsheets, in both formats: a number is a number, and text is text and never a formula."""

import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from odfdo import Document, Element

Value = str | int | float | datetime | None
NUMBER = re.compile(r"\d(?:.*\d)?", re.DOTALL)
LONGEST_NAME = 31  # of a sheet, in Excel
NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
FORMULA = frozenset("=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212")  # also as Asian keyboards write them
BREAKS = frozenset(",;|'\"")  # where another reader of a csv may begin a new cell


def clean(text: str) -> str:
    """Without signs that steer a machine, which no format here can hold and which hide what stands after them."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def for_csv(text: str) -> str:
    """Text that no spreadsheet takes for a formula, also not one that begins a new cell at a comma."""
    safe, is_start = [], True
    for sign in " ".join(clean(text).split()):
        if is_start and sign in FORMULA:
            safe.append("'")
        safe.append(sign)
        is_start = sign in BREAKS or (is_start and sign == " ")
    return "".join(safe)


def words_around(text: str) -> tuple[str, str]:
    """What stands before and after the number in "about 15" or "45%"."""
    found = NUMBER.search(text)
    return (text[: found.start()], text[found.end() :]) if found else (text, "")


def sheet_names(titles: Iterable[str]) -> list[str]:
    """Names that Excel takes for these titles: short, without some signs, each another one."""
    names: list[str] = []
    for title in titles:
        whole = NOT_IN_NAMES.sub(" ", clean(title)).strip() or "-"
        name, number = whole[:LONGEST_NAME].strip(), 2
        while name.lower() in {other.lower() for other in names}:
            end = f" {number}"
            name, number = whole[: LONGEST_NAME - len(end)] + end, number + 1
        names.append(name)
    return names


def write_xlsx(sheet: Any, row: int, column: int, value: Value, shape: Any = None) -> None:
    """`shape` is a format of the workbook, such as how a moment is shown."""
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, value, shape)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value, shape)
    elif value is not None:
        sheet.write_string(row, column, clean(value), shape)


def new_ods() -> Document:
    document = Document("spreadsheet")
    document.body.clear()
    return document


def add_ods_sheet(document: Document, name: str) -> Any:
    sheet = Element.from_tag(f"<table:table table:name={quoted(name)}/>")
    document.body.append(sheet)
    return sheet


def add_ods_row(sheet: Any, cells: Sequence[str]) -> None:
    """Parsed row by row: the package's own cells take forty seconds for ten thousand rows."""
    Element.append(sheet, Element.from_tag(f"<table:table-row>{''.join(cells) or ods_cell(None)}</table:table-row>"))


def ods_cell(value: Value, style: str = "", shown: str = "") -> str:
    """`shown`: how a number is written out, where that is more than the number."""
    named = f" table:style-name={quoted(style)}" if style else ""
    if value is None:
        return f"<table:table-cell{named}/>"
    if isinstance(value, datetime):
        shown = f"{value:%Y-%m-%d %H:%M}"
        attributes = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    elif isinstance(value, int | float):
        shown = shown or str(value)
        attributes = f'office:value-type="float" office:value="{value}"'
    else:
        shown, attributes = value, 'office:value-type="string"'
    return f"<table:table-cell{named} {attributes}><text:p>{xml_text(shown)}</text:p></table:table-cell>"


def saved(document: Document) -> bytes:
    file = io.BytesIO()
    document.save(file, pretty=False)
    return file.getvalue()


def xml_text(text: str) -> str:
    return escape(clean(text))


def quoted(text: str) -> str:
    return '"' + escape(clean(text), {'"': "&quot;"}) + '"'
