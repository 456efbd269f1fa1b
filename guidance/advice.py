"""advise(): facts in, advice with reasons, deadlines and open questions out. Pure, and it only proposes.

First it is decided which items fit (`decide`); what a page shows of each (why, by when, until when) is worked out when
it is asked for, so that a hundred thousand incidents can be decided again without it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from guidance.card import Card, Fit
from guidance.deadlines import Due, Moments, days_before, due, months_after
from guidance.facts import Facts, Values
from guidance.menu import Item, LadderStep, Offence, Rule, Step
from guidance.rules import Because, Marks
from guidance.vocabulary import Effect, Occurrence, Phase, Severity, Strength

EARLIER = "perpetrator.earlier_incidents_12m"


ALWAYS_FOR_REPORTER = ("R01", "R03")  # assess the report; tell the reporter


class Decision(NamedTuple):
    """Which items fit these facts on this card, after the rules between items. Codes in the order of the menu."""

    values: Values  # with what is taken to follow from them
    marks: Marks
    severity: int
    fits: dict[str, Fit]
    dropped: dict[str, str]  # code → name of the rule that took it away
    held: frozenset[str]  # codes of what has to wait


def decide(values: Values, card: Card) -> Decision:
    """What fits. `values` are the known facts by their dotted names."""
    values, (yes, no) = card.completed(values)
    if "severity" not in values:
        values["severity"] = card.proposed_severity(yes)
        more = card.conditions.marks_of("severity", values["severity"])
        yes, no = yes | more[0], no | more[1]
    found = card.holding_items(yes)
    dropped: dict[str, str] = {}
    held: set[str] = set()
    for rule in card.holding_rules(yes):
        if rule.effect == Effect.DROP:
            dropped.update(dict.fromkeys(rule.items, rule.name))
        elif rule.effect == Effect.HOLD:
            held.update(rule.items)
        else:
            found = {**{code: found[code] for code in rule.items if code in found}, **found}
    fits = {code: fit for code, fit in found.items() if code not in dropped} if dropped else found
    for item in card.followers:
        if item.code not in dropped:
            _follow(item, fits)
    for item in card.needing:
        if item.code in fits:
            for need in item.needs:
                fits.setdefault(need, Fit(None, (item.code,)))
    return Decision(values, (yes, no), values["severity"], fits, dropped, frozenset(held))


def _follow(item: Item, fits: dict[str, Fit]) -> None:
    """An item that follows others: held first (N03 after N02), or proposed with them (R23 with a ban)."""
    leaders = tuple([code for code in item.follows if code in fits])
    if item.follows_done:
        if item.code in fits and leaders:
            fits[item.code] = Fit(fits[item.code].alternative, leaders)
        else:
            fits.pop(item.code, None)
    elif item.code not in fits and leaders:
        fits[item.code] = Fit(None, leaders)


@dataclass(frozen=True)
class StepDue:
    """One step of an advised item and its moment."""

    number: int
    due: datetime | None


@dataclass(frozen=True)
class Advice:
    """One item that fits, why, and by when."""

    item: Item
    decision: Decision
    card: Card
    moments: Moments

    @property
    def strength(self) -> Strength:
        return self.item.strength

    @property
    def waits_for(self) -> tuple[str, ...]:
        return self.decision.fits[self.item.code].waits_for

    @property
    def is_on_hold(self) -> bool:
        return self.item.code in self.decision.held

    @cached_property
    def because(self) -> tuple[Because, ...]:
        """The facts that made it so, never none."""
        fit = self.decision.fits[self.item.code]
        if fit.alternative is None:
            return tuple(Because("item", code) for code in fit.waits_for)
        found = self.card.conditions.because(self.item.code, fit.alternative, self.decision.values)
        return found or (Because("always", True),)

    @property
    def months(self) -> tuple[int, int] | None:
        """For what restricts someone: its shortest and longest time, by the ladder or else as usual."""
        return _months(self.item, self.decision, self.card)

    @cached_property
    def _dues(self) -> tuple[Due, ...]:
        return tuple(self._due_of(step) for step in self.item.steps)

    def _due_of(self, step: Step) -> Due:
        """The first moment that holds for it: by its own term, by severity, or by the end of what it follows."""
        item = self.item
        term = item.due_alone if item.due_alone and not self.waits_for else step.deadline
        severe = item.due_if_severe if self.decision.severity >= Severity.THREATENING else None
        found = [
            due(one, self.moments, item.follows, self.card.changes.closed_day)
            for one in (term, step.norm, severe)
            if one
        ]
        end = self._first_end() if item.days_before_end else None
        if end:
            found.append(Due(days_before(end, item.days_before_end)))
        return min((one for one in found if one.at), key=lambda one: one.at, default=Due(None))  # type: ignore[arg-type,return-value]

    def _first_end(self) -> datetime | None:
        """When the first of what it follows, as far as chosen, ends or (while it was not given yet) could end."""
        ends = [self._end_of(code) for code in self.item.follows]
        return min((end for end in ends if end), default=None)

    def _end_of(self, code: str) -> datetime | None:
        if code in self.moments.ends:
            return self.moments.ends[code]
        months = _months(self.card.every[code], self.decision, self.card)
        chosen_at = self.moments.anchors.get(code)
        return months_after(chosen_at, months[0]) if chosen_at and months else None

    @property
    def steps(self) -> tuple[StepDue, ...]:
        return tuple(StepDue(number, found.at) for number, found in enumerate(self._dues))

    @property
    def is_late_report(self) -> bool:
        return any(found.is_late_report for found in self._dues)

    @property
    def due(self) -> datetime | None:
        """The moment of its first step."""
        return self._dues[0].at


def _months(item: Item, decision: Decision, card: Card) -> tuple[int, int] | None:
    if item.restricts is None:
        return None
    cell = card.ladder[decision.severity, occurrence_of(decision.values)]
    by_ladder = next((step.months for step in cell if step.code == item.code), None)
    return by_ladder or (item.restricts.usual, item.restricts.usual)


def occurrence_of(values: Values) -> Occurrence:
    """Which column of the ladder; the first, and mildest, while earlier incidents are not known."""
    earlier = values.get(EARLIER) or 0
    return Occurrence.FIRST if earlier == 0 else Occurrence.SECOND if earlier == 1 else Occurrence.LATER


@dataclass(frozen=True)
class LadderAdvice:
    """The cell of the ladder that these facts lead to, and what of it still counts."""

    severity: int
    occurrence: Occurrence
    is_occurrence_known: bool
    steps: tuple[LadderStep, ...]


@dataclass(frozen=True)
class Advised:
    """The whole answer of the menu."""

    decision: Decision
    card: Card
    moments: Moments
    given: Values  # the facts as they were given, before anything was taken to follow from them
    is_near_miss: bool = False  # it only just went well: nothing goes to anyone, nobody has to recover

    @property
    def severity(self) -> int:
        return self.decision.severity

    @property
    def menu_version(self) -> str:
        return self.card.version

    @property
    def codes(self) -> list[str]:
        return list(self.decision.fits)

    @cached_property
    def advice(self) -> tuple[Advice, ...]:
        every = self.card.every
        return tuple(Advice(every[code], self.decision, self.card, self.moments) for code in self.decision.fits)

    @property
    def proposed_severity(self) -> int:
        """What the other facts ask for, also where a person gave another severity."""
        return self.card.proposed_severity(self.decision.marks[0])

    @cached_property
    def severity_because(self) -> tuple[Because, ...]:
        """The facts behind the proposed severity."""
        conditions, name = self.card.conditions, f"severity {self.proposed_severity}"
        numbers = conditions.all_that_hold(name, self.decision.marks[0])
        found = [one for number in numbers for one in conditions.because(name, number, self.decision.values)]
        return tuple(dict.fromkeys(found)) or (Because("always", True),)

    @property
    def offences(self) -> list[Offence]:
        """Possible offences: a hint, never a verdict. None where it is criticism only."""
        if self.is_near_miss or self.decision.values.get("criticism_only"):
            return []
        yes = self.decision.marks[0]
        return [one for one in self.card.menu.offences if self.card.conditions.holds(f"offence {one.article}", yes)]

    @property
    def ladder(self) -> LadderAdvice | None:
        """What the ladder suggests; nothing while nobody is known, or where another way holds."""
        decision = self.decision
        if self.is_near_miss or decision.values.get("perpetrator.known") is not True:
            return None
        occurrence = occurrence_of(decision.values)
        cell = self.card.ladder[decision.severity, occurrence]
        if any(step.code in decision.dropped for step in cell):
            return None
        steps = tuple(step for step in cell if step.code in self.card.items)
        return LadderAdvice(decision.severity, occurrence, EARLIER in decision.values, steps)

    @property
    def dropped(self) -> list[tuple[Item, Rule]]:
        """What would have fitted by itself but fell away, each with the rule that says why."""
        rules = {rule.name: rule for rule in self.card.menu.rules}
        yes = self.decision.marks[0]
        return [
            (self.card.items[code], rules[name])
            for code, name in self.decision.dropped.items()
            if code in self.card.items and self.card.conditions.holds(code, yes)
        ]


def for_near_miss(advised: Advised) -> Advised:
    """What the menu says of a near miss [OWN]: prevention, assessing the report and telling the reporter; no more.

    What would go to a perpetrator, to the police or into aftercare has no ground where it only just went well.
    """
    every, decision = advised.card.every, advised.decision

    def is_kept(code: str) -> bool:
        is_prevention = every[code].phase == Phase.PREVENTION and not every[code].reaches_perpetrator
        return is_prevention or code in ALWAYS_FOR_REPORTER

    fits = {code: fit for code, fit in decision.fits.items() if is_kept(code)}
    dropped = {code: rule for code, rule in decision.dropped.items() if is_kept(code)}
    return replace(advised, decision=decision._replace(fits=fits, dropped=dropped), is_near_miss=True)


def propose_severity(facts: Facts, card: Card | None = None) -> int:
    """The severity, 1 to 4, that these facts ask for (handbook 11.1 [OWN]); the adviser may move it by one."""
    values = {name: value for name, value in facts.values().items() if name != "severity"}
    return decide(values, card or Card.default()).severity


def advise(facts: Facts, card: Card, moments: Moments) -> Advised:
    """What fits these facts on this card. Source of the rules: the .toml files of guidance, and handbook 11."""
    values = facts.values()
    return Advised(decide(values, card), card, moments, values)
