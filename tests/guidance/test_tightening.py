"""A card may ask for more than law or an agreed norm, never for less: not in what it says, not in what comes out."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from guidance.advice import Advised, advise
from guidance.card import Card
from guidance.changes import Changes, ItemChange
from guidance.deadlines import UNITS, WITHOUT_AMOUNT, Deadline, Moments, due
from guidance.facts import Facts
from guidance.menu import Item
from guidance.menu_file import load_menu
from guidance.tightening import (
    AMOUNTS,
    NotAllowed,
    check_change,
    check_deadline,
    freedom_of,
    is_shorter,
    is_term,
)
from guidance.vocabulary import ClosedDay, ItemStatus

ZONE = ZoneInfo("Europe/Amsterdam")
MENU = load_menu()
BOUND = [item for item in MENU.items.values() if item.status != ItemStatus.OPTIONAL]
FREE = [item for item in MENU.items.values() if item.status == ItemStatus.OPTIONAL]


def spans(anchor: str) -> st.SearchStrategy[Deadline]:
    """Every term that can be chosen."""
    counted = [st.builds(Deadline, st.just(anchor), st.just(u), st.integers(1, n)) for u, n in AMOUNTS.items()]
    return st.one_of(*counted, st.sampled_from([Deadline(anchor, unit) for unit in sorted(WITHOUT_AMOUNT)]))


def near(shipped: Deadline) -> st.SearchStrategy[Deadline]:
    """Terms that end about where this one does: where a comparison goes wrong, it goes wrong here."""
    hours = {"h": 1, "d": 24, "wd": 34, "weeks": 168, "months": 730, "same_day": 9, "at_once": 1}
    length = hours[shipped.unit] * (shipped.amount or 1)
    return st.one_of(
        *(
            st.integers(max(1, length // hours[unit] - 8), length // hours[unit] + 8)
            .filter(lambda amount, unit=unit: 1 <= amount <= AMOUNTS[unit])
            .map(lambda amount, unit=unit: Deadline(shipped.anchor, unit, amount))
            for unit in AMOUNTS
            if length // hours[unit] - 8 <= AMOUNTS[unit]
        ),
        st.sampled_from([Deadline(shipped.anchor, unit) for unit in sorted(WITHOUT_AMOUNT)]),
    )


pairs = st.sampled_from(["incident", "report"]).flatmap(spans).flatmap(lambda one: st.tuples(near(one), st.just(one)))
minutes = st.integers(0, 24 * 60 - 1)
starts = st.one_of(
    st.datetimes(datetime(2020, 1, 1), datetime(2045, 12, 31), timezones=st.just(ZONE)),
    st.builds(  # in the weeks of free days and of nights in which the clock changes, at the edges of a day
        lambda year, month, day, time: datetime(year, month, day, *divmod(time, 60), tzinfo=ZONE),
        st.integers(2020, 2045),
        st.sampled_from([1, 2, 3, 4, 5, 6, 10, 12]),
        st.integers(1, 28),
        st.one_of(minutes, st.sampled_from([0, 1, 15 * 60, 15 * 60 + 1, 17 * 60, 23 * 60 + 59])),
    ),
)
choices = st.sampled_from(ClosedDay)


def end_of(deadline: Deadline, start: datetime, choice: ClosedDay) -> datetime:
    found = due(deadline, Moments(start, start), fifth_of_may=choice)
    assert found.at and not found.is_late_report
    return found.at


@given(pairs, starts, choices)
@example((Deadline("report", "h", 24), Deadline("report", "d", 1)), datetime(2027, 3, 27, 23, 59, tzinfo=ZONE), "never")
def test_a_shorter_term_never_ends_later(pair: tuple[Deadline, Deadline], start: datetime, choice: ClosedDay):
    chosen, shipped = pair
    assume(is_shorter(chosen, shipped))
    assert end_of(chosen, start, choice) <= end_of(shipped, start, choice)


def test_the_hardest_days_hold_for_every_pair_at_the_limit():
    """For each shipped term the longest that still counts as shorter, from each day of twenty months."""
    days = [date(2024, 12, 1) + timedelta(days=number) for number in range(0, 600)]
    for unit, most in AMOUNTS.items():
        for amount in {1, 2, 3, 5, 6, 8, most // 2, most} & set(range(1, most + 1)):
            shipped = Deadline("report", unit, amount)
            for other, largest in AMOUNTS.items():
                allowed = [n for n in range(1, largest + 1) if is_shorter(Deadline("report", other, n), shipped)]
                if not allowed or other == unit:
                    continue
                chosen = Deadline("report", other, allowed[-1])
                for day in days:
                    for clock in ((0, 0), (23, 59)):
                        start = datetime(day.year, day.month, day.day, *clock, tzinfo=ZONE)
                        ends = [end_of(term, start, ClosedDay.ALWAYS) for term in (chosen, shipped)]
                        assert ends[0] <= ends[1], (chosen, shipped, start)


@pytest.mark.parametrize(
    ("chosen", "shipped", "is_allowed"),
    [
        (("h", 24), ("h", 48), True),
        (("h", 48), ("h", 48), True),
        (("h", 49), ("h", 48), False),
        (("same_day", 0), ("h", 48), True),
        (("d", 1), ("h", 48), True),
        (("d", 1), ("h", 24), False),
        (("d", 1), ("h", 41), False),  # in the night the clock goes back it is 42 hours to 17:00 of the next day
        (("d", 1), ("h", 42), True),
        (("same_day", 0), ("wd", 1), True),
        (("h", 2), ("same_day", 0), True),
        (("h", 3), ("same_day", 0), False),
        (("at_once", 0), ("same_day", 0), True),
        (("same_day", 0), ("at_once", 0), False),
        (("d", 1), ("wd", 2), True),
        (("d", 2), ("wd", 1), False),
        (("h", 24), ("wd", 2), True),
        (("wd", 1), ("d", 1), False),  # from a Friday it would be three days
        (("wd", 10), ("d", 14), False),  # and with a free day in them ten working days are more than two weeks
        (("wd", 10), ("d", 30), True),
        (("weeks", 2), ("d", 14), True),
        (("weeks", 4), ("months", 1), True),
        (("d", 29), ("months", 1), False),  # February
        (("months", 1), ("d", 30), False),
        (("months", 1), ("weeks", 6), True),
    ],
)
def test_pairs_that_people_choose(chosen: tuple[str, int], shipped: tuple[str, int], is_allowed: bool):
    assert is_shorter(Deadline("report", *chosen), Deadline("report", *shipped)) is is_allowed


# --- what may be changed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("item", BOUND, ids=lambda item: item.code)
def test_law_and_norm_cannot_go_off_and_a_reason_is_given(item: Item):
    with pytest.raises(NotAllowed) as refused:
        check_change(item, ItemChange(is_on=False))
    assert str(refused.value) == str(freedom_of(item).why_not) != ""


@pytest.mark.parametrize("item", FREE, ids=lambda item: item.code)
def test_an_optional_item_can_go_off_and_take_another_term(item: Item):
    check_change(item, ItemChange(is_on=False))
    longer = tuple(step.deadline and replace(step.deadline, unit="months", amount=12) for step in item.steps)
    check_change(item, ItemChange(deadlines=longer))


@given(st.sampled_from(BOUND), st.data())
def test_a_term_of_law_or_norm_is_shorter_or_refused(item: Item, data: st.DataObject):
    timed = [number for number, step in enumerate(item.steps) if step.deadline]
    assume(timed)
    number = data.draw(st.sampled_from(timed))
    shipped = item.steps[number].deadline
    assert shipped
    chosen = data.draw(near(shipped))
    change = ItemChange(deadlines=tuple(chosen if n == number else None for n in range(len(item.steps))))
    if is_shorter(chosen, shipped):
        check_change(item, change)
    else:
        with pytest.raises(NotAllowed):
            check_change(item, change)


@pytest.mark.parametrize(
    "chosen",
    [
        Deadline("report", "d", 0),
        Deadline("report", "d", -1),
        Deadline("report", "d", 366),
        Deadline("report", "same_day", 1),
        Deadline("report", "years", 1),
        Deadline("incident", "d", 1),
    ],
)
def test_what_is_no_term_is_refused_for_every_item(chosen: Deadline):
    for may_be_longer in (True, False):
        with pytest.raises(NotAllowed):
            check_deadline(Deadline("report", "d", 30), chosen, may_be_longer=may_be_longer)


def test_terms_fit_the_steps_and_a_step_without_a_moment_gets_none():
    two_steps = MENU.items["P03"]
    for change in (
        ItemChange(deadlines=(Deadline("report", "d", 10),)),
        ItemChange(deadlines=(Deadline("report", "d", 10), None, None)),
    ):
        with pytest.raises(NotAllowed):
            check_change(two_steps, change)
    without = next(item for item in MENU.items.values() if item.steps[0].deadline is None)
    with pytest.raises(NotAllowed):
        check_change(without, ItemChange(deadlines=(Deadline("report", "d", 1),) * len(without.steps)))


def test_every_unit_is_a_term_within_its_limits():
    for unit in UNITS:
        amounts = [n for n in range(0, 400) if is_term(Deadline("report", unit, n))]
        assert amounts == ([0] if unit in WITHOUT_AMOUNT else list(range(1, AMOUNTS[unit] + 1)))


# --- what comes out --------------------------------------------------------------------------------------------------

FLAGS = dict.fromkeys(("injury", "hospital_admission", "complaints", "damage", "offence_suspected"), True)
RICH = Facts(
    behaviours=("threat", "stalking", "doxing"),
    channel="social_media",
    target_group="alderman",
    perpetrator_known=True,
    safe_to_meet=True,
    perpetrator_visits_premises=True,
    contact_would_continue=True,
    perpetrator_breached_measure=True,
    perpetrator_earlier_incidents_12m=2,
    reports_in_team_90d=4,
    witnesses=2,
    sick_leave_days=5,
    death=True,
    home_involved=True,
    worked_alone=True,
    ongoing_threat=True,
    next_contact_planned=True,
    **FLAGS,
)
MILD = Facts(
    behaviours=("verbal_abuse",), channel="counter", target_group="temporary_or_volunteer", perpetrator_known=False
)


@cache
def shipped_card() -> Card:
    return Card.default()


def advised(facts: Facts, card: Card, moments: Moments) -> dict[str, Advised | Any]:
    return {advice.item.code: advice for advice in advise(facts, card, moments).advice}


def tighter(item: Item) -> st.SearchStrategy[tuple[Deadline | None, ...]]:
    """What an organisation may choose for each step."""
    return st.tuples(
        *(
            st.none()
            if step.deadline is None
            else st.one_of(st.none(), near(step.deadline).filter(lambda one, s=step.deadline: is_shorter(one, s)))
            for step in item.steps
        )
    )


@given(
    st.sampled_from([RICH, MILD]),
    starts,
    st.one_of(st.integers(0, 100), st.integers(0, 200 * 24 * 4)),
    st.sampled_from(BOUND).flatmap(lambda item: st.tuples(st.just(item), tighter(item))),
    st.integers(0, 200),
    choices,
)
def test_whatever_is_allowed_nothing_that_law_or_norm_asks_comes_later(
    facts: Facts,
    incident: datetime,
    quarters_until_report: int,
    change: tuple[Item, tuple[Deadline | None, ...]],
    hours_until_held: int,
    choice: ClosedDay,
):
    """Also when the report comes after the shorter term and before the one that law or norm set."""
    item, deadlines = change
    allowed = ItemChange(deadlines=deadlines)
    check_change(item, allowed)
    report = incident.astimezone(UTC) + timedelta(minutes=15 * quarters_until_report)
    held = dict.fromkeys(("N02", "R07", "R09"), report + timedelta(hours=hours_until_held))
    moments = Moments(incident, report, held)
    before = advised(facts, Card("a", Changes(closed_day=choice)), moments)
    after = advised(facts, Card("b", Changes(items={item.code: allowed}, closed_day=choice)), moments)
    assert before.keys() == after.keys()
    for code, advice in before.items():
        for old, new in zip(advice.steps, after[code].steps, strict=True):
            assert old.due is None or (new.due is not None and new.due <= old.due), (code, old, new)


def test_a_late_report_after_the_shorter_term_keeps_what_the_norm_set():
    """48 hours tightened to 24: a report after 30 hours gives 48 hours after the incident, not 24 after the report."""
    code = "R06"
    assert MENU.items[code].steps[0].deadline == Deadline("incident", "h", 48)
    incident = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    moments = Moments(incident, incident + timedelta(hours=30))
    change = Changes(items={code: ItemChange(deadlines=(Deadline("incident", "h", 24),))})
    found = advised(RICH, Card("b", change), moments)[code]
    assert found.due == incident + timedelta(hours=48)
    in_time = advised(RICH, Card("b", change), Moments(incident, incident))[code]
    assert in_time.due == incident + timedelta(hours=24)


def test_the_facts_of_these_tests_bring_most_of_what_is_bound():
    """Otherwise the property above would say little."""
    moments = Moments(*(datetime(2026, 11, 24, 9, 0, tzinfo=UTC),) * 2)
    found = advised(RICH, shipped_card(), moments).keys() | advised(MILD, shipped_card(), moments).keys()
    missing = {item.code for item in BOUND} - found
    assert len(missing) <= 4, missing
