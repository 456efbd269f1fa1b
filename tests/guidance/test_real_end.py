"""The review counts back from the real end of what runs, once it was given; before that from what could be."""

from datetime import UTC, datetime
from typing import Any

import pytest

from guidance.advice import advise
from guidance.card import Card
from guidance.deadlines import Moments
from tests.world import facts

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
THREAT = facts(behaviours=("threat",), perpetrator_visits_premises=True)


def review(anchors: dict[str, datetime], ends: dict[str, Any]) -> Any:
    advised = advise(THREAT, Card.default(), Moments(START, START, anchors, ends))
    return next(one.due for one in advised.advice if one.item.code == "R23")


def at_five(month: int, day: int, year: int = 2027) -> datetime:
    return datetime(year, month, day, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ({}, at_five(2, 10)),  # the ladder's three months, less 14 days
        ({"R09": datetime(2027, 1, 24, 16, tzinfo=UTC)}, at_five(1, 10)),
        ({"R09": datetime(2027, 11, 24, 16, tzinfo=UTC)}, at_five(2, 24)),  # far off: after three months
        ({"R09": None}, at_five(2, 24)),  # ended: nothing to count back from
        ({"R09": None, "R07": datetime(2027, 1, 24, 16, tzinfo=UTC)}, at_five(1, 10)),
        ({"R07": datetime(2027, 2, 1, 16, tzinfo=UTC), "R09": datetime(2027, 1, 24, 16, tzinfo=UTC)}, at_five(1, 10)),
    ],
)
def test_the_real_end_comes_before_what_the_ladder_suggests(ends: dict[str, Any], expected: datetime):
    assert review({"R09": START}, ends) == expected


def test_what_was_chosen_and_not_given_counts_beside_what_runs():
    ends = {"R09": datetime(2027, 11, 24, 16, tzinfo=UTC)}
    assert review({"R09": START, "R07": START}, ends) == at_five(2, 10)


def test_a_measure_that_ended_never_makes_a_review_sooner():
    assert review({"R09": START}, {"R09": None}) >= review({"R09": START}, {})
