"""The virus scanner: what it finds is not kept; when it is away, files are kept, say so, and are scanned later."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import InvalidStorageError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from incidents.actions.evidence import add_evidence
from incidents.actions.evidence_scanning import rescan_evidence
from incidents.actions.evidence_tidying import remove_orphan_files
from incidents.models import Evidence
from incidents.tasks import tidy
from incidents.vocabulary import ScanResult
from tests import clock, files
from tests.incidents.evidence import begin, bring, content_of, stored
from tests.world import Place, make_incident
from vpdportal.audit.anchors import ANCHORED
from vpdportal.audit.models import AuditEvent

pytestmark = pytest.mark.usefixtures("own_store")
INFECTED = files.pdf(files.EICAR)
NOBODY_THERE = "127.0.0.1:9"


class Scanner:
    """Speaks clamd's INSTREAM on a real socket. Finds EICAR; says that a file is too large from `most` bytes."""

    def __init__(self, line: socket.socket) -> None:
        self.line, self.seen, self.most, self.answer = line, [], 10_000_000, b""
        line.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self.line.accept()
                with caller, caller.makefile("rb") as stream:
                    caller.sendall(self.answer or self._judged(stream))

    def _judged(self, stream: Any) -> bytes:
        assert stream.read(10) == b"zINSTREAM\0"
        content = b""
        while length := int.from_bytes(stream.read(4), "big"):
            content += stream.read(length)
            if len(content) > self.most:
                return b"INSTREAM size limit exceeded. ERROR\0"
        self.seen.append(content)
        return b"stream: Eicar-Test-Signature FOUND\0" if files.EICAR in content else b"stream: OK\0"


@pytest.fixture
def scanner(settings: Any) -> Iterator[Scanner]:
    with socket.create_server(("127.0.0.1", 0)) as line:
        settings.CLAMD_ADDRESS = f"127.0.0.1:{line.getsockname()[1]}"
        yield Scanner(line)


def keep(town: Place, content: bytes, name: str = "brief.pdf") -> Evidence:
    upload = SimpleUploadedFile(name, content)
    return add_evidence(
        incident=make_incident(town), upload=upload, by=town.employee, form_key=uuid4(), now=clock.now()
    )


def test_what_the_scanner_finds_is_not_kept(town: Place, employee: Client, scanner: Scanner):
    draft = begin(town)
    answer = bring(employee, draft, "rekening.pdf", INFECTED)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["name"] == "rekening.pdf" and "virus scanner found something" in error["message"]
    assert Evidence.objects.count() == 0 and stored() == {}
    clean = bring(employee, draft, "brief.pdf", files.pdf())
    assert clean.status_code == 200 and "no virus found" in clean.json()["files"][0]["about"]
    assert scanner.seen == [INFECTED, files.pdf()], "all of it, as it came"


def test_without_a_scanner_every_list_says_so(town: Place, employee: Client, as_user: Any):
    kept = keep(town, INFECTED)
    assert kept.scan == ScanResult.NOT_SCANNED
    assert kept.incident is not None
    adviser = as_user(town.adviser)
    adviser.cookies["vpd_language"] = "en"
    for browser, address in (
        (adviser, reverse("case_files", args=[kept.incident.pk])),
        (employee, reverse("report_status", args=[kept.incident.pk])),
    ):
        assert "not scanned for viruses" in browser.get(address).content.decode()
    assert rescan_evidence(now=clock.now()) == 0


@pytest.mark.parametrize("address", [NOBODY_THERE, "/nergens/clamd.sock"])
def test_a_scanner_that_is_away_costs_no_evidence(town: Place, employee: Client, settings: Any, address: str):
    settings.CLAMD_ADDRESS = address
    answer = bring(employee, begin(town), "brief.pdf", files.pdf())
    assert answer.status_code == 200 and "waits for the virus scanner" in answer.json()["files"][0]["about"]
    assert rescan_evidence(now=clock.now()) == 0


def test_what_the_scanner_has_not_seen_is_held_back_until_it_has(
    town: Place, employee: Client, scanner: Scanner, settings: Any, as_user: Any
):
    address, settings.CLAMD_ADDRESS = settings.CLAMD_ADDRESS, NOBODY_THERE
    kept = keep(town, files.picture("JPEG"), "foto.jpg")
    assert kept.incident is not None and kept.scan == ScanResult.HELD_BACK and kept.has_view_copy
    desk = as_user(town.adviser)
    desk.cookies["vpd_language"] = "en"
    case = reverse("case_files", args=[kept.incident.pk])
    both = [reverse(name, args=[kept.incident.pk, kept.pk]) for name in ("case_evidence", "case_evidence_copy")]
    page = desk.get(case).content.decode()
    assert "foto.jpg" in page and "waits for the virus scanner" in page and f"from {town.employee.name}" in page
    for link in both:
        assert link not in page
        refused = desk.get(link, follow=True)
        assert refused.redirect_chain == [(case, 302)] and "when the scanner has seen it" in refused.content.decode()
    assert content_of(employee.get(reverse("evidence_own", args=[kept.form_key, kept.pk]))) == files.picture("JPEG")
    settings.CLAMD_ADDRESS = address
    assert rescan_evidence(now=clock.now()) == 1
    for link in both:
        assert link in desk.get(case).content.decode() and desk.get(link).status_code == 200


