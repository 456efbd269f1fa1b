"""The administrator's menu card: a draft that all work on, published as a whole; and what it does to new reports."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from guidance.cards import card_for, draft_of, published_changes
from guidance.models import MenuCard
from incidents.models import Incident
from tests import clock
from tests.world import Place, make_incident, make_user, open_task
from vpdportal.accounts.roles import Role
from vpdportal.audit.models import AuditEvent

ODD = "Ñandú 🌷 " + "heel-lang-woord-" * 4


def address(name: str, town: Place, *more: Any) -> str:
    return reverse(name, args=[town.organisation.slug, *more])


def form_of(client: Client, url: str) -> dict[str, Any]:
    """What a browser would send back unchanged: the fields of the page's own form."""
    form = client.get(url).context["form"]
    return {name: value for name in form.fields if (value := form[name].value()) is not None}


def save(client: Client, town: Place, code: str, **more: Any) -> Any:
    url = address("card_item", town, code)
    return client.post(url, {**form_of(client, url), **more})


def publish(client: Client, town: Place) -> Any:
    draft = draft_of(town.organisation)
    assert draft is not None
    return client.post(address("card_publish", town), {"revision": draft.revision})


@pytest.fixture
def desk(town: Place, as_user: Any) -> Client:
    client: Client = as_user(town.administrator)
    return client


def test_an_item_that_is_off_leaves_new_reports_and_old_ones_keep_it(town: Place, desk: Client):
    old = make_incident(town, motive="frustration")
    assert save(desk, town, "P13", is_on="off").status_code == 302
    drafted = make_incident(town, motive="frustration")
    assert drafted.measures.filter(code="P13").exists(), "a draft holds nothing yet"
    assert publish(desk, town).status_code == 302
    new = make_incident(town, motive="frustration")
    assert not new.measures.filter(code="P13").exists() and new.menu_version.endswith("/1")
    assert old.measures.filter(code="P13").exists() and "/" not in Incident.objects.get(pk=old.pk).menu_version
    card = MenuCard.objects.get(organisation=town.organisation)
    assert (card.number, card.published_by, card.published_at) == (1, town.administrator, clock.now())


@pytest.mark.parametrize(("code", "why"), [("N14", "Arbowet artikel 9"), ("N02", "")])
def test_law_and_norm_cannot_be_off_and_the_page_says_why(town: Place, desk: Client, code: str, why: str):
    page = desk.get(address("card_item", town, code))
    assert "is_on" not in page.context["form"].fields
    assert str(page.context["form"].freedom.why_not) in page.content.decode() and why in page.content.decode()
    save(desk, town, code, is_on="off")
    assert code in card_for(town.organisation).items
    draft = draft_of(town.organisation)
    assert draft is None or draft.read_changes().change_of(code).is_on


def test_a_norm_is_tightened_and_never_stretched(town: Place, desk: Client):
    before = open_task(make_incident(town, behaviours=("threat",)), "N02").due_at
    refused = save(desk, town, "N02", amount_0=96, unit_0="h", purpose_nl=ODD)
    assert refused.status_code == 400 and refused.context["form"]["purpose_nl"].value() == ODD
    assert refused.context["form"].errors["amount_0"] and draft_of(town.organisation) is None
    assert save(desk, town, "N02", amount_0=48, unit_0="h").status_code == 302
    publish(desk, town)
    after = open_task(make_incident(town, behaviours=("threat",)), "N02").due_at
    assert before - after == timedelta(hours=24)


def test_an_optional_item_may_get_a_longer_term_and_other_words(town: Place, desk: Client):
    answer = save(desk, town, "P13", amount_0=20, unit_0="wd", title_nl=ODD, title_en="", role_nl="Klachtenbureau")
    assert answer.status_code == 302
    publish(desk, town)
    measure = make_incident(town, motive="frustration").measures.get(code="P13")
    assert measure.item.title_text.nl == measure.item.title_text.en == ODD.strip()
    assert measure.item.role_text.nl == "Klachtenbureau" and measure.item.steps[0].deadline.amount == 20


OWN = {
    "phase": "aftercare",
    "title_nl": "Koffie met de burgemeester",
    "purpose_nl": "Waardering laten merken.",
    "role_nl": "Secretariaat",
    "anchor": "report",
    "amount": 5,
    "unit": "wd",
    "is_default": "no",
    "reaches_perpetrator": "no",
}


