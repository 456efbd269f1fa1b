"""manage.py sweep: one round of the reminders, or (--loop) all that Celery would do, without Celery and Redis."""

import signal
import threading
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from incidents.actions.reminders.sweep import sweep
from incidents.tasks import fix_overviews, tidy
from vpdportal import clock

HOUR = timedelta(hours=1)


class Command(BaseCommand):
    help = (
        "Plan, bundle and send the reminders that are due. With --loop it goes on until it is told to stop (SIGTERM or "
        "Ctrl+C), after the round that runs, and does the hourly tidying and the overviews of a new month too: for an "
        "installation without Redis. Beside Celery it does no harm."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on, a round each --seconds")
        parser.add_argument("--seconds", type=int, default=60, help="between the beginnings of two rounds")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["loop"]:
            self._round()
            return
        is_over = threading.Event()
        for how in (signal.SIGTERM, signal.SIGINT):
            signal.signal(how, lambda *_: is_over.set())
        tidied_at = None
        while not is_over.is_set():
            close_old_connections()
            try:
                self._round()
                if tidied_at is None or clock.now() - tidied_at >= HOUR:
                    tidied_at = clock.now()
                    tidy()
                    fix_overviews()
            except Exception as error:  # the next round may do better; the portal says that the clock stands still
                self.stderr.write(f"the round broke: {type(error).__name__}")
            is_over.wait(options["seconds"])

    def _round(self) -> None:
        done = sweep(now=clock.now())
        self.stdout.write(
            f"{done.planned} late tasks planned, {done.bundled} mails made, {done.sent} sent, {done.failed} failed"
        )
