"""All of one organisation written to a file that opens with a passphrase: rows, files, and how to read them.

What is written is one moment of the database. The file gets its name when it is whole.
"""

import hashlib
import os
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from django.db import connection, transaction

from incidents.actions.evidence_files import evidence_store
from incidents.actions.kept_files import KeptFile, files_of
from incidents.actions.moving.kinds import Kind, kinds
from incidents.actions.moving.lines import line_of
from incidents.actions.moving.manifest import (
    FILES,
    MANIFEST,
    README,
    SCHEMA,
    Manifest,
    MoveRefused,
    Part,
    present_migrations,
    readme,
    rows_name,
    schema,
)
from incidents.models import Evidence, LetterVersion
from vpdportal.accounts.models import Organisation
from vpdportal.age_files import Writer
from vpdportal.audit.chain import record
from vpdportal.encryption import SealBroken
from vpdportal.sealed_files import UNFINISHED, open_pieces, to_disk

EXPORTED = "organisation.exported"  # audit action
ROWS_AT_ONCE = 500
# A set moment, so that what is the same is the same to the byte before it is sealed.
STAMP = (1980, 1, 1, 0, 0, 0)


def export_organisation(*, organisation: Organisation, to: Path, passphrase: str, now: datetime) -> Manifest:
    """Write it, and then write in the organisation's own log that it was taken out. Raises MoveRefused."""
    try:
        if to.exists():
            raise MoveRefused(f"{to} is there already. Give the name of a new file.")
        return _write_whole(organisation, to, passphrase, now)
    except OSError as error:
        raise MoveRefused(
            f"{to} cannot be written: {error.strerror or error}. Look whether its folder is there, may be written, and "
            "has room. Nothing was written."
        ) from error


def _write_whole(organisation: Organisation, to: Path, passphrase: str, now: datetime) -> Manifest:
    unfinished = to.with_name(to.name + UNFINISHED)
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
            sealed = Writer(target, passphrase)
            with zipfile.ZipFile(sealed, "w", zipfile.ZIP_DEFLATED) as packed:
                manifest = _write(packed, organisation, now)
            sealed.finish()
        to_disk(unfinished)
        _note(organisation, manifest, now)
        os.replace(unfinished, to)
    finally:
        with suppress(OSError):
            unfinished.unlink()
    to_disk(to.parent)
    return manifest


def _write(packed: zipfile.ZipFile, organisation: Organisation, now: datetime) -> Manifest:
    told = {"id": str(organisation.pk), "name": organisation.name, "slug": organisation.slug}
    every = kinds()
    with transaction.atomic():
        if connection.vendor == "postgresql" and not connection.savepoint_ids:
            with connection.cursor() as cursor:  # one moment for all that is read
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        manifest = Manifest(now.astimezone(UTC).isoformat(), told, present_migrations())
        for kind in every:
            manifest.rows[kind.label] = _write_rows(packed, kind, organisation.pk)
        for file in _files(organisation.pk):
            manifest.files[file.path] = _write_file(packed, file)
    for name, text in (
        (README, readme(every, organisation.name)),
        (SCHEMA, schema(every)),
        (MANIFEST, manifest.to_json()),
    ):
        packed.writestr(zipfile.ZipInfo(name, STAMP), text, zipfile.ZIP_DEFLATED)
    return manifest


def _write_rows(packed: zipfile.ZipFile, kind: Kind, organisation_id: UUID) -> Part:
    digest, number = hashlib.sha256(), 0
    with packed.open(_entry(rows_name(kind)), "w", force_zip64=True) as file:
        for row in kind.of(organisation_id).iterator(chunk_size=ROWS_AT_ONCE):
            try:
                line = f"{line_of(row, kind)}\n".encode()
            except SealBroken as error:
                raise MoveRefused(f"{kind.label} {row.pk} cannot be opened. Run manage.py verify first.") from error
            digest.update(line)
            file.write(line)
            number += 1
    return Part(number, digest.hexdigest())


def _files(organisation_id: UUID) -> Iterator[KeptFile]:
    for model in (Evidence, LetterVersion):
        for row in model.objects.filter(organisation=organisation_id).order_by("pk").iterator(chunk_size=ROWS_AT_ONCE):
            yield from files_of(row)


def _write_file(packed: zipfile.ZipFile, kept: KeptFile) -> Part:
    digest, size = hashlib.sha256(), 0
    with packed.open(_entry(f"{FILES}/{kept.path}"), "w", force_zip64=True) as file:
        for piece in _opened(kept):
            digest.update(piece)
            file.write(piece)
            size += len(piece)
    if kept.sha256 and kept.sha256 != digest.hexdigest():
        raise MoveRefused(f"{kept.name} {kept.row.pk} is not what came in. Run manage.py verify first.")
    return Part(size, digest.hexdigest())


def _opened(kept: KeptFile) -> Iterator[bytes]:
    """Raises MoveRefused where it cannot be read, and not where its copy cannot be written."""
    try:
        with evidence_store().open(kept.path) as sealed:
            yield from open_pieces(sealed, place=kept.place)
    except (SealBroken, OSError) as error:
        raise MoveRefused(f"{kept.name} {kept.row.pk} cannot be opened. Run manage.py verify first.") from error


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, STAMP)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _note(organisation: Organisation, manifest: Manifest, now: datetime) -> None:
    record(
        action=EXPORTED,
        now=now,
        actor_id=None,
        organisation_id=organisation.pk,
        object_type="organisation",
        object_id=organisation.pk,
        fields=[f"sha256:{manifest.digest}", f"rows:{sum(part.number for part in manifest.rows.values())}"],
    )
