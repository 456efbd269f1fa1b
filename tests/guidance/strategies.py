"""Made-up facts and own items: any that can be, likely ones, and ones that nearly or just meet a condition."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

from hypothesis import strategies as st

from guidance.advice import Advised, advise
from guidance.card import Card
from guidance.changes import Changes, ItemChange, OwnItem
from guidance.deadlines import Moments
from guidance.facts import FACTS, REQUIRED, FactDescription, Facts
from guidance.menu import Text
from guidance.menu_file import load_menu
from guidance.rules import GROUPS, OPERATORS, Condition, read_test
from guidance.rules import Test as Comparison
from guidance.vocabulary import ItemStatus, Phase

WHEN = Moments(datetime(2026, 11, 24, 9, 0, tzinfo=UTC), datetime(2026, 11, 24, 10, 0, tzinfo=UTC))
BARE = Facts(behaviours=("other",), channel="other", target_group="employee")
COUNTS = (0, 0, 1, 2, 3, 4, 8)  # around every limit that the menu has
MOST_MONTHS = 24


def ask(facts: Facts, card: Card | None = None) -> Advised:
    return advise(facts, card or Card.default(), WHEN)


# --- one fact at a time ----------------------------------------------------------------------------------------------


def possible_values(fact: FactDescription, operator: str = "", operand: Any = None) -> list[Any]:
    """Values of a fact, those on both sides of a limit among them."""
    if fact.kind == "boolean":
        return [True, False]
    if fact.kind == "choices":
        singles = [(code,) for code in fact.codes()]
        return [*singles, *[("other", code) for code in fact.codes() if code != "other"]]
    if fact.kind == "choice":
        return fact.codes()
    limit = operand if operator in {"is", "min", "max"} else 1
    return sorted({0, max(0, limit - 1), limit, limit + 1})


def values_for(test: Comparison) -> list[Any]:
    """Values for which the test holds, the ones nearest to its limit first."""
    found = [
        value
        for value in possible_values(FACTS[test.fact], test.operator, test.operand)
        if OPERATORS[test.operator](value, test.operand)
    ]
    return sorted(found, key=lambda value: abs(value - test.operand)) if test.operator in {"min", "max"} else found


def values_against(test: Comparison) -> list[Any]:
    """Values for which it does not, the ones nearest to its limit first; "other" where there is one."""
    found = [
        value
        for value in possible_values(FACTS[test.fact], test.operator, test.operand)
        if not OPERATORS[test.operator](value, test.operand)
    ]
    if test.operator in {"min", "max"}:
        return sorted(found, key=lambda value: abs(value - test.operand))
    return sorted(found, key=lambda value: value not in ("other", ("other",)))


def with_values(facts: Facts, values: dict[str, Any]) -> Facts:
    """The facts with these by their dotted names; None: not known."""
    return replace(facts, **{FACTS[name].attribute: value for name, value in values.items()})


def every_condition(card: Card | None = None) -> list[tuple[str, Condition]]:
    """Every condition that ships, and those of the card's own items, by the name that `Card.conditions` has for it."""
    menu = load_menu()
    return [
        *((code, item.condition) for code, item in (card or Card.default()).items.items()),
        *((f"rule {rule.name}", rule.condition) for rule in menu.rules),
        *((f"near {number}", one.condition) for number, one in enumerate(menu.nearness)),
        *((f"severity {rule.level}", rule.condition) for rule in menu.severities),
        *((f"assumption {assumption.name}", assumption.condition) for assumption in menu.assumptions),
        *((f"offence {offence.article}", offence.condition) for offence in menu.offences),
    ]


# --- by dice: the same each time, for the corpus and the benchmark ----------------------------------------------------


def some_facts(dice: Random, *, unknown: float) -> Facts:
    """Any facts, each optional one not known with this chance."""
    return Facts(**{fact.attribute: _some_value(fact, dice, unknown) for fact in FACTS.values()})


def _some_value(fact: FactDescription, dice: Random, unknown: float) -> Any:
    if fact.name not in REQUIRED and dice.random() < unknown:
        return None
    if fact.kind == "boolean":
        return dice.random() < 0.5
    if fact.kind == "integer":
        return dice.choice(COUNTS)
    if fact.kind == "choices":
        return tuple(dice.sample(fact.codes(), dice.choice((1, 1, 2))))
    return dice.choice(fact.codes())


def many_facts(number: int, seed: int = 2026) -> Iterator[Facts]:
    """So many different facts, from hardly anything known to nearly all."""
    dice = Random(seed)
    for index in range(number):
        yield some_facts(dice, unknown=(0.9, 0.6, 0.3, 0.1)[index % 4])


# --- for hypothesis --------------------------------------------------------------------------------------------------


