"""When an office works: against wall clocks read minute by minute, with summer time and holidays written by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import hypothesis.strategies as st
import pytest
from hypothesis import example, given

from guidance.office import WEEK, Office, at
from guidance.vocabulary import ClosedDay
from tests.guidance.wall import (
    DAY,
    DAY_LONG,
    HOUR,
    MINUTE,
    comes,
    is_quiet,
    minutes_of,
    mornings,
    summer,
    wall,
    whole_minute,
    works,
)

LONGEST_NIGHT = 14 * 60  # minutes of quiet hours; an office that is quiet all day cannot be mailed

# --- what is tried ---


@st.composite
def hours(draw: st.DrawFn) -> time:
    """Quarters mostly; and those that the clock skips or shows twice, more than their share."""
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return time(2, draw(st.integers(0, 59)))
    if kind == 1:
        return draw(st.times().map(lambda hour: hour.replace(second=0, microsecond=0)))
    return time(draw(st.integers(5, 20)), draw(st.sampled_from([0, 15, 30, 45])))


@st.composite
def offices(draw: st.DrawFn) -> Office:
    opens, closes = sorted([draw(hours()), draw(hours())])
    until = draw(hours())
    length = draw(st.sampled_from([0, 0, 12 * 60]) | st.integers(1, LONGEST_NIGHT))
    begin = (minutes_of(until) - length) % DAY_LONG
    days = "".join(sorted(draw(st.sets(st.sampled_from(WEEK), min_size=1))))
    return Office(
        opens=opens,
        closes=closes,
        digest_at=draw(hours()),
        quiet_from=time(begin // 60, begin % 60),
        quiet_until=until,
        days=draw(st.sampled_from(["12345", days])),
        fifth_of_may=draw(st.sampled_from(ClosedDay)),
    )


SPECIAL = [
    *(end for year in range(2020, 2041) for end in summer(year)),
    *(datetime(year, month, day, 12, tzinfo=UTC) for year in (2024, 2028, 2036) for month, day in ((2, 29), (12, 31))),
    *(datetime(year, 5, 5, tzinfo=UTC) for year in (2025, 2026, 2035)),
]
any_moment = st.datetimes(datetime(2020, 1, 10), datetime(2040, 12, 1), timezones=st.just(UTC))
near_special = st.builds(
    lambda moment, minutes: moment + minutes * MINUTE, st.sampled_from(SPECIAL), st.integers(-3000, 3000)
)
moments = any_moment | near_special

NIGHT_OFFICE = Office(digest_at=time(2, 30), opens=time(2, 15), quiet_from=time(20), quiet_until=time(2, 30), days=WEEK)
SPRING, AUTUMN = summer(2027)[0], summer(2026)[1]


@given(offices(), moments)
@example(NIGHT_OFFICE, SPRING - MINUTE)
@example(NIGHT_OFFICE, AUTUMN - 45 * MINUTE)
@example(NIGHT_OFFICE, AUTUMN + 15 * MINUTE)
def test_the_hours_of_an_office_are_those_on_the_wall(office: Office, moment: datetime):
    after = whole_minute(moment) + MINUTE
    assert office.next_digest(moment) == next(mornings(office, after, office.digest_at, MINUTE))
    assert office.digest_before(moment) == next(mornings(office, moment, office.digest_at, -MINUTE))
    assert office.next_opening(moment) == next(mornings(office, after, office.opens, MINUTE))
    assert office.is_quiet(moment) == is_quiet(office, moment)
    day = wall(moment).date()
    assert office.is_working_day(day) == works(office, day)
    begun = works(office, day) and comes(day, office.digest_at) <= moment
    assert office.is_time_for_digest(moment) == (begun and not is_quiet(office, moment))
    for found in (office.next_digest(moment), office.digest_before(moment), office.next_opening(moment)):
        assert found.tzinfo is UTC


@given(offices(), moments)
@example(NIGHT_OFFICE, SPRING - MINUTE)
@example(NIGHT_OFFICE, AUTUMN + 15 * MINUTE)
def test_what_comes_before_and_after_agree(office: Office, moment: datetime):
    before, after = office.digest_before(moment), office.next_digest(moment)
    assert before <= moment < after
    assert office.next_digest(before) == after and office.digest_before(after) == after
    if not office.is_quiet(after):
        assert office.is_time_for_digest(after)


@given(offices(), moments)
@example(NIGHT_OFFICE, SPRING - MINUTE)
@example(NIGHT_OFFICE, AUTUMN - 45 * MINUTE)
@example(NIGHT_OFFICE, AUTUMN + 15 * MINUTE)
def test_after_the_quiet_hours_is_the_first_minute_that_is_not_quiet(office: Office, moment: datetime):
    found = office.after_quiet(moment)
    assert found >= moment and not is_quiet(office, found) and office.after_quiet(found) == found
    if not is_quiet(office, moment):
        assert found == moment
        return
    minute = whole_minute(moment)
    while is_quiet(office, minute):
        minute += MINUTE
    is_skipped = wall(found).time() != office.quiet_until
    assert found == minute or (is_skipped and found - minute < HOUR)
    assert found.tzinfo is UTC


@given(offices(), moments)
def test_before_a_day_off_is_some_hours_before_closing_on_the_last_working_day(office: Office, moment: datetime):
    found, day = office.before_day_off(moment), wall(moment).date()
    if works(office, day):
        assert found == moment
        return
    while not works(office, day):
        day -= DAY
    assert found < moment and found.tzinfo is UTC
    last_call = max(minutes_of(office.opens), minutes_of(office.closes) - 3 * 60)
    assert found == comes(day, time(last_call // 60, last_call % 60))


@given(offices(), st.sets(st.sampled_from(WEEK)), st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_someone_who_works_part_of_the_week(office: Office, days: set[str], day: date):
    own = office.for_days("".join(sorted(days)))
    assert replace(own, days=office.days) == office, "only the days are their own"
    shared = set(office.days) & days
    assert set(own.days) == (shared or set(office.days))
    assert own.is_working_day(day) == (works(office, day) and (not shared or str(day.isoweekday()) in days))


def test_an_hour_that_does_not_exist_is_the_one_after_it():
    assert wall(at(date(2027, 3, 28), time(2, 30))) == datetime(2027, 3, 28, 3, 30)


def test_of_an_hour_that_comes_twice_the_first_one_counts():
    night = date(2026, 10, 25)
    assert at(night, time(2, 30)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert NIGHT_OFFICE.next_digest(at(night, time(2, 30))) == at(date(2026, 10, 26), time(2, 30))


@pytest.mark.parametrize(
    ("moment", "digest"),
    [
        ("2026-10-23T08:30:00+02:00", "2026-10-26T08:30:00+01:00"),  # over the weekend on which the clock goes back
        ("2027-03-25T09:00:00+01:00", "2027-03-26T08:30:00+01:00"),  # Good Friday is a working day
        ("2027-03-26T09:00:00+01:00", "2027-03-30T08:30:00+02:00"),  # over Easter, on which the clock goes on
        ("2028-02-28T12:00:00+01:00", "2028-02-29T08:30:00+01:00"),  # the leap day is a Tuesday
        ("2027-02-26T12:00:00+01:00", "2027-03-01T08:30:00+01:00"),
        ("2026-12-24T08:30:00+01:00", "2026-12-28T08:30:00+01:00"),  # Christmas is a Friday and a Saturday
        ("2026-12-31T08:30:00+01:00", "2027-01-04T08:30:00+01:00"),
        ("2035-05-04T08:30:00+02:00", "2035-05-07T08:30:00+02:00"),
    ],
)
def test_the_next_mail_of_the_day(moment: str, digest: str):
    assert Office().next_digest(datetime.fromisoformat(moment)) == datetime.fromisoformat(digest)
