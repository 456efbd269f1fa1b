"""Cases of an earlier registration: read, judged, brought in once, and taken back as long as nobody worked on them."""

import io
import json
import zipfile
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from guidance.vocabulary import Severity
from incidents.actions.case import add_note
from incidents.actions.case_export import FileKind
from incidents.actions.closing import reopen_for_desk
from incidents.actions.importing import carrying_out, sheets
from incidents.actions.importing.carrying_out import carry_out, carry_out_all, start
from incidents.actions.importing.refusals import OF_READING, TOO_MANY_BYTES, SheetRefused, WasStarted
from incidents.actions.importing.rows import clock_in, day_in
from incidents.actions.importing.sheets import bring_sheet, read_sheet, remove_old_sheets
from incidents.actions.importing.undoing import undo
from incidents.import_words import guess
from incidents.models import (
    CaseImport,
    Correction,
    ImportBlock,
    ImportedCase,
    Incident,
    Mail,
    News,
    Note,
    Notice,
    Task,
    TimelineEntry,
)
from incidents.overview.corrections import look_again
from incidents.overview.counting import count_month
from incidents.overview.import_sheet import example_sheet
from incidents.overview.periods import Period
from incidents.overview.releases import release
from incidents.tasks import bring_in
from incidents.vocabulary import CaseStatus, ImportField, ImportStatus, PeriodKind
from tests import clock
from tests.world import Place, make_incident
from vpdportal import sheet_reading
from vpdportal.accounts.models import Department, User
from vpdportal.audit.chain import verify
from vpdportal.audit.models import AuditEvent

HEAD = "Meldingsnummer;Datum incident;Tijdstip;Afdeling;Soort agressie;Ernst;Locatie;Omschrijving;Naam slachtoffer"
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def line(number: int, **more: Any) -> str:
    values = {
        "number": f"2025-{number:04}",
        "day": "03-02-2025",
        "clock": "14:30",
        "department": "Publiekszaken",
        "behaviour": "Verbaal geweld",
        "severity": "2",
        "place": "Loket 3",
        "story": f"Hij schold, melding {number} 😡",
        "name": "Ans Verzonnen",
    }
    return ";".join(f'"{text}"' for text in {**values, **more}.values())


def sheet_of(*lines: str, head: str = HEAD) -> bytes:
    return "\r\n".join([head, *lines]).encode()


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["vpd_language"] = "en"
    return client


def bring(town: Place, content: bytes, name: str = "gir-2025.csv") -> CaseImport:
    return bring_sheet(organisation=town.organisation, name=name, content=content, by=town.adviser, now=clock.now())


def brought_in(town: Place, content: bytes) -> CaseImport:
    sheet = bring(town, content)
    carry_out(sheet=start(sheet=sheet, by=town.adviser, now=clock.now()), now=clock.now())
    sheet.refresh_from_db()
    return sheet


def imported(town: Place) -> list[Incident]:
    return list(
        Incident.objects.filter(organisation=town.organisation, imported__isnull=False).order_by("imported__row")
    )


def faults(sheet: CaseImport) -> list[Any]:
    return [tuple(one) for block in sheet.blocks.all() for one in block.problems]


# --- the whole way, as an adviser walks it ---


