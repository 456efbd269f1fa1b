"""Finding among 20,000 sealed cases of one organisation: `run.py bench search`, five minutes (P3).

What is typed goes in by POST and comes back as the first page of what fits, with its row in the audit trail. The
baseline is what one would have to do without keyed hashes: fetch the same cases and open what stands in them.
"""

import argparse
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice
from random import Random
from statistics import median
from typing import Any
from uuid import uuid4

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benchmarks.asking import Act, in_turns, p95
from benchmarks.figures import Figure, keep, say
from benchmarks.month_rows import DAYS, NOW
from benchmarks.policies import SETTINGS, signed_in
from benchmarks.servers import again_beside_postgres
from guidance.card import Card
from incidents.actions.words import digests_of_words
from incidents.models import CaseWords, Incident, Involvement, Person, PersonKey
from incidents.person_keys import digest
from incidents.vocabulary import IdentifierKind, InvolvedAs
from tests import clock
from tests.guidance.strategies import BARE
from tests.world import Place, make_incident, make_place
from vpdportal.tenancy import everywhere

CASES, PEOPLE = 20_000, 5_000
RUNS, ROUNDS, TOGETHER = 3, 5, 1_000
READ = ("story", "place", "perpetrator_description")  # what a case is searched by
COMMON, RARE = "balie", "zeilboot"
FIRST = ("ge", "be", "ver", "ont", "her", "aan", "op", "uit")
LAST = ("spreken", "loop", "sloeg", "riep", "duwde", "stond", "brief", "kamer", "buurt", "avond", "stoel", "deur")
WORDS = [f"{first}{last}" for first in FIRST for last in LAST]


def make_cases(place: Place, number: int) -> None:
    """So many sealed reports of some twenty words each, spread over two years; ten of them hold the rare word."""
    chance, every = Random(2026), range(number)  # noqa: S311
    rare = set(chance.sample(every, min(10, number)))
    numbers = iter(every)
    while some := list(islice(numbers, TOGETHER)):
        cases = [_case(place, one, chance, [RARE] if one in rare else []) for one in some]
        Incident.objects.bulk_create(cases)
        CaseWords.objects.bulk_create(_words(case) for case in cases)


def _case(place: Place, number: int, chance: Random, more: list[str]) -> Incident:
    at = NOW - timedelta(days=chance.random() * DAYS)
    case = Incident(
        organisation=place.organisation, reference=f"VW-{number:06}", idempotency_key=uuid4(), reporter=place.employee,
        department=place.department, occurred_at=at, reported_at=at, touched_at=at, channel=BARE.channel,
        main_behaviour=BARE.behaviours[0], target_group=BARE.target_group, severity=2, severity_proposed=2,
        menu_version=Card.default().version, status="closed", closed_at=at, closed_by=place.adviser,
    )  # fmt: skip
    case.facts = BARE
    case.story = " ".join([*chance.choices(WORDS, k=18), *more])
    case.place, case.perpetrator_description = COMMON if number % 4 == 0 else "de gang", "lang, met een bril"
    return case


def _words(case: Incident) -> CaseWords:
    texts = [getattr(case, name) for name in READ]
    own = case.organisation_id
    return CaseWords(incident=case, organisation_id=own, digests=digests_of_words(texts, own))


def make_people(place: Place, number: int) -> None:
    """So many people outside, each in one case."""
    own = place.organisation
    people = [Person(organisation=own, created_at=NOW, created_by=place.adviser) for _number in range(number)]
    for index, person in enumerate(people):
        person.sealed_name, person.sealed_address, person.sealed_note = f"Fictie van Verzinsel {index}", "", ""
        person.identifiers = {IdentifierKind.EMAIL: [_email(index)]}
    Person.objects.bulk_create(people)
    PersonKey.objects.bulk_create(
        PersonKey(
            organisation=own, person=person, kind=IdentifierKind.EMAIL,
            digest=digest(IdentifierKind.EMAIL, _email(index), own.pk),
        )
        for index, person in enumerate(people)
    )  # fmt: skip
    cases = list(Incident.objects.order_by("reference").only("pk")[:number])
    pairs = zip(people, cases, strict=False)
    Involvement.objects.bulk_create(
        Involvement(
            organisation=own, incident=case, person=person, role=InvolvedAs.PERPETRATOR, at=NOW, by=place.adviser
        )
        for person, case in pairs
    )


