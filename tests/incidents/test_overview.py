"""The page of an overview: what was fixed and nothing else, for who may see it, in a few questions to the database."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from incidents.actions.case import confirm_severity
from incidents.models import Incident, Release
from incidents.overview.archive import read
from incidents.overview.corrections import look_again
from incidents.overview.periods import Period
from incidents.overview.reading import Overview
from incidents.overview.releases import release_due
from incidents.overview.wording import told_text
from tests import clock
from tests.world import Place, make_incident
from vpdportal.accounts.models import Department
from vpdportal.audit.models import AuditEvent

FIRST_OF_DECEMBER = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
LARGE, SMALL = 400, 40
NOVEMBER = Period.parse("2026-11")
WORDS = "What was fixed stays as it was"
LONG_NAME = (
    "Afdeling voor bedrijfsmaatschappelijke ondersteuning & <b>gastvrijheid</b> van het waterschapshuis 🌷 " + "x" * 20
)[:80]  # as long as a name may be


def staff(town: Place, people: int) -> None:
    Department.objects.filter(pk=town.department.pk).update(headcount=people)


def november(town: Place, reports: int = 17, **facts: Any) -> None:
    """One report, and copies of it: what they say in words counts nowhere."""
    first = make_incident(town, at=clock.START, **facts)
    names = [field.attname for field in first._meta.concrete_fields if not field.name.startswith("sealed_")]
    kept = {name: getattr(first, name) for name in names if name not in {"id", "reference", "idempotency_key"}}
    Incident.objects.bulk_create(
        Incident(**kept, reference=f"{first.reference}{number:04}"[-12:], idempotency_key=uuid4())
        for number in range(reports - 1)
    )


def fix(at: datetime = FIRST_OF_DECEMBER) -> None:
    clock.set_to(at)
    release_due(now=clock.now())


@pytest.fixture
def fixed(town: Place) -> Place:
    """A large organisation whose November was fixed: 43 reports, of which 16 are threats by telephone."""
    staff(town, LARGE)
    november(town, 27)
    november(town, 16, behaviours=("threat",), channel="telephone")
    fix()
    return town


def address(place: Place, code: str = "2026-11", name: str = "overview", *more: str) -> str:
    return reverse(name, args=[place.organisation.slug, code, *more])


def in_english(client: Client) -> Client:
    client.cookies["vpd_language"] = "en"
    return client


@pytest.fixture
def manager(town: Place, as_user: Any) -> Client:
    return in_english(as_user(town.management))


@pytest.fixture
def adviser(town: Place, as_user: Any) -> Client:
    return in_english(as_user(town.adviser))


def text_of(page: Any) -> str:
    """What one reads, on one line."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.content.decode())))


def overview_of(place: Place, code: str = "2026-11") -> Overview:
    found = read(place.organisation, Period.parse(code))
    assert found is not None
    return found


# --- what stands there ---


def test_the_page_tells_what_was_fixed(fixed: Place, manager: Client):
    page = manager.get(address(fixed))
    text = text_of(page)
    assert page.status_code == 200
    assert "Monthly overview: November 2026" in text and "Fixed on 1 December 2026." in text
    assert re.search(r"\b43 Reports", text)
    assert Release.objects.get(kind="month").digest[:12] in text


def test_every_number_told_is_on_the_page_in_the_same_words(fixed: Place, manager: Client):
    page, overview = text_of(manager.get(address(fixed))), overview_of(fixed)
    for row in (*overview.work, *overview.stocks):
        assert re.search(rf"{re.escape(str(row.figure.title))} .{{0,600}}? {told_text(row.told)}\b", page), (
            row.figure.code
        )
    for table in overview.tables:
        for part in table.told_rows:
            assert f"{part.label} {told_text(part.told)}" in page, part


def test_it_stays_as_it_was_whatever_is_done_to_the_cases(fixed: Place, manager: Client):
    before = re.sub(r'csrf\w+" value="[^"]+', "", manager.get(address(fixed)).content.decode())
    incident = Incident.objects.filter(measures__isnull=False).first()  # the others are bare rows
    assert incident is not None
    confirm_severity(incident=incident, severity=3, reason="Erger.", by=fixed.adviser, now=clock.now())
    after = re.sub(r'csrf\w+" value="[^"]+', "", manager.get(address(fixed)).content.decode())
    assert after == before


def test_what_was_corrected_since_stands_beside_it_with_the_reason(fixed: Place, manager: Client, adviser: Client):
    assert WORDS not in text_of(manager.get(address(fixed)))
    clock.move(minutes=10)
    milder = Incident.objects.filter(severity=2)
    (incident,) = milder.filter(measures__isnull=False).distinct()
    confirm_severity(incident=incident, severity=3, reason="Erger.", by=fixed.adviser, now=clock.now())
    milder.filter(pk__in=list(milder.values_list("pk", flat=True)[:4])).update(severity=3)
    clock.move(hours=1)
    look_again(organisation=fixed.organisation, now=clock.now())
    text = text_of(manager.get(address(fixed)))
    assert "about 20" not in text, "the step over an edge would say how many there were"
    assert "Severity 3 or 4: another number now, seen on 1 December 2026. Reason: a severity was judged anew." in text
    exact = text_of(adviser.get(address(fixed) + "?exact=1"))
    assert "counted now: 21" in exact and "Severity 3 or 4: 21 now, seen on 1 December 2026." in exact


