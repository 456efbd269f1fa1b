"""Charts of an overview: they draw what the table tells, and a drawing taken along stands on its own."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from incidents.overview.breakdowns import BREAKDOWNS
from incidents.overview.charts import BARS_WIDTH, BOTTOM, HEIGHT, TOP, WIDTH, bar_chart, in_short, line_chart
from incidents.overview.periods import Period
from incidents.overview.reading import PartRow, Table
from incidents.overview.told import Told
from incidents.overview.wording import told_text
from tests import clock
from tests.incidents.test_overview import LARGE, LONG_NAME, address, fix, november, staff
from tests.world import Place
from vpdportal.accounts.models import Department

SVG = "{http://www.w3.org/2000/svg}"
NOVEMBER = Period.parse("2026-11")
exact = st.integers(0, 2_000_000).map(Told.exact)
rounded = st.integers(0, 2_000_000).map(Told.rounded)
told = st.one_of(st.none(), exact, rounded)


def points(numbers: Sequence[Told | None]) -> list[tuple[Period, Told | None]]:
    return [(NOVEMBER.shifted(step), one) for step, one in enumerate(numbers, 1 - len(numbers))]


def table(numbers: Sequence[Told | None]) -> Table:
    rows = tuple(PartRow(f"Deel {index}", one, None, None) for index, one in enumerate(numbers))
    return Table(BREAKDOWNS["behaviour"], NOVEMBER, rows)


@given(st.lists(told, min_size=1, max_size=13))
def test_the_line_goes_through_every_number_that_is_told(numbers: list[Told | None]):
    chart = line_chart(points(numbers))
    assert [(dot.period, dot.told) for dot in chart.dots] == points(numbers)
    top = chart.scale[-1][0]
    for dot, number in zip(chart.dots, numbers, strict=True):
        assert 0 <= dot.x <= WIDTH
        if number is None:
            assert (dot.y, dot.text) == (None, "")
            continue
        back = (HEIGHT - BOTTOM - (dot.y or 0)) * top / (HEIGHT - TOP - BOTTOM)
        assert abs(back - number.drawn) <= top / 1000, "what is drawn is what is told"
        assert TOP <= (dot.high or 0) <= (dot.y or 0) <= (dot.low or 0) <= HEIGHT - BOTTOM
        assert dot.is_range is not number.is_exact
    drawn = sum(len(piece.split()) for piece in chart.pieces)
    pairs = sum(one is not None and two is not None for one, two in zip(numbers, numbers[1:], strict=False))
    assert drawn == pairs + len(chart.pieces), "one line between two neighbours that are told, and no other"


def test_the_line_leaves_a_gap_and_says_what_is_rounded():
    numbers = [Told.exact(17), Told.rounded(16), None, Told.few(), Told.exact(3)]
    chart = line_chart(points(numbers))
    assert [dot.text for dot in chart.dots] == ["17", "±15", "", "<5", "3"]
    assert [dot.is_range for dot in chart.dots] == [False, True, False, True, False]
    assert len(chart.pieces) == 2
    assert line_chart(points([None, None])).is_empty


def test_the_year_stands_under_the_first_and_each_january():
    dots = line_chart(points([Told.exact(1)] * 13)).dots
    assert [dot.period.code for dot in dots if dot.has_year] == ["2025-11", "2026-01"]


@given(st.lists(told, max_size=20))
def test_each_part_with_a_number_has_one_bar_as_long_as_its_number(numbers: list[Told | None]):
    found = table(numbers)
    bars = bar_chart(found).bars
    assert [(bar.label, bar.text) for bar in bars] == [(row.label, told_text(row.told)) for row in found.told_rows]
    for bar, row in zip(bars, found.told_rows, strict=True):
        assert row.told and row.told.value
        assert abs(bar.length - BARS_WIDTH * row.told.value / found.highest) < 0.1
    assert len({bar.y for bar in bars}) == len(bars)


def test_a_long_name_is_cut_and_what_no_file_may_hold_is_left_out():
    assert in_short("Publiekszaken 🌷") == "Publiekszaken 🌷"
    assert in_short("x" * 120) == "x" * 43 + "…"
    assert in_short("a\x0bb\x00c") == "a b c"


# --- taken along ---


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def quarter(town: Place) -> Place:
    staff(town, LARGE)
    Department.objects.filter(pk=town.department.pk).update(name=LONG_NAME)
    november(town, 27)
    november(town, 16, behaviours=("threat",), channel="telephone")
    fix(datetime(2027, 1, 4, 9, 0, tzinfo=UTC))
    return town


@pytest.fixture
def manager(quarter: Place, as_user: Any) -> Client:
    client: Client = as_user(quarter.management)
    client.cookies["vpd_language"] = "en"
    return client


@pytest.mark.parametrize("name", ["trend", "behaviour", "channel", "department"])
def test_a_chart_taken_along_stands_on_its_own(quarter: Place, manager: Client, name: str):
    page = manager.get(address(quarter, "2026-k4", "overview_chart", name))
    assert page["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert page["Content-Disposition"] == f'attachment; filename="vlinderwaard-2026-k4-{name}.svg"'
    root = ElementTree.fromstring(page.content)  # noqa: S314  our own
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {"svg", "title", "desc", "rect", "text", "line", "polyline", "circle"}
    assert root.get("font-family", "").endswith("sans-serif") and not any(one.get("style") for one in root.iter())
    assert all(
        one.get("fill") or one.get("stroke")
        for one in root.iter()
        if one.tag.removeprefix(SVG) not in {"svg", "title", "desc"}
    )
    assert "Fixed on 4 January 2027." in "".join(root.itertext())


def test_its_numbers_are_those_of_the_table(quarter: Place, manager: Client):
    page = manager.get(address(quarter, "2026-11"))
    found = page.context["overview"].table("behaviour")
    drawing = manager.get(address(quarter, "2026-11", "overview_chart", "behaviour")).content.decode()
    for row in found.told_rows:
        assert row.label in drawing and f">{told_text(row.told)} · {row.percent}%<" in drawing
    assert not any(f">{row.label}<" in drawing for row in found.few_rows)


def test_the_exact_chart_says_that_it_is_not_for_slides(quarter: Place, as_user: Any):
    url = address(quarter, "2026-11", "overview_chart", "behaviour")
    adviser = as_user(quarter.adviser)
    adviser.cookies["vpd_language"] = "en"
    page = adviser.get(url + "?exact=1")
    assert page["Content-Disposition"] == 'attachment; filename="vlinderwaard-2026-11-behaviour-exact.svg"'
    assert "Exact figures: do not pass them on." in page.content.decode() and ">16 · " in page.content.decode()
    assert ">16 · " not in adviser.get(url).content.decode()
    assert as_user(quarter.management).get(url + "?exact=1").status_code == 403


@pytest.mark.parametrize("name", ["reports", "prevention", "niets", "location"])
def test_what_is_no_chart_is_not_there(quarter: Place, manager: Client, name: str):
    assert manager.get(address(quarter, "2026-11", "overview_chart", name)).status_code == 404
    assert manager.get(reverse("overview_chart", args=["vlinderwaard", "2026-10", "trend"])).status_code == 404
    assert clock.now().year == 2027
