"""What the benchmark of the sweep works on: tasks that are too late, and a reminder of each that is due today.

Ten people an organisation, the first of whom is its adviser; four tasks a case; one case in ten is severe.
"""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count, cycle, islice
from uuid import uuid4

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from incidents.models import Incident, Notice, Task
from incidents.vocabulary import NoticeStep, TaskKind
from tests.guidance.strategies import BARE
from vpdportal.accounts.models import Department, Membership, Organisation, User
from vpdportal.accounts.roles import Role

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # a Tuesday, 10:00 in Amsterdam
MORNING = NOW - timedelta(hours=1, minutes=30)  # when the mail of this day goes out
YESTERDAY = NOW - timedelta(days=1)
LONG_AGO = date(2020, 1, 1)
AN_ORGANISATION = 10  # people
A_CASE = 4  # tasks
SEVERE = 10  # one case in so many
TOGETHER = 1_000  # rows written at a time
SESSION = "b" * 32  # in which the first adviser is signed in


def make_rows(notices: int, people: int) -> None:
    """So many due notices of as many tasks, dealt out evenly over so many people."""
    owners, done = _people(people), 0
    for organisation, department, members in owners:
        share = notices * (done + len(members)) // people - notices * done // people
        done += len(members)
        _write(islice(_tasks(organisation, department, members), share))
    _sign_in(owners[0][2][0])


def _people(number: int) -> list[tuple[Organisation, Department, list[User]]]:
    made = []
    for index, first in enumerate(range(0, number, AN_ORGANISATION)):
        name = f"Vlinderwaard {index}"
        organisation = Organisation.objects.create(
            name=name, slug=f"vlinderwaard-{index}", kind="municipality", reference_prefix="VW"
        )
        department = Department.objects.create(organisation=organisation, name="Publiekszaken", headcount=40)
        members = [
            User(email=f"iemand.{one}@vlinderwaard.invalid", name=f"Iemand {one}", password="!")
            for one in range(first, min(first + AN_ORGANISATION, number))
        ]
        User.objects.bulk_create(members)
        Membership.objects.bulk_create(
            Membership(
                organisation=organisation,
                user=user,
                role=Role.SUPPORT if position else Role.ADVISER,
                starts_on=LONG_AGO,
            )
            for position, user in enumerate(members)
        )
        made.append((organisation, department, members))
    return made


def _sign_in(user: User) -> None:
    values = {SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0]}
    values |= {HASH_SESSION_KEY: user.get_session_auth_hash(), "account_authentication_methods_user": str(user.pk)}
    proven = [{"method": "mfa", "at": time.time()}]  # the pages of an adviser ask for both steps
    data = SessionStore().encode({**values, "account_authentication_methods": proven})
    Session.objects.create(session_key=SESSION, session_data=data, expire_date=timezone.now() + timedelta(days=1))


def _tasks(organisation: Organisation, department: Department, members: list[User]) -> Iterator[Task]:
    """Without end: the tasks of one case after the other, each for the next person."""
    owner = cycle(members)
    for number in count():
        case = _case(organisation, department, members[0], number)
        for _step in range(A_CASE):
            yield Task(
                organisation=organisation,
                incident=case,
                kind=TaskKind.OWN,
                menu_version=case.menu_version,
                assignee=next(owner),
                assigned_at=YESTERDAY - timedelta(days=1),
                due_at=YESTERDAY,
            )


def _case(organisation: Organisation, department: Department, reporter: User, number: int) -> Incident:
    case = Incident(
        organisation=organisation,
        reference=f"VW-{number:06}",
        idempotency_key=uuid4(),
        reporter=reporter,
        department=department,
        occurred_at=YESTERDAY,
        reported_at=YESTERDAY,
        touched_at=YESTERDAY,
        main_behaviour=BARE.behaviours[0],
        channel=BARE.channel,
        target_group=BARE.target_group,
        severity=2 if number % SEVERE else 3,
        severity_proposed=2,
        menu_version="1",
    )
    case.facts = BARE
    return case


def _write(tasks: Iterator[Task]) -> None:
    while some := list(islice(tasks, TOGETHER)):
        Incident.objects.bulk_create({task.incident_id: task.incident for task in some}.values(), ignore_conflicts=True)
        Task.objects.bulk_create(some)
        Notice.objects.bulk_create(_notice(task) for task in some)


def _notice(task: Task) -> Notice:
    return Notice(
        organisation_id=task.organisation_id,
        task=task,
        step=NoticeStep.OVERDUE,
        day=NOW.date(),
        recipient_id=task.assignee_id,
        due_at=MORNING,
        send_at=MORNING,
    )