def add_own(client: Client, town: Place, **more: Any) -> str:
    url = address("card_item_new", town)
    answer = client.post(url, {**OWN, "seen": client.get(url).context["form"]["seen"].value(), **more})
    assert answer.status_code == 302, answer.context["form"].errors
    found = re.search(r"maatregel/(E\d+)/", answer["Location"])
    assert found
    return found[1]


def add_test(client: Client, town: Place, code: str, alternative: int, fact: str, **values: Any) -> Any:
    url = address("card_condition", town, code, alternative) + f"?fact={fact}"
    return client.post(url, {"seen": client.get(url).context["form"]["seen"].value(), **values})


def test_an_own_item_with_chosen_conditions_is_advised(town: Place, desk: Client):
    code = add_own(desk, town, is_default="yes")
    assert code == "E1"
    assert add_test(desk, town, code, 0, "severity", operator="min", value=3).status_code == 302
    assert add_test(desk, town, code, 0, "channel", value=["counter", "telephone"]).status_code == 302
    assert add_test(desk, town, code, 1, "death", value="yes").status_code == 302
    assert publish(desk, town).status_code == 302
    fitting = make_incident(town, behaviours=("threat",))
    assert open_task(fitting, "E1").due_at and fitting.measures.get(code="E1").reason_for_advice
    assert not make_incident(town).measures.filter(code="E1").exists(), "severity 2"
    elsewhere = make_incident(town, behaviours=("threat",), channel="home_visit")
    assert not elsewhere.measures.filter(code="E1").exists()
    assert make_incident(town, channel="home_visit", death=True).measures.filter(code="E1").exists()


def test_a_line_of_a_condition_is_taken_away_again(town: Place, desk: Client):
    code = add_own(desk, town)
    add_test(desk, town, code, 0, "injury", value="no")
    add_test(desk, town, code, 0, "witnesses", operator="min", value=2)
    page = desk.get(address("card_item", town, code))
    remove = address("card_test_remove", town, code, 0, 0)
    assert desk.post(remove, {"seen": "stale"}).status_code == 302
    draft = draft_of(town.organisation)
    assert draft and len(draft.read_changes().own[code].condition[0]) == 2, "someone else's change is not run over"
    desk.post(remove, {"seen": page.context["seen"]})
    draft = draft_of(town.organisation)
    assert draft and [test.fact for test in draft.read_changes().own[code].condition[0]] == ["witnesses"]


def test_an_own_item_towards_the_perpetrator_needs_someone_known_and_waits_for_the_police(town: Place, desk: Client):
    code = add_own(desk, town, phase="reaction", reaches_perpetrator="yes")
    add_test(desk, town, code, 0, "severity", operator="min", value=1)
    publish(desk, town)
    assert make_incident(town).measures.filter(code=code).exists()
    assert not make_incident(town, perpetrator_known=False).measures.filter(code=code).exists()
    held = make_incident(town, police_ask_to_wait=True).measures.get(code=code)
    assert held.is_on_hold
    assert not make_incident(town, criticism_only=True).measures.filter(code=code).exists()


def test_an_own_ban_has_an_end_and_is_reviewed(town: Place, desk: Client, as_user: Any):
    url = address("card_item_new", town)
    refused = desk.post(url, {**OWN, "seen": "x", "months": 6})
    assert refused.status_code == 400 and refused.context["form"].errors["months"]
    code = add_own(desk, town, phase="reaction", reaches_perpetrator="yes", months=6)
    add_test(desk, town, code, 0, "severity", operator="min", value=1)
    publish(desk, town)
    incident = make_incident(town)
    measure = incident.measures.get(code=code)
    assert (measure.months_from, measure.months_to) == (6, 6)
    as_user(town.adviser).post(reverse("case_measure", args=[incident.pk, measure.pk]), {"choice": "take"})
    assert {"R10", "R21", "R23"} <= set(incident.tasks.values_list("code", flat=True))


