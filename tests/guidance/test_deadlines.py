"""Moments: working days, holidays, clock hours through weekends and through the nights that change the clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from guidance.deadlines import (
    Deadline,
    Moments,
    add_months,
    add_working_days,
    due,
    is_working_day,
)
from guidance.menu_file import load_menu
from guidance.office import Office
from guidance.reminders import Reminders, reminders_of
from guidance.vocabulary import ClosedDay

ZONE = ZoneInfo("Europe/Amsterdam")
YEARS = range(2020, 2046)
OPEN, SHUT = time(9, 0), time(17, 0)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("deadline", "incident", "report", "expected"),
    [
        (
            Deadline("incident", "h", 48),
            "2026-11-20T16:00",
            "2026-11-20T17:00",
            "2026-11-22T16:00",
        ),  # through a weekend
        (Deadline("incident", "h", 48), "2026-10-24T12:00", "2026-10-24T13:00", "2026-10-26T11:00"),  # clock goes back
        (Deadline("incident", "h", 48), "2027-03-27T12:00", "2027-03-27T13:00", "2027-03-29T13:00"),  # clock goes on
        (Deadline("report", "wd", 1), "2026-11-20T10:00", "2026-11-20T10:00", "2026-11-23T17:00"),  # Friday → Monday
        (Deadline("report", "wd", 2), "2026-12-24T10:00", "2026-12-24T10:00", "2026-12-29T17:00"),  # over Christmas
        (Deadline("report", "wd", 1), "2026-04-24T10:00", "2026-04-24T10:00", "2026-04-28T17:00"),  # King's Day
        (
            Deadline("report", "wd", 1),
            "2025-05-02T10:00",
            "2025-05-02T10:00",
            "2025-05-06T17:00",
        ),  # 5 May 2025: lustrum
        (Deadline("report", "wd", 1), "2026-05-04T10:00", "2026-05-04T10:00", "2026-05-05T17:00"),  # 5 May 2026: not
        (Deadline("report", "wd", 1), "2026-04-02T10:00", "2026-04-02T10:00", "2026-04-03T17:00"),  # Good Friday
        (Deadline("report", "d", 14), "2026-11-24T10:00", "2026-11-24T10:00", "2026-12-08T17:00"),
        (Deadline("report", "weeks", 2), "2026-11-24T10:00", "2026-11-24T10:00", "2026-12-08T17:00"),
        (Deadline("report", "months", 1), "2027-01-31T10:00", "2027-01-31T10:00", "2027-02-28T17:00"),
        (Deadline("report", "same_day"), "2026-11-24T10:00", "2026-11-24T10:00", "2026-11-24T17:00"),
        (Deadline("report", "same_day"), "2026-11-24T22:00", "2026-11-24T22:00", "2026-11-25T02:00"),
        (Deadline("report", "at_once"), "2026-11-24T10:00", "2026-11-24T10:00", "2026-11-24T11:00"),
    ],
)
def test_due(deadline: Deadline, incident: str, report: str, expected: str):
    found = due(deadline, Moments(at(incident), at(report)))
    assert found.at == at(expected) and not found.is_late_report


def test_a_report_after_the_term_counts_from_the_report_and_is_marked():
    found = due(Deadline("incident", "h", 48), Moments(at("2026-11-01T10:00"), at("2026-11-24T10:00")))
    assert found.at == at("2026-11-26T10:00") and found.is_late_report


def test_a_report_at_the_very_moment_is_not_late():
    moment = at("2026-11-24T10:00")
    for report, is_late in ((48 * 60, False), (48 * 60 + 1, True)):
        moments = Moments(moment, moment + timedelta(minutes=report))
        assert due(Deadline("incident", "h", 48), moments).is_late_report is is_late


def test_what_follows_counts_from_what_it_follows():
    deadline = Deadline("followed", "d", 14)
    moments = Moments(at("2026-11-01T10:00"), at("2026-11-01T11:00"), {"N02": at("2026-11-03T12:00")})
    assert due(deadline, moments, ("N02",)).at == at("2026-11-17T17:00")
    assert due(deadline, moments, ("R09",)).at is None
    assert due(None, moments).at is None


# --- the calendar ----------------------------------------------------------------------------------------------------


def easter(year: int) -> date:
    """By the rule of Gauss for the years asked here: a second opinion beside the calendar that the portal uses."""
    a, b, c = year % 19, year % 4, year % 7
    d = (19 * a + 24) % 30
    e = (2 * b + 4 * c + 6 * d + 5) % 7
    day = date(year, 3, 22) + timedelta(days=d + e)
    if d == 29 and e == 6 or (d == 28 and e == 6 and a > 10):
        return day - timedelta(days=7)
    return day


@pytest.mark.parametrize("choice", ClosedDay)
@pytest.mark.parametrize("year", YEARS)
def test_the_working_days_of_a_whole_year(year: int, choice: ClosedDay):
    sunday = easter(year)
    kings_day = date(year, 4, 27) if date(year, 4, 27).weekday() != 6 else date(year, 4, 26)
    free = {date(year, 1, 1), kings_day, date(year, 12, 25), date(year, 12, 26)}
    free |= {sunday + timedelta(days=days) for days in (1, 39, 50)}  # Easter Monday, Ascension Day, Whit Monday
    if choice == ClosedDay.ALWAYS or (choice == ClosedDay.LUSTRUM and year % 5 == 0):
        free.add(date(year, 5, 5))
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(366)]
    closed = {day for day in days if day.year == year and not is_working_day(day, choice)}
    assert closed == {day for day in days if day.year == year and (day.weekday() >= 5 or day in free)}
    assert is_working_day(sunday - timedelta(days=2), choice), "Good Friday is a working day"


@pytest.mark.parametrize(
    ("day", "closed_by"),
    [
        ("2024-04-26", ()),  # King's Day is on Saturday the 27th, which costs no working day
        ("2024-04-29", ()),
        ("2025-04-25", ()),  # and on Saturday the 26th when the 27th is a Sunday
        ("2025-04-28", ()),
        ("2031-04-28", ()),
        ("2026-04-27", tuple(ClosedDay)),
        ("2025-05-05", (ClosedDay.LUSTRUM, ClosedDay.ALWAYS)),
        ("2026-05-05", (ClosedDay.ALWAYS,)),
        ("2016-05-05", tuple(ClosedDay)),  # Ascension Day, and no lustrum
        ("2005-05-05", tuple(ClosedDay)),  # Ascension Day in a lustrum year
    ],
)
def test_a_day_that_is_free_for_some_or_for_all(day: str, closed_by: tuple[ClosedDay, ...]):
    assert tuple(choice for choice in ClosedDay if not is_working_day(date.fromisoformat(day), choice)) == closed_by


@pytest.mark.parametrize("year", [1900, 1965, 2100, 2101, 2500, 9000])
def test_years_that_the_calendar_does_not_know_have_weekends(year: int):
    day = date(year, 2, 1)
    end = add_working_days(day, 5)
    assert (end - day).days == 7 or day.weekday() >= 5
    assert due(Deadline("report", "wd", 2), Moments(at("2026-11-24T10:00"), at(f"{year}-02-01T10:00"))).at


@given(st.dates(date(2020, 1, 1), date(2060, 1, 1)), st.integers(1, 30), st.sampled_from(ClosedDay))
def test_the_nth_working_day(day: date, amount: int, choice: ClosedDay):
    end = add_working_days(day, amount, choice)
    between = [day + timedelta(days=n) for n in range(1, (end - day).days + 1)]
    assert sum(is_working_day(one, choice) for one in between) == amount and is_working_day(end, choice)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 30))
def test_months_never_spill_over(day: date, amount: int):
    end = add_months(day, amount)
    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == amount and end.day <= day.day


# --- moments ---------------------------------------------------------------------------------------------------------

changing_nights = st.builds(  # around the nights in which the clock changes
    lambda year, month, minutes: datetime(year, month, 24, tzinfo=UTC) + timedelta(minutes=minutes),
    st.sampled_from(YEARS),
    st.sampled_from([3, 10]),
    st.integers(0, 8 * 24 * 60),
)
free_days = st.builds(  # around the days that are free
    lambda year, day, hours: datetime.combine(day(year), time(0), tzinfo=ZONE) + timedelta(hours=hours),
    st.sampled_from(YEARS),
    st.sampled_from(
        [
            lambda year: date(year, 4, 26),
            lambda year: date(year, 5, 4),
            lambda year: date(year, 12, 23),
            lambda year: easter(year) - timedelta(days=3),
            lambda year: easter(year) + timedelta(days=38),
            lambda year: easter(year) + timedelta(days=47),
        ]
    ),
    st.integers(0, 5 * 24),
)
any_time = st.datetimes(datetime(2020, 1, 1), datetime(2045, 12, 31), timezones=st.just(UTC))
moments = st.one_of(any_time, changing_nights, free_days).map(lambda moment: moment.astimezone(ZONE))
spans = st.one_of(
    st.just(timedelta(0)), st.integers(1, 60 * 60).map(lambda minutes: timedelta(minutes=minutes))
)  # up to 60 hours
terms = st.one_of(
    st.tuples(st.just("h"), st.integers(1, 336)),
    st.tuples(st.just("d"), st.integers(1, 120)),
    st.tuples(st.just("wd"), st.integers(1, 60)),
    st.tuples(st.just("weeks"), st.integers(1, 52)),
    st.tuples(st.just("months"), st.integers(1, 12)),
    st.sampled_from([("same_day", 0), ("at_once", 0)]),
)
choices = st.sampled_from(ClosedDay)


def passed(start: datetime, hours: float) -> datetime:
    """So many hours of real time later."""
    return start.astimezone(UTC) + timedelta(hours=hours)


@given(moments, st.integers(1, 400))
@example(datetime(2026, 10, 25, 2, 30, tzinfo=ZONE, fold=0), 48)  # these two are an hour apart,
@example(datetime(2026, 10, 25, 2, 30, tzinfo=ZONE, fold=1), 48)  # though a clock on the wall shows the same
def test_clock_hours_are_hours_that_pass(start: datetime, hours: int):
    found = due(Deadline("incident", "h", hours), Moments(start, start))
    assert found.at == passed(start, hours) and not found.is_late_report


def test_the_hour_that_comes_twice_is_two_hours():
    first, second = (datetime(2026, 10, 25, 2, 30, tzinfo=ZONE, fold=fold) for fold in (0, 1))
    ends = [due(Deadline("report", "h", 1), Moments(first, start)).at for start in (first, second)]
    assert [end.astimezone(ZONE).strftime("%H:%M") for end in ends if end] == ["02:30", "03:30"]


@given(moments, terms, choices)
def test_nothing_is_due_before_its_start_and_a_day_ends_at_five(
    start: datetime, term: tuple[str, int], choice: ClosedDay
):
    unit, amount = term
    end = due(Deadline("report", unit, amount), Moments(start, start), fifth_of_may=choice).at
    assert end and end > start
    if unit in {"d", "wd", "weeks", "months"}:
        assert end.astimezone(ZONE).time() == SHUT and end.astimezone(ZONE).date() > start.date()
    if unit == "wd":
        assert is_working_day(end.astimezone(ZONE).date(), choice)


@given(moments)
def test_the_same_day_ends_at_five_or_leaves_four_hours(start: datetime):
    end = due(Deadline("report", "same_day"), Moments(start, start)).at
    if start.time() <= time(15, 0):
        assert end == datetime.combine(start.date(), SHUT, tzinfo=ZONE)
    else:
        assert end == passed(start, 4)


@given(moments, spans, terms, choices)
def test_a_later_report_never_brings_a_moment_forward(
    report: datetime, later: timedelta, term: tuple[str, int], choice: ClosedDay
):
    second = passed(report, later / timedelta(hours=1))
    incident = passed(report, -24)
    for anchor in ("report", "incident"):
        deadline = Deadline(anchor, *term)
        first, then = (due(deadline, Moments(incident, moment), fifth_of_may=choice).at for moment in (report, second))
        assert first and then and first <= then


@given(moments, st.integers(0, 200 * 24 * 60), terms, choices)
def test_a_late_report_is_marked_and_counts_from_the_report(
    incident: datetime, minutes: int, term: tuple[str, int], choice: ClosedDay
):
    report = passed(incident, minutes / 60)
    in_time = due(Deadline("incident", *term), Moments(incident, incident), fifth_of_may=choice)
    found = due(Deadline("incident", *term), Moments(incident, report), fifth_of_may=choice)
    assert found.is_late_report == (in_time.at is not None and in_time.at < report)
    if found.is_late_report:
        assert found.at == due(Deadline("report", *term), Moments(incident, report), fifth_of_may=choice).at
    else:
        assert found.at == in_time.at
    assert found.at and found.at >= report, "nothing is due before anyone could know of it"


@given(moments, st.lists(moments, min_size=1, max_size=3), terms, choices)
def test_what_follows_several_counts_from_the_first_of_them(
    start: datetime, held: list[datetime], term: tuple[str, int], choice: ClosedDay
):
    anchors = {f"R0{number}": moment for number, moment in enumerate(held)}
    found = due(Deadline("followed", *term), Moments(start, start, anchors), tuple(anchors), choice)
    first = min(moment.astimezone(UTC) for moment in held)
    assert found == due(Deadline("report", *term), Moments(first, first), fifth_of_may=choice)


@given(moments, spans, choices)
def test_every_term_of_the_menu_gives_a_moment_after_the_report(
    incident: datetime, until_report: timedelta, choice: ClosedDay
):
    when = Moments(incident, passed(incident, until_report / timedelta(hours=1)))
    for item in load_menu().items.values():
        for step in item.steps:
            if step.deadline and step.deadline.anchor != "followed":
                found = due(step.deadline, when, item.follows, choice).at
                assert found and found >= when.reported_at, item.code


# --- reminders -------------------------------------------------------------------------------------------------------

lengths = st.one_of(st.integers(1, 14 * 24 * 4), st.sampled_from([24, 48, 72, 96]).map(lambda hours: hours * 4)).map(
    lambda quarters: timedelta(minutes=15 * quarters)
)


def in_order(found: Reminders) -> list[datetime]:
    return [moment for moment in (found.halfway, found.day_before, found.deadline) if moment]


def days_of(start: datetime, end: datetime) -> list[date]:
    first, last = start.astimezone(ZONE).date(), end.astimezone(ZONE).date()
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def is_working_time(moment: datetime, choice: ClosedDay) -> bool:
    local = moment.astimezone(ZONE)
    return is_working_day(local.date(), choice) and OPEN <= local.time() < SHUT


def has_working_time(start: datetime, end: datetime, choice: ClosedDay) -> bool:
    """Whether an office is open at some moment between the two."""
    hours = [
        (datetime.combine(day, OPEN, tzinfo=ZONE), datetime.combine(day, SHUT, tzinfo=ZONE))
        for day in days_of(start, end)
        if is_working_day(day, choice)
    ]
    return any(opened < end and closed > start for opened, closed in hours)


@given(moments, lengths, choices)
def test_reminders_come_in_order_after_the_assignment_and_not_after_the_end(
    start: datetime, length: timedelta, choice: ClosedDay
):
    end = passed(start, length / timedelta(hours=1))
    found = reminders_of(start, end, Office(fifth_of_may=choice))
    assert found.deadline == end
    order = [moment.astimezone(UTC) for moment in in_order(found)]
    assert order == sorted(set(order)), "in order, and no two at once"
    assert all(start.astimezone(UTC) < moment <= end for moment in order)


@given(moments, lengths.filter(lambda length: length >= timedelta(hours=24)), choices)
def test_a_term_through_closed_days_speaks_up_on_a_working_day_before_it_ends(
    start: datetime, length: timedelta, choice: ClosedDay
):
    """That it was given is told at once, so in working time that counts too."""
    end = passed(start, length / timedelta(hours=1))
    if not has_working_time(start, end, choice) or all(is_working_day(day, choice) for day in days_of(start, end)):
        return
    found = reminders_of(start, end, Office(fifth_of_may=choice))
    before = [moment for moment in (found.halfway, found.day_before) if moment]
    told = [moment for moment in before if is_working_day(moment.astimezone(ZONE).date(), choice)]
    assert told or is_working_time(start, choice)


@given(moments, st.integers(4, 60), choices)
def test_a_term_of_four_days_or_more_has_a_last_reminder_in_the_last_working_days(
    start: datetime, days: int, choice: ClosedDay
):
    """Between it and the end lies at most one day on which people work, and that is not a whole one."""
    end = passed(start, 24 * days)
    last = reminders_of(start, end, Office(fifth_of_may=choice)).day_before
    if last is None:
        return
    assert is_working_day(last.astimezone(ZONE).date(), choice)
    working = [day for day in days_of(last, end)[1:-1] if is_working_day(day, choice)]
    assert working == []


@pytest.mark.parametrize(
    ("given_at", "end", "halfway", "last"),
    [
        ("2026-11-24T10:00", "2026-11-27T10:00", "2026-11-25T22:00", "2026-11-26T10:00"),  # inside the week
        ("2026-11-26T10:00", "2026-11-30T10:00", None, "2026-11-27T14:00"),  # both before the weekend: one of them
        ("2026-11-23T10:00", "2026-11-28T20:00", "2026-11-26T03:00", "2026-11-27T14:00"),  # ends on Saturday night
        ("2026-11-27T14:30", "2026-11-28T16:00", None, "2026-11-27T16:00"),  # the office is still there
        ("2026-11-27T16:00", "2026-11-29T16:00", "2026-11-28T16:00", None),  # nobody works in between
        ("2026-11-27T20:00", "2026-11-30T20:00", "2026-11-29T08:00", "2026-11-30T09:00"),  # the first morning after
        ("2026-12-23T16:00", "2026-12-26T16:00", None, "2026-12-24T14:00"),  # Christmas
        ("2026-11-26T10:00", "2026-12-02T10:00", "2026-11-27T14:00", "2026-12-01T10:00"),  # half of it is a Sunday
        ("2026-10-23T10:00", "2026-10-31T10:00", "2026-10-27T09:30", "2026-10-30T10:00"),  # half of the hours: 96.5
        ("2026-11-24T10:00", "2026-11-24T19:00", "2026-11-24T14:30", None),
        ("2026-11-24T10:00", "2026-11-24T18:00", None, None),  # short: said once, and at the end
    ],
)
def test_reminders_around_a_weekend(given_at: str, end: str, halfway: str | None, last: str | None):
    found = reminders_of(at(given_at), at(end))
    assert (found.halfway, found.day_before) == (halfway and at(halfway), last and at(last))


def test_a_closed_fifth_of_may_brings_the_reminder_forward():
    start, end = at("2026-05-01T10:00"), at("2026-05-06T10:00")  # the day before the end is Tuesday 5 May
    assert reminders_of(start, end, Office(fifth_of_may=ClosedDay.ALWAYS)).day_before == at("2026-05-04T14:00")
    assert reminders_of(start, end, Office(fifth_of_may=ClosedDay.LUSTRUM)).day_before == at("2026-05-05T10:00")


def test_without_an_end_or_after_it_nothing_is_reminded():
    start = at("2026-11-24T10:00")
    assert reminders_of(start, None) == reminders_of(start, start) == Reminders()


@given(moments, choices)
def test_before_the_weekend_is_the_moment_itself_or_the_last_afternoon_before(moment: datetime, choice: ClosedDay):
    found = Office(fifth_of_may=choice).before_day_off(moment)
    assert is_working_day(found.astimezone(ZONE).date(), choice) and found <= moment
    if not is_working_day(moment.date(), choice):
        assert found.astimezone(ZONE).time() == time(14, 0), "three hours before it closes"
        assert not any(is_working_day(day, choice) for day in days_of(found, moment)[1:])
