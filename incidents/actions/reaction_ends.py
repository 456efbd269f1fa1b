"""How a running measure is reviewed, followed by another one, and ends. No measure without end [S45][S46][S47].

Ending it is possible in a closed case too: a measure runs on there, and who bettered their ways must not wait.
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from guidance.deadlines import add_months, end_of_day
from incidents.actions.advice import refresh_reviews
from incidents.actions.duty import on_duty
from incidents.actions.reactions import (
    NotThisStep,
    ReactionWords,
    check_seen,
    draft_reaction,
    locked,
    move,
    note_reaction,
)
from incidents.actions.refusals import ReasonNeeded, Refused
from incidents.actions.tasks import add_task, end_task_about, finish_task
from incidents.models import Note, Reaction, Task
from incidents.vocabulary import (
    RESTRICTING,
    REVIEW_CODE,
    CaseStatus,
    EndKind,
    ReactionKind,
    ReactionStatus,
    TaskKind,
    TaskStatus,
    TimelineKind,
)
from vpdportal.accounts.models import User

REVIEW_MONTHS = 3
DAYS_BEFORE_END = 14
JUST_REVIEWED = timedelta(days=30)  # no second review so soon after one [OWN]
BATCH = 200
S = ReactionStatus


class NotAnEnd(Refused):
    message = _("Choose how it ends: early, or taken back after a complaint or by a court.")


def end_early(*, reaction: Reaction, seen: int, end_kind: EndKind, reason: str, by: User, now: datetime) -> Reaction:
    """End a running measure before its last day, and why. After that day it cannot end early: it is kept as expired.

    Raises ReasonNeeded, NotAnEnd, NotThisStep, ChangedMeanwhile.
    """
    if not reason.strip():
        raise ReasonNeeded
    if end_kind not in {EndKind.EARLY, EndKind.ANNULLED}:
        raise NotAnEnd
    with transaction.atomic():
        reaction = locked(reaction, is_open=False)
        check_seen(reaction, seen)
        if end_kind == EndKind.EARLY and _is_past(reaction, localdate(now)):
            end_kind = EndKind.EXPIRED
        end_running(reaction, end_kind, reason.strip(), by, now)
        incident = reaction.incident
        end_task_about(incident=incident, kind=TaskKind.REVIEW, about=reaction.pk, by=by, now=now)
        if not incident.is_closed and not _others_running(reaction):
            _finish_review_of_menu(reaction, by, now)
        refresh_reviews(incident=incident, now=now)
    return reaction


def end_running(reaction: Reaction, end_kind: EndKind, reason: str, by: User | None, now: datetime) -> None:
    """Set and store that it ended. In the caller's transaction, who holds the row. Raises NotThisStep."""
    move(reaction, S.ENDED)
    reaction.end_kind, reaction.end_reason, reaction.ended_at = end_kind, reason, now
    reaction.save(update_fields=["status", "revision", "end_kind", "end_reason", "ended_at"])
    if end_kind == EndKind.REPLACED and by is not None:
        end_task_about(incident=reaction.incident, kind=TaskKind.REVIEW, about=reaction.pk, by=by, now=now)
    note_reaction(reaction, TimelineKind.REACTION_ENDED, by, now, [end_kind])


def end_expired(*, now: datetime) -> int:
    """End what is past its last day (local). Nobody did it, so nobody is named. Gives how many ended.

    Its review stays open: a person still looks at how it went.
    """
    today = localdate(now)
    past = Reaction.objects.filter(status=S.ACTIVE, ends_on__lt=today).order_by("ends_on", "id")
    ended = 0
    for one in past.only("incident", "kind")[:BATCH]:
        with transaction.atomic():
            reaction = locked(one, is_open=False)
            if reaction.status == S.ACTIVE and _is_past(reaction, today):
                end_running(reaction, EndKind.EXPIRED, "", None, now)
                ended += 1
    return ended


def review(*, reaction: Reaction, seen: int, remark: str, by: User, now: datetime) -> Reaction:
    """It was looked at again: still needed, still fair? The next review is planned while it runs.

    `remark` is kept as a note of the desk. What ended by itself can be reviewed too, to finish that task.
    Raises NotThisStep, ChangedMeanwhile, CaseClosed.
    """
    with transaction.atomic():
        reaction = locked(reaction)
        check_seen(reaction, seen)
        if reaction.status != S.ACTIVE and reaction.end_kind != EndKind.EXPIRED:
            raise NotThisStep
        incident = reaction.incident
        reaction.reviewed_at = now
        reaction.revision += 1
        reaction.save(update_fields=["reviewed_at", "revision"])
        if remark.strip():
            Note.objects.create(
                organisation_id=reaction.organisation_id, incident=incident, at=now, by=by, text=remark.strip()
            )
        end_task_about(incident=incident, kind=TaskKind.REVIEW, about=reaction.pk, by=by, now=now)
        _finish_review_of_menu(reaction, by, now)
        note_reaction(reaction, TimelineKind.REACTION_REVIEWED, by, now)
        plan_review(reaction, by=by, now=now)
    return reaction


