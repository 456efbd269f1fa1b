"""What the second lock between organisations costs (ADR 31): `python run.py bench policies`, on a real PostgreSQL.

The same pages in one process over three connections that take turns: as in use; as a role that the policies do not
hold; and as that role without telling the session its scope. The ratio of the first to the last is the whole price.
What is counted is processor time, of the program and of its session at the database: others may use the machine too.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import median
from time import process_time, time
from typing import Any

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.utils import load_backend
from django.test import Client
from django.urls import reverse

from benchmarks.month_rows import NOW, OTHERS, Town, add_reports, make_town
from guidance.card import Card
from incidents.models import Incident, Measure, Task
from incidents.overview.periods import Period
from incidents.overview.releases import release
from tests import clock
from tests.services import Postgres, own_postgres
from tests.world import Place, make_incident, make_place
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Role
from vpdportal.tenancy import everywhere, within

SETTINGS = {"fsync": "on", "full_page_writes": "on", "autovacuum": "off"}
OWN, OF_OTHERS = 4_000, 100_000  # reports in two years, of the organisation measured and of all others
OPEN_DAYS = 30  # reports of the last so many days are still open
RESTRICTED = 100  # one report in so many
RUNS, ROUNDS = 3, 40
FREED = "freed"  # the role that passes the policies by
OURS, PLAIN = "vpdportal.database", "django.db.backends.postgresql"
HELD, PASSED, UNTOLD = "as in use", "without policies", "and without scope"
WAYS = {HELD: ("portal", OURS), PASSED: (FREED, OURS), UNTOLD: (FREED, PLAIN)}
MONTH = Period.parse("2026-11")
CASES = "SELECT count(*) FROM incidents_incident"
Seconds = dict[str, list[float]]


class Lines:
    """The three connections, each open for the whole run; one at a time is the portal's."""

    def __init__(self) -> None:
        given = {**connection.settings_dict}
        self._all: dict[str, Any] = {}
        for way, (role, engine) in WAYS.items():
            settings = {**given, "USER": role, "ENGINE": engine}
            self._all[way] = load_backend(engine).DatabaseWrapper(settings, DEFAULT_DB_ALIAS)
        self._own = connections[DEFAULT_DB_ALIAS]

    @contextmanager
    def over(self, way: str) -> Iterator[None]:
        connections[DEFAULT_DB_ALIAS] = self._all[way]
        try:
            yield
        finally:
            connections[DEFAULT_DB_ALIAS] = self._own

    def spent(self, way: str) -> float:
        """Seconds of a processor so far, of this process and of its session at the database. On Linux only."""
        with self.over(way):
            connection.ensure_connection()
            session = connection.connection.info.backend_pid  # type: ignore[union-attr]
        nanoseconds = Path(f"/proc/{session}/schedstat").read_text().split()[0]
        return process_time() + int(nanoseconds) / 1e9

    def check(self, town: Town) -> None:
        """The first connection is held to one organisation, and the other two are not: else this measures nothing."""
        seen = {}
        with within([town.organisation.pk]):
            for way in WAYS:
                with self.over(way), connection.cursor() as cursor:
                    cursor.execute(CASES)
                    seen[way] = cursor.fetchone()[0]
        own, every = Incident.objects.filter(organisation=town.organisation).count(), Incident.objects.count()
        if seen != {HELD: own, PASSED: every, UNTOLD: every} or own == every:
            raise SystemExit(f"{seen}: this measured nothing")


# --- the rows --------------------------------------------------------------------------------------------------------


