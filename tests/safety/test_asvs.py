"""docs/asvs.md names tests that exist, and says of each item what holds it."""

import re

import pytest

from tests.supply_chain import ROOT

ITEMS = 62


def rows_of(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if re.match(r"\| \d+ \|", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def faults_of(text: str) -> list[str]:
    faults = []
    for number, asvs, what, held in rows_of(text):
        named = re.findall(r"`([\w/]+\.py)::([\w*]+)`", held)
        if not (asvs and what) or not (named or re.match(r"(open|decided): .{20}", held)):
            faults.append(f"{number}: nothing holds it, and it is not said to be open")
        for path, name in named:
            file = ROOT / "tests" / path
            wanted = r"test_\w+" if name == "*" else re.escape(name)
            if not file.exists() or not re.search(rf"^\s*(async )?def {wanted}\(", file.read_text(), re.MULTILINE):
                faults.append(f"{number}: {path}::{name} is not there")
    return faults


def test_each_item_is_held_by_tests_that_exist_or_is_said_to_be_open():
    text = (ROOT / "docs/asvs.md").read_text()
    assert faults_of(text) == []
    assert [int(number) for number, *_rest in rows_of(text)] == list(range(1, ITEMS + 1))


@pytest.mark.parametrize("held", ["", "open", "`safety/test_asvs.py::test_that_is_not_there`", "yes"])
def test_a_row_that_claims_too_much_is_found(held: str):
    """The negative control."""
    assert faults_of(f"| 1 | 1.2.1 | Output is escaped | {held} |")