def plan_review(reaction: Reaction, *, by: User | None, now: datetime) -> Task | None:
    """A task to look at it again: in three months, or 14 days before its end where that comes first.

    None when such a task is open already, when one was just held, or when its end is too near. In the caller's
    transaction, who holds the case.
    """
    today = localdate(now)
    if reaction.status != S.ACTIVE or reaction.ends_on is None:
        return None
    day = min(add_months(today, REVIEW_MONTHS), reaction.ends_on - timedelta(days=DAYS_BEFORE_END))
    if day <= today or _is_review_open(reaction):
        return None
    due_at = end_of_day(day)
    last = _reviews_of(reaction).exclude(status=TaskStatus.OPEN).order_by("finished_at").last()
    if last is not None and last.finished_at and due_at - last.finished_at < JUST_REVIEWED:
        return None
    incident = reaction.incident
    return add_task(
        incident=incident,
        kind=TaskKind.REVIEW,
        assignee=on_duty(incident, now),
        due_at=due_at,
        by=by,
        now=now,
        about=reaction.pk,
    )


def plan_reviews(*, now: datetime) -> int:
    """Plan the next review of each running measure that has none, whoever finished the last one, and how.

    Not in a closed case: nothing can be finished there. Gives how many were planned.
    """
    about = Task.objects.filter(status=TaskStatus.OPEN, kind=TaskKind.REVIEW, about=OuterRef("pk"))
    running = Reaction.objects.filter(status=S.ACTIVE, kind__in=RESTRICTING).filter(~Exists(about))
    running = running.exclude(incident__status__in=(CaseStatus.CLOSED, CaseStatus.MERGED))
    planned = 0
    for one in running.order_by("ends_on", "id").only("incident", "kind"):
        with transaction.atomic():
            reaction = locked(one, is_open=False)
            if not reaction.incident.is_closed and plan_review(reaction, by=None, now=now):
                planned += 1
    return planned


def draft_extension(*, reaction: Reaction, by: User, now: datetime) -> Reaction:
    """Begin a longer measure that follows a running one. It needs reasons of its own, and starts when it is given.

    Raises NotThisStep, and what drafting any reaction raises.
    """
    with transaction.atomic():
        reaction = locked(reaction)
        if reaction.status != S.ACTIVE:
            raise NotThisStep
        words = ReactionWords(
            {
                "person": reaction.person,
                "conduct_on": reaction.conduct_on,
                "conduct": reaction.conduct,
                "scope": reaction.scope,
                "core_services": reaction.core_services,
                "instruction": reaction.instruction,
                "starts_on": localdate(now),
            }
        )
        kind = ReactionKind(reaction.kind)
        return draft_reaction(incident=reaction.incident, kind=kind, words=words, by=by, now=now, follows=reaction)


def _is_past(reaction: Reaction, today: date) -> bool:
    return bool(reaction.ends_on and reaction.ends_on < today)


def _others_running(reaction: Reaction) -> bool:
    others = Reaction.objects.filter(incident=reaction.incident, status=S.ACTIVE, kind__in=RESTRICTING)
    return others.exclude(pk=reaction.pk).exists()


def _finish_review_of_menu(reaction: Reaction, by: User, now: datetime) -> None:
    for task in reaction.incident.tasks.filter(code=REVIEW_CODE, status=TaskStatus.OPEN):
        finish_task(task=task, by=by, now=now)


def _reviews_of(reaction: Reaction) -> QuerySet[Task]:
    """The tasks to review it: its own, and the menu's while it is the only one that runs in the case."""
    own = Q(kind=TaskKind.REVIEW, about=reaction.pk)
    is_alone = not _others_running(reaction)
    return Task.objects.filter(own | Q(code=REVIEW_CODE) if is_alone else own, incident=reaction.incident)


def _is_review_open(reaction: Reaction) -> bool:
    return bool(_reviews_of(reaction).filter(status=TaskStatus.OPEN).exists())
