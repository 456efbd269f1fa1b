"""All of one organisation brought in from a file: into an empty portal, or beside others. Whole, or not at all.

Keys of rows stay what they were, so that links, letters and the audit trail keep meaning the same. Only a person who
has an account here already, by the same work address or the same key, is that account; and a place gets a new code
where its own is taken.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, connection, transaction

from incidents.actions.evidence_files import evidence_store
from incidents.actions.kept_files import KeptFile, files_of
from incidents.actions.lookup_keys import rehash
from incidents.actions.moving.belonging import Accounts, must_be_of, must_hang_on, must_point_inside, refused
from incidents.actions.moving.kinds import Kind, kinds
from incidents.actions.moving.lines import row_of
from incidents.actions.moving.manifest import (
    FILES,
    MANIFEST,
    Manifest,
    MoveRefused,
    Part,
    present_migrations,
    rows_name,
)
from incidents.actions.words import index_words
from incidents.models import Evidence, Incident, LetterVersion, Location, Mail, Person
from incidents.references import new_code
from incidents.vocabulary import MailKind, MailStatus
from vpdportal.accounts.models import Organisation, User
from vpdportal.age_files import CannotOpen, Reader
from vpdportal.audit.chain import record, verify
from vpdportal.sealed_files import Pieces, cut_anew, pieces_of, seal_pieces

IMPORTED = "organisation.imported"  # audit action
ROWS_AT_ONCE = 500
LONGEST_LINE = 50 * 1024 * 1024  # bytes


@dataclass
class Moved:
    """What came of it. `codes`: places with a new one.

    Of people and mails, `known`: key in the file → key here, of what was here; `made`: the keys of the others.
    """

    manifest: Manifest
    known: dict[UUID, UUID] = field(default_factory=dict)
    made: dict[Any, set[UUID]] = field(default_factory=lambda: {User: set(), Mail: set()})
    codes: list[str] = field(default_factory=list)


def read_manifest(packed: zipfile.ZipFile) -> Manifest:
    """Raises MoveRefused."""
    try:
        return Manifest.from_data(json.loads(packed.read(MANIFEST)))
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise MoveRefused("This is no export of an organisation: its manifest cannot be read.") from error


def import_organisation(*, source: Path, passphrase: str, now: datetime) -> Moved:
    """Bring it in, and write in the log of the installation that it was. Raises MoveRefused."""
    written: list[str] = []
    try:
        with source.open("rb") as sealed, zipfile.ZipFile(Reader(sealed, passphrase)) as packed:
            moved = Moved(read_manifest(packed))
            _must_fit(moved.manifest)
            with transaction.atomic():
                _bring_rows(packed, moved)
                _bring_files(packed, moved, written)
                _make_anew(moved)
                _note(moved, now)
    except BaseException as error:
        for path in written:  # nothing tells of them
            with suppress(OSError):
                evidence_store().delete(path)
        if isinstance(error, CannotOpen):
            raise MoveRefused(f"This file does not open: {error}.") from error
        if isinstance(error, zipfile.BadZipFile | OSError | KeyError):
            raise MoveRefused(f"This file cannot be read: {error}.") from error
        if isinstance(error, IntegrityError | DataError):
            why = str(error).partition("\n")[0]  # what follows may tell of what is here
            raise MoveRefused(f"Its rows do not fit beside what is here: {why}. Nothing was brought in.") from error
        raise
    return moved


def _must_fit(manifest: Manifest) -> None:
    told = manifest.organisation
    if manifest.migrations != present_migrations():
        raise MoveRefused("This export is of another version of the portal. Bring both to the same version first.")
    for column, words in (("id", "This organisation"), ("name", "An organisation of this name"), ("slug", "This slug")):
        if Organisation.objects.filter(**{column: told[column]}).exists():
            raise MoveRefused(f"{words} is here already. Nothing was brought in.")
    if connection.vendor == "sqlite" and Organisation.objects.exists():
        raise MoveRefused("SQLite serves one organisation only. Use PostgreSQL to bring another one beside it.")
    if set(manifest.rows) != {kind.label for kind in kinds()}:
        raise MoveRefused("This export holds other kinds of rows than this version of the portal knows.")


def _bring_rows(packed: zipfile.ZipFile, moved: Moved) -> None:
    every = kinds()
    first = [kind for model in (User, Mail) for kind in every if kind.model is model]  # others point at whom they are
    accounts = Accounts()
    for kind in [*first, *(kind for kind in every if kind not in first)]:
        waiting: list[Any] = []
        for row in _rows(packed, kind, moved.manifest.rows[kind.label]):
            if _is_new(row, kind, moved, accounts):
                waiting.append(row)
            if len(waiting) == ROWS_AT_ONCE:
                kind.model._default_manager.bulk_create(waiting)
                waiting = []
        kind.model._default_manager.bulk_create(waiting)
    must_hang_on(moved.manifest.organisation_id, moved.made, every)
    must_point_inside(moved.manifest.organisation_id, every)


def _rows(packed: zipfile.ZipFile, kind: Kind, part: Part) -> Iterator[Any]:
    """Each row of the file, which at its end has to be what the manifest says."""
    digest, number = hashlib.sha256(), 0
    with packed.open(rows_name(kind)) as file:
        while line := file.readline(LONGEST_LINE):
            digest.update(line)
            number += 1
            try:
                yield row_of(line.decode(), kind)
            except (ValueError, TypeError, ValidationError) as error:
                raise MoveRefused(f"Row {number} of {kind.label} cannot be read: {error}.") from error
    if Part(number, digest.hexdigest()) != part:
        raise MoveRefused(f"The rows of {kind.label} are not what the manifest says: the file was changed or cut off.")


def _is_new(row: Any, kind: Kind, moved: Moved, accounts: Accounts) -> bool:
    """Whether this row has to be made; points it at whom and what is here already. Raises MoveRefused."""
    must_be_of(moved.manifest.organisation_id, row, kind)
    for one in kind.fields:
        if one.related_model in moved.made and (key := getattr(row, one.attname)) is not None:
            if key not in moved.known and key not in moved.made[one.related_model]:
                raise refused(kind, row.pk, f"points at a {one.related_model._meta.label} that is not in the export")
            setattr(row, one.attname, moved.known.get(key, key))
    here: UUID | None = None
    if kind.model is User:
        row.set_unusable_password()
        here = accounts.of(row)
    elif kind.model is Mail:
        here = _same_mail(row) or _digest_of_the_day(row)
    elif kind.model is Location and Location.objects.filter(code=row.code).exists():
        row.code = new_code()
        moved.codes.append(row.name)
    if here is not None:
        moved.known[row.pk] = here
    elif kind.model in moved.made:
        moved.made[kind.model].add(row.pk)
    return here is None


def _same_mail(mail: Mail) -> UUID | None:
    """It came with another organisation before. Raises MoveRefused where it is here as a mail to someone else."""
    recipient = Mail.objects.filter(pk=mail.pk).values_list("recipient", flat=True).first()
    if recipient not in (None, mail.recipient_id):
        raise MoveRefused(
            f"Mail {mail.pk} went to someone else here. Give its reader the same address in both portals first. "
            "Nothing was brought in."
        )
    return mail.pk if recipient else None


def _digest_of_the_day(mail: Mail) -> UUID | None:
    """The mail of that day to the same person, where one went out here too: there is one a day."""
    if mail.kind != MailKind.DIGEST or mail.status == MailStatus.CANCELLED:
        return None
    same = Mail.objects.filter(recipient=mail.recipient_id, day=mail.day, kind=MailKind.DIGEST)
    return same.exclude(status=MailStatus.CANCELLED).values_list("pk", flat=True).first()


def _bring_files(packed: zipfile.ZipFile, moved: Moved, written: list[str]) -> None:
    """Every file that a row tells of, sealed with the keys of this portal."""
    left = dict(moved.manifest.files)
    organisation_id = moved.manifest.organisation_id
    for model in (Evidence, LetterVersion):
        for row in model.objects.filter(organisation=organisation_id).order_by("pk").iterator(chunk_size=ROWS_AT_ONCE):
            for kept in files_of(row):
                part = left.pop(kept.path, None)
                if part is None:
                    raise MoveRefused(f"{kept.name} {row.pk} is not in the export.")
                written.append(kept.path)
                if _keep(packed, kept) != part:
                    raise MoveRefused(f"{kept.name} {row.pk} is not what the manifest says.")
    if left:
        raise MoveRefused(f"The export holds files of which no row tells, such as {next(iter(left))}.")


def _keep(packed: zipfile.ZipFile, kept: KeptFile) -> Part:
    """Also in the place of what an earlier try left there. Gives what it is. Raises MoveRefused."""
    with packed.open(f"{FILES}/{kept.path}") as content:
        passing = _Passing(pieces_of(content))
        sealed = Pieces(seal_pieces(cut_anew(passing), place=kept.place))
        try:
            evidence_store().replace(kept.path, sealed)  # type: ignore[attr-defined]
        except OSError as error:
            raise MoveRefused(
                f"{kept.name} {kept.row.pk} cannot be kept: {error.strerror or error}. Look whether the place of the "
                "evidence can be written and has room. Nothing was brought in."
            ) from error
    return passing.part


class _Passing:
    """Pieces that pass by, with what they are together."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces, self._digest, self._size = pieces, hashlib.sha256(), 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._digest.update(piece)
            self._size += len(piece)
            yield piece

    @property
    def part(self) -> Part:
        return Part(self._size, self._digest.hexdigest())


def _make_anew(moved: Moved) -> None:
    """What hangs on the keys of this portal; and whether the trail that came along is whole."""
    organisation_id = moved.manifest.organisation_id
    for person in Person.objects.filter(organisation=organisation_id).iterator(chunk_size=ROWS_AT_ONCE):
        rehash(person)
    for incident in Incident.objects.filter(organisation=organisation_id).iterator(chunk_size=ROWS_AT_ONCE):
        index_words(incident)
    verdict = verify(organisation_id)
    if not verdict.is_whole:
        raise MoveRefused(f"The audit trail in the export breaks at {verdict.broken_at}.")


def _note(moved: Moved, now: datetime) -> None:
    """In the log of the installation: that of the organisation is as it came."""
    record(
        action=IMPORTED,
        now=now,
        actor_id=None,
        organisation_id=None,
        object_type="organisation",
        object_id=moved.manifest.organisation_id,
        fields=[f"sha256:{moved.manifest.digest}"],
    )
