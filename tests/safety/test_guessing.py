"""Guessing which things there are is stopped and written down; who honestly meets nothing goes on (T05)."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from incidents.overview.log_sample import ALWAYS
from tests.world import Place, Writer, make_incident
from vpdportal.audit.models import AuditEvent
from vpdportal.how_often import GUESSING, NEVER_GUESSING, limit_of

STOPPED = "guessing.stopped"


def guess(client: Client, times: int, name: str = "case") -> list[int]:
    return [client.get(reverse(name, args=[uuid4()])).status_code for _number in range(times)]


def stopped() -> list[tuple[Any, Any]]:
    return list(AuditEvent.objects.filter(action=STOPPED).values_list("organisation_id", "actor_id"))


def test_the_twenty_first_guess_is_stopped_and_written_down_once(
    town: Place, other_town: Place, limited: None, as_user: Any
):
    own, theirs = make_incident(town), make_incident(other_town)
    client, colleague = as_user(town.adviser), as_user(town.deputy)
    case = reverse("case", args=[own.pk])
    assert guess(client, 10) + guess(client, 9, "report_status") == [404] * 19
    assert client.get(case).status_code == 200 and stopped() == []
    assert client.get(reverse("case", args=[theirs.pk])).status_code == 404, "what is of others is a guess too"
    assert guess(client, 5) == [429] * 5
    assert client.get(case).status_code == 429 and as_user(town.adviser).get(case).status_code == 429
    assert stopped() == [(town.organisation.pk, town.adviser.pk)] and STOPPED in ALWAYS
    assert colleague.get(case).status_code == 200, "someone else goes on"
    assert client.get(reverse("menu_card")).status_code == client.get(reverse("work_list")).status_code == 200
    cache.clear()  # the ten minutes are over
    assert client.get(case).status_code == 200


def test_an_old_bookmark_pressed_again_and_again_is_one(town: Place, limited: None, as_user: Any):
    client, gone = as_user(town.adviser), reverse("case", args=[uuid4()])
    assert {client.get(gone).status_code for _time in range(50)} == {404}
    assert {client.post(gone).status_code for _time in range(50)} <= {404, 405}
    assert client.get(reverse("case", args=[make_incident(town).pk])).status_code == 200 and stopped() == []


def test_an_address_that_names_nothing_is_no_guess(town: Place, limited: None, as_user: Any):
    client = as_user(town.adviser)
    assert {client.get(f"/favicon-{number}.ico").status_code for number in range(50)} == {404}
    assert client.get(reverse("case", args=[make_incident(town).pk])).status_code == 200


def test_writing_down_what_happened_goes_on(town: Place, limited: None, as_user: Any, writer: Any):
    client = as_user(town.employee)
    assert guess(client, 21, "report_status")[-1] == 429
    person: Writer = writer(town.employee, client)
    assert person.send(town).status_code == 302
    guesses = {client.get(reverse("evidence_own", args=[uuid4(), uuid4()])).status_code for _number in range(30)}
    assert guesses == {404} and len(stopped()) == 1


def test_what_was_typed_meanwhile_is_not_lost(town: Place, limited: None, as_user: Any):
    client, case = as_user(town.adviser), make_incident(town)
    guess(client, 20)
    answer = client.post(reverse("case_note", args=[case.pk]), {"text": "Gebeld met de wijkagent."})
    assert answer.status_code == 429 and "Gebeld met de wijkagent." in answer.content.decode()
    assert case.notes.count() == 0


def test_posts_and_numbers_in_words_are_guesses_too(town: Place, limited: None, as_user: Any):
    client = as_user(town.administrator)
    for number in range(20):
        assert client.post(reverse("administration_department", args=[f"stad-{number}", uuid4()])).status_code == 404
    assert client.get(reverse("administration", args=[town.organisation.slug])).status_code == 429


def test_strangers_are_led_to_sign_in_and_counted_nowhere(town: Place, limited: None):
    assert set(guess(Client(), 30)) == {302} and stopped() == []


def test_without_limits_it_goes_on(town: Place, as_user: Any):
    """The negative control: what is stopped above is stopped by this and by nothing else."""
    client = as_user(town.adviser)
    assert set(guess(client, 30)) == {404} and stopped() == []
    assert client.get(reverse("case", args=[make_incident(town).pk])).status_code == 200


def test_it_is_the_number_of_the_design():
    assert (GUESSING.most, GUESSING.seconds) == (20, 600)
    assert all(limit_of(name, "GET") is None or name == "evidence_own" for name in NEVER_GUESSING)


@pytest.mark.parametrize("name", ["calendar_file", "unsubscribe"])
def test_secret_addresses_have_a_limit_of_their_own(town: Place, limited: None, as_user: Any, name: str):
    client = as_user(town.adviser)
    for number in range(30):
        assert client.get(reverse(name, args=[f"{number:043}"])).status_code == 404
    assert client.get(reverse("case", args=[make_incident(town).pk])).status_code == 200
