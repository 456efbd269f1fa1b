"""No text becomes a formula, whichever of our files it stands in, and it stays readable (reliability T17, ASVS 1.2.10).

What a spreadsheet makes of a file is decided when it is read: each file is read back here as its kind is read.
"""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from incidents.overview import case_files, log_files
from incidents.overview.analyst_rows import _lines
from incidents.overview.files.cells import BREAKS, FORMULA, clean, for_csv
from tests.incidents.test_case_export import read_ods, read_xlsx
from tests.safety.payloads import FORMULAS

HEADING = ["kop"]
ROWS = [[text, "ernaast"] for text in FORMULAS]
OFFICE: dict[str, tuple[Callable[..., bytes], Callable[[bytes], list[list[tuple[str, str]]]]]] = {
    "cases.xlsx": (case_files.as_xlsx, read_xlsx),
    "cases.ods": (case_files.as_ods, read_ods),
    "log.ods": (log_files.as_ods, read_ods),
}
CSV: dict[str, Callable[[Any], str]] = {
    "log.csv": lambda rows: log_files.as_csv(HEADING, rows).decode("utf-8-sig"),
    "analysis.csv": _lines,
}
READ_AS = (";", ",", "\t", "|")  # whichever a spreadsheet takes for the end of a cell


def calculates(cell: str) -> bool:
    """Whether a spreadsheet may reckon with it: what it passes over does not hide what comes first."""
    return clean(cell).strip(" \"'")[:1] in FORMULA and not clean(cell).strip(' "').startswith("'")


def cells_of(content: str) -> list[str]:
    """All cells, as every reader of a csv would cut them."""
    return [
        cell for mark in READ_AS for row in csv.reader(io.StringIO(content, newline=""), delimiter=mark) for cell in row
    ]


@pytest.mark.parametrize("name", OFFICE)
def test_a_cell_of_text_is_text(name: str):
    write, reader = OFFICE[name]
    _heading, *rows = reader(write(HEADING, ROWS))
    assert {kind for row in rows for kind, _text in row} <= {"inlineStr", "string"}
    assert [row[0][1].strip() for row in rows] == [clean(text).strip() for text in FORMULAS]


@pytest.mark.parametrize("name", CSV)
def test_a_cell_of_a_csv_begins_with_nothing_that_reckons(name: str):
    content = CSV[name](ROWS)
    assert [cell for cell in cells_of(content) if calculates(cell)] == []
    first = [row[0] for row in csv.reader(io.StringIO(content, newline=""), delimiter=";")][-len(FORMULAS) :]
    told = [" ".join(clean(text).split()) for text in FORMULAS]
    assert [cell.replace("'", "") for cell in first] == [text.replace("'", "") for text in told], "and stays readable"
    assert content.count("ernaast") == len(FORMULAS), "no cell ends another one"


def test_numbers_and_plain_words_stay_as_they_are():
    assert [for_csv(text) for text in ("00123", "1e5", "Zorg & Welzijn", "😡")] == [
        "00123",
        "1e5",
        "Zorg & Welzijn",
        "😡",
    ]
    assert _lines([[7, "x"]]) == '7;"x"\r\n' and FORMULA.isdisjoint(BREAKS)


def test_a_plain_writer_is_found():
    """The negative control: the same cells written by csv itself, and a sign that is not on our list."""
    plain = io.StringIO()
    csv.writer(plain, delimiter=";").writerows(ROWS)
    found = [cell for cell in cells_of(plain.getvalue()) if calculates(cell)]
    assert len(found) > len(FORMULAS)
    assert calculates("\u200b=1") and calculates(' "=1') and not calculates("'=1") and not calculates("a=1")
