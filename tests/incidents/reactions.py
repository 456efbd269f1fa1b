"""What tests of reactions start from: a person linked to a case, and a reaction at a step."""

from datetime import date
from typing import Any

from django.utils.timezone import localdate

from incidents.actions.reaction_signing import agree, propose, sign
from incidents.actions.reaction_steps import give, tell_police
from incidents.actions.reactions import ReactionWords, draft_reaction
from incidents.models import Incident, Involvement, Person, Reaction
from incidents.vocabulary import InvolvedAs, ReactionKind
from tests import clock
from tests.world import Place, make_incident
from vpdportal.accounts.models import User

NAME = "Fictieve Testpersoon"


def make_person(town: Place, name: str = NAME, **more: Any) -> Person:
    person = Person(organisation=town.organisation, created_at=clock.now(), created_by=town.adviser, **more)
    person.sealed_name = name
    person.save()
    return person


def link(incident: Incident, person: Person, by: User) -> Person:
    involvement = Involvement(
        organisation=incident.organisation,
        incident=incident,
        person=person,
        role=InvolvedAs.PERPETRATOR,
        at=clock.now(),
        by=by,
    )
    involvement.remark = ""
    involvement.save()
    return person


def make_case(town: Place, **facts: Any) -> Incident:
    """A case of severity 2 (unless told otherwise) with a person linked as perpetrator."""
    incident = make_incident(town, **facts)
    link(incident, make_person(town), town.adviser)
    return incident


def make_threat(town: Place, **facts: Any) -> Incident:
    """A case of severity 3, so that a second pair of eyes is needed."""
    return make_case(town, behaviours=("threat",), perpetrator_visits_premises=True, **facts)


def words_of(incident: Incident, town: Place, **more: Any) -> dict[str, Any]:
    """A complete draft of a ban of three months, signed by management."""
    values = {
        "person": incident.involvements.all()[0].person,
        "conduct": "Zei letterlijk: ik weet je te vinden.",
        "hearing_words": "Vond dat hij te lang wachtte.",
        "proportionality": "Een waarschuwing hielp eerder niet.",
        "core_services": "Paspoort op afspraak aan huis.",
        "scope": "Het stadhuis.",
        "instruction": "Laat niet binnen, bel de beveiliging.",
        "starts_on": localdate(clock.now()),
        "ends_on": date(2027, 2, 24),
        "signer": town.management,
        "second": town.deputy,
    }
    return {**values, **more}


def drafted(incident: Incident, town: Place, kind: str = "ban", by: User | None = None, **more: Any) -> Reaction:
    words = ReactionWords(words_of(incident, town, **more))
    return draft_reaction(
        incident=incident, kind=ReactionKind(kind), words=words, by=by or town.adviser, now=clock.now()
    )


def step(act: Any, reaction: Reaction, by: User, **more: Any) -> Reaction:
    """One action on the reaction as it is now."""
    reaction.refresh_from_db()
    done: Reaction = act(reaction=reaction, seen=reaction.revision, by=by, now=clock.now(), **more)
    return done


def proposed(incident: Incident, town: Place, kind: str = "ban", **more: Any) -> Reaction:
    return step(propose, drafted(incident, town, kind, **more), town.adviser)


def signed(incident: Incident, town: Place, kind: str = "ban", **more: Any) -> Reaction:
    reaction = proposed(incident, town, kind, **more)
    if reaction.second:
        reaction = step(agree, reaction, reaction.second)
    assert reaction.signer
    return step(sign, reaction, reaction.signer)


def running(incident: Incident, town: Place, kind: str = "ban", **more: Any) -> Reaction:
    reaction = signed(incident, town, kind, **more)
    if kind != "civil_order":
        reaction = step(tell_police, reaction, town.adviser)
    return step(give, reaction, town.adviser, day=localdate(clock.now()))
