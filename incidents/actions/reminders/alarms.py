"""What puts reminders in danger and only people can mend: an organisation in which nobody acts on reports."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

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
    empty = set(without_adviser(now).values_list("pk", flat=True))
    return warn_responsible(organisations=empty, kind=AlarmKind.NO_ADVISER, now=now)


def warn_responsible(*, organisations: Collection[UUID], kind: AlarmKind, now: datetime) -> int:
    """Write that administrators and management must hear of it, once a day. Gives the number of people told."""
    if not organisations:
        return 0
    day = timezone.localdate(now)
    roles = memberships_at(now).filter(organisation__in=organisations, role__in=RESPONSIBLE)
    told = set(Alarm.objects.filter(day=day, kind=kind).values_list("organisation", "recipient"))
    people = {(one.organisation_id, one.user_id) for one in roles} - told
    offices = Offices(organisations, ()) if people else None
    rows = [
        Alarm(
            organisation_id=organisation,
            kind=kind,
            day=day,
            recipient_id=person,
            send_at=offices.office_of(organisation).after_quiet(now),
        )
        for organisation, person in people
        if offices
    ]
    Alarm.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
