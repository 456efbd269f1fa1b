"""A disk that is full (T25): nothing that was answered is lost, everyone gets their own words back with what to do, and
it goes on by itself when there is room again.

The disks are small ones in memory, which only root may mount. Where that is not allowed, these tests say so.
"""

import html
import os
import re
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from incidents.models import Draft, Evidence, Incident
from tests import files, prepared
from tests.conftest import need
from tests.services import Postgres, server_folder
from tests.stories.reminders import Figures, connected
from tests.stories.test_kill import (
    SECRET,
    STEPS,
    WORDS,
    Answer,
    Browser,
    Server,
    address,
    answers_of,
    check_sent_once,
    start,
    write,
)
from tests.world import LONG_AGO, Place, make_place, make_user
from vpdportal.accounts.models import Membership
from vpdportal.accounts.roles import Role
from vpdportal.audit.chain import verify

pytestmark = pytest.mark.services
MB = 1024 * 1024
REFUSALS = int(os.environ.get("DISK_FULL_REFUSALS", "12"))  # failures to see before there is room again
PATIENCE = 90  # seconds until it goes on by itself
NUMBERS = count(1)
Mount = Callable[..., Path]


@pytest.fixture(scope="module")
def small_disk() -> Iterator[Mount]:
    """Makes a disk of so many MB, and gives its folder."""
    mounted: list[Path] = []
    places = ExitStack()

    def mount(megabytes: int) -> Path:
        folder = places.enter_context(server_folder())
        options = f"size={megabytes}m,mode=755"
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(folder)], capture_output=True)
        if done.returncode:
            pytest.skip("no disk may be mounted here: run it as root, or see the last line of docs/operations.md on it")
        mounted.append(folder)
        return folder

    yield mount
    for folder in reversed(mounted):
        subprocess.run(["umount", "-l", str(folder)], check=False)
    places.close()


class Ballast:
    """A file that takes all room there is, also what a request that was just answered gives back."""

    def __init__(self, disk: Path) -> None:
        self.path = disk / "ballast"

    def fill(self) -> None:
        while self._grows():
            time.sleep(0.3)

    def _grows(self) -> bool:
        with self.path.open("ab", buffering=0) as file, suppress(OSError):
            before = file.tell()
            for size in (MB, 4096, 1):
                with suppress(OSError):
                    while True:
                        file.write(b"\0" * size)
            return file.tell() > before
        return False

    def remove(self) -> None:
        self.path.unlink()


@pytest.fixture(scope="module")
def house(small_disk: Mount, django_db_blocker: Any) -> Iterator[tuple[Postgres, Ballast]]:
    """PostgreSQL with all that it writes on a disk of its own; its database `portal` is empty and migrated."""
    if connection.vendor != "postgresql":
        need("", "services")
    disk = small_disk(260)
    server = Postgres(disk)
    with django_db_blocker.unblock():
        try:
            server.start()
            server.make_role()
            server.create("portal")
            prepared.fill(server)
            yield server, Ballast(disk)
        finally:
            server.stop()


class People:
    """Many who report, so that nobody comes too often."""

    def __init__(self, place: Place, server: Server, sign_in: Callable[..., Any]) -> None:
        self.place, self.server = place, server
        self.browsers = []
        for number in range(8):
            user = make_user(f"Verzonnen {number}")
            Membership.objects.create(
                organisation=place.organisation, user=user, role=Role.EMPLOYEE, department=place.department,
                starts_on=LONG_AGO,
            )  # fmt: skip
            own = Place(place.organisation, place.department, {"employee": user})
            self.browsers.append((Browser(server, sign_in(user)), own))

    def next(self, number: int) -> tuple[Browser, Place]:
        return self.browsers[number % len(self.browsers)]


@contextmanager
def a_portal(folder: Path) -> Iterator[Server]:
    """On the database that the ORM of the test is connected to."""
    server = Server(folder)
    try:
        yield server
    finally:
        server.kill()


