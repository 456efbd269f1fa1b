"""Files that come with a report or are added to it: judged by content, scanned, sealed, hashed at receipt.

The file is brought to the disk first, then its row is written in a transaction: a row always has its file. A file
that lost its row on the way is found by the tidying of incidents.actions.evidence_tidying.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO, cast
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from incidents.actions.evidence_content import kind_of
from incidents.actions.evidence_copies import view_copy_of
from incidents.actions.evidence_files import remove_files, store_original, store_view_copy
from incidents.actions.evidence_refusals import (
    FileBrokenOff,
    FileEmpty,
    FileTooLarge,
    TooManyFiles,
    TooMuchTogether,
)
from incidents.actions.evidence_scanning import scan
from incidents.actions.refusals import CaseClosed, Refused
from incidents.actions.trail import note_in_trail
from incidents.evidence_kinds import megabytes, most_bytes
from incidents.models import Draft, Evidence, Incident
from incidents.vocabulary import TimelineKind
from vpdportal.accounts.models import Organisation, User
from vpdportal.sealed_files import pieces_of

NAME_LENGTH = 120  # characters kept of the name that a file was given


def keep_evidence(
    *, upload: UploadedFile, organisation: Organisation, by: User, form_key: UUID, now: datetime
) -> Evidence:
    """Keep one file for the report that is being written under `form_key`; the same content once.

    Should the report be sent while the file was still coming in, it is added to what was sent.
    Raises a Refused that says why not and how to mend it.
    """
    if kept := _known_where_full(upload, waiting_evidence(by=by, form_key=form_key)):
        return kept
    evidence = Evidence(organisation=organisation, uploaded_by=by, form_key=form_key, received_at=now)
    with _only_with_its_row(evidence):
        _take_in(evidence, upload)
        with transaction.atomic():
            # Sending deletes the draft: whoever comes second here knows what the first did.
            Draft.objects.select_for_update().filter(pk=form_key, author=by).first()
            sent = Incident.objects.filter(reporter=by, idempotency_key=form_key).first()
            if sent:
                return _added(evidence, upload, sent, now)
            return _written(evidence, upload, waiting_evidence(by=by, form_key=form_key))


def add_evidence(*, incident: Incident, upload: UploadedFile, by: User, form_key: UUID, now: datetime) -> Evidence:
    """Add one file to a report that was sent; the same content of the same person once.

    Raises CaseClosed, or another Refused that says why not and how to mend it.
    """
    if incident.is_closed:
        raise CaseClosed
    if kept := _known_where_full(upload, incident.evidence.filter(uploaded_by=by)):
        return kept
    evidence = Evidence(organisation_id=incident.organisation_id, uploaded_by=by, form_key=form_key, received_at=now)
    with _only_with_its_row(evidence):
        _take_in(evidence, upload)
        with transaction.atomic():
            return _added(evidence, upload, incident, now)


def waiting_evidence(*, by: User, form_key: UUID) -> list[Evidence]:
    """The files that this person's report has already brought, while it has not been sent."""
    return list(Evidence.objects.filter(uploaded_by=by, form_key=form_key, incident__isnull=True))


def remove_waiting(*, evidence_pk: UUID, by: User, form_key: UUID) -> bool:
    """Take a file back from a report that was not sent yet; gives whether there was one."""
    evidence = Evidence.objects.filter(pk=evidence_pk, uploaded_by=by, form_key=form_key, incident__isnull=True).first()
    if evidence is None:
        return False
    removed, _per_kind = Evidence.objects.filter(pk=evidence.pk, incident__isnull=True).delete()
    if removed:
        remove_files(evidence)
    return bool(removed)


@contextmanager
def _only_with_its_row(evidence: Evidence) -> Iterator[None]:
    """Nothing stays stored of a file whose row was not written: refused after all, known already, or an error."""
    try:
        yield
    finally:
        if not Evidence.objects.filter(pk=evidence.pk).exists():
            remove_files(evidence)


def _added(evidence: Evidence, upload: UploadedFile, incident: Incident, now: datetime) -> Evidence:
    locked: Incident = Incident.objects.select_for_update(of=("self",), no_key=True).get(pk=incident.pk)
    if locked.is_closed:
        raise CaseClosed
    evidence.incident = locked
    written = _written(evidence, upload, locked.evidence.filter(uploaded_by=evidence.uploaded_by))
    if written is evidence:
        by = evidence.uploaded_by
        note_in_trail(incident=locked, kind=TimelineKind.EVIDENCE_ADDED, by=by, now=now)
    return written


def _written(evidence: Evidence, upload: UploadedFile, there: Iterable[Evidence]) -> Evidence:
    """The row; or the one that has the same content already. Within the lock, so that two tabs cannot pass a limit."""
    there = list(there)
    for kept in there:
        if kept.sha256 == evidence.sha256:
            return kept
    _check_room(upload, there)
    evidence.save(force_insert=True)
    return evidence


def _known_where_full(upload: UploadedFile, there: Iterable[Evidence]) -> Evidence | None:
    """Where there is no more room: the file with the same content, of someone who did not hear that it was kept.

    Raises TooManyFiles or TooMuchTogether where there is none. A file for which there is room is not read here.
    """
    there = list(there)
    try:
        _check_room(upload, there)
    except Refused:
        digest = _digest_of(cast("IO[bytes]", upload.file))
        if kept := next((one for one in there if one.sha256 == digest), None):
            return kept
        raise
    return None


def _digest_of(content: IO[bytes]) -> str:
    digest = hashlib.sha256()
    content.seek(0)
    for piece in pieces_of(content):
        digest.update(piece)
    return digest.hexdigest()


def _check_room(upload: UploadedFile, there: Iterable[Evidence]) -> None:
    there = list(there)
    if len(there) >= settings.EVIDENCE_MAX_FILES:
        raise TooManyFiles
    if sum(kept.size for kept in there) + (upload.size or 0) > settings.EVIDENCE_MAX_REPORT_BYTES:
        raise TooMuchTogether


def _take_in(evidence: Evidence, upload: UploadedFile) -> None:
    """Judge the file and bring it to the disk."""
    size, content = upload.size or 0, cast("IO[bytes]", upload.file)
    if not size:
        raise FileEmpty
    if size > most_bytes():
        raise FileTooLarge(megabytes(most_bytes()))
    if content.seek(0, 2) != size:
        raise FileBrokenOff
    kind = kind_of(content)
    if size > kind.most_bytes:
        raise FileTooLarge(megabytes(kind.most_bytes))
    evidence.name, evidence.content_type = name_to_show(upload.name or ""), kind.content_type
    evidence.scan = scan(content)
    copy = view_copy_of(content) if kind.is_picture else None
    store_original(evidence, content, size)
    if copy:
        store_view_copy(evidence, copy)


def name_to_show(name: str) -> str:
    """The given name without what makes it read otherwise than it is (right-to-left marks), and not too long."""
    return "".join(letter for letter in name if unicodedata.category(letter)[0] != "C").strip()[-NAME_LENGTH:]
