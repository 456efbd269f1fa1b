"""What is kept of someone with an account in one organisation: the table from which an answer is collected (AVG 15).

[OWN] What they wrote in their work about someone else is data about that other one: proposed to be withheld. What
someone told about another, an address or a description, is not theirs either.
"""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from incidents.actions.data_requests.facts_of_employees import FACTS
from incidents.actions.data_requests.in_words import details_of_report, facts_of_report, letter, police_sheet
from incidents.actions.data_requests.subjects import (
    INTERNAL,
    OTHERS,
    PROSECUTION,
    Proposal,
    Source,
    Subject,
    columns,
    of_form,
    withhold,
)
from incidents.models import (
    CareMoment,
    CaseOpening,
    DamageLine,
    DataRequest,
    Draft,
    Evidence,
    Incident,
    LetterVersion,
    LogReview,
    Measure,
    Message,
    Note,
    PersonOpening,
    PoliceSheet,
    Reaction,
    RestrictionCheck,
    Statement,
    Task,
)
from incidents.vocabulary import DamageOf, LetterStatus, ReporterIs


def _cases(subject: Subject) -> QuerySet[Any]:
    found: QuerySet[Any] = Incident.objects.filter(pk__in=subject.party_of)
    return found


def _party(incident: Incident) -> Any:
    """Whom the case is about, of those with an account; None where that person has none."""
    if incident.affected_id:
        return incident.affected_id
    return incident.reporter_id if incident.reporter_is == ReporterIs.SELF else None


def _is_theirs(incident: Incident, subject: Subject) -> bool:
    return subject.user is not None and _party(incident) == subject.user.pk


def _of_party(incident: Incident, subject: Subject) -> Proposal:
    """How to reach the person hit: only that person's own."""
    return None if _is_theirs(incident, subject) else OTHERS


def _of_reporter(incident: Incident, subject: Subject) -> Proposal:
    return None if subject.user is not None and incident.reporter_id == subject.user.pk else OTHERS


def _of_own(model: Any, path: str) -> Any:
    """Rows of the organisation of which the person is `path`."""
    return lambda subject: model.objects.filter(**{path: subject.user, "organisation": subject.organisation})


def _in_cases(model: Any, **more: Any) -> Any:
    return lambda subject: model.objects.filter(incident__in=subject.party_of, **more)


def _statements_of_others(subject: Subject) -> QuerySet[Any]:
    return Statement.objects.filter(incident__in=subject.party_of).exclude(by=subject.user)


def _sent_to_others(subject: Subject) -> QuerySet[Any]:
    rows = Message.objects.filter(by=subject.user, organisation=subject.organisation)
    return rows.exclude(person=subject.user)


def _files_of_others(subject: Subject) -> QuerySet[Any]:
    return Evidence.objects.filter(incident__in=subject.party_of).exclude(uploaded_by=subject.user)


def _drafts(subject: Subject) -> QuerySet[Any]:
    return Draft.objects.filter(author=subject.user, organisation=subject.organisation)


def _letters(subject: Subject) -> QuerySet[Any]:
    """Sent letters of their cases that are not to someone outside, such as the outcome for the reporter."""
    letters = {"letter__incident__in": subject.party_of, "letter__person__isnull": True}
    return LetterVersion.objects.filter(**letters, letter__status=LetterStatus.SENT).select_related("letter")


def _damage_of_them(line: DamageLine, subject: Subject) -> Proposal:
    return None if line.of == DamageOf.VICTIM and _is_theirs(line.incident, subject) else OTHERS


def _damage(subject: Subject) -> QuerySet[Any]:
    return DamageLine.objects.filter(incident__in=subject.party_of).select_related("incident")


