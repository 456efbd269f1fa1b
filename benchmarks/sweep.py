"""How fast reminders become mails: `python -m benchmarks.sweep`, half an hour. Ratios to a baseline of the same run.

Each measurement is a process of its own on a fresh copy of the same rows, and they take turns. The baseline is the
least that can be done with due rows: taking them in batches of 500 by bare SQL; and the least that can be done to tell
of them, a mail for each (the portal puts a person's reminders of a day in one). Beside it: what the pages of the portal
feel of a sweep (sweep_pages.py).
"""

import argparse
import json
import os
import resource
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from statistics import median
from time import perf_counter
from typing import Any
from uuid import uuid4

from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management import call_command
from django.db import connection
from django.test.utils import override_settings
from django.urls import reverse

from benchmarks.figures import Figure, keep, say
from benchmarks.sweep_pages import WANTED, Pages, served
from benchmarks.sweep_rows import NOW, make_rows
from incidents.actions.reminders import delivery
from incidents.actions.reminders.overdue import plan_overdue
from incidents.actions.reminders.sweep import sweep
from incidents.models import Mail, Notice
from incidents.vocabulary import MailStatus
from tests.services import Postgres, own_postgres
from vpdportal.accounts.models import User
from vpdportal.tenancy import everywhere

ROUNDS = 3
NOTICES = 100_000
PEOPLE = (1_000, 20)  # among whom they are dealt out: many a person, and very many
FEW = 10  # a part of so many tells whether memory grows with their number
BATCH = 500
PORTAL, SUBJECT = "https://vpd.vlinderwaard.invalid", "VPD portal: 1 task for you, too late"
NICE = 10  # of a worker that shares a machine with the pages, as docs/configuration.md has it
MEGABYTE = 1024 if sys.platform != "darwin" else 1024 * 1024  # what ru_maxrss counts in
# As it is in use: the baseline and the sweep both wait for the disk.
SETTINGS = {"fsync": "on", "full_page_writes": "on", "autovacuum": "on"}
CLAIM = """
    UPDATE incidents_notice SET mail_id = %s WHERE id IN (
        SELECT id FROM incidents_notice WHERE mail_id IS NULL AND cancelled_at IS NULL AND send_at <= %s
        ORDER BY send_at LIMIT %s FOR UPDATE SKIP LOCKED)"""
Figures = dict[str, float]


class Nowhere(BaseEmailBackend):
    """Takes each mail as a mail server would, written out in full, and forgets it. `seconds`: what that took."""

    seconds = 0.0

    def send_messages(self, messages: Sequence[Any]) -> int:
        began = perf_counter()
        number = sum(1 for message in messages if message.message().as_bytes())
        Nowhere.seconds += perf_counter() - began
        return number


# --- what is measured, each in a process of its own ------------------------------------------------------------------


def claim_all() -> Figures:
    """Take all due rows by bare SQL, and do nothing with them."""
    mail = Mail.objects.create(
        recipient=User.objects.all()[0], created_at=NOW, day=NOW.date(), next_attempt_at=NOW + timedelta(days=1)
    )
    rows = 0
    with connection.cursor() as cursor, _timed() as figures:
        while True:
            cursor.execute(CLAIM, [mail.pk.hex, NOW, BATCH])
            if not cursor.rowcount:
                break
            rows += cursor.rowcount
    return {**figures, "rows": rows}


def build_all() -> Figures:
    """A mail for each reminder, put together by Django of words that lie ready and written out: no mail without that.

    Text and HTML, as the portal's. Nothing is asked of the database, and nothing is left out for who has many.
    """
    rows, server = Notice.objects.count(), Nowhere()
    with _timed() as figures:
        for number in range(rows):
            text = f"VW-{number:06}: 1 task, too late\n{PORTAL}/dossiers/{uuid4()}/\n"
            mail = EmailMultiAlternatives(SUBJECT, f"{SUBJECT}\n\n{text}", to=[f"iemand.{number}@vlinderwaard.invalid"])
            mail.attach_alternative(f"<h1>{SUBJECT}</h1>\n<p>{text}</p>\n", "text/html")
            server.send_messages([mail])
    return {**figures, "rows": rows}


