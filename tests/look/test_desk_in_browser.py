"""The pages of the desk in a browser, full of odd things and bare, as they are and in their error state."""

from typing import Any

import pytest
from django.urls import reverse

from incidents.models import Heartbeat
from incidents.vocabulary import Beat
from tests import clock
from tests.look.desk import ASKED, Desk, fill_desk
from tests.look.visitor import LOOKS, Visitor, unfold
from tests.world import Place, make_place

pytestmark = pytest.mark.browser
PARTS = (
    *("case", "case_timeline", "case_people", "case_messages", "case_files", "case_reactions", "case_letters"),
    *("case_police", "case_care", "case_damage", "case_links", "case_ending", "task_add", "case_assign"),
)
FILTERS = "?severity=3&channel=counter&reported_from=2026-11-01&sort=-severity"
Filled = tuple[Place, Desk]


@pytest.fixture
def filled(committed: None) -> Filled:
    town = make_place("Vlinderwaard")
    town.department.name = "Afdeling-met-een-heel-lange-naam-voor-bedrijfsmaatschappelijke-ondersteuning 🌷"
    town.department.save()
    return town, fill_desk(town)


def case_full(town: Place, desk: Desk) -> dict[str, list[str]]:
    return {"adviser": [reverse(part, args=[desk.case.pk]) for part in PARTS]}


def case_bare(town: Place, desk: Desk) -> dict[str, list[str]]:
    return {"adviser": [reverse(part, args=[desk.twin.pk]) for part in PARTS]}


def things_of_the_case(town: Place, desk: Desk) -> dict[str, list[str]]:
    case, reaction = desk.case.pk, "reaction"
    return {
        "adviser": [
            *(reverse("reaction_new", args=[case, kind]) for kind in ("verbal", "ban", "civil_order")),
            reverse("reaction_new", args=[desk.twin.pk, "warning"]),
            *(reverse(reaction, args=[one.pk]) for one in (desk.draft, desk.waits, desk.looked, desk.signed)),
            *(reverse(reaction, args=[one.pk]) for one in (desk.runs, desk.ended, desk.withdrawn)),
            reverse("reaction_edit", args=[desk.draft.pk]),
            reverse("reaction_breach", args=[desk.runs.pk]),
            *(reverse("letter_new", args=[case, kind]) for kind in ("invitation", "outcome")),
            *(reverse("letter", args=[case, one.pk]) for one in (desk.letter, desk.sent)),
            *(reverse("police_sheet", args=[one.pk]) for one in (desk.sheet, desk.filed)),
            reverse("care_plan", args=[desk.talk.pk]),
            reverse("damage_line", args=[desk.line.pk]),
            reverse("case_merge", args=[case, desk.twin.pk]),
            *(reverse("person", args=[one.pk]) for one in (desk.person, desk.stranger)),
        ]
    }


def lists_and_others(town: Place, desk: Desk) -> dict[str, list[str]]:
    slug = town.organisation.slug
    return {
        "adviser": [
            *(f"/werkvoorraad/?tab={tab}" for tab in ("waiting", "ending", "quiet", "new", "mine")),
            *("/dossiers/", f"/dossiers/{FILTERS}", "/maatregelen/", "/controle/", "/agenda/", "/overdragen/"),
        ],
        "deputy": [reverse("reaction_second", args=[desk.looked.pk])],
        "legal": ["/taken/", reverse("reaction_sign", args=[desk.waits.pk])],
        "management": ["/taken/", reverse("reaction_sign", args=[desk.looked.pk])],
        "support": ["/agenda/", "/taken/", reverse("care_plan", args=[desk.talk.pk])],
        "employee": [
            "/controle/",
            reverse("care_answer", args=[desk.case.pk, desk.moment.pk]),
            reverse("report_status", args=[desk.case.pk]),
        ],
        "administrator": [
            reverse("hand_over_of", args=[slug, town.adviser.pk]),
            *(reverse(name, args=[slug]) for name in ("letter_templates", "letter_fields", "administration_details")),
            reverse("machine_room", args=[slug]),
            reverse("letter_template", args=[slug, "invitation"]),
        ],
    }


@LOOKS
@pytest.mark.parametrize("pages", [case_full, case_bare, things_of_the_case, lists_and_others])
def test_every_page_of_the_desk(
    live_server: Any, chromium: Any, filled: Filled, width: int, language: str, with_axe: bool, pages: Any
):
    town, desk = filled
    faults = {}
    for role, paths in pages(town, desk).items():
        visitor = Visitor(chromium, live_server.url, width, language, with_axe=with_axe)
        visitor.sign_in(town.people[role].email)
        for path in paths:
            assert visitor.go(path) == 200, path
            unfold(visitor.page)
            if found := visitor.faults():
                faults[path] = found
        visitor.context.close()
    assert faults == {}


@LOOKS
def test_lists_with_nothing_in_them(
    live_server: Any, chromium: Any, committed: None, width: int, language: str, with_axe: bool
):
    empty = make_place("Leegwater", prefix="LW")
    Heartbeat.objects.create(name=Beat.SWEEP, at=clock.now())  # all is well
    faults = {}
    for role, paths in {
        "adviser": ["/werkvoorraad/?tab=waiting", "/dossiers/", "/maatregelen/", "/agenda/", "/overdragen/"],
        "legal": ["/taken/"],
        "administrator": [
            reverse("hand_over_of", args=[empty.organisation.slug, empty.adviser.pk]),
            reverse("machine_room", args=[empty.organisation.slug]),
        ],
    }.items():
        visitor = Visitor(chromium, live_server.url, width, language, with_axe=with_axe)
        visitor.sign_in(empty.people[role].email)
        for path in paths:
            assert visitor.go(path) == 200, path
            if found := visitor.faults():
                faults[path] = found
        visitor.context.close()
    assert faults == {}


