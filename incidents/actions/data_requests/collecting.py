"""Bringing together what is kept of who asks: each piece with a proposal, for a person to look at."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.utils import translation

from incidents.actions.data_requests.of_citizens import OF_CITIZENS
from incidents.actions.data_requests.of_employees import OF_EMPLOYEES
from incidents.actions.data_requests.requests import NotNow, keep, locked, note
from incidents.actions.data_requests.subjects import InWords, Source, Subject
from incidents.masking import Masker, Someone
from incidents.models import CareMoment, DataPiece, DataRequest, Incident, Person
from incidents.vocabulary import DataRequestStatus, DataSubject, PieceDecision
from vpdportal.accounts.models import User

COLLECTING = (DataRequestStatus.RECEIVED, DataRequestStatus.REVIEWING)


def collect(*, request: DataRequest, in_words: InWords, by: User, now: datetime) -> int:
    """Bring together what is kept now; gives the number of pieces that are new or changed. Raises NotNow.

    `in_words`: puts the answers of a form in the words of that form.
    Again: what changed since is open again, what was decided and is the same stays, what nobody decided on is proposed
    anew, and what is gone goes.
    """
    with transaction.atomic():
        fresh = locked(request)
        if fresh.status not in COLLECTING:
            raise NotNow
        kept = {(piece.source, piece.object_id): piece for piece in fresh.pieces.all()}
        with translation.override(settings.LANGUAGE_CODE):
            found = list(_pieces(Subject(fresh, in_words)))
        changed = [piece for piece in found if _is_new(piece, kept.get((piece.source, piece.object_id)))]
        here = {(piece.source, piece.object_id) for piece in found}
        stale = [piece.pk for place, piece in kept.items() if place not in here]
        stale += [kept[place].pk for piece in changed if (place := (piece.source, piece.object_id)) in kept]
        DataPiece.objects.filter(pk__in=stale).delete()
        DataPiece.objects.bulk_create(changed, batch_size=200)
        fresh.status, fresh.handler = DataRequestStatus.REVIEWING, by
        keep(fresh, "status", "handler")
        note(fresh, "data_request.collected", by, now, fields=[f"pieces_{len(found)}"])
    return len(changed)


def sources_of(request: DataRequest) -> tuple[Source, ...]:
    return OF_EMPLOYEES if request.subject == DataSubject.EMPLOYEE else OF_CITIZENS


def label_of(piece: DataPiece, subject: str) -> str:
    """What this piece is called in the answer, in the language that is active. `subject`: of the request."""
    return str(LABELS.get((subject, piece.source), piece.source))


LABELS: dict[tuple[str, str], Any] = {
    **{(DataSubject.EMPLOYEE.value, source.name): source.label for source in OF_EMPLOYEES},
    **{(DataSubject.CITIZEN.value, source.name): source.label for source in OF_CITIZENS},
}


def _is_new(piece: DataPiece, kept: DataPiece | None) -> bool:
    """Whether it takes the place of what was kept: other words, or another proposal where nobody decided yet."""
    if kept is None or kept.text != piece.text:
        return True
    return kept.decision == PieceDecision.OPEN and (kept.given, kept.ground) != (piece.given, piece.ground)


def _pieces(subject: Subject) -> Iterator[DataPiece]:
    if subject.user is None and subject.person is None:
        return
    masker = masker_for(subject)
    for source in sources_of(subject.request):
        for row in source.rows(subject):
            text = source.said(row, subject)
            if text.strip():
                yield _piece(source, row, text, subject, masker)


def _piece(source: Source, row: Any, text: str, subject: Subject, masker: Masker) -> DataPiece:
    ground = source.propose(row, subject)
    piece = DataPiece(
        organisation_id=subject.request.organisation_id,
        request=subject.request,
        source=source.name,
        object_id=row.pk if isinstance(row.pk, UUID) else uuid5(NAMESPACE_OID, f"{source.name}.{row.pk}"),
        at=source.moment(row),
        decision=PieceDecision.OPEN,
        ground=ground or "",
    )
    piece.text = text
    piece.given = masker.masked(text)
    return piece


def masker_for(subject: Subject) -> Masker:
    """Knows everyone of the organisation and everyone it keeps a record of, so also a name that no case links."""
    own_texts = [subject.request.contact, subject.request.name]
    numbers: list[str] = []
    if subject.person:
        own_texts += [subject.person.sealed_address, json.dumps(subject.person.identifiers, ensure_ascii=False)]
        own_texts += [subject.person.sealed_name]
        numbers = [value for values in subject.person.identifiers.values() for value in values]
    if subject.user:
        own_texts += [subject.user.phone]
        own_texts += [*_own_contacts(subject)]
    own = Someone(_own_name(subject), _own_mails(subject), tuple(numbers))
    cases = subject.party_of | subject.roles.keys()
    references = Incident.objects.filter(pk__in=cases).values_list("reference", flat=True)
    return Masker(_others(subject), own, [text for text in own_texts if text], set(references))


def _own_name(subject: Subject) -> str:
    record = subject.person.sealed_name if subject.person else ""
    return f"{subject.request.name} {record}".strip()


def _own_mails(subject: Subject) -> tuple[str, ...]:
    mails = [subject.user.email] if subject.user else []
    if subject.person:
        mails += subject.person.identifiers.get("email", [])
    return tuple(mails)


def _own_contacts(subject: Subject) -> Iterator[str]:
    """How this employee asked to be reached in their own reports."""
    for case in Incident.objects.filter(pk__in=subject.party_of):
        if case.affected_id in (None, subject.request.user_id):
            yield case.contact
        if case.reporter_id == subject.request.user_id and case.reporter_contact:
            yield case.reporter_contact


def _others(subject: Subject) -> Iterable[Someone]:
    organisation = subject.organisation
    people = User.objects.filter(memberships__organisation=organisation).distinct()
    for user in people.exclude(pk__in=[subject.request.user_id]):
        yield Someone(user.name, (user.email,))
    for person in Person.objects.filter(organisation=organisation).exclude(pk__in=[subject.request.person_id]):
        identifiers = person.identifiers
        numbers = [*identifiers.get("client", []), *identifiers.get("account", []), *identifiers.get("plate", [])]
        yield Someone(person.sealed_name, tuple(identifiers.get("email", [])), tuple(numbers))
        yield from (
            Someone("".join(sign for sign in name if not sign.isdigit() and sign != "-"))
            for name in identifiers.get("name_birth", [])
        )
    for name in _names_typed(organisation.pk, subject):
        yield Someone(name)


def _names_typed(organisation_id: UUID, subject: Subject) -> Iterator[str]:
    """People without account or record: as typed in reports and with talks. An employee's own name is told apart."""
    for incident in Incident.objects.filter(organisation=organisation_id).only("affected_name"):
        if incident.affected_name:
            yield incident.affected_name
    for moment in CareMoment.objects.filter(organisation=organisation_id).only("name"):
        if moment.name:
            yield moment.name
    for other in DataRequest.objects.filter(organisation=organisation_id).exclude(pk=subject.request.pk).only("name"):
        yield other.name
