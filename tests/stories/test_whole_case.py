"""The four shared examples as whole cases in a browser: from the report to "helped", with nothing left open."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from guidance.facts import Facts
from incidents.models import Incident
from tests import clock, files
from tests.stories.desk import Person
from tests.stories.handling import Handling
from tests.stories.papers import DOMICILE, HOME
from tests.world import Place, make_incident, make_place

pytestmark = pytest.mark.browser
EXAMPLES = Path(__file__).parents[1] / "guidance" / "data" / "cases"
Opening = Callable[..., Handling]


@pytest.fixture
def town(committed: None) -> Place:
    place = make_place("Vlinderwaard")
    place.organisation.postal_address = DOMICILE
    place.organisation.save()
    return place


@pytest.fixture
def handle(town: Place, live_server: Any, chromium: Any) -> Iterator[Opening]:
    """Begin to handle a case; at the end every page of it was right."""
    begun: list[Handling] = []
    opened: list[Person] = []

    def begin(incident: Incident | None = None, *, width: int = 1280, language: str = "nl") -> Handling:
        def open_for(role: str) -> Person:
            person = Person(chromium, live_server.url, town.people[role], width=width, language=language)
            opened.append(person)
            return person

        begun.append(Handling(town, incident, open_for))
        return begun[-1]

    yield begin
    for person in opened:
        person.context.close()
    assert [fault for one in begun for fault in one.faults()] == []


def example(name: str) -> dict[str, Any]:
    shared: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text())
    return shared


def reported(town: Place, name: str) -> Incident:
    """The example as someone reported it two hours ago; how severe it was, the adviser says."""
    shared = example(name)
    known = replace(Facts.from_dict(shared["facts"]), severity=None)
    facts = {field: value for field in Facts.__slots__ if (value := getattr(known, field)) is not None}
    return make_incident(town, story=shared["story"], contact="06-00000000", wants_support=True, **facts)


def assert_advised(incident: Incident, name: str) -> None:
    """What the example says must be advised, is; and what must not, is not."""
    shared = example(name)
    codes = set(incident.measures.filter(is_still_advised=True).values_list("code", flat=True))
    assert set(shared["must"]) - codes == set()
    assert set(shared["must_not"]) & codes == set()


def test_a_first_time_at_the_counter_by_keyboard_alone(town: Place, handle: Opening):
    case = handle(reported(town, "counter-first-time"))
    case.add_a_photo(files.picture("JPEG"))
    with case.adviser.keyboard_alone():
        case.from_the_work_list()
        case.answer(injury="no", offence_suspected="no", complaints="no")
        case.assess(2)
        assert_advised(case.incident, "counter-first-time")
        case.put_off_and_take("P13")
        case.leave_out("N16")
        case.choose_the_rest()
    case.is_not_ready_yet()
    case.link_the_person()
    warning = case.draft("warning")
    assert warning.second is None, "below the severity that asks it"
    case.looked_at_and_signed(warning, by_keyboard=True)
    case.letter(warning)
    case.give(warning)
    _aftercare(case)
    _end(case)


def test_a_blow_and_the_hospital_in_english(town: Place, handle: Opening):
    case = handle(reported(town, "blow-with-hospital"), language="en")
    case.add_a_photo(files.picture("JPEG"))
    case.from_the_work_list()
    case.answer(threat_to_life="no", home_involved="no", family_involved="no", worked_alone="no")
    case.assess(4)
    assert_advised(case.incident, "blow-with-hospital")
    case.put_off_and_take("N08")
    case.leave_out("R08")
    case.choose_the_rest()
    case.is_not_ready_yet()
    case.link_the_person()
    ban = case.draft("ban")
    conditions = case.draft("conditions", override_reason="Schriftelijk contact blijft nodig.")
    for reaction in (ban, conditions):
        case.looked_at_and_signed(reaction)
        assert reaction.second == town.deputy, "severity asks a second look"
        case.letter(reaction)
        case.give(reaction)
    sheet = case.police_sheet()
    case.damage()
    case.police_outcome(sheet, "convicted")
    _aftercare(case)
    clock.move(days=70)
    for reaction in (ban, conditions):
        case.review_and_end(reaction)
    _end(case)


def test_spat_at_on_a_phone(town: Place, handle: Opening):
    case = handle(reported(town, "officer-spat-at"), width=360)
    case.add_a_photo(files.picture("JPEG"))
    case.from_the_work_list()
    case.answer(next_contact_planned="no", home_involved="no", family_involved="no", sick_leave_days="0")
    case.assess(4)
    assert_advised(case.incident, "officer-spat-at")
    case.put_off_and_take("N08")
    case.leave_out("R21")
    case.leave_out_together("R07", "R10", "R23")
    case.choose_the_rest()
    case.is_not_ready_yet()
    case.link_the_person()
    warning = case.draft("warning")
    case.looked_at_and_signed(warning)
    assert warning.second == town.deputy, "severity asks a second look"
    case.police_ask_to_wait()
    case.letter(warning)
    case.give(warning)
    sheet = case.police_sheet()
    case.damage()
    case.police_outcome(sheet, "penalty_order")
    _aftercare(case)
    case.decline_follow_up()
    _end(case)


def test_a_stone_through_the_window_by_someone_unknown(town: Place, handle: Opening):
    case = handle()
    shared = example("stone-through-window")
    case.incident = _reported_in_the_browser(case.as_("employee"), shared)
    case.from_the_work_list()
    case.answer(offence_suspected="yes", ongoing_threat="no")
    case.assess(4)
    assert_advised(case.incident, "stone-through-window")
    case.put_off_and_take("N12")
    case.leave_out("R25")
    case.choose_the_rest()
    case.is_not_ready_yet()
    case.nobody_knows_who()
    sheet = case.police_sheet()
    case.damage()
    case.police_outcome(sheet, "unknown")
    _aftercare(case)
    _end(case)
    assert not case.incident.reactions.exists() and not case.incident.involvements.exists()


def _reported_in_the_browser(person: Person, shared: dict[str, Any]) -> Incident:
    """The real form, step by step, with a photo."""
    person.go("/melden/")
    form = person.form("report")
    person.send(form, is_safe_now="yes")
    page = person.page
    photo = {"name": "steen.jpg", "mimeType": "image/jpeg", "buffer": files.picture("JPEG")}
    steps: tuple[dict[str, Any], ...] = (
        {
            "behaviours": shared["facts"]["behaviours"],
            "story": shared["story"],
            "day": "2026-11-24",
            "hour": "02:10",
            "channel": "private_home",
            "place": HOME,
        },
        {"target_group": "alderman", "perpetrator_known": "no", "motive": "instrumental"},
        {
            "wants_support": "yes",
            "contact": "06-00000000",
            "injury": "no",
            "damage": "yes",
            "damage_what": "een ruit",
            "home_involved": "yes",
            "family_involved": "yes",
        },
        {"may_manager_see": "yes"},
    )
    for number, answers in enumerate(steps):
        person.write(page.locator("main"), **answers)
        if number == 0:
            page.set_input_files("#id_evidence", [photo])
            page.locator("[data-files] li a[href]").wait_for()
        last = number == len(steps) - 1
        person.press(page.locator(f'.buttons button[name="go"][value="{"send" if last else "next"}"]'))
    return Incident.objects.get()


def _aftercare(case: Handling) -> None:
    """The talk with a collegial supporter, what the manager does, and a case that belongs with it."""
    talk = case.plan_reception()
    case.accept_reception()
    clock.move(days=1, hours=2)
    case.hold_reception(talk)
    case.manager_does("P16")
    case.link()


def _end(case: Handling) -> None:
    if case.incident.involvements.exists():
        case.tell_that_data_are_kept()
    case.end_what_remains()
    case.close()
    case.was_helped()
