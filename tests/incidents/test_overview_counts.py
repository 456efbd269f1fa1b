"""Every number of a month, a quarter and a year against a count by hand, on generated rows, on each database."""

import random
from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as some

from incidents.models import Incident
from incidents.overview.breakdowns import BREAKDOWNS
from incidents.overview.counting import count_month
from incidents.overview.counts import Counts, added
from incidents.overview.figures import FIGURES, Nature
from incidents.overview.periods import Period
from tests.incidents.counted_by_hand import ByHand, Figures, added_by_hand
from tests.incidents.random_year import MONTHS, RandomYear
from tests.world import Place

CASES = 60
worlds = some.tuples(some.integers(0, 2**32), some.integers(30, CASES))
STEPS = [Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink]
rich = settings(max_examples=4, phases=STEPS, suppress_health_check=list(HealthCheck))


class Backwards(Exception):
    """Nothing of an example stays."""


def differences(portal: Counts, hand: Figures) -> dict[str, tuple[Any, Any]]:
    """What differs: part and code → (the portal's, by hand)."""
    one, other = flat(portal.__dict__), flat(hand)
    return {name: (one.get(name), other.get(name)) for name in one | other if one.get(name) != other.get(name)}


def flat(figures: Figures) -> dict[str, Any]:
    """Noughts stay in one and are left out of the other: no difference."""
    tables = {
        f"{part}.{code}.{key}": number
        for part in ("tables", "spreads")
        for code, table in figures[part].items()
        for key, number in table.items()
        if number
    }
    plain = ("numbers", "stocks", "shares", "sums")
    return {f"{part}.{code}": number for part in plain for code, number in figures[part].items()} | tables


def counted(place: Place, months: list[str], hidden: frozenset[UUID] = frozenset()) -> list[Counts]:
    return [count_month(place.organisation, Period.parse(month), without=hidden) for month in months]


@rich
@given(world=worlds)
def test_each_month_is_as_counted_by_hand(town: Place, other_town: Place, world: tuple[int, int]):
    """And so are the quarters and the year: sums of their months."""
    seed, cases = world
    with pytest.raises(Backwards), transaction.atomic():
        for place, extra in ((town, 0), (other_town, 1)):
            RandomYear(place, seed + extra, cases)
        hands = ByHand(town.organisation.pk)
        by_hand = [hands.counts(month) for month in MONTHS]
        by_portal = counted(town, MONTHS)
        for month, hand, portal in zip(MONTHS, by_hand, by_portal, strict=True):
            assert differences(portal, hand) == {}, month
            assert Counts.from_json(portal.to_json()).to_json() == portal.to_json()
        for first, last in ((1, 4), (4, 7), (7, 10), (10, 13), (1, 13)):
            of_months = added_by_hand(by_hand[first:last])
            assert differences(added(by_portal[first:last]), of_months) == {}
        event(f"reports: {sum(hand['numbers']['reports'] for hand in by_hand) // 20 * 20} or more")
        raise Backwards


@rich
@given(world=worlds, share=some.sampled_from([0.1, 0.5]))
def test_what_is_hidden_is_in_no_number(town: Place, world: tuple[int, int], share: float):
    """As if the cases, and all that hangs under them, were not there at all."""
    seed, cases = world
    with pytest.raises(Backwards), transaction.atomic():
        RandomYear(town, seed, cases)
        ids = list(Incident.objects.order_by("reference").values_list("pk", flat=True))
        hidden = frozenset(random.Random(seed).sample(ids, round(len(ids) * share)))
        hands = ByHand(town.organisation.pk, hidden)
        for month, portal in zip(MONTHS[::3], counted(town, MONTHS[::3], hidden), strict=True):
            assert differences(portal, hands.counts(month)) == {}, month
        raise Backwards


def test_nothing_of_another_organisation_comes_along(town: Place, other_town: Place):
    RandomYear(other_town, 1, CASES)
    assert set(flat(added(counted(town, MONTHS)).__dict__).values()) == {0, (0, 0)}
    assert added(counted(other_town, MONTHS)).numbers["reports"] > 0


def test_the_rows_reach_every_number(town: Place):
    """No number is compared as nought with nought: each is there in some month, and every edge is a report's."""
    RandomYear(town, 7, 2 * CASES)
    hands = ByHand(town.organisation.pk)
    found = added_by_hand([hands.counts(month) for month in MONTHS])
    stocks = Counter[str]()
    for month in MONTHS:
        stocks.update(hands.counts(month)["stocks"])
    assert [name for name, number in (found["numbers"] | stocks).items() if not number] == []
    assert {name: pair for name, pair in found["shares"].items() if not 0 < pair[0] < pair[1]} == {}
    assert all(cents and lines for cents, lines in found["sums"].values()) and all(found["spreads"].values())
    assert {name for name, table in found["tables"].items() if len(+table) > 1} == set(BREAKDOWNS)
    assert Incident.objects.filter(status="merged").exists() and Incident.objects.filter(kind="near_miss").exists()


def test_every_figure_that_is_defined_is_counted_and_no_other(town: Place):
    counts = count_month(town.organisation, Period.parse("2028-02"))
    by_part: dict[str, Any] = {
        "numbers": (Nature.TOTAL, Nature.PART, Nature.WORK),
        "stocks": (Nature.STOCK, Nature.ALARM, Nature.PEOPLE),
        "shares": (Nature.SHARE,),
        "spreads": (Nature.MEDIAN,),
        "sums": (Nature.SUM,),
    }
    for part, natures in by_part.items():
        defined = {code for code, figure in FIGURES.items() if figure.nature in natures}
        assert set(getattr(counts, part)) == defined, part
    assert set(counts.tables) == set(BREAKDOWNS)


@pytest.mark.parametrize("code", ["2028-k1", "2028"])
def test_only_a_month_is_counted(town: Place, code: str):
    with pytest.raises(ValueError, match=code):
        count_month(town.organisation, Period.parse(code))


def test_the_number_of_queries_is_the_same_whatever_there_is(
    town: Place, other_town: Place, django_assert_num_queries: Any
):
    for place, cases in ((town, CASES), (other_town, 2 * CASES)):
        RandomYear(place, 7, cases)
        month = Period.parse("2028-06")
        counts = count_month(place.organisation, month)
        assert counts.spreads["first_contact"] and counts.shares["police"][1], "else it asks less"
        with django_assert_num_queries(28):
            count_month(place.organisation, month)
