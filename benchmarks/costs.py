"""What one page, one report and one mail cost, and what a nation needs by that: `run.py bench costs`, ten minutes.

Processor time of the web processes and of the database's own, counted by the system: who else uses the machine does not
matter. From these the cores, processes and disk for ten million reports and a bad day follow on paper.
"""

import argparse
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any

from django.db import connection
from django.test.utils import override_settings
from django.urls import reverse
from django.utils import timezone

from benchmarks.asking import Act
from benchmarks.figures import Figure, keep, say
from benchmarks.month_rows import NOW
from benchmarks.nation import PER_REPORT, SETTINGS, TABLES, Nation
from benchmarks.people import People
from benchmarks.policies import MONTH, make_rows
from benchmarks.servers import again_beside_postgres, served, worker_pids
from benchmarks.sweep import Nowhere
from incidents.actions.reminders.sweep import sweep
from incidents.models import Incident, Mail
from tests import clock
from vpdportal.accounts.roles import Role
from vpdportal.tenancy import everywhere

OTHERS, OWN, RUNS, TIMES = 20_000, 4_000, 3, 25
TICKS = os.sysconf("SC_CLK_TCK")
# A bad day in the whole country [OWN]: what the paper counts with. Pages a second are of the busiest hour.
REPORTS_A_MINUTE, DESK_PAGES, OTHER_PAGES, MAILS_A_REPORT = 100, 32, 8, 10
REPORTS_IN_ALL, FILES_A_REPORT, MB_A_FILE = 10_000_000, 0.3, 1.5
BUSY = 0.6  # of a core that may be in use before people wait for each other
DESK_MIX = {"work list": 0.4, "a case": 0.4, "list of all cases": 0.1, "a search": 0.1}
Spent = dict[str, tuple[float, float]]  # what → milliseconds of a web process and of the database, each time


def own_session() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def database_pids() -> list[int]:
    """All processes of the server but the one that answers us."""
    own = own_session()
    main = int(Path(f"/proc/{own}/stat").read_text().rpartition(")")[2].split()[1])
    children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
    return [int(pid) for pid in children if int(pid) != own]


def seconds_of(pids: list[int]) -> dict[int, float]:
    """Processor time so far of each that is still there: of the program, and of the system for it."""
    found = {}
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            found[pid] = (int(fields[11]) + int(fields[12])) / TICKS
    return found


def since(before: dict[int, float], after: dict[int, float]) -> float:
    return sum(seconds - before.get(pid, 0) for pid, seconds in after.items())


def measure(acts: dict[str, Act], port: int, times: int) -> Spent:
    found: Spent = {}
    for name, act in acts.items():
        act()
        web, database = seconds_of(worker_pids(port)), seconds_of(database_pids())
        for _time in range(times):
            act()
        after = seconds_of(worker_pids(port)), seconds_of(database_pids())
        found[name] = since(web, after[0]) / times * 1000, since(database, after[1]) / times * 1000
    return found


def acts_of(people: People, case: Incident, port: int) -> dict[str, Act]:
    adviser, employee = people.browser(port, Role.ADVISER), people.browser(port, Role.EMPLOYEE)
    management, lists = people.browser(port, Role.MANAGEMENT), reverse("case_list")
    search, page = reverse("case_search"), adviser.get(lists)
    month = reverse("overview", args=[people.town.organisation.slug, MONTH.code])
    return {
        "a whole report": people.reporter(port).write,
        "work list": lambda: adviser.get(reverse("work_list")),
        "list of all cases": lambda: adviser.get(lists),
        "a search": lambda: adviser.send(search, {"search": "schelden"}, page),
        "a case": lambda: adviser.get(reverse("case", args=[case.pk])),
        "a month": lambda: management.get(month),
        "start of an employee": lambda: employee.get(reverse("home")),
    }


def a_mail() -> tuple[float, float, int]:
    """Milliseconds of a worker and of the database for one mail, over all that is due now; and how many these were."""
    mails = Mail.objects.filter(status="sent").count()
    before, database = sum(os.times()[:2]), seconds_of([*database_pids(), own_session()])
    with override_settings(EMAIL_BACKEND=f"{Nowhere.__module__}.Nowhere"):
        while (tally := sweep(now=clock.now())).bundled + tally.sent:
            clock.move(minutes=1)
    made = max(1, Mail.objects.filter(status="sent").count() - mails)
    spent = sum(os.times()[:2]) - before
    return spent / made * 1000, since(database, seconds_of([*database_pids(), own_session()])) / made * 1000, made


