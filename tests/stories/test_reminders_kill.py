"""kill -9 of the worker before and after every step of the sweep, found by watching it: no reminder is lost.

One comes twice only where that is documented: when the worker dies between the mail server's yes and the record of it.
"""

import json
import random
import select
import subprocess
from collections import Counter
from typing import Any, NamedTuple

import pytest
from celery import Celery
from kombu import Connection

from incidents.models import Mail
from tests.stories.machine import PATIENCE, TASK, Machine
from tests.stories.reminders import LEAST, Figures, Reminders

pytestmark = pytest.mark.services
SEED = 20261124
EACH = 3  # reminders that fall due for each worker that dies, at least
CELERY = Celery(set_as_current=False)


class Story(NamedTuple):
    """What one worker did until it died."""

    step: str
    passed: list[str]
    unrecorded: str  # the Message-ID that the mail server may have and of which the database did not know

    @property
    def is_met(self) -> bool:
        return bool(self.passed) and self.passed[-1] == self.step


class Undertaker:
    """Starts one worker after the other, each with the step it dies at, and lets the leases of the dead end."""

    def __init__(self, machine: Machine, reminders: Reminders) -> None:
        self.machine, self.reminders, self.stories = machine, reminders, list[Story]()
        self.line = Connection(machine.environment["CELERY_BROKER_URL"])  # told: Celery reads the environment first
        self.process = machine.start("tests.stories.dying_worker", stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def run(self, step: str = "", time: int = 1, **plan: Any) -> Story:
        file = self.machine.folder / f"story{len(self.stories)}"
        CELERY.send_task(TASK, ignore_result=True, connection=self.line)
        assert self.process.stdin and self.process.stdout
        plan |= {"step": step, "time": time, "story": str(file)}
        self.process.stdin.write(json.dumps(plan).encode() + b"\n")
        self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        assert ready, f"the worker that should die at {step!r} did nothing: {self.machine.words()}"
        assert self.process.stdout.readline() == b"-9\n", self.machine.words()
        told = json.loads(file.read_text())
        self.stories.append(Story(step, told["passed"], told["unrecorded"]))
        # What the dead worker held comes back when its lease ends; here we do not wait five minutes for that.
        Mail.objects.filter(status="waiting").update(leased_until=None)
        return self.stories[-1]

    def steps(self) -> Counter[str]:
        """Every step of a sweep with mails to send, and how often it is passed. What is done once only comes before."""
        for _time in range(2):
            self.reminders.fall_due(EACH)
            story = self.run()
        return Counter(story.passed)

    def kill_at(self, step: str, time: int, **plan: Any) -> None:
        """One worker that dies there; a second one where the first did not come there."""
        for _time in range(2):
            if self.run(step, time, **plan).is_met:
                return
            self.reminders.fall_due(EACH)
        pytest.fail(f"no worker came to {step!r}, which the first one passed")

    def finish(self) -> None:
        """Workers that live, until nothing waits."""
        for _time in range(20):
            if self.reminders.is_all_sent():
                return
            self.run()
        pytest.fail(f"still not all sent: {self.machine.words()}")


@pytest.fixture
def undertaker(machine: Machine, reminders: Reminders) -> Undertaker:
    return Undertaker(machine, reminders)


def test_kill_9_at_every_step_loses_nothing(undertaker: Undertaker, reminders: Reminders, figures: Figures):
    chance = random.Random(SEED)
    plans = [(step, chance.randint(1, times)) for step, times in sorted(undertaker.steps().items())]
    chance.shuffle(plans)
    for step, time in plans:
        reminders.fall_due(max(EACH, -(-LEAST // len(plans))))
        undertaker.kill_at(step, time)
    undertaker.finish()
    kills = [story for story in undertaker.stories if story.step and story.is_met]
    in_between = Counter(story.unrecorded for story in kills if story.unrecorded)
    doubles = reminders.judge(figures, excused=in_between)
    figures(steps=len(plans) // 2, kills=len(kills), doubled_at=[at.step for at in kills if at.unrecorded in doubles])
    assert len(plans) >= 2 * 8, "the sweep has more steps than were found"
    assert doubles <= in_between, "twice only what the mail server had and the database did not know of, once a kill"
    assert doubles, "one of these kills is after the server's yes: without a double there, it was no kill"


def test_the_figure_is_one_that_can_fail(undertaker: Undertaker, reminders: Reminders, figures: Figures):
    """With a worker that first writes a mail down as sent, each kill before the server's yes loses one."""
    steps = [step for step in undertaker.steps() if step.startswith(("before send MAIL", "before send text"))]
    for step in steps:
        reminders.fall_due(EACH)
        undertaker.kill_at(step, 1, mark_first=True)
    undertaker.finish()
    figures(kills=len(steps), reminders=len(reminders.due), lost=len(reminders.lost()))
    assert len(reminders.lost()) == len(steps) == 2
