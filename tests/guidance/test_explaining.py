"""Every condition that there is or can be is said in words, in both languages, without a gap in them."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from guidance.card import Card
from guidance.explaining import (
    COUNTED,
    GROUP_NAMES,
    NO,
    YES,
    alternative_sentence,
    because_text,
    condition_sentences,
    fact_text,
    reason_text,
)
from guidance.explaining import test_clause as clause_of
from guidance.facts import FACTS, FactDescription
from guidance.menu_file import load_menu
from guidance.rules import GROUPS, Condition, read_test
from guidance.rules import Test as Comparison
from guidance.rules import tests_of as comparisons_of

LANGUAGES = ("nl", "en")
GAP = re.compile(r"%\(|%s|\{|\}|None|\[|\]|gettext|  |<|>|_")
RAW_CODES = {
    code
    for fact in FACTS.values()
    for code in fact.codes()
    if isinstance(code, str) and "_" in code  # such as social_media: no word of any language
}


def every_condition() -> dict[str, Condition]:
    menu = load_menu()
    return {
        **{code: item.condition for code, item in menu.items.items()},
        **{f"rule {rule.name}": rule.condition for rule in menu.rules},
        **{f"near {number}": near.condition for number, near in enumerate(menu.nearness)},
        **{f"severity {rule.level}": rule.condition for rule in menu.severities},
        **{f"assumption {assumption.name}": assumption.condition for assumption in menu.assumptions},
        **{f"offence {offence.article}": offence.condition for offence in menu.offences},
    }


def possible_tests(fact: FactDescription) -> Iterator[Comparison]:
    """Each operator of the fact with each single operand, and lists of two and of all codes."""
    singles: list[Any] = {"boolean": [True, False], "integer": [0, 1, 2, 30]}.get(fact.kind, fact.codes())
    for operator in fact.operators():
        if operator == "group":
            operands: list[Any] = list(GROUPS)
        elif operator in {"in", "has", "only"}:
            operands = [[code] for code in singles] + [singles[:2], singles]
        else:
            operands = singles
        for operand in operands:
            yield read_test({"fact": fact.name, operator: operand})


def assert_is_a_clause(text: str, about: object) -> None:
    assert text == text.strip() and len(text) > 3, about
    assert not GAP.search(text) and not [code for code in RAW_CODES if code in text], f"{about}: {text}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", every_condition())
def test_every_condition_of_the_menu_is_said(name: str, language: str):
    condition = every_condition()[name]
    with translation.override(language):
        sentences = condition_sentences(condition)
        assert len(sentences) == len(condition)
        for alternative, sentence in zip(condition, sentences, strict=True):
            assert_is_a_clause(sentence, name)
            clauses = [clause_of(test) for test in alternative]
            assert all(clause in sentence for clause in clauses), "nothing that is asked is left unsaid"
        for test in comparisons_of(condition):
            assert_is_a_clause(clause_of(test), test)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("fact", FACTS.values(), ids=lambda fact: fact.name)
def test_every_test_that_can_be_made_is_said(fact: FactDescription, language: str):
    said: dict[str, Comparison] = {}
    with translation.override(language):
        for test in possible_tests(fact):
            text = clause_of(test)
            assert_is_a_clause(text, test)
            assert said.setdefault(text, test) == test or is_same_question(said[text], test), (
                f"{said[text]} and {test} ask different things in the same words: {text}"
            )


def is_same_question(first: Comparison, second: Comparison) -> bool:
    """`is` one code and `in` a list of that code alone ask the same."""
    operands = [one.operand if isinstance(one.operand, tuple) else (one.operand,) for one in (first, second)]
    return {first.operator, second.operator} <= {"is", "in"} and operands[0] == operands[1]


def test_no_fact_goes_without_its_words():
    booleans = {name for name, fact in FACTS.items() if fact.kind == "boolean"}
    assert set(YES) == set(NO) == booleans
    assert set(COUNTED) == {name for name, fact in FACTS.items() if fact.kind == "integer"} | {"severity"}
    assert set(GROUP_NAMES) == set(GROUPS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_yes_and_no_say_different_things(language: str):
    with translation.override(language):
        said = [str(text) for texts in (YES, NO) for text in texts.values()]
        assert len(set(said)) == len(said)
        for text in said:
            assert_is_a_clause(text, text)


def values_of(fact: FactDescription) -> list[Any]:
    if fact.kind == "choices":
        return [tuple(fact.codes()[:1]), tuple(fact.codes()[:3])]
    return {"boolean": [True, False], "integer": [0, 1, 2, 30]}.get(fact.kind, fact.codes())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("fact", FACTS.values(), ids=lambda fact: fact.name)
def test_every_value_is_said_as_a_reason_and_in_a_list(fact: FactDescription, language: str):
    items = load_menu().items
    with translation.override(language):
        because = [because_text([{"fact": fact.name, "value": value}], items) for value in values_of(fact)]
        listed = [fact_text(fact.name, value) for value in values_of(fact)]
    assert len(set(because)) == len(because) and len(set(listed)) == len(listed)
    for text in because:
        assert_is_a_clause(text, fact.name)
    for text in listed:
        assert text and not GAP.search(text) and text not in RAW_CODES


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", load_menu().items)
def test_every_item_has_a_reason_with_its_ground(code: str, language: str):
    item = load_menu().items[code]
    with translation.override(language):
        text = reason_text([{"fact": "always", "value": True}], item, load_menu().items)
        assert item.ground in text and len(item.ground) > 5
        assert not re.search(r"%\(|None|\(\)", text)


@given(st.lists(st.sampled_from([t for fact in FACTS.values() for t in possible_tests(fact)]), min_size=1, max_size=5))
def test_several_tests_make_one_sentence_that_holds_them_all(tests: list[Comparison]):
    for language in LANGUAGES:
        with translation.override(language):
            sentence = alternative_sentence(tuple(tests))
            assert all(clause_of(test) in sentence for test in tests)
            assert not GAP.search(sentence)


def test_nothing_given_is_said_as_nothing():
    assert because_text([], Card.default().every) == "" and condition_sentences(()) == []
    with translation.override("en"):
        assert condition_sentences(((),)) == ["always"]
