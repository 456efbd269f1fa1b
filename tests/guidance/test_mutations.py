"""No item is out of reach, and no test in the menu's files can be changed without an answer that changes.

A corpus of made-up facts is answered once by hand (tests/guidance/by_hand.py). Then each test is left out, turned
round or shifted by one, each code and each alternative left out, one at a time: some answer must differ.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain, takewhile
from typing import Any

import pytest

from guidance.advice import Advised, decide
from guidance.card import Card
from guidance.facts import FACTS, Facts
from guidance.menu import Menu
from guidance.menu_file import load_menu
from guidance.rules import GROUPS, Condition
from guidance.rules import Test as Comparison
from tests.guidance import by_hand
from tests.guidance.strategies import (
    BARE,
    WHEN,
    every_condition,
    many_facts,
    values_against,
    values_for,
    with_values,
)

MENU = load_menu()
CONDITIONS = {name: condition for name, condition in every_condition() if any(condition)}
ALWAYS = {"R01", "R03"}
FLAGS = [name for name, fact in FACTS.items() if fact.kind == "boolean"]
# What else may be known: nothing, a severity that someone gave, someone known or not, all flags down.
BACKGROUNDS: list[dict[str, Any]] = [
    {},
    *({"severity": severity} for severity in (1, 2, 3, 4)),
    *({"perpetrator.known": True, "severity": severity} for severity in (1, 2, 3, 4)),
    {"perpetrator.known": True},
    {"perpetrator.known": False},
    dict.fromkeys(FLAGS, False),
    {**dict.fromkeys(FLAGS, False), "perpetrator.known": True, "perpetrator.earlier_incidents_12m": 0},
]
READ = {
    "perpetrator.earlier_incidents_12m": "earlier",
    "perpetrator.warned_for_same_conduct": "warned",
    "perpetrator.breached_measure": "breached",
    "perpetrator.visits_premises": "visits",
    "perpetrator.benefit_client": "benefit",
    "safe_to_meet": "safe",
    "contact_would_continue": "goes_on",
    "next_contact_planned": "next_contact",
    "home_involved": "home",
    "weapon": "weapon",
    "ongoing_threat": "ongoing",
    "injury": "injury",
    "offence_suspected": "offence",
}


# --- the corpus ------------------------------------------------------------------------------------------------------


def cases_of(condition: Condition) -> Iterator[Facts]:
    """Facts around a condition: each alternative just met by each value of each test, and just missed by one test."""
    for alternative in condition:
        met = {test.fact: values_for(test)[0] for test in alternative}
        variants = [met]
        for test in alternative:
            others = [*values_for(test), *values_against(test), *([None] if test.fact not in _REQUIRED else [])]
            variants += [{**met, test.fact: value} for value in others]
        for variant in variants:
            for background in BACKGROUNDS:
                yield with_values(BARE, {**background, **variant})


_REQUIRED = ("behaviours", "channel", "target_group")


@dataclass(frozen=True)
class Case:
    """Made-up facts, and the answer to them by hand."""

    values: dict[str, Any]
    answer: tuple[Any, ...]


@cache
def case_of(known: Facts) -> Case:
    read = by_hand.readings(known)
    severity = known.severity or by_hand.proposed_severity(known, read)
    values = {
        **known.values(),
        **{fact: value for fact, name in READ.items() if (value := getattr(read, name)) is not None},
    }
    fits = by_hand.fitting(known)
    answer = (
        fits,
        by_hand.first_of(known, fits),
        by_hand.behind(fits, read),
        by_hand.waiting(known),
        {**values, "severity": severity},
        by_hand.offences(known, read),
        by_hand.asked_later(known, read),
    )
    return Case(known.values(), answer)


@cache
def cases_around(name: str) -> tuple[Case, ...]:
    """The cases around the condition with this name."""
    return tuple(case_of(known) for known in cases_of(CONDITIONS[name]))


@cache
def corpus() -> tuple[Case, ...]:
    """All cases: those around each condition of the menu, and three thousand by dice."""
    around = [case for name in CONDITIONS for case in cases_around(name)]
    return tuple({id(case): case for case in (*around, *map(case_of, many_facts(3000)))}.values())


def answer_of(card: Card, values: dict[str, Any]) -> tuple[Any, ...]:
    """The same answer by the engine: what fits, in front, behind others, waits, follows; offences; asked later."""
    decision = decide(values, card)
    yes = decision.marks[0]
    near = [one for number, one in enumerate(card.menu.nearness) if card.conditions.holds(f"near {number}", yes)]
    return (
        set(decision.fits),
        list(takewhile(lambda code: code != "R01" and not code.startswith("P"), decision.fits)),
        {code: set(fit.waits_for) for code, fit in decision.fits.items() if fit.waits_for},
        decision.held,
        decision.values,
        {offence.article for offence in Advised(decision, card, WHEN, values).offences},
        {fact for one in card.menu.nearness for fact in one.facts} - {fact for one in near for fact in one.facts},
    )


def test_the_engine_says_of_every_case_what_the_menu_by_hand_says():
    card = Card.default()
    assert len(corpus()) > 5000
    for case in corpus():
        assert answer_of(card, case.values) == case.answer, case.values


@pytest.mark.parametrize("code", MENU.items)
def test_no_item_is_out_of_reach(code: str):
    card = Card.default()
    outcomes = {code in decide(case.values, card).fits for case in corpus()}
    assert outcomes == ({True} if code in ALWAYS else {True, False})


# --- one change at a time --------------------------------------------------------------------------------------------


def changes_of(condition: Condition) -> Iterator[tuple[str, Condition]]:
    """The condition with one thing changed, each with words for what."""
    for number, alternative in enumerate(condition):
        others = condition[:number], condition[number + 1 :]
        yield f"without alternative {number + 1}", (*others[0], *others[1])
        for place, test in enumerate(alternative):
            rest = alternative[:place], alternative[place + 1 :]
            name = f"{test.fact} {test.operator} {test.operand} of alternative {number + 1}"
            yield f"without {name}", (*others[0], (*rest[0], *rest[1]), *others[1])
            for words, other in changes_of_test(test):
                yield f"{name} {words}", (*others[0], (*rest[0], other, *rest[1]), *others[1])


def changes_of_test(test: Comparison) -> Iterator[tuple[str, Comparison]]:
    """The test turned round or shifted by one, and without each of its codes."""
    codes = FACTS[test.fact].codes()
    if isinstance(test.operand, bool):
        yield "turned round", replace(test, operand=not test.operand)
    elif isinstance(test.operand, int):
        yield "one higher", replace(test, operand=test.operand + 1)
        yield "one lower", replace(test, operand=test.operand - 1)
    elif test.operator == "is":
        yield (
            "turned round",
            replace(test, operator="in", operand=tuple(code for code in codes if code != test.operand)),
        )
    else:
        named = GROUPS[test.operand] if test.operator == "group" else test.operand
        operator = "in" if test.operator == "group" else test.operator
        yield (
            "turned round",
            replace(test, operator=operator, operand=tuple(code for code in codes if code not in named)),
        )
        if len(named) > 1:
            for code in named:
                fewer = tuple(one for one in named if one != code)
                yield f"without {code}", replace(test, operator=operator, operand=fewer)


def put(name: str, condition: Condition) -> Menu:
    """The menu with another condition under this name (those of `Card.conditions`)."""
    kind, _space, key = name.partition(" ")
    if kind == "severity":
        return replace(MENU, severities=_put(MENU.severities, lambda one: str(one.level) == key, condition))
    if kind == "assumption":
        return replace(MENU, assumptions=_put(MENU.assumptions, lambda one: one.name == key, condition))
    if kind == "offence":
        return replace(MENU, offences=_put(MENU.offences, lambda one: one.article == key, condition))
    if kind == "near":
        return replace(MENU, nearness=_put(MENU.nearness, lambda one: one is MENU.nearness[int(key)], condition))
    if kind == "rule":
        return replace(MENU, rules=_put(MENU.rules, lambda one: one.name == key, condition))
    item = MENU.items[name]  # a rule with `when_item` goes along with it
    rules = _put(MENU.rules, lambda one: one.condition == item.condition, condition)
    return replace(MENU, items={**MENU.items, name: replace(item, condition=condition)}, rules=rules)


def _put(parts: tuple[Any, ...], is_it: Callable[[Any], bool], condition: Condition) -> tuple[Any, ...]:
    return tuple(replace(one, condition=condition) if is_it(one) else one for one in parts)


def is_unnoticed(changed: Menu, name: str = "") -> bool:
    """Whether the changed menu answers every case as before; those around the condition of this name come first."""
    card = Card("changed", menu=changed)
    cases = chain(cases_around(name) if name else (), corpus())
    return all(answer_of(card, case.values) == case.answer for case in cases)


OF_AN_ITEM = {
    f"rule {rule.name}" for rule in MENU.rules for item in MENU.items.values() if rule.condition == item.condition
}


@pytest.mark.parametrize("name", sorted(set(CONDITIONS) - OF_AN_ITEM))
def test_no_change_of_a_condition_goes_unnoticed(name: str):
    changes = changes_of(CONDITIONS[name])
    assert [words for words, other in changes if is_unnoticed(put(name, other), name)] == []


def lists_of_codes() -> Iterator[tuple[str, Menu]]:
    """The menu without one code in one list that ties items to each other, or without one thing that follows."""
    for rule in MENU.rules:
        for code in rule.items:
            fewer = replace(rule, items=tuple(one for one in rule.items if one != code))
            yield f"rule {rule.name} without {code}", replace(MENU, rules=_swap(MENU.rules, rule, fewer))
    for one in MENU.assumptions:
        for fact in one.then:
            left = replace(one, then={name: value for name, value in one.then.items() if name != fact})
            yield f"{one.name} without {fact}", replace(MENU, assumptions=_swap(MENU.assumptions, one, left))
    for part in MENU.nearness:
        for fact in part.facts:
            left = replace(part, facts=tuple(name for name in part.facts if name != fact))
            yield f"near without {fact}", replace(MENU, nearness=_swap(MENU.nearness, part, left))
    for item in MENU.items.values():
        for code in item.follows:
            fewer_follows = replace(item, follows=tuple(one for one in item.follows if one != code))
            yield f"{item.code} does not follow {code}", replace(MENU, items={**MENU.items, item.code: fewer_follows})


def _swap(parts: tuple[Any, ...], old: Any, new: Any) -> tuple[Any, ...]:
    return tuple(new if one is old else one for one in parts)


def test_no_code_can_be_left_out_of_a_rule_unnoticed():
    assert [words for words, changed in lists_of_codes() if is_unnoticed(changed)] == []
