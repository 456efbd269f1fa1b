"""The sheets for the police of a case: started from the report, changed, filed or not, and what came of it."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone, translation

from incidents.actions.measures import bring_tasks_back, take_measure
from incidents.actions.police_content import (
    chosen_persons,
    kept_as_filed,
    perpetrators_of,
    refuse_what_tells_too_much,
    report_of,
    sheet_of,
    usable_evidence,
)
from incidents.actions.police_refusals import (
    AlreadyFiled,
    AlreadyStarted,
    ChangedMeanwhile,
    DayDoesNotFit,
    NotFiledYet,
    NotOfThisCase,
)
from incidents.actions.refusals import CaseClosed, ReasonNeeded
from incidents.actions.tasks import decline_task, finish_task
from incidents.actions.trail import note_in_trail
from incidents.models import Incident, Measure, Person, PoliceSheet, Task
from incidents.police_sheet import AS_FILED, PAPER_LANGUAGE, PERSONS, Answers, prefilled
from incidents.vocabulary import FiledBy, MeasureStatus, PoliceKind, PoliceOutcome, PoliceStatus, TimelineKind
from vpdportal.accounts.models import User
from vpdportal.audit.chain import record

# From where to where a sheet may go. Filed again is a correction of day, number or contact.
ALLOWED: dict[PoliceStatus, frozenset[PoliceStatus]] = {
    PoliceStatus.DRAFT: frozenset({PoliceStatus.FILED, PoliceStatus.NOT_FILED}),
    PoliceStatus.NOT_FILED: frozenset({PoliceStatus.FILED, PoliceStatus.NOT_FILED}),
    PoliceStatus.FILED: frozenset({PoliceStatus.FILED}),
}
CHANGED_BY, CHANGED_AT = "changed_by", "changed_at"  # among the answers, so that a second writer hears who was first


def code_of(sheet: PoliceSheet) -> str:
    """The item of the menu that a sheet carries out."""
    if sheet.kind == PoliceKind.NOTICE:
        return "R13"
    return "R11" if sheet.filed_by == FiledBy.EMPLOYER else "R12"


def start_sheet(*, incident: Incident, kind: PoliceKind, filed_by: FiledBy, by: User, now: datetime) -> PoliceSheet:
    """A sheet with what the report says filled in. Raises AlreadyStarted while one of this kind is prepared."""
    with transaction.atomic():
        incident = _locked(incident)
        running = PoliceSheet.objects.filter(incident=incident, status=PoliceStatus.DRAFT)
        if running.filter(kind=kind, filed_by=filed_by).exists():
            raise AlreadyStarted
        sheet = PoliceSheet(
            organisation_id=incident.organisation_id,
            incident=incident,
            kind=kind,
            filed_by=filed_by,
            made_at=now,
            made_by=by,
        )
        with translation.override(PAPER_LANGUAGE):
            sheet.answers = _marked(prefilled(report_of(incident)), by, now)
        sheet.save()
        _note(incident, TimelineKind.POLICE_SHEET, by, now, [kind, filed_by])
    return sheet


def change_sheet(
    *,
    sheet: PoliceSheet,
    revision: int,
    answers: Answers,
    evidence: Iterable[UUID],
    is_vpt_code_asked: bool,
    is_under_number: bool,
    by: User,
    now: datetime,
) -> PoliceSheet:
    """Keep what was written on a sheet that did not go yet. `revision`: of the sheet that was on the screen.

    Whose name is put on it for the first time is written down. Raises AlreadyFiled, ChangedMeanwhile, NotOfThisCase,
    HoldsPrivate, NamesTheVictim, UnderNumberNoHelp, CaseClosed.
    """
    with transaction.atomic():
        incident = _locked(sheet.incident)
        fresh = _fresh(sheet)
        if fresh.status == PoliceStatus.FILED:
            raise AlreadyFiled
        _check_revision(fresh, revision)
        before = fresh.answers
        files, wanted = usable_evidence(incident), [str(one) for one in evidence]
        answers, fresh_persons = _with_persons(answers, before, {one.pk for one in perpetrators_of(incident, by, now)})
        if not set(wanted) <= {str(one.pk) for one in files}:
            raise NotOfThisCase
        fresh.evidence = wanted
        fresh.is_vpt_code_asked, fresh.is_under_number = is_vpt_code_asked, is_under_number
        refuse_what_tells_too_much(sheet_of(fresh, incident, answers=answers, files=files), incident)
        for person in fresh_persons:
            _note_name(incident, person, by, now)
        changed = sorted(name for name in {*answers, *before} if answers.get(name, "") != before.get(name, ""))
        fresh.answers = _marked(answers, by, now)
        _save(fresh, "sealed_answers", "evidence", "is_vpt_code_asked", "is_under_number")
        _note(incident, TimelineKind.POLICE_SHEET, by, now, [one for one in changed if one not in _MARKS])
    return fresh


def file_sheet(
    *,
    sheet: PoliceSheet,
    revision: int,
    on: date,
    police_number: str,
    contact: str,
    is_vpt_code_asked: bool,
    by: User,
    now: datetime,
) -> PoliceSheet:
    """It went to the police on this day, or what was written of that is corrected. The paper is kept as it went.

    The task of the menu that it carries out is done; one that was only proposed is chosen first. Raises DayDoesNotFit,
    ChangedMeanwhile, what `refuse_what_tells_too_much` raises, CaseClosed.
    """
    with transaction.atomic():
        incident = _locked(sheet.incident)
        fresh = _fresh(sheet)
        _check_step(fresh, PoliceStatus.FILED)
        _check_revision(fresh, revision)
        if not timezone.localdate(incident.occurred_at) <= on <= timezone.localdate(now):
            raise DayDoesNotFit
        if fresh.outcome_on and fresh.outcome_on < on:
            raise DayDoesNotFit
        fresh.is_vpt_code_asked = is_vpt_code_asked
        answers = fresh.answers
        if fresh.status != PoliceStatus.FILED:
            with translation.override(PAPER_LANGUAGE):
                content = sheet_of(fresh, incident, answers=answers, files=usable_evidence(incident))
                refuse_what_tells_too_much(content, incident)
                answers[AS_FILED] = kept_as_filed(content)
            _finish_tasks(incident, code_of(fresh), by, now)
        fresh.answers = _marked(answers, by, now)
        fresh.status, fresh.filed_on, fresh.why_not = PoliceStatus.FILED, on, ""
        fresh.police_number, fresh.contact = police_number.strip(), contact.strip()
        _save(
            fresh,
            *("sealed_answers", "is_vpt_code_asked", "status", "filed_on", "why_not", "police_number", "contact"),
        )
        _note(incident, TimelineKind.POLICE_FILED, by, now, [fresh.kind, fresh.filed_by])
    return fresh


def leave_sheet(*, sheet: PoliceSheet, revision: int, reason: str, by: User, now: datetime) -> PoliceSheet:
    """It does not go to the police, and why; the open task for it ends with the same reason.

    Raises ReasonNeeded, AlreadyFiled, ChangedMeanwhile, CaseClosed.
    """
    if not reason.strip():
        raise ReasonNeeded
    with transaction.atomic():
        incident = _locked(sheet.incident)
        fresh = _fresh(sheet)
        _check_step(fresh, PoliceStatus.NOT_FILED)
        _check_revision(fresh, revision)
        for task in _open_tasks(incident, code_of(fresh)):
            decline_task(task=task, reason=reason, by=by, now=now)
        fresh.status, fresh.why_not = PoliceStatus.NOT_FILED, reason.strip()
        fresh.answers = _marked(fresh.answers, by, now)
        _save(fresh, "status", "why_not", "sealed_answers")
        _note(incident, TimelineKind.POLICE_SHEET, by, now, [fresh.kind, fresh.filed_by, PoliceStatus.NOT_FILED])
    return fresh


def record_outcome(
    *, sheet: PoliceSheet, revision: int, outcome: PoliceOutcome, on: date, words: str, by: User, now: datetime
) -> PoliceSheet:
    """What police, prosecutor or court did; also in a closed case, for it often takes long, and again when it changes.

    Raises NotFiledYet, DayDoesNotFit, ChangedMeanwhile, CaseClosed (joined with another report).
    """
    with transaction.atomic():
        incident = _locked(sheet.incident, is_closed_too=True)
        fresh = _fresh(sheet)
        if fresh.status != PoliceStatus.FILED or fresh.filed_on is None:
            raise NotFiledYet
        _check_revision(fresh, revision)
        if not fresh.filed_on <= on <= timezone.localdate(now):
            raise DayDoesNotFit
        fresh.outcome, fresh.outcome_on, fresh.outcome_words = outcome, on, words.strip()
        fresh.answers = _marked(fresh.answers, by, now)
        _save(fresh, "outcome", "outcome_on", "outcome_words", "sealed_answers")
        _note(incident, TimelineKind.POLICE_OUTCOME, by, now, [outcome])
    return fresh


def note_names_given(*, incident: Incident, sheet: PoliceSheet, by: User, now: datetime) -> None:
    """Write of whom the name goes out on a paper that is made, before it is made."""
    for person in chosen_persons(sheet.answers):
        _note_name(incident, person, by, now)


def name_as_joined(*, kept: Person, other: Person, cases: Collection[UUID]) -> None:
    """On the sheets of these cases `kept` is ticked where `other` was: both are one record from now on.

    In the caller's transaction, who holds the cases.
    """
    for sheet in PoliceSheet.objects.filter(incident__in=cases):
        answers = sheet.answers
        ticked = chosen_persons(answers)
        if other.pk in ticked:
            joined = dict.fromkeys(kept.pk if one == other.pk else one for one in ticked)
            sheet.answers = {**answers, PERSONS: ",".join(map(str, joined))}
            sheet.save(update_fields=["sealed_answers"])


_MARKS = (CHANGED_BY, CHANGED_AT, AS_FILED)


def _with_persons(answers: Answers, before: Answers, visible: set[UUID]) -> tuple[Answers, list[UUID]]:
    """The answers with whom a colleague ticked and this person does not see, and who is ticked for the first time."""
    ticked, earlier = chosen_persons(answers), chosen_persons(before)
    if not set(ticked) <= visible:
        raise NotOfThisCase
    both = [*ticked, *(one for one in earlier if one not in visible)]
    return {**answers, PERSONS: ",".join(map(str, both))}, [one for one in ticked if one not in earlier]


def _finish_tasks(incident: Incident, code: str, by: User, now: datetime) -> None:
    """What it does is done: also where that was left out before, or its task was not going to be done."""
    measure = Measure.objects.filter(incident=incident, code=code).first()
    if measure is not None and (measure.can_be_chosen or measure.status == MeasureStatus.DECLINED):
        take_measure(measure=measure, by=by, now=now, is_done_anyway=True)
    elif measure is not None:
        bring_tasks_back(measure, now)
    for task in _open_tasks(incident, code):
        finish_task(task=task, by=by, now=now)


def _open_tasks(incident: Incident, code: str) -> list[Task]:
    return list(Task.objects.unfinished().filter(incident=incident, code=code))


def _check_step(sheet: PoliceSheet, to: PoliceStatus) -> None:
    if to not in ALLOWED[PoliceStatus(sheet.status)]:
        raise AlreadyFiled


def _check_revision(sheet: PoliceSheet, seen: int) -> None:
    if sheet.revision == seen:
        return
    answers = sheet.answers
    name = User.objects.values_list("name", flat=True).get(pk=answers[CHANGED_BY])
    raise ChangedMeanwhile(name, datetime.fromisoformat(answers[CHANGED_AT]))


def _marked(answers: Answers, by: User, now: datetime) -> Answers:
    return {**answers, CHANGED_BY: str(by.pk), CHANGED_AT: now.isoformat()}


def _save(sheet: PoliceSheet, *names: str) -> None:
    sheet.revision += 1
    sheet.save(update_fields=[*names, "revision"])


def _note(incident: Incident, kind: TimelineKind, by: User, now: datetime, fields: list[str]) -> None:
    note_in_trail(incident=incident, kind=kind, by=by, now=now, fields=fields)


def _note_name(incident: Incident, person: UUID, by: User, now: datetime) -> None:
    record(
        action="person.named_to_police",
        now=now,
        actor_id=by.pk,
        organisation_id=incident.organisation_id,
        object_type="person",
        object_id=person,
        fields=["police_sheet"],
    )


def _fresh(sheet: PoliceSheet) -> PoliceSheet:
    return PoliceSheet.objects.get(pk=sheet.pk)


def _locked(incident: Incident, *, is_closed_too: bool = False) -> Incident:
    """The case as it is now, held for this transaction. Raises CaseClosed; of a joined report always."""
    rows = Incident.objects.select_for_update(of=("self",), no_key=True)
    fresh: Incident = rows.select_related("organisation", "reporter", "affected").get(pk=incident.pk)
    if fresh.is_closed and not (is_closed_too and not fresh.is_merged):
        raise CaseClosed
    return fresh
