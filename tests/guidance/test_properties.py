"""What holds of every advice, whatever the facts: the menu by hand agrees, and nothing is taken back unasked."""

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from django.utils import translation
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from guidance.advice import Advised
from guidance.answer import answer_of
from guidance.card import Card
from guidance.changes import Changes, ItemChange, OwnItem
from guidance.explaining import reason_text
from guidance.facts import FACTS, Facts
from guidance.questions import Question, questions_of
from guidance.vocabulary import ItemStatus, Strength
from tests.environment import DEFAULTS
from tests.guidance import by_hand
from tests.guidance.strategies import (
    BARE,
    OPTIONAL,
    VALUES,
    ask,
    cards,
    facts,
    many_facts,
    own_item,
    own_items,
    with_values,
)

LAW = {code for code, item in Card.default().items.items() if item.status == ItemStatus.LAW}
RECEPTION = {"N01", "N02", "N03", "N04"}
LADDER = {"R04", "R05", "R06", "R07", "R08", "R09"}


@given(facts())
@settings(max_examples=1500)
def test_it_is_what_the_menu_by_hand_says(known: Facts):
    advised = ask(known)
    read = by_hand.readings(known)
    assert set(advised.codes) == by_hand.fitting(known)
    assert advised.decision.held == by_hand.waiting(known)
    assert advised.severity == known.severity or advised.severity == by_hand.proposed_severity(known, read)
    assert {offence.article for offence in advised.offences} == by_hand.offences(known, read)


# --- the same answer, always -----------------------------------------------------------------------------------------


def answer_text(known: Facts) -> str:
    return json.dumps(answer_of(ask(known)))


@given(facts())
def test_the_same_facts_get_the_same_answer(known: Facts):
    first = answer_text(known)
    assert answer_text(Facts.from_dict(json.loads(json.dumps(known.to_dict())))) == first


def mark_of_answers() -> str:
    """One mark for the whole answers to forty different facts."""
    return hashlib.sha256("".join(answer_text(known) for known in many_facts(40)).encode()).hexdigest()


def test_another_process_gives_the_same_answers_in_the_same_order():
    code = (
        "import django; django.setup(); from tests.guidance.test_properties import mark_of_answers as mark; "
        "from django.utils import translation; translation.activate('en'); print(mark())"
    )
    with translation.override("en"):
        here = mark_of_answers()
    for seed in ("1", "2"):  # sets and dicts of text in another order
        environment = {**DEFAULTS, "DJANGO_SETTINGS_MODULE": "vpdportal.settings", "PYTHONHASHSEED": seed}
        there = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=120
        )
        assert there.stdout.strip() == here, there.stderr


@given(facts())
def test_facts_survive_being_kept(known: Facts):
    assert Facts.from_dict(json.loads(json.dumps(known.to_dict()))) == known
    assert with_values(BARE, {**dict.fromkeys(FACTS), **known.values()}) == known


# --- knowing more ----------------------------------------------------------------------------------------------------


def of_fact(questions: list[Question], fact: str) -> Question:
    """What a question had named about this fact; nothing when it was not asked."""
    return next((one for one in questions if one.fact == fact), Question(fact, (), ()))


@st.composite
def one_more(draw: st.DrawFn) -> tuple[Facts, str, Facts]:
    """Facts, the name of one that is not known, and the facts with that one known."""
    known = draw(facts())
    unknown = [name for name in FACTS if known.value(name) is None]
    taken = [name for name in ask(known).decision.values if name in unknown]
    assume(unknown)
    name = draw(st.sampled_from(unknown) | st.sampled_from(taken)) if taken else draw(st.sampled_from(unknown))
    return known, name, with_values(known, {name: draw(VALUES[name])})


AT_HOME = replace(BARE, channel="private_home", perpetrator_known=True)
SOMEONE_DIED = replace(BARE, death=True)


@given(one_more())
@settings(max_examples=600)
@example((AT_HOME, "home_involved", replace(AT_HOME, home_involved=False)))
@example((SOMEONE_DIED, "injury", replace(SOMEONE_DIED, injury=False)))
def test_a_fact_more_never_turns_off_what_the_law_asks(pair: tuple[Facts, str, Facts]):
    known, name, more = pair
    assume(name != "severity")  # that is a judgement of the facts, not a fact more
    assert LAW & set(ask(known).codes) <= set(ask(more).codes)


@given(one_more())
@settings(max_examples=400)
def test_an_answer_takes_back_or_holds_only_what_its_question_had_named(pair: tuple[Facts, str, Facts]):
    known, name, more = pair
    before, after = ask(known), ask(more)
    was, now = set(before.codes), set(after.codes)
    held = (after.decision.held - before.decision.held) & was & now
    assume(was != now or held)
    question = of_fact(questions_of(before), name)
    assert was - now <= set(question.removes)  # what has to be done, and what can be chosen alike
    assert held <= set(question.holds)
    assert now - was <= set(question.adds)


