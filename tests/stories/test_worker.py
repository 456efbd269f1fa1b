"""Real Celery processes against a real Redis-protocol server and PostgreSQL: kill -9 and an outage lose no reminder."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from incidents.models import Mail, News, Notice
from tests.conftest import need
from tests.environment import DEFAULTS
from tests.services import Valkey, valkey
from tests.world import Place, make_incident, make_place
from vpdportal import clock as product_clock

pytestmark = pytest.mark.services
ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 90  # seconds
MAILS = 2  # of one report: the adviser hears of it, and who reported it gets a receipt


class Machine:
    """A worker and a beat on the test's database, writing mails as files."""

    def __init__(self, broker: str, mails: Path) -> None:
        settings = connection.settings_dict
        database = f"postgres://{settings['USER']}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
        self.environment = {
            **os.environ, **DEFAULTS, "DATABASE_URL": database, "CELERY_BROKER_URL": broker, "SWEEP_SECONDS": "1",
            "EMAIL_URL": f"filemail:///{mails}",
        }  # fmt: skip
        self.mails = mails
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, *command: str) -> "subprocess.Popen[bytes]":
        log = (self.mails.parent / f"{command[0]}.log").open("ab")
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "vpdportal", *command],
            cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def start_worker(self) -> "subprocess.Popen[bytes]":
        return self.start("worker", "-c", "2", "-l", "WARNING")

    def start_beat(self) -> "subprocess.Popen[bytes]":
        return self.start("beat", "-l", "WARNING", "-s", str(self.mails.parent / f"beat-{len(self.processes)}"))

    def end(self) -> None:
        for process in self.processes:
            kill(process)

    def sent(self) -> Counter[str]:
        """How often each Message-ID went out."""
        found: Counter[str] = Counter()
        for file in self.mails.glob("*.log"):
            for part in file.read_bytes().split(b"-" * 79):
                if b"Message-ID" in part:
                    found[message_from_bytes(part.strip())["Message-ID"]] += 1
        return found


def kill(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(what: Callable[[], bool], words: str) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if what():
            return
        time.sleep(0.2)
    pytest.fail(f"after {PATIENCE} s still not: {words}")


def is_all_sent() -> bool:
    now = product_clock.system_now()
    waits = Notice.objects.filter(due_at__lte=now, mail=None, cancelled_at=None).exists()
    waits = waits or News.objects.filter(due_at__lte=now, mail=None, cancelled_at=None).exists()
    return not waits and not Mail.objects.exclude(status="sent").exists() and Mail.objects.exists()


@pytest.fixture
def broker() -> Iterator[Valkey]:
    need("CELERY_BROKER_URL", "services")
    with valkey() as server:
        yield server


@pytest.fixture
def machine(committed: None, broker: Valkey, tmp_path: Path, settings: Any) -> Iterator[Machine]:
    if connection.vendor != "postgresql":
        need("", "services")
    settings.CLOCK = "vpdportal.clock.system_now"
    mails = tmp_path / "mails"
    mails.mkdir()
    machine = Machine(broker.url, mails)
    yield machine
    machine.end()


def busy_places(number: int) -> list[Place]:
    """Some organisations, each with a report that its adviser and its reporter have to hear of."""
    places = [make_place(f"Plaats{index}", prefix="PL") for index in range(number)]
    for place in places:
        make_incident(place, at=product_clock.system_now())
    return places


def test_worker_and_beat_send_what_is_due(machine: Machine):
    places = busy_places(3)
    machine.start_worker()
    machine.start_beat()
    wait_for(is_all_sent, "all mails sent")
    assert Mail.objects.count() == machine.sent().total() == MAILS * len(places)


def test_kill_9_of_the_worker_loses_nothing(machine: Machine):
    busy_places(12)
    machine.start_beat()
    kills = 0
    for pause in (2.5, 3.0, 3.5):
        worker = machine.start_worker()
        time.sleep(pause)
        kill(worker)
        kills += 1
        # What the dead worker held comes back when its lease ends; here we do not wait five minutes for that.
        Mail.objects.filter(status="waiting").update(leased_until=None)
    machine.start_worker()
    wait_for(is_all_sent, "all mails sent after the kills")
    sent = machine.sent()
    assert len(sent) == Mail.objects.count() == MAILS * 12, "none lost"
    assert sent.total() - len(sent) <= kills, "at most one double a kill"


def test_an_hour_without_redis_delays_and_loses_nothing(machine: Machine, broker: Valkey):
    machine.start_worker()
    machine.start_beat()
    busy_places(1)
    wait_for(is_all_sent, "the first mails sent")
    broker.kill()
    busy = make_place("Tijdens", prefix="TI")
    make_incident(busy, at=product_clock.system_now())  # a report is accepted without Redis
    assert not is_all_sent()
    time.sleep(3)
    broker.start()
    wait_for(is_all_sent, "the mails of the outage sent after it")
    assert machine.sent().total() == MAILS * 2
