"""All of one organisation goes out in one file and comes back the same, in a house with other keys (ADR 37)."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from incidents.actions.kept_files import files_of
from incidents.actions.lookup_keys import stale_persons
from incidents.actions.moving import kinds as moving_kinds
from incidents.actions.moving import writing
from incidents.actions.moving.kinds import LEFT_OUT, OURS, STAYS, kinds
from incidents.actions.moving.lines import line_of, row_of, schema_of
from incidents.actions.moving.manifest import Manifest, MoveRefused
from incidents.actions.moving.reading import import_organisation
from incidents.actions.moving.writing import export_organisation
from incidents.models import Alarm, Evidence, Incident, LetterVersion, Location, Mail, News, Notice, Person, Task
from tests import clock
from tests.every_row import Rows
from tests.incidents.kept import full_case
from tests.world import Place, make_incident, make_place
from vpdportal import age_files
from vpdportal.accounts.models import Organisation, User
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


# --- a file that is not what it should be ---


def spoil_row(content: bytes) -> bytes:
    return content.replace(b'"reference":"', b'"reference":"X', 1)


def older(content: bytes) -> bytes:
    data = json.loads(content)
    return json.dumps({**data, "migrations": {**data["migrations"], "incidents": "0001_initial"}}).encode()


@pytest.mark.parametrize(
    "name,change,words",
    [
        ("rows/incidents.Incident.jsonl", spoil_row, "not what the manifest says"),
        ("rows/incidents.Task.jsonl", lambda content: content[: len(content) // 2], "cannot be read|not what"),
        ("rows/incidents.Note.jsonl", lambda content: None, "cannot be read"),
        ("rows/incidents.Note.jsonl", lambda content: content.replace(b'"at":', b'"ut":'), "other columns"),
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
