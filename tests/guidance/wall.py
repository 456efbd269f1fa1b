"""The hours of an office, worked out a second time: from the clock on the wall, minute by minute.

Summer time and holidays are written out by hand; nothing of the portal computes here.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from guidance.office import Office
from guidance.vocabulary import ClosedDay

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DAY_LONG = 24 * 60  # minutes


@cache
def summer(year: int) -> tuple[datetime, datetime]:
    """From one to the other (UTC): the last Sundays of March and October, 01:00 (directive 2000/84/EC)."""
    ends = []
    for month in (3, 10):
        day = date(year, month, 31)
        while day.isoweekday() != 7:
            day -= DAY
        ends.append(datetime(day.year, day.month, day.day, 1, tzinfo=UTC))
    return ends[0], ends[1]


def wall(moment: datetime) -> datetime:
    """What a clock on the wall shows."""
    moment = moment.astimezone(UTC)
    begins, ends = summer(moment.year)
    return (moment + HOUR * (2 if begins <= moment < ends else 1)).replace(tzinfo=None)


@cache
def comes(day: date, hour: time) -> datetime:
    """When a clock on the wall shows this hour first, on this day; an hour that is skipped is the one after it."""
    minute = datetime(day.year, day.month, day.day, tzinfo=UTC) - 2 * HOUR
    shown = []
    while wall(minute).date() <= day:
        if wall(minute) == datetime.combine(day, hour):
            shown.append(minute)
        minute += MINUTE
    return shown[0] if shown else comes(day, hour.replace(hour=hour.hour + 1))


@cache
def easter(year: int) -> date:
    """Gauss, in the form of Meeus and Butcher."""
    a, b, c = year % 19, year // 100, year % 100
    d, e, f = b // 4, b % 4, (b + 8) // 25
    h = (19 * a + b - d - (b - f + 1) // 3 + 15) % 30
    k = (32 + 2 * e + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    return date(year, (h + k - 7 * m + 114) // 31, (h + k - 7 * m + 114) % 31 + 1)


@cache
def is_free(day: date, fifth_of_may: ClosedDay) -> bool:
    """Whether the whole country is, as far as this organisation goes along with it."""
    kings_day = date(day.year, 4, 27)
    if kings_day.isoweekday() == 7:
        kings_day -= DAY
    is_fifth = {ClosedDay.ALWAYS: True, ClosedDay.NEVER: False, ClosedDay.LUSTRUM: str(day.year)[-1] in "05"}
    fixed = day in {kings_day, date(day.year, 1, 1), date(day.year, 12, 25), date(day.year, 12, 26)}
    church = (day - easter(day.year)).days in {0, 1, 39, 49, 50}
    return fixed or church or (day == date(day.year, 5, 5) and is_fifth[fifth_of_may])


def works(office: Office, day: date) -> bool:
    return str(day.isoweekday()) in office.days and not is_free(day, office.fifth_of_may)


def minutes_of(hour: time) -> int:
    return hour.hour * 60 + hour.minute


def is_quiet(office: Office, moment: datetime) -> bool:
    """Whether on the wall, going back, the quiet hours begin before they end."""
    return _is_between(minutes_of(office.quiet_from), minutes_of(office.quiet_until), minutes_of(wall(moment).time()))


@cache
def _is_between(begin: int, end: int, shown: int) -> bool:
    if begin == end:
        return False
    passed = ((shown - minutes) % DAY_LONG for minutes in range(DAY_LONG))
    return next(minute == begin for minute in passed if minute in {begin, end})


def whole_minute(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def mornings(office: Office, moment: datetime, hour: time, step: timedelta) -> Iterator[datetime]:
    """The moments at which this hour comes on a working day, from a moment on or back, the nearest first."""
    minute = whole_minute(moment)
    known: dict[date, datetime | None] = {}
    while True:
        day = wall(minute).date()
        if day not in known:
            known[day] = comes(day, hour) if works(office, day) else None
        if known[day] == minute:
            yield minute
        minute += step
