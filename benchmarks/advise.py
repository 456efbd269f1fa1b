"""How fast the menu answers: `make bench`, four minutes. Figures are ratios to a baseline of the same run.

What is compared takes turns (A B A B …), so that a machine that slows down slows both. The baseline of an advice is the
menu by hand, sixty plain ifs (tests/guidance/by_hand.py).
"""

import resource
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from statistics import median
from time import perf_counter, process_time
from typing import Any
from uuid import uuid4

from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings

from benchmarks.figures import Figure, keep, say
from guidance.advice import advise
from guidance.card import Card
from guidance.cards import card_for
from guidance.facts import Facts
from guidance.questions import questions_of
from incidents.models import Incident
from incidents.overview.preview import YEAR, advised_again, preview
from tests.guidance import by_hand
from tests.guidance.strategies import WHEN, many_facts
from tests.world import make_place
from vpdportal.accounts.models import Organisation
from vpdportal.demo.fill import fill
from vpdportal.tenancy import everywhere

BY_HAND = "sixty ifs by hand"
BARE = "fetched and decrypted"
GOAL = 10  # times the menu by hand, at most
ROUNDS = 5
SIZES = (1_000, 10_000, 100_000)
DEMO_REPORTS = 300
TOGETHER = 1_000  # rows written at a time
NOW = WHEN.reported_at
MEGABYTE = 1024 if sys.platform != "darwin" else 1024 * 1024  # what ru_maxrss counts in: kilobytes, on a Mac bytes


@dataclass(frozen=True)
class Timing:
    """Seconds for one turn over everything, in each round."""

    name: str
    seconds: list[float]

    @property
    def middle(self) -> float:
        return median(self.seconds)


def take_turns(rounds: int, runs: dict[str, Callable[[], Any]]) -> list[Timing]:
    """Processor time of each, one after the other, round after round; one round before that does not count."""
    found: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(rounds + 1):
        for name, run in runs.items():
            began = process_time()
            run()
            if number:
                found[name].append(process_time() - began)
    return [Timing(name, seconds) for name, seconds in found.items()]


def as_table(title: str, timings: list[Timing], each: int, unit: str) -> Iterator[str]:
    """One line a timing: microseconds for one, lowest to highest, and how many times the first one's."""
    yield f"\n{title}"
    yield f"  {'':44}{'µs ' + unit:>14}{'lowest – highest':>22}{'ratio':>8}"
    for timing in timings:
        low, mid, high = (value / each * 1e6 for value in (min(timing.seconds), timing.middle, max(timing.seconds)))
        yield f"  {timing.name:44}{mid:14.1f}{f'{low:.1f} – {high:.1f}':>22}{timing.middle / timings[0].middle:8.1f}"


# --- one incident ----------------------------------------------------------------------------------------------------


def one_incident(rounds: int, number: int, repeats: int, kept: list[Figure] | None = None) -> Iterator[str]:
    """Deciding what fits, the whole answer and its questions, against the menu by hand. `kept`: its figures."""
    card, every = Card.default(), list(many_facts(number)) * repeats

    def over_all(answer: Callable[[Facts], Any]) -> Callable[[], None]:
        def run() -> None:
            for facts in every:
                answer(facts)

        return run

    runs = {
        BY_HAND: over_all(by_hand.fitting),
        "advise(): which items fit": over_all(lambda facts: advise(facts, card, WHEN).codes),
        "advise(): all of it, why and by when": over_all(lambda facts: whole_answer(facts, card)),
        "questions_of(): every answer tried": over_all(lambda facts: questions_of(advise(facts, card, WHEN))),
    }
    timings = take_turns(rounds, runs)
    yield from as_table(f"One incident: {number} different ones, {rounds} rounds", timings, len(every), "each")
    ratio = timings[1].middle / timings[0].middle
    for timing in timings[1:] if kept is not None else ():
        ratios = [one / hand for one, hand in zip(timing.seconds, timings[0].seconds, strict=True)]
        most = GOAL if timing is timings[1] else None
        kept.append(  # type: ignore[union-attr]
            Figure("P8" if most else "", f"{timing.name}, beside sixty ifs by hand", ratios, most=most,
                   more={"µs": timing.middle / len(every) * 1e6})
        )  # fmt: skip
    yield f"  Which items fit, in at most {GOAL} times the sixty ifs: {'kept' if ratio <= GOAL else 'MISSED'}."


def whole_answer(facts: Facts, card: Card) -> list[Any]:
    """What a page shows of each advice; the calendar is kept from one incident of a day to the next."""
    return [
        (one.because, one.due, one.steps, one.is_late_report, one.is_on_hold, one.months, one.waits_for)
        for one in advise(facts, card, WHEN).advice
    ]


# --- a hundred thousand ----------------------------------------------------------------------------------------------


def make_rows(number: int, town: Any) -> None:
    """So many incidents with sealed facts, made by the real model."""
    rows = (_row(index, facts, town) for index, facts in enumerate(many_facts(number)))
    while some := list(islice(rows, TOGETHER)):
        Incident.objects.bulk_create(some)