def _email(number: int) -> str:
    return f"fictie.{number}@verzinsel.invalid"


def acts_of(client: Client, case: Incident) -> dict[str, tuple[str, dict[str, Any]]]:
    """What is looked for → the address and what is sent there."""
    address, number = reverse("case_search"), Incident.objects.order_by("reported_at").values_list("reference")[0][0]
    typed = {
        "a word of ten cases": RARE,
        "a word of a quarter of all": COMMON,
        "two words": f"{COMMON} {WORDS[0]}",
        "a word that nobody wrote": "kameleon",
        "a whole number": number,
        "a mail address of someone outside": _email(7),
    }
    found = {name: (address, {"search": words}) for name, words in typed.items()}
    person = {"role": "perpetrator", "kind": "person", "relation": "unknown", "is_minor": "unknown"}
    return found | {
        "a person, from a case": (reverse("case_person_find", args=[case.pk]), {**person, "email": _email(7)})
    }


def read_bare(place: Place) -> None:
    """Fetch the same cases and open what stands in them."""
    for case in Incident.objects.filter(organisation=place.organisation).only(*READ).iterator(chunk_size=500):
        _ = [getattr(case, name) for name in READ]


def report(cases: int, people: int, rounds: int) -> Iterator[str]:
    call_command("migrate", verbosity=0)
    place = make_place("Vlinderwaard")
    make_cases(place, cases)
    make_people(place, people)
    case = make_incident(place)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    client = signed_in(place.adviser)
    acts = acts_of(client, case)

    def asking(address: str, sent: dict[str, Any]) -> Act:
        def ask() -> None:
            if client.post(address, sent).status_code != 200:  # noqa: PLR2004
                raise SystemExit(f"{address} did not answer: this measured nothing")

        return ask

    runs: dict[str, Callable[[], object]] = {name: asking(*act) for name, act in acts.items()}
    runs["bare"] = lambda: read_bare(place)
    took = [in_turns(runs, rounds) for _run in range(RUNS)]
    asked = {name: _asked(client, *act) for name, act in acts.items()}
    yield from keep("search", figures(took, asked), {"cases": cases, "people": people, "runs": RUNS, "rounds": rounds})


def _asked(client: Client, address: str, sent: dict[str, Any]) -> dict[str, int]:
    with CaptureQueriesContext(connection) as queries:
        page = client.post(address, sent)
    return {"queries": len(queries), "kB": len(page.content) // 1024}


def figures(took: list[dict[str, list[float]]], asked: dict[str, dict[str, int]]) -> Iterator[Figure]:
    for name, more in asked.items():
        ratios = [median(run[name]) / median(run["bare"]) for run in took]
        times = {"ms": median(median(run[name]) for run in took), "p95 ms": median(p95(run[name]) for run in took)}
        yield Figure("P3", f"{name}, beside opening all", ratios, most=1.5, more={**times, **more})
    each = median(median(run["bare"]) for run in took) / Incident.objects.count() * 1000
    yield Figure("", "fetching and opening all cases, bare", [median(run["bare"]) for run in took], unit="ms",
                 more={"µs a case": each})  # fmt: skip


if __name__ == "__main__":
    asked_for = argparse.ArgumentParser(description=__doc__)
    asked_for.add_argument("--cases", type=int, default=CASES)
    asked_for.add_argument("--people", type=int, default=PEOPLE)
    asked_for.add_argument("--rounds", type=int, default=ROUNDS)
    asked_for.add_argument("--here", action="store_true", help="on the database of DATABASE_URL, which must be empty")
    given = asked_for.parse_args()
    clock.set_to(NOW)
    if given.here:
        with everywhere():
            say(report(given.cases, given.people, given.rounds))
    else:
        again_beside_postgres("search", SETTINGS)
