"""How much memory a web process holds after a thousand and after ten thousand requests: `run.py bench memory` (P9).

Mixed as in use: pages of the desk and of who reports, months, searches, whole reports. What counts is what the system
has resident for the process, with what it shares with others. An hour at a million reports; less with `--others`.
"""

import argparse
from collections.abc import Iterator
from random import Random
from time import perf_counter

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from benchmarks.asking import Act
from benchmarks.figures import Figure, keep, say
from benchmarks.month_rows import NOW
from benchmarks.nation import SETTINGS, Nation
from benchmarks.people import People
from benchmarks.policies import MONTH, make_rows
from benchmarks.servers import again_beside_postgres, memory_of, resident, served
from incidents.models import Incident
from tests import clock
from vpdportal.accounts.roles import Role
from vpdportal.tenancy import everywhere

OTHERS, OWN = 1_000_000, 4_000
FIRST, LAST = 1_000, 10_000  # requests
A_REPORT = 12  # requests


def acts_of(people: People, port: int, cases: list[str]) -> list[tuple[int, Act, int]]:
    """How often of a hundred, what, and how many requests that is."""
    browsers = {role: people.browser(port, role) for role in (Role.ADVISER, Role.EMPLOYEE, Role.MANAGEMENT)}
    adviser, employee, management = browsers.values()
    chance, slug = Random(2026), people.town.organisation.slug  # noqa: S311
    reporter, search = people.reporter(port), reverse("case_search")
    lists = reverse("case_list")
    return [
        (25, lambda: adviser.get(reverse("work_list")), 1),
        (20, lambda: adviser.get(reverse("case", args=[chance.choice(cases)])), 1),
        (15, lambda: adviser.get(lists), 1),
        (10, lambda: adviser.send(search, {"search": "schelden"}, adviser.get(lists)), 2),
        (15, lambda: employee.get(reverse("home")), 1),
        (10, lambda: management.get(reverse("overview", args=[slug, MONTH.code])), 1),
        (5, reporter.write, A_REPORT),
    ]


def ask_until(total: int, done: int, acts: list[tuple[int, Act, int]], chance: Random) -> int:
    """Go on until so many requests were answered."""
    while done < total:
        ((_often, act, requests),) = chance.choices(acts, [often for often, _act, _number in acts])
        act()
        done += requests
    return done


def report(given: argparse.Namespace) -> Iterator[str]:
    with everywhere():
        town, case = make_rows(given.own, 0)
        people, cases = People(town), [str(case.pk)]
    Nation().grow(given.others)
    with everywhere(), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    shift = str((NOW - timezone.now()).total_seconds())
    done, chance, seen = 0, Random(9), {}  # noqa: S311
    with served("vpdportal.wsgi", "/-/live", DJANGO_SETTINGS_MODULE="benchmarks.served", CLOCK_SHIFT=shift) as port:
        acts = acts_of(people, port, cases)
        for total in (given.first, given.last):
            began = perf_counter()
            done = ask_until(total, done, acts, chance)
            seen[total] = [one / 1024 for one in resident(port)]
            own = [one / 1024 for one in memory_of(port)][1:]
            sizes = ", ".join(f"{one:.1f}" for one in seen[total])
            yield f"  {done:,} requests, {perf_counter() - began:.0f} s: {sizes} MiB"
    with everywhere():
        written = Incident.objects.filter(organisation=town.organisation).count() - given.own
    first, last = seen[given.first], seen[given.last]
    figures = [
        Figure(
            "P9",
            f"a web process after {given.last:,} mixed requests",
            last,
            unit="MiB",
            most=130,
            more={"with its part of what it shares (PSS), MiB": own, "reports written": written},
        ),  # fmt: skip
        Figure(
            "P9",
            f"beside after {given.first:,}",
            [b / a for a, b in zip(first, last, strict=True)],
            most=1.1,
            more={"then, MiB": first},
        ),  # fmt: skip
    ]
    yield from keep(
        "memory", figures, {"own": given.own, "others": given.others, "requests": [given.first, given.last]}
    )


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--others", type=int, default=OTHERS)
    asked.add_argument("--own", type=int, default=OWN)
    asked.add_argument("--first", type=int, default=FIRST)
    asked.add_argument("--last", type=int, default=LAST)
    asked.add_argument("--here", action="store_true", help="on the database of DATABASE_URL, which must be empty")
    given = asked.parse_args()
    if given.here:
        clock.set_to(NOW)
        say(report(given))
    else:
        again_beside_postgres("memory", SETTINGS)
