"""What `make test` does: every check, and at the end how long each took.

What touches a database is tried on PostgreSQL, as an organisation runs the portal, with all its parameters. On SQLite
each such test is tried too, with the first of its parameters (`first_parameters` in tests/order.py);
`EVERYTHING=1 make test` tries all of it on both.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

given = dict(os.environ)  # before the tests' own defaults come in

from tests import order, prepared, services  # noqa: E402
from tests.environment import DEFAULTS  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
MEMORY = Path("/dev/shm")  # noqa: S108  a folder in memory, where there is one
ROOM = 4 * 1024**3  # bytes that the tests may need in it
KEPT = {"DATABASE_URL": "postgres", "CELERY_BROKER_URL": "redis"}  # a real server that is named wins
STATIC = {
    "lint": [PYTHON, "-m", "ruff", "check", "."],
    "format": [PYTHON, "-m", "ruff", "format", "--check", "."],
    "types": [PYTHON, "-m", "mypy"],
    "migrations": [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"],
    "style": [PYTHON, "run.py", "style", "--check"],
}
ON_SQLITE = "not browser and not services and not office"
ON_POSTGRESQL = "browser or services or office or not (no_database or once)"


class Checks:
    """What was done, how long each took and what failed."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.done: list[tuple[str, float, bool]] = []

    def run(self, name: str, command: list[str], environment: Mapping[str, str], *, aloud: bool = True) -> None:
        """`aloud`: its words are seen as they come; else together at its end, where something else runs beside it."""
        if aloud:
            print(f"\n== {name}", flush=True)
        how = {} if aloud else {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        began = time.monotonic()
        ended = subprocess.run(command, cwd=ROOT, env=dict(environment), text=True, **how)
        heading = "" if aloud else f"\n== {name}\n{ended.stdout}"
        self._note(name, began, ended.returncode == 0, heading)

    def make(self, name: str, making: Callable[[], dict[str, str]]) -> dict[str, str]:
        """What `making` gives; nothing where it fails."""
        began = time.monotonic()
        try:
            made = making()
        except (OSError, subprocess.CalledProcessError) as error:
            self._note(name, began, False, f"\n== {name}\n{error}\n")
            return {}
        self._note(name, began, True, f"\n== {name}\n")
        return made

    def tell(self) -> int:
        """The summary; gives the exit code."""
        print("\n== where the time went")
        for name, seconds, _is_right in self.done:
            print(f"{seconds:7.0f} s  {name}")
        print(f"{time.monotonic() - self.began:7.0f} s  all of it")
        failed = [name for name, _seconds, is_right in self.done if not is_right]
        print("\n" + (f"FAILED: {', '.join(failed)}" if failed else "All checks passed."), flush=True)
        return 1 if failed else 0

    def _note(self, name: str, began: float, is_right: bool, words: str) -> None:
        seconds = time.monotonic() - began
        print(f"{words}-- {name}: {seconds:.0f} s", flush=True)
        self.done.append((name, seconds, is_right))


def main() -> int:
    checks = Checks()
    # What was compiled once is read by the thousands of processes after it.
    plain = {name: value for name, value in given.items() if name != "PYTHONDONTWRITEBYTECODE" and is_plain(name)}
    with temporary_folder() as folder, services.own_postgres() as server, services.valkey() as broker:
        plain |= {"TMPDIR": str(folder)}
        on_sqlite = {name: value for name, value in plain.items() if name not in KEPT}
        on_postgresql = {"DATABASE_URL": server.url(), "CELERY_BROKER_URL": broker.url, **plain}
        beside = threading.Thread(target=static_checks, args=[checks, {**DEFAULTS, **plain}])
        beside.start()
        tables = checks.make("tables on SQLite", lambda: prepared.prepare_sqlite(folder))
        on_sqlite |= tables
        on_postgresql |= tables  # for what a test starts on SQLite by itself
        if "DATABASE_URL" not in plain:
            on_postgresql |= checks.make("tables on PostgreSQL", lambda: prepared.prepare_postgres(server, folder))
        beside.join()
        if not given.get("EVERYTHING"):
            on_sqlite[order.FIRST_PARAMETERS_ONLY] = "1"
        checks.run("tests on SQLite", pytest(ON_SQLITE), on_sqlite)
        checks.run("tests on PostgreSQL, Valkey and Chromium", pytest(ON_POSTGRESQL), on_postgresql)
    return checks.tell()


def is_plain(name: str) -> bool:
    """Whether it is not a setting of the tests; and a real server that is named stays."""
    return name not in DEFAULTS or given[name].startswith(KEPT.get(name, "?"))


def static_checks(checks: Checks, environment: dict[str, str]) -> None:
    for name, command in STATIC.items():
        checks.run(name, command, environment, aloud=False)


def pytest(which: str) -> list[str]:
    return [PYTHON, "-m", "pytest", "-n", "2", "--dist", "worksteal", "--durations", "25", "-m", which]


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """For databases and files of the tests: in memory where there is room, as nothing of it must last."""
    room = os.statvfs(MEMORY) if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) else None
    has_room = room is not None and room.f_bavail * room.f_frsize > ROOM
    with tempfile.TemporaryDirectory(prefix="vpd-", dir=MEMORY if has_room else None) as name:
        folder = Path(name)
        folder.chmod(0o755)  # the servers run as another user
        before, tempfile.tempdir = tempfile.tempdir, name
        try:
            yield folder
        finally:
            tempfile.tempdir = before


if __name__ == "__main__":
    raise SystemExit(main())
