"""What other facts would change in a case, before anything is saved. Pure: it asks the menu twice and compares."""

from copy import copy
from dataclasses import dataclass, replace
from typing import Any

from guidance.advice import Advice, Advised
from guidance.facts import FACTS, FactDescription
from guidance.menu import Item
from incidents.actions.advice import advice_for, anchors_of, propose_anew
from incidents.models import Incident


@dataclass(frozen=True)
class Changed:
    """An item that both answers advise, but not alike."""

    before: Advice
    after: Advice

    @property
    def is_other(self) -> bool:
        """Whether it has another term, other words, another suggested end, or has to be done now."""
        return _said(self.before) != _said(self.after)


@dataclass(frozen=True)
class Difference:
    """Between two answers of the menu: what comes, goes, gets another term, has to wait, or has to wait no longer."""

    adds: list[Advice]
    removes: list[Item]
    changes: list[Changed]
    held: list[Item]
    released: list[Item]
    severities: tuple[int, int] | None = None  # before and after, where it differs

    @property
    def is_empty(self) -> bool:
        return not (self.adds or self.removes or self.changes or self.held or self.released or self.severities)


@dataclass(frozen=True)
class FactChange:
    """One fact that would get another value; None is "not known"."""

    description: FactDescription
    before: Any
    after: Any


def difference_of(before: Advised, after: Advised) -> Difference:
    """What is other in `after`, both being about one case."""
    old, new = ({advice.item.code: advice for advice in one.advice} for one in (before, after))
    both = [Changed(old[code], new[code]) for code in new if code in old]
    return Difference(
        adds=[advice for code, advice in new.items() if code not in old],
        removes=[advice.item for code, advice in old.items() if code not in new],
        changes=[pair for pair in both if pair.is_other],
        held=[pair.after.item for pair in both if pair.after.is_on_hold and not pair.before.is_on_hold],
        released=[pair.after.item for pair in both if pair.before.is_on_hold and not pair.after.is_on_hold],
        severities=(before.severity, after.severity) if before.severity != after.severity else None,
    )


def _said(advice: Advice) -> tuple[object, ...]:
    item = advice.item
    words = item.title_text, item.purpose_text, item.role_text
    return words, [step.due for step in advice.steps], advice.months, advice.strength


def preview_facts(incident: Incident, answers: dict[str, Any]) -> tuple[list[FactChange], Difference]:
    """What these answers (dotted fact → value, None for "not known") would change. Saves nothing."""
    facts = incident.facts
    other = copy(incident)
    other.facts = replace(facts, **{FACTS[name].attribute: value for name, value in answers.items()})
    propose_anew(other)
    anchors = anchors_of(incident)
    changes = [FactChange(FACTS[name], facts.value(name), value) for name, value in answers.items()]
    return changes, difference_of(advice_for(incident, anchors), advice_for(other, anchors))
