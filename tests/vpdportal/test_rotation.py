"""Another key: all that is sealed comes under it, whatever happens halfway, and the old one opens nothing any more."""

import base64
import io
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from incidents.actions import evidence_files
from incidents.actions.kept_files import files_of, kept_files
from incidents.actions.lookup_keys import stale_persons
from incidents.actions.person_search import find_persons
from incidents.actions.persons import set_identifiers
from incidents.models import Evidence, Incident, Note, Person, Release
from tests import clock
from tests.environment import DEFAULTS
from tests.every_row import Rows
from tests.world import Place, make_incident
from vpdportal.accounts.signing_in.sealing import open_secret, seal_secret, secrets_of
from vpdportal.accounts.signing_in.secrets_anew import NAMES, unreadable_secrets
from vpdportal.encryption import EncryptedTextField, SealBroken, open_seal, seal
from vpdportal.sealed_columns import sealed_tables
from vpdportal.sealed_files import PIECE

ROOT = Path(__file__).resolve().parent.parent.parent
OLD = DEFAULTS["FIELD_KEYS"]
NEW = "new:" + base64.b64encode(b"n" * 32).decode()
KILLS = int(os.environ.get("KILL_MOMENTS", "5"))
PLACE, ANOTHER = "incidents_note.text.1", "incidents_note.text.2"


@pytest.fixture
def files(settings: Any, tmp_path: Path) -> Path:
    settings.EVIDENCE_DIR = str(tmp_path / "files")
    stores = settings.STORAGES
    settings.STORAGES = {**stores, "evidence": {**stores["evidence"], "OPTIONS": {"location": tmp_path / "files"}}}
    return tmp_path / "files"


def make_file(town: Place, content: bytes, incident: Incident | None = None) -> Evidence:
    evidence = Evidence(
        organisation=town.organisation, incident=incident, uploaded_by=town.employee, form_key=uuid4(),
        received_at=clock.now(), name="foto", content_type="image/png",
    )  # fmt: skip
    evidence_files.store_original(evidence, io.BytesIO(content), len(content))
    evidence_files.store_view_copy(evidence, content[:1000])
    evidence.save()
    return evidence


def rotate(*options: str) -> str:
    said = io.StringIO()
    call_command("rotate_keys", *options, stdout=said, stderr=said)
    return said.getvalue()


def troubles() -> list[str]:
    """All values, secrets and files that do not open."""
    found = [one for table in sealed_tables() for one in table.unreadable()]
    found += [trouble for file in kept_files() if (trouble := file.trouble())]
    return list(map(str, [*found, *unreadable_secrets()]))


def all_texts(rows: Rows) -> dict[str, str]:
    """What stands in each sealed column, read anew."""
    texts = {}
    for model, made in rows.made.items():
        row = model._base_manager.get(pk=made.pk)
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField):
                texts[f"{model.__name__}.{field.name}"] = getattr(row, field.attname)
    return texts


