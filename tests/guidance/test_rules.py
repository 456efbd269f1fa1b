"""The menu's rules one by one, three-valued logic, and what holds between items."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from guidance.advice import Advised, propose_severity
from guidance.explaining import because_text
from guidance.facts import Facts
from guidance.menu_file import load_menu
from guidance.questions import questions_of
from guidance.rules import Conditions
from guidance.rules import Test as Comparison
from guidance.vocabulary import ItemStatus
from tests.guidance import strategies
from tests.guidance.strategies import BARE


def ask(**more: Any) -> Advised:
    return strategies.ask(replace(BARE, **more))


def codes(**more: Any) -> set[str]:
    return set(ask(**more).codes)


def asked(**more: Any) -> set[str]:
    return {code for question in questions_of(ask(**more)) if not question.is_assumed for code in question.adds}


K = {"perpetrator_known": True}
SAFE = {"safe_to_meet": True}
OFFICE = {"target_group": "alderman"}
# Item: facts that bring it, facts that do not, facts that leave it open (None: nothing can).
ITEMS: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any] | None]] = {
    "P01": ({"reports_in_team_90d": 3}, {"reports_in_team_90d": 2}, {}),
    "P02": ({"severity": 3}, {"severity": 2, "reports_in_team_90d": 2}, {"severity": 2}),
    "P03": ({"severity": 2, "target_group": "temporary_or_volunteer"}, {"severity": 1}, {"severity": 2}),
    "P04": ({"severity": 3, "channel": "counter"}, {"severity": 3, "channel": "telephone"}, None),
    "P05": ({**K, "next_contact_planned": True}, {**K, "next_contact_planned": False}, K),
    "P06": ({"severity": 2, "worked_alone": True}, {"severity": 2, "worked_alone": False}, {"severity": 2}),
    "P07": (
        {"channel": "meeting"},
        {"severity": 3, **OFFICE, "public_meeting_announced": False},
        {"severity": 3, **OFFICE},
    ),
    "P08": ({**OFFICE, "severity": 3}, {"target_group": "councillor", "severity": 4}, OFFICE),
    "P09": ({"home_involved": True}, {"home_involved": True, **OFFICE}, {}),
    "P10": ({"behaviours": ("stalking",)}, {"home_involved": False, "family_involved": False}, {}),
    "P11": ({"channel": "social_media"}, {"channel": "counter"}, None),
    "P12": ({**OFFICE, "severity": 2}, {"severity": 2}, None),
    "P13": ({"motive": "frustration"}, {"motive": "unknown"}, {}),
    "P14": (
        {"motive": "uncontrolled", "severity": 2},
        {"motive": "unknown", **K, "perpetrator_earlier_incidents_12m": 2},
        {},
    ),
    "P15": ({"behaviours": ("undue_pressure",)}, {"criminal_context": False, "perpetrator_group": False}, {}),
    "P16": ({"severity": 2}, {"severity": 1}, None),
    "P17": ({"days_until_report": 8}, {"days_until_report": 7, "reported_for_other": False}, {}),
    "R01": ({}, None, None),
    "R02": ({"injury": True}, {"severity": 1, "injury": False, "weapon": False, "ongoing_threat": False}, {}),
    "R03": ({}, None, None),
    "R04": (
        {**K, "perpetrator_earlier_incidents_12m": 0},
        {**K, "perpetrator_earlier_incidents_12m": 1},
        K,
    ),
    "R05": ({**K, **SAFE, "severity": 2}, {**K, "severity": 2, "weapon": True}, {**K, "severity": 2}),
    "R06": ({**K, "severity": 2}, {"perpetrator_known": False, "severity": 2}, {"severity": 2}),
    "R07": ({**K, "severity": 3}, {**K, "severity": 2, "perpetrator_earlier_incidents_12m": 0}, {**K, "severity": 2}),
    "R08": (
        {**K, "severity": 3, "contact_would_continue": True},
        {**K, "severity": 3, "contact_would_continue": False, "next_contact_planned": False, "ongoing_threat": False},
        {**K, "severity": 3},
    ),
    "R09": (
        {**K, "severity": 4, "perpetrator_visits_premises": True},
        {**K, "severity": 4, "perpetrator_visits_premises": False},
        {**K, "severity": 4},
    ),
    "R10": ({**K, "severity": 3}, {"perpetrator_known": False, "severity": 3}, None),
    "R11": ({"offence_suspected": True, "severity": 3}, {"offence_suspected": False, "severity": 3}, {"severity": 3}),
    "R12": ({"offence_suspected": True}, {"offence_suspected": False}, {}),
    "R13": (
        {"home_involved": True},
        {"perpetrator_known": False, "offence_suspected": False, "home_involved": False},
        {},
    ),
    "R14": ({"severity": 2}, {"severity": 1, "offence_suspected": False}, {}),
    "R15": (
        {"channel": "social_media", "behaviours": ("doxing",)},
        {"channel": "counter", "behaviours": ("doxing",)},
        {"channel": "social_media"},
    ),
    "R16": ({"damage": True}, {"damage": False, "injury": False}, {}),
    "R17": ({**K, "behaviours": ("stalking",)}, {"perpetrator_known": False, "behaviours": ("stalking",)}, K),
    "R18": (
        {**K, "channel": "public_space", "perpetrator_group": True, "reports_in_team_90d": 3},
        {"channel": "counter", "perpetrator_group": True, "reports_in_team_90d": 3},
        {"channel": "public_space"},
    ),
    "R19": ({"threat_to_life": True}, {"threat_to_life": False, "home_involved": False, "family_involved": False}, {}),
    "R20": (
        {**K, "perpetrator_benefit_client": True, "target_group": "social_services", "severity": 3},
        {**K, "perpetrator_benefit_client": True, "target_group": "counter_staff", "severity": 3},
        {**K, "target_group": "social_services", "severity": 3},
    ),
    "R21": ({"ongoing_threat": True}, {"ongoing_threat": False}, {"behaviours": ("threat",)}),
    "R22": ({**K, "perpetrator_breached_measure": True}, {"perpetrator_known": False}, K),
    "R23": ({**K, "severity": 3}, {"perpetrator_known": False}, K),
    "R24": (K, {"perpetrator_known": False}, {}),
    "R25": ({"severity": 3, "target_group": "enforcement_officer"}, {"severity": 3}, None),
    "R26": ({"perpetrator_relation": "colleague"}, {"perpetrator_relation": "citizen"}, {}),
    "N01": ({"severity": 2}, {"severity": 1, "complaints": False}, {"severity": 1}),
    "N02": ({"severity": 2}, {"severity": 1, "complaints": False}, {"severity": 1}),
    "N03": ({"severity": 2}, {"severity": 1}, None),
    "N04": ({"severity": 2}, {"severity": 1}, None),
    "N05": ({"severity": 3}, {"severity": 2}, None),
    "N06": ({"severity": 3}, {"severity": 2}, None),
    "N07": ({"severity": 2}, {"severity": 1}, None),
    "N08": ({"severity": 3}, {"severity": 2, "complaints": False}, {"severity": 2}),
    "N09": (
        {"sick_leave_days": 1},
        {
            "sick_leave_days": 0,
            **dict.fromkeys(("injury", "complaints", "hospital_admission", "lasting_injury", "death"), False),
        },
        {},
    ),
    "N10": ({"visitor_witnesses": 1}, {"visitor_witnesses": 0, "injury": False, "offence_suspected": False}, {}),
    "N11": ({"witnesses": 1, "severity": 2}, {"witnesses": 0, "severity": 2}, {"severity": 2}),
    "N12": ({"family_involved": True}, {"home_involved": False, "family_involved": False}, {}),
    "N13": ({"target_group": "municipal_secretary", "severity": 2}, {"severity": 4}, None),
    "N14": ({"hospital_admission": True}, {"hospital_admission": False, "death": False, "lasting_injury": False}, {}),
    "N15": ({"sick_leave_days": 4}, {"sick_leave_days": 3}, {}),
    "N16": (
        {**K, "severity": 2, "contact_would_continue": True},
        {"severity": 2, "contact_would_continue": False},
        {"severity": 2},
    ),
    "N17": ({"behaviours": ("spitting",)}, {"behaviours": ("threat",)}, None),
}


def test_every_item_of_the_menu_is_tried():
    assert set(ITEMS) == set(load_menu().items)


@pytest.mark.parametrize("code", ITEMS)
def test_item(code: str):
    fits, fits_not, is_open = ITEMS[code]
    assert code in codes(**fits)
    if fits_not is not None:
        assert code not in codes(**fits_not) and code not in asked(**fits_not)
    if is_open is not None:
        assert code not in codes(**is_open) and code in asked(**is_open)


def test_the_menu_is_the_catalogue_it_was_made_from():
    source = json.loads((Path(__file__).parent / "data/menu.json").read_text())
    phases = {"preventie": "prevention", "reactie": "reaction", "nazorg": "aftercare"}
    status = {"W": "law", "A": "norm", "O": "optional"}
    wanted = {row["code"]: (phases[row["phase"]], status[row["status"][0]]) for row in source}
    menu = load_menu()
    assert {code: (item.phase, item.status) for code, item in menu.items.items()} == wanted
    assert menu.is_reconstruction and len(menu.items) == 60
    for row in source:
        item = menu.items[row["code"]]
        assert set(row["source"].split(",")) <= {*item.sources, "OWN"}
        assert all(
            (item.title_text.nl, item.title_text.en, item.purpose_text.nl, item.purpose_text.en, item.role_label)
        )
        assert bool(item.law) == (item.status == ItemStatus.LAW)


def outcome(condition: Any, facts: Facts) -> bool | None:
    """What a condition says of facts, in three values."""
    conditions = Conditions({"it": condition})
    marks = conditions.marks(facts.values())
    if conditions.holds("it", marks[0]):
        return True
    return None if conditions.open_facts("it", marks) else False


@pytest.mark.parametrize(
    ("values", "answer"),
    [
        ((True, True), True),
        ((True, False), False),
        ((False, None), False),
        ((True, None), None),
        ((None, None), None),
    ],
)
def test_one_alternative_in_three_values(values: tuple[bool | None, bool | None], answer: bool | None):
    facts = replace(BARE, injury=values[0], damage=values[1])
    tests = (Comparison("injury", "is", True), Comparison("damage", "is", True))
    assert outcome((tests,), facts) is answer
    either = outcome(tuple((test,) for test in tests), facts)
    assert either is (True if True in values else None if None in values else False)


def test_no_alternative_never_holds_and_an_empty_one_always():
    assert outcome((), BARE) is False
    assert outcome(((),), BARE) is True


def test_words_alone_at_a_first_time_ask_no_question_about_safety():
    values = {**K, "behaviours": ("insult",), "severity": 2, "perpetrator_earlier_incidents_12m": 0}
    assert "R05" in codes(**values)
    assert "R05" not in codes(**{**values, "behaviours": ("insult", "threat")})
    assert "R05" not in codes(**values, weapon=True)


def test_a_colleague_goes_the_internal_way():
    ladder = {"R04", "R05", "R06", "R07", "R08", "R09"}
    values: dict[str, Any] = {**K, **SAFE, "severity": 3, "channel": "counter", "behaviours": ("threat",)}
    assert ladder & codes(**values)
    assert not ladder & codes(**values, perpetrator_relation="colleague")
    removed = {code for q in questions_of(ask(**values)) if q.fact == "perpetrator.relation" for code in q.removes}
    assert removed == (ladder | {"R10", "R21", "R23"}) & codes(**values)


def test_criticism_is_not_punished():
    values = {**K, **SAFE, "severity": 2}
    assert {"R05", "R06"} <= codes(**values)
    left = codes(**values, criticism_only=True)
    assert not {"R05", "R06", "R11", "R13"} & left and {"R01", "R03"} <= left


def test_police_asking_to_wait_puts_on_hold_and_removes_nothing():
    values = {**K, "severity": 3, "offence_suspected": True}
    free, waiting = ask(**values, police_ask_to_wait=False), ask(**values, police_ask_to_wait=True)
    assert [advice.item.code for advice in free.advice] == [advice.item.code for advice in waiting.advice]
    held = {advice.item.code for advice in waiting.advice if advice.is_on_hold}
    assert {"R06", "R07", "R24"} <= held and not {"R11", "R13", "N02"} & held
    assert not any(advice.is_on_hold for advice in free.advice)


@pytest.mark.parametrize(
    ("more", "level"),
    [
        ({"behaviours": ("other",)}, 1),
        ({"behaviours": ("insult",)}, 2),
        ({"behaviours": ("insult",), "perpetrator_earlier_incidents_12m": 1}, 3),
        ({"behaviours": ("threat",)}, 3),
        ({"behaviours": ("insult", "spitting")}, 4),
        ({"behaviours": ("insult",), "weapon": True}, 4),
        ({"behaviours": ("insult",), "family_involved": True}, 3),
        ({"behaviours": ("vandalism",), "home_involved": True}, 4),
        ({"behaviours": ("vandalism",)}, 3),
        ({"behaviours": ("other",), "hospital_admission": True}, 4),
    ],
)
def test_severity(more: dict[str, Any], level: int):
    assert propose_severity(replace(BARE, **more)) == level


def test_because_is_a_sentence_in_both_languages():
    advice = {advice.item.code: advice for advice in ask(**K, severity=3, channel="counter").advice}
    data = [because.to_data() for because in advice["R06"].because]
    with translation.override("nl"):
        assert because_text(data, load_menu().items) == "omdat de veroorzaker bekend is en de ernst 3 is"
    with translation.override("en"):
        assert because_text(data, load_menu().items) == "because the perpetrator is known and the severity is 3"
    json.dumps(data)
