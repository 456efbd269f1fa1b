"""When someone is reminded of a term. Pure: when it was given and when it ends in, moments out (handbook 11.1 [OWN]).

Half of the term, a day before its end, and its end. A term may run through a weekend or a holiday; the reminders do
not wait for Monday: they come before the office empties.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from guidance.office import USUAL, Office

SHORT_TERM = timedelta(hours=8)  # below it, "half of the time" would only be noise [OWN]


@dataclass(frozen=True)
class Steps:
    """What an organisation may choose about them: whether half of the term speaks up, and how long before the end."""

    halfway: bool = True
    before: timedelta = timedelta(days=1)


ALL_STEPS = Steps()


@dataclass(frozen=True)
class Reminders:
    """The moments of one term (aware), in this order; None: not for this term. That it was given is told at once."""

    halfway: datetime | None = None
    day_before: datetime | None = None
    deadline: datetime | None = None


def reminders_of(
    given_at: datetime, due_at: datetime | None, office: Office = USUAL, steps: Steps = ALL_STEPS
) -> Reminders:
    """The moments between `given_at` and `due_at`, both aware. None at all without an end, or when it has passed."""
    if due_at is None or due_at <= given_at:
        return Reminders()
    given_at, due_at = given_at.astimezone(UTC), due_at.astimezone(UTC)  # hours that pass, also when the clock changes
    last = _last_before(given_at, due_at, office, steps.before)
    half = _halfway(given_at, due_at, office) if steps.halfway else None
    if half and last and half >= last:
        half = None  # brought forward, it would come together with the next one
    return Reminders(halfway=half, day_before=last, deadline=due_at)


def _halfway(given_at: datetime, due_at: datetime, office: Office) -> datetime | None:
    """Half of the term, before the weekend or holiday that it falls in, if there is time before that."""
    if due_at - given_at <= SHORT_TERM:
        return None
    half = given_at + (due_at - given_at) / 2
    brought_forward = office.before_day_off(half)
    return brought_forward if brought_forward > given_at else half


def _last_before(given_at: datetime, due_at: datetime, office: Office, before: timedelta) -> datetime | None:
    """So long before the end, on a working day and, where the end is not on one, while the office is still there.

    A term given on Friday night that ends on Monday has no such moment left: then the first working morning.
    """
    wanted = due_at - before
    on_working_day = office.before_day_off(wanted)
    closing = office.before_day_off(due_at)
    tries = [min(on_working_day, closing), on_working_day]
    if on_working_day != wanted:
        tries.append(office.next_opening(given_at))
    return next((moment for moment in tries if given_at < moment < due_at), None)
