"""Traffic while servers are killed: `run.py bench faults`, twenty minutes, or LENGTH seconds (T21, T37).

People of four organisations report and read; Celery's worker and beat run on a Valkey. Meanwhile PostgreSQL restarts in
order, at once, and by kill -9 of all its processes; a web process, the worker and beat are killed, and Valkey with all
that it held. Afterwards each report that was acknowledged must be there, once, with all that belongs to it.
"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from time import monotonic, sleep
from typing import Any

from django.db import connection
from django.utils import timezone

from benchmarks.figures import Figure, keep, say
from benchmarks.month_rows import NOW
from benchmarks.policies import MONTH
from benchmarks.servers import served, worker_pids
from benchmarks.traffic import Told, Traffic, pages_for
from incidents.models import Draft, Incident, Mail, Notice
from incidents.overview.releases import release
from tests import clock
from tests.services import Postgres, Valkey, own_postgres, valkey
from tests.smtp import MailServer
from tests.stories.machine import Machine, kill
from tests.stories.reminders import connected
from tests.world import Place, make_place
from vpdportal.accounts.models import Organisation
from vpdportal.audit.chain import verify
from vpdportal.audit.models import AuditEvent
from vpdportal.tenancy import everywhere

LENGTH = float(os.environ.get("LENGTH", "1200"))  # seconds
EACH = 50  # seconds from one fault to the next, at most
MINDED_EACH = 1  # seconds
QUIET = 4  # seconds before the first fault
PLACES, REPORTERS, READERS, READ_PACE = 4, 2, 2, 2.0
RECOVERY = 60  # seconds in which it must go on by itself
SWEPT = 420  # seconds in which all that is due must be mailed, afterwards
SETTINGS = {"fsync": "on", "full_page_writes": "on", "autovacuum": "on", "synchronous_commit": "on"}
Fault = Callable[[], None]


@dataclass
class Outcome:
    told: Told
    seconds: float
    recovered: dict[str, list[float]] = field(default_factory=dict)  # fault → seconds until a report was acknowledged
    lost: int = 0
    double: int = 0
    unasked: int = 0  # reports that nobody was told of, and that nobody was still sending
    incomplete: int = 0  # without their advice, tasks or row in the audit trail, or with two of these
    broken_chains: int = 0
    unsent: int = 0  # notices that were due and are not mailed
    mailed: int = 0
    mailed_twice: int = 0

    @property
    def faults(self) -> int:
        return sum(map(len, self.recovered.values()))


class Room:
    """All that runs, and all that can be done to it."""

    def __init__(self, server: Postgres, broker: Valkey, machine: Machine, port: int) -> None:
        self.server, self.broker, self.machine, self.port = server, broker, machine, port
        self.worker, self.beat, self._is_over = machine.start_worker(2), machine.start_beat(), threading.Event()
        self._minder = threading.Thread(target=self._mind, daemon=True)
        self._minder.start()

    def leave(self) -> None:
        self._is_over.set()
        self._minder.join()

    def _mind(self) -> None:
        """Start again what ended, as systemd and Kubernetes do."""
        while not self._is_over.wait(MINDED_EACH):
            if self.worker.poll() is not None:
                self.worker = self.machine.start_worker(2)
            if self.beat.poll() is not None:
                self.beat = self.machine.start_beat()

    def faults(self) -> dict[str, Fault]:
        return {
            "PostgreSQL restarts (fast)": lambda: self._restart(signal.SIGINT),
            "a worker is killed": lambda: kill(self.worker),
            "PostgreSQL restarts (immediate)": lambda: self._restart(signal.SIGQUIT),
            "a web process is killed": lambda: os.kill(worker_pids(self.port)[0], signal.SIGKILL),
            "PostgreSQL is killed (kill -9 of all)": self._kill_database,
            "Valkey is killed with all it held": self._kill_broker,
            "beat is killed": lambda: kill(self.beat),
        }

    def _restart(self, how: signal.Signals) -> None:
        self.server.stop(how)
        self.server.start()

    def _kill_database(self) -> None:
        main = self.server.process
        assert main is not None
        children = Path(f"/proc/{main.pid}/task/{main.pid}/children").read_text().split()
        for pid in (main.pid, *map(int, children)):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        main.wait()
        self.server.start()

    def _kill_broker(self) -> None:
        self.broker.kill()
        sleep(2)
        self.broker.start()


def bear(server: Postgres, database: str, post: MailServer, folder: Path, length: float) -> Outcome:
    """So many seconds of it, on a database to which the ORM of this process is connected."""
    places = [make_place(f"Plaats{number}", prefix="PL") for number in range(PLACES)]
    for place in places:
        release(organisation=place.organisation, period=MONTH, now=NOW)
    shift = NOW - timezone.now()
    url = server.url(database)
    how = {
        "DJANGO_SETTINGS_MODULE": "benchmarks.served",
        "CLOCK_SHIFT": str(shift.total_seconds()),
        "DATABASE_URL": url,
        "EVIDENCE_DIR": str(folder),
    }
    of_machine = {name: value for name, value in how.items() if name != "DATABASE_URL"} | {"EMAIL_TIMEOUT": "15"}
    with valkey() as broker, ExitStack() as at_the_end:
        machine = Machine(folder, database=url, broker=broker.url, mail=post.url, **of_machine)
        at_the_end.callback(machine.end)
        with served("vpdportal.wsgi", "/-/live", **how, CELERY_BROKER_URL=broker.url) as port:
            room, traffic = Room(server, broker, machine, port), _traffic(port, places)
            at_the_end.callback(room.leave)
            traffic.start()
            recovered = _break(room.faults(), traffic.told, length)
            traffic.stop()
        outcome = Outcome(traffic.told, length, recovered)
        connection.close()
        _wait_until_swept(post, outcome, shift)
    judge(outcome)
    return outcome


def _traffic(port: int, places: list[Place]) -> Traffic:
    traffic = Traffic(port)
    for place in places:
        for _number in range(REPORTERS):
            traffic.add_reporter(place)
        for role in ("adviser", "employee", "management"):
            for _number in range(READERS):
                traffic.add_reader(place.people[role], pages_for(place, role), READ_PACE)
    return traffic


def _break(faults: dict[str, Fault], told: Told, length: float) -> dict[str, list[float]]:
    """One fault after the other, each at least once; gives from its begin how long until a report came in again."""
    recovered: dict[str, list[float]] = {}
    began = monotonic()
    number = max(len(faults), round(length / EACH))
    for turn, name in enumerate(islice(cycle(faults), number)):
        sleep(max(0, began + QUIET + turn * (length - QUIET) / number - monotonic()))
        moment = monotonic()
        faults[name]()
        over = monotonic()  # what is acknowledged from here on came in after it
        while (first := told.first_after(over)) is None and monotonic() < moment + RECOVERY:
            sleep(0.05)
        recovered.setdefault(name, []).append(first - moment if first else float("inf"))
    sleep(max(0, began + length - monotonic()))
    return recovered


def _wait_until_swept(post: MailServer, outcome: Outcome, shift: timedelta) -> None:
    """Until all is mailed that was due when the people stopped.

    What a killed worker held comes back when its lease ends; a short run does not wait five minutes for that.
    """
    end, due_at = monotonic() + SWEPT, timezone.now() + shift
    if outcome.seconds < SWEPT:
        Mail.objects.filter(status="waiting").update(leased_until=None)
    while monotonic() < end:
        due = Notice.objects.filter(send_at__lte=due_at, mail=None, cancelled_at=None, task__is_on_hold=False)
        outcome.unsent = due.count() + Mail.objects.filter(status="waiting", created_at__lte=due_at).count()
        if not outcome.unsent:
            break
        sleep(1)
    outcome.mailed = len(post.accepted)
    outcome.mailed_twice = sum(number - 1 for number in post.copies().values())


def judge(outcome: Outcome) -> None:
    """Hold what people were told against what is there."""
    told = outcome.told
    there: dict[Any, list[Any]] = {}
    for key, pk in Incident.objects.values_list("idempotency_key", "pk"):
        there.setdefault(key, []).append(pk)
    for key, (led, _at) in told.acknowledged.items():
        found = there.get(key, [])
        outcome.lost += not any(str(pk) in led for pk in found)
        outcome.double += len(found) > 1
    told_of = set(told.acknowledged) | set(told.given_up)
    outcome.unasked = len(set(there) - told_of) + Draft.objects.exclude(pk__in=told.given_up).count()
    outcome.broken_chains = sum(not verify(own.pk).is_whole for own in Organisation.objects.all())
    for pks in there.values():
        rows = AuditEvent.objects.filter(action="incident.reported", object_id__in=pks).count()
        case = Incident.objects.get(pk=pks[0])
        codes = list(case.tasks.filter(step=0).values_list("code", flat=True))
        outcome.incomplete += rows != len(pks) or not codes or len(codes) != len(set(codes))


# --- what is told of it ----------------------------------------------------------------------------------------------


def figures(outcome: Outcome) -> Iterator[Figure]:
    told = outcome.told
    number, minutes = len(told.acknowledged), outcome.seconds / 60
    yield Figure("T21", "acknowledged reports", [number], unit="reports", more={"a minute": number / minutes})
    yield Figure("T21", "of these lost", [outcome.lost], unit="reports", most=0)
    yield Figure("T21", "of these there twice", [outcome.double], unit="reports", most=0)
    yield Figure("T21", "there, and nobody knows", [outcome.unasked], unit="reports", most=0)
    yield Figure("T21", "without advice, tasks or audit, or with two", [outcome.incomplete], unit="reports", most=0)
    yield Figure("T21", "chains of the audit trail that are broken", [outcome.broken_chains], unit="chains", most=0)
    yield Figure("T37", "given up after two minutes", [len(told.given_up)], unit="reports", most=0)
    answers = dict(sorted(told.answers.items()))
    yield Figure("T37", "pages of failure that do not say what to do", [len(told.unclear)], unit="pages", most=0,
                 more=answers)  # fmt: skip
    lost = {"it stood there": told.with_text}
    yield Figure("T37", "of these without what was typed", [told.without_text], unit="pages", most=0, more=lost)
    more = {"mails": outcome.mailed, "sent twice": outcome.mailed_twice}
    yield Figure("T37", "notices that were due and are not mailed", [outcome.unsent], unit="notices", most=0, more=more)
    for name, seconds in outcome.recovered.items():
        yield Figure("T37", f"{name}: until a report comes in", seconds, unit="s", most=RECOVERY,
                     more={"times": len(seconds)})  # fmt: skip
    for name, each in sorted(told.read.items()):
        took = [took * 1000 for _at, took in each]
        yield Figure("", f"{name}, read meanwhile", [median(took)], unit="ms", more={"times": len(took)})


def main() -> None:
    clock.set_to(NOW)
    with own_postgres(**SETTINGS) as server, tempfile.TemporaryDirectory(prefix="vpd-faults-") as name:
        Path(name).chmod(0o755)
        environment = {**os.environ, "DATABASE_URL": server.url()}
        migrate = [sys.executable, "manage.py", "migrate", "-v0"]
        subprocess.run(migrate, env=environment, check=True)
        post = MailServer()
        with connected(server.url()), everywhere():
            outcome = bear(server, "portal", post, Path(name), LENGTH)
        post.stop()
    say(outcome.told.unclear[:5])
    sizes = {"seconds": LENGTH, "faults": outcome.faults, "reporters": PLACES * REPORTERS}
    say(keep("faults", figures(outcome), sizes))


if __name__ == "__main__":
    main()
