"""Moments: working days, holidays, clock hours through weekends and through the nights that change the clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidance.deadlines import Deadline, Moments, add_months, add_working_days, due, is_working_day

ZONE = ZoneInfo("Europe/Amsterdam")


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


def test_what_follows_counts_from_what_it_follows():
    deadline = Deadline("followed", "d", 14)
    moments = Moments(at("2026-11-01T10:00"), at("2026-11-01T11:00"), {"N02": at("2026-11-03T12:00")})
    assert due(deadline, moments, ("N02",)).at == at("2026-11-17T17:00")
    assert due(deadline, moments, ("R09",)).at is None
    assert due(None, moments).at is None


@given(st.dates(date(2020, 1, 1), date(2060, 1, 1)), st.integers(1, 30))
def test_the_nth_working_day(day: date, amount: int):
    end = add_working_days(day, amount)
    between = [day + timedelta(days=n) for n in range(1, (end - day).days + 1)]
    assert sum(map(is_working_day, between)) == amount and is_working_day(end)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 30))
def test_months_never_spill_over(day: date, amount: int):
    end = add_months(day, amount)
    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == amount and end.day <= day.day


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)), st.integers(1, 100))
def test_clock_hours_are_hours_that_pass(moment: datetime, hours: int):
    start = moment.replace(tzinfo=UTC)
    found = due(Deadline("incident", "h", hours), Moments(start.astimezone(ZONE), start))
    assert found.at == start + timedelta(hours=hours)
