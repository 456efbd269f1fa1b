"""`manage.py sweep --loop`: an installation without Celery and Redis does all the same."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from incidents.actions.importing.carrying_out import start
from incidents.vocabulary import ImportStatus
from tests import clock
from tests.incidents.test_importing import bring, imported, line, sheet_of
from tests.world import Place
from vpdportal.audit.anchors import ANCHORED
from vpdportal.audit.models import AuditEvent

ENDS = (signal.SIGTERM, signal.SIGINT)
Looped = Callable[[], str]


@pytest.fixture
def looped() -> Iterator[Looped]:
    """Runs it for one round, as a service that is told to stop meanwhile; gives its complaints."""
    before = {how: signal.getsignal(how) for how in ENDS}
    is_over = threading.Event()

    def tell() -> None:
        while not is_over.wait(0.5):
            os.kill(os.getpid(), signal.SIGTERM)

    def run() -> str:
        complaints = StringIO()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # until the command listens
        teller = threading.Thread(target=tell)
        teller.start()
        try:
            call_command("sweep", "--loop", stdout=StringIO(), stderr=complaints)
        finally:
            is_over.set()
            teller.join()
        return complaints.getvalue()

    yield run
    for how, what in before.items():
        signal.signal(how, what)


def test_all_that_beat_would_call_is_done(committed: None, town: Place, settings: Any, looped: Looped):
    sheet = bring(town, sheet_of(*(line(n) for n in range(1, 502))))
    start(sheet=sheet, by=town.adviser, now=clock.now())
    settings.CELERY_BEAT_SCHEDULE = {
        "broken": {"task": "incidents.tasks.nothing_of_that_name", "schedule": 60},
        **settings.CELERY_BEAT_SCHEDULE,
    }
    assert looped() == "broken broke: ImportError\n", "and it keeps no other back"
    sheet.refresh_from_db()
    assert (sheet.status, len(imported(town))) == (ImportStatus.DONE, 501), "what is done each minute"
    assert AuditEvent.objects.filter(action=ANCHORED).exists(), "what is done each hour"
