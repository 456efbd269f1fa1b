"""A sheet and the portal change between the look and the act; and what of a sheet must not get lost or in by itself."""

import io
import logging
import threading
from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
import xlsxwriter
from django.db import connection, transaction
from django.urls import reverse

from incidents.actions.importing import carrying_out, sheets
from incidents.actions.importing.carrying_out import carry_out, start
from incidents.actions.importing.refusals import OF_READING, NothingToBringIn, SheetGone, SheetRefused, WorkedOn
from incidents.actions.importing.rows import clock_in
from incidents.actions.importing.sheets import drop_sheet, read_sheet
from incidents.actions.importing.undoing import undo
from incidents.actions.keeping.stays import keep_longer
from incidents.models import CaseImport, ImportBlock, Incident
from incidents.tasks import bring_in
from incidents.vocabulary import StayKind
from tests import clock
from tests.incidents.test_importing import AMSTERDAM, bring, brought_in, browser, faults, imported, line, sheet_of
from tests.world import Place
from vpdportal import sheet_reading
from vpdportal.accounts.models import Department
from vpdportal.tenancy import everywhere


def numbers(sheet: CaseImport) -> tuple[int, int, int, int]:
    """In the sheet; became a case; known; wrong."""
    sheet.refresh_from_db()
    return sheet.rows_read, sheet.rows_done, sheet.rows_known, sheet.rows_wrong


def page_of(sheet: CaseImport, town: Place) -> str:
    return browser(town.adviser).get(reverse("import_sheet", args=[sheet.pk])).content.decode()


# --- what changed since the preview ---


def test_a_department_that_got_another_name_is_said_before_anything_comes_in(town: Place):
    sheet = bring(town, sheet_of(line(1), line(2)))
    Department.objects.filter(pk=town.department.pk).update(name="Klantcontact")
    answer = browser(town.adviser).post(reverse("import_start", args=[sheet.pk]))
    assert answer.status_code == 409 and numbers(sheet) == (2, 0, 0, 2)
    assert "There is no department with this name" in answer.content.decode()
    assert all(block.sealed_rows for block in sheet.blocks.all()), "nothing is thrown away"
    Department.objects.filter(pk=town.department.pk).update(name="Publiekszaken")
    carry_out(sheet=start(sheet=sheet, by=town.adviser, now=clock.now()), now=clock.now())
    assert numbers(sheet) == (2, 2, 0, 0)


def test_the_same_sheet_of_two_people_comes_in_once_and_says_so(town: Place):
    both = [bring(town, sheet_of(line(1), line(2))) for _who in range(2)]
    for sheet in both[:1]:
        carry_out(sheet=start(sheet=sheet, by=town.adviser, now=clock.now()), now=clock.now())
    with pytest.raises(NothingToBringIn):
        start(sheet=both[1], by=town.adviser, now=clock.now())
    assert (numbers(both[0]), numbers(both[1])) == ((2, 2, 0, 0), (2, 0, 2, 0))


@pytest.mark.parametrize("moment", ["before its block", "within its block"])
def test_the_same_sheet_of_two_people_at_the_same_moment(town: Place, moment: str, monkeypatch: pytest.MonkeyPatch):
    quick, slow = (bring(town, sheet_of(line(1), line(2))) for _who in range(2))
    for sheet in (quick, slow):
        start(sheet=sheet, by=town.adviser, now=clock.now())
    if moment == "within its block":
        store = carrying_out._store

        def interrupted(*args: Any) -> None:
            monkeypatch.undo()
            carry_out(sheet=quick, now=clock.now())
            store(*args)

        monkeypatch.setattr(carrying_out, "_store", interrupted)
    else:
        carry_out(sheet=quick, now=clock.now())
    for sheet in (slow, quick):  # here the quick one goes back with what it interrupted
        carry_out(sheet=sheet, now=clock.now())
    first, second = sorted((quick, slow), key=numbers, reverse=True)
    assert (numbers(first), numbers(second)) == ((2, 2, 0, 0), (2, 0, 2, 0)) and len(imported(town)) == 2
    assert "Destroy the cases" in page_of(first, town) and "Destroy the cases" not in page_of(second, town)


def test_a_row_that_goes_wrong_halfway_is_said_with_its_reason(town: Place):
    sheet = bring(town, sheet_of(*(line(n) for n in range(1, 401)), line(401, department="Klantcontact")))
    Department.objects.create(organisation=town.organisation, name="Klantcontact", headcount=3)
    start(sheet=sheet, by=town.adviser, now=clock.now())
    carrying_out._next_block(sheet, clock.now(), sheets.locked)
    Department.objects.filter(name="Klantcontact").update(name="Balie")
    bring_in()
    assert numbers(sheet) == (401, 400, 0, 1)
    assert faults(sheet) == [(402, "department", "no_department")] and ">402<" in page_of(sheet, town)