@given(facts(), cards())
def test_questions_name_what_is_open_and_nothing_that_is_not_there(known: Facts, card: Card):
    advised = ask(known, card)
    questions = questions_of(advised)
    values, codes = advised.decision.values, set(advised.codes)
    for question in questions:
        assert known.value(question.fact) is None and question.text
        assert {*question.adds, *question.removes, *question.holds} <= set(card.items)
        assert not set(question.adds) & codes and {*question.removes, *question.holds} <= codes
        assert question.assumed == values.get(question.fact)
    assert len({question.fact for question in questions}) == len(questions)
    named = {code for question in questions for code in question.adds}
    assert {code for code in card.items if is_open(card, code, values)} - codes - set(advised.decision.dropped) <= named


def is_open(card: Card, code: str, values: dict[str, Any]) -> bool:
    """Whether an item could still fit: no alternative holds, and one has no test against it."""
    outcomes = [[test.holds(values) for test in alternative] for alternative in card.items[code].condition]
    return not any(all(one) for one in outcomes) and any(False not in one for one in outcomes)


# --- what holds of every answer, on every card -----------------------------------------------------------------------


def check_guards(known: Facts, advised: Advised) -> None:
    """The rules that stand above every condition (handbook 11)."""
    codes = set(advised.codes)
    if advised.severity == 4:
        assert codes >= RECEPTION
    if known.perpetrator_relation in {"colleague", "office_holder"}:
        assert not LADDER & codes and ("R26" in codes or "R26" not in advised.card.items)
    if "P08" in codes:
        assert "P09" not in codes
    for advice in advised.advice:
        item = advice.item
        if item.reaches_perpetrator:
            assert known.perpetrator_known is True, "nobody to go to"
        if item.against_person:
            assert known.criticism_only is not True, "criticism is no misconduct"
        assert advice.is_on_hold == (item.reaches_perpetrator and known.police_ask_to_wait is True)
        assert (advice.months is None) == (item.restricts is None)
        if item.restricts and advice.months:
            shortest, longest = advice.months
            assert 1 <= shortest <= longest <= item.restricts.at_most, "no measure without an end"
            assert "R23" in codes, "no measure without a review"
            assert "R24" in codes or not (item.code == "R09" or item.is_own), "the person is told what is recorded"
        if item.status in {ItemStatus.LAW, ItemStatus.NORM}:
            assert advice.strength == Strength.MUST


@given(facts())
@settings(max_examples=500)
def test_every_advice_keeps_the_rules_above_the_conditions(known: Facts):
    advised = ask(known)
    assert {"R01", "R03"} <= set(advised.codes)
    check_guards(known, advised)


OWN_BAN = own_item(reaches_perpetrator=True, months=6)
SOMEONE_KNOWN = replace(BARE, perpetrator_known=True, police_ask_to_wait=True)


@given(facts(), cards())
@settings(max_examples=300)
@example(SOMEONE_KNOWN, Card("own/1", Changes(own={"E1": OWN_BAN})))
@example(replace(BARE, perpetrator_known=None), Card("own/1", Changes(own={"E1": OWN_BAN})))
@example(replace(SOMEONE_KNOWN, criticism_only=True), Card("own/1", Changes(own={"E1": OWN_BAN})))
def test_an_own_item_keeps_them_too(known: Facts, card: Card):
    check_guards(known, ask(known, card))


@given(facts(), own_items())
@settings(max_examples=200)
def test_an_own_item_changes_nothing_but_what_comes_along_with_it(known: Facts, own: OwnItem):
    plain, mine = ask(known), ask(known, Card("own/1", Changes(own={own.code: own})))
    assert [code for code in mine.codes if code in plain.codes] == plain.codes
    assert set(mine.codes) - set(plain.codes) <= {own.code, *(("R10", "R21", "R23", "R24") if own.months else ())}


@given(facts(), st.lists(st.sampled_from(OPTIONAL), min_size=1, max_size=8, unique=True))
@settings(max_examples=200)
def test_switching_off_takes_away_only_that_and_what_comes_along_with_it(known: Facts, off: list[str]):
    shipped = Card.default()
    fewer = Card("own/1", Changes(items={code: ItemChange(is_on=False) for code in off}))
    before, after = ask(known, shipped), ask(known, fewer)
    along = {need for code in off for need in shipped.items[code].needs}
    along |= {code for code, item in shipped.items.items() if set(item.follows) & set(off)}
    assert set(after.codes) <= set(before.codes) - set(off)
    assert set(before.codes) - set(after.codes) <= {*off, *along}
    assert after.severity == before.severity


@pytest.mark.parametrize("language", ["nl", "en"])
@given(facts(), cards())
def test_every_advice_says_why_and_on_what_ground(language: str, known: Facts, card: Card):
    with translation.override(language):
        for advice in ask(known, card).advice:
            text = reason_text((part.to_data() for part in advice.because), advice.item, card.every)
            why, bracket, ground = text.partition(f" ({advice.item.ground})")
            assert len(why.split()) > 2 and advice.item.ground and bracket and not ground
            assert "%(" not in text and "None" not in text