REPORT = [
    *columns("incident", {"story": _("What was told")}, _cases, at="reported_at"),
    *columns("incident", {"place": _("Where it happened")}, _cases, at="reported_at"),
    *columns("incident", {"outcome": _("What was done, as told at closing")}, _cases, at="closed_at"),
    *columns("incident", {"helped_remark": _("Whether it helped, in words")}, _cases, _of_party, at="helped_at"),
    *columns(
        "incident",
        {"affected_name": _("Name of the person hit"), "contact": _("How to reach the person hit")},
        _cases,
        _of_party,
        at="reported_at",
    ),
    *columns("incident", {"reporter_contact": _("How to reach who reported it")}, _cases, _of_reporter),
    *columns("incident", {"perpetrator_description": _("Description of who did it")}, _cases, withhold(OTHERS)),
    *columns(
        "incident",
        {"severity_reason": _("Why this severity"), "evaluation": _("Evaluation by the desk")},
        _cases,
        withhold(INTERNAL),
    ),
    Source(
        "incident.sealed_facts",
        _("Answers to the questions of the form"),
        _cases,
        facts_of_report,
        _of_party,
        "reported_at",
    ),
    of_form(
        "incident.sealed_details",
        _("What was told beside the questions"),
        _cases,
        details_of_report,
        _of_party,
        at="reported_at",
    ),
]
WORDS = [
    *columns("statement", {"text": _("What you added")}, _of_own(Statement, "by"), at="at"),
    *columns(
        "statement", {"text": _("What others added")}, _statements_of_others, withhold(OTHERS), at="at", how="others"
    ),
    *columns("message", {"text": _("Messages with you")}, _of_own(Message, "person"), at="at"),
    *columns("message", {"text": _("Messages to others")}, _sent_to_others, withhold(OTHERS), at="at", how="sent"),
    *columns("note", {"text": _("Notes")}, _of_own(Note, "by"), withhold(INTERNAL), at="at"),
    *columns("note", {"text": _("Notes")}, _in_cases(Note), withhold(INTERNAL), at="at", how="case"),
    *columns("evidence", {"name": _("Files that you brought")}, _of_own(Evidence, "uploaded_by"), at="received_at"),
    *columns(
        "evidence", {"name": _("Files of others")}, _files_of_others, withhold(OTHERS), at="received_at", how="others"
    ),
    of_form(
        "draft.sealed_content",
        _("Reports that you did not send yet"),
        _drafts,
        lambda row: row.content.answers,
        at="saved_at",
    ),
]
WORK = [
    *columns("task", {"words": _("Tasks given to you")}, _of_own(Task, "assignee"), at="assigned_at"),
    *columns("task", {"reason": _("Remarks with tasks")}, _of_own(Task, "finished_by"), at="finished_at"),
    *columns(
        "measure",
        {"reason": _("Reasons of decisions"), "adaptation": _("Measures adapted")},
        _of_own(Measure, "decided_by"),
        withhold(INTERNAL),
        at="decided_at",
    ),
    *columns("reaction", {"signer_remark": _("Remarks at signing")}, _of_own(Reaction, "signer"), withhold(INTERNAL)),
    *columns("personopening", {"reason": _("Why you opened a record")}, _of_own(PersonOpening, "user"), at="at"),
    *columns("restrictioncheck", {"reason": _("Why you checked someone")}, _of_own(RestrictionCheck, "user"), at="at"),
    *columns(
        "caseopening",
        {"reason": _("Why you opened a restricted case"), "judgement": _("What was found of it")},
        _of_own(CaseOpening, "user"),
        at="opened_at",
    ),
    *columns("logreview", {"remark": _("Remarks on the log")}, _of_own(LogReview, "signed_by"), withhold(INTERNAL)),
]
AFTER = [
    *columns(
        "caremoment",
        {"place": _("Where a talk is"), "wish": _("What you asked about a talk"), "contact": _("How to reach you")},
        _of_own(CareMoment, "user"),
        at="planned_at",
    ),
    *columns("caremoment", {"name": _("Whom a talk is for")}, _of_own(CareMoment, "user"), at="planned_at"),
    *columns("damageline", {"words": _("Damage"), "remark": _("Remarks on damage")}, _damage, _damage_of_them, at="at"),
    *columns("policesheet", {"police_number": _("Number of the police")}, _in_cases(PoliceSheet), at="made_at"),
    *columns(
        "policesheet",
        {"why_not": _("Why the police were not told"), "outcome_words": _("What the police or the court did")},
        _in_cases(PoliceSheet),
        withhold(PROSECUTION),
        at="made_at",
    ),
    *columns(
        "policesheet", {"contact": _("Contact at the police")}, _in_cases(PoliceSheet), withhold(OTHERS), at="made_at"
    ),
    Source(
        "policesheet.sealed_answers",
        _("Sheet for the police"),
        _in_cases(PoliceSheet),
        police_sheet,
        withhold(PROSECUTION),
        "made_at",
    ),
    Source(
        "letterversion.sealed_values",
        _("Letters to you"),
        _letters,
        letter,
        lambda row, subject: _of_party(row.letter.incident, subject),
        "at",
    ),
]
REQUESTS = columns(
    "datarequest",
    {
        "name": _("Requests about your data: name"),
        "contact": _("Requests about your data: contact"),
        "words": _("Requests about your data: what you asked"),
        "extension_reason": _("Requests about your data: why it took longer"),
        "decision": _("Requests about your data: the decision"),
    },
    _of_own(DataRequest, "user"),
    at="created_at",
)
OF_EMPLOYEES: tuple[Source, ...] = (*FACTS, *REPORT, *WORDS, *WORK, *AFTER, *REQUESTS)
