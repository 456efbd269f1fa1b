"""What goes to who asked for access: one structure, from which paper and JSON are written (docs/data_request.md).

It says what is withheld by subject and ground, never what stands in it. All words on purposes and rights are [OWN].
"""

import json
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from incidents.actions.data_requests.collecting import label_of, sources_of
from incidents.actions.keeping.terms import terms_of
from incidents.models import DataPiece, DataRequest
from incidents.vocabulary import DataSubject, KeptPart, PieceDecision, WithholdGround

FORMAT = "vpd-portal-access-1"
GIVEN = (PieceDecision.GIVEN, PieceDecision.MASKED)


@dataclass(frozen=True)
class Item:
    """One thing that is given. `at`: the moment of what it comes from, ISO 8601, or None."""

    subject: str
    at: str | None
    text: str
    is_masked: bool


@dataclass(frozen=True)
class Withheld:
    """That something is not given: of which subject, on which ground, how many pieces."""

    subject: str
    ground: str
    pieces: int


@dataclass(frozen=True)
class Answer:
    """All of it, in the language in which it was made."""

    format: str
    language: str
    organisation: str
    reference: str
    name: str
    received_on: str
    made_on: str
    decision: str
    purposes: list[str]
    ground: str
    recipients: list[str]
    terms: list[str]
    sources: list[str]
    rights: list[str]
    officer: str
    data: list[Item]
    withheld: list[Withheld]
    files: str

    def as_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n"

    @property
    def by_subject(self) -> list[tuple[str, list[Item]]]:
        """What is given, in the order of the table it was collected from."""
        found: dict[str, list[Item]] = {}
        for item in self.data:
            found.setdefault(item.subject, []).append(item)
        return list(found.items())


def answer_of(request: DataRequest, now: datetime) -> Answer:
    """What was decided, as it goes to who asked; in the language of the portal. One query for each kind of thing."""
    order = {source.name: number for number, source in enumerate(sources_of(request))}
    pieces = sorted(request.pieces.all(), key=lambda one: (order.get(one.source, len(order)), one.at or now, one.pk))
    given = [piece for piece in pieces if piece.decision in GIVEN]
    withheld = [piece for piece in pieces if piece.decision == PieceDecision.WITHHELD]
    with translation.override(settings.LANGUAGE_CODE):
        return Answer(
            format=FORMAT,
            language=settings.LANGUAGE_CODE,
            organisation=request.organisation.name,
            reference=request.reference,
            name=request.name,
            received_on=request.received_on.isoformat(),
            made_on=timezone.localdate(request.decided_at or now).isoformat(),
            decision=request.decision or "",
            purposes=_purposes(request),
            ground=request.organisation.processing_ground,
            recipients=_recipients(request),
            terms=_terms(request, now),
            sources=_sources(request),
            rights=_rights(request),
            officer=request.organisation.data_officer,
            data=[_item(piece, request) for piece in given],
            withheld=_withheld(withheld, request),
            files=_("Files that came with a report are not in here. Those that are yours you can get by hand: ask."),
        )


def _item(piece: DataPiece, request: DataRequest) -> Item:
    at = timezone.localtime(piece.at).isoformat() if piece.at else None
    return Item(label_of(piece, request.subject), at, piece.given, piece.decision == PieceDecision.MASKED)


def _withheld(pieces: list[DataPiece], request: DataRequest) -> list[Withheld]:
    counted = Counter((label_of(piece, request.subject), piece.ground) for piece in pieces)
    return [
        Withheld(subject, str(WithholdGround(ground).label), number) for (subject, ground), number in counted.items()
    ]


def _purposes(request: DataRequest) -> list[str]:
    if request.subject == DataSubject.EMPLOYEE:
        return [
            _("Protecting employees against aggression, and helping who was hit (Arbowet, articles 3 and 5)."),
            _("Showing who may do what in the portal, and proving that nobody looked without need."),
            _("Numbers on aggression, without names."),
        ]
    return [
        _("Protecting employees against aggression: reacting to what happened, and preventing that it happens again."),
        _("Proving why a measure was taken, and when it ends."),
    ]


def _recipients(request: DataRequest) -> list[str]:
    """Who in and outside the organisation may get to see it, by role."""
    common = [
        _("VPD advisers of the organisation, and who stands in for them."),
        _("Who signs a measure or looks along, for that case only."),
        _("The police, when a report is made to them."),
    ]
    if request.subject == DataSubject.EMPLOYEE:
        return [*common, _("Your manager, where you allow it. The support team, the contact only.")]
    return [*common, _("Employees at a counter: only the instruction of a running measure, never why.")]


def _terms(request: DataRequest, now: datetime) -> list[str]:
    today, terms = timezone.localdate(now), terms_of(request.organisation)
    lines = []
    for part in KeptPart:
        if months := terms.months(part, today):
            lines.append(_("%(part)s: %(months)s months after closing") % {"part": part.label, "months": months})
        else:
            lines.append(_("%(part)s: no term was settled yet") % {"part": part.label})
    return lines


def _sources(request: DataRequest) -> list[str]:
    if request.subject == DataSubject.EMPLOYEE:
        return [_("You, colleagues who reported or saw something, and the VPD adviser.")]
    return [_("Reports of employees, what you said yourself, and letters that were sent to you.")]


def _rights(request: DataRequest) -> list[str]:
    return [
        _("You may ask to correct, erase or limit data about you, and you may object to their use."),
        _("You may complain with the data protection authority (Autoriteit Persoonsgegevens)."),
        _("No decision about you is made by a computer alone."),
        _("Nothing of it goes to a country outside the European Economic Area by the portal."),
    ]


def is_complete(answer: Answer, pieces: list[Any]) -> bool:
    """Whether each piece stands in it: given, or counted among what is withheld."""
    return len(answer.data) + sum(one.pieces for one in answer.withheld) == len(pieces)
