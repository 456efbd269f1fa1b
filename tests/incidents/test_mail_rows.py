"""What a mail tells of is read for some mails at a time, and is still judged as the mail goes out."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as post
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.actions.reminders import mail_rows
from incidents.actions.reminders.bundling import bundle
from incidents.actions.reminders.delivery import claim
from incidents.actions.reminders.mail_rows import FRESH, Reading
from incidents.actions.reminders.sweep import sweep
from incidents.actions.reminders.watch import Watch
from incidents.models import Exclusion, Mail, Notice, Task
from tests import clock
from tests.incidents.test_reminders import one_task
from tests.world import Place, make_user
from vpdportal.accounts.roles import Role


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """A watch that stands still until a test sets its `started_at` forward."""
    monkeypatch.setattr(Watch, "elapsed", timedelta())
    return Watch(clock.now())


def tell(town: Place, number: int) -> list[Notice]:
    """So many people of the desk, each with a task and one notice of it that is due."""
    task = one_task(town)
    Notice.objects.all().delete()
    rows = []
    for _one in range(number):
        person = make_user()
        town.join(person, Role.ADVISER)
        copy = Task.objects.get(pk=task.pk)
        copy.pk, copy.measure, copy.code, copy.kind, copy.assignee = None, None, "", "own", person
        copy._state.adding = True
        copy.save()
        row = {"organisation": town.organisation, "task": copy, "recipient": person, "day": clock.now().date()}
        rows.append(Notice.objects.create(**row, step="overdue", due_at=clock.now(), send_at=clock.now()))
    task.delete()
    return rows


def reading(watch: Watch, rows: list[Notice]) -> Reading:
    """The mails about these rows, in their order."""
    bundle(now=watch.now)
    mails = {mail.recipient_id: mail for mail in claim(now=watch.now)}
    return Reading([mails[row.recipient_id] for row in rows], watch)


@pytest.mark.parametrize("passed", [FRESH, FRESH + timedelta(seconds=1)])
def test_what_was_read_a_while_ago_is_read_again(town: Place, watch: Watch, passed: timedelta):
    first, second = tell(town, 2)
    told = reading(watch, [first, second])
    assert [row.pk for row in told.of(0).notices] == [first.pk]
    Exclusion.objects.create(
        organisation=town.organisation,
        incident=second.task.incident,
        user=second.recipient,
        at=clock.now(),
        by=town.adviser,
    )
    watch.started_at += passed
    assert bool(told.of(1)) == (passed == FRESH)
    second.refresh_from_db()
    assert (second.mail is not None) == (passed == FRESH), "it goes back, to who may know of it"


@pytest.mark.parametrize("room", [1, 1000])
def test_many_rows_are_read_in_parts(town: Place, watch: Watch, monkeypatch: pytest.MonkeyPatch, room: int):
    monkeypatch.setattr(mail_rows, "ROWS", room)
    rows = tell(town, 3)
    told = reading(watch, rows)
    with CaptureQueriesContext(connection) as queries:
        found = [[row.pk for row in told.of(number).notices] for number in range(3)]
    assert found == [[row.pk] for row in rows]
    asked = [query for query in queries if 'JOIN "incidents_task"' in query["sql"]]
    assert len(asked) == (3 if room == 1 else 1)


def test_a_mail_costs_three_questions(town: Place):
    asked = []
    for number in (1, 4):
        Mail.objects.all().delete()
        Task.objects.all().delete()
        tell(town, number)
        post.outbox.clear()
        with CaptureQueriesContext(connection) as queries:
            tally = sweep(now=clock.now())
        assert tally.sent == number == len(post.outbox)
        asked.append(len(queries))
    assert asked[1] - asked[0] <= 3 * 3, "what is open for its reader, that it goes out, and that it went"


def test_who_is_out_of_reach_is_told_nothing(town: Place, watch: Watch):
    rows = tell(town, 2)
    told: Any = reading(watch, rows)
    told._mails[0].recipient.is_active = False
    assert not told.of(0) and told.of(1)
    assert [Notice.objects.get(pk=row.pk).mail is None for row in rows] == [True, False]
