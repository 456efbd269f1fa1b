"""What a machine room goes through: beat, the broker and the database die in the middle of hundreds of reminders.

Real Celery processes, a real PostgreSQL, Redis-protocol server and mail server. Nothing is lost, and nothing comes
twice without the reason that is documented.
"""

import signal
import time
from collections.abc import Callable

import pytest
from django.db import connection

from tests.services import Postgres, Valkey, watched_valkey
from tests.smtp import MailServer, Mode
from tests.stories.machine import Machine, kill, wait_for
from tests.stories.reminders import EVERYTHING, LEAST, Figures, Reminders

pytestmark = pytest.mark.services
LEASE = 6  # minutes, after which what a sweep held is free


@pytest.fixture(autouse=True)
def slow_post(post: MailServer) -> None:
    """A mail server that takes its time, so that there is a middle."""
    post.pause = 0.004
    post.behave(Mode.SLOW)


def test_beat_dies_and_another_goes_on(machine: Machine, reminders: Reminders, figures: Figures):
    machine.start_worker()
    beat = machine.start_beat()
    reminders.fall_due(LEAST // 2)
    reminders.wait_until_at_work()
    kill(beat)
    reminders.fall_due(LEAST // 2)
    machine.start_beat()
    reminders.wait_until_sent(machine)
    reminders.judge(figures)


def test_two_beats_and_two_machines_send_each_once(
    room: Callable[..., Machine], broker: Valkey, reminders: Reminders, figures: Figures
):
    """The clock of one machine is some seconds behind that of the other, as clocks are."""
    behind = reminders.time.copy(seconds=-3)
    machines = [room(broker.url), room(broker.url, CLOCK_FILE=str(behind.file))]
    for machine in machines:
        machine.start_worker()
        machine.start_beat()
    reminders.fall_due()
    reminders.wait_until_sent(machines[0])
    reminders.judge(figures)


def test_a_rolling_restart_sends_each_once(machine: Machine, reminders: Reminders, figures: Figures):
    """Each worker is asked to stop in the middle of its work while another one runs."""
    workers = [machine.start_worker(1), machine.start_worker(1)]
    machine.start_beat()
    for worker in workers:
        reminders.fall_due(LEAST // 2)
        reminders.wait_until_at_work()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=60) == 0
        machine.start_worker(1)
    reminders.wait_until_sent(machine)
    reminders.judge(figures)


def test_the_broker_dies_with_all_it_held(machine: Machine, broker: Valkey, reminders: Reminders, figures: Figures):
    machine.start_worker()
    machine.start_beat()
    reminders.fall_due(LEAST // 2)
    reminders.wait_until_at_work()
    broker.kill()
    reminders.fall_due(LEAST // 2)
    time.sleep(2)  # the worker and beat look for it
    broker.start()
    reminders.wait_until_sent(machine)
    reminders.judge(figures)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "immediate"])
def test_postgresql_restarts_in_mid_batch(
    machine: Machine, own_server: Postgres, reminders: Reminders, figures: Figures, how: signal.Signals
):
    machine.start_worker()
    machine.start_beat()
    reminders.fall_due()
    reminders.wait_until_at_work()
    connection.close()
    own_server.stop(how)
    reminders.time.move(minutes=LEASE)  # nothing is at work now
    own_server.start()
    reminders.wait_until_sent(machine)
    doubles = reminders.judge(figures, excused=EVERYTHING).total()
    assert doubles <= 2, "at most the one mail that each of two processes could not write down"


def test_the_primary_of_redis_sentinel_dies(room: Callable[..., Machine], reminders: Reminders, figures: Figures):
    with watched_valkey("reminders") as (primary, replica, sentinel):
        wait_for(lambda: replica.follows() and sentinel.knows_replica(), "the replica follows, and Sentinel knows it")
        machine = room(sentinel.url, CELERY_SENTINEL_MASTER="reminders")
        machine.start_worker()
        machine.start_beat()
        reminders.fall_due(LEAST // 2)
        reminders.wait_until_at_work()
        primary.kill()
        reminders.fall_due(LEAST // 2)
        wait_for(replica.is_primary, "the replica became the primary")
        reminders.wait_until_sent(machine)
        reminders.judge(figures)
        machine.end()
