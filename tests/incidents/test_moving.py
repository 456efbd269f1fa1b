"""All of one organisation goes out in one file and comes back the same, in a house with other keys (ADR 37)."""

import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from incidents.actions.evidence_files import store_original
from incidents.actions.kept_files import files_of
from incidents.actions.lookup_keys import stale_persons
from incidents.actions.moving import kinds as moving_kinds
from incidents.actions.moving import writing
from incidents.actions.moving.belonging import must_point_inside
from incidents.actions.moving.kinds import LEFT_OUT, OURS, STAYS, kinds
from incidents.actions.moving.lines import dumped, line_of, row_of, schema_of
from incidents.actions.moving.manifest import Manifest, MoveRefused, Part
from incidents.actions.moving.reading import import_organisation
from incidents.actions.moving.writing import export_organisation
from incidents.management.commands.export_organisation import passphrase_of
from incidents.models import Alarm, Evidence, Incident, LetterVersion, Location, Mail, News, Notice, Person, Task
from tests import clock
from tests.every_row import Rows
from tests.incidents.kept import full_case
from tests.world import Place, make_incident, make_place, make_user
from vpdportal import age_files
from vpdportal.accounts.models import Membership, Organisation, User
from vpdportal.age_files import CannotOpen, Reader, Writer
from vpdportal.audit.chain import verify
from vpdportal.audit.models import AuditEvent
from vpdportal.sealed_columns import sealed_tables

