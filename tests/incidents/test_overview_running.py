"""A month that still runs is counted up to now: what is not due yet is not late, no norm is missed before its end."""

from datetime import timedelta

from incidents.overview.counting import count_month
from incidents.overview.periods import Period
from tests import clock
from tests.world import Place, make_incident

MONTH = Period.parse("2026-11")
SOON = clock.START + timedelta(minutes=1)


def test_what_is_not_due_yet_is_not_late(town: Place):
    make_incident(town)
    running, ended = (count_month(town.organisation, MONTH, until=until) for until in (SOON, None))
    assert running.numbers["reports"] == ended.numbers["reports"] == 1
    assert (running.stocks["overdue_tasks"], running.shares["reception"]) == (0, (0, 0))
    assert ended.stocks["overdue_tasks"] > 0 and ended.shares["reception"] == (0, 1), "nobody did anything that month"


def test_from_its_term_on_it_is_late(town: Place):
    make_incident(town)
    later = clock.now() + timedelta(hours=73)
    counts = count_month(town.organisation, MONTH, until=later)
    assert counts.stocks["overdue_tasks"] > 0 and counts.shares["reception"] == (0, 1)


def test_a_report_of_this_moment_counts_from_the_next(town: Place):
    make_incident(town)
    moment = timedelta(microseconds=1)
    found = [count_month(town.organisation, MONTH, until=clock.now() + step) for step in (-moment, moment)]
    assert [counts.numbers["reports"] for counts in found] == [0, 1]
