"""A case as large as they come: sixty advices, thirty tasks, two hundred lines of what happened (P4)."""

from datetime import timedelta
from typing import Any

from benchmarks.month_rows import NOW, Town
from guidance.card import Card
from guidance.vocabulary import Phase, Strength
from incidents.models import Incident, Measure, Task, TimelineEntry
from incidents.vocabulary import TaskKind, TimelineKind
from tests.world import Place, make_incident

ADVICES, TASKS, LINES = 60, 30, 200


def big_case(town: Town) -> Incident:
    """A report as people make it, filled up until it has as many of each."""
    people = {role.value: user for role, user in town.people.items()}
    place = Place(town.organisation, town.organisation.departments.all()[0], people)
    case = make_incident(place)
    there = set(case.measures.values_list("code", flat=True))
    fresh = [code for code in sorted(Card.default().every) if code not in there]
    Measure.objects.bulk_create(_advice(case, code) for code in fresh[: ADVICES - len(there)])
    missing = TASKS - case.tasks.count()
    Task.objects.bulk_create(_task(case, number) for number in range(missing))
    TimelineEntry.objects.bulk_create(
        TimelineEntry(
            organisation=case.organisation, incident=case, kind=TimelineKind.NOTE_ADDED, by=case.reporter,
            at=NOW + timedelta(minutes=number),
        )
        for number in range(LINES - case.timeline.count())
    )  # fmt: skip
    return case


def size_of(case: Incident) -> dict[str, int]:
    return {"advices": case.measures.count(), "tasks": case.tasks.count(), "lines": case.timeline.count()}


def _advice(case: Incident, code: str) -> Measure:
    return Measure(
        organisation=case.organisation, incident=case, code=code, phase=Phase.REACTION, strength=Strength.MUST,
        due_at=NOW + timedelta(days=2), menu_version=Card.default().version, advised_at=NOW, reason="",
    )  # fmt: skip


def _task(case: Incident, number: int) -> Any:
    return Task(
        organisation=case.organisation, incident=case, kind=TaskKind.OWN, menu_version=Card.default().version,
        words=f"Bel terug over punt {number}", assignee=case.reporter, assigned_at=NOW, reason="",
        due_at=NOW + timedelta(days=number),
    )  # fmt: skip
