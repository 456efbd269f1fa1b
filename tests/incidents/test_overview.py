"""The month: every number against a count by hand, and nothing that points at a person."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from incidents.actions.tasks import decline_task, finish_task
from incidents.models import Incident
from incidents.overview.charts import trend_chart
from incidents.overview.disclosure import THRESHOLD, protect, protect_row, protect_share
from incidents.overview.figures import Month, Point, month_figures
from tests import clock
from tests.world import Place, make_incident, open_task

counts = st.lists(st.integers(0, 40), min_size=1, max_size=12)


@given(counts)
def test_no_part_below_five_is_shown(row: list[int]):
    for count, shown in zip(row, protect_row(row), strict=True):
        assert shown is None or (shown == count >= THRESHOLD)


@given(counts)
def test_what_is_hidden_cannot_be_computed_from_the_total(row: list[int]):
    shown = protect_row(row)
    hidden = [count for count, cell in zip(row, shown, strict=True) if cell is None]
    if sum(row) >= THRESHOLD and hidden and sum(hidden):
        assert sum(hidden) >= THRESHOLD


@given(st.integers(0, 50), st.integers(0, 50))
def test_shares_hide_small_wholes_and_small_parts(part: int, rest: int):
    share = protect_share(part, part + rest)
    assert share.whole is None or share.whole == 0 or share.whole >= THRESHOLD
    assert share.part is None or share.part == 0 or share.part >= THRESHOLD


def test_one_number():
    assert [protect(n) for n in (0, 1, 4, 5, 6)] == [0, None, None, 5, 6]


@pytest.fixture
def busy_month(town: Place) -> Place:
    for number in range(7):
        make_incident(town, at=clock.now() - timedelta(hours=number))
    for number in range(6):
        make_incident(town, at=clock.now() - timedelta(hours=number), behaviours=("threat",), channel="telephone")
    make_incident(town, behaviours=("discrimination",), channel="home_visit")
    return town


def test_figures_equal_a_count_by_hand(busy_month: Place):
    figures = month_figures(busy_month.organisation, Month(2026, 11), clock.now())
    rows = list(Incident.objects.filter(organisation=busy_month.organisation))
    assert figures.total == len(rows) == 14
    by_title = {str(table.title): {str(row.label): row.count for row in table.rows} for table in figures.tables}
    by_behaviour = Counter(incident.get_main_behaviour_display() for incident in rows)
    assert by_title["Naar gedrag"] == {"Schelden": 7}, "with 6 threats shown too, the one discrimination would show"
    assert sum(by_behaviour.values()) == 14
    assert figures.severe == sum(1 for incident in rows if incident.severity >= 3) == 7
    assert by_title["Naar ernst"] == {"2 verbaal": 7, "3 bedreigend of persoonsgericht": 7}
    assert by_title["Naar afdeling"] == {"Publiekszaken": 14}


def test_a_report_counts_in_the_local_month_it_came_in(town: Place):
    just_before = datetime(2026, 10, 31, 22, 59, tzinfo=UTC)  # 23:59 in Amsterdam
    for minutes in range(5):
        make_incident(town, at=just_before - timedelta(minutes=minutes))
    for minutes in range(6):
        make_incident(town, at=just_before + timedelta(minutes=1 + minutes), ago=timedelta(days=3))
    trend = {point.month: point.count for point in month_figures(town.organisation, Month(2026, 11), clock.now()).trend}
    assert (trend[Month(2026, 10)], trend[Month(2026, 11)], trend[Month(2026, 9)]) == (5, 6, 0)
    assert len(trend) == 13


def test_the_norms_count_what_was_due(town: Place):
    incidents = [make_incident(town) for _number in range(8)]
    now = clock.now()
    for incident in incidents[:5]:
        finish_task(task=open_task(incident, "N02"), by=town.adviser, now=now + timedelta(hours=5))
    decline_task(task=open_task(incidents[5], "N02"), reason="Wil niet.", by=town.adviser, now=now + timedelta(hours=5))
    finish_task(task=open_task(incidents[6], "N02"), by=town.adviser, now=now + timedelta(hours=80))
    reception = lambda at: month_figures(town.organisation, Month(2026, 11), at).norms[1].share  # noqa: E731
    assert (reception(now + timedelta(hours=10)).part, reception(now + timedelta(hours=10)).whole) == (6, 6)
    assert (reception(now + timedelta(days=5)).part, reception(now + timedelta(days=5)).whole) == (6, 8)


def test_a_late_report_is_not_the_adviser_s_failure(town: Place):
    for _number in range(6):
        make_incident(town, ago=timedelta(days=30))
    share = month_figures(town.organisation, Month(2026, 11), clock.now() + timedelta(days=20)).norms[1].share
    assert share.whole == 0


def test_few_reports_show_no_number_at_all(town: Place, as_user: Any):
    for _number in range(3):
        make_incident(town)
    page = as_user(town.management).get(reverse("overview", args=["vlinderwaard", 2026, 11])).content.decode()
    assert "minder dan 5" in page
    assert "Schelden" not in page and "Publiekszaken" not in page


def test_the_page_asks_the_same_however_many_reports(town: Place, as_user: Any, django_assert_num_queries: Any):
    address = reverse("overview", args=["vlinderwaard", 2026, 11])
    for number in (1, 3):
        while Incident.objects.count() < number:
            make_incident(town)
        client = as_user(town.management)
        with django_assert_num_queries(14):
            assert client.get(address).status_code == 200


@pytest.mark.parametrize("month", [(2026, 12), (2026, 13), (2026, 0), (1999, 1), (2026, 10)])
def test_months_that_are_not_there(town: Place, as_user: Any, month: tuple[int, int]):
    make_incident(town)
    assert as_user(town.management).get(f"/overzicht/vlinderwaard/{month[0]}-{month[1]}/").status_code == 404


def test_no_figure_of_another_organisation_comes_along(town: Place, other_town: Place):
    for _number in range(6):
        make_incident(other_town)
    assert month_figures(town.organisation, Month(2026, 11), clock.now()).total == 0


def test_the_line_leaves_a_gap_where_a_number_is_hidden():
    points = [Point(Month(2026, 1).shifted(n), count) for n, count in enumerate([5, 9, None, 7, 0, None])]
    chart = trend_chart(points)
    assert [dot.y is None for dot in chart.dots] == [False, False, True, False, False, True]
    assert len(chart.lines) == 2