PASSPHRASE = "zes woorden die niemand raadt hier"  # noqa: S105
OTHER_KEYS = "nieuw:" + "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="  # pragma: allowlist secret


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A passphrase that is weighed less long."""
    monkeypatch.setattr(Writer.__init__, "__kwdefaults__", {"work": 4})


MADE: dict[str, Any] = {}  # once, for all tests of this file


def filled(town: Place) -> Incident:
    """A row of every table, and a case with files."""
    rows = Rows(town)
    for model in (Evidence, LetterVersion):  # without a file
        model.objects.filter(pk=rows.made[model].pk).delete()
    person = rows.made[Person]
    person.sealed_identifiers = "{}"  # no word, but JSON
    person.save()
    for model in (Alarm, News, Notice):
        model.objects.filter(pk=rows.made[model].pk).update(mail=rows.made[Mail])
    return full_case(town)


def export(town: Place, to: Path) -> Manifest:
    return export_organisation(organisation=town.organisation, to=to, passphrase=PASSPHRASE, now=clock.now())


def bring(file: Path, passphrase: str = PASSPHRASE) -> Any:
    return import_organisation(source=file, passphrase=passphrase, now=clock.now())


class Elsewhere(Exception):
    """Everything that was made in the first house is gone."""


@pytest.fixture
def moved_out(db: None, tmp_path: Path, monkeypatch: Any) -> Iterator[tuple[Path, Manifest]]:
    """The file of a full organisation, and around it an empty house with other keys and another folder."""
    file = tmp_path / "stad.zip.age"
    if not MADE:
        try:
            with transaction.atomic():
                made = make_place("Vlinderwaard")
                filled(made)
                MADE["manifest"] = export(made, file)
                MADE["content"] = file.read_bytes()
                raise Elsewhere
        except Elsewhere:
            pass
    file.write_bytes(MADE["content"])
    manifest = MADE["manifest"]
    assert not Organisation.objects.exists()
    monkeypatch.setattr(settings, "FIELD_KEYS", OTHER_KEYS)
    monkeypatch.setattr(settings, "LOOKUP_KEY", "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI=")
    folder = tmp_path / "elders"
    folder.mkdir()
    monkeypatch.setattr(storages["evidence"], "_location", str(folder))
    storages["evidence"].__dict__.pop("base_location", None)
    storages["evidence"].__dict__.pop("location", None)
    yield file, manifest


def opened(file: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(Reader(file.open("rb"), PASSPHRASE).read()))


def changed(file: Path, name: str, change: Any) -> Path:
    """The same export in which someone who knows the passphrase changed one entry."""
    target = file.with_name("anders.zip.age")
    with opened(file) as before, target.open("wb") as raw:
        sealed = Writer(raw, PASSPHRASE)
        with zipfile.ZipFile(sealed, "w") as after:
            for one in before.namelist():
                content = before.read(one)
                content = change(content) if one == name else content
                if content is not None:
                    after.writestr(one, content)
        sealed.finish()
    return target


def rows_in(file: Path, label: str) -> list[dict[str, Any]]:
    with opened(file) as packed:
        return [json.loads(line) for line in packed.read(f"rows/{label}.jsonl").splitlines()]


def forged(file: Path, label: str, *more: dict[str, Any]) -> Path:
    """The same export with more rows, made by someone who lets the manifest fit."""
    content = "".join(f"{dumped(row)}\n" for row in [*rows_in(file, label), *more]).encode()

    def fitting(before: bytes) -> bytes:
        manifest = Manifest.from_data(json.loads(before))
        manifest.rows[label] = Part(content.count(b"\n"), hashlib.sha256(content).hexdigest())
        return manifest.to_json().encode()

    return changed(changed(file, f"rows/{label}.jsonl", lambda _before: content), "manifest.json", fitting)


def another(file: Path, label: str, **values: Any) -> dict[str, Any]:
    """A row as there is one, with a key of its own and these values."""
    row = rows_in(file, label)[0]
    return {**row, **({"id": str(uuid4())} if "id" in row else {}), **values}


# --- nothing is forgotten ---


def test_every_model_goes_along_or_a_reason_says_why_not():
    going = {kind.label for kind in kinds()}
    ours = {model._meta.label for model in apps.get_models() if model._meta.app_label in OURS}
    assert going | set(STAYS) == ours
    assert not going & set(STAYS)
    assert all(why for why in STAYS.values())


def test_every_column_goes_along_but_how_people_sign_in():
    for kind in kinds():
        names = {field.name for field in kind.model._meta.concrete_fields}
        assert {field.name for field in kind.fields} == names - set(LEFT_OUT.get(kind.label, ()))


# --- there and back ---


def test_it_comes_back_the_same(moved_out: tuple[Path, Manifest], tmp_path: Path):
    file, manifest = moved_out
    assert all(part.number for label, part in manifest.rows.items()), [
        label for label, part in manifest.rows.items() if not part.number
    ]
    assert len(manifest.files) >= 2
    moved = bring(file)
    assert moved.manifest.digest == manifest.digest and moved.codes == []
    organisation = Organisation.objects.get()
    again = export_organisation(
        organisation=organisation, to=tmp_path / "terug.zip.age", passphrase=PASSPHRASE, now=clock.now()
    )
    assert again.rows == manifest.rows and again.files == manifest.files
    assert again.digest == manifest.digest


def test_what_came_back_works(moved_out: tuple[Path, Manifest]):
    file, _manifest = moved_out
    bring(file)
    organisation = Organisation.objects.get()
    assert verify(organisation.pk).is_whole
    assert not [wrong for table in sealed_tables() for wrong in table.unreadable()]
    assert list(stale_persons()) == []
    kept = [one for model in (Evidence, LetterVersion) for row in model.objects.all() for one in files_of(row)]
    assert kept and not any(one.trouble() for one in kept) and {one.key() for one in kept} == {"nieuw"}
    adviser = User.objects.get(email="adviser@vlinderwaard.invalid")
    assert not adviser.has_usable_password()
    assert Incident.objects.visible_to(adviser, clock.now()).exists()
    told = AuditEvent.objects.get(action="organisation.imported")
    assert told.organisation_id is None and told.object_id == organisation.pk
    connection.check_constraints()


def test_taking_it_out_stands_in_the_log_and_does_not_change_it(town: Place, tmp_path: Path):
    make_incident(town)
    first = export(town, tmp_path / "een")
    event = AuditEvent.objects.get(action="organisation.exported")
    assert f"sha256:{first.digest}" in event.fields and event.organisation_id == town.organisation.pk
    second = export(town, tmp_path / "twee")
    different = {label for label in first.rows if first.rows[label] != second.rows[label]}
    assert different == {"audit.AuditEvent", "audit.ChainHead"}


def test_nobody_elses_rows_go_along(town: Place, other_town: Place, tmp_path: Path):
    make_incident(town)
    make_incident(other_town, story="Geheim van de ander")
    export(town, tmp_path / "een")
    with opened(tmp_path / "een") as packed:
        content = b"".join(packed.read(name) for name in packed.namelist())
    assert b"Geheim van de ander" not in content and str(other_town.organisation.pk).encode() not in content
    assert b"Hij begon te schelden" in content and b"argon2" not in content and b"pbkdf2" not in content
    assert b"Hij begon te schelden" not in (tmp_path / "een").read_bytes()
    assert (tmp_path / "een").stat().st_mode & 0o777 == 0o600


def test_each_row_is_as_the_schema_says(moved_out: tuple[Path, Manifest]):
    file, _manifest = moved_out
    types = {"string": str, "integer": int, "boolean": bool, "null": type(None)}
    with opened(file) as packed:
        described = json.loads(packed.read("schema.json"))["$defs"]
        assert "NEDERLANDS" in packed.read("README.txt").decode()
        for label, one in described.items():
            for text in packed.read(f"rows/{label}.jsonl").decode().splitlines():
                row = json.loads(text)
                assert sorted(row) == one["required"]
                for name, value in row.items():
                    told = one["properties"][name]
                    if "type" in told:
                        wanted = told["type"] if isinstance(told["type"], list) else [told["type"]]
                        assert isinstance(value, tuple(types[name] for name in wanted)), (label, name, value)
                    assert value in told.get("enum", [value]), (label, name, value)


# --- beside others ---


@pytest.mark.services  # SQLite serves one organisation
def test_beside_another_people_keep_their_account_and_places_get_a_new_code(
    moved_out: tuple[Path, Manifest], tmp_path: Path
):
    file, manifest = moved_out
    here = make_place("Zonnedam")
    same = User.objects.create_user(email="adviser@vlinderwaard.invalid", name="Was hier al", password="x" * 20)
    with opened(file) as packed:
        code = json.loads(packed.read("rows/incidents.Location.jsonl").splitlines()[0])["code"]
    Location.objects.create(organisation=here.organisation, name="Al bezet", code=code)
    moved = bring(file)
    assert same.pk in moved.known.values() and len(moved.codes) == 1
    assert Task.objects.filter(assignee=same).exists() or Incident.objects.visible_to(same, clock.now()).exists()
    assert User.objects.get(pk=same.pk).name == "Was hier al"
    assert Organisation.objects.count() == 2
    with pytest.raises(MoveRefused, match="is here already"):
        bring(file)
    assert manifest.digest == moved.manifest.digest


@pytest.mark.once  # of SQLite
def test_sqlite_takes_no_second_one(moved_out: tuple[Path, Manifest]):
    file, _manifest = moved_out
    make_place("Zonnedam")
    with pytest.raises(MoveRefused, match="one organisation only"):
        bring(file)


def here_already(file: Path, **values: Any) -> User:
    """An account with the key of the adviser in the export, unless told otherwise."""
    adviser = next(row for row in rows_in(file, "accounts.User") if row["email"].startswith("adviser@"))
    return User.objects.create(**{"id": UUID(adviser["id"]), "name": "Was hier al", **values})


@pytest.mark.parametrize(
    "values",
    [
        {"email": "nieuw-adres@vlinderwaard.invalid"},
        {"id": uuid4(), "email": "Adviser@Vlinderwaard.invalid"},
        {"id": uuid4(), "email": "adviser@vlinderwaard.invalid"},
    ],
    ids=["by the key", "in capitals", "by the address"],
)
def test_who_is_here_already_stays_as_is_and_becomes_what_the_export_says(
    moved_out: tuple[Path, Manifest], values: dict[str, Any]
):
    file, manifest = moved_out
    same = here_already(file, **values)
    moved = bring(file)
    assert list(moved.known.values()) == [same.pk]
    assert User.objects.count() == manifest.rows["accounts.User"].number
    assert User.objects.get(pk=same.pk).email == values["email"]
    assert Membership.objects.get(user=same).role == "adviser"
    assert Incident.objects.visible_to(same, clock.now()).exists()
    connection.check_constraints()


def test_the_address_goes_before_the_key_and_its_own_letters_before_others(moved_out: tuple[Path, Manifest]):
    file, _manifest = moved_out
    here_already(file, email="iemand-anders@vlinderwaard.invalid")
    here_already(file, id=uuid4(), email="ADVISER@vlinderwaard.invalid")
    same = here_already(file, id=uuid4(), email="adviser@vlinderwaard.invalid")
    here_already(file, id=uuid4(), email="Adviser@vlinderwaard.invalid")
    assert list(bring(file).known.values()) == [same.pk]


def test_two_people_are_not_one_account(moved_out: tuple[Path, Manifest]):
    file, _manifest = moved_out
    here_already(file, email="deputy@vlinderwaard.invalid")
    with pytest.raises(MoveRefused, match="are one account here"), transaction.atomic():
        bring(file)
    assert not Organisation.objects.exists()


def test_a_mail_that_went_to_someone_else_here_is_refused(moved_out: tuple[Path, Manifest]):
    file, _manifest = moved_out
    mail = rows_in(file, "incidents.Mail")[0]["id"]
    Mail.objects.create(
        pk=mail, recipient=make_user(), created_at=clock.now(), day=clock.now().date(), next_attempt_at=clock.now()
    )
    with pytest.raises(MoveRefused, match="went to someone else here"), transaction.atomic():
        bring(file)


def test_what_lies_there_already_is_replaced(moved_out: tuple[Path, Manifest], tmp_path: Path):
    file, manifest = moved_out
    for name in manifest.files:
        left = tmp_path / "elders" / name
        left.parent.mkdir(parents=True, exist_ok=True)
        left.write_bytes(b"of an earlier try")
    bring(file)
    kept = [one for model in (Evidence, LetterVersion) for row in model.objects.all() for one in files_of(row)]
    assert not any(one.trouble() for one in kept)
    there = {one.relative_to(tmp_path / "elders").as_posix() for one in (tmp_path / "elders").rglob("*")}
    assert {name for name in there if (tmp_path / "elders" / name).is_file()} == set(manifest.files)


# --- whose the rows are ---


@pytest.mark.parametrize(
    "label,values,words",
    [
        ("accounts.Membership", {"organisation_id": str(uuid4())}, "not of this organisation"),
        ("incidents.Evidence", {"organisation_id": str(uuid4())}, "not of this organisation"),
        ("accounts.Organisation", {"id": str(uuid4()), "name": "Elders", "slug": "elders"}, "not of this organisation"),
        ("audit.AuditEvent", {"organisation_id": None}, "not of this organisation"),
        ("audit.ChainHead", {"chain": "installation"}, "not of this organisation"),
        ("accounts.User", {"email": "erbij@elders.invalid"}, "hangs on nothing"),
        ("incidents.Mail", {"kind": "at_once"}, "hangs on nothing"),
        ("accounts.Membership", {"department_id": str(uuid4())}, "accounts.Department that is not of this"),
        ("incidents.Note", {"incident_id": str(uuid4())}, "incidents.Incident that is not of this"),
        ("guidance.MenuCard", {"published_by_id": str(uuid4()), "number": 99}, "accounts.User that is not in"),
        ("incidents.Alarm", {"mail_id": str(uuid4()), "day": "2020-01-01"}, "incidents.Mail that is not in"),
    ],
)
def test_a_row_that_is_not_of_this_organisation_is_refused_whole(
    moved_out: tuple[Path, Manifest], tmp_path: Path, label: str, values: dict[str, Any], words: str
):
    file, _manifest = moved_out
    with pytest.raises(MoveRefused, match=words), transaction.atomic():
        bring(forged(file, label, another(file, label, **values)))
    assert not Organisation.objects.exists() and not User.objects.exists()
    assert not [one for one in (tmp_path / "elders").rglob("*") if one.is_file()]


def test_a_row_more_of_its_own_comes_in(moved_out: tuple[Path, Manifest]):
    file, manifest = moved_out
    bring(forged(file, "accounts.Membership", another(file, "accounts.Membership")))
    assert Membership.objects.count() == manifest.rows["accounts.Membership"].number + 1


def test_nobody_here_is_made_something_without_being_in_the_export(moved_out: tuple[Path, Manifest]):
    file, _manifest = moved_out
    stranger = make_user()
    more = another(file, "accounts.Membership", user_id=str(stranger.pk))
    with pytest.raises(MoveRefused, match="accounts.User that is not in the export"), transaction.atomic():
        bring(forged(file, "accounts.Membership", more))
    assert not stranger.memberships.exists()


def test_rows_point_at_rows_of_their_own_organisation(town: Place, other_town: Place):
    make_incident(town)
    make_incident(other_town)
    must_point_inside(town.organisation.pk, kinds())
    town.organisation.memberships.filter(user=town.manager).update(department=other_town.department)
    with pytest.raises(MoveRefused, match="accounts.Department that is not of this organisation"):
        must_point_inside(town.organisation.pk, kinds())
    must_point_inside(other_town.organisation.pk, kinds())


@pytest.mark.services  # SQLite serves one organisation
@pytest.mark.parametrize("column", ["organisation_id", "department_id"])
def test_nobody_comes_into_another_organisation_with_it(moved_out: tuple[Path, Manifest], column: str):
    file, _manifest = moved_out
    here = make_place("Zonnedam", "ZD")
    theirs = {"organisation_id": str(here.organisation.pk), "department_id": str(here.department.pk)}
    before = set(Membership.objects.values_list("pk", flat=True))
    more = another(file, "accounts.Membership", role="adviser", **{column: theirs[column]})
    with pytest.raises(MoveRefused, match="not of this organisation"), transaction.atomic():
        bring(forged(file, "accounts.Membership", more))
    assert set(Membership.objects.values_list("pk", flat=True)) == before
    bring(file)
    assert set(here.organisation.memberships.values_list("pk", flat=True)) == before


# --- a file that is not what it should be ---


def spoil_row(content: bytes) -> bytes:
    return content.replace(b'"reference":"', b'"reference":"X', 1)


def older(content: bytes) -> bytes:
    data = json.loads(content)
    return json.dumps({**data, "migrations": {**data["migrations"], "incidents": "0001_initial"}}).encode()


def of_nobody(content: bytes) -> bytes:
    data = json.loads(content)
    return json.dumps({**data, "organisation": {**data["organisation"], "id": "niemand"}}).encode()


@pytest.mark.parametrize(
    "name,change,words",
    [
        ("rows/incidents.Incident.jsonl", spoil_row, "not what the manifest says"),
        ("rows/incidents.Task.jsonl", lambda content: content[: len(content) // 2], "cannot be read|not what"),
        ("rows/incidents.Note.jsonl", lambda content: None, "cannot be read"),
        ("rows/incidents.Note.jsonl", lambda content: content.replace(b'"at":', b'"ut":'), "other columns"),
        ("rows/incidents.Note.jsonl", lambda content: content.replace(b'"at":"2', b'"at":"x'), "cannot be read"),
        ("manifest.json", of_nobody, "manifest cannot be read"),
        ("manifest.json", older, "another version"),
        ("manifest.json", lambda content: b"[]", "manifest cannot be read"),
        ("manifest.json", lambda content: None, "manifest cannot be read"),
    ],
)
def test_what_was_changed_is_refused_whole(
    moved_out: tuple[Path, Manifest], tmp_path: Path, name: str, change: Any, words: str
):
    file, _manifest = moved_out
    with pytest.raises(MoveRefused, match=words), transaction.atomic():
        bring(changed(file, name, change))
    assert not Organisation.objects.exists() and not User.objects.exists()
    assert not [one for one in (tmp_path / "elders").rglob("*") if one.is_file()]


def test_a_row_that_stands_there_twice_is_refused(moved_out: tuple[Path, Manifest]):
    file, _manifest = moved_out
    twice = forged(file, "accounts.Membership", rows_in(file, "accounts.Membership")[0])
    with pytest.raises(MoveRefused, match="do not fit"), transaction.atomic():
        bring(twice)
    assert not Organisation.objects.exists()


def test_evidence_that_cannot_be_written_is_told_as_that(moved_out: tuple[Path, Manifest], tmp_path: Path):
    file, manifest = moved_out
    (tmp_path / "elders" / manifest.organisation["id"]).write_bytes(b"where a folder has to come")
    with pytest.raises(MoveRefused, match="cannot be kept"), transaction.atomic():
        bring(file)
    assert not Organisation.objects.exists()


def test_a_file_of_evidence_that_was_changed_is_refused(moved_out: tuple[Path, Manifest], tmp_path: Path):
    file, manifest = moved_out
    name = f"files/{next(iter(manifest.files))}"
    with pytest.raises(MoveRefused, match="not what the manifest says"), transaction.atomic():
        bring(changed(file, name, lambda content: content + b"x"))
    assert not [one for one in (tmp_path / "elders").rglob("*") if one.is_file()]


@pytest.mark.parametrize("spoil", [lambda raw: raw[:-1], lambda raw: raw[:200], lambda raw: raw[:-30] + b"x" * 30])
def test_what_was_cut_off_or_spoilt_does_not_open(moved_out: tuple[Path, Manifest], spoil: Any):
    file, _manifest = moved_out
    file.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(MoveRefused):
        bring(file)
    assert not Organisation.objects.exists()


def test_another_passphrase_does_not_open_it(moved_out: tuple[Path, Manifest]):
    file, _manifest = moved_out
    with pytest.raises(MoveRefused, match="not its passphrase"):
        bring(file, "iets anders")


def test_an_export_that_breaks_off_leaves_nothing(town: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    full_case(town)

    def gone(*_args: Any, **_more: Any) -> Any:
        raise OSError("the disk is gone")

    monkeypatch.setattr(writing, "open_pieces", gone)
    with pytest.raises(MoveRefused, match="cannot be opened"):
        export(town, tmp_path / "een")
    assert not list(tmp_path.glob("een*")) and not AuditEvent.objects.filter(action="organisation.exported").exists()


def test_an_export_that_cannot_be_written_says_so(town: Place, tmp_path: Path):
    (tmp_path / "bestand").write_bytes(b"")
    for to in (tmp_path / "geen map" / "een", tmp_path / "bestand" / "een", tmp_path / ("x" * 300)):
        with pytest.raises(MoveRefused, match="cannot be written"):
            export(town, to)
    assert [one.name for one in tmp_path.iterdir()] == ["bestand"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk here that is always full")
def test_a_full_disk_is_told_as_that(town: Place, tmp_path: Path):
    content, case = os.urandom(300_000), make_incident(town)
    evidence = Evidence(
        organisation=town.organisation,
        incident=case,
        uploaded_by=town.employee,
        form_key=uuid4(),
        received_at=clock.now(),
        name="groot.pdf",
        content_type="application/pdf",
    )
    store_original(evidence, io.BytesIO(content), len(content))
    evidence.save()
    (tmp_path / "een.part").symlink_to("/dev/full")
    with pytest.raises(MoveRefused, match="cannot be written: No space left"):
        export(town, tmp_path / "een")
    assert not list(tmp_path.iterdir()) and not AuditEvent.objects.filter(action="organisation.exported").exists()


def test_a_row_that_does_not_open_is_told_as_that(town: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    make_incident(town)
    monkeypatch.setattr(settings, "FIELD_KEYS", OTHER_KEYS)
    with pytest.raises(MoveRefused, match="cannot be opened"):
        export(town, tmp_path / "een")


# --- the commands ---


def test_the_commands(moved_out: tuple[Path, Manifest], tmp_path: Path, capsys: Any):
    file, manifest = moved_out
    secret = tmp_path / "zin"
    secret.write_text(f"{PASSPHRASE}\n")
    call_command("import_organisation", file, passphrase_file=secret)
    assert manifest.digest in capsys.readouterr().out
    slug = Organisation.objects.get().slug
    call_command("export_organisation", slug, to=tmp_path / "weg", passphrase_file=secret)
    assert manifest.digest in capsys.readouterr().out
    with pytest.raises(CommandError, match="is there already"):
        call_command("export_organisation", slug, to=tmp_path / "weg", passphrase_file=secret)
    with pytest.raises(CommandError, match="no organisation"):
        call_command("export_organisation", "nergens", to=tmp_path / "x", passphrase_file=secret)
    with pytest.raises(CommandError, match="here already"):
        call_command("import_organisation", file, passphrase_file=secret)
    secret.write_text("kort")
    with pytest.raises(CommandError, match="too short"):
        call_command("export_organisation", slug, to=tmp_path / "x", passphrase_file=secret)


def typed(*lines: str, is_new: bool) -> subprocess.CompletedProcess[str]:
    """What is made of a passphrase that somebody types, in a process apart."""
    asking = "import django; django.setup(); from incidents.management.commands import export_organisation as one; "
    asking += f"print(repr(one.passphrase_of(None, is_new={is_new})))"
    told = {**os.environ, "DJANGO_SETTINGS_MODULE": "vpdportal.settings"}
    text = "".join(f"{line}\n" for line in lines)
    return subprocess.run(  # a session apart: without a terminal it reads what comes in
        [sys.executable, "-c", asking],
        input=text,
        capture_output=True,
        text=True,
        cwd=settings.BASE_DIR,
        env=told,
        start_new_session=True,
    )


def test_a_new_passphrase_is_typed_twice():
    assert typed(PASSPHRASE, PASSPHRASE, is_new=True).stdout.strip() == repr(PASSPHRASE)
    slip = typed(PASSPHRASE, f"{PASSPHRASE[:-1]}t", is_new=True)
    assert slip.returncode and not slip.stdout and "two different passphrases" in slip.stderr
    assert "nobody to ask" in typed(PASSPHRASE, is_new=True).stderr
    assert typed(PASSPHRASE, is_new=False).stdout.strip() == repr(PASSPHRASE)


def test_a_passphrase_is_the_same_in_a_file_as_typed(tmp_path: Path):
    secret = tmp_path / "zin"
    for content in (f"  {PASSPHRASE} \n".encode(), f"{PASSPHRASE}\r\n".encode(), PASSPHRASE.encode("utf-8-sig")):
        secret.write_bytes(content)
        assert passphrase_of(secret, is_new=True) == PASSPHRASE
    assert typed(f"  {PASSPHRASE} ", is_new=False).stdout.strip() == repr(PASSPHRASE)


def test_a_file_without_a_passphrase_is_told_as_that(tmp_path: Path):
    secret = tmp_path / "zin"
    secret.write_bytes(PASSPHRASE.encode("utf-16"))
    with pytest.raises(CommandError, match="no text in UTF-8"):
        passphrase_of(secret, is_new=False)
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        passphrase_of(tmp_path / "niets", is_new=False)


# --- the format of age ---


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 65537, 200_000])
def test_a_sealed_stream_opens_at_any_place(size: int):
    content = bytes(number % 251 for number in range(size))
    raw = io.BytesIO()
    sealed = Writer(raw, PASSPHRASE)
    for start in range(0, size, 1000):
        sealed.write(content[start : start + 1000])
    sealed.finish()
    reader = Reader(raw, PASSPHRASE)
    assert reader.read() == content
    for place in (0, size // 2, max(0, size - 10), 65530):
        reader.seek(place)
        assert reader.read(20) == content[place : place + 20]
    assert (reader.seek(-1, io.SEEK_END) if size else 0) == max(0, size - 1)


def test_a_whole_piece_less_does_not_open():
    raw = io.BytesIO()
    sealed = Writer(raw, PASSPHRASE)
    sealed.write(b"x" * 65536 * 2)
    sealed.finish()
    cut = io.BytesIO(raw.getvalue()[: -(65536 + 16)])
    with pytest.raises(CannotOpen):
        Reader(cut, PASSPHRASE)


# Made by pyrage 1.4, which is the age of Rust, with the passphrase "zes woorden".
OF_AGE = Path(__file__).with_name("made_by_age.age")


def test_what_age_itself_made_opens():
    made = OF_AGE.read_bytes()
    assert Reader(io.BytesIO(made), "zes woorden").read() == b"Zo staat het er."
    for wrong in (made[:40], made.replace(b"scrypt", b"X25519"), b"PK\x03\x04", made.replace(b" 15\n", b" 99\n"), b""):
        with pytest.raises(CannotOpen):
            Reader(io.BytesIO(wrong), "zes woorden")


def test_a_line_is_the_row_and_nothing_else(town: Place):
    case = make_incident(town)
    kind = next(kind for kind in moving_kinds.kinds() if kind.model is Incident)
    line = line_of(Incident.objects.get(pk=case.pk), kind)
    assert line_of(row_of(line, kind), kind) == line
    assert set(json.loads(line)) == set(schema_of(kind)["properties"])
    assert age_files.WORK >= 17
