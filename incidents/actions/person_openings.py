"""Opening the record of a person: for a purpose, for an hour, and never unseen (design of access, R6; handbook 7.2)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from incidents.actions.refusals import ReasonNeeded, Refused
from incidents.models import Incident, Person, PersonOpening
from incidents.vocabulary import OpeningPurpose
from vpdportal.accounts.models import User
from vpdportal.audit.chain import record

OPEN_FOR = timedelta(hours=1)


class RecordShut(Refused):
    message = _("This record is shut again. Open it first and say what for; then send this once more.")


def open_person(
    *, person: Person, purpose: OpeningPurpose, reason: str, incident: Incident | None, by: User, now: datetime
) -> PersonOpening:
    """Open the record for an hour. A second click opens nothing twice. Raises ReasonNeeded."""
    if not reason.strip():
        raise ReasonNeeded
    with transaction.atomic():
        Person.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
        running = running_opening(person=person, by=by, now=now)
        if running and running.purpose == purpose:
            return running
        opening = PersonOpening(
            organisation_id=person.organisation_id,
            person=person,
            user=by,
            incident=incident,
            purpose=purpose,
            reason=reason.strip(),
            at=now,
            until=now + OPEN_FOR,
        )
        opening.save(force_insert=True)
        _note(person, "person.opened", by, now, purpose)
    return opening


def record_person_view(*, opening: PersonOpening, by: User, now: datetime) -> None:
    """Write that the record is shown, before it is: no row, no page."""
    _note(opening.person, "person.viewed", by, now, opening.purpose)


def running_opening(*, person: Person, by: User, now: datetime) -> PersonOpening | None:
    """By which this person may read the record now; the newest."""
    found: PersonOpening | None = (
        person.openings.filter(user=by, at__lte=now, until__gt=now).select_related("person").first()
    )
    return found


def refuse_when_shut(*, person: Person, by: User, now: datetime) -> None:
    """Raises RecordShut when this person has not opened the record, or did so too long ago."""
    if running_opening(person=person, by=by, now=now) is None:
        raise RecordShut


def _note(person: Person, action: str, by: User, now: datetime, purpose: str) -> None:
    record(
        action=action,
        now=now,
        actor_id=by.pk,
        organisation_id=person.organisation_id,
        object_type="person",
        object_id=person.pk,
        fields=[purpose],
    )
