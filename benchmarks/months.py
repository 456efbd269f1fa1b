"""How fast an overview is counted and shown: `python -m benchmarks.months`, on a real PostgreSQL, a quarter of an hour.

The baseline is bare SQL for the same aggregates of the same rows, measured in turns with the portal in one process. The
page is set beside the least that any page must do: session, user and one query. Both are measured among ten thousand
and among a million reports of other organisations: a nation's rows may not be felt.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from statistics import median
from time import perf_counter

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from benchmarks.month_rows import CODES, NOW, OTHERS, Town, add_reports, make_town
from incidents.models import Release
from incidents.overview.counted_work import MONTHS_OF_REPEAT
from incidents.overview.counting import count_month
from incidents.overview.figures import AANGIFTE, CONTACT_STEP, FEEDBACK, FOLLOW_UPS, HALF_A_YEAR, POLICE, REACTION
from incidents.overview.periods import Period
from incidents.overview.releases import release, release_due
from tests import clock
from tests.services import own_postgres
from vpdportal.accounts.models import Organisation, User
from vpdportal.accounts.roles import Role
from vpdportal.tenancy import everywhere

SIZES = (10_000, 1_000_000)  # reports of other organisations
OWN = 4_000  # reports of the organisation that is measured, in two years
ROUNDS = 30
MONTH = Period.parse("2026-11")
SETTINGS = {"fsync": "on", "full_page_writes": "on", "autovacuum": "off"}
NORMS = ("R01", "R03", "N02", *REACTION, *POLICE, *FOLLOW_UPS, *AANGIFTE)
PARTS = ("main_behaviour", "severity", "channel", "target_group", "department_id", "location_id",
         "extract(isodow FROM occurred_at AT TIME ZONE 'Europe/Amsterdam')",
         "extract(hour FROM occurred_at AT TIME ZONE 'Europe/Amsterdam')")  # fmt: skip


REPORTS = (
    "FROM incidents_incident WHERE organisation_id = %(own)s AND reported_at >= %(first)s AND reported_at < %(last)s "
    "AND status <> 'merged'"
)
TASKS = "FROM incidents_task WHERE organisation_id = %(own)s"
TASKS_WITH_MEASURE = (
    "FROM incidents_task t JOIN incidents_measure m ON m.id = t.measure_id WHERE t.organisation_id = %(own)s"
)
FILED = (
    "FROM incidents_policesheet WHERE organisation_id = %(own)s AND kind = 'aangifte' AND filed_on >= %(first)s AND "
    "filed_on < %(last)s"
)
REPORTED = f"{TASKS} AND status = 'done' AND code IN {AANGIFTE} AND finished_at >= %(first)s AND finished_at < %(last)s"
FILED_BEFORE = "FROM incidents_policesheet WHERE kind = 'aangifte' AND filed_on < %(first)s"
CONTACTS = (
    f"SELECT incident_id, finished_at AS at {TASKS} AND code = '{FEEDBACK}' AND step = {CONTACT_STEP} AND status = "
    "'done' UNION ALL SELECT m.incident_id, m.at FROM incidents_message m JOIN incidents_incident i ON i.id = "
    "m.incident_id WHERE m.organisation_id = %(own)s AND m.is_from_desk AND m.person_id = i.reporter_id"
)
ASKED = [
    f"SELECT kind, count(*), count(*) FILTER (WHERE severity >= 3) {REPORTS} GROUP BY 1",
    *(f"SELECT {part}, count(*) {REPORTS} AND kind = 'incident' GROUP BY 1" for part in PARTS),
    f"SELECT main_behaviour, count(*) {REPORTS} AND channel = 'social_media' GROUP BY 1",
    f"SELECT department_id, count(*) {REPORTS} AND severity >= 3 GROUP BY 1",
    "SELECT t.code, count(DISTINCT t.incident_id), count(DISTINCT t.incident_id) FILTER (WHERE t.status = 'done' "
    "AND t.finished_at <= t.due_at) FROM incidents_task t JOIN incidents_measure m ON m.id = t.measure_id JOIN "
    "incidents_incident i ON i.id = t.incident_id WHERE t.organisation_id = %(own)s AND t.due_at >= %(first)s AND "
    f"t.due_at < %(last)s AND t.code IN {NORMS} AND NOT t.is_on_hold AND NOT m.is_late_report AND "
    "i.status <> 'merged' GROUP BY 1",
    f"SELECT code, count(*) {TASKS} AND finished_at >= %(first)s AND finished_at < %(last)s AND status = 'done' "
    "GROUP BY 1",
    f"SELECT count(*), count(*) FILTER (WHERE due_at < %(last)s) {TASKS} AND (status = 'open' OR finished_at >= "
    "%(last)s)",
    "SELECT closed_at - reported_at FROM incidents_incident WHERE organisation_id = %(own)s AND closed_at >= %(first)s "
    "AND closed_at < %(last)s",
    "SELECT count(*) FROM incidents_incident WHERE organisation_id = %(own)s AND severity >= 3 AND reported_at < "
    "%(last)s AND (closed_at IS NULL OR closed_at >= %(last)s)",
    "SELECT count(*), count(*) FILTER (WHERE ends_on < %(after)s) FROM incidents_reaction WHERE organisation_id = "
    "%(own)s AND given_at < %(last)s AND ends_on >= %(first)s",
    "SELECT count(*) FROM incidents_reaction WHERE organisation_id = %(own)s AND end_kind = 'expired' AND ends_on >= "
    "%(first)s AND ends_on < %(last)s",
    f"SELECT t.code, count(DISTINCT t.measure_id) {TASKS_WITH_MEASURE} AND t.finished_at >= %(first)s AND "
    "t.finished_at < %(last)s AND t.status = 'done' AND m.phase = 'prevention' GROUP BY 1",
    f"SELECT count(*) {TASKS} AND kind = 'lesson' AND assigned_at >= %(first)s AND assigned_at < %(last)s",
    f"SELECT count(*) FROM (SELECT incident_id {FILED} UNION SELECT incident_id {REPORTED}) AS one "
    f"WHERE NOT EXISTS (SELECT 1 {FILED_BEFORE} AND incident_id = one.incident_id)",
    "SELECT count(*), count(*) FILTER (WHERE was_helped = 'yes') FROM incidents_incident WHERE organisation_id = "
    "%(own)s AND helped_at >= %(first)s AND helped_at < %(last)s AND was_helped <> ''",
    "SELECT count(*), count(*) FILTER (WHERE EXISTS (SELECT 1 FROM incidents_involvement v JOIN incidents_incident i "
    "ON i.id = v.incident_id WHERE v.person_id = r.person_id AND i.occurred_at > r.given_at)) FROM incidents_reaction "
    "r WHERE r.organisation_id = %(own)s AND r.given_at >= %(half)s AND r.given_at < %(half_last)s",
    f"SELECT floor(extract(epoch FROM min(c.at) - i.reported_at) / 3600), i.id FROM ({CONTACTS}) AS c JOIN "
    "incidents_incident i ON i.id = c.incident_id WHERE c.at < %(last)s GROUP BY i.id HAVING min(c.at) >= %(first)s",
    "SELECT count(*) FROM (SELECT v.person_id FROM incidents_involvement v JOIN incidents_incident i ON i.id = "
    "v.incident_id WHERE v.organisation_id = %(own)s AND v.role = 'perpetrator' AND i.reported_at >= %(year)s AND "
    "i.reported_at < %(last)s GROUP BY 1 HAVING count(DISTINCT v.incident_id) > 1) AS again",
    *(
        f"SELECT sum({one}), count(*) FROM incidents_damageline WHERE organisation_id = %(own)s AND {one}_on >= "
        f"%(first)s AND {one}_on < %(last)s"
        for one in ("claimed", "recovered")
    ),
]


def bare_sql(organisation: Organisation) -> None:
    """What a month is made of, as a person would ask the database for it."""
    half = timedelta(days=HALF_A_YEAR)
    values = {
        "own": organisation.pk, "first": MONTH.start, "last": MONTH.end, "after": MONTH.shifted(1).end,
        "half": MONTH.start - half, "half_last": MONTH.end - half, "year": MONTH.shifted(1 - MONTHS_OF_REPEAT).start,
    }  # fmt: skip
    with connection.cursor() as cursor:
        for sql in ASKED:
            cursor.execute(sql, values)
            cursor.fetchall()


def least_page(client: Client) -> Callable[[], None]:
    """Session, user and one query."""
    key = client.session.session_key

    def ask() -> None:
        session = Session.objects.get(session_key=key)
        User.objects.get(pk=session.get_decoded()[SESSION_KEY])
        Release.objects.filter(year=MONTH.year).values_list("shown", flat=True).first()

    return ask


def in_turns(parts: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Milliseconds of each, the middle of all rounds; the parts take turns, and the first round is not counted."""
    took: dict[str, list[float]] = {name: [] for name in parts}
    for number in range(rounds + 1):
        for name, do in parts.items():
            began = perf_counter()
            do()
            if number:
                took[name].append((perf_counter() - began) * 1000)
    return {name: median(each) for name, each in took.items()}


