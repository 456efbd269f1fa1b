"""The virus scanner, where there is one. What it did not see says so wherever it is listed, and is scanned later."""

import logging
from datetime import datetime
from typing import IO

from django.conf import settings
from django.db import transaction

from incidents.actions.evidence_files import read_evidence, remove_files
from incidents.actions.evidence_refusals import FileCannotBeOpened, VirusFound
from incidents.actions.trail import note_in_trail
from incidents.models import Evidence
from incidents.vocabulary import ScanResult, TimelineKind
from vpdportal.audit.chain import record
from vpdportal.clamd import ScannerDown, ScannerUnsure, has_virus
from vpdportal.sealed_files import pieces_of

log = logging.getLogger(__name__)

BATCH = 100  # files scanned later in one go


def scan(content: IO[bytes]) -> ScanResult:
    """What the scanner says of a file that comes in. Raises VirusFound.

    A scanner that is away costs nobody their evidence: the file is kept and held back, and scanned within the hour.
    A file about which the scanner cannot say anything (too large for it) is kept and marked.
    """
    if not settings.CLAMD_ADDRESS:
        return ScanResult.NOT_SCANNED
    content.seek(0)
    try:
        if has_virus(pieces_of(content), address=settings.CLAMD_ADDRESS):
            raise VirusFound
    except ScannerDown as error:
        log.warning("held back, not scanned: %s", error)
        return ScanResult.HELD_BACK
    except ScannerUnsure as error:
        log.warning("not scanned: %s", error)
        return ScanResult.NOT_SCANNED
    finally:
        content.seek(0)
    return ScanResult.CLEAN


def rescan_evidence(*, now: datetime) -> int:
    """Scan what was kept without being scanned; gives the number of files of which the scanner said something.

    First what is held back; then in any order, so that a file about which it is never sure does not stand in the way.
    """
    if not settings.CLAMD_ADDRESS:
        return 0
    said = 0
    waiting = Evidence.objects.filter(scan__in=(ScanResult.HELD_BACK, ScanResult.NOT_SCANNED))
    for evidence in waiting.order_by("scan", "?")[:BATCH]:
        try:
            is_bad = has_virus(read_evidence(evidence).pieces, address=settings.CLAMD_ADDRESS)
        except ScannerDown as error:
            log.warning("scanned nothing later: %s", error)
            break
        except ScannerUnsure:
            waiting.filter(pk=evidence.pk).update(scan=ScanResult.NOT_SCANNED)
            continue
        except FileCannotBeOpened:
            continue
        said += 1
        if is_bad:
            _take_away(evidence, now)
        else:
            Evidence.objects.filter(pk=evidence.pk).update(scan=ScanResult.CLEAN)
    return said


def _take_away(evidence: Evidence, now: datetime) -> None:
    """Remove the content. That there was such a file, its SHA-256 and its moment stay: they may be evidence too."""
    with transaction.atomic():
        waiting = Evidence.objects.select_for_update(of=("self",)).filter(pk=evidence.pk)
        found = waiting.select_related("incident").first()
        if found is None:
            return
        waiting.update(scan=ScanResult.TAKEN_AWAY, has_view_copy=False)
        if found.incident:
            note_in_trail(incident=found.incident, kind=TimelineKind.EVIDENCE_REMOVED, by=None, now=now)
        else:
            record(
                action="evidence.removed",
                now=now,
                actor_id=None,
                organisation_id=found.organisation_id,
                object_type="evidence",
                object_id=found.pk,
            )
    remove_files(evidence)