def test_a_row_that_came_right_since_is_not_called_left_out(town: Place):
    sheet = bring(town, sheet_of(line(1), line(2, department="Klantcontact")))
    assert numbers(sheet) == (2, 0, 0, 1)
    Department.objects.create(organisation=town.organisation, name="Klantcontact", headcount=3)
    carry_out(sheet=start(sheet=sheet, by=town.adviser, now=clock.now()), now=clock.now())
    assert numbers(sheet) == (2, 2, 0, 0) and faults(sheet) == []


def test_a_sheet_that_breaks_keeps_no_other_back_and_can_be_taken_back(town: Place, caplog: pytest.LogCaptureFixture):
    broken, other = (bring(town, sheet_of(line(n))) for n in (1, 2))
    for sheet in (broken, other):
        start(sheet=sheet, by=town.adviser, now=clock.now())
        clock.move(minutes=1)
    ImportBlock.objects.filter(of=broken.pk).update(problems=[["no", "row"]])
    with caplog.at_level(logging.ERROR):
        bring_in()
    assert numbers(other)[1] == 1 and numbers(broken)[1] == 0
    assert "a sheet could not be carried out" in caplog.text
    assert undo(sheet=broken, by=town.adviser, now=clock.now()) == 0


# --- what may not be destroyed with it ---


def test_a_case_under_legal_hold_is_not_taken_back(town: Place):
    sheet = brought_in(town, sheet_of(line(1), line(2)))
    case = imported(town)[0]
    keep_longer(
        incident=case, kind=StayKind.LEGAL_HOLD, part=None, until=date(2027, 6, 1), reason="Rechtszaak",
        by=town.adviser, now=clock.now(),
    )  # fmt: skip
    with pytest.raises(WorkedOn):
        undo(sheet=sheet, by=town.adviser, now=clock.now())
    assert Incident.objects.filter(pk=case.pk).exists()
    assert "Someone worked on 1 of these cases" in page_of(sheet, town)


# --- what may not get lost ---


def test_the_name_of_a_department_that_is_gone_stays_with_the_case(town: Place):
    sheet = bring(town, sheet_of(line(1, department="Wijkteam Noord")))
    data = {name: str(n) for name, n in sheet.mapping.items()} | {"other": str(town.department.pk)}
    client = browser(town.adviser)
    assert client.post(reverse("import_sheet", args=[sheet.pk]), data).status_code == 302
    assert client.post(reverse("import_start", args=[sheet.pk])).status_code == 302
    (case,) = imported(town)
    assert "Afdeling: Wijkteam Noord" in case.notes.get().text


def test_a_closed_department_is_filled_no_further(town: Place):
    old = Department.objects.create(organisation=town.organisation, name="Oude afdeling", headcount=3)
    sheet = bring(town, sheet_of(line(1, department="Onbekend")))
    data = {name: str(n) for name, n in sheet.mapping.items()} | {"other": str(old.pk)}
    client = browser(town.adviser)
    client.post(reverse("import_sheet", args=[sheet.pk]), data)
    client.post(reverse("import_start", args=[sheet.pk]))
    assert imported(town)[0].department == old
    Department.objects.filter(pk=old.pk).update(is_active=False)
    assert numbers(bring(town, sheet_of(line(2, department="Onbekend")))) == (1, 0, 0, 1)


def test_a_department_without_letters_takes_no_rows_without_one(town: Place):
    Department.objects.create(organisation=town.organisation, name="–", headcount=3)
    assert faults(bring(town, sheet_of(line(1, department="")))) == [(2, "department", "missing")]


def test_columns_are_what_they_were_in_the_same_sheet_before(town: Place):
    head = "Datum;Datum;Gedrag;Afdeling;Naam slachtoffer"
    sheet = bring(town, sheet_of("1-2-2025;3-2-2025;dreiging;Publiekszaken;Jan Verzonnen", head=head))
    chosen = {"occurred_on": "0", "reported_on": "1", "behaviour": "2", "department": "3"}  # without the name
    client = browser(town.adviser)
    client.post(reverse("import_sheet", args=[sheet.pk]), chosen)
    client.post(reverse("import_start", args=[sheet.pk]))
    again = bring(town, sheet_of("1-3-2025;3-3-2025;dreiging;Publiekszaken;Piet Verzonnen", head=head))
    assert again.mapping == {name: int(n) for name, n in chosen.items()}
    wider = bring(town, sheet_of("9;1-4-2025;3-4-2025;dreiging;Publiekszaken;Piet", head="Nr;" + head))
    assert [wider.mapping[name] for name in ("occurred_on", "reported_on")] == [1, 2]


