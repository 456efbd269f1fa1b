"""A database of an earlier release, as `tests.upgrade.keep` wrote it down, on a real PostgreSQL."""

import json
import lzma
import os
import subprocess
import sys
import tarfile
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from django.db.backends.postgresql.base import Database

from tests.environment import DEFAULTS
from tests.services import Postgres

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
RELEASES = sorted(path.stem for path in HERE.glob("*.json"))
GLANCE = 0.005  # seconds between two looks at the locks
# What stops readers, or writers only: https://www.postgresql.org/docs/current/explicit-locking.html
STOPPING = ("AccessExclusiveLock", "ExclusiveLock", "ShareRowExclusiveLock", "ShareLock")


@dataclass
class Kept:
    """One of them in a database of its own, with its sealed files in `folder`."""

    name: str
    server: Postgres
    folder: Path
    after: dict[str, int] = field(default_factory=dict)  # rows of each table after the upgrade

    @property
    def url(self) -> str:
        return self.server.url(self.name)

    @cached_property
    def told(self) -> dict[str, Any]:
        """What the release itself wrote down: rows of each table, digest of each story, migrations, moment."""
        told: dict[str, Any] = json.loads((HERE / f"{self.name}.json").read_text())
        return told

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.told["moment"])

    def restore(self) -> None:
        self.server.create(self.name)
        statements = lzma.decompress((HERE / f"{self.name}.sql.xz").read_bytes())
        command = [self.server.binaries / "psql", "-1", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.url, "-f", "-"]
        subprocess.run(command, input=statements, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(HERE / f"{self.name}.files.tar.xz") as archive:
            archive.extractall(self.files, filter="data")

    @property
    def files(self) -> Path:
        return self.folder / "files"

    def run(self, *command: str) -> tuple[int, str]:
        """How a process of the program as it is here ended, and what it said."""
        environment = {**os.environ, **DEFAULTS, "DATABASE_URL": self.url, "EVIDENCE_DIR": str(self.files)}
        done = subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def rows(self) -> dict[str, int]:
        with closing(Database.connect(self.server.url(self.name, role="postgres"))) as line, line.cursor() as cursor:
            cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
            found = {}
            for (table,) in cursor.fetchall():
                cursor.execute(f'SELECT count(*) FROM "{table}"')
                found[table] = cursor.fetchone()[0]
            return found


class LocksWatched:
    """Looks each few milliseconds at which tables are shut, and for how long they were at a stretch."""

    def __init__(self, kept: Kept) -> None:
        self._address = kept.server.url(kept.name, role="postgres")
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.longest: dict[str, float] = {}  # seconds by table

    def __enter__(self) -> "LocksWatched":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _watch(self) -> None:
        since: dict[str, float] = {}
        question = (
            "SELECT DISTINCT relation::regclass::text FROM pg_locks JOIN pg_class ON pg_class.oid = relation "
            "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND granted AND mode = ANY(%s)"
        )
        with closing(Database.connect(self._address)) as line, line.cursor() as cursor:
            line.autocommit = True
            while not self._is_over.wait(GLANCE):
                cursor.execute(question, [list(STOPPING)])
                now = time.monotonic()
                since = {table: since.get(table, now) for (table,) in cursor.fetchall()}
                for table, began in since.items():
                    self.longest[table] = max(self.longest.get(table, 0), now - began)
