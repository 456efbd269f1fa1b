"""Who hears that a request is nearly too late: a week before, the day before, and each day that it is late.

A day on which nothing ran is caught up: what counts is whether someone was told since, not which day it is.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from incidents.actions.reminders.alarms import write_alarms
from incidents.models import Alarm, DataRequest
from incidents.vocabulary import AlarmKind
from vpdportal.accounts.access import memberships_at
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import RIGHTS, Right, Role

DAYS_BEFORE = (7, 1)  # [OWN]
HANDLING = [role for role in Role if Right.HANDLE_DATA_REQUESTS in RIGHTS[role]]


def warn_of_requests(*, now: datetime) -> int:
    """Write the alarms of today, for the hourly tidying. Gives the number of people told.

    Only who may know of a request hears of it.
    """
    today = timezone.localdate(now)
    waiting = DataRequest.objects.unfinished().only("pk", "organisation_id", "due_on", "created_at")
    pressing = {one.pk: day for one in waiting if (day := _to_be_told_on(one, today)) is not None}
    if not pressing:
        return 0
    roles = memberships_at(now).filter(role__in=HANDLING, organisation__in={one.organisation_id for one in waiting})
    people = set()
    for user in {one.user for one in roles.select_related("user")}:
        people |= {(organisation, user.pk) for organisation in _untold(user, pressing, now)}
    return write_alarms(people=people, kind=AlarmKind.DATA_REQUEST_DUE, now=now)


def _to_be_told_on(request: DataRequest, today: date) -> date | None:
    """The last day, today included, on which someone has to hear of it; None while there is time.

    Not before the day after it was written down: who did that knows of it, and the others may have been told before.
    """
    days = [request.due_on - timedelta(days=left) for left in DAYS_BEFORE]
    if request.due_on < today:
        days.append(today)
    came = [day for day in days if day <= today]
    day = max([*came, timezone.localdate(request.created_at) + timedelta(days=1)]) if came else None
    return day if day is not None and day <= today else None


def _untold(user: User, pressing: dict[UUID, date], now: datetime) -> set[UUID]:
    """The organisations in which a request presses that this person may know of, and was not told of since."""
    known = DataRequest.objects.handled_by(user, now).filter(pk__in=pressing)
    told = Alarm.objects.filter(recipient=user, kind=AlarmKind.DATA_REQUEST_DUE).order_by().values("organisation")
    last = dict(told.annotate(last=Max("day")).values_list("organisation", "last"))
    return {
        organisation
        for pk, organisation in known.values_list("pk", "organisation")
        if last.get(organisation, date.min) < pressing[pk]
    }
