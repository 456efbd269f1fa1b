"""When someone is reminded of a term. Pure: when it was given and when it ends in, moments out (handbook 11.1 [OWN]).

Half of the term, a day before its end, and its end. A term may run through a weekend or a holiday; the reminders do
not wait for Monday: they come before the office empties.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from guidance.deadlines import ZONE, is_working_day
from guidance.vocabulary import ClosedDay

DAY = timedelta(days=1)
SHORT_TERM = timedelta(hours=8)  # below it, "half of the time" would only be noise [OWN]
MORNING = time(9, 0)  # when an office opens, local time [OWN]
BEFORE_WEEKEND = time(14, 0)  # early enough to act on before the office empties [OWN]


@dataclass(frozen=True)
class Reminders:
    """The moments of one term (aware), in this order; None: not for this term. That it was given is told at once."""

    halfway: datetime | None = None
    day_before: datetime | None = None
    deadline: datetime | None = None


def reminders_of(given_at: datetime, due_at: datetime | None, fifth_of_may: ClosedDay = ClosedDay.LUSTRUM) -> Reminders:
    """The moments between `given_at` and `due_at`, both aware. None at all without an end, or when it has passed."""
    if due_at is None or due_at <= given_at:
        return Reminders()
    given_at, due_at = given_at.astimezone(UTC), due_at.astimezone(UTC)  # hours that pass, also when the clock changes
    last = _last_before(given_at, due_at, fifth_of_may)
    half = _halfway(given_at, due_at, fifth_of_may)
    if half and last and half >= last:
        half = None  # brought forward, it would come together with the next one
    return Reminders(halfway=half, day_before=last, deadline=due_at)


def before_the_weekend(moment: datetime, fifth_of_may: ClosedDay = ClosedDay.LUSTRUM) -> datetime:
    """The moment itself on a working day, else 14:00 local time on the last working day before it."""
    day = moment.astimezone(ZONE).date()
    if is_working_day(day, fifth_of_may):
        return moment
    while not is_working_day(day, fifth_of_may):
        day -= DAY
    return _at(day, BEFORE_WEEKEND)


def _halfway(given_at: datetime, due_at: datetime, fifth_of_may: ClosedDay) -> datetime | None:
    """Half of the term, before the weekend or holiday that it falls in, if there is time before that."""
    if due_at - given_at <= SHORT_TERM:
        return None
    half = given_at + (due_at - given_at) / 2
    brought_forward = before_the_weekend(half, fifth_of_may)
    return brought_forward if brought_forward > given_at else half


def _last_before(given_at: datetime, due_at: datetime, fifth_of_may: ClosedDay) -> datetime | None:
    """A day before the end, on a working day and, where the end is not on one, while the office is still there.

    A term given on Friday night that ends on Monday has no such moment left: then the first working morning.
    """
    wanted = due_at - DAY
    on_working_day = before_the_weekend(wanted, fifth_of_may)
    closing = before_the_weekend(due_at, fifth_of_may)
    tries = [min(on_working_day, closing), on_working_day]
    if on_working_day != wanted:
        tries.append(_next_morning(given_at, fifth_of_may))
    return next((moment for moment in tries if given_at < moment < due_at), None)


def _next_morning(moment: datetime, fifth_of_may: ClosedDay) -> datetime:
    """When the office opens first after this moment."""
    day = moment.astimezone(ZONE).date()
    while not is_working_day(day, fifth_of_may) or _at(day, MORNING) <= moment:
        day += DAY
    return _at(day, MORNING)


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, tzinfo=ZONE)
