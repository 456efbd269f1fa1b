"""Telling the desk once that something comes in sight of being destroyed, or that a hold is to be looked at again."""

from datetime import date, datetime

from django.utils import timezone

from incidents.actions.keeping.due import in_sight
from incidents.actions.keeping.failing import tell_of_failure, write_failure
from incidents.actions.reminders.alarms import write_alarms
from incidents.models import Alarm, RetentionStay
from incidents.vocabulary import AlarmKind, StayKind
from vpdportal.accounts.access import memberships_at
from vpdportal.accounts.models import Organisation
from vpdportal.accounts.roles import DESK_ROLES


def warn_desks(*, now: datetime) -> int:
    """Write who must hear of it today, in every organisation. Gives the number of people told. Once a day at most.

    Where it cannot be found out, that is written down and told instead.
    """
    told = 0
    for organisation in Organisation.objects.all():
        try:
            told += _warn_desk(organisation, now)
        except Exception as error:
            write_failure(organisation=organisation, case=None, what="warning", error=error, now=now)
            tell_of_failure(organisation=organisation, now=now)
    return told


def _warn_desk(organisation: Organisation, now: datetime) -> int:
    since, today = _told_last(organisation), timezone.localdate(now)
    if not any(since is None or since < day for day in _came(organisation, now) if day <= today):
        return 0
    roles = memberships_at(now).filter(organisation=organisation, role__in=DESK_ROLES)
    people = {(organisation.pk, pk) for pk in roles.values_list("user", flat=True)}
    return write_alarms(people=people, kind=AlarmKind.RETENTION_DUE, now=now)


def holds_to_look_at(organisation: Organisation, now: datetime) -> list[RetentionStay]:
    """The holds of which the day to look again has come, the oldest first."""
    holds = RetentionStay.objects.filter(organisation=organisation, kind=StayKind.LEGAL_HOLD, lifted_at__isnull=True)
    return list(
        holds.filter(until__lte=timezone.localdate(now)).select_related("incident").defer("reason").order_by("until")
    )


def _told_last(organisation: Organisation) -> date | None:
    told = Alarm.objects.filter(organisation=organisation, kind=AlarmKind.RETENTION_DUE).order_by("-day")
    return told.values_list("day", flat=True).first()


def _came(organisation: Organisation, now: datetime) -> list[date]:
    """The days on which something came in sight, or a hold was to be looked at."""
    came = [one.shown_from for one in in_sight(organisation, now) if one.shown_from and not one.waits_for]
    return came + [stay.until for stay in holds_to_look_at(organisation, now)]