def sweep_all() -> Figures:
    """Round after round, as the clock would begin them, until nothing is left to tell."""
    now, rounds = NOW, 0
    reverse("home")  # a worker that has run for a minute has read all addresses
    with override_settings(EMAIL_BACKEND=f"{Nowhere.__module__}.Nowhere"), _building_timed(), _timed() as figures:
        while True:
            tally = sweep(now=now)
            rounds += 1
            if not tally.bundled + tally.sent:
                break
            now += timedelta(minutes=1)
    # What comes after someone's mail of the day has gone waits for the next day, which this clock never reaches.
    waiting = Notice.objects.filter(mail__isnull=True, cancelled_at__isnull=True, send_at__lte=now).count()
    if waiting or Mail.objects.exclude(status=MailStatus.SENT).exists():
        raise SystemExit(f"{waiting} notices were not mailed: this measured nothing")
    counted = {"rows": Notice.objects.count(), "mails": Mail.objects.count(), "rounds": rounds}
    return {**figures, **counted, "building": Nowhere.seconds}


@contextmanager
def _building_timed() -> Iterator[None]:
    """Inside, what composing the mails takes is counted with what writing them out takes: the baseline of goal P7."""
    original, Nowhere.seconds = delivery.compose, 0.0

    def compose(*told: Any) -> Any:
        began = perf_counter()
        message = original(*told)
        Nowhere.seconds += perf_counter() - began
        return message

    delivery.compose = compose
    try:
        yield
    finally:
        delivery.compose = original


def plan_all() -> Figures:
    """Write the reminders of today for all tasks that are too late, of which there are none yet."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE incidents_notice CASCADE")
        cursor.execute("ANALYZE incidents_notice")
    with _timed() as figures:
        plan_overdue(now=NOW)
    return {**figures, "rows": Notice.objects.count()}


def plan_again() -> Figures:
    """What each round after that asks of the database: whether anything is too late that was not told."""
    with _timed() as figures:
        if plan_overdue(now=NOW):
            raise SystemExit("something was not planned: this measured nothing")
    return {**figures, "rows": Notice.objects.count()}


@contextmanager
def _timed() -> Iterator[Figures]:
    """Seconds, and statements to the database; the highest memory (MB) that the process held since it began."""
    figures: Figures = {"statements": 0}

    def counted(execute: Callable[..., Any], *args: Any) -> Any:
        figures["statements"] += 1
        return execute(*args)

    connection.ensure_connection()
    began = perf_counter()
    with connection.execute_wrapper(counted):
        yield figures
    figures["seconds"] = perf_counter() - began
    figures["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE


PARTS: dict[str, Callable[[], Figures]] = {
    "claim": claim_all, "build": build_all, "sweep": sweep_all, "plan": plan_all, "plan_again": plan_again,
}  # fmt: skip


# --- all of it -------------------------------------------------------------------------------------------------------


def start(part: str, url: str, *more: object, nice: int = 0) -> "subprocess.Popen[str]":
    """Begin a part in another process, on this database. `nice`: how far it lets others go first, up to 19."""
    command = ["nice", f"-n{nice}", sys.executable, "-m", "benchmarks.sweep", "--part", part, *map(str, more)]
    return subprocess.Popen(command, env={**os.environ, "DATABASE_URL": url}, stdout=subprocess.PIPE, text=True)


def result(process: "subprocess.Popen[str]") -> Figures:
    said, _nothing = process.communicate()
    if process.returncode:
        raise SystemExit(process.returncode)
    found: Figures = json.loads(said.splitlines()[-1])
    return found


class Bench:
    """A database server with the rows of each size once; every measurement gets a copy."""

    def __init__(self, server: Postgres) -> None:
        self.server, self._copies = server, 0

    def fill(self, notices: int, people: int) -> str:
        name = f"rows_{notices}_{people}"
        self.server.create(name)
        result(start("rows", self.server.url(name), "--notices", notices, "--people", people))
        return name

    def copy(self, rows: str) -> str:
        """The address of a fresh copy."""
        self._copies += 1
        name = f"copy_{self._copies}"
        self.server.create(name, rows)
        return self.server.url(name)

    def take_turns(self, rows: str, parts: Iterable[str], rounds: int) -> dict[str, list[Figures]]:
        found: dict[str, list[Figures]] = defaultdict(list)
        for _round in range(rounds):
            for part in parts:
                found[part].append(result(start(part, self.copy(rows))))
        return found


def speeds(found: dict[str, list[Figures]]) -> Iterator[str]:
    """One line a part: rows a second with the lowest and highest, and what part of the baseline's speed that is."""
    yield f"  {'':22}{'rows a second':>14}{'lowest – highest':>22}{'of the claim':>14}{'statements a row':>18}"
    base = median(_speed(one) for one in found["claim"])
    for part, figures in found.items():
        each = sorted(map(_speed, figures))
        share = median(each) / base
        asked = figures[0]["statements"] / figures[0]["rows"]
        yield (
            f"  {part:22}{median(each):14,.0f}{f'{each[0]:,.0f} – {each[-1]:,.0f}':>22}"
            f"{f'1 : {1 / share:.1f}':>14}{asked:18.4f}"
        )


