"""Taking the list of cases out as a file: plain facts, never a formula, for a purpose, and written down."""

import io
import zipfile
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.urls import reverse

from incidents.actions import case_export
from incidents.actions.exclusions import keep_out
from incidents.models import Incident
from incidents.overview.case_files import COLUMNS, as_ods, as_xlsx
from tests import clock
from tests.safety.payloads import FORMULAS
from tests.world import Place, make_incident
from vpdportal.accounts.models import Department, User
from vpdportal.audit.models import AuditEvent

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"


def export(client: Any, file: str = "xlsx", purpose: str = "check", **filters: Any) -> Any:
    return client.post(reverse("case_export", query=filters), {"purpose": purpose, "file": file})


def read_xlsx(content: bytes) -> list[list[tuple[str, str]]]:
    """The cells of the sheet as (type, text), row by row; a formula would be of the type "f"."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    rows = []
    for row in ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml")).iter(f"{SHEET}row"):
        cells = []
        for cell in row.iter(f"{SHEET}c"):
            kind = "f" if cell.find(f"{SHEET}f") is not None else cell.get("t", "n")
            cells.append((kind, "".join(cell.itertext())))
        rows.append(cells)
    assert not [name for name in archive.namelist() if "Links" in name or "vba" in name.lower()]
    return rows


def read_ods(content: bytes) -> list[list[tuple[str, str]]]:
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.namelist()[0] == "mimetype"
    rows = []
    for row in ElementTree.fromstring(archive.read("content.xml")).iter(f"{TABLE}table-row"):
        cells = []
        for cell in row.iter(f"{TABLE}table-cell"):
            kind = "f" if cell.get(f"{TABLE}formula") else cell.get(f"{OFFICE}value-type", "")
            cells.append((kind, "".join(cell.itertext())))
        rows.append(cells)
    return rows


READERS = {"xlsx": read_xlsx, "ods": read_ods}


@pytest.mark.parametrize("file", READERS)
def test_the_file_holds_what_the_list_shows(town: Place, as_user: Any, file: str):
    severe, other = make_incident(town), make_incident(town)
    Incident.objects.filter(pk=severe.pk).update(severity=4)
    answer = export(as_user(town.adviser), file, severity="4")
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == f'attachment; filename="dossiers-2026-11-24.{file}"'
    heading, *rows = READERS[file](answer.content)
    assert [text for _kind, text in heading[:3]] == ["Nummer", "Organisatie", "Afdeling"]
    assert [row[0][1] for row in rows] == [severe.reference] != [other.reference]
    values = dict(zip((field for _title, field, _write in COLUMNS), rows[0], strict=False))
    assert values["severity"][1] == "4" and values["severity"][0] in {"n", "float"}
    assert values["main_behaviour"][1] == "Schelden" and values["organisation__name"][1] == "Vlinderwaard"
    if file == "ods":
        assert values["reported_at"] == ("date", "2026-11-24 10:00"), "as on the clock here"


def test_no_person_no_words_and_nothing_of_the_reporter(town: Place, as_user: Any):
    make_incident(
        town,
        story="kanarie-verhaal",
        place="kanarie-plek",
        contact="kanarie-contact",
        perpetrator_description="kanarie-iemand",
        affected_name="kanarie-naam",
        reporter_is="colleague",
        wants_support=True,
    )
    Incident.objects.update(adviser=town.adviser)
    for file, read in READERS.items():
        answer = export(as_user(town.adviser), file)
        text = str(read(answer.content)).lower()
        assert "kanarie" not in text
        assert not [person.name for person in town.people.values() if person.name.lower() in text]
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            assert not any(town.adviser.name.encode() in archive.read(name) for name in archive.namelist())


@pytest.mark.parametrize(("file", "text_kind"), [("xlsx", "inlineStr"), ("ods", "string")])
def test_text_is_never_a_formula_and_stays_whole(file: str, text_kind: str):
    write = {"xlsx": as_xlsx, "ods": as_ods}[file]
    heading, *rows = READERS[file](write(FORMULAS, [[text] for text in FORMULAS] + [[7]]))
    assert {kind for kind, _text in heading} == {text_kind}
    assert [row[0][0] for row in rows[:-1]] == [text_kind] * len(FORMULAS)
    for (_kind, kept), text in zip((row[0] for row in rows), FORMULAS, strict=False):
        assert kept.strip() == "".join(sign if sign.isprintable() else " " for sign in text).strip()
    assert rows[-1][0][0] in {"n", "float"} and rows[-1][0][1] == "7"


def test_a_department_that_is_called_as_a_formula(town: Place, as_user: Any):
    Department.objects.filter(pk=town.department.pk).update(name="=HYPERLINK(1)")
    make_incident(town)
    for file, read in READERS.items():
        cell = read(export(as_user(town.adviser), file).content)[1][2]
        assert cell[0] in {"inlineStr", "string"} and cell[1] == "=HYPERLINK(1)"


def test_it_is_written_down_for_what_and_how_many(town: Place, other_town: Place, as_user: Any):
    other_town.join(town.adviser, "adviser")
    for place in (town, town, other_town):
        make_incident(place)
    export(as_user(town.adviser), "ods", "meeting")
    events = AuditEvent.objects.filter(action="cases.exported")
    assert {event.organisation_id: event.fields for event in events} == {
        town.organisation.pk: ["file:ods", "purpose:meeting", "rows:2"],
        other_town.organisation.pk: ["file:ods", "purpose:meeting", "rows:1"],
    }
    assert {event.actor_id for event in events} == {town.adviser.pk}


def test_without_a_purpose_nothing_leaves(town: Place, as_user: Any):
    make_incident(town)
    client = as_user(town.adviser)
    for form in ({"file": "xlsx"}, {"purpose": "zomaar", "file": "xlsx"}, {"purpose": "check", "file": "exe"}):
        answer = client.post(reverse("case_export"), form)
        assert answer.status_code == 400 and "attachment" not in str(answer.headers)
        assert 'id="errors"' in answer.content.decode() or "error-text" in answer.content.decode()
    assert not AuditEvent.objects.filter(action="cases.exported").exists()
    assert export(client).status_code == 200


def test_who_may_take_a_list_out(town: Place, other_town: Place, as_user: Any, client: Any):
    incident = make_incident(town)
    assert export(as_user(town.adviser)).status_code == 200
    for role in (
        "deputy",
        "employee",
        "manager",
        "support",
        "legal",
        "management",
        "administrator",
        "auditor",
        "analyst",
    ):
        assert export(as_user(town.people[role])).status_code == 403, role
    assert "/inloggen/" in export(client)["Location"]
    assert export(as_user(other_town.adviser)).status_code == 409, "there is nothing of theirs"
    page = as_user(town.deputy).get(reverse("case_list")).content.decode()
    assert incident.reference in page and reverse("case_export") not in page


def test_only_of_the_organisations_whose_lists_may_be_taken_out(town: Place, other_town: Place, as_user: Any):
    mine, theirs = make_incident(town), make_incident(other_town)
    other_town.join(town.adviser, "deputy")
    client = as_user(town.adviser)
    page = client.get(reverse("case_list"))
    assert {mine.pk, theirs.pk} == {row.pk for row in page.context["page"].object_list}
    assert [organisation.name for organisation in page.context["exported"]] == ["Vlinderwaard"]
    numbers = [row[0][1] for row in read_xlsx(export(client).content)[1:]]
    assert numbers == [mine.reference]
    assert export(client, organisation="elders").status_code == 409


def test_a_case_that_is_hidden_does_not_come_along(town: Place, as_user: Any):
    seen, hidden = make_incident(town), make_incident(town)
    town.join(town.manager, "adviser")
    client = as_user(town.manager)
    assert len(read_xlsx(export(client).content)) == 3
    keep_out(incident=hidden, person=town.manager, by=town.employee, now=clock.now())
    assert [row[0][1] for row in read_xlsx(export(client).content)[1:]] == [seen.reference]


def test_a_wrong_filter_takes_nothing_out(town: Place, as_user: Any):
    make_incident(town)
    assert export(as_user(town.adviser), reported_from="10000-01-01").status_code == 400
    assert export(as_user(town.adviser), reported_from="2026-11-01").status_code == 200


def test_a_list_that_is_too_long_says_what_to_do(town: Place, as_user: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(case_export, "MOST", 2)
    client = english(as_user, town.adviser)
    for _number in range(2):
        make_incident(town)
    assert export(client).status_code == 200
    old = make_incident(town, at=clock.now() - timedelta(days=9))
    answer = export(client)
    assert answer.status_code == 409 and "Narrow it, for example to one year" in answer.content.decode()
    assert AuditEvent.objects.filter(action="cases.exported").count() == 1, "only of the file that left"
    assert len(read_xlsx(export(client, reported_to="2026-11-20").content)) == 2, old


def english(as_user: Any, user: User) -> Any:
    client = as_user(user)
    client.cookies["vpd_language"] = "en"
    return client


def test_the_order_of_the_list_is_the_order_of_the_file(town: Place, as_user: Any):
    numbers = sorted(make_incident(town).reference for _number in range(3))
    client = as_user(town.adviser)
    for sort, expected in (("number", numbers), ("-number", numbers[::-1])):
        assert [row[0][1] for row in read_xlsx(export(client, sort=sort).content)[1:]] == expected
