"""Assessing a case, and notes about it. Closing it: actions/closing.py."""

from datetime import datetime

from django.db import transaction

from guidance.vocabulary import Severity
from incidents.actions.advice import ask_the_menu
from incidents.actions.refusals import CaseClosed, NotOneStep, ReasonNeeded
from incidents.actions.trail import note_in_trail
from incidents.models import Incident, Note
from incidents.vocabulary import CaseStatus, TimelineKind
from vpdportal.accounts.models import User


def confirm_severity(*, incident: Incident, severity: Severity, reason: str, by: User, now: datetime) -> Incident:
    """Confirm the proposed severity, or move it one step with a reason (handbook 11.1), and ask the menu again.

    Lowering a 4 needs two people: the first asks, which changes nothing yet, and another one confirms.
    Raises NotOneStep, ReasonNeeded, CaseClosed.
    """
    with transaction.atomic():
        incident = _locked(incident)
        step = abs(severity - incident.severity_proposed)
        if step > 1:
            raise NotOneStep
        if step and not reason.strip():
            raise ReasonNeeded
        incident.severity_reason = reason.strip()
        if _needs_someone_else(incident, severity, by):
            incident.lowering_asked_by = by
            incident.save(update_fields=["severity_reason", "lowering_asked_by"])
            note_in_trail(incident=incident, kind=TimelineKind.LOWERING_ASKED, by=by, now=now)
            return incident
        is_moved = severity != incident.severity
        incident.severity, incident.lowering_asked_by = severity, None
        incident.severity_confirmed_at, incident.severity_confirmed_by = now, by
        if incident.status == CaseStatus.RECEIVED:
            incident.status = CaseStatus.IN_PROGRESS
        incident.save(
            update_fields=[
                "severity",
                "severity_reason",
                "lowering_asked_by",
                "severity_confirmed_at",
                "severity_confirmed_by",
                "status",
            ]
        )
        note_in_trail(incident=incident, kind=TimelineKind.SEVERITY_CONFIRMED, by=by, now=now)
        if is_moved:
            ask_the_menu(incident=incident, now=now, by=by)
    return incident


def _needs_someone_else(incident: Incident, severity: Severity, by: User) -> bool:
    """Whether this is a 4 being lowered, and nobody else has asked for that yet."""
    is_lowering = severity < incident.severity == Severity.VIOLENT
    return is_lowering and incident.lowering_asked_by_id in {None, by.pk}


def add_note(*, incident: Incident, text: str, by: User, now: datetime) -> Note:
    """Keep an internal note. Raises CaseClosed."""
    with transaction.atomic():
        incident = _locked(incident)
        note = Note.objects.create(
            organisation_id=incident.organisation_id, incident=incident, at=now, by=by, text=text
        )
        note_in_trail(incident=incident, kind=TimelineKind.NOTE_ADDED, by=by, now=now)
    return note


def _locked(incident: Incident) -> Incident:
    fresh: Incident = (
        Incident.objects.select_for_update(of=("self",), no_key=True).select_related("organisation").get(pk=incident.pk)
    )
    if fresh.is_closed:
        raise CaseClosed
    return fresh