@pytest.mark.parametrize(("people", "told"), [(LARGE, "17 Reports"), (SMALL, "about 15 Reports")])
def test_a_small_organisation_reads_rounded_totals(town: Place, manager: Client, people: int, told: str):
    staff(town, people)
    november(town)
    fix()
    assert told in text_of(manager.get(address(town)))


def test_parts_that_are_few_stand_in_one_sentence(fixed: Place, manager: Client):
    text = text_of(manager.get(address(fixed)))
    (sentence,) = re.findall(r"By behaviour .*?Fewer than 5 each, perhaps none: ([^.]+)\.", text)[:1]
    few = overview_of(fixed).table("behaviour").few_rows  # type: ignore[union-attr]
    assert sentence.split(", ") == [row.label for row in few] and len(few) > 5


def test_with_few_reports_no_part_is_told(town: Place, manager: Client):
    staff(town, LARGE)
    november(town, 3)
    fix()
    text = text_of(manager.get(address(town)))
    assert "Parts stand here from 25 reports in a month, and from 10 in a quarter or a year." in text
    assert "Publiekszaken" not in text


def test_departments_stand_as_a_tree_with_what_counts_where(town: Place, manager: Client):
    staff(town, LARGE)
    small = Department.objects.create(
        organisation=town.organisation, name=LONG_NAME, headcount=4, parent=town.department
    )
    november(town, 12)
    make_incident(town, at=clock.START, department=small)
    fix(datetime(2027, 1, 4, 9, 0, tzinfo=UTC))
    page = manager.get(address(town, "2026-k4"))
    assert page.status_code == 200
    assert f"{LONG_NAME} counts with Publiekszaken" in text_of(page)
    assert "<b>gastvrijheid" not in page.content.decode()


def test_a_quarter_and_a_year_have_their_own_titles(town: Place, manager: Client):
    staff(town, LARGE)
    november(town)
    fix(datetime(2027, 1, 4, 9, 0, tzinfo=UTC))
    for code, title in (("2026-k4", "Quarterly overview: fourth quarter of 2026"), ("2026", "Yearly overview: 2026")):
        page = manager.get(address(town, code))
        assert title in text_of(page)
    assert text_of(page).count(">2025<") == 0
    page = manager.get(address(town, "2026-12"))
    assert "Of a longer period: fourth quarter of 2026." in text_of(page)
    assert f'href="{address(town, "2026-k4")}"' in page.content.decode()


def test_what_was_not_kept_a_year_ago_is_not_compared(fixed: Place, manager: Client):
    text = text_of(manager.get(address(fixed)))
    assert "In 2026 up to and including this period: 43 reports. Of the same months of 2025 nothing was fixed." in text
    assert "October 2026: no number" in text


# --- before there is anything ---


def test_before_the_first_one_it_says_when_it_comes(town: Place, manager: Client, adviser: Client):
    newest = reverse("overview_latest", args=[town.organisation.slug])
    assert "on the first working day of the month after the first report" in text_of(manager.get(newest))
    make_incident(town)
    assert "The overview of November 2026 appears here on Tuesday 1 December 2026." in text_of(manager.get(newest))
    running = address(town) + "?exact=1"
    assert running not in manager.get(newest).content.decode()
    assert running in adviser.get(newest).content.decode()
    clock.set_to(FIRST_OF_DECEMBER)
    assert "is due" in text_of(manager.get(newest))
    release_due(now=clock.now())
    assert manager.get(newest)["Location"] == address(town)


@pytest.mark.parametrize(
    "code", ["2026-12", "2026-13", "2026-00", "2026-10", "2026-k4", "2026-k5", "2026", "0000", "nieuwste", "2026-11-1"]
)
def test_periods_that_are_not_fixed_are_not_there(fixed: Place, manager: Client, code: str):
    assert manager.get(address(fixed)).status_code == 200
    assert manager.get(address(fixed, code)).status_code == 404


# --- who sees what ---


@pytest.mark.parametrize("name", ["page", "chart"])
def test_who_may_read_it(fixed: Place, other_town: Place, as_user: Any, client: Client, name: str):
    url = address(fixed) if name == "page" else address(fixed, "2026-11", "overview_chart", "behaviour")
    assert client.get(url)["Location"].startswith("/inloggen/")
    for role, status in {"management": 200, "auditor": 200, "adviser": 200, "employee": 403, "analyst": 403}.items():
        assert as_user(fixed.people[role]).get(url).status_code == status, role
        exact = {"adviser": 200}.get(role, 403)
        assert as_user(fixed.people[role]).get(url + "?exact=1").status_code == exact, role
    for exactly in ("", "?exact=1"):
        assert as_user(other_town.adviser).get(url + exactly).status_code == 404
    assert as_user(other_town.management).get(url).status_code == 404


