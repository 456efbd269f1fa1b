"""What stops a start (T39): each unsafe setting, database and disk, named, beside a start that goes well."""

import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import prepared
from tests.conftest import need
from tests.environment import DEFAULTS
from tests.services import Postgres, own_postgres

ROOT = Path(__file__).resolve().parent.parent.parent
DEMO_SECRET = "demonstration-only-no-secret-at-all-0123456789abcdef"  # noqa: S105  published
DEMO_KEY = "demo:ZGVtb25zdHJhdGlvbi1vbmx5LTMyLWJ5dGVzLWtleSE="
OWN_KEYS = {
    "FIELD_KEYS": "k1:9v1nZ3mJm1o8iVw1cJ0gk2Qb4cU5n2b7r3c8xk0yqUE=",
    "LOOKUP_KEY": "u3Xq7oY3B8mJm1o8iVw1cJ0gk2Qb4cU5n2b7r3c8xkE=",
}
ELSEWHERE = {**OWN_KEYS, "PORTAL_URL": "https://vpd.example.org", "ALLOWED_HOSTS": "vpd.example.org"}
PLAIN = {name: value for name, value in os.environ.items() if name not in DEFAULTS and name != "DEMO"}
WEB, WORKER = (sys.executable, "-c", "import vpdportal.wsgi"), (
    *(sys.executable, "-m", "celery", "-A", "vpdportal", "worker"),
    *("--pool", "solo", "-l", "CRITICAL", "--without-mingle", "--without-gossip"),
)  # fmt: skip
CHECK = (sys.executable, "manage.py", "check", "--database", "default")


def run(*command: str, **environment: str) -> tuple[int, str]:
    """How a process ended, and its last words."""
    done = subprocess.run(
        command, cwd=ROOT, env={**PLAIN, **DEFAULTS, **environment}, capture_output=True, text=True, timeout=600
    )
    return done.returncode, done.stdout + done.stderr


# --- settings and disk -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"SECRET_KEY": DEMO_SECRET}, "SECRET_KEY is the demonstration's"),
        ({"SECRET_KEY": "kort-geheim"}, "SECRET_KEY is short"),
        ({"SECRET_KEY": "a" * 60}, "SECRET_KEY is short"),
        ({"FIELD_KEYS": ""}, "FIELD_KEYS is not set"),
        ({"FIELD_KEYS": DEMO_KEY}, "FIELD_KEYS holds a published key"),
        ({"FIELD_KEYS": f"{OWN_KEYS['FIELD_KEYS']}, {DEMO_KEY}"}, "FIELD_KEYS holds a published key"),
        ({**ELSEWHERE, "FIELD_KEYS": DEFAULTS["FIELD_KEYS"]}, "FIELD_KEYS holds a published key"),
        ({**ELSEWHERE, "LOOKUP_KEY": DEFAULTS["LOOKUP_KEY"]}, "LOOKUP_KEY is a published key"),
        ({**ELSEWHERE, "DEBUG": "1"}, "DEBUG is on"),
        ({**ELSEWHERE, "PORTAL_URL": "http://vpd.example.org"}, "PORTAL_URL is http"),
        ({**OWN_KEYS, "PORTAL_URL": "http://vpd.example.org"}, "PORTAL_URL is http"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else "",
)
def test_an_unsafe_setting_stops_every_process(change: dict[str, str], said: str):
    code, words = run(*WEB, **change)
    assert code == 1 and said in words.splitlines()[-1]
    assert DEMO_KEY.removeprefix("demo:") not in words, "what was set is not said again"