def test_an_own_item_that_was_published_can_only_be_off(town: Place, desk: Client):
    code = add_own(desk, town)
    assert desk.post(address("card_item_remove", town, code), {"seen": "x"}).status_code == 302
    assert code in draft_of(town.organisation).read_changes().own, "not what was shown"
    publish(desk, town)
    assert desk.post(address("card_item_remove", town, code), {"seen": "x"}).status_code == 404
    assert save(desk, town, code, is_on="off").status_code == 302
    publish(desk, town)
    assert code not in card_for(town.organisation).items and code in card_for(town.organisation).every
    assert add_own(desk, town) == "E2", "a code is never used twice"


def test_one_that_was_never_published_can_go(town: Place, desk: Client):
    code = add_own(desk, town)
    seen = desk.get(address("card_item", town, code)).context["seen"]
    desk.post(address("card_item_remove", town, code), {"seen": seen})
    assert code not in draft_of(town.organisation).read_changes().own


# --- two at once -----------------------------------------------------------------------------------------------------


@pytest.fixture
def second(town: Place, as_user: Any) -> Client:
    colleague = make_user("Tweede Beheerder")
    town.join(colleague, Role.ADMINISTRATOR)
    client: Client = as_user(colleague)
    return client


def test_two_change_the_same_item_and_nobody_loses_anything(town: Place, desk: Client, second: Client):
    url = address("card_item", town, "P13")
    first_form, second_form = form_of(desk, url), form_of(second, url)
    assert desk.post(url, {**first_form, "title_nl": "Van de eerste"}).status_code == 302
    answer = second.post(url, {**second_form, "title_nl": "Van de tweede"})
    page = answer.content.decode()
    assert answer.status_code == 409 and "Van de eerste" in page and "Van de tweede" in page
    assert "administrator Vlinderwaard" in page, "it says who"
    again = {name: answer.context["form"][name].value() or "" for name in answer.context["form"].fields}
    assert second.post(url, again).status_code == 302
    assert draft_of(town.organisation).read_changes().change_of("P13").title.nl == "Van de tweede"


def test_two_change_different_items_without_a_word(town: Place, desk: Client, second: Client):
    first_form, second_form = (
        form_of(client, address("card_item", town, code)) for client, code in ((desk, "P13"), (second, "P15"))
    )
    assert desk.post(address("card_item", town, "P13"), {**first_form, "is_on": "off"}).status_code == 302
    assert second.post(address("card_item", town, "P15"), {**second_form, "is_on": "off"}).status_code == 302
    assert set(draft_of(town.organisation).read_changes().items) == {"P13", "P15"}


def test_two_publish_at_once_and_one_is_told(town: Place, desk: Client, second: Client):
    save(desk, town, "P13", is_on="off")
    revision = second.get(address("card_review", town)).context["draft"].revision
    publish(desk, town)
    answer = second.post(address("card_publish", town), {"revision": revision})
    assert answer.status_code == 409 and "administrator Vlinderwaard" in answer.content.decode()
    assert published_changes(town.organisation)[0] == 1


def test_what_changed_after_it_was_shown_is_not_published_unseen(town: Place, desk: Client, second: Client):
    save(desk, town, "P13", is_on="off")
    revision = desk.get(address("card_review", town)).context["draft"].revision
    save(second, town, "P15", is_on="off")
    answer = desk.post(address("card_publish", town), {"revision": revision})
    assert answer.status_code == 409 and not MenuCard.objects.exists()
    assert {one.code for one in answer.context["differences"]} == {"P13", "P15"}
    assert desk.post(address("card_discard", town), {"revision": revision}).status_code == 409
    assert draft_of(town.organisation) is not None


@pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 40, "²"])
def test_an_odd_revision_publishes_nothing(town: Place, desk: Client, revision: str):
    save(desk, town, "P13", is_on="off")
    assert desk.post(address("card_publish", town), {"revision": revision}).status_code == 409
    assert not MenuCard.objects.exists()


def test_a_draft_is_thrown_away(town: Place, desk: Client):
    save(desk, town, "P13", is_on="off")
    desk.post(address("card_discard", town), {"revision": draft_of(town.organisation).revision})
    assert draft_of(town.organisation) is None and "P13" in card_for(town.organisation).items


