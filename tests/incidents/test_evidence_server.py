"""Against a real server over a real socket: little memory for a large file, and nothing of what broke off."""

import hashlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as portal
from django.db import connection
from django.test import Client
from django.urls import reverse

from incidents.actions.drafts import Kept, keep_answers
from incidents.models import Draft, Evidence
from tests import clock, files
from tests.environment import DEFAULTS
from tests.incidents.evidence import begin
from tests.services import free_port
from tests.world import Place

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60  # seconds
MB = 1024 * 1024
SECRET = "a" * 32
BOUNDARY = "----grens"


class Server:
    """The portal under gunicorn with one worker, on the test's database, with folders of its own."""

    def __init__(self, folder: Path) -> None:
        self.store, self.temporary, self.log = folder / "store", folder / "tmp", folder / "log"
        self.temporary.mkdir()
        self.port = free_port()
        environment = {
            **os.environ, **DEFAULTS, "DATABASE_URL": _database(), "EVIDENCE_DIR": str(self.store),
            "TMPDIR": str(self.temporary), "PORTAL_URL": f"http://127.0.0.1:{self.port}",
        }  # fmt: skip
        command = ["-m", "gunicorn", "vpdportal.wsgi", "-b", f"127.0.0.1:{self.port}", "--threads", "2"]
        with self.log.open("wb") as log:
            self.master = subprocess.Popen(
                [sys.executable, *command, "--no-control-socket"],
                cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.wait_until(lambda: self.get("/-/live").status == 200)

    @property
    def worker(self) -> int:
        return int(Path(f"/proc/{self.master.pid}/task/{self.master.pid}/children").read_text().split()[0])

    def peak(self) -> int:
        """The most memory that the worker ever held, in bytes."""
        status = Path(f"/proc/{self.worker}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))

    def get(self, path: str, **headers: str) -> http.client.HTTPResponse:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        line.request("GET", path, headers=headers)
        return line.getresponse()

    def wait_until(self, is_so: Any) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                if is_so():
                    return
            except OSError:
                pass
            time.sleep(0.05)
        pytest.fail(f"not in {PATIENCE} s: {self.log.read_text()[-800:]}")

    def written(self) -> list[Path]:
        folders = [folder for folder in (self.store, self.temporary) if folder.exists()]
        return [path for folder in folders for path in folder.rglob("*") if path.is_file()]

    def end(self) -> None:
        os.killpg(self.master.pid, signal.SIGKILL)
        self.master.wait()


class Browser:
    """A signed-in person who sends bytes by hand."""

    def __init__(self, server: Server, client: Client) -> None:
        self.server = server
        session = client.cookies[portal.SESSION_COOKIE_NAME].value
        self.cookies = f"{portal.SESSION_COOKIE_NAME}={session}; {portal.CSRF_COOKIE_NAME}={SECRET}"

    def begin(self, path: str, body: bytes, kind: str) -> socket.socket:
        """The request's head; the caller sends as much of `body` as it likes."""
        line = socket.create_connection(("127.0.0.1", self.server.port), timeout=PATIENCE)
        head = {
            "Host": f"127.0.0.1:{self.server.port}", "Cookie": self.cookies, "X-CSRFToken": SECRET,
            "Accept": "application/json", "Content-Type": kind, "Content-Length": len(body), "Connection": "close",
        }  # fmt: skip
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        line.sendall(f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode())
        return line

    def post(self, path: str, body: bytes, kind: str) -> bytes:
        with self.begin(path, body, kind) as line:
            line.sendall(body)
            return b"".join(iter(lambda: line.recv(65536), b""))

    def cut(self, path: str, body: bytes, kind: str, length: int) -> None:
        with self.begin(path, body, kind) as line:
            line.sendall(body[:length])
            time.sleep(0.3)
            assert self.server.written() == [], "nothing readable while it comes in"
        time.sleep(0.5)
        assert self.server.get("/-/live").status == 200


def _database() -> str:
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    return f"postgres://{found['USER']}@{found['HOST']}:{found['PORT']}/{found['NAME']}"


def form_of(name: str, content: bytes) -> tuple[bytes, str]:
    """A form with one file in it, and its content type."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="evidence"; filename="{name}"\r\n\r\n'
    return head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={BOUNDARY}"


@pytest.fixture
def server(committed: None, tmp_path: Path) -> Iterator[Server]:
    started = Server(tmp_path)
    yield started
    started.end()


@pytest.fixture
def browser(server: Server, town: Place, as_user: Any) -> Browser:
    return Browser(server, as_user(town.employee))


def test_fifty_megabytes_cost_little_memory_and_come_back_whole(server: Server, browser: Browser, town: Place):
    draft = begin(town)
    address = reverse("evidence_keep", args=[draft.pk])
    assert b" 200 " in browser.post(address, *form_of("kort.mp4", files.mp4()))[:20]
    before = server.peak()
    film = files.mp4(media=os.urandom(50 * MB - len(files.mp4(media=b""))))
    assert b" 200 " in browser.post(address, *form_of("lang.mp4", film))[:20]
    kept = Evidence.objects.get(size=50 * MB)
    assert kept.sha256 == hashlib.sha256(film).hexdigest()
    own = reverse("evidence_own", args=[draft.pk, kept.pk])
    assert hashlib.sha256(server.get(own, Cookie=browser.cookies).read()).hexdigest() == kept.sha256
    grown = (server.peak() - before) / MB
    assert grown < 20, f"the worker grew by {grown:.0f} MB"


def test_an_upload_that_broke_off_leaves_nothing(server: Server, browser: Browser, town: Place):
    address = reverse("evidence_keep", args=[begin(town).pk])
    body, kind = form_of("film.mp4", files.mp4(media=os.urandom(3 * MB)))
    for share in (0.02, 0.5, 0.999):
        browser.cut(address, body, kind, int(len(body) * share))
        assert Evidence.objects.count() == 0 and server.written() == []
    assert b" 200 " in browser.post(address, body, kind)[:20], "again is right"
    assert Evidence.objects.count() == 1


def test_a_server_that_dies_half_way_leaves_nothing_readable(server: Server, browser: Browser, town: Place):
    body, kind = form_of("brief.pdf", files.pdf(files.CANARY * 200_000))
    with browser.begin(reverse("evidence_keep", args=[begin(town).pk]), body, kind) as line:
        line.sendall(body[: 3 * MB])
        time.sleep(0.3)
        os.kill(server.worker, signal.SIGKILL)
        server.wait_until(lambda: server.get("/-/live").status == 200)
    assert not any(files.CANARY in path.read_bytes() for path in server.written())
    assert Evidence.objects.count() == 0


def test_half_a_text_does_not_write_over_the_whole_one(server: Server, browser: Browser, town: Place):
    draft = begin(town)
    story = "Hij gooide een stoel, en daarna riep hij nog veel meer dat ik niet herhaal. " * 30
    kept = Kept("gebeurd", {"story": [story]}, draft.revision)
    keep_answers(draft=draft, kept=kept, by=town.employee, now=clock.now(), is_choice=True)
    body = f"seen=99999&go=next&story={story.replace(' ', '+')}".encode()
    address = reverse("report_step", args=[draft.pk, "gebeurd"])
    for share in (0.01, 0.6, 0.95):
        browser.cut(address, body, "application/x-www-form-urlencoded", int(len(body) * share))
        fresh = Draft.objects.get(pk=draft.pk)
        assert fresh.content.answers["story"] == [story] and fresh.revision == draft.revision + 1
    browser.post(address, body.replace(b"Hij", b"Zij"), "application/x-www-form-urlencoded")
    assert Draft.objects.get(pk=draft.pk).content.answers["story"][0].startswith("Zij")
