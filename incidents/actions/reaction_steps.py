"""Giving a reaction: a talk that is held, the police told first where that is needed [S30], a measure that begins.

What was drafted and signed before: reactions.py and reaction_signing.py.
"""

from datetime import date, datetime, time

from django.db import transaction
from django.utils.timezone import localdate, make_aware
from django.utils.translation import gettext_lazy as _

from incidents.actions.advice import refresh_reviews
from incidents.actions.measures import take_measure
from incidents.actions.reaction_checks import POLICE_FIRST, SPOKEN, rule_against
from incidents.actions.reaction_ends import end_running, plan_review
from incidents.actions.reactions import (
    NotInTheFuture,
    NotThisStep,
    check_may_react,
    check_seen,
    code_of,
    locked,
    move,
    note_reaction,
)
from incidents.actions.refusals import Refused
from incidents.actions.tasks import finish_task
from incidents.models import Reaction, Task
from incidents.vocabulary import (
    RESTRICTING,
    EndKind,
    MeasureStatus,
    ReactionStatus,
    TaskStatus,
    TimelineKind,
)
from vpdportal.accounts.models import User

TELL_POLICE = "R10"
NOON = time(12, 0)
S = ReactionStatus


class PoliceAskToWait(Refused):
    message = _("The police ask to wait, so nothing goes to the person now. You can go on preparing it.")


class PoliceFirst(Refused):
    message = _("Tell the police first that this measure is coming: then they can act when it is broken.")


class TermIsOver(Refused):
    message = _("The last day of it has passed already. Withdraw it, and draft it again when it is still needed.")


class BeforeItWasSigned(Refused):
    message = _("It was signed later than this day. Check the day on which it was given.")


class BeforeItHappened(Refused):
    message = _("What it is about happened after this day. Check the day on which it was held.")


class SaidNothing(Refused):
    message = _("Write down what the other side said, and what was agreed. One line is enough.")


def hold(*, reaction: Reaction, seen: int, day: date, heard: str, agreed: str, by: User, now: datetime) -> Reaction:
    """A talk or a verbal limit was held on this day: what the other side said, and what was agreed.

    Raises SaidNothing, BeforeItHappened, NotInTheFuture, PoliceAskToWait, a rule of the menu with no reason beside it.
    """
    if not heard.strip() or not agreed.strip():
        raise SaidNothing
    with transaction.atomic():
        reaction = locked(reaction)
        check_seen(reaction, seen)
        if reaction.kind not in SPOKEN:
            raise NotThisStep
        if day < reaction.conduct_on:
            raise BeforeItHappened
        _check_may_be_given(reaction)
        move(reaction, S.DONE)
        reaction.hearing_words, reaction.scope = heard.strip(), agreed.strip()
        reaction.given_at = _moment_of(day, reaction.drafted_at, now)
        reaction.save(update_fields=["status", "revision", "hearing_words", "scope", "given_at"])
        note_reaction(reaction, TimelineKind.REACTION_STARTED, by, now)
        _begin(reaction, by, now)
    return reaction


def tell_police(*, reaction: Reaction, seen: int, by: User, now: datetime) -> Reaction:
    """The police were told that this measure is coming [S30]; the menu's task for it is done with it."""
    with transaction.atomic():
        reaction = locked(reaction)
        check_seen(reaction, seen)
        if reaction.kind not in POLICE_FIRST or reaction.police_told_at or reaction.status != S.SIGNED:
            raise NotThisStep
        reaction.police_told_at = now
        reaction.revision += 1
        reaction.save(update_fields=["police_told_at", "revision"])
        note_reaction(reaction, TimelineKind.POLICE_TOLD, by, now)
        for task in reaction.incident.tasks.filter(code=TELL_POLICE, status=TaskStatus.OPEN):
            finish_task(task=task, by=by, now=now)
    return reaction