def make_rows(own: int, of_others: int) -> tuple[Town, Incident]:
    """Two years of reports, of which the last month is open; one report of them has been made as people make it."""
    call_command("migrate", verbosity=0)
    for number in range(OTHERS):
        add_reports(make_town(f"Elders {number}", f"elders-{number}"), of_others // OTHERS)
    place = make_place("Vlinderwaard")
    town = Town(place.organisation, {Role(name): user for name, user in place.people.items()})
    add_reports(town, own)
    _close_and_open(place)
    case = make_incident(place)
    release(organisation=place.organisation, period=MONTH, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return town, case


def _close_and_open(place: Place) -> None:
    since, adviser = NOW - timedelta(days=OPEN_DAYS), place.adviser
    Incident.objects.filter(reported_at__lt=since).update(status="closed", closed_at=since, closed_by=adviser)
    Incident.objects.filter(reported_at__gte=since, organisation=place.organisation).update(adviser=adviser)
    newest = Task.objects.filter(incident__reported_at__gte=since)
    newest.update(status="open", finished_at=None, finished_by=None, menu_version=Card.default().version)
    Measure.objects.filter(incident__reported_at__gte=since).update(menu_version=Card.default().version)
    some = [one["pk"] for one in Incident.objects.order_by("idempotency_key").values("pk")[::RESTRICTED]]
    Incident.objects.filter(pk__in=some).update(is_restricted=True)
    Incident.objects.filter(pk__in=some, organisation=place.organisation).update(adviser=place.deputy)


# --- the pages -------------------------------------------------------------------------------------------------------


def signed_in(user: User) -> Client:
    """A browser in which this person proved who they are with both steps."""
    client = Client()
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": one, "at": time()} for one in ("password", "mfa")]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client


def pages_of(town: Town, case: Incident) -> dict[str, tuple[Client, str]]:
    adviser, management = signed_in(town.people[Role.ADVISER]), signed_in(town.people[Role.MANAGEMENT])
    employee = signed_in(town.people[Role.EMPLOYEE])
    return {
        "the work list": (adviser, reverse("work_list")),
        "the list of cases": (adviser, reverse("case_list")),
        "a case": (adviser, reverse("case", args=[case.pk])),
        "my tasks": (adviser, reverse("my_tasks")),
        "a month": (management, reverse("overview", args=[town.organisation.slug, MONTH.code])),
        "home, of an employee": (employee, reverse("home")),
    }


def open_page(page: tuple[Client, str]) -> None:
    client, address = page
    if (status := client.get(address).status_code) != 200:  # noqa: PLR2004
        raise SystemExit(f"{address} answered {status}: this measured nothing")


def take_turns(lines: Lines, page: tuple[Client, str], rounds: int, chance: Random) -> Seconds:
    """Seconds over each connection, in turns, each round in another order; the first round does not count."""
    took: Seconds = {way: [] for way in WAYS}
    for number in range(rounds + 1):
        for way in chance.sample(list(WAYS), len(WAYS)):
            began = lines.spent(way)
            with lines.over(way):
                open_page(page)
            if number:
                took[way].append(lines.spent(way) - began)
    return took


# --- all of it -------------------------------------------------------------------------------------------------------


def report(own: int, of_others: int, runs: int, rounds: int) -> Iterator[str]:
    with everywhere():
        town, case = make_rows(own, of_others)
        lines, pages = Lines(), pages_of(town, case)
        lines.check(town)
    yield f"{own:,} reports of the organisation among {of_others:,} of {OTHERS} others; {runs} runs of {rounds} rounds"
    yield f"  {'':22}{'ms in use':>12}{'policies':>12}{'each run':>18}{'all of it':>12}{'each run':>18}"
    for name, page in pages.items():
        found = [take_turns(lines, page, rounds, Random(run)) for run in range(runs)]  # noqa: S311
        of_policies, of_all = ([_ratio(one, HELD, base) for one in found] for base in (PASSED, UNTOLD))
        in_use = median(_middle(one, HELD) for one in found) * 1000
        yield (
            f"  {name:22}{in_use:12.1f}{median(of_policies):12.3f}{_spread(of_policies):>18}"
            f"{median(of_all):12.3f}{_spread(of_all):>18}"
        )


def _middle(took: Seconds, way: str) -> float:
    return median(took[way])


def _ratio(took: Seconds, way: str, base: str) -> float:
    """The middle of the ratios of each round: what slows the machine down for a while slows both."""
    return median(one / other for one, other in zip(took[way], took[base], strict=True))


def _spread(values: list[float]) -> str:
    return f"{min(values):.3f} – {max(values):.3f}"


def with_freed(server: Postgres) -> None:
    """The role that is as the portal's own, and passes the policies by."""
    server.ask(f"CREATE ROLE {FREED} LOGIN BYPASSRLS IN ROLE portal")


def main(own: int, of_others: int, runs: int, rounds: int) -> None:
    clock.set_to(NOW)
    for line in report(own, of_others, runs, rounds):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--own", type=int, default=OWN)
    asked.add_argument("--others", type=int, default=OF_OTHERS)
    asked.add_argument("--runs", type=int, default=RUNS)
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    asked.add_argument("--here", action="store_true", help="on the database of DATABASE_URL, which must be empty")
    given = asked.parse_args()
    if given.here:
        main(given.own, given.others, given.runs, given.rounds)
    else:
        with own_postgres(**SETTINGS) as server:
            with_freed(server)
            again = [sys.executable, "-m", "benchmarks.policies", *sys.argv[1:], "--here"]
            raise SystemExit(subprocess.run(again, env={**os.environ, "DATABASE_URL": server.url()}).returncode)
