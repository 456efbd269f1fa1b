"""What a small municipality needs on one machine: `run.py bench size`. Memory of each process, disk for incidents.

Memory is what a process has for itself and its part of what it shares (PSS), after people used every
kind of page and reminders ran. Rows are those of the benchmark of a nation, in the numbers that a report
brings in real use; a photo is one of a telephone. Nothing here is a ratio: it is for whoever buys a machine.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from time import sleep
from typing import Any

from django.db import connection
from django.utils import timezone
from PIL import Image

from benchmarks import nation
from benchmarks.figures import Figure, keep, say
from benchmarks.memory import acts_of, ask_until
from benchmarks.month_rows import NOW
from benchmarks.people import People
from benchmarks.policies import make_rows
from benchmarks.servers import ROOT
from tests import clock
from tests.environment import DEFAULTS
from tests.services import answering, free_port, own_postgres, valkey
from tests.smtp import MailServer
from tests.stories.machine import Machine
from vpdportal.picture_copy import copy_of
from vpdportal.sealed_files import pieces_of, seal_pieces
from vpdportal.tenancy import everywhere

STAFF, OWN, REPORTS = 500, 300, 10_000  # people of the municipality; its open cases; reports for the disk
REQUESTS = 1_000
MIB = 1024 * 1024
IDLE = 20  # seconds of rounds that remind nobody, before memory is read
PHOTO = (4032, 3024)
# As PostgreSQL comes, with the memory that a machine of 4 GB can spare.
SETTINGS = {"fsync": "on", "full_page_writes": "on", "autovacuum": "on", "synchronous_commit": "on"}


def memory_below(pid: int) -> float:
    """MiB of a process and all it started; a page that several share counts once."""
    total, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        try:
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text()
            waiting += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total / 1024


def memory(server: int, folder: Path, requests: int) -> Iterator[Figure]:
    """Web as the image starts it (two processes of four threads), one worker, beat, PostgreSQL (process `server`)."""
    with everywhere():
        town, case = make_rows(OWN, 0)
        people = People(town)
    port, post, log = free_port(), MailServer(), folder / "web.log"
    shift = str((NOW - timezone.now()).total_seconds())
    with valkey() as broker:
        how = {"DJANGO_SETTINGS_MODULE": "benchmarks.served", "CLOCK_SHIFT": shift, "EVIDENCE_DIR": str(folder),
               "PORTAL_URL": "http://127.0.0.1", "LOG_FORMAT": "json", "PYTHONPATH": str(ROOT)}  # fmt: skip
        machine = Machine(folder, database=os.environ["DATABASE_URL"], broker=broker.url, mail=post.url, **how)
        command = [sys.executable, "-m", "gunicorn", "vpdportal.wsgi", "-c", "deploy/gunicorn.conf.py"]
        environment = {**DEFAULTS, **os.environ, **machine.environment}
        try:
            address = f"http://127.0.0.1:{port}/-/live"
            with answering([*command, "-b", f"127.0.0.1:{port}"], address, log, cwd=ROOT, env=environment):
                parts = {"worker (-c 1)": machine.start_worker(1).pid, "beat": machine.start_beat().pid}
                web = subprocess.run(["pgrep", "-f", f"127.0.0.1:{port}"], capture_output=True, text=True, check=True)
                parts = {"web (2 processes)": min(map(int, web.stdout.split())), **parts}
                assert broker.process is not None
                parts |= {"PostgreSQL": server, "Valkey": broker.process.pid}
                before = log.stat().st_size
                ask_until(requests, 0, acts_of(people, port, [str(case.pk)]), Random(9))  # noqa: S311
                written = log.stat().st_size - before
                sleep(IDLE)
                last = {name: memory_below(pid) for name, pid in parts.items()}
        finally:
            machine.end()
            post.stop()
    for name, now in last.items():
        yield Figure("", f"memory of {name} after use", [now], unit="MiB")
    yield Figure("", "memory of all of it", [sum(last.values())], unit="MiB")
    yield Figure("", "log of 1,000 requests, as JSON", [written / requests * 1000 / 1024], unit="KiB")


def disk(reports: int) -> Iterator[Figure]:
    """One municipality, its first half of the reports and its second: what the second brought."""
    nation.ORGANISATIONS, nation.PEOPLE = 1, STAFF
    rows = nation.Nation()
    rows.grow(reports // 2)
    before = _sizes()
    rows.grow(reports)
    after = _sizes()
    grown = {name: (after[name] - before[name]) / (reports // 2) * 1000 / MIB for name in after}
    whole = grown.pop("")
    most = sorted(grown, key=lambda name: -grown[name])[:6]
    more = {name: round(grown[name], 1) for name in most}
    yield Figure("", "database for 1,000 incidents, with indexes", [whole], unit="MiB", more=more)
    audit = grown.get("audit_auditevent", 0)
    yield Figure("", "of these the audit log", [audit], unit="MiB")


def _sizes() -> dict[str, int]:
    """Bytes of each table with its indexes, and under "" of the database."""
    with everywhere(), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute(
            "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' AND relname !~ '^bench_' "
            "AND relnamespace = 'public'::regnamespace"
        )
        sizes: dict[str, int] = dict(cursor.fetchall())
    return {**sizes, "": sum(sizes.values())}


def files(folder: Path) -> Iterator[Figure]:
    """A photo of a telephone, with the copy for looking at, as they are stored; and what sealing adds to a video."""
    noise = Image.effect_noise((PHOTO[0] // 4, PHOTO[1] // 4), 60).resize(PHOTO).convert("RGB")
    noise.save(folder / "photo.jpg", quality=85)
    content = (folder / "photo.jpg").read_bytes()
    sealed = [sum(map(len, seal_pieces(_pieces(one), place="bench"))) for one in (content, copy_of(content))]
    more = {"as it came": round(len(content) / MIB, 2), "copy for looking at": round(sealed[1] / MIB, 2)}
    yield Figure("", "a photo in the store", [sum(sealed) / MIB], unit="MiB", more=more)
    video = 20 * MIB
    stored = sum(map(len, seal_pieces((bytes(MIB) for _piece in range(20)), place="bench")))
    yield Figure("", "what sealing adds to 20 MiB of video", [stored - video], unit="bytes")


def _pieces(content: bytes) -> Iterator[bytes]:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        yield from pieces_of(file)


def report(given: Any) -> Iterator[str]:
    found = list[Figure]()
    with tempfile.TemporaryDirectory(prefix="vpd-size-") as name:
        for part in (files(Path(name)), disk(given.reports), memory(given.server, Path(name), given.requests)):
            for figure in part:
                found.append(figure)
                yield f"  {figure.what}: {figure.runs[0]:.1f} {figure.unit} {figure.more or ''}"
    yield from keep("size", found, {"reports": given.reports, "requests": given.requests})


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--reports", type=int, default=REPORTS)
    asked.add_argument("--requests", type=int, default=REQUESTS)
    asked.add_argument(
        "--server", type=int, help="the process of PostgreSQL, of which DATABASE_URL is an empty database"
    )
    given = asked.parse_args()
    clock.set_to(NOW)
    if given.server:
        say(report(given))
        return
    with own_postgres(**SETTINGS) as server:
        assert server.process is not None
        environment = {**os.environ, "DATABASE_URL": server.url()}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=environment, check=True)
        again = [sys.executable, "-m", "benchmarks.size", *sys.argv[1:], "--server", str(server.process.pid)]
        raise SystemExit(subprocess.run(again, env=environment).returncode)


if __name__ == "__main__":
    main()
