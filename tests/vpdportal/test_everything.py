"""That `make test` leaves no test out, and says what failed and what it cost."""

import itertools
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from _pytest.mark.expression import Expression

from tests import everything, order

MARKERS = ["browser", "services", "office", "no_database", "once"]


def runs(expression: str, markers: set[str]) -> bool:
    return Expression.compile(expression).evaluate(lambda name, **_more: name in markers)


@pytest.mark.parametrize("many", list(itertools.product([True, False], repeat=len(MARKERS))))
def test_whatever_a_test_is_marked_with_it_runs(many: tuple[bool, ...]):
    markers = {name for name, has in zip(MARKERS, many, strict=True) if has}
    on_sqlite, on_postgresql = (runs(one, markers) for one in (everything.ON_SQLITE, everything.ON_POSTGRESQL))
    assert on_sqlite or on_postgresql
    if on_sqlite and not markers & order.RUNS_ON_SQLITE_ONLY:
        assert on_postgresql, "its other parameters are tried there"


def item(name: str, *markers: str) -> Any:
    return SimpleNamespace(nodeid=name, get_closest_marker=lambda marker: marker if marker in markers else None)


def test_on_sqlite_the_first_parameters_of_what_runs_on_postgresql_too():
    items = [
        item("tests/a.py::test_it[1]"),
        item("tests/a.py::test_it[2]"),
        item("tests/a.py::test_other"),
        item("tests/b.py::test_it[2]"),
        item("tests/b.py::test_plain[1]", "no_database"),
        item("tests/b.py::test_plain[2]", "no_database"),
        item("tests/b.py::test_dear[1]", "once"),
        item("tests/b.py::test_dear[2]", "once"),
    ]
    kept = order.first_parameters(items)
    assert [one.nodeid for one in items if one not in kept] == ["tests/a.py::test_it[2]"]


def test_long_ones_begin_and_short_ones_fill_up():
    names = [
        "tests/translations/test_plain_words.py::test_it",
        "tests/test_architecture.py::test_it",
        "tests/incidents/test_care.py::test_it",
        "tests/folder_that_is_new/test_it.py::test_it",
        "tests/stories/test_story.py::test_it",
    ]
    ordered = sorted(map(item, names), key=order.place_of)
    assert [order.folder_of(one.nodeid) for one in ordered] == [
        *("stories", "incidents", "folder_that_is_new", "translations", "test_architecture.py")
    ]


def test_what_a_folder_costs_is_told_the_dearest_first():
    def report(name: str, when: str, duration: float) -> Any:
        return SimpleNamespace(nodeid=name, when=when, duration=duration)

    lines = order.costs(
        [
            report("tests/look/test_style.py::test_it", "call", 5.0),
            report("tests/incidents/test_care.py::test_it", "setup", 20.0),
            report("tests/incidents/test_care.py::test_it", "call", 3.0),
        ]
    )
    assert [line.split() for line in lines] == [
        ["23", "s", "incidents,", "of", "which", "20", "s", "around", "the", "tests"],
        ["5", "s", "look,", "of", "which", "0", "s", "around", "the", "tests"],
    ]


def test_a_step_that_fails_fails_all_and_is_named(capfd: pytest.CaptureFixture[str]):
    checks = everything.Checks()
    checks.run("right", [sys.executable, "-c", "print('aloud')"], {})
    checks.run("quiet", [sys.executable, "-c", "print('a word')"], {}, aloud=False)
    assert checks.tell() == 0
    checks.run("wrong", [sys.executable, "-c", "raise SystemExit(3)"], {})
    assert checks.tell() == 1
    said = capfd.readouterr().out
    assert "All checks passed." in said and said.endswith("FAILED: wrong\n")
    assert "a word" in said and "aloud" in said


def test_tables_that_cannot_be_prepared_fail_it_and_the_rest_goes_on(capfd: pytest.CaptureFixture[str]):
    def making() -> dict[str, str]:
        raise subprocess.CalledProcessError(1, "migrate")

    checks = everything.Checks()
    assert checks.make("tables", making) == {} and checks.make("others", lambda: {"A": "b"}) == {"A": "b"}
    assert checks.tell() == 1 and "FAILED: tables\n" in capfd.readouterr().out
