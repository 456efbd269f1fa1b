"""Which tests run, in which order, and what they cost by folder."""

from collections import Counter
from collections.abc import Iterable

import pytest

FIRST_PARAMETERS_ONLY = "FIRST_PARAMETERS_ONLY"  # tests/everything.py asks it of the run on SQLite
# Long tests begin first, so that no worker is left with one at the end; thousands of short ones fill it up.
ORDER = (
    *("stories", "look", "upgrade", "proxy", "demo", "handbook", "access", "safety"),
    *("incidents", "accounts", "vpdportal", "guidance", "translations", "test_architecture.py"),
)
RUNS_ON_SQLITE_ONLY = {"no_database", "once"}  # markers
PLACES = {name: place for place, name in enumerate(ORDER)}


def place_of(item: pytest.Item) -> int:
    return PLACES.get(folder_of(item.nodeid), PLACES["incidents"])


def folder_of(test: str) -> str:
    """`look` of tests/look/test_style.py::test_it."""
    return test.partition("/")[2].partition("::")[0].partition("/")[0]


def first_parameters(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Each test of a database with the first of its parameters; and all of what runs nowhere else."""
    kept, seen = [], set()
    for item in items:
        test = item.nodeid.partition("[")[0]
        if test not in seen or any(map(item.get_closest_marker, RUNS_ON_SQLITE_ONLY)):
            kept.append(item)
        seen.add(test)
    return kept


def costs(reports: Iterable[pytest.TestReport]) -> list[str]:
    """A line for each folder, the dearest first: seconds of all workers together."""
    spent: dict[str, Counter[str]] = {}
    for report in reports:
        spent.setdefault(folder_of(report.nodeid), Counter())[report.when or ""] += report.duration  # type: ignore[assignment]
    dearest = sorted(spent.items(), key=lambda one: -one[1].total())
    return [
        f"{seconds.total():7.0f} s  {folder}, of which {seconds.total() - seconds['call']:.0f} s around the tests"
        for folder, seconds in dearest
    ]