def test_every_column_comes_under_the_new_key_and_the_old_one_may_go(
    town: Place, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    rows = Rows(town)
    monkeypatch.setattr("incidents.management.commands.rotate_keys.kept_files", list)  # its rows have no files
    monkeypatch.setattr("incidents.management.commands.rotate_keys.files_by_key", Counter)
    before = all_texts(rows)
    assert before == rows.sealed
    settings.FIELD_KEYS = f"{NEW},{OLD}"
    with pytest.raises(CommandError, match="Not ready"):
        rotate("--check")
    assert "Ready: all stands under new" in rotate()
    settings.FIELD_KEYS = NEW
    assert all_texts(rows) == before
    assert "Ready" in rotate("--check")
    settings.FIELD_KEYS = OLD
    with pytest.raises(SealBroken, match="FIELD_KEYS"):
        _ = Incident.objects.get(pk=rows.made[Incident].pk).story


def test_a_file_and_its_copy_come_along(town: Place, settings: Any, files: Path):
    content = os.urandom(PIECE + 1000)
    evidence = make_file(town, content)
    old_form = make_file(town, b"klein")
    whole = seal(b"x" * (PIECE + 5), place=evidence_files.place_of(old_form))  # form 1: in one seal
    (files / old_form.path).write_bytes(whole)
    Evidence.objects.filter(pk=old_form.pk).update(sha256="")
    settings.FIELD_KEYS = f"{NEW},{OLD}"
    assert "files: 4" in rotate()
    settings.FIELD_KEYS = NEW
    assert b"".join(evidence_files.read_evidence(evidence).pieces) == content
    assert evidence_files.read_evidence(evidence, is_view_copy=True).size == 1000
    assert evidence_files.read_evidence(old_form).size == PIECE + 5
    assert "files: 0" in rotate() and not list(files.rglob("*.part"))


def test_a_second_factor_comes_along(town: Place, settings: Any):
    with secrets_of(town.adviser):
        factor = Authenticator.objects.create(user=town.adviser, type="totp", data={NAMES[0]: seal_secret("GEHEIM")})
    settings.FIELD_KEYS = f"{NEW},{OLD}"
    assert "second factors: 1" in rotate()
    settings.FIELD_KEYS = NEW
    factor.refresh_from_db()
    with secrets_of(town.adviser):
        assert open_secret(factor.data[NAMES[0]]) == "GEHEIM"
    settings.FIELD_KEYS = OLD
    assert len(list(unreadable_secrets())) == 1


def test_what_does_not_open_is_told_and_stops_nothing_else(town: Place, settings: Any):
    one, two = make_incident(town, story="een"), make_incident(town, story="twee")
    Incident.objects.filter(pk=one.pk).update(story=seal(b"van elders", place="elders"))
    settings.FIELD_KEYS = f"{NEW},{OLD}"
    said = io.StringIO()
    with pytest.raises(CommandError, match="Not ready: 1 not under new"):
        call_command("rotate_keys", stdout=said, stderr=said)
    assert f"incidents.Incident.story of {one.pk}" in said.getvalue()
    settings.FIELD_KEYS = NEW
    assert Incident.objects.get(pk=two.pk).story == "twee"


def test_a_value_under_an_unknown_key_is_never_ready(town: Place, settings: Any):
    make_incident(town)
    settings.FIELD_KEYS = NEW
    with pytest.raises(CommandError, match="Not ready"):
        rotate("--check")


def test_what_was_changed_meanwhile_stays(town: Place, settings: Any, monkeypatch: pytest.MonkeyPatch):
    incident = make_incident(town, story="eerst")
    settings.FIELD_KEYS = f"{NEW},{OLD}"
    (table,) = [table for table in sealed_tables() if table.model is Incident]
    replace = type(table)._replace

    def after_an_adviser(self: Any, rows: dict[UUID, Any]) -> None:
        for row in Incident.objects.filter(pk__in=rows):
            row.story = "later"
            row.save(update_fields=["story"])
        replace(self, rows)

    with monkeypatch.context() as patch:
        patch.setattr(type(table), "_replace", after_an_adviser)
        list(table.seal_anew())
    assert Incident.objects.get(pk=incident.pk).story == "later"
    rotate()
    settings.FIELD_KEYS = NEW
    assert Incident.objects.get(pk=incident.pk).story == "later"


def test_of_what_was_fixed_only_the_seal_may_be_renewed(town: Place):
    release = Release(organisation=town.organisation, kind="month", year=2026, number=1, made_at=clock.now())
    release.shown, release.digest, release.sealed_exact = "{}", "0" * 64, "{}"
    release.save()
    found = Release.objects.filter(pk=release.pk)
    assert found.update(sealed_exact=seal(b"{}", place="incidents_release.sealed_exact." + str(release.pk))) == 1
    for change in ({"shown": "{1}"}, {"digest": "1" * 64}, {"number": 2}, {"shown": "{1}", "sealed_exact": b"x"}):
        with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
            found.update(**change)
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        found.delete()


@pytest.mark.parametrize("other", ["incidents_note.text.2", "incidents_message.text.1", "", "evidence.1.2"])
def test_a_sealed_value_opens_nowhere_else(other: str):
    sealed = seal(b"tekst", place=PLACE)
    assert open_seal(sealed, place=PLACE) == b"tekst"
    with pytest.raises(SealBroken):
        open_seal(sealed, place=other)


def test_every_swap_between_rows_and_columns_is_found(town: Place):
    rows = Rows(town)
    tables = {table.model: table for table in sealed_tables()}
    values = []
    for model, table in tables.items():
        row = model._base_manager.filter(pk=rows.made[model].pk).values(*(field.name for field in table.fields)).get()
        values += [(field, rows.made[model].pk, row[field.name]) for field in table.fields if row[field.name]]
    assert len(values) > 60
    for field, pk, _own in values:
        for other, other_pk, value in values:
            if (field, pk) != (other, other_pk):
                with pytest.raises(SealBroken):
                    open_seal(bytes(value), place=field.place_of(pk))


@pytest.mark.once
def test_ten_thousand_rows_in_a_minute(town: Place, settings: Any, capsys: pytest.CaptureFixture[str]):
    incident = make_incident(town)
    notes = [
        Note(organisation=town.organisation, incident=incident, at=clock.now(), by=town.adviser, text="notitie " * 20)
        for _number in range(10_000)
    ]
    Note.objects.bulk_create(notes, batch_size=1000)
    settings.FIELD_KEYS = f"{NEW},{OLD}"
    began = time.monotonic()
    assert "Ready" in rotate()
    took = time.monotonic() - began
    with capsys.disabled():
        print(f"\n10,000 rows under another key in {took:.1f} s")  # noqa: T201
    assert took < 60


def test_killed_anywhere_nothing_is_lost_and_the_next_run_ends_it(
    committed: None, town: Place, settings: Any, files: Path
):
    texts, incident = {}, make_incident(town)
    for number in range(150):
        note = Note(organisation=town.organisation, incident=incident, at=clock.now(), by=town.adviser)
        note.text = f"notitie {number}"
        note.save()
        texts[note.pk] = note.text
    contents = {}
    for _number in range(3):
        content = os.urandom(2 * PIECE)
        contents[make_file(town, content, incident).pk] = content
    settings.FIELD_KEYS = f"{NEW},{OLD}"
    kills = 0
    for after in [0.02 * step for step in range(KILLS)]:
        process = start_rotation(files)
        said = process.stdout.readline()  # type: ignore[union-attr]  # it has begun
        time.sleep(after)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            kills += said != b""
        process.communicate()
        assert troubles() == []
    assert kills > 0
    rotate()
    settings.FIELD_KEYS = NEW
    assert troubles() == []
    assert {note.pk: note.text for note in Note.objects.all()} == texts
    for row in Evidence.objects.all():
        assert b"".join(evidence_files.read_evidence(row).pieces) == contents[row.pk]


def start_rotation(files: Path) -> "subprocess.Popen[bytes]":
    found = connection.settings_dict
    address = f"postgres://{found['USER']}@{found['HOST']}:{found['PORT']}/{found['NAME']}"
    environment = {
        **os.environ, **DEFAULTS, "FIELD_KEYS": f"{NEW},{OLD}", "EVIDENCE_DIR": str(files), "PYTHONUNBUFFERED": "1",
        "DATABASE_URL": f"sqlite:///{found['NAME']}" if connection.vendor == "sqlite" else address,
    }  # fmt: skip
    command = [sys.executable, "manage.py", "rotate_keys", "--batch", "10", "--skip-checks"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def test_a_file_that_was_taken_away_does_not_come_back(town: Place, settings: Any, files: Path):
    evidence = make_file(town, b"inhoud")
    (original, copy) = files_of(evidence)
    Evidence.objects.filter(pk=evidence.pk).delete()
    settings.FIELD_KEYS = f"{NEW},{OLD}"
    evidence_files.remove_files(evidence)
    (files / evidence.path).write_bytes(b"".join(evidence_files.seal_pieces([b"x"], place=original.place)))
    before = (files / evidence.path).read_bytes()
    settings.FIELD_KEYS = f"third:{base64.b64encode(b't' * 32).decode()},{NEW},{OLD}"
    assert original.seal_anew() == (False, None)
    assert (files / evidence.path).read_bytes() == before
    assert copy.seal_anew()[1] is not None


def test_a_person_that_does_not_open_keeps_no_other_from_being_found(town: Place, settings: Any):
    persons = []
    for number in range(3):
        person = Person(organisation=town.organisation, created_at=clock.now(), created_by=town.adviser)
        person.sealed_name = "Jan"
        person.save()
        set_identifiers(person, {"email": [f"jan{number}@voorbeeld.invalid"]})
        person.save()
        persons.append(person.pk)
    broken = sorted(persons)[0]
    Person.objects.filter(pk=broken).update(sealed_identifiers=b"\x00")
    settings.LOOKUP_KEY = base64.b64encode(b"l" * 32).decode()
    said = io.StringIO()
    with pytest.raises(CommandError, match="1 persons"):
        call_command("rotate_lookup_key", stdout=io.StringIO(), stderr=said)
    assert str(broken) in said.getvalue() and list(stale_persons()) == [broken]
    found = io.StringIO()
    with pytest.raises(CommandError):
        call_command("verify", stdout=found, stderr=found)
    assert "first page: right" in found.getvalue(), "what comes after it is looked at too"


def test_persons_are_known_again_under_another_lookup_key(town: Place, settings: Any):
    person = Person(organisation=town.organisation, created_at=clock.now(), created_by=town.adviser, sealed_name="Jan")
    person.save()
    typed = {"email": ["jan@voorbeeld.invalid"], "plate": ["AB-12-CD"]}
    set_identifiers(person, typed)
    person.save()
    settings.LOOKUP_KEY = base64.b64encode(b"l" * 32).decode()

    def found() -> bool:
        here = town.organisation.pk
        return bool(find_persons(organisation_id=here, identifiers=typed, by=town.adviser, now=clock.now()))

    with pytest.raises(CommandError, match="1 persons"):
        call_command("rotate_lookup_key", "--check", stdout=io.StringIO())
    assert not found()
    call_command("rotate_lookup_key", stdout=io.StringIO())
    assert found() and list(stale_persons()) == [] and person.keys.count() == 2