def test_a_second_click_adds_no_second_measure(town: Place, desk: Client):
    url = address("card_item_new", town)
    values = {**OWN, "seen": desk.get(url).context["form"]["seen"].value()}
    assert desk.post(url, values).status_code == 302
    again = desk.post(url, values)
    assert again.status_code == 409 and again.context["form"]["title_nl"].value() == OWN["title_nl"]
    assert list(draft_of(town.organisation).read_changes().own) == ["E1"]


def test_a_page_of_an_earlier_draft_publishes_no_later_one(town: Place, desk: Client, second: Client):
    save(desk, town, "P13", is_on="off")
    seen = desk.get(address("card_review", town)).context["draft"].revision
    publish(second, town)
    save(second, town, "P15", is_on="off")
    assert desk.post(address("card_publish", town), {"revision": seen}).status_code == 409
    assert desk.post(address("card_discard", town), {"revision": seen}).status_code == 409
    assert published_changes(town.organisation)[0] == 1 and draft_of(town.organisation)


def test_a_step_of_the_ladder_cannot_be_taken_out_of_the_draft(town: Place, desk: Client):
    code = add_own(desk, town, phase="reaction", reaches_perpetrator="yes")
    url = address("card_ladder_cell", town, 1, "first")
    assert desk.post(url, {**form_of(desk, url), f"on_{code}": "on"}).status_code == 302
    seen = desk.get(address("card_item", town, code)).context["seen"]
    answer = desk.post(address("card_item_remove", town, code), {"seen": seen}, follow=True)
    assert answer.status_code == 200 and code in draft_of(town.organisation).read_changes().own
    assert "ladder" in answer.content.decode().lower()


def test_a_line_that_stands_there_or_finds_no_room_is_said_so(town: Place, desk: Client):
    code = add_own(desk, town)
    for least in (1, 1, *range(2, 10)):
        add_test(desk, town, code, 0, "witnesses", operator="min", value=least)
    assert len(draft_of(town.organisation).read_changes().own[code].condition[0]) == 8


def test_a_card_that_no_longer_fits_stops_nobody(town: Place, desk: Client, as_user: Any):
    """A fact or a number of steps that a later version of the portal no longer has; a law that was optional."""
    code = add_own(desk, town)
    add_test(desk, town, code, 0, "severity", operator="min", value=1)
    publish(desk, town)
    card = MenuCard.objects.get(organisation=town.organisation)
    card.changes["own"][0]["condition"] = [[{"fact": "gone", "is": True}]]
    card.changes["items"] = {
        "N14": {"is_on": False},
        "N02": {"deadlines": [None, None, None]},
        "Z99": {"is_on": False},
    }
    card.number = 2
    card.pk = None
    card._state.adding = True
    card.save()
    incident = make_incident(town, hospital_admission=True)
    assert incident.menu_version.endswith("/2")
    assert {"N14", "N02"} <= set(incident.measures.values_list("code", flat=True))
    assert as_user(town.adviser).get(reverse("case", args=[incident.pk])).status_code == 200
    for name in ("card_edit", "card_versions", "menu_rules"):
        assert desk.get(address(name, town)).status_code == 200, name
    assert save(desk, town, "P13", is_on="off").status_code == 302, "the old mistake is not in the way"
    assert save(desk, town, "N14", title_nl="Melden bij de inspectie").status_code == 302
    assert publish(desk, town).status_code == 302


# --- the preview -----------------------------------------------------------------------------------------------------


def test_who_may_not_see_cases_gets_a_rounded_number_and_no_list(town: Place, other_town: Place, desk: Client):
    for _number in range(7):
        make_incident(town, motive="frustration")
    make_incident(town, motive="frustration", at=clock.now() - timedelta(days=366))
    make_incident(other_town, motive="frustration")
    page = desk.get(address("card_item", town, "P13"))
    assert (page.context["preview"].count, page.context["preview"].rounded) == (7, 5)
    text = page.content.decode()
    assert Incident.objects.first().reference not in text and ">7<" not in text
    assert AuditEvent.objects.filter(action="menu_card.previewed", fields=["P13"]).count() == 1
    few = desk.get(address("card_item", town, "P15"))
    assert few.context["preview"].count == 0 and few.context["preview"].rounded is None


