"""Closing a case to the rest of the desk, and opening it to the desk again (handbook 7.2, ADR 30)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from incidents.actions.duty import handlers_of, out_of_sight_of
from incidents.actions.leaving import stop_telling
from incidents.actions.refusals import ReasonNeeded, Refused
from incidents.actions.together import hold_joined
from incidents.actions.trail import note_in_trail
from incidents.models import Incident, Note
from incidents.need_to_know import only_opened
from incidents.vocabulary import TimelineKind
from vpdportal.accounts.models import User


class NobodyHandlesIt(Refused):
    message = _("Nobody handles this case yet. Take it first; then close it to the rest of the desk.")


class NotYourCase(Refused):
    message = _("Only who handles this case can open it to the desk again. Ask that person.")


class StaysShut(Refused):
    message = _(
        "You see this case for an hour only, because you opened it in need. You cannot give it or its tasks to "
        "anyone: ask who handles it."
    )


def restrict(*, incident: Incident, by: User, now: datetime, reason: str) -> None:
    """From now on, of the desk only who handles the case sees it, and who was asked something in it.

    So do the reports that are joined with it. What others would still hear of it is stopped; open tasks stay with who
    has them. The reason is kept as a note. Once more changes nothing, and keeps another reason beside it. Also in a
    closed case. Raises ReasonNeeded, NobodyHandlesIt, NotYourCase.
    """
    _change(incident, by, now, reason, to=True)


def lift_restriction(*, incident: Incident, by: User, now: datetime, reason: str) -> None:
    """The whole desk sees the case again, and those that are joined with it. As `restrict`."""
    _change(incident, by, now, reason, to=False)


def restrict_both(*, one: Incident, other: Incident, by: User, now: datetime) -> None:
    """Two cases become one: what was restricted in either is in both. In the caller's transaction, who holds both."""
    if one.is_restricted != other.is_restricted:
        _write(other if one.is_restricted else one, by, now, to=True)


def refuse_to_stay(*, incident: Incident, by: User, now: datetime) -> None:
    """Who only opened a case in need gives nobody a lasting part in it: it shuts again. Raises StaysShut."""
    if incident.is_restricted and sees_only_in_need(incident, by, now):
        raise StaysShut


def sees_only_in_need(incident: Incident, person: User, now: datetime) -> bool:
    """Whether a restricted case is not for this person, or only for as long as it stands open."""
    return Incident.objects.filter(only_opened(person, "pk", now), pk=incident.pk).exists()


def _change(incident: Incident, by: User, now: datetime, reason: str, *, to: bool) -> None:
    reason = reason.strip()
    if not reason:
        raise ReasonNeeded
    with transaction.atomic():
        held = hold_joined(incident)
        incident = held[incident.pk]
        if incident.is_restricted == to:
            if all(note.text != reason for note in incident.notes.all()):
                _keep(reason, incident, by, now)
            return
        main = incident.merged_into or incident
        if main.adviser_id is None:
            raise NobodyHandlesIt
        if not to and by.pk not in handlers_of(incident, now):
            raise NotYourCase
        _keep(reason, incident, by, now)
        for case in held.values():
            if case.is_restricted != to:
                _write(case, by, now, to=to)


def _keep(reason: str, incident: Incident, by: User, now: datetime) -> None:
    Note.objects.create(organisation_id=incident.organisation_id, incident=incident, at=now, by=by, text=reason)


def _write(case: Incident, by: User, now: datetime, *, to: bool) -> None:
    case.is_restricted = to
    case.save(update_fields=["is_restricted"])
    kind = TimelineKind.RESTRICTED if to else TimelineKind.UNRESTRICTED
    note_in_trail(incident=case, kind=kind, by=by, now=now)
    if to:
        stop_telling(case, now, out_of_sight_of({case.pk}, now)[case.pk])