def test_safe_settings_start(tmp_path: Path):
    assert run(*WEB, DEBUG="1")[0] == 0, "on one's own machine"
    safe = {**ELSEWHERE, "EVIDENCE_DIR": str(tmp_path), "DJANGO_ALLOW_ASYNC_UNSAFE": ""}
    assert run(*WEB, **safe) == (0, "")
    code, words = run(sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING", **safe)
    assert code == 0 and "no issues (0 silenced)" in words


PLAIN_LINES = {
    "DATABASE_URL": "postgres://portal:x@database.invalid/portal?sslmode=require",
    "CELERY_BROKER_URL": "redis://broker.invalid:6379/0",
    "EMAIL_URL": "smtp://mail.invalid:25",
    "EVIDENCE_URL": "s3://bucket/portal?endpoint=http://store.invalid:9000",
}
SEALED_LINES = {
    "DATABASE_URL": "postgres://portal:x@database.invalid/portal?sslmode=verify-full",
    "CELERY_BROKER_URL": "rediss://broker.invalid:6379/0",
    "EMAIL_URL": "smtp+tls://mail.invalid:587",
    "EVIDENCE_URL": "s3://bucket/portal?endpoint=https://store.invalid:9000",
}


@pytest.mark.parametrize(("lines", "told"), [(PLAIN_LINES, True), (SEALED_LINES, False)], ids=["plain", "sealed"])
def test_a_line_to_another_machine_without_tls_is_told(lines: dict[str, str], told: bool, tmp_path: Path):
    safe = {**ELSEWHERE, "EVIDENCE_DIR": str(tmp_path), "DJANGO_ALLOW_ASYNC_UNSAFE": "", **lines}
    words = run(sys.executable, "manage.py", "check", "--deploy", "--tag", "security", **safe)[1]
    told_of = (("W002", "database"), ("W003", "broker"), ("W004", "mail server"), ("W007", "object store"))
    for number, what in told_of:
        assert (f"safe_start.{number}) The line to the {what}" in words) is told


def test_a_folder_that_cannot_be_written_stops_it(tmp_path: Path):
    (tmp_path / "file").write_text("not a folder")
    for folder in (tmp_path / "file", tmp_path / "file" / "in it"):
        code, words = run(*WEB, EVIDENCE_DIR=str(folder))
        assert code == 1 and "EVIDENCE_DIR cannot be written" in words.splitlines()[-1]
    assert run(*WEB, EVIDENCE_DIR=str(tmp_path / "new" / "folder"))[0] == 0


def test_a_database_that_is_away_stops_nothing():
    code, words = run(*WEB, DATABASE_URL="postgres://portal@127.0.0.1:9/portal")
    assert code == 0 and "The database does not answer: started without looking at it." in words


# --- PostgreSQL ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """One of its own, of which this test is the boss."""
    need("DATABASE_URL", "services")
    if not os.environ["DATABASE_URL"].startswith("postgres"):
        need("", "services")
    with own_postgres() as server:
        prepared.fill(server)
        yield server


@pytest.fixture
def boss(server: Postgres) -> Iterator[Callable[[str], None]]:
    """Does something as the superuser of the server, and afterwards everything is as it was."""
    back: list[str] = []

    def do(statement: str, *undo: str) -> None:
        server.ask(statement)
        back.extend(undo)

    yield do
    for statement in back:
        server.ask(statement)


class Pooler:
    """Hands on what goes between the portal and the database, and gives a process number of its own, as PgBouncer."""

    def __init__(self, port: int) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port, self.behind = self.server.getsockname()[1], port
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            line = self.server.accept()[0]
            behind = socket.create_connection(("127.0.0.1", self.behind))
            for one, other in ((line, behind), (behind, line)):
                threading.Thread(target=self._hand_on, args=[one, other], daemon=True).start()

    def _hand_on(self, one: socket.socket, other: socket.socket) -> None:
        while part := one.recv(65536):
            other.sendall(
                re.sub(rb"K\x00\x00\x00\x0c.{4}", b"K\x00\x00\x00\x0c\x00\x00\x00\x07", part, flags=re.DOTALL)
            )
        other.close()


Unsafe = Callable[[Postgres, Callable[..., None], Path], dict[str, str]]  # makes it so; gives what to start with


def told_to(act: str, undo: str) -> Unsafe:
    """Something that who runs the server may do to it by accident."""

    def arrange(server: Postgres, boss: Callable[..., None], _folder: Path) -> dict[str, str]:
        boss(act, undo)
        return {"DATABASE_URL": server.url()}

    return arrange


def two_organisations_on_sqlite(_server: Postgres, _boss: Callable[..., None], folder: Path) -> dict[str, str]:
    file = folder / "portal.sqlite3"
    environment = {"DATABASE_URL": f"sqlite:///{file}"}
    assert prepared.copy_sqlite(file) or run(sys.executable, "manage.py", "migrate", "-v0", **environment)[0] == 0
    for number in (1, 2):
        assert run(*WEB, **environment)[0] == 0, "as long as there is one"
        make = (
            "from vpdportal.accounts.models import Organisation as O;"
            f"O.objects.create(name='{number}', slug='{number}', kind='municipality', reference_prefix='AA')"
        )
        assert run(sys.executable, "manage.py", "shell", "--no-imports", "-c", make, **environment)[0] == 0
    return environment


def a_file_for_a_folder(server: Postgres, _boss: Callable[..., None], folder: Path) -> dict[str, str]:
    (folder / "file").write_text("not a folder")
    return {"DATABASE_URL": server.url(), "EVIDENCE_DIR": str(folder / "file")}


# T39, in the order of the design: each is refused by web and worker, and each alone.
TEN: dict[str, tuple[Unsafe, str]] = {
    "superuser": (lambda server, *_: {"DATABASE_URL": server.url(role="postgres")}, "passes row-level security by"),
    "bypasses the policies": (
        told_to("ALTER ROLE portal BYPASSRLS", "ALTER ROLE portal NOBYPASSRLS"),
        "passes row-level security by",
    ),
    "no forced policy": (
        told_to(
            "ALTER TABLE incidents_note NO FORCE ROW LEVEL SECURITY",
            "ALTER TABLE incidents_note FORCE ROW LEVEL SECURITY",
        ),
        "The table incidents_note does not enforce row-level security",
    ),
    "a key is missing": (lambda server, *_: {"DATABASE_URL": server.url(), "FIELD_KEYS": ""}, "FIELD_KEYS is not set"),
    "two organisations on SQLite": (two_organisations_on_sqlite, "SQLite serves one organisation only"),
    "late commit": (
        told_to("ALTER ROLE portal SET synchronous_commit = off", "ALTER ROLE portal RESET synchronous_commit"),
        "synchronous_commit is off",
    ),
    "a published secret": (
        lambda server, *_: {"DATABASE_URL": server.url(), "SECRET_KEY": DEMO_SECRET},
        "SECRET_KEY is the demonstration's",
    ),
    "clocks apart": (
        told_to(
            "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS "
            "$$ SELECT pg_catalog.clock_timestamp() + interval '61 seconds' $$; "
            "ALTER ROLE portal SET search_path = public, pg_catalog",
            "ALTER ROLE portal RESET search_path; DROP FUNCTION public.clock_timestamp()",
        ),
        "more than a minute apart",
    ),
    "files cannot be written": (a_file_for_a_folder, "EVIDENCE_DIR cannot be written"),
    "a pooler": (
        lambda server, *_: {"DATABASE_URL": f"postgres://portal@127.0.0.1:{Pooler(server.port).port}/portal"},
        "stands a pooler",
    ),
}


@pytest.mark.services
@pytest.mark.parametrize("name", TEN)
def test_ten_of_ten_unsafe_starts_are_refused(server: Postgres, boss: Callable[..., None], name: str, tmp_path: Path):
    assert len(TEN) == 10
    arrange, said = TEN[name]
    environment = arrange(server, boss, tmp_path)
    for command in (WEB, WORKER):
        code, words = run(*command, **environment)
        assert code == 1 and said in words, command


@pytest.mark.services
def test_without_any_of_the_ten_it_starts_also_afterwards(server: Postgres):
    """The control, on the same server and after all that was done to it."""
    for command in (CHECK, WEB):
        assert run(*command, DATABASE_URL=server.url())[0] == 0


@pytest.mark.services
def test_before_the_migration_it_may_be_migrated_and_serves_nobody(server: Postgres):
    server.create("old", template="portal")
    address = server.url("old")
    for app, before in (("incidents", "0012"), ("guidance", "0002"), ("audit", "0002"), ("accounts", "0006")):
        assert run(sys.executable, "manage.py", "migrate", app, before, "-v0", DATABASE_URL=address)[0] == 0
    assert run(*CHECK, DATABASE_URL=address)[0] == 0, "a warning, or `migrate` could not begin"
    code, words = run(*WEB, DATABASE_URL=address)
    assert code == 1 and "Run `manage.py migrate`" in words
    assert run(sys.executable, "manage.py", "migrate", "-v0", DATABASE_URL=address)[0] == 0
    assert run(*WEB, DATABASE_URL=address)[0] == 0
