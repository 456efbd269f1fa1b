"""Hundreds of due reminders in an own database, and after each fault: which were lost, which came twice?"""

from collections import Counter
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

import environ
from django.db import connections
from django.db.models import Q
from django.db.utils import load_backend

from incidents.models import News, Notice, Task
from incidents.vocabulary import NoticeStep, TaskKind
from tests import clock
from tests.services import Postgres
from tests.smtp import MailServer
from tests.stories.machine import Clock, Machine, wait_for
from tests.world import LONG_AGO, make_incident, make_place
from vpdportal.accounts.models import Membership, User
from vpdportal.accounts.roles import Role

PEOPLE = 800  # each has one reminder, so that each reminder is one mail
LEAST = 500  # reminders that a test is about
NUMBERS = count(1)
EMPTY = "portal"  # the database with the schema alone, as own_postgres() names it
Figures = Callable[..., None]  # writes down what a test counted
MIDDLE = 60  # mails after which a sweep is certainly in the middle of its work
TICK = 2  # seconds
FILLED = "filled"  # the database that those of the tests are copies of


@contextmanager
def connected(url: str) -> Iterator[None]:
    """The ORM of the test on this database, as `default`."""
    settings: dict[str, Any] = {
        **environ.Env.db_url_config(url), "ENGINE": "vpdportal.database", "ATOMIC_REQUESTS": False, "AUTOCOMMIT": True,
        "CONN_HEALTH_CHECKS": False, "CONN_MAX_AGE": 0, "OPTIONS": {}, "TIME_ZONE": None, "TEST": {},
    }  # fmt: skip
    before = connections["default"]
    own = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, "default")
    connections["default"] = own
    try:
        yield
    finally:
        own.close()
        connections["default"] = before


def fill() -> None:
    """One person for each reminder, half of them about a severe case. Nothing is due yet."""
    place = make_place("Storm", prefix="ST")
    mild = make_incident(place, at=clock.START)
    severe = make_incident(place, at=clock.START, behaviours=("physical_violence",), weapon=True)
    for rows in (Notice, News):
        rows.objects.all().delete()
    later = clock.START + timedelta(days=30)
    Task.objects.update(due_at=later)
    people = [User(email=f"reader{number}@storm.invalid", name=f"Lezer {number}") for number in range(PEOPLE)]
    User.objects.bulk_create(people)
    Membership.objects.bulk_create(
        Membership(organisation=place.organisation, user=person, role=Role.SUPPORT, starts_on=LONG_AGO)
        for person in people
    )
    tasks = [
        Task(
            id=uuid4(), organisation=place.organisation, incident=severe if number % 2 else mild, kind=TaskKind.OWN,
            menu_version=mild.menu_version, words="Bel terug", assignee=person, assigned_at=clock.START, due_at=later,
        )
        for number, person in enumerate(people)
    ]  # fmt: skip
    Task.objects.bulk_create(tasks)
    Notice.objects.bulk_create(
        Notice(
            organisation=place.organisation, task=task, step=NoticeStep.ASSIGNED, day=clock.START.date(),
            recipient_id=task.assignee_id, due_at=later, send_at=later,
        )
        for task in tasks
    )  # fmt: skip


class _Everything:
    """Contains anything."""

    def __contains__(self, _name: object) -> bool:
        return True


EVERYTHING = _Everything()


