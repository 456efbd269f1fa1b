"""When an office works, and when its mail keeps quiet. Pure: hours and days in, moments out. All [OWN].

Hours are local ones (Europe/Amsterdam). An hour that the night skips when the clock goes forward is the one after it;
of an hour that comes twice the first one counts.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from guidance.deadlines import ZONE, is_holiday
from guidance.vocabulary import ClosedDay

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEEK = "1234567"  # days as date.isoweekday() counts
MONDAY_TO_FRIDAY = "12345"
BEFORE_CLOSING = 3  # hours: early enough to act on before the office empties
LONGEST_WAIT = 60  # days in which a working day is looked for; no calendar is closed that long


@dataclass(frozen=True)
class Office:
    """The working days and hours of an organisation, or of one person there (`for_days`).

    `digest_at`: when the one mail of the day goes out. Quiet from `quiet_from` until `quiet_until` the next morning;
    the same hour twice: never quiet.
    """

    opens: time = time(9, 0)
    closes: time = time(17, 0)
    digest_at: time = time(8, 30)
    quiet_from: time = time(19, 0)
    quiet_until: time = time(7, 0)
    days: str = MONDAY_TO_FRIDAY
    fifth_of_may: ClosedDay = ClosedDay.LUSTRUM

    def for_days(self, days: str) -> "Office":
        """The office as someone knows it who works on these days only; empty: on all days of the office."""
        own = "".join(day for day in self.days if day in days)
        return replace(self, days=own) if own else self

    def is_working_day(self, day: date) -> bool:
        return str(day.isoweekday()) in self.days and not is_holiday(day, self.fifth_of_may)

    def before_day_off(self, moment: datetime) -> datetime:
        """The moment itself on a working day, else some hours before closing on the last working day before it."""
        day = moment.astimezone(ZONE).date()
        if self.is_working_day(day):
            return moment
        return at(self._working_day(day, -DAY), self._last_call())

    def next_opening(self, moment: datetime) -> datetime:
        """When the office opens first after this moment."""
        return self._next(moment, self.opens)

    def next_digest(self, moment: datetime) -> datetime:
        """When the mail of the day goes out first after this moment."""
        return self._next(moment, self.digest_at)

    def digest_before(self, moment: datetime) -> datetime:
        """When the mail of the day went out last, at this moment or before it."""
        day = moment.astimezone(ZONE).date()
        if at(day, self.digest_at) > moment:
            day -= DAY
        return at(self._working_day(day, -DAY), self.digest_at)

    def is_time_for_digest(self, moment: datetime) -> bool:
        """Whether the mail of the day may go out now: on a working day, from its hour on, before it is quiet."""
        day = moment.astimezone(ZONE).date()
        return self.is_working_day(day) and at(day, self.digest_at) <= moment and not self.is_quiet(moment)

    def is_quiet(self, moment: datetime) -> bool:
        local = moment.astimezone(ZONE).time()
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= local < self.quiet_until
        return local >= self.quiet_from or local < self.quiet_until

    def after_quiet(self, moment: datetime) -> datetime:
        """The moment itself, or the end of the quiet hours that it falls in."""
        if not self.is_quiet(moment):
            return moment
        local = moment.astimezone(ZONE)
        is_evening = local.time() >= self.quiet_until
        end = at(local.date() + DAY if is_evening else local.date(), self.quiet_until)
        return end if end > moment else end + HOUR  # that hour comes twice tonight

    def _next(self, moment: datetime, hour: time) -> datetime:
        day = moment.astimezone(ZONE).date()
        if at(day, hour) <= moment:
            day += DAY
        return at(self._working_day(day, DAY), hour)

    def _working_day(self, day: date, step: timedelta) -> date:
        """This day when it is a working one, else the nearest in that direction. No days at all: the day itself."""
        found = (day + step * count for count in range(LONGEST_WAIT))
        return next((one for one in found if self.is_working_day(one)), day)

    def _last_call(self) -> time:
        hour = self.closes.hour - BEFORE_CLOSING
        return max(self.opens, self.closes.replace(hour=hour)) if hour >= 0 else self.opens


USUAL = Office()


def at(day: date, hour: time) -> datetime:
    """The moment of a local hour, aware, in UTC."""
    return datetime.combine(day, hour, tzinfo=ZONE).astimezone(UTC)
