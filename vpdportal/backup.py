"""One folder from which the whole portal can be made again: the database, the sealed files, and a manifest. No keys.

The manifest is written last and sealed with the newest key: a folder without it is no backup, one that was changed or
cut off is refused, and so is one for which the keys of this installation are the wrong ones.
"""

import hashlib
import hmac
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.core.files.storage import storages
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from vpdportal import dumps
from vpdportal.encryption import SealBroken, keyring, open_seal, seal
from vpdportal.sealed_files import UNFINISHED, Pieces, WholeFiles, WholeFilesOnly, pieces_of, to_disk

FORM = 1
MANIFEST, FILES = "manifest.json", "files"
PLACE = "backup.manifest"


class BackupRefused(Exception):
    """A backup cannot be made or used; the message says why and what to do."""


@dataclass(frozen=True)
class Stored:
    """A file of the backup: its size in bytes and its SHA-256."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. `rows`: of each table; `migrations`: the last one of each app; `files`: by their path."""

    made_at: str
    vendor: str
    rows: dict[str, int]
    migrations: dict[str, str]
    keys: list[str]  # ids only
    lookup: str
    database: Stored
    files: dict[str, Stored] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Of all that is stored, in bytes."""
        return self.database.bytes + sum(file.bytes for file in self.files.values())


def make_backup(folder: Path, *, now: datetime, programs: str = "") -> Manifest:
    """Write a backup into `folder`, which is new or empty. Raises BackupRefused and DumpFailed.

    Files are copied before and after the database: every file that a row in it tells of is there.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BackupRefused(f"{folder} is not empty. Give a new folder for each backup.")
    (folder / FILES).mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    copies = WholeFilesOnly(location=folder / FILES)
    files = _copy_files(_evidence(), copies, {})
    database = folder / dumps.file_name()
    rows = dumps.dump(database, programs=programs)
    manifest = Manifest(
        made_at=now.isoformat(),
        vendor=connection.vendor,
        rows=rows,
        migrations=_last_migrations(),
        keys=list(keyring(settings.FIELD_KEYS)),
        lookup=_lookup_mark(),
        database=_stored(database),
        files=_copy_files(_evidence(), copies, files),
    )
    _write(folder / MANIFEST, manifest)
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup. Raises BackupRefused: there is none, it was changed, or these keys do not open it."""
    try:
        outer = json.loads((folder / MANIFEST).read_text())
        text, sealed = outer["content"], b64decode(outer["seal"])
        if outer["form"] != FORM:
            raise BackupRefused(f"This backup is of form {outer['form']}; this portal knows form {FORM}.")
        digest = open_seal(sealed, place=PLACE)
        if not hmac.compare_digest(digest, _digest(text)):
            raise BackupRefused("The manifest was changed after the backup was made.")
        content = json.loads(text)
    except SealBroken as error:
        raise BackupRefused(f"FIELD_KEYS are not its keys, or its manifest was changed: {error}.") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupRefused(f"{folder} holds no whole backup: its manifest cannot be read.") from error
    files = {path: Stored(**file) for path, file in content.pop("files").items()}
    return Manifest(**{**content, "database": Stored(**content["database"]), "files": files})


def check_backup(folder: Path, *, programs: str = "") -> Manifest:
    """Read all of a backup and hold it against its manifest and this portal. Raises BackupRefused and DumpFailed."""
    manifest = read_manifest(folder)
    if manifest.vendor != connection.vendor:
        raise BackupRefused(f"This backup is of {manifest.vendor}, and DATABASE_URL of {connection.vendor}.")
    if manifest.lookup != _lookup_mark():
        raise BackupRefused("LOOKUP_KEY is not the key of this backup: persons would not be known again.")
    kept = {dumps.file_name(): manifest.database, **{f"{FILES}/{name}": one for name, one in manifest.files.items()}}
    for path, stored in kept.items():
        if not (folder / path).is_file() or _stored(folder / path) != stored:
            raise BackupRefused(f"{path} is cut off, changed or gone. Take another backup.")
    if dumps.rows_in(folder / dumps.file_name(), programs=programs) != manifest.rows:
        raise BackupRefused("The database file does not hold the rows that the manifest names.")
    return manifest


def restore_backup(folder: Path, *, programs: str = "") -> Manifest:
    """Fill the empty database and the store of files from a backup. Raises BackupRefused and DumpFailed.

    Stopped halfway, it can be run again: the database comes last and as a whole.
    """
    manifest = check_backup(folder, programs=programs)
    if not dumps.is_empty():
        raise BackupRefused("The database is not empty. Restore into a new one, so that nothing is lost.")
    _fill_store(WholeFilesOnly(location=folder / FILES), known=manifest.files)
    dumps.load(folder / dumps.file_name(), programs=programs)
    if dumps.rows_now() != manifest.rows:
        raise BackupRefused("The database does not hold the rows that the manifest names. Start again in an empty one.")
    return manifest


def _evidence() -> WholeFiles:
    return cast(WholeFiles, storages["evidence"])


def _fill_store(copies: WholeFiles, *, known: dict[str, Stored]) -> None:
    """Bring the files of a backup to the store of the settings, which holds no other ones."""
    target = _evidence()
    try:
        if strange := next((name for name in target.names() if name not in known), ""):
            raise BackupRefused(f"EVIDENCE_DIR or EVIDENCE_URL holds what is not of this backup, such as {strange}.")
        _copy_files(copies, target, {})
    except OSError as error:
        raise BackupRefused(f"The files could not be brought back: {error}. Mend that, and run it again.") from error


def _copy_files(source: WholeFiles, target: WholeFiles, known: dict[str, Stored]) -> dict[str, Stored]:
    """Copy what is not known yet, each file whole or not at all; gives all that was copied."""
    copied = dict(known)
    for name in source.names():
        if name not in copied:
            try:
                sealed = source.open(name)
            except FileNotFoundError:  # destroyed meanwhile
                continue
            with sealed:
                passed = Passed(pieces_of(sealed))
                target.replace(name, Pieces(passed))
            copied[name] = Stored(passed.bytes, passed.digest.hexdigest())
    return copied


class Passed:
    """Pieces that are counted while they pass by."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces, self.bytes, self.digest = pieces, 0, hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.bytes += len(piece)
            self.digest.update(piece)
            yield piece


def _stored(path: Path) -> Stored:
    with path.open("rb") as file:
        return Stored(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def _write(path: Path, manifest: Manifest) -> None:
    text = json.dumps(asdict(manifest), sort_keys=True)
    sealed = b64encode(seal(_digest(text), place=PLACE)).decode()
    unfinished = path.with_name(path.name + UNFINISHED)
    unfinished.write_text(json.dumps({"form": FORM, "content": text, "seal": sealed}))
    unfinished.chmod(0o600)
    to_disk(unfinished)
    os.replace(unfinished, path)
    to_disk(path.parent)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _lookup_mark() -> str:
    """By what another LOOKUP_KEY is noticed; says nothing of the key."""
    return hmac.digest(settings.LOOKUP_KEY.encode(), b"vpd-portal backup", "sha256").hex()


def _last_migrations() -> dict[str, str]:
    applied: Any = MigrationRecorder(connection).applied_migrations()
    last: dict[str, str] = {}
    for app, name in sorted(applied):
        last[app] = name
    return last
