"""A report comes in: incident, advice, tasks, notices, evidence and trail in one transaction, or nothing at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from guidance.advice import propose_severity
from guidance.cards import card_for
from guidance.facts import Facts
from incidents.actions.advice import ask_the_menu_first
from incidents.actions.exclusions import keep_out_at_start
from incidents.actions.news import tell_that_it_came_in
from incidents.actions.refusals import NobodyOnDuty, Refused
from incidents.actions.trail import note_in_trail
from incidents.actions.words import index_words
from incidents.models import Draft, Evidence, Incident, Location
from incidents.references import new_reference
from incidents.vocabulary import FeedbackWish, ReporterIs, ReportKind, TimelineKind
from vpdportal.accounts.access import duty_adviser
from vpdportal.accounts.models import Department, Organisation, User

TEAM_WINDOW = timedelta(days=90)  # P02 looks at the reports of a team in 90 days (handbook 11)
TRIES = 5


class DraftChanged(Refused):
    message = _("Something was changed in another tab just now, so it is not sent yet. Look at it, then send it.")


@dataclass(frozen=True)
class NewReport:
    """What a reporter sent, validated. `facts` holds what the reporter can know; the rest is added here."""

    organisation: Organisation
    department: Department
    facts: Facts
    occurred_at: datetime
    story: str
    kind: ReportKind = ReportKind.INCIDENT
    reporter_is: ReporterIs = ReporterIs.SELF
    location: Location | None = None
    place: str = ""
    details: Mapping[str, str] = field(default_factory=dict)  # told beside the facts, by name of the field
    affected: User | None = None
    affected_name: str = ""
    contact: str = ""
    perpetrator_description: str = ""
    may_manager_see: bool = False
    wants_support: bool = False
    feedback_wish: FeedbackWish = FeedbackWish.PORTAL
    safety_feeling: int | None = None
    kept_out: tuple[User, ...] = ()  # who must not know of it, whatever their role


def submit_report(
    *, report: NewReport, idempotency_key: UUID, by: User, now: datetime, revision: int | None = None
) -> Incident:
    """Store a report and set everything in motion. The same key of the same person gives the same incident again.

    The draft it was written in goes in the same transaction: a report is either a draft or sent. `revision`: of the
    draft as the report was read from it; DraftChanged when another tab has kept more since.
    Raises NobodyOnDuty when the organisation has nobody who would act on it, and what keep_out_at_start raises.
    """
    sent_before = _sent_before(idempotency_key, by)
    if sent_before:
        return sent_before
    adviser = _who_gets_it(report, now)
    for _try in range(TRIES):
        try:
            with transaction.atomic():
                _end_draft(idempotency_key, by, revision)
                return _store(report, idempotency_key, adviser, by, now)
        except IntegrityError:
            # Either the double click won the race, or two reports drew the same number: then draw again.
            sent_before = _sent_before(idempotency_key, by)
            if sent_before:
                return sent_before
    raise RuntimeError("no free report number found")


def _sent_before(key: UUID, by: User) -> Incident | None:
    """What this key has become already. A draft that began again meanwhile goes: a report is either a draft or sent."""
    found: Incident | None = Incident.objects.filter(reporter=by, idempotency_key=key).first()
    if found:
        Draft.objects.filter(pk=key, author=by).delete()
    return found


def _end_draft(key: UUID, by: User, revision: int | None) -> None:
    """Take the draft away, held so that a tab that keeps now waits and finds the report. Raises DraftChanged.

    What was kept once more and said the same, as by a double click, is no change.
    """
    draft = Draft.objects.select_for_update().filter(pk=key, author=by).first()
    if draft is None:
        return
    if revision is not None and any(changed > revision for changed in draft.content.written_at.values()):
        raise DraftChanged
    draft.delete()


def _who_gets_it(report: NewReport, now: datetime) -> User | None:
    """Who is on duty for it: never who is kept out of it. Raises NobodyOnDuty where nobody would be, kept out or not.

    None when only people who are kept out could act: what that means is for keep_out_at_start to say.
    """
    without = {person.pk for person in report.kept_out}
    adviser = duty_adviser(report.organisation.pk, now, without=without)
    if adviser is None and (not without or duty_adviser(report.organisation.pk, now) is None):
        raise NobodyOnDuty(report.organisation)
    return adviser


def _store(report: NewReport, key: UUID, adviser: User | None, by: User, now: datetime) -> Incident:
    facts = _with_what_the_portal_knows(report, now)
    card = card_for(report.organisation)
    proposed = propose_severity(facts, card)
    incident = Incident(
        organisation=report.organisation,
        reference=new_reference(report.organisation.reference_prefix),
        idempotency_key=key,
        kind=report.kind,
        reporter=by,
        reporter_is=report.reporter_is,
        affected=report.affected,
        adviser=adviser,
        department=report.department,
        location=report.location,
        occurred_at=report.occurred_at,
        reported_at=now,
        main_behaviour=facts.behaviours[0],
        channel=facts.channel,
        target_group=facts.target_group,
        motive=facts.motive or "",
        is_perpetrator_known=facts.perpetrator_known,
        severity=proposed,
        severity_proposed=proposed,
        story=report.story,
        place=report.place,
        affected_name=report.affected_name,
        contact=report.contact,
        perpetrator_description=report.perpetrator_description,
        may_manager_see=report.may_manager_see,
        wants_support=report.wants_support,
        feedback_wish=report.feedback_wish,
        safety_feeling=report.safety_feeling,
        menu_version=card.version,
        touched_at=now,
    )
    incident.facts, incident.details = facts, dict(report.details)
    incident.save(force_insert=True)
    Evidence.objects.filter(uploaded_by=by, form_key=key, incident__isnull=True).update(incident=incident)
    note_in_trail(incident=incident, kind=TimelineKind.REPORTED, by=by, now=now, is_new=True)
    index_words(incident)
    keep_out_at_start(incident=incident, people=report.kept_out, by=by, now=now)
    ask_the_menu_first(incident=incident, now=now)
    tell_that_it_came_in(incident, now)
    return incident


def _with_what_the_portal_knows(report: NewReport, now: datetime) -> Facts:
    """The reporter's facts with what follows from the report itself."""
    in_team = (
        Incident.objects.counted()
        .filter(department=report.department, kind=ReportKind.INCIDENT, reported_at__gte=now - TEAM_WINDOW)
        .count()
    )
    return replace(
        report.facts,
        days_until_report=max(0, (now - report.occurred_at).days),
        reports_in_team_90d=in_team + (report.kind == ReportKind.INCIDENT),
    )
