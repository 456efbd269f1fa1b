"""When a reminder may be mailed. Pure: what it is about and the hours of the office in, a moment out.

What ends today or before the next mail of the day, and what is about severity 3 and up, goes at once; the rest waits
for that mail (ADR 22).
"""

from datetime import datetime, time, timedelta

from guidance.deadlines import ZONE
from guidance.office import Office, at
from guidance.vocabulary import Severity

AT_ONCE_FROM = Severity.THREATENING
JUST_OVER = timedelta(minutes=15)


def is_urgent(*, severity: int, ends_at: datetime | None, moment: datetime) -> bool:
    """Whether it cannot wait for the mail of the day: severe, or the task ends on the day of this moment."""
    if severity >= AT_ONCE_FROM:
        return True
    return ends_at is not None and ends_at.astimezone(ZONE).date() == moment.astimezone(ZONE).date()


def is_still_urgent(*, severity: int, ends_at: datetime | None, moment: datetime, now: datetime) -> bool:
    """The same, when it goes out later than it should: that it ended on a day that is over can wait."""
    is_over = ends_at is not None and ends_at.astimezone(ZONE).date() < now.astimezone(ZONE).date()
    return is_urgent(severity=severity, ends_at=None if is_over else ends_at, moment=moment)


def urgent_at(moment: datetime, ends_at: datetime | None, office: Office) -> datetime:
    """At once; in the quiet hours when they are over, unless the task ends before that.

    That it ends now is also said when the round that says so comes some minutes later.
    """
    awake = office.after_quiet(moment)
    return moment if ends_at is not None and moment - JUST_OVER <= ends_at < awake else awake


def can_wait(moment: datetime, ends_at: datetime | None, until: datetime) -> bool:
    """Whether what is said of a task at this moment is still in time then: not when the task ends in between."""
    return ends_at is None or not moment <= ends_at <= until


def announced_at(moment: datetime, ends_at: datetime | None, office: Office) -> datetime:
    """When something is told that can wait: in the hours in which the mail of a day goes out, unless that is too late.

    A term of 48 hours that is given on Friday evening is over before the mail of Monday.
    """
    if office.is_time_for_digest(moment):
        return moment
    with_digest = office.next_digest(moment)
    return with_digest if can_wait(moment, ends_at, with_digest) else urgent_at(moment, ends_at, office)


def reminded_at(moment: datetime, ends_at: datetime | None, office: Office, now: datetime) -> datetime:
    """When someone is reminded of what comes: with the mail of that day, or on a day off the last one before it.

    When that one has gone already, as soon as it can be told.
    """
    of_day = office.digest_before(at(moment.astimezone(ZONE).date(), time.max))
    return of_day if of_day > now else announced_at(moment, ends_at, office)
