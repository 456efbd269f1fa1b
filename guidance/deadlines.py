"""When something is due. Pure: a deadline and the moments of an incident in, a moment out.

Clock hours (48 h, 72 h) run through nights and weekends [S02][S05]; working days follow the Dutch calendar
(handbook 11.1 [OWN]). A term counted from the incident that had passed at the report counts from the report.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import holidays

from guidance.vocabulary import ClosedDay

ZONE = ZoneInfo("Europe/Amsterdam")
END_OF_DAY = time(17, 0)  # when a working day ends [OWN]
LATEST_SAME_DAY = time(15, 0)  # reported later than this, "the same day" leaves no time: then four hours [OWN]
SHORTEST = timedelta(hours=4)
AT_ONCE = timedelta(hours=1)  # "immediately" as a moment a reminder can work with [OWN]
SATURDAY = 5  # as date.weekday() counts
LIBERATION_DAY = (5, 5)
LUSTRUM = 5  # years: in 2025, 2030 and so on 5 May is a day off for most [OWN]
NOT_FREE_FOR_ALL = frozenset({"Goede vrijdag", "Bevrijdingsdag"})  # as the calendar calls them, in its own language
UNITS = ("h", "d", "wd", "weeks", "months", "same_day", "at_once")
WITHOUT_AMOUNT = frozenset({"same_day", "at_once"})
ANCHORS = ("incident", "report", "followed")


@dataclass(frozen=True)
class Deadline:
    """`amount` of `unit` after `anchor`: "incident", "report", or "followed" (what it follows was held or chosen)."""

    anchor: str
    unit: str
    amount: int = 0


@dataclass(frozen=True)
class Moments:
    """When it happened and when it was reported (aware), and when other items were done (`anchors`, by code).

    `ends`: of what restricts someone and was given, by code, the moment it really ends; None where it has ended.
    """

    incident_at: datetime
    reported_at: datetime
    anchors: Mapping[str, datetime] = field(default_factory=dict)
    ends: Mapping[str, datetime | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Due:
    """The moment (None: no moment can be given yet) and whether it counts from a late report."""

    at: datetime | None
    is_late_report: bool = False


def due(
    deadline: Deadline | None,
    moments: Moments,
    follows: tuple[str, ...] = (),
    fifth_of_may: ClosedDay = ClosedDay.LUSTRUM,
) -> Due:
    """The moment of a deadline; `follows` are the codes of the items that a "followed" one counts from."""
    if deadline is None:
        return Due(None)
    if deadline.anchor == "incident":
        at = _after(moments.incident_at, deadline, fifth_of_may)
        if moments.reported_at > at:
            return Due(_after(moments.reported_at, deadline, fifth_of_may), is_late_report=True)
        return Due(at)
    if deadline.anchor == "report":
        return Due(_after(moments.reported_at, deadline, fifth_of_may))
    held = [moments.anchors[code].astimezone(UTC) for code in follows if code in moments.anchors]
    return Due(_after(min(held), deadline, fifth_of_may) if held else None)


def days_before(moment: datetime, days: int) -> datetime:
    """The end of the local day so many days before a moment."""
    return end_of_day(moment.astimezone(ZONE).date() - timedelta(days=days))


def months_after(moment: datetime, months: int) -> datetime:
    """The end of the local day so many months after a moment."""
    return end_of_day(add_months(moment.astimezone(ZONE).date(), months))


def _after(start: datetime, deadline: Deadline, fifth_of_may: ClosedDay) -> datetime:
    return _after_utc(start.astimezone(UTC), deadline, fifth_of_may)


# Only ever asked in UTC: the two 02:30s of the night the clock goes back are equal as local times, so a cache would
# take one for the other.
@lru_cache(maxsize=4096)  # reports of one day share their moments
def _after_utc(start: datetime, deadline: Deadline, fifth_of_may: ClosedDay) -> datetime:
    if deadline.unit == "h":
        return start + timedelta(hours=deadline.amount)
    if deadline.unit == "at_once":
        return start + AT_ONCE
    local = start.astimezone(ZONE)
    if deadline.unit == "same_day":
        if local.time() <= LATEST_SAME_DAY:
            return end_of_day(local.date())
        return start + SHORTEST
    if deadline.unit == "wd":
        return end_of_day(add_working_days(local.date(), deadline.amount, fifth_of_may))
    days = {"d": deadline.amount, "weeks": 7 * deadline.amount}.get(deadline.unit)
    day = local.date() + timedelta(days=days) if days is not None else add_months(local.date(), deadline.amount)
    return end_of_day(day)


def add_working_days(day: date, amount: int, fifth_of_may: ClosedDay = ClosedDay.LUSTRUM) -> date:
    """The `amount`-th working day after `day`."""
    for _step in range(amount):
        day += timedelta(days=1)
        while not is_working_day(day, fifth_of_may):
            day += timedelta(days=1)
    return day


def add_months(day: date, amount: int) -> date:
    """The same day `amount` months on, or the last one of that month."""
    index = day.month - 1 + amount
    year, month = day.year + index // 12, index % 12 + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def is_working_day(day: date, fifth_of_may: ClosedDay = ClosedDay.LUSTRUM) -> bool:
    """Monday to Friday, and no holiday."""
    return day.weekday() < SATURDAY and not is_holiday(day, fifth_of_may)


def is_holiday(day: date, fifth_of_may: ClosedDay = ClosedDay.LUSTRUM) -> bool:
    """A Dutch public holiday. Good Friday is none here, 5 May as the organisation chose.

    Ascension Day is a holiday whatever was chosen, also when it falls on 5 May (as in 2016).
    """
    if day in _holidays(day.year):
        return True
    if (day.month, day.day) != LIBERATION_DAY:
        return False
    if fifth_of_may == ClosedDay.LUSTRUM:
        return day.year % LUSTRUM == 0
    return fifth_of_may == ClosedDay.ALWAYS


@cache
def _holidays(year: int) -> frozenset[date]:
    """The days of a year on which everyone is free; 5 May is the organisation's choice, so it is not among them.

    A year that the calendar does not know (before 1966, after 2100) has weekends only.
    """
    found = holidays.country_holidays("NL", years=year, categories=(holidays.PUBLIC,), language="nl")
    return frozenset(day for day in found if set(found.get_list(day)) - NOT_FREE_FOR_ALL)


def end_of_day(day: date) -> datetime:
    """When the working day ends [OWN]."""
    return datetime.combine(day, END_OF_DAY, tzinfo=ZONE)
