"""People report and read while every server dies under them: nothing that was acknowledged is lost, nothing is double.

A minute of it here, or LENGTH seconds; twenty minutes by `python run.py bench faults` (T21, T37).
"""

import os
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from benchmarks.faults import RECOVERY, Outcome, bear, judge
from benchmarks.month_rows import NOW
from benchmarks.traffic import Told
from tests import clock
from tests.services import Postgres
from tests.smtp import MailServer
from tests.stories.reminders import EMPTY, Figures, connected

pytestmark = pytest.mark.services
LENGTH = float(os.environ.get("LENGTH", "60"))  # seconds
FAULTS = 7  # each kind once, at least


def test_nothing_that_was_acknowledged_is_lost(
    own_server: Postgres, post: MailServer, tmp_path: Path, django_db_blocker: Any, figures: Figures
):
    name = "faults"
    own_server.create(name, template=EMPTY)
    clock.set_to(NOW)
    with django_db_blocker.unblock(), connected(own_server.url(name)):
        outcome = bear(own_server, name, post, tmp_path, LENGTH)
        control = Outcome(Told({**outcome.told.acknowledged, uuid4(): ("/melding/nooit/", 0.0)}), LENGTH)
        judge(control)
    assert control.lost == 1, "one that is not there would have been seen"
    told = outcome.told
    slowest = {fault: round(max(seconds), 1) for fault, seconds in outcome.recovered.items()}
    figures(acknowledged=len(told.acknowledged), answers=dict(told.answers), until_reports_came_in=slowest)
    assert outcome.faults >= FAULTS == len(outcome.recovered)
    assert len(told.acknowledged) > outcome.faults, "people reported between the faults"
    assert (outcome.lost, outcome.double, outcome.unasked) == (0, 0, 0), "each is there once"
    assert (outcome.incomplete, outcome.broken_chains) == (0, 0), "with advice, tasks and its row in the audit trail"
    assert not told.given_up and max(slowest.values()) < RECOVERY, "it goes on by itself"
    assert any(answer.endswith("503") for answer in told.answers), "something did fail"
    assert not told.unclear and not told.without_text, "a page of failure says what to do, and holds what was typed"
    assert outcome.unsent == 0 and outcome.mailed > 0, "and what was due was mailed"
    assert outcome.mailed_twice <= outcome.faults * 2, "at most what a process had in hand when it died"