def send_again(browser: Browser, page: str) -> Any:
    """Press the button of the page that came back: the form in it, as it stands there."""
    found = re.search(r'<form method="post" action="([^"]+)">(.*?)</form>', page, re.DOTALL)
    assert found, page[:500]
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', found[2]):
        fields.setdefault(html.unescape(name), []).append(html.unescape(value))
    assert fields.pop("csrfmiddlewaretoken"), "it passes the check of forms"
    return browser.post(html.unescape(found[1]), fields)


@dataclass
class Report:
    """One that someone has written up to the button. What is sent further was put together while there was room."""

    browser: Browser
    key: UUID
    number: int
    longer: dict[str, Any]
    last: dict[str, Any]

    def say_more(self) -> Answer:
        return self.browser.post(address(self.key, "gebeurd"), self.longer)

    def send(self) -> Answer:
        return self.browser.post(address(self.key, STEPS[-1]), self.last)


def written(people: People) -> Report:
    browser, own = people.next(number := next(NUMBERS))
    longer = answers_of("gebeurd", number) | {"story": f"gebeurd {number}: " + "lang " * 500 + "einde"}
    return Report(browser, write(browser, own, number), number, longer, answers_of(STEPS[-1], number))


def sent(reports: list[Report], said: Counter[int]) -> list[Report]:
    """Those of which the portal says that they came in."""
    acknowledged = []
    for report in reports:
        answer = report.send()
        said[answer[0] if answer else 0] += 1
        if answer and answer[0] == 302:
            acknowledged.append(report)
    return acknowledged


def until_refused(reports: list[Report], said: Counter[int]) -> list[tuple[Report, str]]:
    """They type on and on. Gives the pages that came in place of the next one."""
    refused: list[tuple[Report, str]] = []
    end = time.monotonic() + PATIENCE
    while len(refused) < len(reports) and time.monotonic() < end:
        for report in reports:
            answer = report.say_more()
            assert answer, "the portal itself goes on"
            said[answer[0]] += 1
            if answer[0] != 302:
                refused.append((report, answer[2]))
    assert len(refused) >= len(reports), said
    return refused


def start_if_ended(database: Postgres) -> bool:
    """What systemd, a container or an operator does. Whether it had ended."""
    has_ended = database.process is not None and database.process.poll() is not None
    if has_ended:
        database.start()
    return has_ended


def until_it_goes_on(browser: Browser, page: str, database: Postgres) -> bool:
    """Whether PostgreSQL ended meanwhile: it tries to recover, and may find out only now that it could not."""
    end, has_ended = time.monotonic() + PATIENCE, False
    while True:
        has_ended = start_if_ended(database) or has_ended
        answer = send_again(browser, page)
        if answer and answer[0] == 302:
            return has_ended
        assert time.monotonic() < end, answer
        time.sleep(0.2)


def lost(acknowledged: list[Report]) -> list[Report]:
    """Those of which it was said that they came in, and that are not there, or twice."""
    return [one for one in acknowledged if Incident.objects.filter(idempotency_key=one.key).count() != 1]


@pytest.mark.parametrize("is_log_full_too", [False, True], ids=["data", "data and log"])
def test_the_disk_of_the_database_is_full(
    is_log_full_too: bool, house: tuple[Postgres, Ballast], tmp_path: Path, as_user: Any, figures: Figures
):
    """Also where PostgreSQL has no room for its own log: then it ends all sessions at once."""
    database, ballast = house
    name = "full" + "_log" * is_log_full_too
    database.create(name, template="portal")
    with connected(database.url(name)), a_portal(tmp_path) as portal:
        place = make_place("Volmond", prefix="VM")
        people = People(place, portal, as_user)
        said: Counter[int] = Counter()
        acknowledged = sent([written(people) for _turn in range(3)], said)
        assert len(acknowledged) == 3, "with room"
        reports = [written(people) for _turn in range(REFUSALS)]
        connection.close()
        ballast.fill()
        refused = until_refused(reports, said)
        if is_log_full_too:
            with suppress(subprocess.CalledProcessError):
                for _file in range(10):  # until it needs a new file of its log
                    database.ask("SELECT pg_logical_emit_message(false, 'full', ''), pg_switch_wal()")
        acknowledged += sent(reports, said)
        assert set(said) <= {302, 503}, said
        for report, page in refused:
            assert html.escape(report.longer["story"]) in page and "112" in page, "their own words, and what to do"
        assert portal.process.poll() is None

        ballast.remove()
        began = time.monotonic()
        has_ended = any([until_it_goes_on(report.browser, page, database) for report, page in refused])
        recovered = time.monotonic() - began
        waiting = [one for one in reports if one not in acknowledged]
        acknowledged += sent(waiting, Counter())
        assert len(acknowledged) == len(reports) + 3
        assert not lost(acknowledged) and Incident.objects.count() == len(acknowledged)
        for report in waiting:
            assert Incident.objects.get(idempotency_key=report.key).story == report.longer["story"]
        assert verify(place.organisation.pk).is_whole
        waiting[0].key = uuid4()
        assert lost(acknowledged) == waiting[:1], "the control: one that is not there is found"
        figures(
            acknowledged=len(acknowledged), lost=0, refused=len(refused), answers=dict(said), database_ended=has_ended,
            seconds_until_all_went_on=round(recovered, 1),
        )  # fmt: skip