def test_who_works_on_cases_sees_how_often_and_which(town: Place, as_user: Any, desk: Client):
    town.join(town.administrator, Role.ADVISER)
    fitting, other = make_incident(town, motive="frustration"), make_incident(town)
    page = desk.get(address("card_item", town, "P13")).content.decode()
    assert fitting.reference in page and other.reference not in page
    adviser = as_user(town.adviser).get(address("menu_item", town, "P13"))
    assert adviser.context["preview"].count == 1 and fitting.reference in adviser.content.decode()
    employee = as_user(town.employee).get(address("menu_item", town, "P13"))
    assert employee.status_code == 200 and fitting.reference not in employee.content.decode()
    assert employee.context["preview"] is None


def test_the_preview_follows_the_draft_for_the_adviser_and_tells_an_administrator_nothing(
    town: Place, desk: Client, as_user: Any
):
    for _number in range(5):
        make_incident(town, witnesses=2)
    code = add_own(desk, town)
    adviser = as_user(town.adviser)
    assert adviser.get(address("menu_item", town, code)).context["preview"].count == 0
    add_test(desk, town, code, 0, "witnesses", operator="min", value=2)
    assert adviser.get(address("menu_item", town, code)).context["preview"].count == 5
    page = desk.get(address("card_item", town, code))
    assert page.context["preview"] is None and address("menu_item", town, code) in page.content.decode()
    assert as_user(town.employee).get(address("menu_item", town, code)).status_code == 404, "a draft is not for all"


def test_made_up_reports_of_ones_own_do_not_count(town: Place, desk: Client):
    for _number in range(5):
        make_incident(town, motive="frustration")
    for _number in range(5):
        make_incident(town, by=town.administrator, motive="frustration")
    assert desk.get(address("card_item", town, "P13")).context["preview"].count == 5


@pytest.mark.parametrize("reports", [1, 3])
def test_the_preview_is_one_query_however_many_reports(
    town: Place, desk: Client, reports: int, django_assert_num_queries: Any
):
    for _number in range(reports):
        make_incident(town, motive="frustration")
    desk.get(address("card_item", town, "P13"))
    with django_assert_num_queries(QUERIES["card_item"]):
        desk.get(address("card_item", town, "P13"))


QUERIES = {"card_edit": 5, "card_versions": 6, "card_item": 9}


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("name", ["card_edit", "card_versions"])
def test_pages_ask_the_same_however_much_there_is(
    town: Place, desk: Client, name: str, number: int, django_assert_num_queries: Any
):
    for _number in range(number):
        add_own(desk, town)
        publish(desk, town)
    desk.get(address(name, town))
    with django_assert_num_queries(QUERIES[name]):
        desk.get(address(name, town))


# --- ladder and calendar ---------------------------------------------------------------------------------------------


def test_the_ladder_has_no_measure_without_an_end(town: Place, desk: Client):
    url = address("card_ladder_cell", town, 2, "second")
    values = form_of(desk, url)
    for months in ({"from_R07": "", "to_R07": ""}, {"from_R07": 5, "to_R07": 3}, {"from_R07": 3, "to_R07": 60}):
        answer = desk.post(url, {**values, **months})
        assert answer.status_code == 400 and draft_of(town.organisation) is None
    assert desk.post(url, {"seen": values["seen"]}).status_code == 400, "no step at all"
    assert desk.post(url, {**values, "from_R07": 4, "to_R07": 6}).status_code == 302
    publish(desk, town)
    incident = make_incident(town, perpetrator_earlier_incidents_12m=1, severity=None)
    assert card_for(town.organisation).ladder[2, "second"][0].months == (4, 6)
    assert incident.menu_version.endswith("/1")
    assert desk.post(url, {"reset": "1", "seen": "stale"}).status_code == 409
    assert desk.post(url, {"reset": "1", "seen": desk.get(url).context["seen"]}).status_code == 302
    assert (2, "second") not in draft_of(town.organisation).read_changes().ladder


def test_two_change_the_same_cell(town: Place, desk: Client, second: Client):
    url = address("card_ladder_cell", town, 2, "second")
    first_values, second_values = form_of(desk, url), form_of(second, url)
    desk.post(url, {**first_values, "from_R07": 4, "to_R07": 4})
    answer = second.post(url, {**second_values, "from_R07": 5, "to_R07": 5})
    assert answer.status_code == 409 and answer.context["form"]["from_R07"].value() == "5"


