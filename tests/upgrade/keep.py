"""Keeps a small database of a release, filled by that release itself, for the test of upgrading from it.

    python -m tests.upgrade.keep NAME            of the program as it is here
    python -m tests.upgrade.keep NAME FOLDER     of another one, such as `git worktree add /tmp/old v1.0`

Run it at each release, before the first migration of the next one. Writes NAME.sql.xz, NAME.files.tar.xz (the sealed
files) and NAME.json (what must be there after an upgrade) beside this file. All people in it are fictional.
"""

import lzma
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from tests.environment import DEFAULTS
from tests.services import Postgres, own_postgres

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
REPORTS = 4  # besides those that the demonstration makes for its stories
# Run within the release that is kept: `here` and `folder` are given.
FILL = """
import hashlib, json
from contextlib import nullcontext
from datetime import UTC, datetime
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
try:
    from vpdportal.tenancy import everywhere
except ImportError:  # releases of before the policies
    everywhere = nullcontext
moment = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
settings.DEMO = True
settings.EMAIL_BACKEND = "vpdportal.demo.mailbox.MailboxBackend"
from vpdportal import clock
clock.now = lambda: moment
from vpdportal.demo.fill import fill
from vpdportal.demo.models import DemoPerson
from incidents.overview.releases import release_due
from incidents.models import Incident
from vpdportal.accounts.models import Organisation
with everywhere():
    fill(now=moment, reports=REPORTS)
    release_due(now=moment)
    DemoPerson.objects.all().delete()  # from here on it is as if they were real
    Organisation.objects.update(is_demo=False)
    stories = {str(one.pk): hashlib.sha256(one.story.encode()).hexdigest() for one in Incident.objects.all()}
    rows = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            rows[table] = cursor.fetchone()[0]
        cursor.execute("SELECT app, max(name) FROM django_migrations GROUP BY app")
        migrations = dict(cursor.fetchall())
open(TARGET, "w").write(json.dumps({"moment": moment.isoformat(), "migrations": migrations, "rows": rows,
    "stories": stories}, indent=1, sort_keys=True) + "\\n")
"""


def keep(name: str, tree: Path) -> None:
    with own_postgres() as server, tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "files"
        files.mkdir()
        environment = {**os.environ, **DEFAULTS, "DATABASE_URL": server.url(), "EVIDENCE_DIR": str(files)}
        code = f"REPORTS, TARGET = {REPORTS}, {str(HERE / f'{name}.json')!r}\n{FILL}"
        for command in (["migrate", "-v0"], ["shell", "--no-imports", "-c", code]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=tree, env=environment, check=True)
        (HERE / f"{name}.sql.xz").write_bytes(lzma.compress(dump(server), preset=9 | lzma.PRESET_EXTREME))
        with tarfile.open(HERE / f"{name}.files.tar.xz", "w:xz") as archive:
            archive.add(files, arcname=".")


def dump(server: Postgres) -> bytes:
    """All of the database as statements, whoever will own it."""
    command = [server.binaries / "pg_dump", "--no-owner", "--no-privileges", "--no-comments"]
    address = server.url(role="postgres")
    return subprocess.run([*command, "-d", address], check=True, capture_output=True).stdout


if __name__ == "__main__":
    keep(sys.argv[1], Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT)
