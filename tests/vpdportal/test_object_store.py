"""Evidence in an object store: the same as in a folder, also when the store is away, refuses, or dies halfway."""

import io
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import storages
from django.core.management import CommandError, call_command

from incidents.actions import evidence_files
from incidents.actions.evidence_tidying import remove_orphan_files
from incidents.actions.kept_files import kept_files
from incidents.actions.letter_files import remove_orphan_letters
from incidents.models import Evidence, Incident
from tests import clock, files
from tests.conftest import need
from tests.environment import DEFAULTS
from tests.incidents.evidence import begin, bring
from tests.object_store import KEY, READER, SECRET, ObjectStore, object_store
from tests.world import Place, make_incident
from vpdportal import backup, dumps
from vpdportal import object_store as ours
from vpdportal.backup import FILES, BackupRefused, restore_backup
from vpdportal.evidence_url import STORE, StoreAway, StoreRefuses, read_evidence_url
from vpdportal.object_store import SealedObjects
from vpdportal.safe_start.settings_checks import check_evidence_store
from vpdportal.sealed_files import PIECE, Pieces

ROOT = Path(__file__).resolve().parent.parent.parent
WEB = (sys.executable, "-c", "import vpdportal.wsgi")
THREE_PIECES = b"beeld" * (PIECE // 2)


# --- the address -----------------------------------------------------------------------------------------------------


def test_an_address_names_bucket_prefix_and_server():
    found = read_evidence_url("s3://evidence/vpd/een?endpoint=https://s3.example.org&region=nl-ams&addressing=path")
    options = {"bucket": "evidence", "prefix": "vpd/een", "endpoint": "https://s3.example.org", "region": "nl-ams"}
    assert found == {"BACKEND": STORE, "OPTIONS": {**options, "addressing": "path"}}
    assert read_evidence_url("s3://evidence") == {"BACKEND": STORE, "OPTIONS": {"bucket": "evidence", "prefix": ""}}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://s3.example.org/evidence", "is not of the form"),
        ("s3:///prefix", "is not of the form"),
        ("s3://key:geheim@evidence", "holds a key or a secret"),
        ("s3://evidence?secret=geheim", "asks something else"),
        ("s3://evidence?endpoint=s3.example.org", "endpoint that is no http"),
        ("s3://evidence?addressing=odd", "another addressing"),
    ],
)
def test_an_address_that_cannot_be_stops_the_start_and_is_not_quoted(url: str, said: str):
    with pytest.raises(ImproperlyConfigured, match=said) as raised:
        read_evidence_url(url)
    assert "geheim" not in str(raised.value)


# --- a real store ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[ObjectStore]:
    need("DATABASE_URL", "services")
    with pytest.MonkeyPatch.context() as patch, object_store() as server:
        patch.setenv("AWS_ACCESS_KEY_ID", KEY)
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        yield server


