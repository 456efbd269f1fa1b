"""Databases with the portal's tables, made once for a run of all tests: migrating takes tens of seconds, a copy one.

tests/everything.py makes them and names them in the environment. Where nobody did, whoever needs one migrates.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.environment import DEFAULTS
from tests.services import Postgres

ROOT = Path(__file__).resolve().parent.parent
SQLITE = "PREPARED_SQLITE"  # a file to copy
TEMPLATE = "PREPARED_TEMPLATE"  # a database on the server of DATABASE_URL, to make others of
DUMP = "PREPARED_DUMP"  # the same as a file, for a server of one's own


def prepare_sqlite(folder: Path) -> dict[str, str]:
    """What names it, for the environment of the tests. Raises CalledProcessError where migrating fails."""
    file = folder / "prepared.sqlite3"
    _migrate(f"sqlite:///{file}")
    return {SQLITE: str(file)}


def prepare_postgres(server: Postgres, folder: Path) -> dict[str, str]:
    """As `prepare_sqlite`, as a database of this server and as a file."""
    server.create("prepared")
    _migrate(server.url("prepared"))
    file = folder / "prepared.dump"
    file.write_bytes(server.dump("prepared"))
    return {TEMPLATE: "prepared", DUMP: str(file)}


def copy_sqlite(target: Path) -> bool:
    """Copies the prepared file; False where there is none."""
    made = os.environ.get(SQLITE)
    if made:
        shutil.copy(made, target)
    return bool(made)


def fill(server: Postgres, database: str = "portal") -> None:
    """The portal's tables in this empty database."""
    if made := os.environ.get(DUMP):
        server.load(Path(made), database)
    else:
        _migrate(server.url(database))


def _migrate(database: str) -> None:
    environment = {**os.environ, **DEFAULTS, "DATABASE_URL": database}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