def test_from_a_file_to_closed_cases_and_back(town: Place):
    client = browser(town.adviser)
    file = SimpleUploadedFile("GIR 2025.csv", sheet_of(line(1), line(2, behaviour="Bedreiging", severity="")))
    answer = client.post(reverse("imports"), {"sheet": file})
    sheet = CaseImport.objects.get()
    assert answer.url == reverse("import_sheet", args=[sheet.pk])
    page = client.get(answer.url).content.decode()
    assert "GIR 2025.csv" in page and "Bring in 2 cases" in page and "Hij schold, melding 1" in page
    assert Incident.objects.count() == 0

    assert client.post(reverse("import_start", args=[sheet.pk])).status_code == 302
    first, second = imported(town)
    assert (first.status, first.main_behaviour, first.severity) == (CaseStatus.CLOSED, "verbal_abuse", 2)
    assert second.severity == second.severity_proposed >= Severity.THREATENING
    assert first.occurred_at == datetime(2025, 2, 3, 14, 30, tzinfo=AMSTERDAM)
    assert first.story == "Hij schold, melding 1 😡" and first.affected_name == "Ans Verzonnen"
    assert first.facts.behaviours == ("verbal_abuse",) and first.department == town.department
    assert first.reporter not in town.people.values() and not first.reporter.is_active
    assert "2025-0001" in first.notes.get().text
    assert first.timeline.get().kind == "imported"
    assert client.get(reverse("case", args=[first.pk])).status_code == 200
    assert client.get(reverse("case_timeline", args=[first.pk])).status_code == 200
    assert client.get(reverse("case_list")).content.decode().count(first.reference) == 1
    for model in (Task, Notice, News, Mail):
        assert not model.objects.exists(), model

    page = client.get(answer.url).content.decode()
    assert "Destroy the cases of this sheet" in page and first.reference in page
    assert client.post(reverse("import_undo", args=[sheet.pk])).status_code == 302
    assert not Incident.objects.exists() and not Note.objects.exists() and not ImportedCase.objects.exists()
    assert "Taken back on" in client.get(answer.url).content.decode()
    told = AuditEvent.objects.filter(object_type="import").order_by("position").values_list("action", flat=True)
    assert [one for one in told if one != "import.looked_at"] == [
        *("import.read", "import.started", "import.done", "import.undone")
    ]
    assert verify(town.organisation.pk).is_whole


def test_nothing_of_the_sheet_stands_readable_and_its_rows_are_gone_after_it(town: Place):
    sheet = bring(town, sheet_of(line(1, story="Kanariepiet", name="Kanariepiet")), "Kanariepiet.csv")
    with connection.cursor() as cursor:
        for model in (CaseImport, ImportBlock):
            cursor.execute(f"SELECT * FROM {model._meta.db_table}")  # noqa: S608
            for row in cursor.fetchall():
                assert not any(b"Kanariepiet" in bytes(one) for one in row if isinstance(one, bytes | memoryview))
                assert "Kanariepiet" not in str([one for one in row if isinstance(one, str)])
    carry_out(sheet=start(sheet=sheet, by=town.adviser, now=clock.now()), now=clock.now())
    assert [block.sealed_rows for block in sheet.blocks.all()] == [None]
    assert not any("Kanariepiet" in str(event.fields) for event in AuditEvent.objects.all())


def test_a_row_that_came_in_before_is_known_by_its_number(town: Place):
    brought_in(town, sheet_of(line(1), line(2)))
    again = bring(town, sheet_of(line(2, story="Anders beschreven"), line(3)))
    assert (again.rows_read, again.rows_known, again.rows_wrong) == (2, 1, 0)
    carry_out(sheet=start(sheet=again, by=town.adviser, now=clock.now()), now=clock.now())
    assert sorted(one.story for one in imported(town)) == [f"Hij schold, melding {n} 😡" for n in (1, 2, 3)]


def test_without_numbers_a_row_is_known_by_all_that_stands_in_it(town: Place):
    head = "Datum;Gedrag;Afdeling;Omschrijving"
    row = "3-2-2025;Belediging;Publiekszaken;Iets"
    brought_in(town, sheet_of(row, head=head))
    again = bring(town, sheet_of(row, row.replace("Iets", "Iets anders"), head=head))
    assert (again.rows_known, again.rows_wrong) == (1, 0)


def test_the_same_number_twice_in_one_sheet_comes_in_once(town: Place):
    sheet = brought_in(town, sheet_of(line(1), line(1, story="Nog eens"), line(2)))
    assert faults(sheet) == [(3, "number", "twice")]
    assert len(imported(town)) == sheet.rows_done == 2


def test_another_organisation_may_bring_the_same_numbers(town: Place, other_town: Place):
    brought_in(town, sheet_of(line(1)))
    brought_in(other_town, sheet_of(line(1)))
    assert len(imported(town)) == len(imported(other_town)) == 1


# --- what is wrong, and how to mend it ---


