"""The sealed .docx of letters, in the store of evidence: one file a version, which never changes."""

import hashlib
import logging
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from incidents.actions.evidence_files import evidence_store
from incidents.actions.letter_refusals import LetterCannotBeOpened, LetterNotKept
from incidents.models import LetterVersion
from vpdportal.encryption import SealBroken
from vpdportal.sealed_files import PIECE, UNFINISHED, Pieces, open_pieces, seal_pieces

log = logging.getLogger(__name__)

ORPHAN_AFTER = timedelta(days=1)
BATCH = 500


def store_letter(version: LetterVersion, content: bytes) -> None:
    """Seal the .docx of a version. Raises LetterNotKept."""
    pieces = (content[start : start + PIECE] for start in range(0, len(content), PIECE))
    try:
        evidence_store().save(version.path, Pieces(seal_pieces(pieces, place=place_of(version))))  # type: ignore[arg-type]
    except OSError as error:
        log.error("letter not kept: %s", type(error).__name__)
        raise LetterNotKept from error


def read_letter(version: LetterVersion) -> bytes:
    """The .docx as it was kept. Raises LetterCannotBeOpened when it is gone, changed, or of another version."""
    try:
        with evidence_store().open(version.path) as sealed:
            content = b"".join(open_pieces(sealed, place=place_of(version)))
    except (SealBroken, OSError) as error:
        log.error("letter %s cannot be opened: %s", version.pk, type(error).__name__)
        raise LetterCannotBeOpened from error
    if fingerprint(content) != version.sha256:
        log.error("letter %s is not what was kept", version.pk)
        raise LetterCannotBeOpened
    return content


def remove_letter(version: LetterVersion) -> None:
    """Remove a file whose row was not kept."""
    with suppress(OSError):
        evidence_store().delete(version.path)


def fingerprint(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def remove_orphan_letters(*, now: datetime) -> int:
    """Remove stored letters without a row, older than a day; gives their number. For the hourly tidying."""
    store, count = evidence_store(), 0
    try:
        for folder in [f"{name}/letters" for name in store.listdir("")[0]]:
            with suppress(FileNotFoundError):
                names = store.listdir(folder)[1]
                for start in range(0, len(names), BATCH):
                    count += _remove_orphans(folder, names[start : start + BATCH], now)
    except FileNotFoundError:  # nothing was ever kept
        pass
    except OSError as error:
        log.error("letters without a row were not looked for: %s", type(error).__name__)
    if count:
        log.warning("removed %s files of letters that had no row", count)
    return count


def _remove_orphans(folder: str, names: list[str], now: datetime) -> int:
    keys = {name: _key_of(name) for name in names}
    wanted = [key for key in keys.values() if key]
    known = set(LetterVersion.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    store, count = evidence_store(), 0
    for name in names:
        if keys[name] not in known:
            with suppress(OSError):
                if store.get_modified_time(f"{folder}/{name}") < now - ORPHAN_AFTER:
                    store.delete(f"{folder}/{name}")
                    count += 1
    return count


def _key_of(name: str) -> UUID | None:
    if name.endswith(UNFINISHED):
        return None
    try:
        return UUID(name)
    except ValueError:
        return None


def place_of(version: LetterVersion) -> str:
    """To what the seal is bound: this version of this organisation, and no other."""
    return f"letter.{version.organisation_id}.{version.pk}"