def _speed(one: Figures) -> float:
    return one["rows"] / one["seconds"]


def report(bench: Bench, notices: int, people: int, rounds: int, kept: list[Figure]) -> Iterator[str]:
    """What is measured on the rows of one size."""
    many, few = bench.fill(notices, people), bench.fill(notices // FEW, max(1, people // FEW))
    yield f"\n{notices:,} reminders for {people:,} people, {rounds} rounds"
    found = bench.take_turns(many, ("claim", "build", "sweep", "plan", "plan_again"), rounds)
    yield from speeds(found)
    kept += figures(found, notices, people)
    one = found["sweep"][0]
    yield (
        f"  {one['mails']:,.0f} mails in {one['rounds']:.0f} rounds of the clock; "
        f"a mail a {one['seconds'] / one['mails'] * 1000:.1f} ms"
    )
    less = bench.take_turns(few, ("sweep",), rounds)["sweep"]
    memory, before = (median(figures["memory"] for figures in some) for some in (found["sweep"], less))
    yield (
        f"  highest memory: {before:.0f} MB for {notices // FEW:,}, {memory:.0f} MB for {notices:,}: "
        f"{memory / before:.2f} times"
    )


def pages(bench: Bench, notices: int, people: int, rounds: int, seconds: float) -> Iterator[str]:
    """What someone feels at the pages of the portal while a sweep works through all of it."""
    rows, seen = f"rows_{notices}_{people}", Pages()
    for _round in range(rounds):
        url = bench.copy(rows)
        with served(url) as port:
            seen.measure(port, seconds, process=None)
            with seen.watching_locks(url):
                process = start("sweep", url, nice=NICE)
                seen.measure(port, seconds, process)
            result(process)
    yield f"\nPages while a sweep (nice {NICE}) works on the same machine, {rounds} rounds; wanted: {WANTED} at most"
    yield from seen.lines()


def figures(found: dict[str, list[Figures]], notices: int, people: int) -> Iterator[Figure]:
    """The goal: half as fast as building the mails alone, and a statement for each ten notices."""
    sweeps, words = found["sweep"], f"{notices:,} reminders for {people:,} people"
    speed = median(map(_speed, sweeps))
    of_claim = speed / median(map(_speed, found["claim"]))
    more = {"notices a second": speed, "mails": int(sweeps[0]["mails"]), "of the claim by SQL": of_claim}
    beside = [_speed(one) / _speed(built) for one, built in zip(sweeps, found["build"], strict=True)]
    built = {"mails a second": median(map(_speed, found["build"]))}
    yield Figure("P7", f"{words}, beside building a mail for each", beside, least=0.5, more={**more, **built})
    building = [one["building"] / one["seconds"] for one in sweeps]
    yield Figure("", f"{words}, beside building only the mails of each day", building)
    statements = [one["statements"] / one["rows"] for one in sweeps]
    yield Figure("P7", f"statements for a notice, {people:,} people", statements, unit="", most=0.1)


def main(notices: int, rounds: int, people: Sequence[int], seconds: float = 20) -> None:
    kept: list[Figure] = []
    with own_postgres(**SETTINGS) as server:
        bench = Bench(server)
        for number in people:
            say(report(bench, notices, number, rounds, kept))
        say(pages(bench, notices, people[0], rounds, seconds))
    say(keep("sweep", kept, {"notices": notices, "people": list(people), "rounds": rounds}))


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--notices", type=int, default=NOTICES)
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    asked.add_argument("--people", type=int, nargs="+", default=PEOPLE)
    asked.add_argument("--part", choices=("rows", *PARTS), help="what this very process does; without it, all")
    given = asked.parse_args()
    if given.part == "rows":
        with everywhere():
            call_command("migrate", verbosity=0)
            make_rows(given.notices, given.people[0])
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        say(["{}"])
    elif given.part:
        with everywhere():
            say([json.dumps(PARTS[given.part]())])
    else:
        main(given.notices, given.rounds, given.people)