@pytest.mark.parametrize(
    "wrong,told",
    [
        ({"day": ""}, ("occurred_on", "missing")),
        ({"day": "31-02-2025"}, ("occurred_on", "no_day")),
        ({"day": "gisteren"}, ("occurred_on", "no_day")),
        ({"day": "01-01-10000"}, ("occurred_on", "no_day")),
        ({"day": "01-01-0001"}, ("occurred_on", "too_old")),
        ({"day": "01-01-2027"}, ("occurred_on", "ahead")),
        ({"clock": "25:00"}, ("occurred_time", "no_time")),
        ({"department": "Bestaat niet"}, ("department", "no_department")),
        ({"department": ""}, ("department", "missing")),
        ({"behaviour": ""}, ("behaviour", "missing")),
        ({"behaviour": "Gemopper"}, ("behaviour", "unknown_word")),
        ({"severity": "9"}, ("severity", "no_severity")),
        ({"severity": "12"}, ("severity", "no_severity")),
        ({"name": "n" * 121}, ("affected_name", "too_long")),
    ],
)
def test_each_wrong_cell_is_named_with_its_row(town: Place, wrong: dict[str, str], told: tuple[str, str]):
    sheet = brought_in(town, sheet_of(line(1), line(2, **wrong)))
    assert faults(sheet) == [(3, *told)]
    assert len(imported(town)) == 1
    page = browser(town.adviser).get(reverse("import_sheet", args=[sheet.pk])).content.decode()
    assert "Rows in which something is wrong" in page and '<th scope="row">3</th>' in page


def test_days_that_do_not_follow_each_other_are_wrong(town: Place):
    head = "Nummer;Datum;Meldingsdatum;Afgesloten op;Gedrag;Afdeling"
    sheet = bring(
        town,
        sheet_of(
            "1;3-2-2025;2-2-2025;;dreiging;Publiekszaken",
            "2;3-2-2025;4-2-2025;3-2-2025;dreiging;Publiekszaken",
            head=head,
        ),
    )
    assert faults(sheet) == [(2, "reported_on", "before_event"), (3, "closed_on", "before_report")]


def test_columns_can_be_chosen_and_are_remembered(town: Place):
    content = sheet_of("a;3-2-2025;schelden;Publiekszaken", head="Kolom X;Kolom Y;Kolom Z;Kolom W")
    sheet = bring(town, content)
    assert (sheet.mapping, sheet.rows_wrong) == ({}, 1)
    client, address = browser(town.adviser), reverse("import_sheet", args=[sheet.pk])
    refused = client.post(reverse("import_start", args=[sheet.pk]))
    assert refused.status_code == 409 and "No row of this sheet can be brought in" in refused.content.decode()
    twice = client.post(address, {"occurred_on": "1", "behaviour": "1"})
    assert twice.status_code == 400 and "The same column is chosen twice" in twice.content.decode()
    assert client.post(address, {"behaviour": "2"}).status_code == 400
    chosen = {"number": "0", "occurred_on": "1", "behaviour": "2", "department": "3"}
    assert client.post(address, chosen).status_code == 302
    sheet.refresh_from_db()
    assert sheet.rows_wrong == 0 and sheet.mapping == {name: int(n) for name, n in chosen.items()}
    client.post(reverse("import_start", args=[sheet.pk]))
    assert client.post(address, chosen).status_code == 409
    again = bring(town, content.replace(b"\na;", b"\nb;"))
    assert (again.mapping, again.rows_wrong, again.rows_known) == (sheet.mapping, 0, 0)


def test_unknown_words_and_departments_can_be_taken_along(town: Place):
    sheet = bring(town, sheet_of(line(1, behaviour="Gemopper", department="Opgeheven")))
    data = {name: str(n) for name, n in sheet.mapping.items()}
    data |= {"other": str(town.department.pk), "takes_unknown_words": "on"}
    client = browser(town.adviser)
    assert client.post(reverse("import_sheet", args=[sheet.pk]), data).status_code == 302
    client.post(reverse("import_start", args=[sheet.pk]))
    (case,) = imported(town)
    assert (case.main_behaviour, case.department) == ("other", town.department)
    assert "Gemopper" in case.notes.get().text


