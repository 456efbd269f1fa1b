"""The journeys of people through the real server, beside the least that a Django site does: `run.py bench journeys`.

Each is measured in turns with its baseline in the same minute, and said as a ratio: session, user and one query for a
page; a list of 25; a form that writes three rows. In the installation stand the reports of one organisation among those
of 400 others, first a thousand and in the end a million: a nation's rows may not be felt (design of performance).
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from statistics import median
from time import perf_counter
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from benchmarks.asking import Browser, at_once, in_turns, p95
from benchmarks.big_case import big_case, size_of
from benchmarks.figures import Figure, keep, say
from benchmarks.month_rows import NOW, Town
from benchmarks.months import bare_sql
from benchmarks.nation import SETTINGS, Nation
from benchmarks.people import BareReporter, People, Reporter, others_like
from benchmarks.policies import MONTH, make_rows, signed_in
from benchmarks.servers import memory_of, served
from incidents.models import Incident
from incidents.overview.counting import count_month
from tests import clock
from tests.services import own_postgres
from vpdportal.accounts.roles import Role
from vpdportal.tenancy import everywhere

SIZES = (1_000, 10_000, 100_000, 1_000_000)  # reports of other organisations
OWN = 4_000  # of the organisation that is measured, in two years
RUNS, ROUNDS, AT_ONCE, SENT_EACH = 3, 40, 8, 6
BARE = "benchmarks.bare.settings"
LEAST, ROWS = "/least/", "/rows/"
BRACKETS = {"BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"}
# What others took in one run of the design of performance, set beside its own lean form or list: only so can it be
# compared on another machine. Of 100,000 tickets or incidents.
HELPDESK_SENDS, HELPDESK_LIST, FIR_LIST, HELPDESK_MONTH = 19.1 / 4.1, 432 / 8.5, 232 / 8.5, 5946 / 8.5
Found = dict[str, Any]


def pages_of(town: Town, case: Incident, big: Incident) -> dict[str, tuple[Role, str, str]]:
    """Journey → who, the address, and the path of the baseline that it is set beside."""
    return {
        "first page of a report": (Role.EMPLOYEE, reverse("report"), "/form/"),
        "start of an employee": (Role.EMPLOYEE, reverse("home"), LEAST),
        "work list": (Role.ADVISER, reverse("work_list"), ROWS),
        "list of all cases": (Role.ADVISER, reverse("case_list"), ROWS),
        "a case": (Role.ADVISER, reverse("case", args=[case.pk]), LEAST),
        "a big case": (Role.ADVISER, reverse("case", args=[big.pk]), LEAST),
        "a month": (Role.MANAGEMENT, reverse("overview", args=[town.organisation.slug, MONTH.code]), LEAST),
    }


class Bench:
    """Both servers, the people, and what they look at."""

    def __init__(self, town: Town, case: Incident, big: Incident, nation: Nation, rounds: int) -> None:
        self.pages, self.people, self.nation = pages_of(town, case, big), People(town), nation
        self.town, self.case, self.rounds = town, case, rounds

    def measure(self, portal: int, other: Browser) -> Found:
        """One run: each page and its baseline in turns, then sending, one at a time and eight at once."""
        found: Found = {}
        for name, (role, address, base) in self.pages.items():
            browser = self.people.browser(portal, role)
            found[name] = _beside(browser, address, other, base, self.rounds)
        reporter, bare = self.people.reporter(portal), BareReporter(other)
        number = max(3, self.rounds // 2)
        for one in (reporter, bare):
            one.prepare(number + 1)
        found["send a report"] = _ratios(in_turns({"portal": reporter.send, "bare": bare.send}, number))
        found["a whole report"] = _ratios(in_turns({"portal": reporter.write, "bare": bare.write}, max(3, number // 3)))
        found["send, eight at once"] = self._sent_at_once(reporter, bare)
        reader = self.people.browser(portal, Role.ADVISER)
        ours = [lambda one=one: one.get(reverse("work_list")) for one in others_like(reader, AT_ONCE)]
        theirs = [lambda one=one: one.get(ROWS) for one in others_like(other, AT_ONCE)]
        rates = at_once(ours, self.rounds // 3), at_once(theirs, self.rounds)
        found["work list, eight at once"] = {"rates": rates, "ratio": rates[1] / rates[0]}
        with everywhere():
            found["making a month"] = _making_a_month(self.nation.largest, number)
        return found

    def _sent_at_once(self, reporter: Reporter, bare: BareReporter) -> Found:
        user = self.town.people[Role.EMPLOYEE]
        ours = [Reporter(one, self.people, user) for one in others_like(reporter.browser, AT_ONCE)]
        theirs = [BareReporter(one) for one in others_like(bare.browser, AT_ONCE)]
        for one in (*ours, *theirs):
            one.prepare(SENT_EACH)
        rates = tuple(at_once([one.send for one in each], SENT_EACH) for each in (ours, theirs))
        return {"rates": rates, "ratio": rates[1] / rates[0]}

    def asked_by(self) -> dict[str, dict[str, int]]:
        """Of each page: how many queries, how many rows the database gave, and how many bytes it is.

        What begins and ends a transaction asks nothing, and is not counted.
        """
        found = {}
        for name, (role, address, _base) in self.pages.items():
            client = signed_in(self.town.people[role])
            client.get(address)
            rows = 0

            def counted(execute: Callable[..., Any], *asked: Any) -> Any:
                nonlocal rows
                answer = execute(*asked)
                rows += max(0, asked[-1]["cursor"].rowcount)
                return answer

            with CaptureQueriesContext(connection) as queries, connection.execute_wrapper(counted):
                page = client.get(address)
            number = sum(query["sql"].split()[0] not in BRACKETS for query in queries)
            found[name] = {"queries": number, "rows": rows, "kB": len(page.content) // 1024}
        return found


def _beside(browser: Browser, address: str, other: Browser, base: str, rounds: int) -> Found:
    return _ratios(in_turns({"portal": lambda: browser.get(address), "bare": lambda: other.get(base)}, rounds))


def _ratios(took: dict[str, list[float]]) -> Found:
    pairs = zip(took["portal"], took["bare"], strict=True)
    found = {"ms": median(took["portal"]), "p95": p95(took["portal"]), "ratio": median(a / b for a, b in pairs)}
    return {**found, "p95 ratio": p95(took["portal"]) / p95(took["bare"]), "bare ms": median(took["bare"])}


def _making_a_month(town: Town, rounds: int) -> Found:
    """Counting a month of the largest organisation, beside bare SQL for the same numbers, in this process."""
    acts = {"portal": lambda: count_month(town.organisation, MONTH), "bare": lambda: bare_sql(town.organisation)}
    return _ratios(in_turns(acts, rounds))


# --- all of it -------------------------------------------------------------------------------------------------------


def report(given: argparse.Namespace) -> Iterator[str]:
    with everywhere():
        town, case = make_rows(given.own, 0)
        big = big_case(town)
        nation = Nation()
        bench = Bench(town, case, big, nation, given.rounds)
    bare = {"DATABASE_URL": given.bare, "DJANGO_SETTINGS_MODULE": BARE}
    fill = [sys.executable, "-m", "benchmarks.bare.fill", str(given.own)]
    key = subprocess.run(fill, env={**os.environ, **bare}, check=True, capture_output=True, text=True).stdout.strip()
    shift = str((NOW - timezone.now()).total_seconds())
    seen: dict[int, Found] = {}
    for size in given.others:
        began = perf_counter()
        nation.grow(size)
        with everywhere(), connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        yield f"{size:,} reports of others: made in {perf_counter() - began:.0f} s"
        with ExitStack() as stack:
            portal = stack.enter_context(
                served("vpdportal.wsgi", "/-/live", DJANGO_SETTINGS_MODULE="benchmarks.served", CLOCK_SHIFT=shift)
            )
            other = Browser(stack.enter_context(served("benchmarks.bare.wsgi", "/empty/", **bare)), {"sessionid": key})
            runs = [bench.measure(portal, other) for _run in range(given.runs)]
            memory = [one // 1024 for one in memory_of(portal)]
        with everywhere():
            seen[size] = {"runs": runs, "asked": bench.asked_by(), "memory": memory, "big": size_of(big)}
        yield from (f"  {name:28}{_said(seen[size], name)}" for name in runs[0])
    sizes = {"own": given.own, "others": list(given.others), "runs": given.runs, "rounds": given.rounds}
    yield from keep("journeys", figures(seen), sizes)


def figures(seen: dict[int, Found]) -> Iterator[Figure]:
    """What was seen of all sizes, against what is wanted."""
    least, most = min(seen), max(seen)
    last = seen[most]
    among = f"among {most:,}"

    def of(name: str, part: str = "ratio", size: int = most) -> list[float]:
        return [run[name][part] for run in seen[size]["runs"]]

    def beside(name: str) -> dict[str, Any]:
        return {"ms": median(of(name, "ms")), "p95 ms": median(of(name, "p95")), **last["asked"].get(name, {})}

    yield Figure("P1", f"send a report, beside a form with 3 rows, {among}", of("send a report"), most=4,
                 more=beside("send a report"))  # fmt: skip
    rates = [median(run["send, eight at once"]["rates"][n] for run in last["runs"]) for n in (0, 1)]
    yield Figure("P1", f"the same, eight at once, {among}", of("send, eight at once"), most=4,
                 more={"a second": rates[0], "of the form": rates[1]})  # fmt: skip
    faster = [HELPDESK_SENDS / one for one in of("send a report")]
    yield Figure("P1", "faster than django-helpdesk's (by the form's)", faster, least=2)
    yield Figure("", f"a whole report, 10 requests, beside form and answer, {among}", of("a whole report"),
                 more=beside("a whole report"))  # fmt: skip
    for name in ("work list", "list of all cases"):
        yield Figure("P2", f"{name}: p95 beside a list of 25, {among}", of(name, "p95 ratio"), most=4,
                     more=beside(name))  # fmt: skip
        grown = [b / a for a, b in zip(of(name, size=least), of(name), strict=True)]
        yield Figure("P2", f"{name}: from {least:,} to {most:,}", grown, most=1.3)
    lists = of("list of all cases")
    for whose, least_times, theirs in (("django-helpdesk", 12, HELPDESK_LIST), ("FIR", 6, FIR_LIST)):
        yield Figure("P2", f"faster than {whose}'s list of 100,000 (by the list of 25)",
                     [theirs / one for one in lists], least=least_times)  # fmt: skip
    rates = [median(run["work list, eight at once"]["rates"][n] for run in last["runs"]) for n in (0, 1)]
    yield Figure("", f"work list, eight at once, {among}", of("work list, eight at once"),
                 more={"a second": rates[0], "of the list of 25": rates[1]})  # fmt: skip
    yield Figure("P4", "a case, beside session, user and one query", of("a big case"), most=3,
                 more={**last["big"], **beside("a big case")})  # fmt: skip
    yield Figure("P4", "queries of that case", [last["asked"]["a big case"]["queries"]], unit="queries", most=12)
    yield Figure("", "a case as they mostly are, beside the same", of("a case"), more=beside("a case"))
    yield Figure(
        "P5", f"a month that is fixed, beside the same, {among}", of("a month"), most=2, more=beside("a month")
    )
    grown = [b / a for a, b in zip(of("a month", size=least), of("a month"), strict=True)]
    yield Figure("P5", f"the same: from {least:,} to {most:,}", grown, most=1.3)
    yield Figure("P6", f"counting a month of the largest organisation, beside bare SQL, {among}", of("making a month"),
                 most=1.5, more={name: median(of("making a month", name)) for name in ("ms", "bare ms")})  # fmt: skip
    lean = median(of("list of all cases", "bare ms"))
    yield Figure("P6", "faster than django-helpdesk's month of 100,000 (by the list of 25)",
                 [HELPDESK_MONTH * lean / one for one in of("making a month", "ms")], least=100)  # fmt: skip
    for name in ("first page of a report", "start of an employee"):
        yield Figure("", f"{name}, {among}", of(name), more=beside(name))
    yield Figure("", "memory of the web processes", [max(last["memory"])], unit="MiB", more={"each": last["memory"]})


def _said(seen: Found, name: str) -> str:
    each = [run[name] for run in seen["runs"]]
    ratio, asked = median(one["ratio"] for one in each), seen["asked"].get(name, "")
    if "ms" not in each[0]:
        return f"{each[0]['rates'][0]:8.1f} a second, ratio {ratio:.2f}"
    middle, last = (median(one[part] for one in each) for part in ("ms", "p95"))
    return f"{middle:8.1f} ms, p95 {last:.1f}, ratio {ratio:.2f} {asked}"


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--others", type=int, nargs="+", default=SIZES)
    asked.add_argument("--own", type=int, default=OWN)
    asked.add_argument("--runs", type=int, default=RUNS)
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    asked.add_argument("--bare", default="", help="the database of the baseline, when DATABASE_URL names an empty one")
    given = asked.parse_args()
    if given.bare:
        clock.set_to(NOW)
        say(report(given))
    else:
        with own_postgres(**SETTINGS) as server:
            server.create("bare", template="template0")
            again = [sys.executable, "-m", "benchmarks.journeys", *sys.argv[1:], "--bare", server.url("bare")]
            environment = {**os.environ, "DATABASE_URL": server.url("portal")}
            raise SystemExit(subprocess.run(again, env=environment).returncode)
