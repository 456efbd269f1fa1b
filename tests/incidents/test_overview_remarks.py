"""What stands out is said only where the numbers carry it, and only from numbers that were told."""

from collections.abc import Sequence
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation

from incidents.overview.periods import Period
from incidents.overview.reading import Fixed, Overview
from incidents.overview.remarks import CHANCE, at_least, at_most, remarks_of
from incidents.overview.shown import Line, Shown
from incidents.overview.told import Told

NOVEMBER = Period.parse("2026-11")
Numbers = Sequence[int | Told | None]


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


def told(number: int | Told | None) -> Told | None:
    return Told.exact(number) if isinstance(number, int) else number


def overview(reports: Numbers, online: Numbers = (), **more: Any) -> Overview:
    """The last number is of this month; an older month stands before them, in which the portal came into use."""
    fixed = {}
    months = [NOVEMBER.shifted(step) for step in range(-len(reports), 1)]
    for place, month in enumerate(months):
        number = told(reports[place - 1]) if place else Told.exact(1)
        threats = told(online[place - 1]) if place and online else None
        tables = {"online": (Line("threat", threats),)} if online else {}
        is_last = month == NOVEMBER
        shown = Shown(400, True, 5, numbers={"reports": number}, tables=tables, **(more if is_last else {}))
        fixed[month] = Fixed(month, None, lambda shown=shown: shown)
    return Overview(SimpleNamespace(name="Vlinderwaard"), fixed[NOVEMBER], fixed)


def test_the_chances_are_those_of_every_outcome():
    """By hand: of 3 reports in 2 equal months each falls in the last with a half."""
    assert at_least(3, 0, 1) == pytest.approx(1 / 8)
    assert at_least(2, 1, 1) == pytest.approx(4 / 8)
    assert at_most(0, 3, 1) == pytest.approx(1 / 8)
    assert at_least(0, 7, 12) == pytest.approx(1) and at_most(9, 0, 12) == pytest.approx(1)
    assert at_least(5, 20, 12) + at_most(4, 21, 12) == pytest.approx(1)


def test_very_many_reports_are_no_trouble():
    assert at_least(10_000, 100_000, 12) == pytest.approx(0, abs=1e-9)
    assert at_least(10_000, 120_000, 12) == pytest.approx(0.5, abs=0.01)
    assert len(remarks_of(overview([*[90] * 12, 3000]))) == 1


def test_much_more_than_before_is_said_with_both_numbers():
    assert remarks_of(overview([*[10] * 12, 30])) == [
        "More reports than in the 12 months before (30; then 120 in all)."
    ]
    assert remarks_of(overview([*[20] * 12, 3])) == ["Fewer reports than in the 12 months before (3; then 240 in all)."]


def test_a_little_more_is_no_news():
    assert remarks_of(overview([*[10] * 12, 15])) == []
    assert remarks_of(overview([*[10] * 12, 6])) == []


def test_threats_on_social_media_are_named_where_they_were_told():
    found = overview([30] * 13, online=[*[Told.few()] * 12, Told.rounded(30)])
    assert remarks_of(found) == [
        "More threat on social media than in the 12 months before (about 30; then about 24 in all)."
    ]


def test_rounding_stands_against_a_sentence():
    """The same middle numbers: exact they carry it, rounded they may not."""
    exact = overview([*[4] * 12, 12])
    assert len(remarks_of(exact)) == 1
    rounded = overview([*[Told.few()] * 12, Told.rounded(12)])
    assert remarks_of(rounded) == []


def test_a_month_that_was_not_told_is_compared_with_nothing():
    assert remarks_of(overview([*[10] * 11, None, 30])) == []
    assert remarks_of(overview([*[10] * 12, None])) == []


def test_the_month_in_which_the_portal_came_into_use_does_not_count():
    first_only = overview([30])
    assert remarks_of(first_only) == [], "before it is only the month of the beginning"
    assert remarks_of(overview([10, 40])) == ["More reports than in the month before (40; then 10 in all)."]


def test_a_missed_norm_comes_first_and_an_open_one_is_not_said():
    shares = {
        "reception": (Told.exact(12), Told.exact(20)),  # 60 of 95 per cent
        "reaction": (Told.rounded(18), Told.rounded(20)),  # 16 to 20 of 18 to 22: open
        "assessed": (Told.exact(20), Told.exact(20)),
    }
    found = remarks_of(overview([*[10] * 12, 30], shares=shares, stocks={"overdue_tasks": Told.exact(2)}))
    assert found == [
        "Tasks too late: 2; the norm is 0.",
        "Reception talk within 72 hours: 12 of 20; the norm is 95% within 72 hours.",
        "More reports than in the 12 months before (30; then 120 in all).",
    ]


def test_where_nothing_changes_hardly_anything_is_said():
    """Two thousand overviews of reports by chance alone: fewer than one in a hundred says something."""
    dice, said = Random(26), 0
    for _number in range(2000):
        counts = [sum(dice.random() < 0.1 for _ in range(120)) for _month in range(13)]
        said += bool(remarks_of(overview(counts)))
    assert said <= 2000 * CHANCE