@pytest.mark.parametrize(
    "text,day,clock_",
    [
        ("31-12-2025", date(2025, 12, 31), None),
        ("1/2/2025", date(2025, 2, 1), None),
        ("31.12.2025 14:30", date(2025, 12, 31), time(14, 30)),
        ("2025-12-31T14:30:10", date(2025, 12, 31), time(14, 30)),
        ("31 december 2025", date(2025, 12, 31), None),
        ("wo 31 december 2025 14:30", date(2025, 12, 31), time(14, 30)),
        ("1e mei 2025", date(2025, 5, 1), None),
        ("31-dec-25", date(2025, 12, 31), None),
        ("31-12-25 om 14u30", date(2025, 12, 31), time(14, 30)),
        ("31-12-2025 2:30 PM", date(2025, 12, 31), time(14, 30)),
        ("2025-07-01T09:15:00+02:00", date(2025, 7, 1), time(9, 15)),
        ("2025-12-31T23:30:00Z", date(2026, 1, 1), time(0, 30)),
        ("46022.99999", date(2025, 12, 31), time(23, 59)),
        ("5 mrt 2025", date(2025, 3, 5), None),
        ("46022", date(2025, 12, 31), None),
        ("46022.5", date(2025, 12, 31), time(12)),
        ("12", None, None),
        ("31-13-2025", None, None),
        ("nan", None, None),
        ("1e400", None, None),
    ],
)
def test_days_as_people_and_spreadsheets_write_them(text: str, day: date | None, clock_: time | None):
    assert day_in(text)[:2] == (day, clock_)


def test_times_as_people_and_spreadsheets_write_them():
    texts = ("14:30", "14.30", "14:30:59", "9:05", "14h30", "14:30 uur", "0.6041666", "14", "24:00", "half drie")
    assert [clock_in(text) for text in ("12:05 am", "12:05 PM", "13:00 pm", "14u30", "14:30u", "0.250000")] == [
        *(time(0, 5), time(12, 5), None, time(14, 30), time(14, 30), time(6)),
    ]
    assert [clock_in(text) for text in texts] == [
        *(time(14, 30), time(14, 30), time(14, 30), time(9, 5), time(14, 30), time(14, 30), time(14, 30), time(14)),
        *(None, None),
    ]


def test_headings_are_guessed_each_column_once():
    assert guess(["Nr", "Datum", "Aard incident", "Team", "nummer"], {}) == {
        **{"number": 4, "occurred_on": 1, "behaviour": 2, "department": 3}
    }
    assert guess(["A", "B"], {"story": "b"}) == {"story": 1}


# --- files as they come ---


@pytest.mark.parametrize("kind", list(FileKind))
@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_example_comes_in_as_it_is(town: Place, kind: FileKind, language: str):
    with override(language):
        content = example_sheet(kind)
    sheet = bring(town, content)
    assert set(sheet.mapping) == {field.value for field in ImportField}
    assert faults(sheet) == [(2, "department", "missing")]


def test_cells_of_a_workbook_are_read_as_they_look(town: Place):
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    hidden = book.add_worksheet("Verborgen")
    hidden.write(0, 0, "niet deze")
    sheet = book.add_worksheet("Meldingen")
    sheet.activate()
    sheet.set_first_sheet()
    hidden.hide()
    day, clock_ = book.add_format({"num_format": "dd-mm-yyyy"}), book.add_format({"num_format": "hh:mm"})
    for column, title in enumerate(("Nummer", "Datum", "Tijd", "Letsel", "Uitkomst")):
        sheet.write(2, column, title)
    sheet.write(4, 0, 12)
    sheet.write_datetime(4, 1, datetime(2025, 12, 31), day)
    sheet.write_datetime(4, 2, time(14, 30), clock_)
    sheet.write_boolean(4, 3, True)
    sheet.write_formula(4, 4, "=1+1", None, 2)
    book.close()
    assert read_sheet(file.getvalue()) == [
        (3, ["Nummer", "Datum", "Tijd", "Letsel", "Uitkomst"]),
        (5, ["12", "2025-12-31", "14:30", "ja", "2"]),
    ]


