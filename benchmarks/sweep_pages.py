"""What someone feels at the pages of the portal: the slowest of twenty, at rest and while something else works."""

import http.client
import os
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median, quantiles

import psycopg2
from django.conf import settings
from django.urls import reverse

from benchmarks.sweep_rows import SESSION
from tests.services import free_port

WANTED = 1.5  # times as long as at rest, at most
PACE = 1 / 8  # seconds from one request to the next: a slow answer does not slow the next question
PATIENCE = 30  # seconds
PAGES = ("work_list", "my_tasks")
WORKERS = 2
HELD_UP = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
LONGEST = """
    SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"""


@dataclass
class Pages:
    """What was seen over all rounds."""

    at_rest: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # seconds, p95 of each round
    at_work: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    looks: int = 0  # at the locks of the database
    held_up: int = 0  # of these, with someone who waited for another
    longest: float = 0  # seconds that a transaction was seen to last

    def measure(self, port: int, seconds: float, process: "subprocess.Popen[str] | None") -> None:
        """Look at the pages for so long, or until the process has ended."""
        took: dict[str, list[float]] = defaultdict(list)
        if not self.at_rest:
            for page in PAGES:  # the first look makes ready what all others use
                _open(port, page)
        began, number = time.perf_counter(), 0
        while _goes_on(process, time.perf_counter() - began, seconds):
            page = PAGES[number % len(PAGES)]
            took[page].append(_open(port, page))
            number += 1
            time.sleep(max(0, began + number * PACE - time.perf_counter()))
        for page, each in took.items():
            (self.at_work if process else self.at_rest)[page].append(_p95(each))

    @contextmanager
    def watching_locks(self, url: str) -> Iterator[None]:
        """Ask the database ten times a second who waits for whom, and how long a transaction lasts."""
        is_over = threading.Event()
        watcher = threading.Thread(target=self._watch_locks, args=[url, is_over])
        watcher.start()
        try:
            yield
        finally:
            is_over.set()
            watcher.join()

    def _watch_locks(self, url: str, is_over: threading.Event) -> None:
        line = psycopg2.connect(url)
        line.autocommit = True
        with line.cursor() as cursor:
            while not is_over.wait(0.1):
                cursor.execute(HELD_UP)
                self.looks, self.held_up = self.looks + 1, self.held_up + bool(cursor.fetchone()[0])
                cursor.execute(LONGEST)
                self.longest = max(self.longest, float(cursor.fetchone()[0]))
        line.close()

    def lines(self) -> Iterator[str]:
        yield f"  {'':16}{'p95 at rest, ms':>18}{'during a sweep, ms':>20}{'times':>8}{'lowest – highest':>20}"
        for page in PAGES:
            rest, work = self.at_rest[page], self.at_work[page]
            ratios = sorted(one / other for one, other in zip(work, rest, strict=True))
            spread = f"{ratios[0]:.2f} – {ratios[-1]:.2f}"
            yield (
                f"  {page:16}{median(rest) * 1000:18.1f}{median(work) * 1000:20.1f}{median(ratios):8.2f}{spread:>20}"
                f"  {'kept' if median(ratios) <= WANTED else 'MISSED'}"
            )
        yield (
            f"  Locks: someone waited in {self.held_up} of {self.looks} looks; "
            f"the longest transaction that was seen took {self.longest:.2f} s."
        )


@contextmanager
def served(url: str) -> Iterator[int]:
    """The portal under gunicorn on this database; gives its port. The first answers, which are slow, are given."""
    port = free_port()
    command = ["gunicorn", "vpdportal.wsgi", "-b", f"127.0.0.1:{port}", "-w", str(WORKERS), "--log-level", "error"]
    server = subprocess.Popen(
        [sys.executable, "-m", *command, "--no-control-socket"],
        env={**os.environ, "DATABASE_URL": url, "PORTAL_URL": f"http://127.0.0.1:{port}"},
    )
    try:
        _wait(port)
        for _time in range(5 * WORKERS):
            for page in PAGES:
                _open(port, page)
        yield port
    finally:
        server.terminate()
        server.wait(PATIENCE)


def _wait(port: int) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if _status(port, "/-/live") == http.client.OK:
                return
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
    raise SystemExit("the web server did not start")


def _open(port: int, page: str) -> float:
    """Seconds until the whole page was there."""
    began = time.perf_counter()
    if (status := _status(port, reverse(page))) != http.client.OK:
        raise SystemExit(f"{page} answered {status}: this measured nothing")
    return time.perf_counter() - began


def _status(port: int, path: str) -> int:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        line.request("GET", path, headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={SESSION}"})
        answer = line.getresponse()
        answer.read()
        return answer.status
    finally:
        line.close()


def _goes_on(process: "subprocess.Popen[str] | None", passed: float, seconds: float) -> bool:
    return process.poll() is None if process else passed < seconds


def _p95(seconds: list[float]) -> float:
    return quantiles(seconds, n=20, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]