def _row(index: int, facts: Facts, town: Any) -> Incident:
    incident = Incident(
        organisation=town.organisation,
        reference=f"VW-{index:06}",
        idempotency_key=uuid4(),
        reporter=town.employee,
        department=town.department,
        occurred_at=NOW,
        reported_at=NOW,
        touched_at=NOW,
        main_behaviour=facts.behaviours[0],
        channel=facts.channel,
        target_group=facts.target_group,
        severity=facts.severity or 1,
        severity_proposed=facts.severity or 1,
        menu_version=Card.default().version,
    )
    incident.facts = facts
    return incident


def sealed_only() -> Any:
    """The rows with what advising again needs of them."""
    return Incident.objects.only("sealed_facts", "severity", "severity_confirmed_at").order_by("pk")


def read_bare(rows: Any) -> None:
    """The least that can be done with these rows: fetch them and open the facts."""
    for incident in rows.iterator(chunk_size=500):
        _ = incident.sealed_facts


def advise_all(rows: Any, card: Card) -> None:
    deque(advised_again(rows, card), maxlen=0)


def a_batch(rounds: int, sizes: Iterable[int], kept: list[Figure] | None = None) -> Iterator[str]:
    """All rows advised again: how fast beside bare reading, and how much memory after so many. `kept`: its figures."""
    card, most = Card.default(), max(sizes)
    few = sealed_only()[: min(10_000, most)]
    runs = {BARE: lambda: read_bare(few), "and advised again": lambda: advise_all(few, card)}
    timings = take_turns(rounds, runs)
    yield from as_table(f"A batch, {min(10_000, most):,} rows at a time", timings, min(10_000, most), "a row")
    yield f"\nA batch of {most:,}, in one go"
    yield f"  {'rows':>12}{'rows a second':>18}{'highest memory, MB':>22}{'more than at first':>22}"
    first, began, wanted, held = _highest_memory(), perf_counter(), set(sizes), dict[int, float]()
    for number, _pair in enumerate(advised_again(sealed_only(), card), start=1):
        if number in wanted:
            speed = number / (perf_counter() - began)
            held[number] = _highest_memory()
            yield f"  {number:12,}{speed:18,.0f}{_highest_memory():22.1f}{_highest_memory() - first:22.1f}"
    if kept is not None:
        middle = sorted(held)[len(held) // 2]
        kept.append(
            Figure("P8", f"memory after advising {most:,} again, beside {middle:,}", [held[most] / held[middle]],
                   most=1.1, more={"MB": list(held.values())})
        )  # fmt: skip


def _highest_memory() -> float:
    """Megabytes that this process held at the most, since it began."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE


# --- the preview of a card -------------------------------------------------------------------------------------------


def a_preview(rounds: int, organisation: Organisation, now: datetime, code: str = "R06") -> Iterator[str]:
    """Twelve months of an organisation advised again by its card, beside bare reading of the same rows."""
    cases = Incident.objects.filter(organisation=organisation)
    card = card_for(organisation)
    with CaptureQueriesContext(connection) as queries:
        found = preview(cases, code=code, card=card, now=now)
    recent = cases.filter(reported_at__gt=now - YEAR, reported_at__lte=now).only("sealed_facts")
    runs = {BARE: lambda: read_bare(recent), "preview()": lambda: preview(cases, code=code, card=card, now=now)}
    timings = take_turns(rounds, runs)
    title = f"Preview of a card over 12 months of {organisation.name}"
    yield from as_table(title, timings, max(1, found.of), "a report")
    yield (
        f"  {found.count} of {found.of} reports; queries: {len(queries)}; "
        f"all of it in {timings[1].middle * 1000:.0f} ms, bare reading {timings[0].middle * 1000:.0f} ms"
    )


# --- all of it -------------------------------------------------------------------------------------------------------


def main() -> None:
    if "vpd-test-" not in str(connection.settings_dict["NAME"]):
        raise SystemExit("Run `make bench`: this makes 100,000 incidents, so it wants a temporary database.")
    call_command("migrate", verbosity=0)
    kept: list[Figure] = []
    say(one_incident(ROUNDS, number=200, repeats=20, kept=kept))
    # Another process writes the rows, so that the memory here is that of reading them.
    subprocess.run([sys.executable, "-m", "benchmarks.advise", "rows"], check=True)
    say(a_batch(ROUNDS, SIZES, kept))
    now = NOW + timedelta(hours=3)
    with override_settings(DEMO=True):
        fill(now=now, reports=DEMO_REPORTS)
    say(a_preview(ROUNDS, Organisation.objects.get(slug="vlinderwaard", is_demo=True), now))
    say(keep("advise", kept, {"rows": list(SIZES), "rounds": ROUNDS, "database": connection.vendor}))


if __name__ == "__main__":
    with everywhere():
        if sys.argv[1:] == ["rows"]:
            make_rows(max(SIZES), make_place("Vlinderdijk"))
        else:
            main()
