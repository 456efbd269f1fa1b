"""What was typed on a page that is someone else's by now comes back to who typed it, and to nobody else."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from incidents.actions.tasks import hand_over_task
from incidents.models import Task
from tests import clock
from tests.world import Place, make_incident, open_task

WORDS = "Ik heb haar gebeld.\nZij wil morgen <b>praten</b>."
SHOWN = "Ik heb haar gebeld.<br>Zij wil morgen &lt;b&gt;praten&lt;/b&gt;."


@pytest.fixture
def task(town: Place) -> Task:
    given = open_task(make_incident(town), "R01")
    return hand_over_task(task=given, to=town.support, by=town.adviser, now=clock.now())


@pytest.fixture
def support(town: Place, task: Task, as_user: Any) -> Client:
    """Opened the page of the task while it was still theirs."""
    client: Client = as_user(town.support)
    assert client.get(reverse("task", args=[task.pk])).status_code == 200
    return client


def finish(client: Client, task: Task, **more: str) -> Any:
    return client.post(reverse("task_finish", args=[task.pk]), {"remark": WORDS, **more})


def test_a_task_that_a_colleague_took_over_meanwhile(town: Place, task: Task, support: Client):
    hand_over_task(task=task, to=town.legal, by=town.adviser, now=clock.now())
    answer = finish(support, task)
    page = answer.content.decode()
    assert answer.status_code == 404 and SHOWN in page and "kopieer ze" in page
    task.refresh_from_db()
    assert task.status == "open" and WORDS not in page


def test_while_it_is_theirs_it_is_done(task: Task, support: Client):
    assert finish(support, task).status_code == 302
    task.refresh_from_db()
    assert task.status == "done"


def test_a_role_that_ended_meanwhile(town: Place, task: Task, support: Client):
    membership = town.support.memberships.get()
    membership.ends_on = clock.now().date()
    membership.save()
    clock.move(days=1)
    answer = finish(support, task)
    assert answer.status_code == 403 and SHOWN in answer.content.decode()


def test_what_came_along_from_before_signing_in_may_be_of_another(town: Place, task: Task, support: Client):
    hand_over_task(task=task, to=town.legal, by=town.adviser, now=clock.now())
    answer = finish(support, task, resume="1")
    assert answer.status_code == 404 and "gebeld" not in answer.content.decode()


def test_an_old_page_may_be_of_another(town: Place, task: Task, as_user: Any):
    hand_over_task(task=task, to=town.legal, by=town.adviser, now=clock.now())
    answer = finish(as_user(town.support, enforce_csrf_checks=True), task)
    assert answer.status_code == 404 and "gebeld" not in answer.content.decode()


def test_a_form_that_did_not_come_in_whole_is_answered_all_the_same(town: Place, task: Task, support: Client):
    hand_over_task(task=task, to=town.legal, by=town.adviser, now=clock.now())
    many = {f"remark{number}": "Ik heb haar gebeld." for number in range(2000)}
    answer = finish(support, task, **many)
    assert answer.status_code == 404 and "gebeld" not in answer.content.decode()
    address, endless = reverse("task_finish", args=[task.pk]), "multipart/form-data"
    assert support.generic("POST", address, "remark=Ik+heb+haar+gebeld.", content_type=endless).status_code == 404


def test_another_site_shows_nothing_at_an_address_that_is_not_ours(town: Place, as_user: Any, client: Client):
    for sender, address in ((as_user(town.support), "/bestaat/niet/"), (client, "/bestaat/niet/")):
        answer = sender.post(address, {"remark": WORDS})
        assert answer.status_code in {302, 404} and "gebeld" not in answer.content.decode()


def test_a_page_that_is_only_looked_at_says_nothing_of_it(town: Place, task: Task, support: Client):
    hand_over_task(task=task, to=town.legal, by=town.adviser, now=clock.now())
    answer = support.get(reverse("task", args=[task.pk]), {"remark": WORDS})
    page = answer.content.decode()
    assert answer.status_code == 404 and SHOWN not in page and "kopieer" not in page
