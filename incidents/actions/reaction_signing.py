"""Laying a reaction before who looks along and who signs; their answer; and taking a proposal back.

Draft → (a second person looks along) → signed. What comes after that: reaction_steps.py.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guidance.deadlines import Deadline, Moments, due
from incidents.actions.advice import card_of
from incidents.actions.reaction_checks import SPOKEN, missing_in, needs_second
from incidents.actions.reactions import (
    NotThisStep,
    check_may_react,
    check_people,
    check_seen,
    locked,
    move,
    note_reaction,
)
from incidents.actions.refusals import ReasonNeeded, Refused
from incidents.actions.tasks import add_task, end_task_about
from incidents.models import Reaction
from incidents.vocabulary import ReactionStatus, TaskKind, TaskStatus, TimelineKind
from vpdportal.accounts.models import User

TO_SIGN = Deadline(anchor="report", unit="wd", amount=2)  # time for who signs, or looks along [OWN]
S = ReactionStatus


class StillMissing(Refused):
    message = _("Not complete yet. Still needed: %(parts)s.")


class SecondFirst(Refused):
    message = _("Someone else looks along first. You get a task when that is done.")


class SecondNeeded(Refused):
    message = _("Someone else has to look along first, and nobody was asked. Send it back, and say so to the desk.")


class NotYours(Refused):
    message = _("This was laid before someone else.")


def propose(*, reaction: Reaction, seen: int, by: User, now: datetime) -> Reaction:
    """Lay a complete draft before who looks along, or else before who signs.

    Raises StillMissing (naming each part), SomeoneElse, ChangedMeanwhile, NotThisStep, CaseClosed.
    """
    with transaction.atomic():
        reaction = locked(reaction)
        check_seen(reaction, seen)
        if reaction.kind in SPOKEN:
            raise NotThisStep
        check_may_react(reaction.incident, reaction.kind)
        move(reaction, S.PROPOSED)
        missing = missing_in(reaction, reaction.incident, now)
        if missing:
            raise StillMissing(str(StillMissing.message) % {"parts": ", ".join(missing)})
        check_people(reaction, by, now)
        reaction.proposed_at, reaction.seconded_at, reaction.signer_remark = now, None, ""
        reaction.save(update_fields=["status", "revision", "proposed_at", "seconded_at", "signer_remark"])
        note_reaction(reaction, TimelineKind.REACTION_PROPOSED, by, now)
        _ask(reaction, TaskKind.SECOND_LOOK if reaction.second_id else TaskKind.SIGN, by, now)
    return reaction


def agree(*, reaction: Reaction, seen: int, by: User, now: datetime) -> Reaction:
    """The second person agrees; only then it goes to who signs. Raises NotYours, SomeoneElse, ChangedMeanwhile."""
    with transaction.atomic():
        reaction = locked(reaction)
        check_seen(reaction, seen)
        _check_is_asked(reaction, reaction.second_id, by)
        if reaction.seconded_at is not None:
            raise NotThisStep
        check_people(reaction, None, now)
        reaction.seconded_at = now
        reaction.revision += 1
        reaction.save(update_fields=["seconded_at", "revision"])
        end_task_about(incident=reaction.incident, kind=TaskKind.SECOND_LOOK, about=reaction.pk, by=by, now=now)
        note_reaction(reaction, TimelineKind.REACTION_SECONDED, by, now)
        _ask(reaction, TaskKind.SIGN, by, now)
    return reaction


def sign(*, reaction: Reaction, seen: int, by: User, now: datetime) -> Reaction:
    """The signatory signs what was on the screen.

    Raises NotYours, SecondFirst, SecondNeeded (nobody was asked: since then it weighs more), SomeoneElse,
    ChangedMeanwhile.
    """
    with transaction.atomic():
        reaction = locked(reaction)
        check_seen(reaction, seen)
        _check_is_asked(reaction, reaction.signer_id, by)
        if needs_second(reaction, reaction.incident) and reaction.seconded_at is None:
            raise SecondFirst if reaction.second_id else SecondNeeded
        check_people(reaction, None, now)
        move(reaction, S.SIGNED)
        reaction.signed_at = now
        reaction.save(update_fields=["status", "revision", "signed_at"])
        end_task_about(incident=reaction.incident, kind=TaskKind.SIGN, about=reaction.pk, by=by, now=now)
        note_reaction(reaction, TimelineKind.REACTION_SIGNED, by, now)
    return reaction


def send_back(*, reaction: Reaction, seen: int, remark: str, by: User, now: datetime) -> Reaction:
    """Who signs, or looks along, sends it back to be drafted anew, and says why. Raises ReasonNeeded, NotYours."""
    if not remark.strip():
        raise ReasonNeeded
    with transaction.atomic():
        reaction = locked(reaction)
        check_seen(reaction, seen)
        asked = reaction.second_id if reaction.second_id and not reaction.seconded_at else reaction.signer_id
        _check_is_asked(reaction, asked, by)
        _back_to_draft(reaction, remark.strip(), by, now, TaskStatus.DONE)
    return reaction


def take_back(*, reaction: Reaction, seen: int, by: User, now: datetime) -> Reaction:
    """The desk takes a proposal back, to change it or to ask someone else. Raises NotThisStep, ChangedMeanwhile."""
    with transaction.atomic():
        reaction = locked(reaction)
        check_seen(reaction, seen)
        _back_to_draft(reaction, "", by, now, TaskStatus.DECLINED)
    return reaction


def withdraw(*, reaction: Reaction, seen: int, reason: str, by: User, now: datetime) -> Reaction:
    """It will not be given, and why. Raises ReasonNeeded, NotThisStep, ChangedMeanwhile."""
    if not reason.strip():
        raise ReasonNeeded
    with transaction.atomic():
        reaction = locked(reaction)
        check_seen(reaction, seen)
        move(reaction, S.WITHDRAWN)
        reaction.end_reason = reason.strip()
        reaction.save(update_fields=["status", "revision", "end_reason"])
        _end_asking(reaction, by, now, TaskStatus.DECLINED)
        note_reaction(reaction, TimelineKind.REACTION_WITHDRAWN, by, now)
    return reaction


def _ask(reaction: Reaction, kind: TaskKind, by: User, now: datetime) -> None:
    """A task for who looks along or signs: two working days, or until the menu's term where that comes first."""
    incident = reaction.incident
    calendar = card_of(incident).changes.closed_day
    moment = due(TO_SIGN, Moments(incident_at=now, reported_at=now), fifth_of_may=calendar).at
    term = reaction.measure.due_at if reaction.measure else None
    if moment and term and now < term < moment:
        moment = term
    assignee = reaction.second if kind == TaskKind.SECOND_LOOK else reaction.signer
    add_task(incident=incident, kind=kind, assignee=assignee, due_at=moment, by=by, now=now, about=reaction.pk)


def _check_is_asked(reaction: Reaction, person: object, by: User) -> None:
    if reaction.status != S.PROPOSED:
        raise NotThisStep
    if person != by.pk:
        raise NotYours


def _back_to_draft(reaction: Reaction, remark: str, by: User, now: datetime, ended_as: TaskStatus) -> None:
    move(reaction, S.DRAFT)
    reaction.signer_remark, reaction.proposed_at, reaction.seconded_at = remark, None, None
    reaction.save(update_fields=["status", "revision", "signer_remark", "proposed_at", "seconded_at"])
    _end_asking(reaction, by, now, ended_as)
    note_reaction(reaction, TimelineKind.REACTION_SENT_BACK, by, now)


def _end_asking(reaction: Reaction, by: User, now: datetime, status: TaskStatus) -> None:
    for kind in (TaskKind.SECOND_LOOK, TaskKind.SIGN):
        end_task_about(incident=reaction.incident, kind=kind, about=reaction.pk, by=by, now=now, status=status)
