"""What is kept of someone outside the organisation: the table from which an answer is collected (AVG 15).

[OWN] handbook 7.2: a citizen gets the own data, without who reported it, saw it or was hit (AVG 15(4)), and without
what is only being considered (UAVG 41). So stories, statements and messages are proposed to be withheld whole: who
wrote them shows from every line.
"""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from incidents.actions.data_requests.facts_of_citizens import FACTS
from incidents.actions.data_requests.in_words import (
    details_of_report,
    facts_of_report,
    identifiers,
    letter,
    police_sheet,
)
from incidents.actions.data_requests.subjects import (
    INTERNAL,
    OTHERS,
    PROSECUTION,
    Proposal,
    Source,
    Subject,
    columns,
    give,
    of_form,
    withhold,
)
from incidents.models import (
    Breach,
    CareMoment,
    DamageLine,
    DataRequest,
    Evidence,
    Incident,
    Involvement,
    LetterVersion,
    Measure,
    Message,
    Note,
    Person,
    PersonOpening,
    PoliceSheet,
    Reaction,
    RetentionStay,
    Statement,
    Task,
)
from incidents.vocabulary import LetterStatus


def _record(subject: Subject) -> QuerySet[Any]:
    found: QuerySet[Any] = Person.objects.filter(pk__in=[subject.request.person_id])
    return found


def _theirs(model: Any) -> Any:
    return lambda subject: model.objects.filter(person=subject.person, organisation=subject.organisation)


def _accused(model: Any) -> Any:
    """Rows of the cases in which they stand as who did it: there the case is about them too."""
    return lambda subject: model.objects.filter(incident__in=subject.accused_in)


def _cases(subject: Subject) -> QuerySet[Any]:
    found: QuerySet[Any] = Incident.objects.filter(pk__in=subject.accused_in)
    return found


def _description(incident: Incident, subject: Subject) -> Proposal:
    return None if incident.pk in subject.sole_in else OTHERS


def _once_given(reaction: Reaction, subject: Subject) -> Proposal:
    """A reaction is theirs once they were given it; before that it is being prepared."""
    return None if reaction.given_at is not None else INTERNAL


def _breaches(subject: Subject) -> QuerySet[Any]:
    return Breach.objects.filter(reaction__person=subject.person).select_related("reaction")


def _letters(subject: Subject) -> QuerySet[Any]:
    return LetterVersion.objects.filter(letter__person=subject.person).select_related("letter")


def _once_sent(version: LetterVersion, subject: Subject) -> Proposal:
    """Of a letter that went, the last version."""
    newest = version.letter.versions.order_by("-number").values_list("pk", flat=True).first()
    return None if version.letter.status == LetterStatus.SENT and newest == version.pk else INTERNAL


WHO = [
    *columns(
        "person",
        {
            "sealed_name": _("Name"),
            "sealed_address": _("Address for letters"),
            "sealed_note": _("How to speak with you"),
        },
        _record,
        at="created_at",
    ),
    Source(
        "person.sealed_identifiers",
        _("By what you are known"),
        _record,
        identifiers,
        give,
        "created_at",
    ),
    *columns("involvement", {"remark": _("What was written down of you")}, _theirs(Involvement), at="at"),
    *columns(
        "involvement",
        {"delay_reason": _("Why telling you was put off")},
        _theirs(Involvement),
        withhold(INTERNAL),
        at="at",
    ),
    *columns(
        "personopening",
        {"reason": _("Why your record was opened")},
        _theirs(PersonOpening),
        withhold(INTERNAL),
        at="at",
    ),
]
CASES = [
    *columns(
        "incident",
        {"perpetrator_description": _("Description of you")},
        _cases,
        _description,
        at="reported_at",
    ),
    *columns(
        "incident",
        {
            "story": _("What was reported"),
            "place": _("Where it happened"),
            "outcome": _("What the reporter was told"),
        },
        _cases,
        withhold(OTHERS),
        at="reported_at",
    ),
    *columns(
        "incident",
        {"severity_reason": _("Why this severity"), "evaluation": _("Evaluation by the desk")},
        _cases,
        withhold(INTERNAL),
    ),
    Source(
        "incident.sealed_facts",
        _("Facts of the report"),
        _cases,
        facts_of_report,
        withhold(OTHERS),
        "reported_at",
    ),
    of_form(
        "incident.sealed_details",
        _("What was told beside the facts"),
        _cases,
        details_of_report,
        withhold(OTHERS),
        at="reported_at",
    ),
    *columns("statement", {"text": _("What others added")}, _accused(Statement), withhold(OTHERS), at="at"),
    *columns("message", {"text": _("Messages about the case")}, _accused(Message), withhold(OTHERS), at="at"),
    *columns("evidence", {"name": _("Files")}, _accused(Evidence), withhold(OTHERS), at="received_at"),
    *columns("note", {"text": _("Notes")}, _accused(Note), withhold(INTERNAL), at="at"),
    *columns(
        "measure",
        {"reason": _("Reasons of decisions"), "adaptation": _("Measures adapted")},
        _accused(Measure),
        withhold(INTERNAL),
        at="decided_at",
    ),
    *columns(
        "task",
        {"words": _("Tasks in the case"), "reason": _("Remarks with tasks")},
        _accused(Task),
        withhold(INTERNAL),
        at="assigned_at",
    ),
    *columns(
        "damageline",
        {"words": _("Damage"), "remark": _("Remarks on damage")},
        _accused(DamageLine),
        withhold(OTHERS),
        at="at",
    ),
    *columns(
        "retentionstay", {"reason": _("Why it is kept longer")}, _accused(RetentionStay), withhold(INTERNAL), at="at"
    ),
]
REACTIONS = [
    *columns(
        "reaction",
        {
            "conduct": _("The conduct that was answered"),
            "hearing_words": _("Your side of it"),
            "proportionality": _("Why this measure"),
            "core_services": _("What stayed open to you"),
            "scope": _("What the measure covers"),
            "end_reason": _("Why it ended"),
        },
        _theirs(Reaction),
        _once_given,
        at="drafted_at",
    ),
    *columns(
        "reaction",
        {
            "instruction": _("Instruction for the desk"),
            "override_reason": _("Why other than the menu says"),
            "signer_remark": _("Remarks at signing"),
        },
        _theirs(Reaction),
        withhold(INTERNAL),
        at="drafted_at",
    ),
    *columns(
        "breach",
        {"words": _("A measure that was broken")},
        _breaches,
        lambda row, subject: _once_given(row.reaction, subject),
        at="happened_at",
    ),
    Source("letterversion.sealed_values", _("Letters to you"), _letters, letter, _once_sent, "at"),
    Source(
        "policesheet.sealed_answers",
        _("Sheet for the police"),
        _accused(PoliceSheet),
        police_sheet,
        withhold(PROSECUTION),
        "made_at",
    ),
    *columns(
        "policesheet",
        {
            "police_number": _("Number of the police"),
            "contact": _("Contact at the police"),
            "why_not": _("Why the police were not told"),
            "outcome_words": _("What the police or the court did"),
        },
        _accused(PoliceSheet),
        withhold(PROSECUTION),
        at="made_at",
    ),
    *columns(
        "caremoment",
        {
            "name": _("Whom a talk is for"),
            "contact": _("How to reach you"),
            "place": _("Where a talk is"),
            "wish": _("What you asked about a talk"),
        },
        _theirs(CareMoment),
        at="planned_at",
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
    _theirs(DataRequest),
    at="created_at",
)
OF_CITIZENS: tuple[Source, ...] = (*FACTS, *WHO, *CASES, *REACTIONS, *REQUESTS)