def test_the_fifth_of_may_is_the_organisations_choice(town: Place, desk: Client):
    url = address("card_calendar", town)
    desk.post(url, {**form_of(desk, url), "closed_day": "always"})
    publish(desk, town)
    clock.set_to(clock.START.replace(year=2027, month=5, day=4))
    task = open_task(make_incident(town), "R01")
    assert (task.due_at.month, task.due_at.day) == (5, 7), "5 May is off by choice, 6 May 2027 is Ascension Day"


# --- odd input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more",
    [
        {"title_nl": ""},
        {"title_nl": "x" * 500},
        {"title_nl": "a\x00b"},
        {"title_nl": "\u200b\u2800"},
        {"title_nl": "links \u202e rechts"},
        {"amount_0": "999999999999999999999"},
        {"amount_0": "-3"},
        {"amount_0": "zes"},
        {"unit_0": "eeuwen"},
        {"is_on": "misschien"},
        {"seen": ""},
    ],
    ids=str,
)
def test_odd_input_is_said_so_and_nothing_is_lost(town: Place, desk: Client, more: dict[str, str]):
    answer = save(desk, town, "P13", purpose_nl=ODD, **more)
    assert answer.status_code in {400, 409} and answer.context["form"].errors
    assert answer.context["form"]["purpose_nl"].value() == ODD and draft_of(town.organisation) is None


@pytest.mark.parametrize(
    ("fact", "values"),
    [
        ("severity", {"operator": "min", "value": "9"}),
        ("severity", {"operator": "boven", "value": "2"}),
        ("witnesses", {"operator": "min", "value": "-1"}),
        ("witnesses", {"operator": "min", "value": "9" * 30}),
        ("channel", {"value": ["postduif"]}),
        ("channel", {}),
        ("injury", {"value": "misschien"}),
    ],
)
def test_an_odd_condition_is_said_so(town: Place, desk: Client, fact: str, values: dict[str, Any]):
    code = add_own(desk, town)
    answer = add_test(desk, town, code, 0, fact, **values)
    assert answer.status_code == 400 and answer.context["form"].errors
    assert draft_of(town.organisation).read_changes().own[code].condition == ()


def test_an_address_that_means_nothing_is_not_there(town: Place, other_town: Place, desk: Client):
    code = add_own(desk, town)
    for url in (
        address("card_item", town, "Z99"),
        address("card_condition", town, code, 7),
        address("card_condition", town, "P13", 0),
        address("card_ladder_cell", town, 9, "first"),
        address("card_ladder_cell", town, 2, "often"),
        address("card_edit", other_town),
        address("card_item", other_town, "P13"),
        address("menu_item", other_town, "P13"),
        address("menu_item", town, "Z99"),
    ):
        assert desk.get(url).status_code == 404, url
    page = desk.get(address("card_condition", town, code, 0) + "?fact=bsn")
    assert page.status_code == 200 and page.context["fact_form"].errors


def test_the_audit_tells_who_changed_which_item_and_no_words(town: Place, desk: Client):
    save(desk, town, "P13", title_nl="Kanariewoord")
    publish(desk, town)
    rows = AuditEvent.objects.filter(action__startswith="menu_card.", actor_id=town.administrator.pk)
    assert {"menu_card.draft_changed", "menu_card.published"} <= {row.action for row in rows}
    assert "P13" in {field for row in rows for field in row.fields}
    assert not any("Kanarie" in field for row in rows for field in row.fields)


def test_someone_of_two_organisations_chooses_whose_card(town: Place, other_town: Place, as_user: Any, desk: Client):
    save(desk, town, "P13", title_nl="Alleen van Vlinderwaard")
    publish(desk, town)
    other_town.join(town.employee, Role.EMPLOYEE)
    client = as_user(town.employee)
    mine = client.get(reverse("menu_card"), {"organisation": town.organisation.slug}).content.decode()
    theirs = client.get(reverse("menu_card"), {"organisation": other_town.organisation.slug}).content.decode()
    assert "Alleen van Vlinderwaard" in mine and "Alleen van Vlinderwaard" not in theirs
    nobody = as_user(make_user()).get(reverse("menu_card"))
    assert nobody.status_code == 200 and "Alleen van Vlinderwaard" not in nobody.content.decode()
