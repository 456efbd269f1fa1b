"""Overviews in a browser: full, small and empty, on a phone and at 400 %, and the first sheet on one A4."""

import io
from typing import Any

import pytest
from django.urls import reverse
from pypdf import PdfReader

from incidents.models import Release
from tests.incidents.overviews import fixed_months
from tests.look.visitor import LOOKS, Visitor, unfold
from tests.world import Place, make_incident, make_place
from vpdportal.accounts.models import Department

pytestmark = pytest.mark.browser
LONG = (
    "Afdeling-voor-bedrijfsmaatschappelijke-ondersteuning en gastvrijheid van het verzonnen waterschapshuis 🌷 "
    + "x" * 14
)[:80]
CODES = ("2026-10", "2026-k3", "2025")


@pytest.fixture
def places(committed: None) -> tuple[Place, Place, Place]:
    """Large with a tree of departments, small with one, and without any report."""
    large, small, empty = make_place("Vlinderwaard"), make_place("Droomdijk", "DD"), make_place("Leegwater", "LW")
    Department.objects.filter(pk=large.department.pk).update(headcount=400, name=LONG)
    for name in (LONG[::-1], "Balie"):
        Department.objects.create(organisation=large.organisation, name=name, headcount=30, parent=large.department)
    fixed_months(large, months=26)
    fixed_months(small, months=14, reports=4)
    make_incident(large)
    return large, small, empty


def addresses(place: Place) -> list[str]:
    slug = place.organisation.slug
    if not Release.objects.filter(organisation=place.organisation).exists():
        return [reverse("overview_latest", args=[slug])]
    return [reverse("overview", args=[slug, code]) for code in CODES]


@LOOKS
def test_every_overview(live_server: Any, chromium: Any, places: Any, width: int, language: str, with_axe: bool):
    faults = {}
    for place in places:
        for role, exactly in (("management", ""), ("adviser", "?exact=1")):
            visitor = Visitor(chromium, live_server.url, width, language, with_axe=with_axe)
            visitor.sign_in(place.people[role].email)
            for path in addresses(place):
                assert visitor.go(path + exactly) == 200
                unfold(visitor.page)
                if found := visitor.faults():
                    faults[path + exactly] = found
            visitor.context.close()
    assert faults == {}


def test_it_can_be_read_at_400_per_cent(live_server: Any, chromium: Any, places: Any):
    visitor = Visitor(chromium, live_server.url, 320, "nl", with_axe=False)
    visitor.sign_in(places[0].management.email)
    for path in addresses(places[0]):
        visitor.go(path)
        unfold(visitor.page)
        assert visitor.faults() == []


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_first_sheet_is_one_a4(live_server: Any, chromium: Any, places: Any, language: str):
    for place, role, exactly in (
        (places[0], "management", ""),
        (places[0], "adviser", "?exact=1"),
        (places[1], "management", ""),
    ):
        visitor = Visitor(chromium, live_server.url, 1280, language)
        visitor.sign_in(place.people[role].email)
        for path in addresses(place):
            visitor.go(path + exactly)
            printed = PdfReader(io.BytesIO(visitor.page.pdf(prefer_css_page_size=True)))
            visitor.page.evaluate("document.querySelector('.overview-details').remove()")
            first = PdfReader(io.BytesIO(visitor.page.pdf(prefer_css_page_size=True)))
            assert len(first.pages) == 1, path + exactly
            assert len(printed.pages) > 1
        visitor.context.close()