def bytes_a_report() -> float:
    """On disk with all indexes, of a report of the nation with what grew from it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(pg_total_relation_size(one::regclass)) FROM unnest(%s) AS one", [list(TABLES)])
        size = int(cursor.fetchone()[0])
    return size / Incident.objects.count()


def report(given: argparse.Namespace) -> Iterator[str]:
    with everywhere():
        town, case = make_rows(given.own, 0)
        people = People(town)
    Nation().grow(given.others)
    with everywhere(), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        size = bytes_a_report()
    shift = str((NOW - timezone.now()).total_seconds())
    portal = served("vpdportal.wsgi", "/-/live", DJANGO_SETTINGS_MODULE="benchmarks.served", CLOCK_SHIFT=shift)
    with portal as port, everywhere():
        acts = acts_of(people, case, port)
        runs = [measure(acts, port, given.times) for _run in range(RUNS)]
        mail = a_mail()
    sizes = {"own": given.own, "others": given.others, "runs": RUNS, "times each": given.times}
    yield from keep("costs", [*unit_costs(runs, mail, size), *on_paper(runs, mail, size)], sizes)


def unit_costs(runs: list[Spent], mail: tuple[float, float, int], size: float) -> Iterator[Figure]:
    for name in runs[0]:
        web, database = ([run[name][part] for run in runs] for part in (0, 1))
        yield Figure("", f"{name}: web process", web, unit="ms", more={"database, ms": median(database)})
    yield Figure("", "a mail: worker", [mail[0]], unit="ms", more={"database, ms": mail[1], "mails": mail[2]})
    yield Figure("", "a report on disk, with all that grows from it and the indexes", [size / 1000], unit="kB",
                 more={f"rows of {name}": number for name, number in PER_REPORT.items()})  # fmt: skip


def on_paper(runs: list[Spent], mail: tuple[float, float, int], size: float) -> Iterator[Figure]:
    """Ten million reports, and a bad day."""
    cores: list[dict[str, Any]] = []
    for run in runs:
        each = {}
        for part, whose in enumerate(("web", "database")):
            desk = sum(share * run[name][part] for name, share in DESK_MIX.items())
            spent = REPORTS_A_MINUTE / 60 * run["a whole report"][part]
            spent += DESK_PAGES * desk + OTHER_PAGES * run["start of an employee"][part]
            mails = REPORTS_A_MINUTE / 60 * MAILS_A_REPORT * mail[part]
            each[whose] = spent + (mails if part else 0)
            each["mails"] = mails if not part else each["mails"]
        cores.append({name: spent / 1000 / BUSY for name, spent in each.items()})
    day = {"reports a minute": REPORTS_A_MINUTE, "pages a second": DESK_PAGES + OTHER_PAGES, "busy at most": BUSY}
    yield Figure(
        "paper", "cores for the web processes on a bad day", [one["web"] for one in cores], unit="cores", more=day
    )
    yield Figure("paper", "cores for the database on that day", [one["database"] for one in cores], unit="cores")
    yield Figure("paper", "cores for the workers on that day", [one["mails"] for one in cores], unit="cores",
                 more={"mails a minute": REPORTS_A_MINUTE * MAILS_A_REPORT})  # fmt: skip
    yield Figure("paper", f"the database of {REPORTS_IN_ALL:,} reports", [REPORTS_IN_ALL * size / 1e9], unit="GB")
    yield Figure("paper", "their files", [REPORTS_IN_ALL * FILES_A_REPORT * MB_A_FILE / 1e6], unit="TB",
                 more={"files a report": FILES_A_REPORT, "MB a file": MB_A_FILE})  # fmt: skip


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--others", type=int, default=OTHERS)
    asked.add_argument("--own", type=int, default=OWN)
    asked.add_argument("--times", type=int, default=TIMES)
    asked.add_argument("--here", action="store_true", help="on the database of DATABASE_URL, which must be empty")
    given = asked.parse_args()
    if given.here:
        clock.set_to(NOW)
        say(report(given))
    else:
        again_beside_postgres("costs", SETTINGS)
