"""Keeping a case longer than its term: put off for a while, or held for a legal matter. Always with a reason."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.actions.keeping.noted import note_keeping
from incidents.actions.keeping.terms import months_after
from incidents.actions.refusals import ReasonNeeded, Refused
from incidents.models import Incident, RetentionStay
from incidents.vocabulary import KeptPart, StayKind, TimelineKind
from vpdportal.accounts.models import User

LONGEST = 12  # months at a time [OWN]
PLACED = {StayKind.POSTPONED: TimelineKind.KEPT_LONGER, StayKind.LEGAL_HOLD: TimelineKind.LEGALLY_HELD}


class NotThatDay(Refused):
    message = _("Choose a day after today, and at most 12 months from now. You can do this again later.")


class LiftedBefore(Refused):
    message = _("This was lifted already. Nothing was changed.")


def keep_longer(
    *,
    incident: Incident,
    kind: StayKind,
    part: KeptPart | None,
    until: date,
    reason: str,
    by: User,
    now: datetime,
) -> RetentionStay:
    """Put off destroying until a day, or hold for a legal matter and look at it again on that day.

    `part`: None for all of it. A hold does not end by itself. A case that is open can be held too: it holds when the
    case is closed. A second click changes nothing. Raises ReasonNeeded, NotThatDay.
    """
    if not reason.strip():
        raise ReasonNeeded
    today = timezone.localdate(now)
    if not today < until <= months_after(today, LONGEST):
        raise NotThatDay
    with transaction.atomic():
        incident = Incident.objects.select_for_update(of=("self",), no_key=True).get(pk=incident.pk)
        same = incident.stays.filter(kind=kind, part=part or "", until=until, by=by, lifted_at__isnull=True)
        for found in same:
            if found.reason == reason.strip():
                return found
        stay = RetentionStay(
            organisation_id=incident.organisation_id,
            incident=incident,
            kind=kind,
            part=part or "",
            until=until,
            by=by,
            at=now,
        )
        stay.reason = reason.strip()
        stay.save(force_insert=True)
        _write_down(PLACED[kind], f"retention.{kind}", stay, by, now)
    return stay


def lift_stay(*, stay: RetentionStay, by: User, now: datetime) -> RetentionStay:
    """The case is kept no longer for this. Raises LiftedBefore."""
    with transaction.atomic():
        Incident.objects.select_for_update(of=("self",), no_key=True).get(pk=stay.incident_id)
        held = RetentionStay.objects.select_for_update(of=("self",), no_key=True).get(pk=stay.pk)
        if held.lifted_at is not None:
            raise LiftedBefore
        held.lifted_by, held.lifted_at = by, now
        held.save(update_fields=["lifted_by", "lifted_at"])
        _write_down(TimelineKind.STAY_LIFTED, "retention.lifted", held, by, now)
    return held


def _write_down(kind: TimelineKind, action: str, stay: RetentionStay, by: User, now: datetime) -> None:
    note_keeping(
        incident=stay.incident_id,
        organisation=stay.organisation_id,
        kind=kind,
        action=action,
        by=by,
        now=now,
        fields=[stay.part or "all", f"until:{stay.until}"],
    )
