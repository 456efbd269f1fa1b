"""Real Celery processes with reports as people make them: they send what is due, and a kill or an outage loses nothing.

With hundreds of reminders and every kind of fault: test_reminders_*.py.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from incidents.models import Mail, News, Notice
from tests.services import Postgres, Valkey
from tests.smtp import MailServer, Mode
from tests.stories.machine import Machine, kill, wait_for
from tests.stories.reminders import EMPTY, Reminders, copy_of
from tests.world import make_incident, make_place

pytestmark = pytest.mark.services
MAILS = 2  # of one report: the adviser hears of it, and who reported it gets a receipt


@pytest.fixture
def reminders(own_server: Postgres, post: MailServer, tmp_path: Path, django_db_blocker: Any) -> Iterator[Reminders]:
    """None yet: here they come from reports."""
    with django_db_blocker.unblock(), copy_of(EMPTY, own_server, post, tmp_path) as reminders:
        yield reminders


def busy_places(number: int, reminders: Reminders, name: str = "Plaats") -> None:
    """Some organisations, each with a report that its adviser and its reporter have to hear of."""
    for index in range(number):
        place = make_place(f"{name}{index}", prefix="PL")
        make_incident(place, at=reminders.time.now())


def wait_for_mails(number: int, reminders: Reminders, machine: Machine) -> None:
    def are_all_sent() -> bool:
        now = reminders.time.now()
        waits = Notice.objects.filter(send_at__lte=now, mail=None, cancelled_at=None).exists()
        waits = waits or News.objects.filter(due_at__lte=now, mail=None, cancelled_at=None).exists()
        return not waits and Mail.objects.filter(status="sent").count() == Mail.objects.count() >= number

    wait_for(are_all_sent, lambda: f"{number} mails sent, but {list(Mail.objects.values())}\n{machine.words()}")
    assert len(reminders.mail.copies()) == Mail.objects.count() == number


def test_worker_and_beat_send_what_is_due(machine: Machine, reminders: Reminders):
    busy_places(3, reminders)
    machine.start_worker()
    machine.start_beat()
    wait_for_mails(MAILS * 3, reminders, machine)
    assert not reminders.doubles()


def test_kill_9_of_the_worker_loses_nothing(machine: Machine, reminders: Reminders, post: MailServer):
    busy_places(12, reminders)
    post.pause = 0.1
    post.behave(Mode.SLOW)
    machine.start_beat()
    for _kill in range(3):
        worker, goal = machine.start_worker(1), len(post.accepted) + 2
        wait_for(lambda goal=goal: len(post.accepted) >= goal, "the worker is in the middle of its work")
        kill(worker)
        # What the dead worker held comes back when its lease ends; here we do not wait five minutes for that.
        Mail.objects.filter(status="waiting").update(leased_until=None)
    post.behave(Mode.OK)
    machine.start_worker(1)
    wait_for_mails(MAILS * 12, reminders, machine)
    assert reminders.doubles().total() <= 3, "at most one double a kill"


def test_an_hour_without_redis_delays_and_loses_nothing(machine: Machine, broker: Valkey, reminders: Reminders):
    machine.start_worker()
    machine.start_beat()
    busy_places(1, reminders)
    wait_for_mails(MAILS, reminders, machine)
    broker.kill()
    busy_places(1, reminders, name="Tijdens")  # a report is accepted without Redis
    time.sleep(3)
    assert len(reminders.mail.accepted) == MAILS
    broker.start()
    wait_for_mails(MAILS * 2, reminders, machine)
    assert not reminders.doubles()


def test_redis_that_goes_in_the_middle_of_a_sweep_does_not_end_the_worker(
    room: Callable[..., Machine], broker: Valkey, reminders: Reminders, post: MailServer
):
    """Nobody may be there to start it again."""
    machine = room(broker.url, SWEEP_SECONDS="4")
    busy_places(6, reminders)
    post.pause = 0.3
    post.behave(Mode.SLOW)
    worker = machine.start_worker(2)  # one works, and one waits for a message
    machine.start_beat()
    wait_for(lambda: bool(post.accepted), "the worker is in the middle of its work")
    broker.kill()
    wait_for_mails(MAILS * 6, reminders, machine)  # that sweep goes on without Redis
    broker.start()
    busy_places(1, reminders, name="Daarna")
    wait_for_mails(MAILS * 7, reminders, machine)
    assert worker.poll() is None
    assert not reminders.doubles()
