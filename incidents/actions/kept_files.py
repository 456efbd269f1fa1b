"""All sealed files that rows tell of: opened to see whether they are whole, and brought under the newest key."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction

from incidents.actions import evidence_files, letter_files
from incidents.actions.evidence_files import evidence_store
from incidents.models import Evidence, LetterVersion
from incidents.vocabulary import ScanResult
from vpdportal.encryption import SealBroken, keyring
from vpdportal.sealed_columns import Unreadable
from vpdportal.sealed_files import Pieces, cut_anew, key_of, open_pieces, seal_pieces

ROWS = 500


@dataclass(frozen=True)
class KeptFile:
    """A file with the row that it belongs to. `sha256` of its content, as the row has it; "" where it has none."""

    row: Any
    path: str
    place: str
    sha256: str = ""

    @property
    def name(self) -> str:
        return f"file of {self.row._meta.label}"

    def key(self) -> str:
        """The id of its key. Raises SealBroken and OSError."""
        with evidence_store().open(self.path) as sealed:
            return key_of(sealed)

    def trouble(self) -> Unreadable | None:
        """Read all of it; gives why it is not what was kept, if it is not."""
        digest = hashlib.sha256()
        try:
            with evidence_store().open(self.path) as sealed:
                for piece in open_pieces(sealed, place=self.place):
                    digest.update(piece)
        except (SealBroken, OSError) as error:
            return self._unreadable(error)
        if self.sha256 and digest.hexdigest() != self.sha256:
            return Unreadable(self.name, self.row.pk, "its content is not what came in")
        return None

    def seal_anew(self) -> tuple[bool, Unreadable | None]:
        """Bring it under the newest key, whole or not at all; gives whether it was, and why it could not be.

        The row is held meanwhile: what is being destroyed does not come back.
        """
        newest = next(iter(keyring(settings.FIELD_KEYS)))
        try:
            if self.key() == newest:
                return False, None
            with transaction.atomic():
                held = (
                    type(self.row).objects.select_for_update(of=("self",), no_key=True).filter(pk=self.row.pk).first()
                )
                if held is None or self.path not in {file.path for file in files_of(held)}:
                    return False, None
                with evidence_store().open(self.path) as sealed:
                    pieces = cut_anew(open_pieces(sealed, place=self.place))
                    fresh = Pieces(seal_pieces(pieces, place=self.place))
                    evidence_store().replace(self.path, fresh)  # type: ignore[attr-defined]
        except (SealBroken, OSError) as error:
            return False, self._unreadable(error)
        return True, None

    def _unreadable(self, error: Exception) -> Unreadable:
        why = str(error) if isinstance(error, SealBroken) else type(error).__name__
        return Unreadable(self.name, self.row.pk, why)


def files_of(row: Evidence | LetterVersion) -> list[KeptFile]:
    """The files that this row says there are."""
    if isinstance(row, LetterVersion):
        return [KeptFile(row, row.path, letter_files.place_of(row), row.sha256)]
    if row.is_taken_away:
        return []
    found = [KeptFile(row, row.path, evidence_files.place_of(row), row.sha256)]
    if row.has_view_copy:
        found.append(KeptFile(row, row.view_path, evidence_files.place_of(row, "view")))
    return found


def kept_files() -> Iterator[KeptFile]:
    """Every file that a row tells of."""
    evidence = Evidence.objects.exclude(scan=ScanResult.TAKEN_AWAY)
    for row in evidence.order_by("pk").iterator(chunk_size=ROWS):
        yield from files_of(row)
    for version in LetterVersion.objects.order_by("pk").iterator(chunk_size=ROWS):
        yield from files_of(version)


def files_by_key() -> "Counter[str]":
    """How many files stand under each key of FIELD_KEYS; under "" those that are gone or of a key that is not there."""
    found: Counter[str] = Counter()
    for file in kept_files():
        try:
            key_id = file.key()
        except (SealBroken, OSError):
            key_id = ""
        found[key_id if key_id in keyring(settings.FIELD_KEYS) else ""] += 1
    return found
