"""Overviews as files: what the page says and nothing more, in every kind, without a formula, readable with the ears."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from docx import Document as read_word
from docx.oxml.ns import qn
from odfdo import Document as OpenDocument
from pypdf import PdfReader

from incidents.models import Location, Release
from incidents.overview.archive import read, read_exactly
from incidents.overview.charts import bar_chart, line_chart
from incidents.overview.counts import Counts
from incidents.overview.document import Document
from incidents.overview.overview_document import document_of, warning_of
from incidents.overview.periods import Period
from incidents.overview.reading import Overview
from incidents.overview.releases import release_due
from incidents.overview.remarks import MOST, remarks_of
from incidents.overview.setting import Setting, setting_of
from incidents.overview.shown import Shown
from incidents.overview.told import Told
from incidents.overview.wording import told_text
from incidents.views import overview_files
from incidents.views.overview_files import as_pdf
from tests import clock
from tests.incidents.overview_readers import (
    docx_headings,
    docx_tables,
    numbers_in,
    ods_sheets,
    odt_headings,
    odt_tables,
    pdf_pages,
    trimmed,
    xlsx_charts,
    xlsx_sheets,
)
from tests.incidents.overviews import PERIOD, fixed_months, grown
from tests.world import Place, make_incident
from vpdportal import pdf
from vpdportal.accounts.models import Department, Organisation
from vpdportal.audit.models import AuditEvent

QUARTER, DECEMBER = Period.parse("2026-k3"), Period.parse("2025-12")
CSV = "Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"  # every sheet
SHEETS, TEXTS = ("xlsx", "ods"), ("docx", "odt")
DANGEROUS = ("=cmd|' /C calc'!A0", "+1", "@SUM(1)", "\t=1", "\r-2", "\uff1d1+1", 'x"y<&>', "\x00\x0b\ufffe\x1f=1")


def take(client: Client, code: str, kind: str, *, exact: bool = False, slug: str = "vlinderwaard") -> Any:
    return client.get(reverse("overview_file", args=[slug, code, kind]) + ("?exact=1" if exact else ""))


@pytest.fixture
def filled(town: Place) -> Place:
    grown(town)
    fixed_months(town)
    return town


@pytest.fixture
def manager(town: Place, as_user: Any) -> Client:
    """The browser of someone in management who reads English."""
    client: Client = as_user(town.management)
    client.cookies["vpd_language"] = "en"
    return client


def overview_of(place: Place, period: Period = PERIOD, *, exact: bool = False) -> Overview:
    if exact:
        found = read_exactly(place.organisation, period, place.adviser, clock.now())
    else:
        found = read(place.organisation, period)
    assert found is not None
    return found


# --- what stands in them ---


@pytest.mark.parametrize("is_exact", [False, True], ids=["management", "exact"])
def test_charts_tables_and_spreadsheets_hold_the_same(filled: Place, adviser: Client, is_exact: bool):
    content = take(adviser, PERIOD.code, "xlsx", exact=is_exact).content
    sheets, charts = xlsx_sheets(content), xlsx_charts(content)
    with translation.override("en"):
        overview = overview_of(filled, exact=is_exact)
        dots = line_chart(overview.trend).dots
        wanted = [(dot.period.label, None if dot.told is None else float(dot.told.drawn)) for dot in dots]
        assert list(zip(*charts["Reports in 13 months"], strict=True)) == wanted and len(wanted) == 13
        for code in ("behaviour", "channel"):
            table = overview.table(code)
            assert table is not None
            names, values = charts[f"{table.breakdown.title}, {PERIOD.label}"]
            assert [str(name) for name in names] == [bar.label for bar in bar_chart(table).bars]
            assert values == [float(row.told.value or 0) for row in table.told_rows if row.told] and len(values) >= 3
            rows = {row[0]: row[1] for row in sheets[str(table.breakdown.title)] if len(row) > 1}
            for line in table.rows:
                assert line.told is not None
                few = "fewer than 5" if line.told.value is None else float(line.told.value)
                assert rows[line.label] == few
        document = document_of(overview, remarks_of(overview))
    cells = [(row.cells[0].text, cell) for row in _rows_of(document) for cell in row.cells[1:] if cell.text]
    told = {(name, cell.text if cell.number is None else float(cell.number)) for name, cell in cells}
    in_sheets = {(row[0], value) for rows in sheets.values() for row in rows for value in row[1:] if value is not None}
    assert told <= in_sheets and len(told) > 100
    assert trimmed(ods_sheets(take(adviser, PERIOD.code, "ods", exact=is_exact).content)) == trimmed(sheets)


def _rows_of(document: Document) -> Iterator[Any]:
    for table in document.each_table():
        yield from table.rows


def test_a_spreadsheet_says_how_each_number_is_told(filled: Place, manager: Client):
    sheets = xlsx_sheets(take(manager, PERIOD.code, "xlsx").content)
    assert list(sheets)[:4] == ["In short", "Norms", "Reports over time", "Work and restrictions"]
    assert list(sheets)[-1] == "Definitions" and "By behaviour" in sheets and "By department" in sheets
    head = ["Part", "How many", "Per cent", "The month before", "How the number is told", "At least", "At most"]
    assert head in sheets["By behaviour"]
    rows = {row[0]: row for row in sheets["By behaviour"] if len(row) == len(head)}
    assert rows["Verbal abuse"][1:] == [20.0, 50.0, 20.0, "rounded", 18.0, 22.0]
    few = next(row for row in rows.values() if row[1] == "fewer than 5")
    assert few[4:] == ["fewer than 5", 0.0, 4.0]
    with zipfile.ZipFile(io.BytesIO(take(manager, PERIOD.code, "xlsx").content)) as archive:
        assert b"&quot;about &quot;#,##0" in archive.read("xl/styles.xml"), "and shows it so"


def test_nothing_stands_in_a_file_that_was_not_told(town: Place, manager: Client):
    """Every number in the files of management is one of the releases, or follows from one."""
    grown(town)
    fixed_months(town, reports=67)
    releases = [Shown.from_json(row.shown) for row in Release.objects.all()]
    told = {
        number for shown in releases for one in _told(shown) for number in (one.value, one.low, one.high, one.drawn)
    }
    told |= {number for shown in releases for number in (*shown.medians.values(), *shown.sums.values(), shown.staff)}
    told |= {line.people for shown in releases for lines in shown.tables.values() for line in lines or ()}
    percents = {row.percent for table in overview_of(town).tables for row in table.rows}
    percents |= {row.percent for row in overview_of(town).shares}
    exact = Counts.from_json(Release.objects.get(year=2026, number=10, kind="month").sealed_exact)
    hidden = {float(number) for number in exact.tables["behaviour"].values()} - {float(one) for one in told if one}
    for kind, reader in (("xlsx", xlsx_sheets), ("ods", ods_sheets)):
        found = numbers_in(reader(take(manager, PERIOD.code, kind).content))
        assert found <= {float(number) for number in told | percents if number is not None}
        assert len(found) > 20 and hidden and not found & hidden
    with zipfile.ZipFile(io.BytesIO(take(manager, PERIOD.code, "xlsx").content)) as archive:
        assert not any(b"sealed" in archive.read(name) for name in archive.namelist())


def _told(shown: Shown) -> Iterator[Told]:
    yield from (one for _name, one in shown.each_told())


def test_texts_hold_the_tables_of_the_quarter(filled: Place, manager: Client):
    docx, odt = (take(manager, QUARTER.code, kind).content for kind in TEXTS)
    assert docx_tables(docx) == odt_tables(odt) and len(docx_tables(docx)) > 12
    assert docx_headings(docx) == odt_headings(odt)
    headings = docx_headings(docx)
    assert headings[0] == ("Heading 1", "Quarterly report on aggression and violence")
    assert [name for name, _text in headings].count("Heading 1") == 1
    chapters = [text for name, text in headings if name == "Heading 2"]
    assert chapters[0] == "Introduction" and chapters[-2:] == ["Context", "Annex: definitions"]
    with translation.override("en"):
        behaviour = overview_of(filled, QUARTER).table("behaviour")
        assert behaviour is not None
        wanted = [(row.label, f"about {row.told.value}") for row in behaviour.told_rows if row.told]
    rows = [(row[0], row[1]) for table in docx_tables(docx) for row in table if len(row) > 1]
    assert set(wanted) <= set(rows) and wanted


def test_a_text_asks_the_board_and_leaves_room_for_the_answer(filled: Place, manager: Client):
    document = read_word(io.BytesIO(take(manager, QUARTER.code, "docx").content))
    questions = [one.text for one in document.paragraphs if one.text.startswith("Question for the board:")]
    assert all(text.endswith("Answer: [to be filled in]") for text in questions)
    assert any("“Reaction to a known perpetrator within 48 hours” was met in 63 of 90" in text for text in questions)
    assert not any("“Assessed in time”" in text for text in questions), "its norm is met"


@pytest.mark.parametrize("kind", TEXTS)
def test_a_text_has_a_language_header_rows_and_no_person(filled: Place, manager: Client, kind: str):
    content = take(manager, QUARTER.code, kind).content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = b"".join(archive.read(name) for name in archive.namelist())
        assert not [person.name for person in filled.people.values() if person.name.encode() in parts]
        assert b"en-GB" in parts and b"python-docx" not in parts and b"MacOSX" not in parts
    if kind == "docx":
        document = read_word(io.BytesIO(content))
        heads = [table.rows[0]._tr.trPr.find(qn("w:tblHeader")) for table in document.tables]
        assert None not in heads and heads and document.core_properties.author == ""
    else:
        tables = OpenDocument(io.BytesIO(content)).body.get_elements("//table:table")
        assert all(table.get_elements("table:table-header-rows") for table in tables) and tables


def test_the_year_has_a_report_of_its_own(town: Place, manager: Client):
    grown(town)
    fixed_months(town, last=DECEMBER, months=12)
    for kind, headings in (("docx", docx_headings), ("odt", odt_headings)):
        found = headings(take(manager, "2025", kind).content)
        assert found[0] == ("Heading 1", "Yearly report on aggression and violence")
        assert ("Heading 3", "Not everything is reported") in found
    assert take(manager, "2026", "docx").status_code == 404, "never fixed"


# --- paper ---


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_paper_can_be_read_with_the_ears(pango: None, filled: Place, as_user: Any, language: str):
    client = as_user(filled.management)
    client.cookies["vpd_language"] = language
    answer = take(client, PERIOD.code, "pdf")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="overzicht-vlinderwaard-2026-10.pdf"'
    reader = PdfReader(io.BytesIO(answer.content))
    catalog = reader.trailer["/Root"]
    assert catalog["/Lang"] == language and catalog["/MarkInfo"]["/Marked"]
    assert reader.metadata is not None and "Vlinderwaard" in (reader.metadata.title or "")
    tree = list(elements(catalog["/StructTreeRoot"]))
    levels = [int(node["/S"][2]) for node in tree if node["/S"] in {"/H1", "/H2", "/H3"}]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False)), "no level is skipped"
    heads = [node for node in tree if node["/S"] == "/TH"]
    assert {str(node["/A"]["/Scope"]) for node in heads} == {"/Column", "/Row"}
    assert all("/Scope" in node["/A"] for node in heads) and len(heads) > 50
    figures = [str(node["/Alt"]) for node in tree if node["/S"] == "/Figure"]
    with translation.override(language):
        last = overview_of(filled).trend[-1]
        assert len(figures) == 3 and last[0].label in figures[0] and str(last[1].value) in figures[0]  # type: ignore[union-attr]


def elements(node: Any) -> Iterator[Any]:
    """The tree that a screen reader walks, in its order."""
    node = node.get_object()
    if isinstance(node, dict):
        if "/S" in node:
            yield node
        node = node.get("/K", [])
    for child in node if isinstance(node, list) else [node]:
        if not isinstance(child, int):
            yield from elements(child)


def test_the_first_page_can_be_read_alone(pango: None, filled: Place, manager: Client):
    first, second, *_rest = pages = pdf_pages(take(manager, PERIOD.code, "pdf").content)
    release = Release.objects.get(year=2026, number=10, kind="month")
    for words in ("In short", "What stands out", "Prevention that was", "Norms", "Running restrictions", "21 of 30"):
        assert words in first and words not in second.replace("Norms", "")
    assert "How to read this" in second and "How to read this" not in first
    assert all(f"mark {release.digest[:12]}" in page for page in pages)
    assert all(f"{number} / {len(pages)}" in page for number, page in enumerate(pages, 1))
    definitions = " ".join(pages).replace("\n", " ")
    assert "Reports of aggression that came in, by the day on which they came in." in definitions


def test_the_first_page_holds_the_longest_that_may_come(pango: None, town: Place):
    long, longer = (
        "W" * 12 + " gemeente" * 12,
        "Meer meldingen van iets met een lange naam dan in de maanden ervoor " * 3,
    )
    Organisation.objects.filter(pk=town.organisation.pk).update(name=long)
    town.organisation.refresh_from_db()
    grown(town)
    fixed_months(town, setting=named(town, long))
    with translation.override("en"):
        document = document_of(overview_of(town), [longer] * MOST)
        document = replace(document, warning=warning_of(overview_of(town, exact=True)))
        first, second, *_rest = (page.replace("\n", " ") for page in pdf_pages(as_pdf(document)))
    assert document.warning and first.count("Meer meldingen") == 3 * MOST and first.count(long[:30]) >= 4
    assert "Reporter told what was done within 7 days" in first and document.warning in second
    assert "How to read this" in second and "Norm met" not in second.partition("Reports over time")[0]


def named(place: Place, name: str) -> Setting:
    """Where the organisation named the places and the measures of its menu itself so."""
    own = {f"E{number}": {"nl": name, "en": name} for number in range(1, 5)}
    return replace(setting_of(place.organisation), prevention=own)


@pytest.mark.parametrize(("staff", "reports"), [(60, 6), (60, 0), (400, 0)], ids=["small", "small and none", "none"])
def test_few_or_no_reports_make_files_too(pango: None, town: Place, manager: Client, staff: int, reports: int):
    grown(town, staff)
    fixed_months(town, reports=reports)
    for kind in ("pdf", *SHEETS):
        assert take(manager, PERIOD.code, kind).status_code == 200
    for kind in TEXTS:
        assert take(manager, QUARTER.code, kind).status_code == 200
    pages = pdf_pages(take(manager, PERIOD.code, "pdf").content)
    assert "How to read this" in pages[1]
    if not reports:
        assert "too few reports" in pages[1]


def test_an_installation_without_pango_says_so(filled: Place, manager: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf, "LIBRARIES", (*pdf.LIBRARIES, "vpd-no-such-library"))
    pdf.is_available.cache_clear()
    overview_files._made.cache_clear()  # another test may have asked for the same document
    try:
        answer = take(manager, PERIOD.code, "pdf")
    finally:
        pdf.is_available.cache_clear()
    assert answer.status_code == 503 and "No PDF can be made here" in answer.content.decode()
    assert not AuditEvent.objects.filter(action="overview.file").exists(), "nothing left the portal"
    assert take(manager, PERIOD.code, "xlsx").status_code == 200


# --- formulas ---


@pytest.mark.parametrize("name", DANGEROUS, ids=ascii)
def test_a_name_is_never_a_formula(town: Place, manager: Client, name: str):
    safe = name.replace("\x00", "")  # no database keeps it
    Organisation.objects.filter(pk=town.organisation.pk).update(name=safe)
    grown(town)
    Department.objects.filter(pk=town.department.pk).update(name=safe)
    Location.objects.create(organisation=town.organisation, name=safe, code="7K3QDM")
    town.organisation.refresh_from_db()
    fixed_months(town, last=DECEMBER, months=12, setting=named(town, safe))
    cleaned = "".join(sign if sign.isprintable() else " " for sign in safe)
    for kind, reader in (("xlsx", xlsx_sheets), ("ods", ods_sheets)):
        sheets = reader(take(manager, "2025", kind).content)
        assert [row[0] for row in sheets["By department"] if row].count(cleaned) >= 1
        assert cleaned in [row[0] for row in sheets["By location"] if row]
        assert any(cleaned in str(row[0]) for row in sheets["In short"] if row)
        assert cleaned in [row[0] for row in sheets["Prevention that was carried out"] if row]
    assert cleaned in [row[0] for table in docx_tables(take(manager, "2025", "docx").content) for row in table]


# --- who, and what is written down ---


def test_who_may_take_a_file(filled: Place, other_town: Place, as_user: Any, client: Client):
    assert take(client, PERIOD.code, "xlsx").status_code == 302
    for role, status in {
        **dict.fromkeys(("adviser", "management", "auditor"), 200),
        **dict.fromkeys(("employee", "manager", "support", "deputy", "legal", "administrator", "analyst"), 403),
    }.items():
        assert take(as_user(getattr(filled, role)), PERIOD.code, "xlsx").status_code == status, role
    assert take(as_user(other_town.management), PERIOD.code, "xlsx").status_code == 404
    assert take(as_user(other_town.management), PERIOD.code, "xlsx", slug="elders").status_code == 404, "nothing fixed"


def test_exact_figures_are_for_the_adviser_and_say_so(pango: None, filled: Place, adviser: Client, as_user: Any):
    for role in ("management", "auditor"):
        assert take(as_user(getattr(filled, role)), PERIOD.code, "xlsx", exact=True).status_code == 403
    answer = take(adviser, PERIOD.code, "xlsx", exact=True)
    assert "overzicht-vlinderwaard-2026-10-exact.xlsx" in answer.headers["Content-Disposition"]
    warning = "Exact figures, not to pass on"
    assert all(rows[0][0] == warning for rows in xlsx_sheets(answer.content).values())
    assert all(
        rows[0][0] == warning for rows in ods_sheets(take(adviser, PERIOD.code, "ods", exact=True).content).values()
    )
    assert all(warning in page for page in pdf_pages(take(adviser, PERIOD.code, "pdf", exact=True).content))
    docx = read_word(io.BytesIO(take(adviser, QUARTER.code, "docx", exact=True).content))
    assert docx.sections[0].header.paragraphs[0].text == warning
    plain = take(adviser, PERIOD.code, "xlsx")
    assert (
        "exact" not in plain.headers["Content-Disposition"]
        and xlsx_sheets(plain.content)["In short"][0][0] == "In short"
    )


def test_the_running_month_is_for_the_adviser_only(town: Place, adviser: Client, manager: Client):
    make_incident(town)
    assert take(manager, "2026-11", "xlsx").status_code == 404
    assert take(adviser, "2026-11", "xlsx").status_code == 404
    sheets = xlsx_sheets(take(adviser, "2026-11", "xlsx", exact=True).content)
    lines = [row[0] for row in sheets["In short"] if row]
    assert "This month is still running: the numbers change until it ends." in lines
    assert any("Not fixed yet" in str(line) for line in lines)


def test_it_is_written_down(filled: Place, adviser: Client):
    take(adviser, PERIOD.code, "ods")
    take(adviser, QUARTER.code, "docx", exact=True)
    events = AuditEvent.objects.filter(action="overview.file").order_by("position")
    assert [event.fields for event in events] == [["2026-10", "ods"], ["2026-k3", "docx", "exact"]]
    assert {(event.actor_id, event.object_id) for event in events} == {(filled.adviser.pk, filled.organisation.pk)}


@pytest.mark.parametrize(("kind", "queries"), [("xlsx", 8), ("docx", 10)])
@pytest.mark.parametrize(("months", "units"), [(3, 0), (14, 30)], ids=["few", "many"])
def test_it_asks_the_same_few_questions(
    town: Place, manager: Client, django_assert_num_queries: Any, kind: str, queries: int, months: int, units: int
):
    grown(town)
    for number in range(units):
        Department.objects.create(organisation=town.organisation, name=f"Team {number}", headcount=12)
    fixed_months(town, last=Period.parse("2026-09"), months=months)
    take(manager, QUARTER.code, kind)  # such as the head of the audit trail, which is made once
    with django_assert_num_queries(queries):
        assert take(manager, QUARTER.code, kind).status_code == 200


def test_texts_are_of_quarters_and_years(filled: Place, manager: Client):
    for kind in TEXTS:
        assert take(manager, QUARTER.code, kind).status_code == 200
        assert take(manager, PERIOD.code, kind).status_code == 404
    for code, kind in (
        (PERIOD.code, "exe"),
        ("2026-13", "pdf"),
        ("2030-01", "pdf"),
        ("9999-12", "xlsx"),
        ("2026-k5", "pdf"),
    ):
        assert take(manager, code, kind).status_code == 404
    assert manager.post(reverse("overview_file", args=["vlinderwaard", PERIOD.code, "xlsx"])).status_code == 405


# --- of real reports, and in LibreOffice ---


def test_a_month_of_real_reports(town: Place, manager: Client):
    grown(town)
    for number in range(12):
        make_incident(town, at=clock.now() - timedelta(days=20 + number))
    clock.move(days=9)
    assert release_due(now=clock.now()) >= 1
    sheets = xlsx_sheets(take(manager, "2026-11", "xlsx").content)
    overview = overview_of(town, Period.parse("2026-11"))
    told = overview.number("reports").told
    with translation.override("en"):
        assert told is not None
        shown = told_text(told) if told.value is None else float(told.value)
        assert ["Reports", shown] in [row[:2] for row in sheets["In short"]]


@pytest.mark.office
@pytest.mark.parametrize("kind", SHEETS)
def test_libreoffice_opens_the_spreadsheets(filled: Place, manager: Client, office: Any, kind: str):
    made = office(take(manager, PERIOD.code, kind).content, kind, "csv", CSV)
    sheets = {path.stem.removeprefix("file-"): path.read_text() for path in made.iterdir()}
    assert list(sheets).count("Norms") == 1 and len(sheets) > 10
    assert "Verbal abuse,20,50,20,rounded,18,22" in sheets["By behaviour"]
    assert "Damage claimed,not shown" in sheets["Work and restrictions"], "told by year"
    assert not any(error in text for text in sheets.values() for error in ("#NAME?", "#REF!", "Err:"))


@pytest.mark.office
@pytest.mark.parametrize("kind", TEXTS)
def test_libreoffice_opens_the_texts(filled: Place, manager: Client, office: Any, kind: str):
    made = office(take(manager, QUARTER.code, kind).content, kind, "pdf")
    pages = pdf_pages(next(made.iterdir()).read_bytes())
    assert "Quarterly report on aggression and" in pages[0] and "Annex: definitions" in " ".join(pages)
    assert pages[0].startswith("Quarterly"), "headings have no numbers"
    assert all("Vlinderwaard, third quarter of 2026 · Fixed on" in page for page in pages) and len(pages) > 4
