"""A program of its own: reads the table in the file on its standard input and writes it out as JSON.

A spreadsheet from outside can be made to eat memory (a small zip that grows, a cell that repeats a million times) or to
break the library that reads it. So this runs apart from the portal, without its keys, and with limits that the system
holds. No formula is worked out: of a cell is read what its maker's program left in it.
"""

import codecs
import csv
import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

MEMORY = 1024 * 1024 * 1024  # bytes of address space, the libraries included
SECONDS = 30  # of computing
UNPACKED = 200 * 1024 * 1024  # bytes, of a whole zip
MOST_ROWS = 20_000  # below the headings
MOST_COLUMNS = 60
MOST_SIGNS = 10_000  # of one cell
# How it ends when it cannot.
NO_TABLE, TOO_MANY_ROWS, TOO_MANY_COLUMNS, TOO_LONG, LOCKED_OR_OLD, TOO_LARGE, OPEN_QUOTE = 3, 4, 5, 6, 7, 8, 9
LONGEST_HEAD = MOST_COLUMNS * MOST_SIGNS
SAYS_BETWEEN = re.compile(r"sep=(.)(?:\r\n|\r|\n)", re.IGNORECASE)  # a first line that Excel reads and does not show
OLD_EXCEL = b"\xd0\xcf\x11\xe0"  # also of a workbook with a password
Row = list[str]


class Unfit(Exception):
    """`code`: one of the above."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def limit_this_process() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def table_of(content: bytes) -> list[tuple[int, Row]]:
    """The rows that hold something, each with its number on the sheet; the first one is the headings. Raises Unfit."""
    if content.startswith(OLD_EXCEL):
        raise Unfit(LOCKED_OR_OLD)
    raw = _of_workbook(content) if content.startswith(b"PK") else _of_text(content)
    found = []
    for number, cells in enumerate(raw, 1):
        row = [_text(cell) for cell in cells]
        while row and not row[-1]:
            row.pop()
        if not row:
            continue
        if len(row) > MOST_COLUMNS:
            raise Unfit(TOO_MANY_COLUMNS)
        if any(len(cell) > MOST_SIGNS for cell in row):
            raise Unfit(TOO_LONG)
        found.append((number, row))
        if len(found) > MOST_ROWS + 1:
            raise Unfit(TOO_MANY_ROWS)
    if len(found) < 2:
        raise Unfit(NO_TABLE)
    return found


def _of_workbook(content: bytes) -> Iterable[list[Any]]:
    """The first sheet that is shown and holds something."""
    _must_not_grow(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for index, about in enumerate(book.sheets_metadata):
            sheet = book.get_sheet_by_index(index)
            if about.visible == SheetVisibleEnum.Visible and sheet.height:
                return sheet.to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError) as error:
        raise Unfit(NO_TABLE) from error
    return []


def _must_not_grow(content: bytes) -> None:
    """Unpack it once, and stop when it becomes too much: what a zip says of its own size is not believed."""
    size = 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for one in packed.infolist():
                with packed.open(one) as file:
                    while piece := file.read(1024 * 1024):
                        size += len(piece)
                        if size > UNPACKED:
                            raise Unfit(TOO_LARGE)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise Unfit(NO_TABLE) from error


def _of_text(content: bytes) -> Iterator[list[Any]]:
    """Values with commas, semicolons or tabs between them, in UTF-8, UTF-16 or as an older Windows writes it."""
    text = _decoded(content)
    if "\0" in text:
        raise Unfit(NO_TABLE)
    if said := SAYS_BETWEEN.match(text):
        between, text = said[1], text[said.end() :]
    else:
        head = re.sub(r'"[^"]*"', "", text[:LONGEST_HEAD]).lstrip("\r\n")
        between = max(";,\t", key=re.split(r"[\r\n]", head, maxsplit=1)[0].count)
    csv.field_size_limit(len(text) + 1)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True)
    except csv.Error as error:
        raise Unfit(OPEN_QUOTE) from error


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    return "".join(map(_line, content.removeprefix(codecs.BOM_UTF8).splitlines(keepends=True)))


def _line(content: bytes) -> str:
    """A file that was put together from two may hold both: one line of Windows does not spoil all others."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _text(cell: Any) -> str:
    """As one would type it: 2025-12-31, 14:30, 12. A moment at midnight is a day."""
    if isinstance(cell, bool):
        return "ja" if cell else "nee"
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d}" if cell.time() == time() else f"{cell:%Y-%m-%d %H:%M}"
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return f"{cell:%H:%M}"
    if isinstance(cell, timedelta):
        minutes = int(cell.total_seconds()) // 60
        return f"{minutes // 60}:{minutes % 60:02}"
    if isinstance(cell, float):
        if 0 < cell < 1:
            return f"{cell:.6f}"  # a part of a day: 0.25 would be a quarter past midnight
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return str(cell).replace("\0", "").encode("utf-8", "replace").decode().strip()


def main() -> int:
    limit_this_process()
    try:
        json.dump(table_of(sys.stdin.buffer.read()), sys.stdout)
    except Unfit as unfit:
        return unfit.code
    except MemoryError:
        return TOO_LARGE
    return 0


if __name__ == "__main__":
    sys.exit(main())
