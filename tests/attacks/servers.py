"""Servers to attack: the planted one, and a portal that is new for each attack, as none leaves it as it was."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.attacks.told import Told
from tests.environment import DEFAULTS
from tests.services import Postgres, answering, free_port

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 300  # seconds in which a server must answer: several start at once
# No addresses of people and no words: what was asked, and the answer's number.
LINE = "%(s)s %(m)s %(U)s"
WEB = [sys.executable, "-m", "gunicorn", "vpdportal.wsgi", "--threads", "8", "--no-control-socket"]


class Filled:
    """A database and files to attack. Each attack gets a copy."""

    def __init__(self, server: Postgres, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.told = self._fill()

    def _fill(self) -> Told:
        environment = _environment(self.server.url(), self.folder / "filled")
        (self.folder / "filled").mkdir()
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
        command = [sys.executable, "-m", "tests.attacks.fill"]
        said = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE)
        told: Told = json.loads(said.stdout.splitlines()[-1])
        return told

    @contextmanager
    def portal(self, name: str, log: Path) -> Iterator[str]:
        """A portal of its own; gives its address. `log`: what it says, and with the ending .asked each request."""
        self.server.create(name, template="portal")
        shutil.copytree(self.folder / "filled", self.folder / name)
        command = [*WEB, "--access-logfile", str(log.with_suffix(".asked")), "--access-logformat", LINE]
        with _running(command, _environment(self.server.url(name), self.folder / name), "/-/live", log) as address:
            yield address


@contextmanager
def planted() -> Iterator[str]:
    """The server with two holes; gives its address."""
    with _running([sys.executable, "-m", "tests.attacks.planted"], dict(os.environ), "/", Path(os.devnull)) as address:
        yield address


def _environment(database: str, folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        **DEFAULTS,
        "DJANGO_SETTINGS_MODULE": "tests.attacks.attacked",
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": database,
        "EVIDENCE_DIR": str(folder),
        "PORTAL_URL": "http://127.0.0.1",
        "EMAIL_URL": f"filemail://{folder}-mails",
    }


@contextmanager
def _running(command: list[str], environment: dict[str, str], ready: str, log: Path) -> Iterator[str]:
    port = str(free_port())
    where = ["-b", f"127.0.0.1:{port}"] if "gunicorn" in command else [port]
    address = f"http://127.0.0.1:{port}"
    with answering([*command, *where], address + ready, log, PATIENCE, cwd=ROOT, env=environment):
        yield address
