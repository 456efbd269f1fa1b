"""Taking back what was brought in, as a whole: only while nobody worked on any of it."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from incidents.actions.importing.refusals import NotToUndo, WorkedOn
from incidents.actions.importing.sheets import locked
from incidents.models import CaseImport, Incident, RetentionStay, TimelineEntry
from incidents.vocabulary import ImportStatus, TimelineKind
from vpdportal.accounts.models import User
from vpdportal.audit.chain import record

BATCH = 200  # cases


def worked_on(sheet: CaseImport) -> int:
    """In how many of its cases something happened since they came in."""
    lines = TimelineEntry.objects.filter(incident=OuterRef("pk"))
    is_untouched = Exists(lines.filter(kind=TimelineKind.IMPORTED, at=OuterRef("touched_at")))
    happened = Exists(lines.exclude(kind=TimelineKind.IMPORTED))  # keeping it longer touches no case
    held = Exists(RetentionStay.objects.filter(incident=OuterRef("pk")))
    return Incident.objects.filter(~is_untouched | happened | held, imported__of=sheet).count()


def undo(*, sheet: CaseImport, by: User, now: datetime) -> int:
    """Destroy the cases that came of this sheet, whole, and gives how many; the sheet can be brought again after it.

    One that is still coming in stops by it.

    Raises NotToUndo, WorkedOn.
    """
    with transaction.atomic():
        sheet = locked(sheet)
        if sheet.status not in (ImportStatus.RUNNING, ImportStatus.DONE):
            raise NotToUndo
        cases = Incident.objects.filter(imported__of=sheet)
        held = list(cases.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk", flat=True))
        if number := worked_on(sheet):
            raise WorkedOn(number)
        for start in range(0, len(held), BATCH):
            Incident.objects.filter(pk__in=held[start : start + BATCH]).delete()
        sheet.status, sheet.undone_at, sheet.undone_by = ImportStatus.UNDONE, now, by
        sheet.save(update_fields=["status", "undone_at", "undone_by"])
        record(
            action="import.undone",
            now=now,
            actor_id=by.pk,
            organisation_id=sheet.organisation_id,
            object_type="import",
            object_id=sheet.pk,
            fields=[f"rows:{len(held)}"],
        )
    return len(held)
