"""What a pooler between the portal and the database would do: `python -m benchmarks.pooler PGBOUNCER`, by hand.

The argument is the program of PgBouncer (`apt install pgbouncer`). Threads ask mixed questions of two organisations in
turns, and what comes back of another organisation is counted: ADR 31 says why the portal refuses to start behind one.
"""

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Any
from uuid import UUID

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.utils import load_backend

from benchmarks.month_rows import add_reports, make_town
from benchmarks.servers import again_beside_postgres
from incidents.models import Incident, Task
from tests.services import NOBODY, free_port
from vpdportal.tenancy import everywhere, within

REQUESTS, THREADS, POOL = 10_000, 8, 3
REPORTS = 200  # of each organisation
OURS, PLAIN = "vpdportal.database", "django.db.backends.postgresql"
LOCAL = "SELECT set_config('vpd.everywhere', 'off', true), set_config('vpd.organisations', %s, true)"


@contextmanager
def pgbouncer(program: str, database_port: int, mode: str) -> Iterator[int]:
    """A PgBouncer in front of the database; gives its port."""
    port = free_port()
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "users").write_text('"portal" ""\n')
        (folder / "ini").write_text(
            f"[databases]\n* = host=127.0.0.1 port={database_port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
            f"listen_port = {port}\nauth_type = trust\nauth_file = {folder}/users\npool_mode = {mode}\n"
            f"default_pool_size = {POOL if mode == 'transaction' else 2 * THREADS}\nunix_socket_dir =\n"
        )
        as_nobody = {"user": NOBODY, "group": NOBODY} if os.getuid() == 0 else {}
        process = subprocess.Popen([program, "-q", str(folder / "ini")], **as_nobody)  # type: ignore[call-overload]
        try:
            sleep(1)
            yield port
        finally:
            process.terminate()
            process.wait()


def in_session(own: UUID) -> Any:
    """As the portal does: the backend tells the session whose rows it may touch, where that has changed."""
    return within([own])


@contextmanager
def in_transaction(own: UUID) -> Iterator[None]:
    """As one would have to behind a pooler: each question in a transaction that is told it anew."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCAL, [f"{{{own}}}"])
        yield


def ask(chance: Random) -> set[UUID]:
    """One of several questions, without a filter; of which organisations the answer is."""
    model = chance.choice((Incident, Task))
    rows = model.objects.order_by().values_list("organisation_id", flat=True)
    return set(rows if chance.random() < 0.5 else rows.distinct())  # noqa: PLR2004


def crowd(port: int, engine: str, scope: Callable[[UUID], Any], own: list[UUID]) -> tuple[Counter[str], float]:
    """How many questions were answered with nothing wrong, with foreign rows, without one's own; and the seconds."""
    settings = {**connection.settings_dict, "PORT": str(port), "ENGINE": engine}
    found: Counter[str] = Counter()

    def run(number: int) -> None:
        connections[DEFAULT_DB_ALIAS] = load_backend(engine).DatabaseWrapper(settings, DEFAULT_DB_ALIAS)
        chance, seen = Random(number), Counter[str]()  # noqa: S311
        for _request in range(REQUESTS // THREADS):
            mine = chance.choice(own)
            with scope(mine):
                there = ask(chance)
            seen["foreign rows"] += bool(there - {mine})
            seen["own rows missing"] += mine not in there
            seen["asked"] += 1
        connections.close_all()
        found.update(seen)

    threads = [threading.Thread(target=run, args=[number]) for number in range(THREADS)]
    began = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if found["asked"] != REQUESTS:
        raise SystemExit("not every thread came to its end: this measured nothing")
    return found, perf_counter() - began


def refuses(port: int) -> str:
    """What the start of the portal says behind this port."""
    found = connection.settings_dict
    address = f"postgres://{found['USER']}@127.0.0.1:{port}/{found['NAME']}"
    check = [sys.executable, "manage.py", "check", "--database", "default"]
    done = subprocess.run(check, env={**os.environ, "DATABASE_URL": address}, capture_output=True, text=True)
    return "refused to start" if done.returncode and "safe_start.E006" in done.stderr else "STARTED"


def report(program: str) -> Iterator[str]:
    with everywhere():
        call_command("migrate", verbosity=0)
        towns = [make_town(name, name.lower()) for name in ("Vlinderwaard", "Elders")]
        for town in towns:
            add_reports(town, REPORTS)
    own, direct = [town.organisation.pk for town in towns], int(connection.settings_dict["PORT"])
    with pgbouncer(program, direct, "transaction") as pooled, pgbouncer(program, direct, "session") as whole:
        yield f"{REQUESTS:,} questions of {len(own)} organisations, {THREADS} threads, {POOL} connections in the pool"
        for name, port, engine, scope in (
            ("as in use, straight to the database", direct, OURS, in_session),
            ("as in use, through a pooler by transaction", pooled, OURS, in_session),
            ("as in use, through a pooler by session", whole, OURS, in_session),
            ("told in each transaction, through a pooler", pooled, PLAIN, in_transaction),
            ("told nothing, through a pooler", pooled, PLAIN, lambda _own: nullcontext()),
        ):
            found, took = crowd(port, engine, scope, own)
            yield (
                f"  {name:46} foreign rows {found['foreign rows']:6,}, own rows missing "
                f"{found['own rows missing']:6,}, {took:6.1f} s"
            )
        yield f"  a portal behind it: {refuses(pooled)} (by transaction), {refuses(whole)} (by session)"


if __name__ == "__main__":
    if sys.argv[2:] == ["--here"]:
        for line in report(sys.argv[1]):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
    else:
        again_beside_postgres("pooler")
