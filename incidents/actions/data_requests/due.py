"""Who hears that a request is nearly too late: a week before, the day before, and each day that it is late."""

from datetime import datetime

from django.utils import timezone

from incidents.actions.reminders.alarms import write_alarms
from incidents.models import DataRequest
from incidents.vocabulary import AlarmKind
from vpdportal.accounts.access import memberships_at
from vpdportal.accounts.roles import RIGHTS, Right, Role

DAYS_BEFORE = (7, 1)  # [OWN]
HANDLING = [role for role in Role if Right.HANDLE_DATA_REQUESTS in RIGHTS[role]]


def warn_of_requests(*, now: datetime) -> int:
    """Write the alarms of today, for the hourly tidying. Gives the number of people told.

    Only who may know of a request hears of it.
    """
    today = timezone.localdate(now)
    waiting = DataRequest.objects.unfinished().only("pk", "organisation_id", "due_on")
    pressing = [one for one in waiting if (left := (one.due_on - today).days) in DAYS_BEFORE or left < 0]
    if not pressing:
        return 0
    organisations = {one.organisation_id for one in pressing}
    roles = memberships_at(now).filter(organisation__in=organisations, role__in=HANDLING).select_related("user")
    people = set()
    for user in {one.user for one in roles}:
        known = DataRequest.objects.handled_by(user, now).filter(pk__in=[one.pk for one in pressing])
        people |= {(organisation, user.pk) for organisation in known.values_list("organisation", flat=True)}
    return write_alarms(people=people, kind=AlarmKind.DATA_REQUEST_DUE, now=now)
