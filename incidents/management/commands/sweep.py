"""manage.py sweep: one round of the reminders, or (--loop) all that Celery would do, without Celery and Redis."""

import signal
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections
from django.utils.module_loading import import_string

from incidents.actions.reminders.sweep import sweep
from vpdportal import clock


class Command(BaseCommand):
    help = (
        "Plan, bundle and send the reminders that are due. With --loop it goes on until it is told to stop (SIGTERM or "
        "Ctrl+C), after the round that runs, and does all else that beat would call in its time: for an installation "
        "without Redis. Beside Celery it does no harm."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on, a round each --seconds")
        parser.add_argument("--seconds", type=int, default=60, help="between two rounds")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["loop"]:
            self._round()
            return
        is_over = threading.Event()
        for how in (signal.SIGTERM, signal.SIGINT):
            signal.signal(how, lambda *_: is_over.set())
        began: dict[str, datetime] = {}
        while not is_over.is_set():
            close_old_connections()
            self._try("sweep", self._round)
            for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
                every = timedelta(seconds=entry["schedule"])
                if name != "sweep" and (name not in began or clock.now() - began[name] >= every):
                    began[name] = clock.now()
                    self._try(name, partial(_call, entry["task"]))
            is_over.wait(options["seconds"])

    def _round(self) -> None:
        done = sweep(now=clock.now())
        self.stdout.write(
            f"{done.planned} late tasks planned, {done.bundled} mails made, {done.sent} sent, {done.failed} failed"
        )

    def _try(self, name: str, do: Callable[[], object]) -> None:
        """One that breaks keeps no other back. It is done again in its time, and the portal says that the clock stands
        still."""
        try:
            do()
        except Exception as error:
            self.stderr.write(f"{name} broke: {type(error).__name__}")


def _call(task: str) -> None:
    import_string(task)()