def give(*, reaction: Reaction, seen: int, day: date, by: User, now: datetime) -> Reaction:
    """What was signed was given on this day: a warning is done with it, a restriction runs.

    A restriction never holds before it was given (Reaction.holds_from), and what it follows ends with it. What was
    signed stays as it was signed: the letter says the same. Raises PoliceAskToWait, PoliceFirst, TermIsOver,
    BeforeItWasSigned, NotInTheFuture, NotThisStep, ChangedMeanwhile.
    """
    with transaction.atomic():
        reaction = locked(reaction)
        check_seen(reaction, seen)
        if reaction.status != S.SIGNED:
            raise NotThisStep
        _check_may_be_given(reaction)
        if reaction.signed_at and day < localdate(reaction.signed_at):
            raise BeforeItWasSigned
        reaction.given_at = _moment_of(day, reaction.signed_at, now)
        _check_police_told(reaction)
        move(reaction, S.ACTIVE if reaction.kind in RESTRICTING else S.DONE)
        if reaction.kind in RESTRICTING:
            _check_term(reaction, now)
        reaction.save(update_fields=["status", "revision", "given_at", "police_told_at"])
        note_reaction(reaction, TimelineKind.REACTION_STARTED, by, now)
        _begin(reaction, by, now)
    return reaction


def _check_may_be_given(reaction: Reaction) -> None:
    """The facts may have changed since it was drafted. Raises PoliceAskToWait, or the rule that is against it."""
    check_may_react(reaction.incident, reaction.kind)
    if reaction.incident.facts.police_ask_to_wait:
        raise PoliceAskToWait
    rule = rule_against(reaction.incident, reaction.kind)
    if rule is not None and not reaction.override_reason:
        raise Refused(str(rule.text))


def _check_police_told(reaction: Reaction) -> None:
    """Told in its own step, or by the menu's task. Raises PoliceFirst."""
    if reaction.kind not in POLICE_FIRST or reaction.police_told_at:
        return
    told = Task.objects.filter(incident=reaction.incident, code=TELL_POLICE, status=TaskStatus.DONE)
    told_at = told.filter(finished_at__gte=reaction.drafted_at).values_list("finished_at", flat=True).first()
    if told_at is None:
        raise PoliceFirst
    reaction.police_told_at = told_at


def _check_term(reaction: Reaction, now: datetime) -> None:
    """Raises TermIsOver: no day is left on which it would hold."""
    assert reaction.ends_on is not None
    if reaction.ends_on < localdate(now):
        raise TermIsOver


def _moment_of(day: date, not_before: datetime | None, now: datetime) -> datetime:
    """Now for today, noon for a day before. Raises NotInTheFuture."""
    if day > localdate(now):
        raise NotInTheFuture
    if day == localdate(now):
        return now
    noon = make_aware(datetime.combine(day, NOON))
    return max(noon, not_before) if not_before and localdate(not_before) == day else noon


def _begin(reaction: Reaction, by: User, now: datetime) -> None:
    """What else becomes so when a reaction is given: the advice is followed, what it follows ends, it is reviewed."""
    _settle_measure(reaction, by, now)
    if reaction.kind not in RESTRICTING:
        return
    if reaction.follows_id:
        before = Reaction.objects.select_for_update(of=("self",), no_key=True).get(pk=reaction.follows_id)
        before.incident = reaction.incident
        note_reaction(reaction, TimelineKind.REACTION_EXTENDED, by, now)
        if before.status == S.ACTIVE:
            end_running(before, EndKind.REPLACED, "", by, now)
    refresh_reviews(incident=reaction.incident, now=now)
    plan_review(reaction, by=by, now=now)


def _settle_measure(reaction: Reaction, by: User, now: datetime) -> None:
    """The advice is chosen, if it was not, and its tasks are done; so is telling the police, if they were told."""
    incident = reaction.incident
    measure = incident.measures.filter(code=code_of(reaction)).first()
    if measure is None:
        return
    if measure.status != MeasureStatus.TAKEN:
        take_measure(measure=measure, by=by, now=now, is_done_anyway=True)
    if reaction.measure_id != measure.pk:
        reaction.measure = measure
        reaction.save(update_fields=["measure"])
    codes = [measure.code, *([TELL_POLICE] if reaction.police_told_at else [])]
    for task in incident.tasks.filter(code__in=codes, status=TaskStatus.OPEN):
        finish_task(task=task, by=by, now=now)
