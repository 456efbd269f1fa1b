"""Choosing from the menu, adapting, putting off, or leaving out: always with a name, and a reason where it matters.

`seen` is the `decision_mark` of the advice as it was shown, empty where nothing was: who would decide upon what a
colleague changed meanwhile is told so. What someone said before stays as a note of that person.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guidance.deadlines import end_of_day
from incidents.actions.advice import advice_for, anchors_of, create_tasks, release_followers
from incidents.actions.care_moments import want_care_again
from incidents.actions.duty import on_duty
from incidents.actions.own_terms import give_own_term
from incidents.actions.refusals import AlreadyDecided, CaseClosed, ComesByItself, ReasonNeeded, Refused
from incidents.actions.reminders.planning import plan_notices
from incidents.actions.stored_words import in_stored_language
from incidents.actions.tasks import add_task, decline_task, end_task_about
from incidents.actions.trail import note_in_trail
from incidents.models import Incident, Measure, Note
from incidents.models.task import ENDING
from incidents.vocabulary import CaseStatus, MeasureStatus, TaskKind, TaskStatus, TimelineKind
from vpdportal.accounts.models import User
from vpdportal.seen import mark_of

LONGEST_HOLD = timedelta(days=90)  # then someone looks at it again [OWN]
LONGEST_TERM = timedelta(days=2 * 365)


class DayNeeded(Refused):
    message = _("Choose a day from tomorrow on, within 90 days: then you are asked to look at it again.")


class DayOutOfReach(Refused):
    """A slip in the year: who has it would be late at once, or would never be reminded."""

    message = _("Choose a day that has not ended yet, within two years.")


class StepsHaveTheirOwnDays(Refused):
    message = _("This has more steps than one, each with its own day. Say in words what you do differently.")


class TasksRun(Refused):
    message = _("This was chosen, so its tasks run. Adapt it with another day, or leave it out.")


class NoLongerAdvised(Refused):
    """A page of before still offered it. Chosen, it would make no task, and nobody would do it."""

    message = _(
        "With what is known now this is no longer advised, so no task would come of it. Look at the facts first."
    )


def decision_mark(measure: Measure) -> str:
    """What a form carries of the advice that it decides on. No query."""
    parts = (
        measure.status,
        measure.reason,
        measure.adaptation,
        measure.hold_until,
        measure.decided_at,
        measure.own_due_at,
    )
    return mark_of([str(part) for part in parts])


def take_measure(*, measure: Measure, by: User, now: datetime, seen: str = "", is_done_anyway: bool = False) -> Measure:
    """Choose an advice: it becomes tasks, and so does what follows it (R23 a ban).

    `is_done_anyway`: someone did it all the same, so it needs no task where it is advised no longer.
    Raises AlreadyDecided, ComesByItself, NoLongerAdvised.
    """
    with transaction.atomic():
        measure = _locked(measure, seen)
        _check_can_be_taken(measure)
        _take(measure, by, now, is_done_anyway=is_done_anyway)
        note_in_trail(incident=measure.incident, kind=TimelineKind.MEASURE_TAKEN, by=by, now=now, code=measure.code)
    return measure


def adapt_measure(
    *, measure: Measure, words: str, day: date | None, by: User, now: datetime, seen: str = ""
) -> Measure:
    """Choose an advice in another way than the menu says (`words`), or by another day; also one chosen before.

    Raises ReasonNeeded, AlreadyDecided, ComesByItself, StepsHaveTheirOwnDays, DayOutOfReach, NoLongerAdvised.
    """
    if not words.strip():
        raise ReasonNeeded
    with transaction.atomic():
        measure = _locked(measure, seen)
        if day and len(measure.item.steps) > 1:
            raise StepsHaveTheirOwnDays
        if day and (day > localdate(now) + LONGEST_TERM or end_of_day(day) < now):
            raise DayOutOfReach
        if measure.adaptation and measure.adaptation != words.strip():
            _keep_words(measure, measure.adaptation, _adapted(measure) or _decided(measure))
        measure.adaptation = words.strip()
        if day:
            measure.own_due_at = end_of_day(day)
        if measure.status == MeasureStatus.TAKEN:
            measure.save(update_fields=["adaptation", "own_due_at"])
        else:
            _check_can_be_taken(measure)
            _take(measure, by, now)
        if day:
            for task in measure.tasks.filter(status=TaskStatus.OPEN):
                give_own_term(task=task, due_at=end_of_day(day), now=now)
        note_in_trail(incident=measure.incident, kind=TimelineKind.MEASURE_ADAPTED, by=by, now=now, code=measure.code)
    return measure


def hold_measure(
    *, measure: Measure, reason: str, until: date | None, by: User, now: datetime, seen: str = ""
) -> Measure:
    """Put an advice off until a day, and why; a task asks then to look at it again.

    Raises ReasonNeeded, DayNeeded, AlreadyDecided, TasksRun, ComesByItself.
    """
    if not reason.strip():
        raise ReasonNeeded
    today = localdate(now)
    with transaction.atomic():
        measure = _locked(measure, seen)
        if until is None or not today < until <= today + LONGEST_HOLD:
            raise DayNeeded
        if measure.status == MeasureStatus.TAKEN:
            raise TasksRun
        if measure.waits_for and measure.item.follows_done:
            raise ComesByItself
        _end_hold(measure, by, now)
        _decide(measure, MeasureStatus.HELD, reason.strip(), by, now, hold_until=until)
        with in_stored_language():
            words = gettext("Look again: %(title)s") % {"title": measure.item.title}
        add_task(
            incident=measure.incident,
            kind=TaskKind.LOOK_AGAIN,
            assignee=by,
            due_at=end_of_day(until),
            by=by,
            now=now,
            words=words,
            about=measure.pk,
        )
        note_in_trail(incident=measure.incident, kind=TimelineKind.MEASURE_HELD, by=by, now=now, code=measure.code)
    return measure


def decline_measure(*, measure: Measure, reason: str, by: User, now: datetime, seen: str = "") -> Measure:
    """Leave an advice out, and why; its open tasks end with the same reason. Raises ReasonNeeded, AlreadyDecided."""
    if not reason.strip():
        raise ReasonNeeded
    with transaction.atomic():
        measure = _locked(measure, seen)
        if measure.status == MeasureStatus.DECLINED:
            raise AlreadyDecided(_who_decided(measure))
        _end_hold(measure, by, now)
        _decide(measure, MeasureStatus.DECLINED, reason.strip(), by, now)
        for task in measure.tasks.filter(status=TaskStatus.OPEN):
            decline_task(task=task, reason=reason, by=by, now=now)
        note_in_trail(incident=measure.incident, kind=TimelineKind.MEASURE_DECLINED, by=by, now=now, code=measure.code)
    return measure


def decide_on_several(
    *,
    measures: list[Measure],
    decide: Callable[..., Measure],
    seen: Mapping[str, str],
    by: User,
    now: datetime,
    **how: Any,
) -> list[tuple[Measure, Refused]]:
    """One decision on several advices, each as if alone; gives those on which it could not be taken, and why not.

    `seen`: the mark of each, by its key.
    """
    refused = []
    for measure in measures:
        if decide is take_measure and _came_along(measure):
            continue
        try:
            decide(measure=measure, seen=seen.get(str(measure.pk), ""), by=by, now=now, **how)
        except Refused as why:
            refused.append((measure, why))
    return refused


def _came_along(measure: Measure) -> bool:
    """Whether it was chosen with what it follows, after it was read to be chosen itself."""
    chosen = Measure.objects.filter(pk=measure.pk, status=MeasureStatus.TAKEN, decided_at__isnull=True)
    return measure.status == MeasureStatus.PROPOSED and chosen.exists()


def _check_can_be_taken(measure: Measure) -> None:
    if not measure.can_be_chosen and measure.status != MeasureStatus.DECLINED:
        raise AlreadyDecided(_who_decided(measure)) if measure.status == MeasureStatus.TAKEN else ComesByItself


def _take(measure: Measure, by: User, now: datetime, *, is_done_anyway: bool = False) -> None:
    incident = measure.incident
    _end_hold(measure, by, now)
    _decide(measure, MeasureStatus.TAKEN, "", by, now)
    advised = advice_for(incident, anchors_of(incident))
    by_code = {advice.item.code: advice for advice in advised.advice}
    if measure.tasks.exists():
        bring_tasks_back(measure, now)
    elif measure.code in by_code:
        create_tasks(incident=incident, measures=[measure], advice=by_code, now=now)
    elif not is_done_anyway:
        raise NoLongerAdvised
    release_followers(incident=incident, code=measure.code, now=now, is_done=False)


def bring_tasks_back(measure: Measure, now: datetime) -> None:
    """Open again what ended when it was left out, with the same term, for who is on duty. What was done stays done.

    It waits where its measure does now: the police may have asked that meanwhile, or do so no longer.
    """
    owner = on_duty(measure.incident, now)
    tasks = list(measure.tasks.filter(status=TaskStatus.DECLINED).select_for_update(of=("self",), no_key=True))
    for task in tasks:
        task.take_end_back()
        task.assignee, task.assigned_at = owner, now
        task.is_on_hold, task.menu_version = measure.is_on_hold, measure.menu_version
        task.save(update_fields=[*ENDING, "assignee", "assigned_at", "is_on_hold", "menu_version"])
        want_care_again(task)
    plan_notices(tasks=tasks, now=now)


def _decide(
    measure: Measure, status: MeasureStatus, reason: str, by: User, now: datetime, hold_until: date | None = None
) -> None:
    if measure.reason and measure.reason != reason:
        _keep_words(measure, measure.reason, _decided(measure))
    measure.status, measure.reason, measure.hold_until = status, reason, hold_until
    measure.decided_at, measure.decided_by = now, by
    measure.save(
        update_fields=["status", "reason", "hold_until", "decided_at", "decided_by", "adaptation", "own_due_at"]
    )
    Incident.objects.filter(pk=measure.incident_id, status=CaseStatus.RECEIVED).update(status=CaseStatus.IN_PROGRESS)


def _end_hold(measure: Measure, by: User, now: datetime) -> None:
    """It is decided on again: nobody has to be asked to look at it any more."""
    if measure.status == MeasureStatus.HELD:
        end_task_about(incident=measure.incident, kind=TaskKind.LOOK_AGAIN, about=measure.pk, by=by, now=now)


def _keep_words(measure: Measure, words: str, said: tuple[User, datetime] | None) -> None:
    """Let what someone said of an advice stay as a note of that person, now that something else is decided."""
    if said is None:
        return
    by, at = said
    with in_stored_language():
        text = f"{measure.item.title}: {words}"
    Note.objects.create(
        organisation_id=measure.organisation_id, incident_id=measure.incident_id, at=at, by=by, text=text
    )


def _decided(measure: Measure) -> tuple[User, datetime] | None:
    """Who decided on it last, and when; None where it became a task by itself."""
    return (measure.decided_by, measure.decided_at) if measure.decided_by and measure.decided_at else None


def _adapted(measure: Measure) -> tuple[User, datetime] | None:
    """Who adapted it last, and when. Of one that was chosen before only the timeline tells: its choice stands."""
    entries = measure.incident.timeline.filter(kind=TimelineKind.MEASURE_ADAPTED, code=measure.code)
    last = entries.select_related("by").first()
    return (last.by, last.at) if last and last.by else None


def _who_decided(measure: Measure) -> str:
    """Who was first, when, and what it became: for the second one, who decided on what was there before."""
    last = _decided(measure)
    if measure.status == MeasureStatus.TAKEN and measure.adaptation:
        last = max(filter(None, (last, _adapted(measure))), key=lambda one: one[1], default=None)
    if last is None and measure.waits_for:
        return str(_("This came along with another measure that was chosen. Look at the page again."))
    if last is None:
        return str(_("This became a task by itself, because law or a norm asks it. Look at the page again."))
    by, at = last
    return _("%(name)s decided on this before you (%(moment)s): %(status)s. Look at it, then decide again.") % {
        "name": by.name,
        "moment": date_format(localtime(at), "j F H:i"),
        "status": measure.get_status_display(),
    }


def _locked(measure: Measure, seen: str) -> Measure:
    """The row as it is now, held for this transaction, its case first. Raises CaseClosed; AlreadyDecided upon another
    mark than `seen`."""
    incident = (
        Incident.objects.select_for_update(of=("self",), no_key=True)
        .select_related("organisation")
        .get(pk=measure.incident_id)
    )
    if incident.is_closed:
        raise CaseClosed
    rows = Measure.objects.select_for_update(of=("self",), no_key=True).select_related("decided_by")
    fresh = rows.get(pk=measure.pk)
    fresh.incident = incident
    if seen and seen != decision_mark(fresh):
        raise AlreadyDecided(_who_decided(fresh))
    return fresh
