"""The severity that the portal proposes (handbook 11.1 [OWN]); the adviser confirms it or moves it by one."""

from collections.abc import Iterator
from dataclasses import dataclass

from guidance.facts import Facts
from guidance.rules import Because
from guidance.vocabulary import Behaviour, Severity

AT_LEAST = {
    Behaviour.PHYSICAL_VIOLENCE: Severity.VIOLENT,
    Behaviour.SPITTING: Severity.VIOLENT,
    Behaviour.WEAPON: Severity.VIOLENT,
    Behaviour.THREAT: Severity.THREATENING,
    Behaviour.INTIMIDATION: Severity.THREATENING,
    Behaviour.DISCRIMINATION: Severity.THREATENING,
    Behaviour.SEXUAL_HARASSMENT: Severity.THREATENING,
    Behaviour.STALKING: Severity.THREATENING,
    Behaviour.DOXING: Severity.THREATENING,
    Behaviour.ONLINE_HATE: Severity.THREATENING,
    Behaviour.OBSTRUCTION: Severity.THREATENING,
    Behaviour.UNDUE_PRESSURE: Severity.THREATENING,
    Behaviour.VANDALISM: Severity.THREATENING,
    Behaviour.TRESPASS: Severity.THREATENING,
    Behaviour.VERBAL_ABUSE: Severity.VERBAL,
    Behaviour.INSULT: Severity.VERBAL,
    Behaviour.OTHER: Severity.NUISANCE,
}
VIOLENT_FACTS = ("weapon", "hospital_admission", "lasting_injury", "death")
PERSONAL_FACTS = ("threat_to_life", "home_involved", "family_involved")


@dataclass(frozen=True)
class Proposal:
    """The proposed level and the facts that made it so."""

    level: int
    because: tuple[Because, ...]


def propose_severity(facts: Facts) -> Proposal:
    """The highest level that some fact asks for."""
    found = list(_reasons(facts))
    level = max(level for level, _because in found)
    if level == Severity.VERBAL and (facts.perpetrator_earlier_incidents_12m or 0) >= 1:
        earlier = Because("perpetrator.earlier_incidents_12m", facts.perpetrator_earlier_incidents_12m)
        return Proposal(Severity.THREATENING, (earlier,))
    return Proposal(int(level), tuple(because for at, because in found if at == level))


def _reasons(facts: Facts) -> Iterator[tuple[Severity, Because]]:
    for behaviour in facts.behaviours:
        yield AT_LEAST[Behaviour(behaviour)], Because("behaviours", (behaviour,))
    for name in VIOLENT_FACTS:
        if facts.value(name):
            yield Severity.VIOLENT, Because(name, True)
    for name in PERSONAL_FACTS:
        if facts.value(name):
            yield Severity.THREATENING, Because(name, True)
    if facts.home_involved and Behaviour.VANDALISM in facts.behaviours:
        yield Severity.VIOLENT, Because("home_involved", True)  # an attack on a home
