"""Whether a person is known already, and what that says about a case: counted before any name is shown.

A person is found by who may handle the record: whoever is kept out of one of its cases does not find it at all
(`PersonQuerySet.handled_by`). Someone who is linked to a case already is seen by all who work on it; so the numbers of
the linked people are counted, shown and made into facts only for who may handle every one of them (`may_count`). Then
each count is the true one, and says nothing of a case that the reader may not know of (R1).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from guidance.deadlines import add_months
from guidance.vocabulary import Relation
from incidents.models import Incident, Involvement, Person, PersonKey, Reaction
from incidents.models.person import Identifiers
from incidents.need_to_know import hidden_from
from incidents.person_keys import digest, normalised
from incidents.vocabulary import EndKind, IdentifierKind, InvolvedAs, ReactionKind, ReactionStatus, ReportKind
from vpdportal.accounts.models import User

MOST_SHOWN = 5  # more records by the same identifiers are no help: then one of these is to be joined first
WARNINGS = (ReactionKind.VERBAL, ReactionKind.WARNING)
NEVER_GIVEN = (ReactionStatus.DRAFT, ReactionStatus.PROPOSED, ReactionStatus.WITHDRAWN)
# What a linked perpetrator says about the case, by the name of the fact.
FACTS_OF_PERSONS = tuple(
    f"perpetrator.{name}"
    for name in ("known", "relation", "minor", "group", "earlier_incidents_12m", "warned_for_same_conduct")
)
OF_OTHER_CASES = FACTS_OF_PERSONS[-2:]  # the rest stands on the page of the case itself


@dataclass(frozen=True)
class Earlier:
    """What happened before: other incidents by this person as the perpetrator, near misses not counted."""

    in_year: int = 0  # in the 12 months before the event of the case
    in_all: int = 0
    is_running: bool = False  # something that restricts this person runs today
    is_warned: bool = False  # warned in those 12 months, in another case


@dataclass(frozen=True)
class Found:
    """A record that goes by one of the identifiers that were asked for. `by`: which kinds."""

    person: Person
    by: list[IdentifierKind]


def digests_by_kind(identifiers: Identifiers, organisation_id: UUID) -> dict[str, str]:
    """The hash of each identifier → its kind. What cannot be of its kind is left out."""
    return {
        digest(kind, value, organisation_id): kind
        for kind, values in identifiers.items()
        for value in values
        if normalised(kind, value)
    }


def find_persons(*, organisation_id: UUID, identifiers: Identifiers, by: User, now: datetime) -> list[Found]:
    """The records of the organisation that go by one of these, by most kinds first. One query; nothing is unsealed."""
    handled = Person.objects.handled_by(by, now).filter(organisation=organisation_id)
    keys = PersonKey.objects.filter(
        organisation=organisation_id, digest__in=digests_by_kind(identifiers, organisation_id), person__in=handled
    )
    kinds: dict[Person, list[IdentifierKind]] = defaultdict(list)
    for key in keys.select_related("person").order_by("person__created_at", "person_id", "kind"):
        kinds[key.person].append(IdentifierKind(key.kind))
    return sorted((Found(person, by_kinds) for person, by_kinds in kinds.items()), key=lambda one: -len(set(one.by)))


def may_count(people: Collection[Person], by: User, now: datetime) -> bool:
    """Whether this person may know of all that is counted of these people: kept out of no case of any of them (R1)."""
    pks = {person.pk for person in people}
    return bool(Person.objects.counted_for(by, now).filter(pk__in=pks).count() == len(pks))


def earlier_of(
    people: Collection[UUID], incident: Incident, now: datetime, by: User | None = None
) -> dict[UUID, Earlier]:
    """What happened with each of these people before the event of this case. Two queries, none for nobody.

    `by`: the reader, whose numbers are without restricted cases that are not for that person. None: the true numbers,
    only for a reader who may know of them all, by `may_count`.
    """
    if not people:
        return {}
    seen = ~hidden_from(by, "incident", now) if by else Q()
    events = _events(people, incident, seen)
    reactions = _reactions(people, seen)
    year_ago = _year_before(incident.occurred_at)
    today = timezone.localdate(now)
    return {
        person: Earlier(
            in_year=len({event for event, at in events[person] if at >= year_ago}),
            in_all=len({event for event, _at in events[person]}),
            is_running=any(one.restricts and one.is_running_on(today) for one in reactions[person]),
            is_warned=any(_warns(one, incident, year_ago) for one in reactions[person]),
        )
        for person in people
    }


def facts_of(people: Collection[Person], earlier: dict[UUID, Earlier]) -> dict[str, Any]:
    """What these perpetrators say about their case: dotted fact → value, None for what they do not say.

    Of several, what weighs most: the one with most incidents, a minor among them.
    """
    if not people:
        return dict.fromkeys(FACTS_OF_PERSONS)
    counts = [earlier.get(person.pk, Earlier()) for person in people]
    minors = {person.is_minor for person in people}
    is_minor = True if True in minors else (None if None in minors else False)
    relations = (person.relation for person in people if person.relation != Relation.UNKNOWN)
    said: tuple[Any, ...] = (
        True,
        next(relations, None),
        is_minor,
        True if len(people) > 1 else None,
        max(one.in_year for one in counts),
        True if any(one.is_warned for one in counts) else None,
    )
    return dict(zip(FACTS_OF_PERSONS, said, strict=True))


def news_of(incident: Incident, said: dict[str, Any]) -> dict[str, Any]:
    """Which of these facts are known, and other than what the case holds now."""
    facts = incident.facts
    return {name: value for name, value in said.items() if value is not None and value != facts.value(name)}


def perpetrators_of(incident: Incident) -> list[Person]:
    rows = incident.involvements.filter(role=InvolvedAs.PERPETRATOR).select_related("person")
    return [row.person for row in rows]


def _events(people: Iterable[UUID], incident: Incident, seen: Q) -> dict[UUID, list[tuple[UUID, datetime]]]:
    """By person the other events before this one; reports that were joined are one event."""
    this = incident.merged_into_id or incident.pk
    rows = Involvement.objects.filter(
        seen, person__in=people, role=InvolvedAs.PERPETRATOR, incident__occurred_at__lt=incident.occurred_at
    ).exclude(incident__kind=ReportKind.NEAR_MISS)
    found: dict[UUID, list[tuple[UUID, datetime]]] = defaultdict(list)
    for person, case, joined_with, at in rows.values_list(
        "person_id", "incident_id", "incident__merged_into_id", "incident__occurred_at"
    ):
        if (joined_with or case) != this:
            found[person].append((joined_with or case, at))
    return found


def _reactions(people: Iterable[UUID], seen: Q) -> dict[UUID, list[Reaction]]:
    plain = (
        *("person_id", "incident_id", "kind", "status", "end_kind"),
        *("starts_on", "ends_on", "signed_at", "given_at"),
    )
    found: dict[UUID, list[Reaction]] = defaultdict(list)
    for reaction in Reaction.objects.filter(seen, person__in=people).exclude(status__in=NEVER_GIVEN).only(*plain):
        found[reaction.person_id].append(reaction)
    return found


def _warns(reaction: Reaction, incident: Incident, year_ago: datetime) -> bool:
    """Whether this was a warning in another case, in the year before the event, that still stands."""
    at = reaction.given_at or reaction.signed_at
    stands = reaction.kind in WARNINGS and reaction.end_kind != EndKind.ANNULLED
    return stands and reaction.incident_id != incident.pk and at is not None and year_ago <= at < incident.occurred_at


def _year_before(moment: datetime) -> datetime:
    local = timezone.localtime(moment)
    day = add_months(local.date(), -12)
    return local.replace(year=day.year, month=day.month, day=day.day)