class Reminders:
    """What a test lets fall due, and what became of it."""

    def __init__(self, database: str, mail: MailServer, time: Clock) -> None:
        self.database, self.mail, self.time = database, mail, time
        self.due: dict[str, UUID] = {}  # the notice of each address

    def fall_due(self, number: int = LEAST) -> None:
        """So many more reminders are due now."""
        waiting = Notice.objects.filter(send_at__gt=self.time.now(), step=NoticeStep.ASSIGNED).order_by(
            "recipient__email"
        )
        chosen = dict(waiting.values_list("recipient__email", "pk")[:number])
        moment = self.time.now() - timedelta(minutes=1)
        Notice.objects.filter(pk__in=chosen.values()).update(due_at=moment, send_at=moment)
        self.due |= chosen

    def wait_until_at_work(self) -> None:
        """Until a sweep is in the middle of what fell due."""
        goal = len(self.mail.accepted) + MIDDLE
        wait_for(lambda: len(self.mail.accepted) >= goal, lambda: f"{MIDDLE} more mails sent: {self.waiting()[:5]}")

    def wait_until_sent(self, machine: Machine, pause: timedelta = timedelta()) -> None:
        """Until the database says so. Every two seconds `pause` goes by, which mails that were put off have to wait."""
        began = monotonic()

        def is_all_sent() -> bool:
            nonlocal began
            if pause and monotonic() - began > TICK:
                began = monotonic()
                self.time.move(minutes=pause / timedelta(minutes=1))
            return self.is_all_sent()

        wait_for(is_all_sent, lambda: "\n".join(["all sent", *self.waiting()[:10], machine.words()]))

    def judge(self, figures: Figures, *, excused: Container[str] = ()) -> Counter[str]:
        """None was lost, and none came twice but these Message-IDs, for which there is a reason. Gives the doubles."""
        lost, doubles = self.lost(), self.doubles()
        figures(reminders=len(self.due), lost=len(lost), doubles=doubles.total())
        assert len(self.due) >= LEAST
        assert not lost, "\n".join(["lost:", *lost])
        again = [mail for mail in self.mail.accepted if mail.message_id in doubles and mail.message_id not in excused]
        assert not again, "\n".join(["came twice without a reason:", *map(str, again)])
        two = self.readers_of_two()
        assert not two, f"a second copy has the same Message-ID, but these got two mails: {two}"
        return doubles

    def is_all_sent(self) -> bool:
        """By what the database says."""
        return not self._waiting().exists()

    def waiting(self) -> list[str]:
        return list(map(_state, self._waiting()))

    def _waiting(self) -> Any:
        due = Notice.objects.filter(pk__in=self.due.values(), cancelled_at=None)
        return due.filter(Q(mail=None) | Q(mail__status="waiting")).select_related("mail", "recipient")

    def lost(self) -> list[str]:
        """Those whose mail the mail server never had, with what the database says of them: lines of a message."""
        there = {name.strip("<>").partition("@")[0] for name in self.mail.copies()}
        rows = Notice.objects.filter(pk__in=self.due.values()).select_related("mail", "recipient")
        return [_state(row) for row in rows if str(row.mail_id) not in there]

    def doubles(self) -> Counter[str]:
        """Message-IDs that the mail server accepted more than once, with the number of copies too many."""
        return Counter({name: copies - 1 for name, copies in self.mail.copies().items() if copies > 1})

    def readers_of_two(self) -> list[str]:
        """People who got two different mails about their one reminder: these are doubles nobody can see as such."""
        different = {(mail.recipient, mail.message_id) for mail in self.mail.accepted if mail.recipient in self.due}
        return [person for person, mails in Counter(person for person, _ in different).items() if mails > 1]


@contextmanager
def copy_of(template: str, server: Postgres, mail: MailServer, folder: Path) -> Iterator[Reminders]:
    """The reminders of a new copy of this database, to which the ORM of the test is connected. It is a Tuesday, ten."""
    name = f"test{next(NUMBERS)}"
    server.create(name, template)
    with connected(server.url(name)):
        yield Reminders(server.url(name), mail, Clock(folder / "clock", clock.START))


def _state(row: Notice) -> str:
    """One line about a reminder, for the message of a test that fails."""
    mail = row.mail
    if mail is None:
        return f"{row.recipient.email}: {'cancelled' if row.cancelled_at else 'waits for its mail'}"
    return f"{row.recipient.email}: mail {mail.status}, {mail.attempts} attempts, {mail.failure or 'no failure'}"
