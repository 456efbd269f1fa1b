"""What someone must hear of an organisation: what only people can mend, and that an overview is there."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from incidents.actions.reminders.offices import Offices
from incidents.models import Alarm
from incidents.vocabulary import AlarmKind
from vpdportal.accounts.access import memberships_at
from vpdportal.accounts.models import Absence, Organisation, User
from vpdportal.accounts.roles import DESK_ROLES, RIGHTS, Right, Role

SEE_OVERVIEW = [role for role in Role if Right.SEE_OVERVIEW in RIGHTS[role]]
RESPONSIBLE = (Role.ADMINISTRATOR, Role.MANAGEMENT)  # who can appoint someone, or see to it


def without_adviser(now: datetime) -> QuerySet[Organisation]:
    """The organisations in which no adviser or deputy is present."""
    absent = Absence.objects.filter(
        user=OuterRef("user"), organisation=OuterRef("organisation"), starts_at__lte=now, ends_at__gt=now
    )
    present = memberships_at(now).filter(~Exists(absent), organisation=OuterRef("pk"), role__in=DESK_ROLES)
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
    roles = memberships_at(now).filter(organisation__in=organisations, role__in=RESPONSIBLE)
    return write_alarms(people={(one.organisation_id, one.user_id) for one in roles}, kind=kind, now=now)


def warn_administrators(*, person: User, now: datetime) -> int:
    """Write that mail to this person does not arrive; to management where no administrator can be reached by mail."""
    here = set(memberships_at(now).filter(user=person).values_list("organisation", flat=True))
    roles = memberships_at(now).filter(organisation__in=here, role__in=RESPONSIBLE).exclude(user=person)
    reached = list(roles.filter(user__mail_refused_at__isnull=True))
    administered = {one.organisation_id for one in reached if one.role == Role.ADMINISTRATOR}
    told = [one for one in reached if one.role == Role.ADMINISTRATOR or one.organisation_id not in administered]
    people = {(one.organisation_id, one.user_id) for one in told}
    return write_alarms(people=people, kind=AlarmKind.MAIL_REFUSED, now=now)


def tell_subscribers(*, organisation: Organisation, now: datetime) -> int:
    """Write that a new overview is there, to who asked for that mail and may see it. Gives the number of people told.

    Several overviews on one day are told once.
    """
    roles = memberships_at(now).filter(organisation=organisation, role__in=SEE_OVERVIEW, user__wants_overview_mail=True)
    people = {(organisation.pk, pk) for pk in roles.values_list("user", flat=True)}
    return write_alarms(people=people, kind=AlarmKind.OVERVIEW_READY, now=now)


def warn_advisers(*, organisation: Organisation, kind: AlarmKind, now: datetime) -> int:
    """Write that the VPD advisers must hear of it, once a day. Gives the number of people told."""
    roles = memberships_at(now).filter(organisation=organisation, role=Role.ADVISER)
    people = {(organisation.pk, pk) for pk in roles.values_list("user", flat=True)}
    return write_alarms(people=people, kind=kind, now=now)


def tell_at_once(*, organisation: UUID, people: Collection[UUID], kind: AlarmKind, now: datetime) -> None:
    """Write that these people must hear of it now, whatever the hour; who heard of another one today hears again."""
    day = timezone.localdate(now)
    rows = Alarm.objects.filter(organisation=organisation, kind=kind, day=day, recipient__in=people)
    rows.update(mail=None, cancelled_at=None, send_at=now)
    told = set(rows.values_list("recipient", flat=True))
    Alarm.objects.bulk_create(
        Alarm(organisation_id=organisation, kind=kind, day=day, recipient_id=person, send_at=now)
        for person in people
        if person not in told
    )


def write_alarms(*, people: Collection[tuple[UUID, UUID]], kind: AlarmKind, now: datetime) -> int:
    """One row a day for each organisation and person in it, after the quiet hours. Gives how many are new."""
    day = timezone.localdate(now)
    told = set(Alarm.objects.filter(day=day, kind=kind).values_list("organisation", "recipient"))
    fresh = set(people) - told
    if not fresh:
        return 0
    offices = Offices({organisation for organisation, _person in fresh}, ())
    rows = [
        Alarm(
            organisation_id=organisation,
            kind=kind,
            day=day,
            recipient_id=person,
            send_at=offices.office_of(organisation).after_quiet(now),
        )
        for organisation, person in fresh
    ]
    Alarm.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