def test_a_row_that_was_mended_below_comes_in(town: Place):
    sheet = brought_in(town, sheet_of(line(1, day="31-31-2025"), line(1), line(1)))
    assert faults(sheet) == [(2, "occurred_on", "no_day"), (4, "number", "twice")] and len(imported(town)) == 1


# --- times ---


def test_a_time_that_cannot_be_read_is_wrong_and_not_noon(town: Place):
    texts = ["31-12-2024 25:70", "31-12-2024 1430", "2024-07-01T09:15:00+02:00", "31-12-2024 2:30 PM"]
    rows = (f"{n};{text};dreiging;Publiekszaken" for n, text in enumerate(texts))
    sheet = brought_in(town, sheet_of(*rows, head="Nummer;Datum;Gedrag;Afdeling"))
    assert faults(sheet) == [(2, "occurred_on", "no_time"), (3, "occurred_on", "no_time")]
    assert [case.occurred_at.astimezone(AMSTERDAM).time() for case in imported(town)] == [time(9, 15), time(14, 30)]


def test_nothing_comes_in_from_the_future(town: Place):
    today = f"{clock.now().astimezone(AMSTERDAM):%d-%m-%Y}"  # it is ten o'clock
    sheet = brought_in(town, sheet_of(line(1, day=today, clock="23:30"), line(2, day=today, clock="")))
    assert faults(sheet) == [(2, "occurred_time", "ahead")]
    (case,) = imported(town)
    assert case.occurred_at == case.reported_at == case.closed_at == clock.now(), "noon is still to come"


def test_all_minutes_of_a_day_as_excels_part_of_it():
    def fill(book: Any) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Nummer", "Tijd"])
        for minute in range(24 * 60):
            sheet.write_row(minute + 1, 0, [minute + 1, minute / (24 * 60)])

    rows = read_sheet(workbook(fill))[1:]
    first = clock_in(rows[0][1][1])
    assert [clock_in(cells[1]) for _number, cells in rows[1:]] == [time(n // 60, n % 60) for n in range(1, 24 * 60)]
    assert first == time(0)


def workbook(fill: Callable[[Any], None]) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    fill(book)
    book.close()
    return file.getvalue()


# --- files of text ---


@pytest.mark.parametrize(
    "content",
    [
        "sep=;\r\nNummer;Datum;Soort\r\n1;1-2-2025;a,b\r\n",
        'Nummer;Datum;"Soort (verbaal, fysiek, online, anders)"\r\n1;1-2-2025;a,b\r\n',
        "Nummer;Datum;Soort\r1;1-2-2025;a,b\r2;1-2-2025;a,b,c,d,e,f,g\r",
    ],
    ids=["said by Excel", "commas in a heading", "an old Mac"],
)
def test_what_stands_between_the_values_is_found(content: str):
    assert read_sheet(content.encode())[1][1] == ["1", "1-2-2025", "a,b"]


def test_one_line_of_windows_spoils_no_other():
    content = "Nummer;Naam\n1;Renée\n".encode() + "2;Zoë\n".encode("cp1252")
    assert [cells for _number, cells in read_sheet(content)[1:]] == [["1", "Renée"], ["2", "Zoë"]]


@pytest.mark.parametrize("content", ['Nr;Tekst\n1;"Rot op;hal\n2;b\n3;"Nog"\n', 'Nr;Tekst\n1;"Rot op\n2;b\n'])
def test_a_quotation_mark_that_stays_open_swallows_no_rows(content: str):
    with pytest.raises(SheetRefused) as refused:
        read_sheet(content.encode())
    assert str(refused.value) == str(OF_READING[sheet_reading.OPEN_QUOTE])


# --- two at once ---


def test_a_sheet_that_is_just_thrown_away_is_said_to_be(town: Place):
    sheet = bring(town, sheet_of(line(1)))
    drop_sheet(sheet=CaseImport.objects.get(pk=sheet.pk), by=town.adviser, now=clock.now())
    with pytest.raises(SheetGone):
        drop_sheet(sheet=sheet, by=town.adviser, now=clock.now())


@pytest.mark.services  # SQLite holds no row
def test_a_sheet_that_another_worker_holds_is_left_to_it(committed: None, town: Place):
    """The reminders need a worker too."""
    sheet = start(sheet=bring(town, sheet_of(line(1))), by=town.adviser, now=clock.now())
    is_held, is_over = threading.Event(), threading.Event()

    def hold() -> None:
        with everywhere(), transaction.atomic():
            sheets.locked(sheet)
            is_held.set()
            is_over.wait(60)
        connection.close()

    other = threading.Thread(target=hold)
    other.start()
    try:
        assert is_held.wait(30)
        assert carrying_out.carry_out_all(now=clock.now()) == 0
    finally:
        is_over.set()
        other.join()
    assert carrying_out.carry_out_all(now=clock.now()) == 1 and numbers(sheet) == (1, 1, 0, 0)
