"""What was measured stands on the page as it was kept, with whether it is what was wanted."""

from pathlib import Path
from typing import Any

import pytest

import run
from benchmarks import figures
from benchmarks.figures import BEGIN, END, PAGE, PARTS, ROOT, Figure, keep, table


def test_the_page_says_what_was_kept():
    between = PAGE.read_text().partition(BEGIN)[2].partition(END)[0]
    assert between.strip() == "\n".join(table()).strip(), "python run.py bench table"


def test_each_part_can_be_measured_alone():
    missing = [part for part in PARTS if not (ROOT / f"benchmarks/{part}.py").exists() or part not in run.BENCHES]
    assert not missing
    assert {name for name, *_options in run.FAIR_AND_SMALL} < set(PARTS)


def test_the_middle_run_is_held_against_what_is_wanted():
    assert Figure("P2", "a list", [1.0, 5.0, 3.9], most=4).is_met is True
    assert Figure("P2", "a list", [1.0, 5.0, 4.1], most=4).is_met is False
    assert Figure("P7", "a sweep", [0.4, 0.6, 0.5], least=0.5).is_met is True
    assert Figure("", "a month", [1.0]).is_met is None


def test_a_part_is_kept_and_told_between_its_marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    page: Any = tmp_path / "page.md"
    page.write_text(f"Before.\n\n{BEGIN}\nstale words\n{END}\n\nAfter.\n")
    monkeypatch.setattr(figures, "PAGE", page)
    monkeypatch.setattr(figures, "RESULTS", tmp_path / "results")
    found = [
        Figure("P3", "a word", [0.25, 0.5, 0.125], most=1.5, more={"queries": 9}),
        Figure("P9", "memory", [140.0], unit="MiB", most=130),
    ]
    said = "\n".join(keep("search", found, {"cases": 20_000}))
    assert "0.25× (0.12 – 0.50)" in said and "**NOT**" in said
    text = page.read_text()
    assert text.startswith(f"Before.\n\n{BEGIN}\n") and text.endswith(f"{END}\n\nAfter.\n") and "stale" not in text
    assert "| P3 | a word | 0.25× (0.12 – 0.50) | ≤ 1.50 | met | queries 9 |" in text
    assert "| P9 | memory | 140.0 MiB | ≤ 130 | **NOT** |  |" in text
    assert "cases 20,000" in text and "not measured yet. `python run.py bench memory`" in text