def upload(browser: Browser, path: str, data: dict[str, Any], content: bytes) -> tuple[int, str]:
    """The step with a file in it, as a browser without scripts sends it."""
    video = SimpleUploadedFile("film.mp4", content, "video/mp4")
    form = {**data, "csrfmiddlewaretoken": SECRET, "evidence": video, "go": "add_files"}
    line = browser.open()
    body = encode_multipart(BOUNDARY, form)
    line.request("POST", path, body, {**browser.headers, "Content-Type": MULTIPART_CONTENT})
    answer = line.getresponse()
    return answer.status, answer.read().decode()


def a_film(size: int) -> bytes:
    """Another one each time: one that was kept already is not kept twice."""
    return files.mp4(media=os.urandom(size))


@pytest.mark.parametrize("size", [2 * MB, 3000], ids=["large", "small"])
@pytest.mark.parametrize("which", ["EVIDENCE_DIR", "TMPDIR"])
def test_the_disk_of_the_files_is_full(
    which: str, size: int, small_disk: Mount, committed: None, town: Place, as_user: Any, tmp_path: Path,
    monkeypatch: Any, figures: Figures,
):  # fmt: skip
    """The report goes on without the file, and the file comes in when there is room."""
    disk = small_disk(8)
    folder = tmp_path / "portal"
    folder.mkdir()
    if which == "EVIDENCE_DIR":
        (folder / "files").symlink_to(disk)
    else:
        monkeypatch.setenv("TMPDIR", str(disk))
    server = Server(folder)
    try:
        browser = Browser(server, as_user(town.employee))
        key = start(browser, town)
        page, typed = address(key, "gebeurd"), answers_of("gebeurd", 1)
        assert upload(browser, page, typed, a_film(size))[0] == 200 and Evidence.objects.count() == 1
        ballast = Ballast(disk)
        ballast.fill()
        status, said = upload(browser, page, answers_of("gebeurd", 2), a_film(size))
        assert status == 400 and "film.mp4" in said and "gebeurd 2: hij riep 😡 &amp; ging" in said
        assert Evidence.objects.count() == 1, "no row for what is not there"
        assert [one.name for one in disk.rglob("*.part")] == []
        kept = Draft.objects.get(pk=key).content.answers["story"]
        assert kept == ["gebeurd 2: hij riep 😡 & ging"], "whatever became of the file"
        ballast.remove()
        assert upload(browser, page, answers_of("gebeurd", 3), a_film(size))[0] == 200 and Evidence.objects.count() == 2
        ballast.fill()
        for step in WORDS:
            answer = browser.post(address(key, step), answers_of(step, 3))
            assert answer and answer[0] == 302
        answer = browser.post(address(key, STEPS[-1]), answers_of(STEPS[-1], 3))
        assert answer and answer[0] == 302, "a full disk of files costs no report"
        check_sent_once(key, 3)
        figures(disk=which, files=Evidence.objects.filter(incident__idempotency_key=key).count())
    finally:
        server.kill()
