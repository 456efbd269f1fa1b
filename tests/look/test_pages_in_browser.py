"""Every page in a browser, on a phone and a desk, in both languages: axe finds nothing, nothing scrolls sideways."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from incidents.actions.additions import Addition, add_to_report
from incidents.actions.closing import close_case
from incidents.actions.drafts import start_draft
from incidents.actions.messages import ask_person, write_to_desk
from incidents.actions.people import ask_witness
from incidents.actions.tasks import decline_task
from incidents.models import Incident, Message
from incidents.vocabulary import ReportKind, StatementKind
from tests import clock
from tests.look.visitor import LOOKS, Visitor, unfold
from tests.world import PASSWORD, Place, make_incident, make_place, open_task
from vpdportal.demo.card import begin_draft, publish_first_card

pytestmark = pytest.mark.browser
LONG = "Afdeling-met-een-heel-lange-naam-voor-bedrijfsmaatschappelijke-ondersteuning 🌷"


@pytest.fixture
def places(committed: None) -> tuple[Place, Place]:
    town, empty = make_place("Vlinderwaard"), make_place("Leegwater", prefix="LW")
    town.department.name = LONG
    town.department.save()
    town.employee.name = "Wilhelmina-Anna-Margaretha van Oudshoorn-van Nieuwkerk-Schoonhoven 🙂"
    town.employee.save()
    for _number in range(6):
        make_incident(town, behaviours=("threat",), story="x" * 3000, contact="c" * 120, place="p" * 200)
    incident = make_incident(town, behaviours=("physical_violence",), injury=True, damage=True, family_involved=True)
    incident.tasks.filter(code="N02").update(assignee=town.support)
    made = make_incident(town, by=town.manager, affected=town.employee, affected_name="n" * 120, place="p" * 200)
    ask_witness(incident=made, email=town.support.email, by=town.employee, now=clock.now())
    told = Addition(form_key=uuid4(), text="t" * 300, kind=StatementKind.CORRECTION)
    add_to_report(incident=made, addition=told, by=town.employee, now=clock.now())
    talk(town, incident)
    publish_first_card(town.organisation, town.administrator, clock.now())
    begin_draft(town.organisation, town.administrator, clock.now())
    town.organisation.locations.create(name="w" * 70 + " 🚐", code="7K0QD1", department=town.department)
    town.organisation.locations.create(name="Bus 12", code="7K0QD2", kind="vehicle", is_active=False)
    empty.join(town.management, "management")  # someone who has to choose an organisation
    empty.join(town.analyst, "analyst")
    return town, empty


def talk(town: Place, incident: Incident) -> None:
    """A question that waits, messages of any length, and a case that was closed."""
    asks = ["complaints", "hospital_admission", "motive", "sick_leave_days"]
    about = {"incident": incident, "now": clock.now()}
    for text in ("m" * 400, "Kort."):
        write_to_desk(**about, text=text, form_key=uuid4(), by=town.employee)
        ask_person(**about, person=town.employee, asks=asks, text=text, form_key=uuid4(), by=town.adviser)
    closed = make_incident(town, at=clock.now() - timedelta(days=2))
    for task in closed.tasks.filter(status="open"):
        decline_task(task=task, reason="Niet nodig.", by=town.adviser, now=clock.now())
    close_case(incident=closed, outcome="o" * 400, by=town.adviser, now=clock.now())


def pages_of(town: Place) -> dict[str, list[str]]:
    incident = Incident.objects.filter(organisation=town.organisation, affected=None).first()
    slug = [town.organisation.slug]
    found: dict[str, list[str]] = {
        "employee": ["/", "/melden/", "/melden/bijna/", "/menukaart/"],
        "adviser": ["/werkvoorraad/", "/werkvoorraad/?tab=all", "/dossiers/", "/afwezig/"],
        "manager": ["/afdeling/"],
        "support": ["/taken/"],
        "analyst": ["/analyse/"],
        "management": ["/overzicht/", reverse("overview_latest", args=slug)],
        "administrator": [
            *(reverse(f"administration{part}", args=slug) for part in ("", "_details", "_role_new", "_department_new")),
            *(reverse(f"card_{part}", args=slug) for part in ("edit", "item_new", "review", "versions", "calendar")),
            *(reverse(name, args=slug) for name in ("locations", "location_new", "location_many")),
            reverse("card_ladder", args=slug),
            reverse("card_ladder_cell", args=[*slug, 3, "first"]),
            *(reverse("card_item", args=[*slug, code]) for code in ("N02", "P13")),
        ],
        "auditor": [reverse("audit_log", args=slug) + "?check=1", reverse("menu_rules", args=slug)],
    }
    if incident:
        found["employee"] += [
            reverse(name, args=[incident.pk]) for name in ("report_status", "visibility", "report_add", "who_looked")
        ]
        made = Incident.objects.get(affected=town.employee)
        found["employee"] += [reverse(name, args=[made.pk]) for name in ("report_status", "report_correct")]
        found["support"] += ["/", reverse("witness", args=[made.pk])]
        found["manager"].append(reverse("report_status", args=[made.pk]))  # a receipt only
        found["adviser"] += [
            reverse("case", args=[incident.pk]),
            reverse("task", args=[open_task(incident, "R01").pk]),
            "/dossiers/?number=NIETS",
            reverse("case_renew", args=[incident.pk]),
            reverse("case_visibility", args=[incident.pk]),
            reverse("case_facts_edit", args=[incident.pk]),
            reverse("menu_item", args=[*slug, "R09"]),
        ]
        asked = Message.objects.filter(is_question=True).latest("at", "id")
        closed = Incident.objects.get(status="closed")
        found["employee"] += [
            reverse("messages", args=[asked.incident_id]),
            reverse("question", args=[asked.incident_id, asked.pk]),
            *(reverse(name, args=[closed.pk]) for name in ("report_status", "helped", "reopen")),
        ]
        found["adviser"] += [reverse("case", args=[pk]) for pk in (asked.incident_id, closed.pk)]
        place = town.organisation.locations.get(code="7K0QD1")
        found["administrator"] += [
            *(reverse(name, args=[*slug, place.pk]) for name in ("location", "location_poster")),
            reverse("location_posters", args=slug),
            reverse("card_item", args=[*slug, "E2"]),
            reverse("card_condition", args=[*slug, "E2", 0]),
            reverse("card_condition", args=[*slug, "E2", 1]) + "?fact=channel",
        ]
    found["employee"] += ["/over-deze-menukaart/", "/deze-pagina-is-er-niet/"]
    found["adviser"].append(reverse("menu_try", args=slug))
    found["manager"].append("/werkvoorraad/")  # 403
    return found


@LOOKS
def test_every_page_full_and_empty(
    live_server: Any, chromium: Any, places: Any, width: int, language: str, with_axe: bool
):
    faults = {}
    for place in places:
        for role, paths in pages_of(place).items():
            visitor = Visitor(chromium, live_server.url, width, language, with_axe=with_axe)
            visitor.sign_in(place.people[role].email)
            for path in paths:
                visitor.go(path)
                if found := visitor.faults():
                    faults[f"{place.organisation.slug} {path}"] = found
            visitor.context.close()
    assert faults == {}


@LOOKS
def test_pages_of_someone_who_is_not_signed_in(
    live_server: Any, chromium: Any, places: Any, width: int, language: str, with_axe: bool
):
    visitor = Visitor(chromium, live_server.url, width, language, with_axe=with_axe)
    faults = {}
    for path in ("/inloggen/", "/wachtwoord/", "/wachtwoord/gevraagd/", "/wachtwoord/abc/geen/", "/melden/"):
        visitor.go(path)
        if found := visitor.faults():
            faults[path] = found
    visitor.context.close()
    assert faults == {}


@LOOKS
def test_forms_in_their_error_state(
    live_server: Any, chromium: Any, places: Any, width: int, language: str, with_axe: bool
):
    town, _empty = places
    incident = Incident.objects.filter(organisation=town.organisation).first()
    assert incident is not None
    task, made = open_task(incident, "R01"), Incident.objects.get(affected=town.employee)
    asked, closed = Message.objects.filter(is_question=True).latest("at", "id"), Incident.objects.get(status="closed")
    begun = start_draft(
        key=uuid4(), organisation=town.organisation, kind=ReportKind.INCIDENT, by=town.employee, now=clock.now()
    )
    asking = reverse("case_question", args=[asked.incident_id, town.employee.pk])
    wrong = {
        ("employee", reverse("report_step", args=[begun.pk, "gebeurd"])): '.buttons [name="go"][value="next"]',
        ("employee", reverse("report_add", args=[made.pk])): "main form .button--primary",
        ("employee", reverse("report_correct", args=[made.pk])): "main form .button--primary",
        ("employee", reverse("report_status", args=[made.pk])): "#witness button",
        ("support", reverse("witness", args=[made.pk])): "main form .button--primary",
        ("analyst", "/analyse/"): "main form .button--primary",
        ("employee", "/melden/bijna/"): 'form[action="/melden/bijna/"] .button--primary',
        ("employee", reverse("messages", args=[asked.incident_id])): "main form .button--primary",
        ("employee", reverse("question", args=[asked.incident_id, asked.pk])): "main form .button--primary",
        ("employee", reverse("helped", args=[closed.pk])): "main form .button--primary",
        ("employee", reverse("reopen", args=[closed.pk])): "main form .button--primary",
        (
            "adviser",
            reverse("case_ending", args=[closed.pk]),
        ): f'form[action="{reverse("case_reopen", args=[closed.pk])}"] button',
        ("adviser", reverse("case_messages", args=[asked.incident_id]) + "?vraag"): f'form[action="{asking}"] button',
        ("adviser", "/afwezig/"): "main form[novalidate] .button--primary",
        (
            "adviser",
            reverse("case_timeline", args=[incident.pk]),
        ): f'form[action="{reverse("case_note", args=[incident.pk])}"] button',
        (
            "adviser",
            reverse("task", args=[task.pk]),
        ): f'form[action="{reverse("task_decline", args=[task.pk])}"] button',
        ("administrator", reverse("administration_role_new", args=["vlinderwaard"])): "main form .button--primary",
        ("administrator", reverse("card_item_new", args=["vlinderwaard"])): "main form .button--primary",
        ("administrator", reverse("location_new", args=["vlinderwaard"])): "main form .button--primary",
        ("administrator", reverse("location_many", args=["vlinderwaard"])): "main form .button--primary",
        (
            "administrator",
            reverse("card_condition", args=["vlinderwaard", "E2", 1]) + "?fact=channel",
        ): "main form .button--primary",
        (
            "administrator",
            reverse("card_ladder_cell", args=["vlinderwaard", 3, "first"]),
        ): "main form .button--primary",
        ("adviser", reverse("menu_try", args=["vlinderwaard"])): "main form .button--primary",
    }
    faults: dict[str, list[str]] = {}
    visitors: dict[str, Visitor] = {}
    for (role, path), button in wrong.items():
        if role not in visitors:
            visitors[role] = Visitor(chromium, live_server.url, width, language, with_axe=with_axe)
            visitors[role].sign_in(town.people[role].email)
        visitor = visitors[role]
        visitor.go(path)
        unfold(visitor.page)
        visitor.page.evaluate(
            "document.querySelectorAll('.ladder-step input').forEach((one) => { one.checked = false; })"
        )
        with visitor.page.expect_navigation():
            visitor.page.click(button)
        assert visitor.page.locator("#errors").count() == 1, path
        if found := visitor.faults():
            faults[path] = found
    for visitor in visitors.values():
        visitor.context.close()
    signing_in = Visitor(chromium, live_server.url, width, language, with_axe=with_axe)
    signing_in.sign_in("niemand@nergens.invalid")
    assert signing_in.page.locator("#errors").count() == 1
    assert (faults, signing_in.faults()) == ({}, [])
    signing_in.context.close()


@LOOKS
@pytest.mark.parametrize(
    ("part", "name"), [("case_timeline", "case_note"), ("case_ending", "case_close"), ("case", "case_severity")]
)
def test_a_case_that_was_closed_while_someone_typed(
    live_server: Any, chromium: Any, places: Any, width: int, language: str, with_axe: bool, part: str, name: str
):
    """It says that it is closed, and what was typed stands there still."""
    town, _empty = places
    incident = Incident.objects.filter(organisation=town.organisation, affected=None, status="received").first()
    assert incident is not None
    visitor = Visitor(chromium, live_server.url, width, language, with_axe=with_axe)
    visitor.sign_in(town.adviser.email)
    visitor.go(reverse(part, args=[incident.pk]))
    unfold(visitor.page)
    form = visitor.page.locator(f'form[action="{reverse(name, args=[incident.pk])}"]')
    form.locator("textarea").first.fill("t" * 400)
    if name == "case_severity":
        form.locator('[name="nature"][value="aggression"]').check()
    for task in incident.tasks.filter(status="open"):
        decline_task(task=task, reason="Niet nodig.", by=town.deputy, now=clock.now())
    close_case(incident=incident, outcome="o" * 400, by=town.deputy, now=clock.now())
    with visitor.page.expect_navigation():
        form.locator("button").click()
    typed = form.locator("textarea").first
    assert typed.input_value() == "t" * 400 and typed.is_visible()
    assert visitor.page.locator(".message--error").count() == 1
    assert visitor.faults() == []
    visitor.context.close()


@LOOKS
def test_every_step_of_a_report(
    live_server: Any, chromium: Any, places: Any, width: int, language: str, with_axe: bool
):
    """Empty, with mistakes, full with everything unfolded, open in two tabs, not safe, and waiting to be sent."""
    town, _empty = places
    visitor = Visitor(chromium, live_server.url, width, language, with_axe=with_axe)
    visitor.sign_in(town.employee.email)
    page, faults = visitor.page, {}

    def look(where: str) -> None:
        unfold(page)
        if found := visitor.faults():
            faults[where] = found

    def press(go: str, state: str = "") -> None:
        with page.expect_navigation():
            page.click(f'.buttons [name="go"][value="{go}"]')
        assert page.locator("#errors").count() == (1 if "mistake" in state else 0), state
        if state:
            look(state)

    def begin(is_safe: str = "yes") -> None:
        visitor.go("/melden/")
        page.check(f'input[name="is_safe_now"][value="{is_safe}"]')
        page.click('form[action="/melden/"] .button--primary')
        page.wait_for_url("**/gebeurd/")

    begin(is_safe="no")
    look("what happened")
    press("next", "what happened, mistakes")
    page.context.new_page().goto(page.url)
    other = page.context.pages[-1]
    other.fill('textarea[name="story"]', "In een ander tabblad. " * 40)
    with other.expect_navigation():
        other.click('.buttons [name="go"][value="check"]')
    fill_what_happened(page, story="w" * 4000, place="p" * 200)
    for value in ("weapon", "online_hate", "insult"):
        page.check(f'input[name="behaviours"][value="{value}"]')
    page.check('input[name="weapon"][value="yes"]')
    page.check('input[name="is_going_on"]')
    look("what happened, full")
    press("next")
    assert page.locator(".message--warning").count() == 1
    look("two tabs")
    press("next", "who")
    page.check('input[name="reporter_is"][value="colleague"]')
    press("next", "who, mistakes")
    page.fill('input[name="affected_name"]', LONG)
    page.fill('textarea[name="perpetrator_description"]', "d" * 1000)
    page.check('input[name="perpetrator_known"][value="yes"]')
    look("who, full")
    press("next", "needs")
    for name in ("injury", "damage", "complaints", "wants_support"):
        page.check(f'input[name="{name}"][value="yes"]')
    page.fill('input[name="sick_leave_days"]', "-1")
    press("next", "needs, mistakes")
    page.fill('input[name="sick_leave_days"]', "3")
    press("next", "check")
    page.fill('input[name="kept_out_email"]', "niemand@nergens.invalid")
    press("send", "check, mistakes")
    visitor.go("/melden/")
    look("start, with what waits")
    begin()
    visitor.go(page.url.replace("gebeurd", "controle").removeprefix(live_server.url))
    look("check, too early")
    visitor.context.close()
    assert faults == {}


def test_the_keyboard_alone_reaches_everything(live_server: Any, chromium: Any, places: Any):
    town, _empty = places
    visitor = Visitor(chromium, live_server.url, 1280, "nl")
    visitor.sign_in(town.employee.email)
    visitor.go("/melden/")
    visitor.page.click('form[action="/melden/"] .button--primary')
    seen: set[str] = set()
    for step in ("gebeurd", "wie", "nodig", "controle"):
        visitor.page.wait_for_url(f"**/{step}/")
        unfold(visitor.page)
        seen |= reached_by_tab(visitor.page)
        if step == "gebeurd":
            fill_what_happened(visitor.page)
        if step != "controle":
            visitor.page.click('.buttons [name="go"][value="next"]')
    for name in ("behaviours", "story", "day", "hour", "channel", "evidence", "perpetrator_known", "wants_support"):
        assert name in seen
    assert {"may_manager_see", "kept_out", "go"} <= seen
    assert any("Naar de inhoud" in one for one in seen)
    visitor.context.close()


def reached_by_tab(page: Any) -> set[str]:
    """The names (or words) of all that the Tab key comes to, until it begins again."""
    reachable = page.evaluate(
        "Array.from(document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary'))"
        ".filter((one) => one.checkVisibility()).length"
    )
    seen: list[str] = []
    for _press in range(reachable + 60):
        page.keyboard.press("Tab")
        here = page.evaluate(
            "((one) => one.name + '|' + one.id + '|' + one.textContent.trim().slice(0, 40))(document.activeElement)"
        )
        if seen and here == seen[0]:
            break
        seen.append(here)
    return {here.split("|")[0] or here for here in seen}


def test_a_report_without_javascript(live_server: Any, chromium: Any, places: Any):
    town, _empty = places
    before = Incident.objects.count()
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(live_server.url + "/inloggen/")
    page.fill("#id_username", town.employee.email)
    page.fill("#id_password", PASSWORD)
    page.click("main button")
    page.goto(live_server.url + "/melden/")
    fill_report(page)
    page.click('[name="go"][value="send"]')
    page.wait_for_url("**/melding/*/")
    assert Incident.objects.count() == before + 1
    context.close()


def fill_what_happened(page: Any, story: str = "Hij zei dat hij mij wist te vinden.", place: str = "") -> None:
    """The step with the three questions that are enough."""
    page.check('input[name="behaviours"][value="threat"]')
    page.fill('textarea[name="story"]', story)
    page.fill('input[name="day"]', clock.now().strftime("%Y-%m-%d"))
    page.fill('input[name="hour"]', "00:00")
    page.check('input[name="channel"][value="counter"]')
    if place:
        page.fill('input[name="place"]', place)


def fill_report(page: Any, day: str = "", may_manager_see: str = "no") -> None:
    """All steps, from the first page to the button that sends."""
    page.click('form[action="/melden/"] .button--primary')
    page.wait_for_url("**/gebeurd/")
    fill_what_happened(page)
    if day:
        page.fill('input[name="day"]', day)
    go_on = '.buttons [name="go"][value="next"]'
    page.click(go_on)
    page.wait_for_url("**/wie/")
    page.select_option('select[name="target_group"]', "counter_staff")
    page.check('input[name="perpetrator_known"][value="yes"]')
    page.click(go_on)
    page.wait_for_url("**/nodig/")
    page.check('input[name="wants_support"][value="yes"]')
    page.click(go_on)
    page.wait_for_url("**/controle/")
    page.check(f'input[name="may_manager_see"][value="{may_manager_see}"]')


@LOOKS
def test_the_answer_of_what_if(live_server: Any, chromium: Any, places: Any, width: int, language: str, with_axe: bool):
    visitor = Visitor(chromium, live_server.url, width, language, with_axe=with_axe)
    visitor.sign_in(places[0].adviser.email)
    visitor.go(reverse("menu_try", args=["vlinderwaard"]))
    visitor.page.check('input[name="behaviours"][value="discrimination"]')
    visitor.page.select_option('select[name="channel"]', "counter")
    visitor.page.select_option('select[name="target_group"]', "alderman")
    with visitor.page.expect_navigation():
        visitor.page.click("main form .button--primary")
    unfold(visitor.page)
    assert visitor.page.locator("#answer").count() == 1
    assert visitor.faults() == []
    visitor.context.close()
