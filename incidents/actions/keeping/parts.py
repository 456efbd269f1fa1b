"""Which text belongs to which part of a case, from which a term runs. A text that stands in no list fails a test.

What may name several people goes with the part whose term is the shortest: what was written about the work goes with
the messages, what was decided with who did it.
"""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from incidents.models import (
    Breach,
    CareMoment,
    CaseOpening,
    DamageLine,
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
from incidents.vocabulary import InvolvedAs, KeptPart

# The parts of a case, in the order in which they go: who it happened to goes when nothing else is left, because
# letters, files and messages name that person too.
OF_CASE = (KeptPart.EVIDENCE, KeptPart.MESSAGES, KeptPart.PERPETRATOR, KeptPart.VICTIM)
IS_PERPETRATOR = Q(role=InvolvedAs.PERPETRATOR)


@dataclass(frozen=True)
class Texts:
    """The sealed columns of one model that go with a part. `path`: from the row to the case; `only`: which rows."""

    model: Any
    columns: tuple[str, ...]
    path: str = "incident"
    only: Q = field(default_factory=Q)


EMPTIED: dict[KeptPart, tuple[Texts, ...]] = {
    KeptPart.EVIDENCE: (),
    KeptPart.MESSAGES: (
        Texts(Message, ("text",)),
        Texts(Note, ("text",)),
        Texts(Incident, ("severity_reason", "evaluation"), path="pk"),
        Texts(Task, ("words", "reason")),
    ),
    KeptPart.PERPETRATOR: (
        Texts(Incident, ("perpetrator_description",), path="pk"),
        Texts(Involvement, ("remark", "delay_reason"), only=IS_PERPETRATOR),
        Texts(Measure, ("reason", "adaptation")),
        Texts(
            Reaction,
            (
                *("conduct", "hearing_words", "proportionality", "core_services", "scope", "instruction"),
                *("override_reason", "signer_remark", "end_reason"),
            ),
        ),
        Texts(Breach, ("words",), path="reaction__incident"),
        Texts(PoliceSheet, ("sealed_answers", "police_number", "contact", "why_not", "outcome_words")),
    ),
    KeptPart.VICTIM: (
        Texts(
            Incident,
            (
                *("sealed_facts", "sealed_details", "story", "place", "affected_name", "contact", "reporter_contact"),
                *("outcome", "helped_remark"),
            ),
            path="pk",
        ),
        Texts(Involvement, ("remark", "delay_reason"), only=~IS_PERPETRATOR),
        Texts(Statement, ("text",)),
        Texts(CareMoment, ("name", "contact", "place", "wish")),
        Texts(DamageLine, ("words", "remark")),
        Texts(CaseOpening, ("reason", "judgement")),
        Texts(RetentionStay, ("reason",)),
    ),
}

# Rows of which nothing is left to count: they go as a whole, with their file.
REMOVED: dict[KeptPart, tuple[tuple[Any, str], ...]] = {
    KeptPart.EVIDENCE: ((Evidence, "incident"),),
    KeptPart.PERPETRATOR: ((LetterVersion, "letter__incident"), (PersonOpening, "incident")),
}

# Someone outside the organisation goes when every case has let go of them (persons.py), and is in no single case.
OF_PERSON = (Texts(Person, ("sealed_name", "sealed_identifiers", "sealed_address", "sealed_note")),)

# Sealed, and in no part of a case: why.
OUTSIDE = {
    "Draft.sealed_content": "14 days after the last word, by the hourly tidying",
    "CaseImport.name": "of the sheet, not of a case",
    "CaseImport.sealed_columns": "headings of the sheet, not of a case",
    "ImportBlock.sealed_rows": "until it is brought in, or 14 days, by the hourly tidying",
    "OfflineKey.private": "of a device; removed by the hourly tidying",
    "RestrictionCheck.reason": "of no case: goes with the term of who did it, by loose.py",
    "Release.sealed_exact": "exact figures: by their own term, by figures.py",
    "Correction.sealed_exact": "exact figures: by their own term, by figures.py",
    "LogReview.remark": "of the log, not of a case: goes with its month, by old_log.py",
    "DataRequest.name": "a request has its own term (ADR 35)",
    "DataRequest.contact": "a request has its own term (ADR 35)",
    "DataRequest.words": "a request has its own term (ADR 35)",
    "DataRequest.extension_reason": "a request has its own term (ADR 35)",
    "DataRequest.decision": "a request has its own term (ADR 35)",
    "DataPiece.text": "a request has its own term (ADR 35)",
    "DataPiece.given": "a request has its own term (ADR 35)",
}