def test_held_back_files_come_before_all_others_and_are_marked_where_the_scanner_never_says(
    town: Place, scanner: Scanner, settings: Any
):
    address, settings.CLAMD_ADDRESS = settings.CLAMD_ADDRESS, NOBODY_THERE
    held = keep(town, files.pdf())
    Evidence.objects.filter(pk=held.pk).update(scan=ScanResult.HELD_BACK)
    settings.CLAMD_ADDRESS, scanner.most = address, 10
    assert rescan_evidence(now=clock.now()) == 0
    held.refresh_from_db()
    assert held.scan == ScanResult.NOT_SCANNED and not held.is_held_back


def test_where_the_scanner_was_given_up_nothing_stays_held_back(town: Place, settings: Any, as_user: Any):
    settings.CLAMD_ADDRESS = NOBODY_THERE
    kept = keep(town, files.pdf())
    assert kept.incident is not None
    address = reverse("case_evidence", args=[kept.incident.pk, kept.pk])
    assert as_user(town.adviser).get(address).status_code == 302
    settings.CLAMD_ADDRESS = ""
    assert as_user(town.adviser).get(address).status_code == 200


@pytest.mark.parametrize("answer", [b"\0", b"stream: something else\0"])
def test_an_answer_that_says_nothing_is_not_a_yes(town: Place, employee: Client, scanner: Scanner, answer: bytes):
    scanner.answer = answer
    bring(employee, begin(town), "brief.pdf", files.pdf())
    assert Evidence.objects.get().scan in {ScanResult.NOT_SCANNED, ScanResult.HELD_BACK}


def test_what_is_too_large_for_the_scanner_is_kept_unscanned(town: Place, employee: Client, scanner: Scanner):
    scanner.most = 1000
    assert bring(employee, begin(town), "film.mp4", files.mp4(media=bytes(3_000_000))).status_code == 200
    assert Evidence.objects.get().scan == ScanResult.NOT_SCANNED
    clean = keep(town, files.pdf())
    Evidence.objects.update(scan=ScanResult.NOT_SCANNED)
    assert rescan_evidence(now=clock.now()) == 1
    clean.refresh_from_db()
    assert clean.scan == ScanResult.CLEAN


def test_the_scanner_may_listen_on_a_socket_file(town: Place, employee: Client, settings: Any, tmp_path: Path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.bind(str(tmp_path / "c"))
        settings.CLAMD_ADDRESS = str(tmp_path / "c")
        scanner = Scanner(line)
        assert bring(employee, begin(town), "brief.pdf", INFECTED).status_code == 400
        assert scanner.seen == [INFECTED]


def test_what_is_found_later_is_taken_away_and_what_was_there_stays_known(
    town: Place, employee: Client, scanner: Scanner, settings: Any, as_user: Any
):
    address, settings.CLAMD_ADDRESS = settings.CLAMD_ADDRESS, ""
    bad, good = keep(town, INFECTED, "rekening.pdf"), keep(town, files.pdf())
    waiting = bring(employee, begin(town), "wacht.pdf", INFECTED).json()["files"][0]
    settings.CLAMD_ADDRESS = address
    assert rescan_evidence(now=clock.now()) == 3
    assert set(stored()) == {good.path}
    sha256, received_at = bad.sha256, bad.received_at
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.scan, good.scan) == (ScanResult.TAKEN_AWAY, ScanResult.CLEAN)
    assert (bad.sha256, bad.received_at, bad.name) == (sha256, received_at, "rekening.pdf")
    assert bad.incident is not None and good.incident is not None
    assert bad.incident.timeline.filter(kind="evidence_removed").count() == 1
    assert AuditEvent.objects.filter(action="evidence.removed", object_id=waiting["id"]).count() == 1
    adviser = as_user(town.adviser)
    adviser.cookies["vpd_language"] = "en"
    page = adviser.get(reverse("case_files", args=[bad.incident.pk])).content.decode()
    gone = reverse("case_evidence", args=[bad.incident.pk, bad.pk])
    assert "taken away: the virus scanner found something" in page and sha256 in page and gone not in page
    answer = adviser.get(gone, follow=True)
    assert answer.redirect_chain and "It was taken away" in answer.content.decode()
    assert content_of(adviser.get(reverse("case_evidence", args=[good.incident.pk, good.pk]))) == files.pdf()
    assert rescan_evidence(now=clock.now()) == 0, "said once"


def test_content_that_stayed_behind_is_tidied(town: Place, scanner: Scanner, settings: Any):
    address, settings.CLAMD_ADDRESS = settings.CLAMD_ADDRESS, ""
    kept = keep(town, INFECTED)
    content = stored()[kept.path]
    settings.CLAMD_ADDRESS = address
    tidy()
    assert stored() == {}
    path = Path(settings.STORAGES["evidence"]["OPTIONS"]["location"]) / kept.path
    path.write_bytes(content)  # as after a process that died before it was removed
    assert remove_orphan_files(now=clock.START.fromtimestamp(path.stat().st_mtime + 90_000, clock.START.tzinfo)) == 1


def test_a_part_of_the_hourly_work_that_breaks_keeps_no_other_back(town: Place, settings: Any):
    keep(town, files.pdf())
    settings.STORAGES = {**settings.STORAGES, "evidence": {"BACKEND": "tests.NoStore"}}
    with pytest.raises(InvalidStorageError):
        tidy()
    assert AuditEvent.objects.filter(action=ANCHORED).exists(), "what comes after it is done"
