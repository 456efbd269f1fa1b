"""The sealed files of evidence: written whole or not at all, and read only when every piece of them opens."""

import hashlib
import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Any

from django.core.files.storage import Storage, storages

from incidents.actions.evidence_refusals import (
    FileBrokenOff,
    FileCannotBeOpened,
    FileHeldBack,
    FileNotKept,
    FileTakenAway,
)
from incidents.models import Evidence
from vpdportal.accounts.models import User
from vpdportal.encryption import SealBroken
from vpdportal.sealed_files import PIECE, Pieces, open_pieces, pieces_of, seal_pieces

log = logging.getLogger(__name__)


@dataclass
class Receipt:
    """What passed by while a file was sealed."""

    size: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def counted(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self.size += len(piece)
            self.digest.update(piece)
            yield piece


@dataclass(frozen=True)
class Opened:
    """A file to hand on: its size in bytes, and its content piece by piece."""

    size: int
    pieces: Iterator[bytes]


def evidence_store() -> Storage:
    return storages["evidence"]


def store_original(evidence: Evidence, content: IO[bytes], size: int) -> None:
    """Seal `content` as it streams by; sets size and SHA-256.

    Raises FileNotKept, and FileBrokenOff when it is not as long as announced (`size`, in bytes).
    """
    content.seek(0)
    receipt = Receipt()
    _store(evidence.path, receipt.counted(pieces_of(content)), place=place_of(evidence))
    if receipt.size != size:
        _remove(evidence.path)
        raise FileBrokenOff
    evidence.size, evidence.sha256 = receipt.size, receipt.digest.hexdigest()


def store_view_copy(evidence: Evidence, copy: bytes) -> None:
    """Seal the copy beside the original. Raises FileNotKept."""
    pieces = (copy[start : start + PIECE] for start in range(0, len(copy), PIECE))
    _store(evidence.view_path, pieces, place=place_of(evidence, "view"))
    evidence.has_view_copy = True


def read_evidence(evidence: Evidence, *, is_view_copy: bool = False) -> Opened:
    """The content as it was received, or the copy for looking at.

    All of it is opened once before the first piece is given, so that nobody gets half a file that looks whole. Should
    it be changed between the two, the second reading raises SealBroken and the download breaks off.
    Raises FileTakenAway and FileCannotBeOpened.
    """
    if evidence.is_taken_away:
        raise FileTakenAway
    path = evidence.view_path if is_view_copy else evidence.path
    place = place_of(evidence, "view") if is_view_copy else place_of(evidence)
    try:
        size = sum(map(len, _read(path, place)))
    except (SealBroken, OSError) as error:
        log.error("evidence %s cannot be opened: %s", evidence.pk, type(error).__name__)
        raise FileCannotBeOpened from error
    return Opened(size, _read(path, place))


def open_evidence(evidence: Evidence, *, by: User, is_view_copy: bool = False) -> Opened:
    """`read_evidence` for a reader: what waits for the scanner goes to nobody but who brought it.

    Raises FileHeldBack, and what read_evidence raises.
    """
    if evidence.is_held_back and evidence.uploaded_by_id != by.pk:
        raise FileHeldBack
    return read_evidence(evidence, is_view_copy=is_view_copy)


def remove_files(evidence: Evidence) -> None:
    """Remove what is stored of it. What cannot be removed now is found by the hourly tidying."""
    _remove(evidence.path)
    _remove(evidence.view_path)


def _read(path: str, place: str) -> Iterator[bytes]:
    with evidence_store().open(path) as sealed:
        yield from open_pieces(sealed, place=place)


def _store(path: str, pieces: Iterable[bytes], *, place: str) -> None:
    try:
        evidence_store().save(path, Pieces(seal_pieces(pieces, place=place)))  # type: ignore[arg-type]
    except OSError as error:  # a full disk must not cost the report
        log.error("evidence not kept: %s", type(error).__name__)
        raise FileNotKept from error


def _remove(path: str) -> None:
    with suppress(OSError):
        evidence_store().delete(path)


def place_of(evidence: Evidence, *part: str) -> str:
    """To what the seal is bound: this file of this organisation; the copy for looking at is the part "view"."""
    return ".".join(["evidence", str(evidence.organisation_id), str(evidence.pk), *part])
