"""Bringing a sheet: read by a program apart, its rows kept sealed until they are brought in, or for 14 days."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from incidents.actions.importing.judging import judge_all
from incidents.actions.importing.refusals import (
    OF_READING,
    TOO_MANY_BYTES,
    ColumnTwice,
    NotYours,
    SheetGone,
    SheetRefused,
    WasStarted,
)
from incidents.import_words import guess
from incidents.models import CaseImport, ImportBlock
from incidents.vocabulary import ImportStatus
from vpdportal import sheet_reading
from vpdportal.accounts.models import Department, Organisation, User
from vpdportal.audit.chain import record

log = logging.getLogger(__name__)

MOST_BYTES = 10 * 1024 * 1024
PATIENCE = 60  # seconds, waiting included
BLOCK = 200  # rows
KEPT_FOR = timedelta(days=14)  # of a sheet that nobody brings in, after it was read
NAME = 200  # signs of the name of a file
Rows = list[tuple[int, list[str]]]


def read_sheet(content: bytes) -> Rows:
    """The rows of a file, each with its number on the sheet; the first is the headings. Raises SheetRefused."""
    if len(content) > MOST_BYTES:
        raise SheetRefused(TOO_MANY_BYTES)
    try:
        done = subprocess.run(
            [sys.executable, "-I", sheet_reading.__file__],
            input=content,
            capture_output=True,
            timeout=PATIENCE,
            env={},  # the keys of the portal are no business of a sheet
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        log.error("a sheet was not read: %s", type(error).__name__)
        raise SheetRefused(OF_READING[sheet_reading.TOO_LARGE]) from error
    if done.returncode in OF_READING:
        raise SheetRefused(OF_READING[done.returncode])
    if done.returncode:
        log.warning("a sheet was not read: ended with %s", done.returncode)
        raise SheetRefused(OF_READING[sheet_reading.TOO_LARGE])
    return [(number, cells) for number, cells in json.loads(done.stdout)]


def bring_sheet(*, organisation: Organisation, name: str, content: bytes, by: User, now: datetime) -> CaseImport:
    """Keep the rows of a sheet, sealed, with a guess of what each column is. Nothing becomes a case by it.

    The columns mean what they meant for this organisation before, where their headings are the same.
    Raises SheetRefused.
    """
    (_number, headings), *rows = read_sheet(content)
    before = _chosen_before(organisation)
    one = CaseImport(organisation=organisation, by=by, at=now, name=name[:NAME], rows_read=len(rows))
    one.sealed_columns = json.dumps(headings)
    one.mapping = before.mapping_of(headings) if before else guess(headings, {})
    if before:
        one.department, one.takes_unknown_words = before.department, before.takes_unknown_words
    with transaction.atomic():
        one.save(force_insert=True)
        ImportBlock.objects.bulk_create(_blocks(one, rows))
        judge_all(one, now)
        _write_down("import.read", one, by, now, [f"rows:{len(rows)}"])
    return one


def choose_columns(
    *,
    sheet: CaseImport,
    mapping: dict[str, int],
    department: Department | None,
    takes_unknown_words: bool,
    by: User,
    now: datetime,
) -> CaseImport:
    """Say what each column is, and judge all rows anew. Raises NotYours, ColumnTwice, WasStarted."""
    if sheet.by_id != by.pk:
        raise NotYours
    if len(set(mapping.values())) < len(mapping):
        raise ColumnTwice
    with transaction.atomic():
        sheet = locked(sheet)
        if sheet.status != ImportStatus.READ:
            raise WasStarted
        sheet.mapping, sheet.department, sheet.takes_unknown_words = mapping, department, takes_unknown_words
        sheet.save(update_fields=["mapping", "department", "takes_unknown_words"])
        judge_all(sheet, now)
    return sheet


def look_at_rows(*, sheet: CaseImport, by: User, now: datetime) -> None:
    """Write that someone looked at rows of the sheet, before they are shown: they say what a case says."""
    _write_down("import.looked_at", sheet, by, now, [])


def drop_sheet(*, sheet: CaseImport, by: User | None, now: datetime) -> None:
    """Throw away a sheet of which nothing was brought in. Raises WasStarted."""
    with transaction.atomic():
        sheet = locked(sheet)
        if sheet.status != ImportStatus.READ:
            raise WasStarted
        _write_down("import.dropped", sheet, by, now, [f"rows:{sheet.rows_read}"])
        sheet.delete()


def remove_old_sheets(*, now: datetime) -> int:
    """Throw away what nobody brought in within 14 days; gives how many. For the hourly tidying."""
    old = CaseImport.objects.filter(status=ImportStatus.READ, at__lt=now - KEPT_FOR)
    count = 0
    for sheet in list(old):
        with suppress(WasStarted, SheetGone):  # at this very moment, by who brought it
            drop_sheet(sheet=sheet, by=None, now=now)
            count += 1
    return count


def locked(sheet: CaseImport) -> CaseImport:
    """The row, held, as it is now. Raises SheetGone."""
    held = _held().filter(pk=sheet.pk).first()
    if held is None:
        raise SheetGone
    return held


def locked_if_free(sheet: CaseImport) -> CaseImport | None:
    """The same, or None where somebody else holds it now (on PostgreSQL; on SQLite one process works at a time)."""
    return _held(skip_locked=True).filter(pk=sheet.pk).first()


def _held(**how: bool) -> QuerySet[CaseImport]:
    rows = CaseImport.objects.select_for_update(of=("self",), no_key=True, **how)
    return rows.select_related("organisation", "department")


class _Before:
    """What was chosen for the last sheet that was brought in."""

    def __init__(self, sheet: CaseImport) -> None:
        self._columns, self._mapping = json.loads(sheet.sealed_columns), sheet.mapping
        self.department = sheet.department if sheet.department and sheet.department.is_active else None
        self.takes_unknown_words = sheet.takes_unknown_words

    def mapping_of(self, headings: list[str]) -> dict[str, int]:
        """As it was chosen, of the same sheet; of another one where the headings are the same."""
        if headings == self._columns:
            return self._mapping
        columns = self._columns
        chosen = {name: columns[index] for name, index in self._mapping.items() if index < len(columns)}
        return guess(headings, chosen)


def _chosen_before(organisation: Organisation) -> _Before | None:
    done = CaseImport.objects.filter(organisation=organisation, started_at__isnull=False).select_related("department")
    last = done.order_by("-started_at").first()
    return _Before(last) if last else None


def _blocks(sheet: CaseImport, rows: Rows) -> Iterator[ImportBlock]:
    for number, start in enumerate(range(0, len(rows), BLOCK)):
        yield ImportBlock(
            organisation_id=sheet.organisation_id,
            of=sheet,
            number=number,
            sealed_rows=json.dumps(rows[start : start + BLOCK]),
        )


def _write_down(action: str, sheet: CaseImport, by: User | None, now: datetime, fields: list[str]) -> None:
    record(
        action=action,
        now=now,
        actor_id=by.pk if by else None,
        organisation_id=sheet.organisation_id,
        object_type="import",
        object_id=sheet.pk,
        fields=fields,
    )
