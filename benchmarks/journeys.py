"""The journeys of people through the real server, beside the least that a Django site does: `run.py bench journeys`.

Each is measured in turns with its baseline in the same minute, and said as a ratio: session, user and one query for a
page; a list of 25; a form that writes three rows. In the installation stand the reports of one organisation among those
of all others, first a thousand and in the end a million: a nation's rows may not be felt (design of performance).
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from benchmarks.asking import Browser, at_once, in_turns, p95, spread
from benchmarks.month_rows import NOW, OTHERS, Town, add_reports, make_town
from benchmarks.policies import make_rows, signed_in
from benchmarks.servers import memory_of, served
from incidents.models import Incident
from incidents.overview.periods import Period
from incidents.views.keeping import OWNER
from tests import clock
from tests.services import own_postgres
from tests.world import STEPS, report_data
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Role
from vpdportal.tenancy import everywhere

SIZES = (1_000, 10_000, 100_000, 1_000_000)  # reports of other organisations
OWN = 4_000  # of the organisation that is measured, in two years
RUNS, ROUNDS, AT_ONCE = 3, 30, 8
SETTINGS = {"fsync": "on", "full_page_writes": "on", "autovacuum": "off", "synchronous_commit": "on"}
MONTH = Period.parse("2026-11")
BARE = "benchmarks.bare.settings"
Figures = dict[str, Any]


class People:
    """Signed in at the portal, each with a browser of their own."""

    def __init__(self, town: Town) -> None:
        self.town, self.department = town, town.organisation.departments.all()[0].pk
        self.keys = {role: signed_in(user).session.session_key for role, user in town.people.items()}

    def browser(self, port: int, role: Role) -> Browser:
        return Browser(port, {settings.SESSION_COOKIE_NAME: str(self.keys[role])})


def pages_of(town: Town, case: Incident) -> dict[str, tuple[Role, str, str]]:
    """Journey → who, the address, and the path of the baseline that it is set beside."""
    return {
        "first page of a report": (Role.EMPLOYEE, reverse("report"), "/form/"),
        "start of an employee": (Role.EMPLOYEE, reverse("home"), "/least/"),
        "work list": (Role.ADVISER, reverse("work_list"), "/rows/"),
        "list of all cases": (Role.ADVISER, reverse("case_list"), "/rows/"),
        "a case": (Role.ADVISER, reverse("case", args=[case.pk]), "/least/"),
        "a month": (Role.MANAGEMENT, reverse("overview", args=[town.organisation.slug, MONTH.code]), "/least/"),
    }


def write_report(browser: Browser, people: People, user: User) -> None:
    """All steps of a report as a browser sends them, to its number."""
    key, data = uuid4(), report_data()
    fixed = {"key": key, "organisation": people.town.organisation.pk, "owner": OWNER.sign(str(user.pk))}
    fields = {**data, "department": people.department, "seen": "999999999", "go": "next"}
    browser.post(reverse("report"), {**fixed, "is_safe_now": "yes"}, browser.get(reverse("report")))
    for step in STEPS[1:]:
        address = reverse("report_step", args=[key, step])
        browser.post(address, fields, browser.get(address))


def measure(portal: int, bare: int, key: str, people: People, case: Incident, rounds: int) -> Figures:
    """One run: each page and its baseline in turns, then the report and the form, one at a time and eight at once."""
    found: Figures = {}
    other = Browser(bare, {"sessionid": key})
    for name, (role, address, base) in pages_of(people.town, case).items():
        browser = people.browser(portal, role)
        took = in_turns({"portal": lambda: browser.get(address), "bare": lambda: other.get(base)}, rounds)  # noqa: B023
        found[name] = _beside(took)
    employee, user = people.browser(portal, Role.EMPLOYEE), people.town.people[Role.EMPLOYEE]
    report = {
        "portal": lambda: write_report(employee, people, user),
        "bare": lambda: write_bare(other),
    }
    found["a whole report (10 requests)"] = _beside(in_turns(report, max(3, rounds // 3)))
    reader = people.browser(portal, Role.ADVISER)
    found["work list, eight at once"] = {
        "a second": at_once([lambda one=one: one.get(reverse("work_list")) for one in _several(reader)], rounds // 3),
        "bare a second": at_once([lambda one=one: one.get("/rows/") for one in _several(other)], rounds),
    }
    return found


def write_bare(browser: Browser) -> None:
    fields = {
        "place": "Balie", "kind": "threat", "severity": 2, "story": "Hij begon te schelden.", "wants_help": "on",
        "contact": "", "weapon": "on", "reference": "B",
    }  # fmt: skip
    browser.post("/form/", fields, browser.get("/form/"))


def _several(browser: Browser) -> list[Browser]:
    return [Browser(browser.port, dict(browser.cookies)) for _number in range(AT_ONCE)]


def _beside(took: dict[str, list[float]]) -> Figures:
    ratio = median(ours / theirs for ours, theirs in zip(took["portal"], took["bare"], strict=True))
    return {"ms": median(took["portal"]), "p95": p95(took["portal"]), "ratio": ratio}


def asked_by(town: Town, case: Incident) -> dict[str, dict[str, int]]:
    """Of each page: how many queries, how many rows the database gave, and how many bytes it is."""
    found = {}
    for name, (role, address, _base) in pages_of(town, case).items():
        client = signed_in(town.people[role])
        client.get(address)
        rows = 0

        def counted(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
            nonlocal rows
            answer = execute(sql, params, many, context)
            rows += max(0, context["cursor"].rowcount)
            return answer

        with CaptureQueriesContext(connection) as queries, connection.execute_wrapper(counted):
            page = client.get(address)
        found[name] = {"queries": len(queries), "rows": rows, "bytes": len(page.content)}
    return found


def report(sizes: list[int], own: int, runs: int, rounds: int, bare_database: str, to: Path | None) -> Iterator[str]:
    with everywhere():
        town, case = make_rows(own, 0)
        others = [make_town(f"Nog elders {number}", f"nog-elders-{number}") for number in range(OTHERS)]
        people = People(town)
    there, seen = 0, {}
    shift = str((NOW - timezone.now()).total_seconds())
    bare = {"DATABASE_URL": bare_database, "DJANGO_SETTINGS_MODULE": BARE}
    fill = [sys.executable, "-m", "benchmarks.bare.fill", str(own)]
    key = subprocess.run(fill, env={**os.environ, **bare}, check=True, capture_output=True, text=True).stdout.strip()
    for size in sizes:
        with everywhere():
            for other in others:
                add_reports(other, (size - there) // OTHERS, codes=("R01",))
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")
        there = size
        with ExitStack() as stack:
            portal = stack.enter_context(
                served("vpdportal.wsgi", "/-/live", DJANGO_SETTINGS_MODULE="benchmarks.served", CLOCK_SHIFT=shift)
            )
            base = stack.enter_context(served("benchmarks.bare.wsgi", "/empty/", **bare))
            found = [measure(portal, base, key, people, case, rounds) for _run in range(runs)]
            memory = memory_of(portal)
        with everywhere():
            asked = asked_by(town, case)
        seen[size] = {"runs": found, "asked": asked, "memory": memory}
        yield from _table(size, own, found, asked, memory)
        if to:
            to.write_text(json.dumps(seen, indent=1))


def _table(size: int, own: int, found: list[Figures], asked: dict[str, Any], memory: list[int]) -> Iterator[str]:
    yield f"\n{own:,} own reports among {size:,} of others; {len(found)} runs; ms, p95 and ratio (least – most)"
    for name in found[0]:
        each = [one[name] for one in found]
        if "ms" in each[0]:
            more = asked.get(name)
            told = f"{more['queries']:4} queries {more['rows']:5} rows {more['bytes'] / 1024:6.0f} kB" if more else ""
            middle, last = (median(one[part] for one in each) for part in ("ms", "p95"))
            yield f"  {name:30}{middle:8.1f}{last:8.1f}   {spread([one['ratio'] for one in each]):22}{told}"
        else:
            rates = " / ".join(f"{median(one[part] for one in each):.0f}" for part in each[0])
            yield f"  {name:30}{rates} a second (portal / bare)"
    yield f"  memory of the web processes, MB: {', '.join(f'{one / 1024:.0f}' for one in memory)}"


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--others", type=int, nargs="+", default=SIZES)
    asked.add_argument("--own", type=int, default=OWN)
    asked.add_argument("--runs", type=int, default=RUNS)
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    asked.add_argument("--json", type=Path)
    asked.add_argument("--bare", default="", help="the database of the baseline, when DATABASE_URL names an empty one")
    given = asked.parse_args()
    if given.bare:
        clock.set_to(NOW)
        for line in report(list(given.others), given.own, given.runs, given.rounds, given.bare, given.json):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
    else:
        with own_postgres(**SETTINGS) as server:
            server.create("bare", template="template0")
            again = [sys.executable, "-m", "benchmarks.journeys", *sys.argv[1:], "--bare", server.url("bare")]
            environment = {**os.environ, "DATABASE_URL": server.url("portal")}
            raise SystemExit(subprocess.run(again, env=environment).returncode)
