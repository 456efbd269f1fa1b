"""That a measure was broken: kept, and the menu asked what follows (R22, and perhaps a court, R17)."""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guidance.deadlines import Deadline, Moments, due
from incidents.actions.advice import card_of, complete_facts
from incidents.actions.duty import on_duty
from incidents.actions.own_terms import give_own_term
from incidents.actions.reactions import NotInTheFuture, NotThisStep, locked, note_reaction
from incidents.actions.refusals import ReasonNeeded, Refused
from incidents.actions.stored_words import in_stored_language
from incidents.actions.tasks import add_task
from incidents.models import Breach, Incident, Reaction
from incidents.vocabulary import RESTRICTING, ReactionStatus, TaskKind, TaskStatus, TimelineKind
from vpdportal.accounts.models import User

BREACHED = "perpetrator.breached_measure"
FOLLOW_UP = "R22"
NEXT_WORKING_DAY = Deadline(anchor="report", unit="wd", amount=1)


class DidNotRunThen(Refused):
    message = _("The measure did not run at that moment. Check the day, or report it as a new incident.")


def record_breach(
    *, reaction: Reaction, happened_at: datetime, words: str, is_police_told: bool, by: User, now: datetime
) -> Breach:
    """Keep that a measure was broken at a moment at which it ran, also when it has ended since.

    The facts of the case say so from then on, and what the menu then asks becomes a task. The same by the same writer
    once more is the same breach. Raises ReasonNeeded, NotInTheFuture, DidNotRunThen, NotThisStep (it restricts
    nothing), CaseClosed.
    """
    if not words.strip():
        raise ReasonNeeded
    if happened_at > now:
        raise NotInTheFuture
    with transaction.atomic():
        reaction = locked(reaction)
        incident: Incident = reaction.incident
        if reaction.kind not in RESTRICTING or reaction.given_at is None:
            raise NotThisStep
        if not _ran_at(reaction, happened_at):
            raise DidNotRunThen
        before = reaction.breaches.filter(happened_at=happened_at, is_police_told=is_police_told, by=by)
        same = next((one for one in before if one.words == words.strip()), None)
        if same is not None:
            return same
        breach = Breach(
            organisation_id=reaction.organisation_id,
            reaction=reaction,
            happened_at=happened_at,
            is_police_told=is_police_told,
            at=now,
            by=by,
        )
        breach.words = words.strip()
        breach.save()
        note_reaction(reaction, TimelineKind.BREACHED, by, now)
        was_known = incident.facts.perpetrator_breached_measure is True
        if not was_known:
            complete_facts(incident=incident, answers={BREACHED: True}, by=by, now=now)
        follow_up = incident.tasks.filter(code=FOLLOW_UP, status=TaskStatus.OPEN).first()
        if follow_up is None:
            _ask_again(incident, breach, by, now)
        elif not was_known:
            give_own_term(task=follow_up, due_at=_follow_up_before(incident, now), now=now)
    return breach


def _ran_at(reaction: Reaction, moment: datetime) -> bool:
    assert reaction.holds_from is not None
    assert reaction.ends_on is not None
    is_in_term = reaction.holds_from <= localdate(moment) <= reaction.ends_on
    has_ended = reaction.status == ReactionStatus.ENDED and reaction.ended_at is not None
    return is_in_term and not (has_ended and reaction.ended_at <= moment)  # type: ignore[operator]


def _follow_up_before(incident: Incident, now: datetime) -> datetime:
    """Counted from now: the report may be of weeks ago, and the breach is of today (menu R22 [S30])."""
    card = card_of(incident)
    item = card.every.get(FOLLOW_UP)
    own = item.steps[0].deadline if item and item.steps else None
    moments = Moments(incident_at=now, reported_at=now)
    ends = (due(term, moments, fifth_of_may=card.changes.closed_day).at for term in (own, NEXT_WORKING_DAY))
    end = next((one for one in ends if one), None)
    assert end is not None
    return end


def _ask_again(incident: Incident, breach: Breach, by: User, now: datetime) -> None:
    """The menu asks once; what comes after that is followed up by a task of its own."""
    with in_stored_language():
        words = gettext("Follow up that a measure was broken")
    add_task(
        incident=incident,
        kind=TaskKind.OWN,
        assignee=on_duty(incident, now),
        due_at=_follow_up_before(incident, now),
        by=by,
        now=now,
        words=words,
        about=breach.pk,
    )
