"""What puts reminders in danger and only people can mend: an organisation in which nobody acts on reports."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from incidents.actions.reminders.offices import Offices
from incidents.models import Alarm
from incidents.vocabulary import AlarmKind
from vpdportal.accounts.access import memberships_at
from vpdportal.accounts.models import Absence, Organisation
from vpdportal.accounts.roles import RIGHTS, Right, Role

DESK = [role for role in Role if Right.WORK_CASES in RIGHTS[role]]
RESPONSIBLE = (Role.ADMINISTRATOR, Role.MANAGEMENT)  # who can appoint someone, or see to it


def without_adviser(now: datetime) -> QuerySet[Organisation]:
    """The organisations in which no adviser or deputy is present."""
    absent = Absence.objects.filter(
        user=OuterRef("user"), organisation=OuterRef("organisation"), starts_at__lte=now, ends_at__gt=now
    )
    present = memberships_at(now).filter(~Exists(absent), organisation=OuterRef("pk"), role__in=DESK)
    found: QuerySet[Organisation] = Organisation.objects.filter(~Exists(present))
    return found


def raise_alarms(*, now: datetime) -> int:
    """Tell who is responsible, once each day, that nobody is there. Gives the number of people told."""
    day = timezone.localdate(now)
    empty = set(without_adviser(now).values_list("pk", flat=True))
    if not empty:
        return 0
    roles = memberships_at(now).filter(organisation__in=empty, role__in=RESPONSIBLE)
    offices = Offices(empty, ())
    rows = {
        (one.organisation_id, one.user_id): Alarm(
            organisation_id=one.organisation_id,
            kind=AlarmKind.NO_ADVISER,
            day=day,
            recipient_id=one.user_id,
            send_at=offices.office_of(one.organisation_id).after_quiet(now),
        )
        for one in roles
    }
    told = set(Alarm.objects.filter(day=day, kind=AlarmKind.NO_ADVISER).values_list("organisation", "recipient"))
    Alarm.objects.bulk_create([row for key, row in rows.items() if key not in told], ignore_conflicts=True)
    return len(rows.keys() - told)
