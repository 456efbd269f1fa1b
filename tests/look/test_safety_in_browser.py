"""The pages of the officer, of case safety and of requests about data in a browser: empty, full and with mistakes."""

from typing import Any

import pytest
from django.urls import reverse

from incidents.models import Incident
from tests.look.safety import Office, fill_office
from tests.look.visitor import LOOKS, Visitor, unfold
from tests.world import Place, make_incident, make_place

pytestmark = pytest.mark.browser


@pytest.fixture
def town(committed: None) -> Place:
    return make_place("Vlinderwaard")


def pages_of_a_place(town: Place) -> dict[str, list[str]]:
    """What is there before anything happened."""
    slug = [town.organisation.slug]
    sheets = [reverse("accountability_sheet", args=[*slug, code]) for code in ("register", "dpia", "ondernemingsraad")]
    terms = [reverse(name, args=slug) for name in ("retention_terms", "retention_certificates")]
    return {
        "auditor": [
            *(reverse(name, args=slug) for name in ("audit_log", "log_reviews", "openings", "accountability")),
            reverse("data_requests"),
            reverse("data_requests") + "?closed=1",
            reverse("data_request_new"),
            *sheets,
            *terms,
        ],
        "adviser": [reverse("restricted_cases"), reverse("retention_preview", args=slug), *terms],
        "administrator": [*sheets, *terms],
        "employee": [reverse("my_data"), reverse("privacy"), reverse("accessibility")],
    }


def pages_of_an_office(town: Place, office: Office) -> dict[str, list[str]]:
    """What is there when everything happened."""
    slug = town.organisation.slug
    log = reverse("audit_log", args=[slug])
    other = Incident.objects.filter(is_restricted=True).exclude(pk=office.shut.pk).get()
    asked = (office.open_one, office.collected, office.ready, office.decided, office.withdrawn)
    return {
        "auditor": [
            log + "?check=1",
            log + f"?person={town.adviser.pk}&act=looked&number={office.case.reference}",
            log + "?first=2026-11-99",
            log + "?number=VW-000000",
            *(reverse("log_review", args=[slug, one.pk]) for one in (office.review, office.signed)),
            *(reverse("opening", args=[slug, one.pk]) for one in (office.opening, office.judged)),
            *(reverse("data_request", args=[one.pk]) for one in asked),
            *(reverse("data_pieces", args=[one.pk]) for one in (office.collected, office.ready, office.withdrawn)),
        ],
        "deputy": [
            reverse("restricted_cases"),
            reverse("restricted_open", args=[other.pk]),
            *(reverse(name, args=[office.shut.pk]) for name in ("case", "case_facts_edit", "case_visibility")),
        ],
        "adviser": [
            *(reverse(name, args=[office.shut.pk]) for name in ("case", "case_restriction")),
            reverse("case_restriction", args=[office.case.pk]),
            *(reverse("case_keeping", args=[one.pk]) for one in (office.case, office.kept)),
        ],
        "employee": [reverse("who_looked", args=[one.pk]) for one in (office.case, office.shut)],
    }


def visited(address: str, chromium: Any, town: Place, pages: dict[str, list[str]], *look: Any) -> dict[str, list[str]]:
    """The faults of each page, by who looks and where."""
    faults = {}
    width, language, with_axe = look
    for role, paths in pages.items():
        visitor = Visitor(chromium, address, width, language, with_axe=with_axe)
        visitor.sign_in(town.people[role].email)
        for path in paths:
            assert visitor.go(path) == 200, path
            unfold(visitor.page)
            if found := visitor.faults():
                faults[f"{role} {path}"] = found
        visitor.context.close()
    return faults


@LOOKS
def test_pages_on_which_nothing_stands(
    live_server: Any, chromium: Any, town: Place, width: int, language: str, with_axe: bool
):
    case = make_incident(town)
    pages = pages_of_a_place(town)
    pages["employee"].append(reverse("who_looked", args=[case.pk]))
    pages["adviser"].append(reverse("case_keeping", args=[case.pk]))
    assert visited(live_server.url, chromium, town, pages, width, language, with_axe) == {}


@LOOKS
def test_pages_that_are_full(live_server: Any, chromium: Any, town: Place, width: int, language: str, with_axe: bool):
    office = fill_office(town)
    full, start = pages_of_an_office(town, office), pages_of_a_place(town)
    pages = {role: start.get(role, []) + full.get(role, []) for role in (*full, "administrator")}
    assert visited(live_server.url, chromium, town, pages, width, language, with_axe) == {}


@LOOKS
def test_forms_with_mistakes(live_server: Any, chromium: Any, town: Place, width: int, language: str, with_axe: bool):
    office, slug = fill_office(town), town.organisation.slug
    other = make_incident(town)
    forms = {
        "auditor": [
            reverse("log_review", args=[slug, office.review.pk]),
            reverse("opening", args=[slug, office.opening.pk]),
            reverse("data_request_new"),
            reverse("data_request", args=[office.collected.pk]),
        ],
        "adviser": [reverse("case_restriction", args=[other.pk]), reverse("case_keeping", args=[other.pk])],
        "administrator": [reverse("retention_terms", args=[slug])],
        "employee": [reverse("my_data")],
    }
    faults = {}
    for role, paths in forms.items():
        visitor = Visitor(chromium, live_server.url, width, language, with_axe=with_axe)
        visitor.sign_in(town.people[role].email)
        for path in paths:
            visitor.go(path)
            with visitor.page.expect_navigation():
                visitor.page.click("main form[novalidate] .button--primary")
            assert visitor.page.locator(".field--invalid, .message--error").count() >= 1, path
            if found := visitor.faults():
                faults[f"{role} {path}"] = found
        visitor.context.close()
    assert faults == {}
