"""A hundred reports a minute while forty people read: `run.py bench load`, a quarter of an hour (P10).

Three times, each time: every page by one reader while nothing else happens; forty readers; forty readers while reports
come in at a fixed pace, whatever the answers take, each written in some twenty seconds by one of fifty people. On the
same machine as the database and those who ask: what they take of it is in the figures.
"""

import argparse
from collections.abc import Iterator
from statistics import median, quantiles
from time import monotonic, sleep
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from benchmarks.figures import Figure, keep, say
from benchmarks.month_rows import NOW
from benchmarks.nation import SETTINGS, Nation
from benchmarks.policies import MONTH
from benchmarks.servers import again_beside_postgres, served
from benchmarks.traffic import Told, Traffic, pages_for
from incidents.overview.releases import release
from tests import clock
from tests.world import Place, make_place
from vpdportal.tenancy import everywhere

A_MINUTE, READERS, REPORTERS, PLACES = 100, 40, 50, 8
EVERY = 8.0  # seconds in which a reader looks at one page
A_STEP = 4.0  # seconds that a reporter takes for one step of the form: people take longer, and so come less together
RAMP = 40.0  # seconds until as many reports end as begin
RUNS, SECONDS, OTHERS = 3, 60.0, 100_000
WANTED = 1.5
GOOD = ("200", "302", "303")
ROLES = ("adviser", "employee", "management", "adviser", "employee")


def go_on(traffic: Traffic, seconds: float, ramp: float = 0) -> Told:
    """The people are at work for so long; what they were told in the first `ramp` seconds does not count."""
    traffic.start()
    sleep(ramp)
    begin = monotonic()
    sleep(seconds)
    end = monotonic()
    traffic.stop()
    told = traffic.told
    told.acknowledged = {key: (where, at) for key, (where, at) in told.acknowledged.items() if begin < at <= end}
    for name, each in told.read.items():
        told.read[name] = [(began, took) for began, took in each if begin <= began < end]
    wrong = {answer: number for answer, number in traffic.told.answers.items() if answer[-3:] not in GOOD}
    if wrong:
        raise SystemExit(f"{wrong}: this measured nothing")
    return traffic.told


def together(port: int, places: list[Place], seconds: float, *, a_minute: int) -> tuple[Told, float]:
    """Forty readers, and reports at a pace; gives also how many came in a minute."""
    traffic = Traffic(port)
    for number in range(READERS):
        place, role = places[number % len(places)], ROLES[number % len(ROLES)]
        traffic.add_reader(place.people[role], pages_for(place, role), EVERY)
    for number in range(REPORTERS if a_minute else 0):
        traffic.add_reporter(places[number % len(places)], pace=60 * REPORTERS / a_minute, pause=A_STEP)
    told = go_on(traffic, seconds, RAMP if a_minute else 0)
    return told, len(told.acknowledged) / seconds * 60


def alone(port: int, place: Place, seconds: float) -> Told:
    """One reader who looks at page after page, in one role after the other."""
    found, roles = Told(), sorted(set(ROLES))
    for role in roles:
        traffic = Traffic(port)
        traffic.add_reader(place.people[role], pages_for(place, role), 0.2)
        for name, each in go_on(traffic, seconds / len(roles)).read.items():
            found.read[name] += each
    return found


def p95s(told: Told) -> dict[str, float]:
    """Milliseconds by page."""
    return {
        name: quantiles([took * 1000 for _at, took in each], n=20, method="inclusive")[-1]
        for name, each in told.read.items()
        if len(each) > 1
    }


def report(given: argparse.Namespace) -> Iterator[str]:
    with everywhere():
        call_command("migrate", verbosity=0)
        places = [make_place(f"Plaats{number}", prefix="PL") for number in range(PLACES)]
        for place in places:
            release(organisation=place.organisation, period=MONTH, now=NOW)
    Nation().grow(given.others)
    with everywhere(), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    shift = str((NOW - timezone.now()).total_seconds())
    seen: list[dict[str, Any]] = []
    portal = served("vpdportal.wsgi", "/-/live", DJANGO_SETTINGS_MODULE="benchmarks.served", CLOCK_SHIFT=shift)
    with portal as port, everywhere():
        alone(port, places[0], 5)  # the first look makes ready what all others use
        for number in range(given.runs):
            idle = alone(port, places[0], given.seconds)
            read, _none = together(port, places, given.seconds, a_minute=0)
            both, rate = together(port, places, given.seconds, a_minute=A_MINUTE)
            seen.append({"idle": p95s(idle), "read": p95s(read), "both": p95s(both), "rate": rate})
            yield f"  run {number + 1}: {rate:.0f} reports a minute"
    sizes = {"others": given.others, "seconds each": given.seconds, "runs": given.runs, "readers": READERS}
    yield from keep("load", figures(seen), sizes)


def figures(seen: list[dict[str, Any]]) -> Iterator[Figure]:
    yield Figure("P10", "reports a minute that came in", [run["rate"] for run in seen], unit="a minute",
                 least=0.95 * A_MINUTE)  # fmt: skip
    for name in sorted(seen[0]["idle"]):
        runs = [run for run in seen if name in run["both"] and name in run["read"]]
        if not runs:
            continue
        middle = {of: median(run[of][name] for run in runs) for of in ("idle", "read", "both")}
        more = {"p95 ms idle": middle["idle"], "forty read": middle["read"], "and reports": middle["both"]}
        yield Figure("P10", f"{name}: p95 beside idle", [run["both"][name] / run["idle"][name] for run in runs],
                     most=WANTED, more=more)  # fmt: skip


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--others", type=int, default=OTHERS)
    asked.add_argument("--seconds", type=float, default=SECONDS)
    asked.add_argument("--runs", type=int, default=RUNS)
    asked.add_argument("--here", action="store_true", help="on the database of DATABASE_URL, which must be empty")
    given = asked.parse_args()
    if given.here:
        clock.set_to(NOW)
        say(report(given))
    else:
        again_beside_postgres("load", SETTINGS)