Wrong = tuple[str, str, str, dict[str, str]]  # who, on which page, presses what, having filled in this


def to(name: str, *args: Any) -> str:
    """The form that goes to this address."""
    return f'form[action^="{reverse(name, args=args)}"] '


def wrong_about_the_reaction(town: Place, desk: Desk) -> list[Wrong]:
    case = desk.case.pk
    breach, runs = reverse("reaction_breach", args=[desk.runs.pk]), reverse("reaction", args=[desk.runs.pk])
    people, letter = reverse("case_people", args=[case]), reverse("letter", args=[case, desk.letter.pk])
    sheet, shut = reverse("police_sheet", args=[desk.sheet.pk]), reverse("person", args=[desk.stranger.pk])
    opened, planned = reverse("person", args=[desk.person.pk]), reverse("reaction", args=[desk.draft.pk])
    return [
        ("adviser", reverse("reaction_new", args=[case, "ban"]), 'button[value="propose"]', {}),
        ("adviser", breach, to("reaction_breach", desk.runs.pk) + "button", {}),
        ("adviser", runs, to("reaction_step", desk.runs.pk, "beeindigen") + "button", {}),
        ("adviser", planned, to("reaction_step", desk.draft.pk, "gehouden") + "button", {}),
        ("adviser", people, to("case_person_find", case) + "button", {}),
        ("adviser", shut, to("person_open", desk.stranger.pk) + "button", {}),
        ("adviser", opened, to("person_reading", desk.person.pk) + "button", {}),
        ("adviser", letter, to("letter_sent", case, desk.letter.pk) + "button", {"sent_on": ""}),
        ("adviser", sheet, to("police_filed", desk.sheet.pk) + "button", {"filed_on": ""}),
        ("adviser", sheet, to("police_not_filed", desk.sheet.pk) + "button", {}),
        ("legal", reverse("reaction_sign", args=[desk.waits.pk]), 'button[value="back"]', {}),
        ("employee", "/controle/", "main form .button--primary", {"phone": ASKED["phone"]}),
    ]


def wrong_about_the_rest(town: Place, desk: Desk) -> list[Wrong]:
    case, one = desk.case.pk, desk.case.measures.filter(status="proposed").first()
    assert one is not None
    template = reverse("letter_template", args=[town.organisation.slug, "invitation"])
    return [
        ("adviser", reverse("case", args=[case]), to("case_measure", case, one.pk) + '[value="decline"]', {}),
        ("adviser", reverse("case", args=[case]), "#several-form button", {}),
        ("adviser", reverse("case_damage", args=[case]), to("case_damage", case) + "button", {"amount": "-5"}),
        (
            "adviser",
            reverse("care_plan", args=[desk.talk.pk]),
            '[value="plan"]',
            {"day": "2020-01-01", "hour": "10:00"},
        ),
        ("adviser", reverse("case_care", args=[case]), to("case_care", case) + "button", {}),
        ("adviser", reverse("case_ending", args=[desk.twin.pk]), to("case_close", desk.twin.pk) + "button", {}),
        ("adviser", reverse("case_links", args=[case]), to("case_link", case) + ".button:not(.button--small)", {}),
        ("adviser", reverse("case_merge", args=[case, desk.twin.pk]), "main form .button--primary", {}),
        ("adviser", reverse("task_add", args=[case]), "main form .button--primary", {}),
        ("adviser", "/overdragen/", "main form .button--primary", {}),
        ("adviser", "/werkvoorraad/", to("saved_list_keep", "work_list") + "button", {}),
        ("adviser", "/dossiers/", to("case_export") + "button", {}),
        ("employee", reverse("care_answer", args=[case, desk.moment.pk]), '[value="other"]', {"wish": ""}),
        ("administrator", template, "main form .button--primary", {}),
    ]


@LOOKS
@pytest.mark.parametrize("wrong", [wrong_about_the_reaction, wrong_about_the_rest])
def test_forms_of_the_desk_in_their_error_state(
    live_server: Any, chromium: Any, filled: Filled, width: int, language: str, with_axe: bool, wrong: Any
):
    town, desk = filled
    faults: dict[str, list[str]] = {}
    visitors: dict[str, Visitor] = {}
    for role, path, button, fields in wrong(town, desk):
        if role not in visitors:
            visitors[role] = Visitor(chromium, live_server.url, width, language, with_axe=with_axe)
            visitors[role].sign_in(town.people[role].email)
        visitor, where = visitors[role], f"{path} {button}"
        visitor.go(path)
        unfold(visitor.page)
        for name, value in fields.items():
            visitor.page.locator(f'main form:has({button.rpartition(" ")[2]}) [name="{name}"]').first.fill(value)
        with visitor.page.expect_navigation():
            visitor.page.locator(button).first.click()
        assert visitor.page.locator("#errors, .message--error").count() == 1, where
        unfold(visitor.page)
        if found := visitor.faults():
            faults[where] = found
    for visitor in visitors.values():
        visitor.context.close()
    assert faults == {}