@pytest.fixture
def bucket(server: ObjectStore, settings: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """The portal keeps its files in an empty bucket; gives its name."""
    name = f"evidence-{uuid4().hex[:8]}"
    server.make(name)
    keep_in(server, name, settings)
    monkeypatch.setattr(ours, "PAUSE", 0)
    return name


def keep_in(server: ObjectStore, bucket: str, settings: Any) -> None:
    settings.EVIDENCE_URL, settings.EVIDENCE_DIR = server.url(bucket, "vpd"), ""
    settings.STORAGES = {**settings.STORAGES, "evidence": read_evidence_url(settings.EVIDENCE_URL)}


def store() -> SealedObjects:
    found = storages["evidence"]
    assert isinstance(found, SealedObjects)
    return found


def evidence_of(incident: Incident, by: Any, content: bytes = b"beeld" * 1000) -> Evidence:
    evidence = Evidence(
        organisation_id=incident.organisation_id, incident=incident, uploaded_by=by, form_key=uuid4(),
        received_at=clock.now(), name="foto", content_type="image/png",
    )  # fmt: skip
    evidence_files.store_original(evidence, io.BytesIO(content), len(content))
    evidence.save()
    return evidence


@pytest.mark.services
def test_a_store_is_as_a_folder(bucket: str, server: ObjectStore):
    assert list(store().names()) == [] and store().listdir("") == ([], [])
    store().save("een/bestand", Pieces([b"begin", b"einde"]))
    store().save("een/letters/brief", Pieces([]))
    store().save("twee/bestand", Pieces([b"x"]))
    assert list(store().names()) == ["een/bestand", "een/letters/brief", "twee/bestand"]
    assert store().listdir("") == (["een", "twee"], []) and store().listdir("een") == (["letters"], ["bestand"])
    with store().open("een/bestand") as file:
        assert (file.read(3), file.read(100), file.read(5)) == (b"beg", b"ineinde", b"")
    assert store().size("een/bestand") == 10 and store().exists("een/bestand") and not store().exists("drie")
    assert abs(time.time() - store().get_modified_time("een/bestand").timestamp()) < 60
    store().replace("een/bestand", Pieces([b"anders"]))
    assert store().open("een/bestand").read() == b"anders"
    store().delete("een/bestand")
    store().delete("een/bestand")  # gone already
    with pytest.raises(FileNotFoundError):
        store().open("een/bestand")
    keys = [one["Key"] for one in server.client().list_objects_v2(Bucket=bucket)["Contents"]]
    assert keys == ["vpd/een/letters/brief", "vpd/twee/bestand"], "below the prefix only"


@pytest.mark.services
def test_more_files_than_one_answer_names(bucket: str, monkeypatch: pytest.MonkeyPatch):
    for number in range(7):
        store().save(f"een/{number}", Pieces([b"x"]))
    ask = store().client.get_paginator
    monkeypatch.setattr(store().client, "get_paginator", lambda name: Few(ask(name)))
    assert len(list(store().names())) == 7 and len(store().listdir("een")[1]) == 7


class Few:
    """A list in parts of two, as a store gives a thousand."""

    def __init__(self, paginator: Any) -> None:
        self.paginator = paginator

    def paginate(self, **of: Any) -> Any:
        return self.paginator.paginate(**of, PaginationConfig={"PageSize": 2})


@pytest.mark.services
def test_a_file_is_there_as_a_whole_or_not_at_all(bucket: str, monkeypatch: pytest.MonkeyPatch):
    def pieces() -> Iterator[bytes]:
        yield b"begin"
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        store().save("een", Pieces(pieces()))
    send = store().client.put_object
    monkeypatch.setattr(store().client, "put_object", lambda **of: send(**{**of, "Body": b"changed on the way"}))
    with pytest.raises(StoreAway, match="BadDigest|InvalidDigest"):
        store().save("een", Pieces([b"begin"]))
    assert list(store().names()) == []


@pytest.mark.services
def test_what_is_kept_is_sealed_and_comes_back(bucket: str, town: Place, server: ObjectStore):
    evidence = evidence_of(make_incident(town), town.employee, THREE_PIECES)
    kept = server.client().get_object(Bucket=bucket, Key=f"vpd/{evidence.path}")["Body"].read()
    assert b"beeld" not in kept and len(kept) > len(THREE_PIECES)
    assert b"".join(evidence_files.read_evidence(evidence).pieces) == THREE_PIECES
    server.client().put_object(Bucket=bucket, Key=f"vpd/{evidence.path}", Body=kept[:-1])
    with pytest.raises(evidence_files.FileCannotBeOpened):
        evidence_files.read_evidence(evidence)


@pytest.mark.services
def test_what_has_no_row_goes_after_a_day_and_a_store_that_is_away_holds_nothing_up(
    bucket: str, town: Place, caplog: pytest.LogCaptureFixture
):
    evidence = evidence_of(make_incident(town), town.employee)
    store().save(f"{town.organisation.pk}/{uuid4()}", Pieces([b"x"]))
    store().save(f"{town.organisation.pk}/letters/{uuid4()}", Pieces([b"x"]))
    changed = store().get_modified_time(evidence.path)
    assert remove_orphan_files(now=changed) + remove_orphan_letters(now=changed) == 0
    later = changed + timedelta(days=1, minutes=1)
    assert (remove_orphan_files(now=later), remove_orphan_letters(now=later)) == (1, 1)
    assert list(store().names()) == [evidence.path]
    store().bucket = "away"
    assert (remove_orphan_files(now=later), remove_orphan_letters(now=later)) == (0, 0)
    assert "files without a row were not looked for" in caplog.text
    assert "letters without a row were not looked for" in caplog.text


@pytest.mark.services
def test_keys_are_rotated(bucket: str, town: Place, settings: Any):
    evidence = evidence_of(make_incident(town), town.employee, THREE_PIECES)
    (file,) = kept_files()
    assert file.key() == "test" and file.trouble() is None
    settings.FIELD_KEYS = f"k2:9v1nZ3mJm1o8iVw1cJ0gk2Qb4cU5n2b7r3c8xk0yqUE=,{DEFAULTS['FIELD_KEYS']}"
    assert file.seal_anew() == (True, None) and file.key() == "k2"
    assert b"".join(evidence_files.read_evidence(evidence).pieces) == THREE_PIECES


@pytest.mark.services
def test_a_backup_goes_out_of_one_store_and_into_another(
    bucket: str, town: Place, server: ObjectStore, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    one = evidence_of(make_incident(town), town.employee, THREE_PIECES)
    two = evidence_of(make_incident(town), town.employee)
    # The database is another test's (test_backup.py): here it goes out as one empty file.
    monkeypatch.setattr(dumps, "dump", lambda target, programs="": target.write_bytes(b"rows") and {})
    monkeypatch.setattr(dumps, "rows_in", lambda *_, **__: {})
    monkeypatch.setattr(dumps, "rows_now", dict)
    monkeypatch.setattr(dumps, "is_empty", lambda: True)
    monkeypatch.setattr(dumps, "load", lambda *_, **__: None)
    made = backup.make_backup(tmp_path / "backup", now=clock.now())
    assert set(made.files) == {one.path, two.path}
    kept = {name: (tmp_path / "backup" / FILES / name).read_bytes() for name in made.files}
    assert {name: store().open(name).read() for name in store().names()} == kept

    server.make(f"{bucket}-new")
    keep_in(server, f"{bucket}-new", settings)
    store().save("strange", Pieces([b"x"]))
    with pytest.raises(BackupRefused, match="strange"):
        restore_backup(tmp_path / "backup")
    store().delete("strange")
    restore_backup(tmp_path / "backup")
    assert {name: store().open(name).read() for name in store().names()} == kept
    assert b"".join(evidence_files.read_evidence(one).pieces) == THREE_PIECES
    assert [file.trouble() for file in kept_files()] == [None, None]


# --- faults ----------------------------------------------------------------------------------------------------------


@pytest.mark.services
def test_a_store_that_is_away_costs_the_file_and_not_the_report(
    town: Place, as_user: Any, settings: Any, caplog: pytest.LogCaptureFixture, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    """It dies with a file in it, and comes back: what was kept is there, the report came in, the person was told."""
    monkeypatch.setattr(ours, "PAUSE", 0)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    need("DATABASE_URL", "services")
    with object_store() as own:
        own.make("evidence")
        keep_in(own, "evidence", settings)
        browser, draft = as_user(town.employee), begin(town)
        assert bring(browser, draft, "een.png", files.picture()).status_code == 200
        own.kill()
        began = time.monotonic()
        refused = bring(browser, draft, "twee.png", files.picture(size=(30, 30)))
        assert refused.status_code == 400 and refused.json()["errors"] and time.monotonic() - began < 10
        assert "evidence not kept: StoreAway" in caplog.text
        (kept,) = Evidence.objects.all()
        with pytest.raises(evidence_files.FileCannotBeOpened):
            evidence_files.read_evidence(kept)
        with pytest.raises(CommandError, match="No backup"):
            call_command("backup", str(tmp_path / "backup"))
        own.start()
        end = time.monotonic() + 30
        while bring(browser, draft, "twee.png", files.picture(size=(30, 30))).status_code != 200:
            assert time.monotonic() < end
            time.sleep(0.3)
        assert Evidence.objects.count() == 2
        assert b"".join(evidence_files.read_evidence(kept).pieces) == files.picture()


@pytest.mark.services
def test_a_store_that_did_not_answer_is_left_alone_for_a_while(bucket: str, monkeypatch: pytest.MonkeyPatch):
    """Ten files with a report: the first one waits, the others are told at once."""
    away = SealedObjects("evidence", endpoint="http://127.0.0.1:9", region="test")
    monkeypatch.setattr(ours, "PAUSE", 30)
    with pytest.raises(StoreAway, match="EndpointConnectionError"):
        away.save("een", Pieces([b"x"]))
    began = time.monotonic()
    for _file in range(9):
        with pytest.raises(StoreAway, match="a moment ago"):
            away.save("een", Pieces([b"x"]))
    assert time.monotonic() - began < 0.5
    store().save("een", Pieces([b"x"]))  # another one is not meant


def run(**environment: str) -> tuple[int, str]:
    plain = {name: value for name, value in os.environ.items() if name not in DEFAULTS and name != "DEMO"}
    given = {name: value for name, value in {**DEFAULTS, **environment}.items() if name != "EVIDENCE_DIR"}
    done = subprocess.run(WEB, cwd=ROOT, env={**plain, **given}, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.services
def test_the_start_says_what_the_store_refuses(server: ObjectStore):
    server.make("started")
    url = server.url("started")
    assert run(EVIDENCE_URL=url) == (0, "")
    for change in (
        {"AWS_SECRET_ACCESS_KEY": "wrong"},
        {"AWS_ACCESS_KEY_ID": "nobody"},
        {"AWS_ACCESS_KEY_ID": READER},
        {"EVIDENCE_URL": server.url("not-there")},
    ):
        code, said = run(**{"EVIDENCE_URL": url, **change})
        assert code == 1 and "EVIDENCE_URL lets nothing be written" in said.splitlines()[-1], (change, said)
        assert SECRET not in said
    code, said = run(EVIDENCE_URL="s3://evidence?endpoint=http://127.0.0.1:9&region=test")
    assert code == 0 and "The object store of EVIDENCE_URL does not answer: EndpointConnectionError" in said
    code, said = run(EVIDENCE_URL="s3://evidence?secret=geheim")
    assert code == 1 and "EVIDENCE_URL asks something else" in said and "geheim" not in said


def test_a_command_runs_where_files_cannot_be_written_and_a_server_does_not(tmp_path: Path):
    """A backup reads them, and a mount that is read-only is the safer one for that."""
    (tmp_path / "file").write_text("not a folder")
    environment = {**DEFAULTS, "EVIDENCE_DIR": str(tmp_path / "file")}
    plain = {name: value for name, value in os.environ.items() if name not in DEFAULTS and name != "DEMO"}
    for command, code, said in (
        (("manage.py", "check"), 0, "no issues"),
        (("manage.py", "check", "--deploy"), 1, "(safe_start.E001) EVIDENCE_DIR cannot be written."),
        (WEB[1:], 1, "EVIDENCE_DIR cannot be written."),
    ):
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env={**plain, **environment}, capture_output=True, text=True
        )
        assert done.returncode == code and said in done.stdout + done.stderr


def test_a_store_without_its_library_says_how_to_get_it(settings: Any):
    settings.EVIDENCE_URL = "s3://evidence"
    settings.STORAGES = {**settings.STORAGES, "evidence": {"BACKEND": "vpdportal.not_there.SealedObjects"}}
    (error,) = check_evidence_store()
    assert error.is_serious() and "vpd-portal[s3]" in str(error.hint)


@pytest.mark.services
def test_a_bucket_with_versions_is_told(bucket: str, server: ObjectStore):
    assert not store().keeps_what_is_removed()
    server.client().put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    assert store().keeps_what_is_removed()


@pytest.mark.services
def test_a_wrong_key_is_a_refusal(server: ObjectStore, monkeypatch: pytest.MonkeyPatch):
    server.make("refusing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    refused = SealedObjects("refusing", endpoint=server.endpoint, region="test", addressing="path")
    with pytest.raises(StoreRefuses, match="SignatureDoesNotMatch"):
        refused.try_out()
