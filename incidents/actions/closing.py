"""Ending a case and telling what was done; hearing whether it helped; opening it again.

A person may ask to open it again within 30 days, the desk always. What was told before stays in the case as notes of
who wrote it, and what the person answered as words they added, because the next closing writes over both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4, uuid5

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guidance.deadlines import Deadline, Moments, due
from incidents.actions.advice import card_of
from incidents.actions.care_tasks import take_up_what_was_asked
from incidents.actions.duty import on_duty
from incidents.actions.evaluation import keep_evaluation
from incidents.actions.exclusions import decides_who_sees
from incidents.actions.news import tell_the_desk, tell_the_parties
from incidents.actions.own_tasks import WantedTask
from incidents.actions.refusals import CaseClosed, NotClosed, ReasonNeeded, Refused, TasksStillOpen
from incidents.actions.reminders.planning import plan_notices
from incidents.actions.still_open import still_open
from incidents.actions.stored_words import in_stored_language
from incidents.actions.tasks import RUNS_ON
from incidents.actions.together import hold_joined
from incidents.actions.trail import note_in_trail
from incidents.models import Incident, Note, Statement, Task, TimelineEntry
from incidents.vocabulary import CaseStatus, Helped, NewsKind, OpenPoint, StatementBy, TaskStatus, TimelineKind
from vpdportal.accounts.models import User

REOPEN_WITHIN = timedelta(days=30)  # of the closing, for a person; [OWN]
ONE_WORKING_DAY = Deadline(anchor="report", unit="wd", amount=1)
# What is due again: for a person the call to the reporter, for the desk the assessment; else the other.
ASKED_BY_PERSON = (("R03", 0), ("R01", 0))
ASKED_BY_DESK = (("R01", 0), ("R03", 0))


class ReactionsStillWait(Refused):
    message = gettext_lazy(
        "A measure still waits for a signature, or was signed and not given. Give it or withdraw it, then close the "
        "case."
    )


class NotSeenYet(Refused):
    message = gettext_lazy(
        "Something else became open meanwhile. Look at the list again, tick it, then close the case."
    )


class TooLate(Refused):
    message = gettext_lazy(
        "It was closed more than 30 days ago, so it cannot be opened again here. Send your adviser a message, or make "
        "a new report when something happened again."
    )


class AnswerStands(Refused):
    message = gettext_lazy("Your answer is older than 30 days and stays as it is. Send a message to tell more.")


@dataclass(frozen=True)
class Reopened:
    """A case that is open again; `task` is what is due first (None when nothing could be: its menu has neither)."""

    incident: Incident
    task: Task | None


def close_case(
    *,
    incident: Incident,
    outcome: str,
    by: User,
    now: datetime,
    evaluation: str | None = None,
    lessons: Sequence[WantedTask] = (),
    seen: Mapping[str, int] | None = None,
) -> Incident:
    """End the case and tell reporter and person hit what was done (`outcome`), also who reported what joined it.

    The desk keeps its `evaluation`, and each lesson becomes a task that runs on. `seen`: what someone saw is still
    open and leaves so, as code → how many there were; None where nobody was shown a list. What people said of an
    earlier closing is asked anew.
    Raises TasksStillOpen, ReactionsStillWait, NotSeenYet, ReasonNeeded, CannotBeGiven, CaseClosed.
    """
    if not outcome.strip():
        raise ReasonNeeded
    with transaction.atomic():
        held = hold_joined(incident)
        incident = held[incident.pk]
        if incident.is_closed:
            raise CaseClosed
        _must_be_seen(incident, seen, now)
        keep_evaluation(incident, evaluation, lessons, by, now)
        incident.status, incident.outcome = CaseStatus.CLOSED, outcome.strip()
        incident.closed_at, incident.closed_by = now, by
        incident.was_helped, incident.helped_at, incident.helped_remark = "", None, None
        incident.save(
            update_fields=["status", "outcome", "closed_at", "closed_by", "was_helped", "helped_at", "helped_remark"]
        )
        note_in_trail(incident=incident, kind=TimelineKind.CLOSED, by=by, now=now)
        for case in held.values():
            tell_the_parties(incident=case, kind=NewsKind.CLOSED, about=_this_closing(incident), by=by, now=now)
    return incident


def _must_be_seen(incident: Incident, seen: Mapping[str, int] | None, now: datetime) -> None:
    points = still_open(incident, timezone.localdate(now))
    codes = {point.code for point in points}
    if OpenPoint.TASKS in codes:
        raise TasksStillOpen
    if OpenPoint.REACTIONS in codes:
        raise ReactionsStillWait
    if seen is not None and any(point.count > seen.get(point.code, 0) for point in points):
        raise NotSeenYet


def answer_helped(*, incident: Incident, helped: Helped, remark: str, by: User, now: datetime) -> Incident:
    """Keep the answer to "Were you helped?". It can be given at any time after closing, and changed for 30 days.

    The desk hears of it when it was not all right, or when there are words with it: of each answer, and of other words.
    Raises NotClosed, AnswerStands.
    """
    with transaction.atomic():
        incident = _locked(incident)
        if incident.closed_at is None:
            raise NotClosed
        if incident.was_helped and not may_change_answer(incident, now):
            raise AnswerStands
        if (incident.was_helped, incident.helped_remark or "") == (helped, remark.strip()):  # a second click
            return incident
        incident.was_helped, incident.helped_at, incident.helped_remark = helped, now, remark.strip()
        incident.save(update_fields=["was_helped", "helped_at", "helped_remark"])
        note_in_trail(incident=incident, kind=TimelineKind.HELPED_ANSWERED, by=by, now=now, fields=[helped])
        if helped != Helped.YES or remark.strip():
            about = _this_closing(incident, f"{helped} {now.isoformat()}")
            tell_the_desk(incident=incident, kind=NewsKind.ADDED, about=about, by=by, now=now)
    return incident


def reopen_for_person(*, incident: Incident, reason: str, form_key: UUID, by: User, now: datetime) -> Reopened:
    """Open a case again because the person hit asks for it, with the reason as an addition to the report.

    A second click changes nothing more; other words on a page that was sent before are a reason of their own.
    Raises ReasonNeeded, TooLate, NotClosed.
    """
    if not reason.strip():
        raise ReasonNeeded
    with transaction.atomic():
        incident = _locked(incident)
        sent = Statement.objects.filter(by=by, form_key=form_key).first()
        is_second_click = sent is not None and (sent.incident_id, sent.text) == (incident.pk, reason.strip())
        if is_second_click and not incident.is_closed:
            return Reopened(incident, _due_task(incident))
        if incident.closed_at is None:
            raise NotClosed
        if not may_ask_to_reopen(incident, now):
            raise TooLate
        statement = _statement(incident, reason.strip(), by, now, uuid4() if sent else form_key)
        return _reopen(incident, ASKED_BY_PERSON, statement.pk, by, now)


def reopen_for_desk(*, incident: Incident, reason: str, by: User, now: datetime) -> Reopened:
    """Open a case again because the desk finds more to do, with the reason as an internal note. At any time.

    Raises ReasonNeeded, NotClosed.
    """
    if not reason.strip():
        raise ReasonNeeded
    with transaction.atomic():
        incident = _locked(incident)
        if incident.closed_at is None:
            raise NotClosed
        note = _note(incident, reason.strip(), by, now)
        return _reopen(incident, ASKED_BY_DESK, note.pk, by, now)


def take_answer_back(incident: Incident, person: UUID) -> None:
    """Of someone who has nothing to do with the case any more: the answer is kept as theirs, and asked anew.

    In the caller's transaction. In a case that is open (again) nothing is asked, and the answer was kept already.
    """
    answered = _answered(incident)
    if incident.is_closed and answered and answered.by_id == person:
        _keep_answer(incident)
        incident.was_helped, incident.helped_at, incident.helped_remark = "", None, None
        incident.save(update_fields=["was_helped", "helped_at", "helped_remark"])


def _answered(incident: Incident) -> TimelineEntry | None:
    """Who said whether it helped, of the answer that stands now."""
    if incident.helped_at is None:
        return None
    return incident.timeline.filter(kind=TimelineKind.HELPED_ANSWERED, by__isnull=False).select_related("by").first()


def _keep_answer(incident: Incident) -> None:
    """Keep the answer to the question whether it helped, with its words, as what that person added to the report."""
    answered = _answered(incident)
    if answered is None or answered.by is None or incident.helped_at is None:
        return
    with in_stored_language():
        lines = [f"{_('Were you helped?')} {incident.get_was_helped_display()}", incident.helped_remark or ""]
    _statement(incident, "\n\n".join(line for line in lines if line), answered.by, incident.helped_at, uuid4())


def speaks_for_the_case(incident: Incident, person: User) -> bool:
    """Whether this person sees the whole status page, and so may say whether it helped and ask to open it again."""
    return decides_who_sees(incident, person)


def may_ask_to_reopen(incident: Incident, now: datetime) -> bool:
    return incident.closed_at is not None and now <= incident.closed_at + REOPEN_WITHIN


def may_change_answer(incident: Incident, now: datetime) -> bool:
    return incident.helped_at is None or now <= incident.helped_at + REOPEN_WITHIN


def _reopen(incident: Incident, wanted: tuple[tuple[str, int], ...], about: UUID, by: User, now: datetime) -> Reopened:
    if incident.closed_by is not None and incident.closed_at is not None:
        with in_stored_language():
            told = _("Told at the closing: %(outcome)s") % {"outcome": incident.outcome}
        _note(incident, told, incident.closed_by, incident.closed_at)
    _keep_answer(incident)
    incident.status, incident.reopened_at = CaseStatus.IN_PROGRESS, now
    incident.closed_at = incident.closed_by = None
    incident.save(update_fields=["status", "reopened_at", "closed_at", "closed_by"])
    task = _make_due_again(incident, wanted, now)
    take_up_what_was_asked(incident, due_at=_next_working_day(incident, now), by=by, now=now)
    fields = [f"{task.code}.{task.step}"] if task else []
    note_in_trail(incident=incident, kind=TimelineKind.REOPENED, by=by, now=now, fields=fields)
    tell_the_desk(incident=incident, kind=NewsKind.REOPENED, about=about, by=by, now=now)
    for case in (incident, *incident.merged_from.select_related("reporter", "affected")):
        tell_the_parties(incident=case, kind=NewsKind.REOPENED, about=about, by=by, now=now)
    return Reopened(incident, task)


def _make_due_again(incident: Incident, wanted: tuple[tuple[str, int], ...], now: datetime) -> Task | None:
    """The first of these tasks that the case has, open again before the end of the next working day."""
    tasks = {(task.code, task.step): task for task in incident.tasks.filter(code__in=[code for code, _step in wanted])}
    task = next((tasks[key] for key in wanted if key in tasks), None)
    if task is None:
        return None
    if task.reason and task.finished_by and task.finished_at:
        _note(incident, f"{task.title}: {task.reason}", task.finished_by, task.finished_at)
    task.status, task.reason, task.finished_at, task.finished_by = TaskStatus.OPEN, "", None, None
    task.assignee, task.assigned_at = on_duty(incident, now), now
    task.due_at = _next_working_day(incident, now)
    task.save(update_fields=["status", "reason", "finished_at", "finished_by", "assignee", "assigned_at", "due_at"])
    plan_notices(tasks=[task], now=now)
    return task


def _next_working_day(incident: Incident, now: datetime) -> datetime | None:
    moments = Moments(incident_at=now, reported_at=now)
    return due(ONE_WORKING_DAY, moments, fifth_of_may=card_of(incident).changes.closed_day).at


def _due_task(incident: Incident) -> Task | None:
    return incident.tasks.filter(status=TaskStatus.OPEN).exclude(kind__in=RUNS_ON).first()


def _statement(incident: Incident, text: str, by: User, at: datetime, form_key: UUID) -> Statement:
    is_reporter = by.pk == incident.reporter_id != incident.affected_id
    return Statement.objects.create(
        organisation_id=incident.organisation_id,
        incident=incident,
        at=at,
        by=by,
        given_as=StatementBy.REPORTER if is_reporter else StatementBy.AFFECTED,
        form_key=form_key,
        text=text,
    )


def _note(incident: Incident, text: str, by: User, at: datetime) -> Note:
    return Note.objects.create(organisation_id=incident.organisation_id, incident=incident, at=at, by=by, text=text)


def _this_closing(incident: Incident, answer: str = "") -> UUID:
    """What news of a closing, or of an answer to it, is about: the same for one closing, another for the next."""
    return uuid5(incident.pk, f"closed {incident.closed_at:%Y-%m-%dT%H:%M:%S.%f%z} {answer}")


def _locked(incident: Incident) -> Incident:
    fresh: Incident = (
        Incident.objects.select_for_update(of=("self",), no_key=True)
        .select_related("organisation", "closed_by", "reporter", "affected")
        .get(pk=incident.pk)
    )
    return fresh
