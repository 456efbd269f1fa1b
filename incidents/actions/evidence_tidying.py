"""Each hour: what nobody will ask for any more goes, and what was not scanned is scanned."""

import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from incidents.actions.evidence_files import evidence_store, remove_files
from incidents.models import Draft, Evidence
from incidents.vocabulary import ScanResult
from vpdportal.sealed_files import UNFINISHED

log = logging.getLogger(__name__)

UNCLAIMED_AFTER = timedelta(hours=1)  # without a draft: it is not just being sent
ORPHAN_AFTER = timedelta(days=1)  # since the last change of a file without a row: it is not just being brought in
BATCH = 500


def remove_unclaimed_evidence(*, now: datetime) -> int:
    """Remove files of a report that was never sent and is no draft any more; gives their number.

    A draft, and so its files, is kept for 14 days after it was last touched; one that is thrown away takes them along.
    """
    is_draft = Exists(Draft.objects.filter(pk=OuterRef("form_key"), author=OuterRef("uploaded_by")))
    stale = Evidence.objects.filter(~is_draft, incident__isnull=True, received_at__lt=now - UNCLAIMED_AFTER)
    count = 0
    for evidence in stale[:BATCH]:
        with transaction.atomic():
            removed, _per_kind = Evidence.objects.filter(pk=evidence.pk, incident__isnull=True).delete()
        if removed:
            remove_files(evidence)
            count += 1
    return count


def remove_orphan_files(*, now: datetime) -> int:
    """Remove stored files without a row, older than a day; gives their number.

    They are left by a process that died between the file and its row, or between the row and its file.
    """
    store, count = evidence_store(), 0
    try:
        for folder in _folders():
            names = store.listdir(folder)[1]
            for start in range(0, len(names), BATCH):
                for path in _orphans(folder, names[start : start + BATCH]):
                    with suppress(OSError):
                        if store.get_modified_time(path) < now - ORPHAN_AFTER:
                            store.delete(path)
                            count += 1
    except OSError as error:  # a store that is away must not hold up what the hour has to do after this
        log.error("files without a row were not looked for: %s", type(error).__name__)
    if count:
        log.warning("removed %s files of evidence that had no row", count)
    return count


def _folders() -> list[str]:
    with suppress(FileNotFoundError):
        return evidence_store().listdir("")[0]
    return []


def _orphans(folder: str, names: list[str]) -> Iterator[str]:
    keys = {name: _key_of(name) for name in names}
    rows = Evidence.objects.filter(pk__in=[key for key in keys.values() if key])
    known = set(rows.exclude(scan=ScanResult.TAKEN_AWAY).values_list("pk", flat=True))
    return (f"{folder}/{name}" for name, key in keys.items() if key not in known)


def _key_of(name: str) -> UUID | None:
    """The row that a stored file belongs to; None for one that was never finished, or is not ours."""
    if name.endswith(UNFINISHED):
        return None
    try:
        return UUID(name.removesuffix(".view"))
    except ValueError:
        return None