def measure(town: Town, rounds: int) -> dict[str, float]:
    client = Client()
    client.force_login(town.people[Role.MANAGEMENT])
    page = reverse("overview", args=[town.organisation.slug, MONTH.code])

    def open_page() -> None:
        if client.get(page).status_code != 200:  # noqa: PLR2004
            raise SystemExit("the page did not open: this measured nothing")

    return in_turns(
        {
            "bare SQL": lambda: bare_sql(town.organisation),
            "counting the month": lambda: count_month(town.organisation, MONTH),
            "session, user, one query": least_page(client),
            "the page": open_page,
        },
        rounds,
    )


def fix_all(town: Town) -> float:
    """Fix every month before, then this one; gives the seconds of this one."""
    release_due(now=MONTH.start + timedelta(days=5))
    began = perf_counter()
    release(organisation=town.organisation, period=MONTH, now=NOW)
    return perf_counter() - began


def report(sizes: list[int], own: int, rounds: int) -> Iterator[str]:
    call_command("migrate", verbosity=0)
    others = [make_town(f"Elders {number}", f"elders-{number}") for number in range(OTHERS)]
    town, there, seen = make_town("Vlinderwaard", "vlinderwaard"), 0, {}
    add_reports(town, own)
    yield f"making November of {own:,} reports in two years, with the attacker program: {fix_all(town):.1f} s"
    for size in sizes:
        for other in others:
            add_reports(other, (size - there) // OTHERS, codes=CODES[:1])
        there = size
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        took = seen[size] = measure(town, rounds)
        yield f"\namong {size:,} reports of others (milliseconds, the middle of {rounds})"
        yield from (f"  {name:28}{value:9.1f}" for name, value in took.items())
        yield f"  counting : bare SQL         {took['counting the month'] / took['bare SQL']:9.2f}"
        yield f"  the page : least page       {took['the page'] / took['session, user, one query']:9.2f}"
        yield f"  the page : bare SQL         {took['the page'] / took['bare SQL']:9.2f}"
    first, last = seen[sizes[0]], seen[sizes[-1]]
    yield f"\nfrom {sizes[0]:,} to {sizes[-1]:,} of others"
    yield from (f"  {name:28}{last[name] / first[name]:9.2f} times" for name in first)


def main(sizes: list[int], own: int, rounds: int) -> None:
    clock.set_to(NOW)
    for line in report(sizes, own, rounds):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--others", type=int, nargs="+", default=SIZES)
    asked.add_argument("--own", type=int, default=OWN)
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    asked.add_argument("--here", action="store_true", help="on the database of DATABASE_URL, which must be empty")
    given = asked.parse_args()
    if given.here:
        with everywhere():
            main(list(given.others), given.own, given.rounds)
    else:
        with own_postgres(**SETTINGS) as server:
            again = [sys.executable, "-m", "benchmarks.months", *sys.argv[1:], "--here"]
            raise SystemExit(subprocess.run(again, env={**os.environ, "DATABASE_URL": server.url("portal")}).returncode)
