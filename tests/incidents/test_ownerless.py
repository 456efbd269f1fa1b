"""What waits for nobody is given out as soon as somebody is there again."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents.actions.exclusions import keep_out
from incidents.actions.leavers import give_back_of_leavers, give_out_ownerless
from incidents.models import Incident, Notice, Task, TimelineEntry
from incidents.tasks import tidy
from tests import clock
from tests.world import Place, make_incident, make_user
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Role


def everyone_left(town: Place) -> None:
    yesterday = timezone.localdate(clock.now()) - timedelta(days=1)
    town.organisation.memberships.filter(user__in=(town.adviser, town.deputy)).update(ends_on=yesterday)
    give_back_of_leavers(now=clock.now())


def someone_comes(town: Place, role: Role = Role.ADVISER) -> User:
    person = make_user("Nieuwe Adviseur")
    town.join(person, role)
    return person


def test_it_waits_for_nobody_until_someone_is_there(town: Place):
    incident = make_incident(town)
    everyone_left(town)
    waiting = Task.objects.unfinished().filter(assignee=None)
    number = waiting.count()
    assert number and Incident.objects.get().adviser is None
    assert give_out_ownerless(now=clock.now()) == 0 and waiting.count() == number
    new = someone_comes(town)
    tidy()
    assert waiting.count() == 0 and Incident.objects.get().adviser == new
    assert Task.objects.unfinished().filter(assignee=new).count() == number
    told = Notice.objects.filter(recipient=new, step="assigned", cancelled_at=None)
    assert told.count() == number
    assert TimelineEntry.objects.filter(incident=incident, kind="task_handed_over", by=None).count() == 2 * number
    trail = TimelineEntry.objects.count(), Notice.objects.count()
    assert give_out_ownerless(now=clock.now()) == 0, "a second run changes nothing"
    assert trail == (TimelineEntry.objects.count(), Notice.objects.count())


def test_only_what_waits_for_nobody_moves(town: Place, other_town: Place):
    incident, elsewhere = make_incident(town), make_incident(other_town)
    task = incident.tasks.filter(status="open").first()
    assert task is not None
    Task.objects.filter(pk=task.pk).update(assignee=None)
    assert give_out_ownerless(now=clock.now()) == 1
    task.refresh_from_db()
    assert task.assignee == town.adviser
    Task.objects.filter(pk=task.pk).update(
        assignee=None, status="done", finished_at=clock.now(), finished_by=town.legal
    )
    assert give_out_ownerless(now=clock.now()) == 0
    assert set(elsewhere.tasks.values_list("assignee", flat=True)) == {other_town.adviser.pk}


def test_the_task_goes_to_who_handles_the_case(town: Place):
    incident = make_incident(town)
    Incident.objects.filter(pk=incident.pk).update(adviser=town.deputy)
    task = incident.tasks.filter(status="open").first()
    assert task is not None
    Task.objects.filter(pk=task.pk).update(assignee=None)
    give_out_ownerless(now=clock.now())
    task.refresh_from_db()
    assert task.assignee == town.deputy


def test_who_is_kept_out_gets_nothing(town: Place):
    incident = make_incident(town)
    kept_out = someone_comes(town)
    keep_out(incident=incident, person=kept_out, by=town.employee, now=clock.now())
    everyone_left(town)
    assert Incident.objects.get().adviser is None
    assert give_out_ownerless(now=clock.now()) == 0
    able = someone_comes(town, Role.DEPUTY)
    assert give_out_ownerless(now=clock.now())
    assert not Task.objects.filter(assignee=kept_out).exists() and Incident.objects.get().adviser == able


@pytest.mark.parametrize("kind", ["sign", "second_look"])
def test_what_is_decided_by_name_is_not_given_to_the_desk(town: Place, kind: str):
    incident = make_incident(town)
    task = incident.tasks.filter(code="R01").get()
    Task.objects.filter(pk=task.pk).update(kind=kind, code="", measure=None, assignee=None)
    assert give_out_ownerless(now=clock.now()) == 0


@pytest.mark.parametrize("cases", [0, 3])
def test_it_costs_one_query_when_there_is_nothing(town: Place, django_assert_num_queries: Any, cases: int):
    for _number in range(cases):
        make_incident(town)
    with django_assert_num_queries(1):
        assert give_out_ownerless(now=clock.now()) == 0


def test_it_costs_one_query_when_there_is_nobody(town: Place, django_assert_num_queries: Any):
    make_incident(town)
    everyone_left(town)
    with django_assert_num_queries(1):
        assert give_out_ownerless(now=clock.now()) == 0
