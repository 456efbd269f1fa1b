"""advise(): facts in, advice with reasons, deadlines and open questions out. Pure, and it only proposes."""

from dataclasses import dataclass, replace
from datetime import datetime

from guidance.card import Card
from guidance.deadlines import Deadline, Due, Moments, due
from guidance.facts import FACTS, Facts
from guidance.menu import Item, load_menu
from guidance.rules import Answer, Because, completed, evaluate
from guidance.severity import propose_severity
from guidance.vocabulary import Severity, Strength

# What is a measure against the person: not for criticism or persistent complaining (handbook 3.4 [S48]).
AGAINST_PERSON = frozenset({"R04", "R05", "R06", "R07", "R08", "R09", "R11", "R12", "R13", "R17", "R18", "R20"})


@dataclass(frozen=True)
class StepDue:
    """One step of an advised item and its moment."""

    number: int
    due: datetime | None


@dataclass(frozen=True)
class Advice:
    """One item that fits, why, and by when. `waits_for`: no task until one of these is chosen or held."""

    item: Item
    strength: Strength
    steps: tuple[StepDue, ...]
    is_late_report: bool
    because: tuple[Because, ...]
    waits_for: tuple[str, ...]
    is_on_hold: bool

    @property
    def due(self) -> datetime | None:
        """The moment of its first step."""
        return self.steps[0].due


@dataclass(frozen=True)
class Question:
    """A fact that is not known and would change the advice: the items that could come, and those that would go."""

    fact: str
    adds: tuple[str, ...]
    removes: tuple[str, ...]

    @property
    def text(self) -> str:
        return str(FACTS[self.fact].question)


@dataclass(frozen=True)
class Advised:
    """The whole answer of the menu."""

    severity: int
    severity_because: tuple[Because, ...]
    advice: tuple[Advice, ...]
    questions: tuple[Question, ...]
    menu_version: str


def advise(facts: Facts, card: Card, moments: Moments) -> Advised:
    """What fits these facts on this card. Source of the rules: guidance/menu.toml and handbook 11."""
    proposal = propose_severity(facts)
    if facts.severity is None:
        facts = replace(facts, severity=proposal.level)
    facts = completed(facts)
    items = {code: item for code, item in load_menu().items.items() if code not in card.off}
    answers = {code: evaluate(item.alternatives, facts) for code, item in items.items()}
    fits = _fitting(items, answers, facts)
    advice = tuple(_advice(items[code], because, waits, facts, moments) for code, (because, waits) in fits.items())
    severity = facts.severity if facts.severity is not None else proposal.level
    return Advised(severity, proposal.because, advice, _questions(items, answers, fits, facts), card.version)


Fits = dict[str, tuple[tuple[Because, ...], tuple[str, ...]]]


def _fitting(items: dict[str, Item], answers: dict[str, Answer], facts: Facts) -> Fits:
    """Code → (because, waits for), after the rules between items."""
    fits: Fits = {code: (answer.because, ()) for code, answer in answers.items() if answer.holds}
    excluded = {code for found in fits for code in items[found].excludes}
    excluded |= {item.code for item in items.values() if any(other in fits for other in item.not_with)}
    if facts.criticism_only:
        excluded |= AGAINST_PERSON
    fits = {code: found for code, found in fits.items() if code not in excluded}
    for item in items.values():
        if item.follows and item.code not in excluded:
            _follow(item, fits)
    return {code: fits[code] for code in items if code in fits}


def _follow(item: Item, fits: Fits) -> None:
    """An item that follows others: held first (N03 after N02), or proposed with them (R23 with a ban)."""
    leaders = tuple(code for code in item.follows if code in fits)
    if item.follows_done:
        if item.code in fits and leaders:
            fits[item.code] = (fits[item.code][0], leaders)
        else:
            fits.pop(item.code, None)
    elif item.code not in fits and leaders:
        fits[item.code] = (tuple(Because("item", code) for code in leaders), leaders)


def _advice(item: Item, because: tuple[Because, ...], waits: tuple[str, ...], facts: Facts, moments: Moments) -> Advice:
    dues = [_due_of(step.deadline, item, waits, facts, moments) for step in item.steps]
    return Advice(
        item=item,
        strength=item.strength,
        steps=tuple(StepDue(number, found.at) for number, found in enumerate(dues)),
        is_late_report=any(found.is_late_report for found in dues),
        because=because or (Because("always", True),),
        waits_for=waits,
        is_on_hold=bool(facts.police_ask_to_wait) and item.reaches_perpetrator,
    )


def _due_of(deadline: Deadline | None, item: Item, waits: tuple[str, ...], facts: Facts, moments: Moments) -> Due:
    if item.due_if_severe and (facts.severity or 0) >= Severity.THREATENING:
        deadline = item.due_if_severe
    elif item.due_alone and not waits:
        deadline = item.due_alone
    return due(deadline, moments, item.follows)


def _questions(items: dict[str, Item], answers: dict[str, Answer], fits: Fits, facts: Facts) -> tuple[Question, ...]:
    """One question for each unknown fact that an undecided item hangs on, or that would take items away."""
    adds: dict[str, list[str]] = {}
    for code, answer in answers.items():
        if answer.holds is None and not (facts.criticism_only and code in AGAINST_PERSON):
            for fact in answer.unknown:
                adds.setdefault(fact, []).append(code)
    removes = _would_remove(fits, facts, items)
    facts_in_order = [name for name in FACTS if name in adds or name in removes]
    return tuple(Question(name, tuple(adds.get(name, ())), removes.get(name, ())) for name in facts_in_order)


def _would_remove(fits: Fits, facts: Facts, items: dict[str, Item]) -> dict[str, tuple[str, ...]]:
    """Unknown facts whose answer would take proposed items away, or (police) put them on hold."""
    against = tuple(code for code in fits if code in AGAINST_PERSON)
    ladder = tuple(code for code in items["R26"].excludes if code in fits) if "R26" in items else ()
    reaching = tuple(code for code in fits if items[code].reaches_perpetrator)
    found = {
        "criticism_only": against if facts.criticism_only is None and (facts.severity or 0) <= Severity.VERBAL else (),
        "perpetrator.relation": ladder if facts.perpetrator_relation is None else (),
        "police_ask_to_wait": reaching if facts.police_ask_to_wait is None and facts.offence_suspected else (),
    }
    return {fact: codes for fact, codes in found.items() if codes}
