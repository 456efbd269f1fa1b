"""Assessing a case, and notes about it. Closing it: actions/closing.py."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guidance.vocabulary import Severity
from incidents.actions.advice import ask_the_menu, complete_facts
from incidents.actions.refusals import CaseClosed, NotOneStep, ReasonNeeded, Refused
from incidents.actions.trail import note_in_trail
from incidents.models import Incident, Note
from incidents.vocabulary import CaseStatus, TimelineKind
from vpdportal.accounts.models import User
from vpdportal.seen import mark_of

A_CLICK = timedelta(minutes=1)  # the same by the same person within it is one: a double click, or Back and again


class CriticismIsNoFour(Refused):
    message = _("Criticism without aggression is no severity 4. Choose a lower one, with a reason.")


class AssessedMeanwhile(Refused):
    message = _("Someone else assessed this case while you looked at it. See what it became, then decide again.")
    by_name = _(
        "%(name)s assessed this case while you looked at it (severity %(severity)s). See what it became, then decide "
        "again."
    )


def assess_case(
    *, incident: Incident, is_criticism: bool, severity: Severity, reason: str, seen: str, by: User, now: datetime
) -> Incident:
    """Judge whether it is aggression or criticism, and how severe; the advice follows.

    `seen`: `assessment_mark` of the case as it was looked at. With criticism only, nothing is done against the person
    [S48]; that a 4 was criticism takes two people, as lowering it does.
    Raises AssessedMeanwhile, CriticismIsNoFour, and what confirm_severity raises.
    """
    with transaction.atomic():
        incident = _locked(incident)
        if seen and seen != assessment_mark(incident):
            raise AssessedMeanwhile(_who_assessed(incident))
        is_other = bool(incident.facts.criticism_only) is not is_criticism
        is_for_two = is_other and is_criticism and incident.severity == Severity.VIOLENT
        if is_for_two and severity == Severity.VIOLENT:
            raise CriticismIsNoFour
        if is_other and not (is_for_two and _needs_someone_else(incident, severity, by)):
            complete_facts(incident=incident, answers={"criticism_only": is_criticism}, by=by, now=now)
        return confirm_severity(incident=incident, severity=severity, reason=reason, by=by, now=now)


def assessment_mark(incident: Incident) -> str:
    """What a form carries of the judgement that it was made upon."""
    moment = incident.severity_confirmed_at
    parts = (
        incident.severity,
        incident.severity_proposed,
        incident.lowering_asked_by_id,
        moment and moment.timestamp(),
        incident.facts.criticism_only,
    )
    return mark_of([str(part) for part in parts])


def _who_assessed(incident: Incident) -> str:
    person = incident.severity_confirmed_by or incident.lowering_asked_by
    if person is None:
        return str(AssessedMeanwhile.message)
    return str(AssessedMeanwhile.by_name) % {"name": person.name, "severity": incident.severity}


def confirm_severity(*, incident: Incident, severity: Severity, reason: str, by: User, now: datetime) -> Incident:
    """Confirm the proposed severity, or move it one step with a reason (handbook 11.1), and ask the menu again.

    Lowering a 4 needs two people: the first asks, which changes nothing yet, and another one confirms.
    Raises NotOneStep, ReasonNeeded, CaseClosed.
    """
    with transaction.atomic():
        incident = _locked(incident)
        step = abs(severity - incident.severity_proposed)
        if step > 1 and severity != incident.severity:
            raise NotOneStep
        if step and not reason.strip():
            raise ReasonNeeded
        asked = incident.severity_reason if incident.lowering_asked_by_id else ""
        incident.severity_reason = "\n".join(dict.fromkeys(filter(None, (asked, reason.strip()))))
        if _needs_someone_else(incident, severity, by):
            incident.lowering_asked_by = by
            incident.save(update_fields=["severity_reason", "lowering_asked_by"])
            note_in_trail(incident=incident, kind=TimelineKind.LOWERING_ASKED, by=by, now=now)
            return incident
        is_moved = severity != incident.severity
        incident.severity, incident.lowering_asked_by = severity, None
        incident.severity_confirmed_at, incident.severity_confirmed_by = now, by
        incident.severity_judged_upon = incident.severity_proposed
        if incident.status == CaseStatus.RECEIVED:
            incident.status = CaseStatus.IN_PROGRESS
        incident.save(
            update_fields=[
                "severity",
                "severity_reason",
                "lowering_asked_by",
                "severity_confirmed_at",
                "severity_confirmed_by",
                "severity_judged_upon",
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
    """Keep an internal note; one that was kept a moment ago is that note. Raises CaseClosed."""
    with transaction.atomic():
        incident = _locked(incident)
        latest = Note.objects.filter(incident=incident, by=by, at__gt=now - A_CLICK)
        if kept := next((one for one in latest if one.text == text), None):
            return kept
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