def _value_of(fact: FactDescription) -> st.SearchStrategy[Any]:
    if fact.kind == "boolean":
        return st.booleans()
    if fact.kind == "integer":
        return st.sampled_from(COUNTS) | st.integers(0, 1000)
    if fact.kind == "choices":
        return st.lists(st.sampled_from(fact.codes()), min_size=1, max_size=3, unique=True).map(tuple)
    return st.sampled_from(fact.codes())


VALUES = {name: _value_of(fact) for name, fact in FACTS.items()}


def any_facts() -> st.SearchStrategy[Facts]:
    """Each fact known or not, whatever the others are. By dice: forty draws of hypothesis take too long."""
    return st.builds(
        lambda seed, unknown: some_facts(Random(seed), unknown=unknown),
        st.integers(0, 2**32),
        st.sampled_from((0.1, 0.3, 0.5, 0.7)),
    )


_NOT_REQUIRED = [name for name in FACTS if name not in REQUIRED]


@st.composite
def likely_facts(draw: st.DrawFn) -> Facts:
    """What a report looks like: a few facts known, someone known more often than not, severity given now and then."""
    known = draw(st.lists(st.sampled_from(_NOT_REQUIRED), max_size=10, unique=True))
    values = {name: draw(VALUES[name]) for name in (*REQUIRED, *known)}
    values["perpetrator.known"] = draw(st.sampled_from([True, True, True, False, None]))
    return with_values(BARE, values)


@st.composite
def fitting_facts(draw: st.DrawFn) -> Facts:
    """Facts that meet one alternative of one condition, or all of it but one test."""
    facts = draw(likely_facts())
    _name, condition = draw(st.sampled_from(_WITH_TESTS))
    alternative = draw(st.sampled_from([tests for tests in condition if tests]))
    missed = draw(st.sampled_from([None, *alternative]))
    values = {test.fact: draw(st.sampled_from(values_for(test))) for test in alternative}
    if missed and values_against(missed):
        values[missed.fact] = draw(st.sampled_from(values_against(missed)))
    return with_values(facts, values)


_WITH_TESTS = [(name, condition) for name, condition in every_condition() if any(condition)]


def facts() -> st.SearchStrategy[Facts]:
    """All of these kinds."""
    return st.one_of(any_facts(), likely_facts(), fitting_facts())


def _possible_tests() -> Iterator[Comparison]:
    """What a card can ask of each fact, with each operator: one code or number, and a few codes together."""
    for fact in FACTS.values():
        singles: dict[str, list[Any]] = {"boolean": [True, False], "integer": [*COUNTS[1:]]}
        codes = singles.get(fact.kind, fact.codes())
        for operator in fact.operators():
            operands = codes
            if operator == "group":
                operands = list(GROUPS)
            elif operator in {"in", "has", "only"}:
                operands = [[code] for code in codes] + [codes[start : start + 3] for start in range(0, len(codes), 2)]
            yield from (read_test({"fact": fact.name, operator: operand}) for operand in operands)


TESTS = list(_possible_tests())


@st.composite
def own_items(draw: st.DrawFn, code: str = "E1") -> OwnItem:
    """An organisation's own item. What restricts someone goes to the perpetrator; the form asks for that."""
    alternatives = st.lists(st.lists(st.sampled_from(TESTS), max_size=2).map(tuple), max_size=3).map(tuple)
    condition = draw(st.just(((),)) | alternatives)  # often always: what is never advised shows nothing
    reaches = draw(st.sampled_from([True, True, False]))
    return own_item(
        code=code,
        phase=draw(st.sampled_from(list(Phase))),
        condition=condition,
        is_default=draw(st.booleans()),
        reaches_perpetrator=reaches,
        months=draw(st.none() | st.integers(1, MOST_MONTHS)) if reaches else None,
    )


def own_item(**more: Any) -> OwnItem:
    """An own item in words that do not matter; always advised unless told otherwise."""
    words = Text("Eigen maatregel", "Own measure")
    plain = OwnItem(
        "E1", Phase.REACTION, words, Text("Eigen doel", "Own purpose"), Text("Eigen rol", "Own role"), ((),)
    )
    return replace(plain, **more)


OPTIONAL = [code for code, item in load_menu().items.items() if item.status == ItemStatus.OPTIONAL]


@st.composite
def cards(draw: st.DrawFn) -> Card:
    """A card with two items of its own and some optional ones off."""
    off = draw(st.lists(st.sampled_from(OPTIONAL), max_size=6, unique=True))
    own = {code: draw(own_items(code)) for code in ("E1", "E2")}
    return Card("own/1", Changes(items={code: ItemChange(is_on=False) for code in off}, own=own))
