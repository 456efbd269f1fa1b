"""Drafting a reaction to a perpetrator. Its steps after that: reaction_steps.py; its end: reaction_ends.py.

Where a reaction stands changes only as STEPS says. A form that began from an older revision writes over nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.formats import date_format
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext_lazy as _

from incidents.actions.reaction_checks import (
    CRITICISM,
    latest_end,
    people_for,
    perpetrators_of,
    rule_against,
)
from incidents.actions.refusals import CaseClosed, Refused
from incidents.actions.trail import note_in_trail
from incidents.models import Incident, Person, Reaction
from incidents.vocabulary import MENU_CODES, RESTRICTING, Hearing, ReactionKind, ReactionStatus, TimelineKind
from vpdportal.accounts.models import User
from vpdportal.audit.chain import record
from vpdportal.audit.models import AuditEvent

S = ReactionStatus
# From where a reaction may go where. A talk and a verbal limit are held at once; the rest is signed before it is given.
STEPS: dict[str, frozenset[str]] = {
    S.DRAFT: frozenset({S.PROPOSED, S.DONE, S.WITHDRAWN}),
    S.PROPOSED: frozenset({S.DRAFT, S.SIGNED, S.WITHDRAWN}),
    S.SIGNED: frozenset({S.ACTIVE, S.DONE, S.WITHDRAWN}),
    S.ACTIVE: frozenset({S.ENDED}),
    S.DONE: frozenset(),
    S.ENDED: frozenset(),
    S.WITHDRAWN: frozenset(),
}
PREPARED = (S.DRAFT, S.PROPOSED, S.SIGNED)  # not given yet
TRACED = (  # by which one sees who changed a reaction last
    *(TimelineKind.REACTION_DRAFTED, TimelineKind.REACTION_CHANGED, TimelineKind.REACTION_PROPOSED),
    *(TimelineKind.REACTION_SENT_BACK, TimelineKind.REACTION_SECONDED, TimelineKind.REACTION_SIGNED),
    *(TimelineKind.REACTION_STARTED, TimelineKind.REACTION_ENDED, TimelineKind.REACTION_WITHDRAWN),
    *(TimelineKind.POLICE_TOLD, TimelineKind.REACTION_REVIEWED),
)


class NotThisStep(Refused):
    message = _("This reaction stands elsewhere now, so this step is not possible. Look at the page again.")


class ChangedMeanwhile(Refused):
    message = _("%(name)s changed this reaction meanwhile (%(moment)s). Look at it as it is now, then go on.")
    plain = _("This reaction was changed meanwhile. Look at it as it is now, then go on.")


class NotLinked(Refused):
    message = _("First link the person to this case as perpetrator: a reaction is meant for someone.")


class OtherPerson(Refused):
    message = _("This makes the measure of one person longer. For someone else, draft a measure of their own.")


class OnlyNearlyHappened(Refused):
    message = _("It only just went well, so nothing goes to a person. Was it more? Then make it an incident first.")


class AlreadyBegun(Refused):
    message = _("One of this kind is being prepared for this person already. Go on with that one.")


class SomeoneElse(Refused):
    message = _(
        "Choose other people: who signs and who looks along are two people, neither of them drafted it, is a party, "
        "or is kept out of the case."
    )


class TermTooLong(Refused):
    message = _("A restriction always ends: on or after its first day, and within the longest term of the menu card.")


class NotInTheFuture(Refused):
    message = _("A day that still has to come cannot be filled in here.")


@dataclass(frozen=True)
class ReactionWords:
    """What is typed of a reaction. Only what its kind asks for is given; the rest stays as it is."""

    values: dict[str, Any] = field(default_factory=dict)

    FIELDS = frozenset(
        {
            *("person", "conduct_on", "conduct", "hearing", "hearing_words", "proportionality", "core_services"),
            *("scope", "instruction", "override_reason", "starts_on", "ends_on", "signer", "second"),
        }
    )

    def put_in(self, reaction: Reaction) -> list[str]:
        """Fill the reaction; gives the names of what is changed."""
        unknown = set(self.values) - self.FIELDS
        assert not unknown, unknown
        changed = sorted(name for name, value in self.values.items() if getattr(reaction, name) != value)
        for name in changed:
            setattr(reaction, name, self.values[name])
        return changed


def draft_reaction(
    *, incident: Incident, kind: ReactionKind, words: ReactionWords, by: User, now: datetime, follows: Any = None
) -> Reaction:
    """Begin a reaction, complete or not. `words` names the person.

    Raises NotLinked, OnlyNearlyHappened, AlreadyBegun, the rule of the menu that is against it, CaseClosed.
    """
    with transaction.atomic():
        incident = locked_case(incident.pk)
        check_may_react(incident, kind)
        person: Person = words.values["person"]
        reaction = Reaction(
            organisation_id=incident.organisation_id,
            incident=incident,
            person=person,
            kind=kind,
            measure=incident.measures.filter(code=MENU_CODES[kind]).first(),
            conduct_on=min(localdate(incident.occurred_at), localdate(now)),
            hearing=Hearing.LATER,
            drafted_at=now,
            drafted_by=by,
            follows=follows,
        )
        words.put_in(reaction)
        _check(reaction, incident, by, now)
        if Reaction.objects.filter(incident=incident, person=person, kind=kind, status__in=PREPARED).exists():
            raise AlreadyBegun
        reaction.save()
        note_reaction(reaction, TimelineKind.REACTION_DRAFTED, by, now)
    return reaction


def change_reaction(*, reaction: Reaction, seen: int, words: ReactionWords, by: User, now: datetime) -> Reaction:
    """Change a draft of which revision `seen` was on the screen.

    Raises ChangedMeanwhile, OtherPerson (in one that follows another), NotThisStep, CaseClosed.
    """
    with transaction.atomic():
        reaction = locked(reaction)
        check_seen(reaction, seen)
        if reaction.status != S.DRAFT:
            raise NotThisStep
        changed = words.put_in(reaction)
        _check(reaction, reaction.incident, by, now)
        if changed:
            reaction.revision += 1
            reaction.save(update_fields=[*changed, "revision"])
            note_reaction(reaction, TimelineKind.REACTION_CHANGED, by, now, changed)
    return reaction


def check_may_react(incident: Incident, kind: str) -> None:
    """Raises what stands against any reaction of this kind in this case; a rule of the menu in its own words."""
    if incident.is_near_miss:
        raise OnlyNearlyHappened
    rule = rule_against(incident, kind)
    if rule is not None and rule.name == CRITICISM:
        raise Refused(str(rule.text))


def _check(reaction: Reaction, incident: Incident, by: User, now: datetime) -> None:
    """What no draft may hold, complete or not."""
    if not perpetrators_of(incident).filter(pk=reaction.person_id).exists():
        raise NotLinked
    if reaction.follows is not None and reaction.follows.person_id != reaction.person_id:
        raise OtherPerson
    if reaction.conduct_on > localdate(now):
        raise NotInTheFuture
    check_people(reaction, by, now)
    if reaction.kind in RESTRICTING and reaction.ends_on:
        starts_on: date | None = reaction.starts_on
        if starts_on is None or not starts_on <= reaction.ends_on <= latest_end(incident, reaction.kind, starts_on):
            raise TermTooLong


def check_people(reaction: Reaction, by: User | None, now: datetime) -> None:
    """Who signs and who looks along may do so: rights end, people are kept out, and drafters (`by`) are no signers.

    Raises SomeoneElse.
    """
    asked = {person for person in (reaction.signer_id, reaction.second_id) if person}
    found = people_for(reaction.incident, drafters_of(reaction, by), now).filter(pk__in=asked)
    able = {person.pk: person.may_sign for person in found} if asked else {}  # type: ignore[attr-defined]
    if reaction.signer_id and not able.get(reaction.signer_id):
        raise SomeoneElse
    if reaction.second_id and (reaction.second_id not in able or reaction.second_id == reaction.signer_id):
        raise SomeoneElse


def can_be_decided(reaction: Reaction, now: datetime) -> bool:
    """Whether the people whom a proposal waits for may still decide on it."""
    try:
        check_people(reaction, None, now)
    except SomeoneElse:
        return False
    return True


def drafters_of(reaction: Reaction, by: User | None = None) -> QuerySet[Any]:
    """The ids of everyone who wrote on it (and `by`, who does now): none of them signs it or looks along. A query."""
    wrote = _steps_with(reaction, (TimelineKind.REACTION_DRAFTED, TimelineKind.REACTION_CHANGED)).values("actor_id")
    now = [reaction.drafted_by_id, *([by.pk] if by else [])]
    return User.objects.filter(Q(pk__in=now) | Q(pk__in=wrote)).values("pk")


def _steps_with(reaction: Reaction, kinds: Iterable[TimelineKind]) -> QuerySet[AuditEvent]:
    """What the audit holds of steps of these kinds with this very reaction: a case may have several of one kind."""
    of_case = AuditEvent.objects.filter(
        organisation_id=reaction.organisation_id,
        object_type="incident",
        object_id=reaction.incident_id,
        action__in=[f"incident.{kind}" for kind in kinds],
    )
    return of_case.annotate(marks=Cast("fields", TextField())).filter(marks__contains=str(reaction.pk))


# --- what every step needs -------------------------------------------------------------------------------------------


def locked_case(pk: UUID, *, is_open: bool = True) -> Incident:
    """The case as it is now, held for this transaction. Raises CaseClosed (unless `is_open` is not asked)."""
    rows = Incident.objects.select_for_update(of=("self",), no_key=True).select_related("organisation", "department")
    incident: Incident = rows.get(pk=pk)
    if is_open and incident.is_closed:
        raise CaseClosed
    return incident


def locked(reaction: Reaction, *, is_open: bool = True) -> Reaction:
    """The reaction as it is now, held for this transaction, its case first."""
    incident = locked_case(reaction.incident_id, is_open=is_open)
    rows = Reaction.objects.select_for_update(of=("self",), no_key=True)
    fresh: Reaction = rows.select_related("person", "signer", "second", "drafted_by", "measure").get(pk=reaction.pk)
    fresh.incident = incident
    return fresh


def check_seen(reaction: Reaction, seen: int) -> None:
    """Raises ChangedMeanwhile, with who and when, if this is not the revision that was on the screen."""
    if reaction.revision == seen:
        return
    last = _steps_with(reaction, TRACED).order_by("at", "position").last()
    by = User.objects.filter(pk=last.actor_id).first() if last and last.actor_id else None
    if last is None or by is None:
        raise ChangedMeanwhile(str(ChangedMeanwhile.plain))
    moment = date_format(localtime(last.at), "j F H:i")
    raise ChangedMeanwhile(str(ChangedMeanwhile.message) % {"name": by.name, "moment": moment})


def move(reaction: Reaction, to: ReactionStatus) -> None:
    """Set where it stands, if STEPS allows it, and count the revision. Not saved. Raises NotThisStep."""
    if to not in STEPS[reaction.status]:
        raise NotThisStep
    reaction.status = to
    reaction.revision += 1


def code_of(reaction: Reaction) -> str:
    """The code of its item of the menu, by which the timeline names it."""
    return MENU_CODES[ReactionKind(reaction.kind)]


def note_reaction(
    reaction: Reaction, kind: TimelineKind, by: User | None, now: datetime, fields: list[str] | None = None
) -> None:
    """The timeline row and the audit row of one step, with the id of the reaction and names of fields."""
    marks = [str(reaction.pk), *(fields or [])]
    note_in_trail(incident=reaction.incident, kind=kind, by=by, now=now, code=code_of(reaction), fields=marks)


def record_named(*, person: Person, by: User, now: datetime) -> None:
    """Write that someone got to see for whom a reaction is, before the page is shown."""
    record(
        action="person.named",
        now=now,
        actor_id=by.pk,
        organisation_id=person.organisation_id,
        object_type="person",
        object_id=person.pk,
        fields=["reaction"],
    )