def test_the_adviser_sees_exact_figures_under_a_warning(fixed: Place, adviser: Client):
    for_management = text_of(adviser.get(address(fixed)))
    exactly = text_of(adviser.get(address(fixed) + "?exact=1"))
    warning = "Exact figures, for you as adviser. They may point at someone: do not pass them on."
    assert warning in exactly and warning not in for_management
    assert "By telephone about 15" in for_management and "By telephone 16" in exactly
    assert "None:" in exactly and "Fewer than 5 each" not in exactly


def test_every_link_of_the_exact_view_stays_exact(fixed: Place, adviser: Client):
    page = adviser.get(address(fixed) + "?exact=1").content.decode()
    inside = set(re.findall(r'href="(/overzicht/vlinderwaard/2026[^"]+)"', page))
    assert {link for link in inside if not link.endswith("?exact=1")} == {address(fixed)}, "the way back"
    assert address(fixed, "2026-12") + "?exact=1" in inside, "the month that still runs"


def test_the_running_month_is_for_the_adviser_and_exact_only(fixed: Place, adviser: Client, manager: Client):
    make_incident(fixed)
    running = address(fixed, "2026-12")
    assert (manager.get(running).status_code, manager.get(running + "?exact=1").status_code) == (404, 403)
    assert adviser.get(running).status_code == 404
    text = text_of(adviser.get(running + "?exact=1"))
    assert "Still running." in text and "1 Reports" in text and "Fixed on" not in text
    assert adviser.get(address(fixed, "2027-01") + "?exact=1").status_code == 404


def test_no_figure_of_another_organisation_comes_along(fixed: Place, other_town: Place, manager: Client):
    before = text_of(manager.get(address(fixed)))
    for _number in range(6):
        make_incident(other_town, at=clock.START)
    release_due(now=clock.now())
    assert text_of(manager.get(address(fixed))) == before


def test_looking_is_written_down(fixed: Place, adviser: Client):
    adviser.get(address(fixed))
    adviser.get(address(fixed) + "?exact=1")
    adviser.get(address(fixed, "2026-11", "overview_chart", "trend") + "?exact=1")
    rows = AuditEvent.objects.filter(action="overview.viewed", actor_id=fixed.adviser.pk).order_by("position")
    assert [row.fields for row in rows] == [["2026-11"], ["2026-11", "exact"], ["2026-11", "chart:trend", "exact"]]
    assert {row.organisation_id for row in rows} == {fixed.organisation.pk}


def test_no_cache_keeps_it(fixed: Place, manager: Client):
    for url in (address(fixed), address(fixed, "2026-11", "overview_chart", "trend")):
        assert manager.get(url)["Cache-Control"] == "no-store"


# --- the same number of questions, whatever there is ---

QUESTIONS = 9  # session and user, standing, releases and corrections, how numbers are told, three for the log


@pytest.mark.parametrize("reports", [1, 300])
def test_the_page_asks_the_same_however_many_reports(
    town: Place, as_user: Any, django_assert_num_queries: Any, reports: int
):
    staff(town, LARGE)
    november(town, reports)
    fix()
    client = as_user(town.management)
    with django_assert_num_queries(QUESTIONS):
        page = client.get(address(town))
    told = page.context["overview"].number("reports").told
    assert told.low <= reports <= told.high


def test_the_page_asks_the_same_however_many_releases(town: Place, as_user: Any, django_assert_num_queries: Any):
    staff(town, LARGE)
    november(town, 3)
    for at in (FIRST_OF_DECEMBER, datetime(2027, 1, 4, 9, 0, tzinfo=UTC)):
        fix(at)
        client = as_user(town.management)
        with django_assert_num_queries(QUESTIONS):
            assert client.get(address(town)).status_code == 200
    assert Release.objects.count() == 4


# --- for everyone ---


def test_each_fold_and_link_says_of_what_it_is(fixed: Place, manager: Client):
    page = manager.get(address(fixed)).content.decode()
    summaries = [plain(found) for found in re.findall(r"<summary>(.*?)</summary>", page, re.DOTALL)]
    assert len(summaries) > 30 and sorted(set(summaries)) == sorted(summaries)
    charts = [plain(found) for found in re.findall(r"<a [^>]*grafiek[^>]*>(.*?)</a>", page, re.DOTALL)]
    assert len(charts) > 2 and sorted(set(charts)) == sorted(charts)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert sorted(set(ids)) == sorted(ids)


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_it_can_be_taken_along_as_a_file(fixed: Place, manager: Client):
    page = manager.get(address(fixed)).content.decode()
    links = re.findall(r'href="([^"]+/bestand/[^"]+)"', page)
    assert [link.split("/")[-2] for link in links] == ["pdf", "xlsx", "ods"]
    assert manager.get(links[1]).status_code == 200


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """told_text and labels in these tests are read in English, as the pages are."""
    with translation.override("en"):
        yield
