"""The benchmark runs and says what it measures; how fast it is, is not asked here. A batch answers as one by one."""

from typing import Any

from benchmarks.advise import (
    BARE,
    BY_HAND,
    NOW,
    a_batch,
    a_preview,
    make_rows,
    one_incident,
    sealed_only,
)
from guidance.card import Card
from incidents.models import Incident
from incidents.overview.preview import advised_again
from tests.guidance.strategies import ask, many_facts
from tests.world import Place


def test_one_incident_is_measured_against_the_menu_by_hand():
    text = "\n".join(one_incident(rounds=1, number=4, repeats=1))
    assert text.index(BY_HAND) < text.index("which items fit") < text.index("all of it") < text.index("questions_of")
    assert "kept." in text or "MISSED." in text


def test_a_batch_answers_as_one_by_one(town: Place, django_assert_num_queries: Any):
    make_rows(24, town)
    card = Card.default()
    with django_assert_num_queries(1):
        batch = {incident.pk: decision for incident, decision in advised_again(sealed_only(), card)}
    assert sorted(map(str, (incident.facts for incident in Incident.objects.all()))) == sorted(map(str, many_facts(24)))
    assert len(batch) == 24
    for incident in Incident.objects.all():
        advised = ask(incident.facts)
        assert batch[incident.pk] == advised.decision and list(batch[incident.pk].fits) == advised.codes


def test_a_batch_and_a_preview_are_measured_against_bare_reading(town: Place):
    make_rows(12, town)
    batch = "\n".join(a_batch(rounds=1, sizes=(5, 12)))
    assert batch.index(BARE) < batch.index("advised again") < batch.index("highest memory")
    assert [line.split()[0] for line in batch.splitlines()[-2:]] == ["5", "12"]
    shown = "\n".join(a_preview(rounds=1, organisation=town.organisation, now=NOW))
    assert BARE in shown and "of 12 reports; queries: 1;" in shown
