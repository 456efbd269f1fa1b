"""The server is killed (SIGKILL) between steps and in the middle of a request: a report is a draft or sent, once.

The browser does what browsers and people do: it sends the same form again until there is an answer.
"""

import http.client
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from django.conf import settings as portal
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from incidents.models import Draft, Incident, Task
from incidents.views.keeping import OWNER
from tests.environment import DEFAULTS
from tests.services import free_port
from tests.world import STEPS, Place, report_data
from vpdportal import clock as product_clock
from vpdportal.accounts.models import Department
from vpdportal.audit.chain import verify
from vpdportal.audit.models import AuditEvent

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60  # seconds
SECRET = "a" * 32
FORM = "application/x-www-form-urlencoded"
MOMENTS = int(os.environ.get("KILL_MOMENTS", "12"))
WORDS = {"gebeurd": "story", "wie": "perpetrator_description", "nodig": "contact"}
Answer = tuple[int, str, str] | None  # status, where it leads, the page; None when the line broke


class Server:
    """The portal under gunicorn on the test's database, always on the same port."""

    def __init__(self, folder: Path) -> None:
        self.port, self.log = free_port(), folder / "log"
        found = connection.settings_dict
        database = f"postgres://{found['USER']}@{found['HOST']}:{found['PORT']}/{found['NAME']}"
        self.environment = {
            **os.environ, **DEFAULTS,
            "PORTAL_URL": f"http://127.0.0.1:{self.port}", "EVIDENCE_DIR": str(folder / "files"),
            "DATABASE_URL": f"sqlite:///{found['NAME']}" if connection.vendor == "sqlite" else database,
        }  # fmt: skip
        self.start()

    def start(self) -> None:
        command = ["gunicorn", "vpdportal.wsgi", "-c", "deploy/gunicorn.conf.py", "-b", f"127.0.0.1:{self.port}"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
                line.request("GET", "/-/live")
                if line.getresponse().status == 200:
                    return
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)
        pytest.fail(f"not in {PATIENCE} s: {self.log.read_text()[-800:]}")

    def kill(self) -> None:
        """The whole server at once, as when the power goes."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def restart(self) -> None:
        self.kill()
        self.start()


class Browser:
    """A signed-in person whose requests the test can stop half-way."""

    def __init__(self, server: Server, client: Client) -> None:
        self.server = server
        session = client.cookies[portal.SESSION_COOKIE_NAME].value
        self.headers = {"Cookie": f"{portal.SESSION_COOKIE_NAME}={session}; {portal.CSRF_COOKIE_NAME}={SECRET}"}

    def open(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=PATIENCE)

    def get(self, path: str) -> str:
        line = self.open()
        line.request("GET", path, headers=self.headers)
        answer = line.getresponse()
        assert answer.status == 200, path
        return answer.read().decode()

    def post_and_look_away(self, path: str, data: dict[str, Any]) -> None:
        body = urlencode({**data, "csrfmiddlewaretoken": SECRET}, doseq=True)
        self.other = self.open()
        self.other.request("POST", path, body, {**self.headers, "Content-Type": FORM})

    def post(
        self, path: str, data: dict[str, Any], kill_after: float | None = None, accept: str = "text/html"
    ) -> Answer:
        """Send a form. With `kill_after` the server dies that many seconds after the form has gone out."""
        body = urlencode({**data, "csrfmiddlewaretoken": SECRET}, doseq=True)
        kind = {"Content-Type": FORM, "Accept": accept}
        line = self.open()
        line.request("POST", path, body, {**self.headers, **kind})
        if kill_after is not None:
            time.sleep(kill_after)
            self.server.kill()
        try:
            answer = line.getresponse()
            return answer.status, answer.getheader("Location", ""), answer.read().decode()
        except (OSError, http.client.HTTPException):
            return None

    def begin_to_post(self, path: str, data: dict[str, Any]) -> None:
        """Half a form goes out, then the server dies."""
        body = urlencode({**data, "csrfmiddlewaretoken": SECRET}, doseq=True).encode()
        kind = {"Content-Type": FORM, "Content-Length": str(len(body))}
        line = self.open()
        line.putrequest("POST", path)
        for name, value in {**self.headers, **kind}.items():
            line.putheader(name, value)
        line.endheaders(body[: len(body) // 2])
        time.sleep(0.05)
        self.server.kill()


@pytest.fixture
def server(committed: None, tmp_path: Path) -> Iterator[Server]:
    started = Server(tmp_path)
    yield started
    started.kill()


@pytest.fixture
def browser(server: Server, town: Place, as_user: Any) -> Browser:
    return Browser(server, as_user(town.employee))


def address(key: UUID, step: str) -> str:
    return reverse("report_step", args=[key, step])


def answers_of(step: str, number: int = 0) -> dict[str, Any]:
    """What is typed in a step, with words by which it is known again."""
    day = timezone.localdate(product_clock.system_now()) - timedelta(days=1)
    words = {WORDS[step]: f"{step} {number}: hij riep 😡 & ging"} if step in WORDS else {}
    fixed = {"go": "next", "seen": "999999999", "page": f"{step}-{number}"}
    return report_data(day=day.isoformat(), department=str(Department.objects.get().pk), **words) | fixed


def start(browser: Browser, town: Place) -> UUID:
    key = uuid4()
    owner = OWNER.sign(str(town.employee.pk))
    first = {"key": str(key), "organisation": str(town.organisation.pk), "owner": owner, "is_safe_now": "yes"}
    answer = browser.post(reverse("report"), first)
    assert answer and answer[0] == 302
    return key


def write(browser: Browser, town: Place, number: int) -> UUID:
    """A report up to the button."""
    key = start(browser, town)
    for step in WORDS:
        answer = browser.post(address(key, step), answers_of(step, number))
        assert answer and answer[0] == 302
    return key


def stored(key: UUID) -> tuple[int, int]:
    return Draft.objects.filter(pk=key).count(), Incident.objects.filter(idempotency_key=key).count()


def words_of(key: UUID) -> list[str]:
    """The words that were typed, wherever they are now."""
    if draft := Draft.objects.filter(pk=key).first():
        return [draft.content.answers[name][0] for name in WORDS.values()]
    incident = Incident.objects.get(idempotency_key=key)
    return [getattr(incident, name) for name in WORDS.values()]


def check_sent_once(key: UUID, number: int) -> None:
    assert stored(key) == (0, 1)
    assert words_of(key) == [answers_of(step, number)[name] for step, name in WORDS.items()]
    incident = Incident.objects.get(idempotency_key=key)
    assert AuditEvent.objects.filter(action="incident.reported", object_id=incident.pk).count() == 1
    assert incident.timeline.filter(kind="reported").count() == 1
    codes = list(Task.objects.filter(incident=incident, step=0).values_list("code", flat=True))
    assert codes and len(codes) == len(set(codes))


def test_killed_between_steps_and_half_way_through_a_form(browser: Browser, server: Server, town: Place):
    key = start(browser, town)
    for step, name in WORDS.items():
        page, typed = address(key, step), answers_of(step)
        kept = browser.post(page, typed, accept="application/json")
        assert kept and kept[0] == 200, "kept while it was typed"
        server.restart()
        assert "hij riep 😡 &amp; ging" in browser.get(page), "what was said to be kept is there"
        changed = answers_of(step, 1)
        browser.begin_to_post(page, changed)
        server.restart()
        assert Draft.objects.get(pk=key).content.answers[name] == [typed[name]], "half a form changes nothing"
        answer = browser.post(page, changed)
        assert answer and answer[0] == 302
    server.restart()
    answer = browser.post(address(key, STEPS[-1]), answers_of(STEPS[-1]))
    assert answer and answer[0] == 302
    server.restart()
    check_sent_once(key, 1)


def test_killed_at_any_moment_of_sending(browser: Browser, server: Server, town: Place):
    chance = random.Random(4)  # noqa: S311  the moments differ, the test does not
    key = write(browser, town, -1)
    began = time.monotonic()
    assert browser.post(address(key, STEPS[-1]), answers_of(STEPS[-1]))
    lasts = 1.2 * (time.monotonic() - began)  # of a server that has just started, as each one below
    outcomes: Counter[str] = Counter()
    for number in range(MOMENTS):
        key = write(browser, town, number)
        page, data = address(key, STEPS[-1]), answers_of(STEPS[-1])
        if number % 2:  # someone who sends it from two tabs
            browser.post_and_look_away(page, data)
        answer = browser.post(page, data, kill_after=lasts * (number + chance.random()) / MOMENTS)
        server.start()
        is_draft, is_sent = stored(key)
        assert (is_draft, is_sent) in {(1, 0), (0, 1)}, f"neither or both, at moment {number}"
        assert words_of(key) == [answers_of(step, number)[name] for step, name in WORDS.items()]
        outcomes[f"{'sent' if is_sent else 'draft'}, {'told' if answer else 'no answer'}"] += 1
        again = browser.post(page, data)
        assert again and again[0] == 302 and again[1].startswith("/melding/")
        check_sent_once(key, number)
    assert outcomes["draft, no answer"], f"no moment came before the end: {outcomes}"
    assert outcomes["draft, told"] == 0, "nobody is told that it has come in when it has not"
    assert verify(town.organisation.pk).is_whole
    assert Incident.objects.count() == MOMENTS + 1 and Draft.objects.count() == 0
    print(f"\nkilled within {lasts:.3f} s, {MOMENTS} times: {dict(outcomes)}")  # noqa: T201
