"""Bringing the rows of a sheet in: block by block, each in one transaction, so that a stop anywhere leaves it whole.

What comes in is history: a closed case without advice, tasks, notices or mails. Its reporter is nobody's account. The
same sheet can be carried out by two processes at once: each block is done by one of them.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

from django.db import IntegrityError, transaction

from guidance.advice import propose_severity
from guidance.card import Card
from guidance.cards import card_for
from incidents.actions.importing.judging import Row, judge_all, problems_of, rows_of, rules_of
from incidents.actions.importing.refusals import NothingToBringIn, WasStarted
from incidents.actions.importing.rows import Judged, facts_of
from incidents.actions.importing.sheets import locked, locked_if_free
from incidents.actions.stored_words import in_stored_language
from incidents.actions.words import index_words
from incidents.models import CaseImport, ImportBlock, ImportedCase, Incident, Note, TimelineEntry
from incidents.references import new_reference
from incidents.vocabulary import (
    CaseStatus,
    FeedbackWish,
    ImportField,
    ImportProblem,
    ImportStatus,
    ReporterIs,
    TimelineKind,
)
from vpdportal.accounts.models import Organisation, User
from vpdportal.accounts.removed import removed_person
from vpdportal.audit.chain import record

log = logging.getLogger(__name__)

Hold = Callable[[CaseImport], CaseImport | None]
AT_ONCE = 400  # rows that are brought in while the person waits; what is more goes on behind the page


def start(*, sheet: CaseImport, by: User, now: datetime) -> CaseImport:
    """Begin: from now on the rows come in, here or by the worker. Raises WasStarted, NothingToBringIn.

    They are judged once more: since the preview a department may have gone, or another sheet may have come in.
    """
    with transaction.atomic():
        sheet = locked(sheet)
        if sheet.status != ImportStatus.READ:
            raise WasStarted
        judge_all(sheet, now)
        coming = sheet.rows_read - sheet.rows_wrong - sheet.rows_known
        if coming > 0:
            sheet.status, sheet.started_at = ImportStatus.RUNNING, now
            sheet.save(update_fields=["status", "started_at"])
            _write_down("import.started", sheet, by, now, [f"rows:{coming}"])
    if coming <= 0:
        raise NothingToBringIn
    return sheet


def carry_out_all(*, now: datetime) -> int:
    """Go on with every sheet that was begun; gives how many blocks were done. Safe to run any number at once.

    What another one works on is left to it: two workers on one sheet would leave none for the reminders. A sheet that
    breaks keeps no other back; it is tried again, and can be taken back.
    """
    done = 0
    for sheet in list(CaseImport.objects.filter(status=ImportStatus.RUNNING).order_by("started_at")):
        try:
            done += _carry_out(sheet, now, locked_if_free)
        except Exception:
            log.exception("a sheet could not be carried out")
    return done


def carry_out(*, sheet: CaseImport, now: datetime) -> int:
    """Bring in what is left of one sheet; gives how many blocks were done here."""
    return _carry_out(sheet, now, locked)


def _carry_out(sheet: CaseImport, now: datetime, hold: Hold) -> int:
    done = 0
    while _next_block_of(sheet, now, hold):
        done += 1
    return done


def _next_block_of(sheet: CaseImport, now: datetime, hold: Hold) -> bool:
    """Another sheet may bring the same rows in at the same moment. Who is second knows them when it looks again."""
    try:
        return _next_block(sheet, now, hold)
    except IntegrityError:
        return _next_block(sheet, now, hold)


def _next_block(sheet: CaseImport, now: datetime, hold: Hold) -> bool:
    """Do one block, or end the sheet where none is left; gives whether there may be more to do here."""
    with transaction.atomic():
        held = hold(sheet)
        if held is None or held.status != ImportStatus.RUNNING:
            return False
        block = held.blocks.filter(done_at__isnull=True).order_by("number").first()
        if block is None:
            held.status, held.ended_at = ImportStatus.DONE, now
            held.rows_known = held.rows_read - held.rows_done - held.rows_wrong
            held.save(update_fields=["status", "ended_at", "rows_known"])
            _write_down("import.done", held, held.by, now, [f"rows:{held.rows_done}"])
            return False
        _do(held, block, now)
    return True


def _do(sheet: CaseImport, block: ImportBlock, now: datetime) -> None:
    """What was wrong or known is judged once more: it may have changed since. What is left out now is said."""
    twice = {number for number, _what, why in block.problems if why == ImportProblem.TWICE}
    rows = list(rows_of(block, rules_of(sheet, now), set()))
    for row in rows:
        if row.judged.row in twice and row.comes_in:
            row.judged.wrong(ImportField.NUMBER, ImportProblem.TWICE)
    sheet.rows_wrong += sum(bool(row.judged.problems) for row in rows) - len({one[0] for one in block.problems})
    _store(sheet, [row for row in rows if row.comes_in], now)
    block.problems, block.sealed_rows, block.done_at = problems_of(rows), None, now
    block.save(update_fields=["problems", "sealed_rows", "done_at"])


def _store(sheet: CaseImport, rows: list[Row], now: datetime) -> None:
    organisation, card, nobody = sheet.organisation, card_for(sheet.organisation), removed_person()
    numbers = _fresh_numbers(organisation, len(rows))
    cases = [_case(sheet, row.judged, card, nobody, number, now) for row, number in zip(rows, numbers, strict=True)]
    Incident.objects.bulk_create(cases)
    pairs = list(zip(cases, rows, strict=True))
    ImportedCase.objects.bulk_create(
        ImportedCase(incident=case, organisation=organisation, of=sheet, row=row.judged.row, digest=row.judged.digest)
        for case, row in pairs
    )
    Note.objects.bulk_create(
        Note(organisation=organisation, incident=case, at=now, by=sheet.by, text=_note(row.judged))
        for case, row in pairs
    )
    TimelineEntry.objects.bulk_create(
        TimelineEntry(organisation=organisation, incident=case, at=now, kind=TimelineKind.IMPORTED, by=sheet.by)
        for case in cases
    )
    for case in cases:
        index_words(case)
        record(
            action=f"incident.{TimelineKind.IMPORTED}",
            now=now,
            actor_id=sheet.by_id,
            organisation_id=organisation.pk,
            object_type="incident",
            object_id=case.pk,
        )
    sheet.rows_done += len(cases)
    sheet.save(update_fields=["rows_done", "rows_wrong"])


def _case(sheet: CaseImport, row: Judged, card: Card, nobody: User, number: str, now: datetime) -> Incident:
    values, facts = row.values, facts_of(row)
    proposed = propose_severity(facts, card)
    case = Incident(
        organisation=sheet.organisation,
        reference=number,
        idempotency_key=uuid4(),
        kind=values[ImportField.KIND],
        status=CaseStatus.CLOSED,
        reporter=nobody,
        reporter_is=ReporterIs.SELF,
        department=values[ImportField.DEPARTMENT],
        occurred_at=values[ImportField.OCCURRED_ON],
        reported_at=values[ImportField.REPORTED_ON],
        closed_at=values[ImportField.CLOSED_ON],
        closed_by=sheet.by,
        main_behaviour=facts.behaviours[0],
        channel=facts.channel,
        target_group=facts.target_group,
        motive=facts.motive or "",
        is_perpetrator_known=facts.perpetrator_known,
        severity=values[ImportField.SEVERITY] or proposed,
        severity_proposed=proposed,
        story=values[ImportField.STORY],
        place=values[ImportField.PLACE],
        affected_name=values[ImportField.AFFECTED_NAME],
        contact="",
        perpetrator_description=values[ImportField.PERPETRATOR],
        outcome=values[ImportField.OUTCOME],
        feedback_wish=FeedbackWish.PORTAL,
        menu_version=card.version,
        touched_at=now,
    )
    case.facts = facts
    return case


def _note(row: Judged) -> str:
    """What the sheet said that has no place of its own. In Dutch, as all that is stored."""
    number, remark = row.values[ImportField.NUMBER], row.values[ImportField.REMARK]
    with in_stored_language():
        lines = [
            ImportField.NUMBER.label + f": {number}" if number else "",
            *(f"{what.label}: {text}" for what, text in row.unknown),
            remark,
        ]
    return "\n".join(line for line in lines if line) or "-"


def _fresh_numbers(organisation: Organisation, count: int) -> list[str]:
    """Report numbers that nobody has yet."""
    found: set[str] = set()
    while len(found) < count:
        drawn = {new_reference(organisation.reference_prefix) for _one in range(count - len(found))} - found
        taken = Incident.objects.filter(organisation=organisation, reference__in=drawn)
        found |= drawn - set(taken.values_list("reference", flat=True))
    return sorted(found)


def _write_down(action: str, sheet: CaseImport, by: User, now: datetime, fields: list[str]) -> None:
    record(
        action=action,
        now=now,
        actor_id=by.pk,
        organisation_id=sheet.organisation_id,
        object_type="import",
        object_id=sheet.pk,
        fields=fields,
    )