@pytest.mark.parametrize(
    "content",
    [
        "Naam;Plek\nRenée;café\n".encode("cp1252"),
        "\ufeffNaam;Plek\nRenée;café\n".encode(),
        "Naam\tPlek\nRenée\tcafé\n".encode(),
        "Naam,Plek\r\nRenée,café\r\n".encode("utf-16"),
        'Naam;Plek\n"Renée";"café"\n;;;\n'.encode(),
    ],
)
def test_text_is_read_in_each_way_it_is_written(content: bytes):
    assert read_sheet(content) == [(1, ["Naam", "Plek"]), (2, ["Renée", "café"])]


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for number in range(3):
            packed.writestr(f"xl/sheet{number}.xml", b"0" * (90 * 1024 * 1024))
    return file.getvalue()


def repeated_cell() -> bytes:
    """An .ods in which one cell says that it stands thirty million times."""
    sheet = (
        '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        '<table:table table:name="a"><table:table-row table:number-rows-repeated="30000">'
        '<table:table-cell office:value-type="string" table:number-columns-repeated="1000"><text:p>x</text:p>'
        "</table:table-cell></table:table-row></table:table></office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("content.xml", sheet)
        packed.writestr("META-INF/manifest.xml", "<manifest/>")
    return file.getvalue()


ODD = {
    "nothing but headings": (b"a;b\n", sheet_reading.NO_TABLE),
    "nothing": (b"\n\n;;\n", sheet_reading.NO_TABLE),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\0IHDR", sheet_reading.NO_TABLE),
    "a broken zip": (b"PK\x03\x04rubbish", sheet_reading.NO_TABLE),
    "an old workbook": (b"\xd0\xcf\x11\xe0" + b"\0" * 600, sheet_reading.LOCKED_OR_OLD),
    "many columns": ((";" * 60 + "a\n" + ";" * 60 + "b\n").encode(), sheet_reading.TOO_MANY_COLUMNS),
    "a long cell": (b"a;b\n" + b"x" * 10_001 + b";y\n", sheet_reading.TOO_LONG),
    "many rows": (b"a;b\n" * 20_002, sheet_reading.TOO_MANY_ROWS),
    "a zip that grows": (bomb(), sheet_reading.TOO_LARGE),
    "a cell that repeats": (repeated_cell(), sheet_reading.TOO_LARGE),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_file_is_refused_in_words(town: Place, name: str):
    content, code = ODD[name]
    answer = browser(town.adviser).post(reverse("imports"), {"sheet": SimpleUploadedFile("x.xlsx", content)})
    assert answer.status_code == 400
    with override("en"):
        assert str(OF_READING[code])[:40] in answer.content.decode()
    assert not CaseImport.objects.exists()


def test_a_file_of_more_than_ten_megabytes_is_not_read(town: Place):
    large = SimpleUploadedFile("x.csv", b"a" * (sheets.MOST_BYTES + 1))
    answer = browser(town.adviser).post(reverse("imports"), {"sheet": large})
    with override("en"):
        assert answer.status_code == 400 and str(TOO_MANY_BYTES)[:30] in answer.content.decode()
    with pytest.raises(SheetRefused):
        read_sheet(b"a" * (sheets.MOST_BYTES + 1))


def test_markup_and_formulas_stay_text(town: Place):
    brought_in(town, sheet_of(line(1, story="<script>alert(1)</script>", place="=HYPERLINK(1)")))
    (case,) = imported(town)
    page = browser(town.adviser).get(reverse("case", args=[case.pk])).content.decode()
    assert "<script>alert" not in page and case.place == "=HYPERLINK(1)"


# --- many rows, a stop half-way, two at once ---


def test_a_large_sheet_comes_in_behind_the_page_and_goes_on_after_a_stop(town: Place, monkeypatch: pytest.MonkeyPatch):
    sheet = bring(town, sheet_of(*(line(n) for n in range(1, 501))))
    client = browser(town.adviser)
    client.post(reverse("import_start", args=[sheet.pk]))
    assert "0 cases of 500 rows are in" in client.get(reverse("import_sheet", args=[sheet.pk])).content.decode()
    store, calls = carrying_out._store, []

    def stops(*args: Any) -> None:
        store(*args)
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("the machine stopped")

    monkeypatch.setattr(carrying_out, "_store", stops)
    bring_in()
    assert len(imported(town)) == 200
    monkeypatch.undo()
    bring_in()
    sheet.refresh_from_db()
    assert (sheet.status, sheet.rows_done, len(imported(town))) == (ImportStatus.DONE, 500, 500)
    assert len({case.reference for case in imported(town)}) == 500
    assert carry_out_all(now=clock.now()) == 0
    with pytest.raises(WasStarted):
        start(sheet=sheet, by=town.adviser, now=clock.now())
    assert undo(sheet=sheet, by=town.adviser, now=clock.now()) == 500


@pytest.mark.parametrize("rows", [1, 3, 300])
def test_the_pages_ask_as_much_for_many_rows_as_for_one(town: Place, rows: int):
    sheet = bring(
        town, sheet_of(*(line(n) for n in range(1, rows + 1)), *(line(n, day="x") for n in range(1000, 1000 + rows)))
    )
    client = browser(town.adviser)

    def asked(name: str, *args: Any) -> int:
        client.get(reverse(name, args=args))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(reverse(name, args=args)).status_code == 200
        return len(queries)

    blocks = len(range(0, 2 * rows, sheets.BLOCK))
    assert asked("imports") <= 12
    assert asked("import_sheet", sheet.pk) <= 18 + blocks
    carry_out(sheet=start(sheet=sheet, by=town.adviser, now=clock.now()), now=clock.now())
    assert asked("import_sheet", sheet.pk) <= 12


# --- taking back ---


def test_what_someone_worked_on_is_not_taken_back(town: Place):
    sheet = brought_in(town, sheet_of(line(1), line(2)))
    client, address = browser(town.adviser), reverse("import_undo", args=[sheet.pk])
    clock.move(minutes=5)
    reopen_for_desk(incident=imported(town)[0], reason="Er komt nog iets.", by=town.adviser, now=clock.now())
    refused = client.post(address)
    assert refused.status_code == 409 and "Someone worked on 1 of these cases" in refused.content.decode()
    assert len(imported(town)) == 2 and "Destroy the cases" not in refused.content.decode()


def test_looking_is_no_work_and_taking_back_is_once(town: Place):
    sheet = brought_in(town, sheet_of(line(1)))
    client, address = browser(town.adviser), reverse("import_undo", args=[sheet.pk])
    clock.move(minutes=5)
    client.get(reverse("case", args=[imported(town)[0].pk]))
    assert client.post(address).status_code == 302
    assert client.post(address).status_code == 409
    assert brought_in(town, sheet_of(line(1))).rows_done == 1


def test_a_sheet_that_is_coming_in_stops_when_it_is_taken_back(town: Place):
    sheet, client = bring(town, sheet_of(*(line(n) for n in range(1, 502)))), browser(town.adviser)
    assert client.post(reverse("import_undo", args=[sheet.pk])).status_code == 409, "not yet begun"
    start(sheet=sheet, by=town.adviser, now=clock.now())
    carrying_out._next_block(sheet, clock.now(), sheets.locked)
    assert len(imported(town)) == 200
    assert "Stop, and destroy" in client.get(reverse("import_sheet", args=[sheet.pk])).content.decode()
    assert client.post(reverse("import_undo", args=[sheet.pk])).status_code == 302
    bring_in()
    sheet.refresh_from_db()
    assert sheet.status == ImportStatus.UNDONE and not imported(town)


def test_what_nobody_brings_in_is_gone_after_fourteen_days(town: Place):
    old = bring(town, sheet_of(line(1)))
    done = brought_in(town, sheet_of(line(2)))
    clock.move(days=14)
    assert remove_old_sheets(now=clock.now()) == 0
    clock.move(minutes=1)
    assert remove_old_sheets(now=clock.now()) == 1
    assert list(CaseImport.objects.all()) == [done] and not ImportBlock.objects.filter(of=old.pk).exists()


def test_a_sheet_can_be_thrown_away(town: Place):
    sheet = bring(town, sheet_of(line(1)))
    assert browser(town.adviser).post(reverse("import_drop", args=[sheet.pk])).status_code == 302
    assert not CaseImport.objects.exists() and not ImportBlock.objects.exists()


# --- what it does to the numbers ---


def test_a_fixed_month_stays_and_what_came_in_stands_beside_it(town: Place):
    for number in range(12):
        make_incident(town, at=datetime(2026, 9, 1 + number, 9, tzinfo=UTC))
    month = Period(PeriodKind.MONTH, 2026, 9)
    clock.set_to(datetime(2026, 10, 5, 9, tzinfo=UTC))
    assert release(organisation=town.organisation, period=month, now=clock.now())
    clock.set_to(datetime(2026, 11, 24, 9, tzinfo=UTC))
    brought_in(town, sheet_of(line(1, day="02-09-2026"), line(2, day="02-08-2026")))
    look_again(organisation=town.organisation, now=clock.now())
    (correction,) = Correction.objects.filter(figure="reports")
    assert (correction.release.number, correction.reasons) == (9, ["imported"])
    august = count_month(town.organisation, Period(PeriodKind.MONTH, 2026, 8))
    assert august.numbers["reports"] == 1 and august.spreads["lead_time"] == {}


# --- who ---


def test_who_may(town: Place, other_town: Place):
    second = User.objects.create_user(email="tweede@elders.invalid", name="Tweede Adviseur")
    town.join(second, "adviser")
    sheet = bring(town, sheet_of(line(1)))
    address, begin = reverse("import_sheet", args=[sheet.pk]), reverse("import_start", args=[sheet.pk])
    assert Client().get(address).status_code == 302
    for user, status in (
        (other_town.adviser, 404),
        (town.deputy, 403),
        (town.administrator, 403),
        (town.employee, 403),
        (town.auditor, 403),
    ):
        for name in ("import_sheet", "import_start", "import_undo", "import_drop"):
            assert browser(user).post(reverse(name, args=[sheet.pk])).status_code == status, (user, name)
        assert browser(user).get(address).status_code == status
    colleague = browser(second)
    page = colleague.get(address)
    assert page.status_code == 200 and "Hij schold" not in page.content.decode()
    assert colleague.post(begin).status_code == 403
    refused, before = colleague.post(address, {"occurred_on": "1", "behaviour": "2"}), sheet.mapping
    sheet.refresh_from_db()
    assert refused.status_code in {400, 409} and sheet.mapping == before and b"Hij schold" not in refused.content
    assert browser(town.adviser).post(begin).status_code == 302
    assert colleague.post(reverse("import_undo", args=[sheet.pk])).status_code == 302


def test_looking_at_rows_is_written_down_and_a_case_that_is_hidden_does_not_show(town: Place):
    sheet = brought_in(town, sheet_of(line(1), line(2)))
    case = imported(town)[0]
    case.exclusions.create(organisation=town.organisation, user=town.adviser, at=clock.now(), by=town.deputy)
    page = browser(town.adviser).get(reverse("import_sheet", args=[sheet.pk])).content.decode()
    assert case.reference not in page and imported(town)[1].reference in page
    other = bring(town, sheet_of(line(3)))
    browser(town.adviser).get(reverse("import_sheet", args=[other.pk]))
    assert AuditEvent.objects.filter(action="import.looked_at", object_id=other.pk).count() == 1


@pytest.mark.services  # SQLite cannot search words
def test_words_of_imported_cases_can_be_found(town: Place):
    brought_in(town, sheet_of(line(1, story="Zeldzaamwoord")))
    page = browser(town.adviser).post(reverse("case_search"), {"search": "zeldzaamwoord"}).content.decode()
    assert imported(town)[0].reference in page


def test_work_on_an_imported_case_goes_on_as_on_any(town: Place):
    brought_in(town, sheet_of(line(1)))
    (case,) = imported(town)
    reopened = reopen_for_desk(incident=case, reason="Nieuw bericht.", by=town.adviser, now=clock.now())
    add_note(incident=reopened.incident, text="Gebeld.", by=town.adviser, now=clock.now())
    assert TimelineEntry.objects.filter(incident=case).count() == 3
    assert json.loads(json.dumps(case.facts.to_dict()))["channel"] == "other"
    assert Department.objects.filter(pk=case.department_id).exists()
