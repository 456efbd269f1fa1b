"""Conditions over facts, in three values: yes, no, and not known. And what made them so.

A condition is a list of alternatives; an alternative is a few tests; all tests of one alternative must hold (Kleene:
one "no" makes it no, otherwise one "not known" leaves it open). Unknown is never taken for no.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from guidance.facts import Facts
from guidance.vocabulary import OFFICE_HOLDERS, Behaviour, Channel, TargetGroup

# Who the national scheme for home security covers (P08) [S109][S110]; council members are not in it.
HOME_SCHEME = (
    TargetGroup.MAYOR,
    TargetGroup.ALDERMAN,
    TargetGroup.KINGS_COMMISSIONER,
    TargetGroup.PROVINCIAL_EXECUTIVE,
    TargetGroup.WATER_BOARD_CHAIR,
    TargetGroup.WATER_BOARD_EXECUTIVE,
)
GROUPS: dict[str, tuple[str, ...]] = {"office_holders": OFFICE_HOLDERS, "home_scheme": HOME_SCHEME}
OPERATORS = ("is", "in", "has", "min", "max", "group")


OUR_PLACES = (Channel.COUNTER, Channel.INTERVIEW_ROOM, Channel.MEETING)
WORDS_ONLY = {Behaviour.VERBAL_ABUSE, Behaviour.INSULT, Behaviour.DISCRIMINATION, Behaviour.OTHER}


@dataclass(frozen=True)
class Because:
    """One fact that made an advice so: its dotted name and its value."""

    fact: str
    value: Any

    def to_data(self) -> dict[str, Any]:
        return {"fact": self.fact, "value": list(self.value) if isinstance(self.value, tuple) else self.value}


@dataclass(frozen=True)
class Test:
    """One comparison of one fact."""

    fact: str
    operator: str
    operand: Any

    def holds(self, facts: Facts) -> bool | None:
        """True, False, or None when the fact is not known."""
        value = facts.value(self.fact)
        if value is None:
            return None
        if self.operator == "is":
            return bool(value == self.operand)
        if self.operator == "in":
            return value in self.operand
        if self.operator == "has":
            return any(code in value for code in self.operand)
        if self.operator == "min":
            return bool(value >= self.operand)
        if self.operator == "max":
            return bool(value <= self.operand)
        return value in GROUPS[self.operand]

    def because(self, facts: Facts) -> Because:
        value = facts.value(self.fact)
        if self.operator == "has":
            value = tuple(code for code in value if code in self.operand)
        return Because(self.fact, value)


Alternative = tuple[Test, ...]


@dataclass(frozen=True)
class Answer:
    """What a condition said: `holds` in three values, what made it yes, and the unknown facts that leave it open."""

    holds: bool | None
    because: tuple[Because, ...] = ()
    unknown: tuple[str, ...] = ()


def evaluate(alternatives: tuple[Alternative, ...], facts: Facts) -> Answer:
    """The answer of a condition. The first alternative that holds gives the because."""
    unknown: dict[str, None] = {}
    for alternative in alternatives:
        outcomes = [(test, test.holds(facts)) for test in alternative]
        if all(outcome is True for _test, outcome in outcomes):
            return Answer(True, tuple(test.because(facts) for test in alternative))
        if not any(outcome is False for _test, outcome in outcomes):
            unknown.update({test.fact: None for test, outcome in outcomes if outcome is None})
    return Answer(None if unknown else False, unknown=tuple(unknown))


def completed(facts: Facts) -> Facts:
    """The facts with what follows from them; a fact that was given is never changed.

    Each step is our reading [OWN] unless a source is named.
    """
    for changes in _steps(facts):
        given = {name: value for name, value in changes.items() if getattr(facts, name) is None}
        facts = replace(facts, **given)
    return replace(facts, safe_to_meet=_is_safe_to_meet(facts)) if facts.safe_to_meet is None else facts


def _steps(facts: Facts) -> Iterator[dict[str, Any]]:
    if facts.perpetrator_known is False:
        # Someone unknown cannot have been warned or banned, and is not known to come here.
        yield {
            "perpetrator_earlier_incidents_12m": 0,
            "perpetrator_warned_for_same_conduct": False,
            "perpetrator_breached_measure": False,
            "perpetrator_visits_premises": False,
            "perpetrator_benefit_client": False,
            "safe_to_meet": False,
            "contact_would_continue": False,
            "next_contact_planned": False,
        }
    if facts.perpetrator_known and facts.channel in OUR_PLACES:
        yield {"perpetrator_visits_premises": True}
    if facts.channel == Channel.PRIVATE_HOME:
        yield {"home_involved": True}
    if set(facts.behaviours) <= WORDS_ONLY:
        yield {"weapon": False, "ongoing_threat": False}  # nobody reported a weapon or a threat
    if facts.perpetrator_earlier_incidents_12m == 0:
        yield {"perpetrator_warned_for_same_conduct": False}
    if Behaviour.WEAPON in facts.behaviours:
        yield {"weapon": True}
    if facts.hospital_admission or facts.lasting_injury or facts.death:
        yield {"injury": True}
    if {Behaviour.PHYSICAL_VIOLENCE, Behaviour.WEAPON} & set(facts.behaviours):
        yield {"offence_suspected": True}  # "always for physical violence or a threat of it" [S03]


def _is_safe_to_meet(facts: Facts) -> bool | None:
    """No weapon, no ongoing threat, no earlier warning for the same conduct (handbook 11, R05); open while one is."""
    signs = (
        True if Behaviour.WEAPON in facts.behaviours else facts.weapon,
        facts.ongoing_threat,
        facts.perpetrator_warned_for_same_conduct,
    )
    if any(signs):
        return False
    return None if any(sign is None for sign in signs) else True
