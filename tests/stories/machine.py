"""Real Celery processes (workers, beats) for the tests, and the time they live in."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from tests.environment import DEFAULTS

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 150  # seconds: a machine that does other work as well is slow
TASK = "incidents.tasks.sweep"
Process = subprocess.Popen[bytes]


class Machine:
    """Starts workers and beats on a database, a broker and a mail server. Their words are in `folder`."""

    def __init__(self, folder: Path, *, database: str, broker: str, mail: str, **more: str) -> None:
        self.folder = folder
        self.environment = {
            **os.environ, **DEFAULTS, "DATABASE_URL": database, "CELERY_BROKER_URL": broker, "EMAIL_URL": mail,
            "SWEEP_SECONDS": "1", **more,
        }  # fmt: skip
        self.processes: list[Process] = []

    def start(self, *command: str, **how: int) -> Process:
        with (self.folder / "words.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT, env=self.environment, stderr=log, start_new_session=True, **{"stdout": log, **how},
            )  # fmt: skip
        self.processes.append(process)
        return process

    def start_worker(self, processes: int = 2) -> Process:
        name = f"worker{len(self.processes)}@%h"
        return self._celery("worker", "-c", str(processes), "-n", name)

    def start_beat(self) -> Process:
        return self._celery("beat", "-s", str(self.folder / f"beat-{len(self.processes)}"))

    def _celery(self, *command: str) -> Process:
        return self.start("celery", "-A", "vpdportal", *command, "-l", "WARNING")

    def end(self) -> None:
        for process in self.processes:
            kill(process)

    def words(self) -> str:
        """The last of what the processes said, for the message of a test that fails."""
        return (self.folder / "words.log").read_text(errors="replace")[-3000:]


class Clock:
    """The time of a machine's processes, which the test moves. It starts on a given moment, and goes on from there."""

    def __init__(self, file: Path, start: datetime) -> None:
        self.file, self.shift = file, start - timezone.now()
        self.move()

    def move(self, **span: float) -> None:
        self.shift += timedelta(**span)
        written = self.file.with_suffix(".new")
        written.write_text(str(self.shift.total_seconds()))
        written.replace(self.file)

    def now(self) -> datetime:
        return timezone.now() + self.shift

    def copy(self, **off: float) -> "Clock":
        """Another clock, which is off by so much."""
        return Clock(self.file.with_name("another clock"), self.now() + timedelta(**off))


def kill(process: Process) -> None:
    """kill -9 of the process and all its children at once, as when the power goes."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(what: Callable[[], bool], words: str | Callable[[], str], patience: float = PATIENCE) -> None:
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if what():
            return
        time.sleep(0.1)
    pytest.fail(f"after {patience} s still not: {words if isinstance(words, str) else words()}")
