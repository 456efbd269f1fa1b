"""Celery is the clock, not the queue: it only calls the sweep, the database holds what is to be done."""

import os
from typing import Any

from celery import Celery, Task, bootsteps

from vpdportal.safe_start.starting import refuse_unsafe_start
from vpdportal.tenancy import everywhere

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vpdportal.settings")


class MachineTask(Task):  # type: ignore[misc]  # Celery has no types
    """A task is the machine's own work: it goes through the rows of every organisation (ADR 31)."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with everywhere():
            return super().__call__(*args, **kwargs)


class SafeStart(bootsteps.Step):  # type: ignore[misc]
    """The first step of a worker: it ends there where the start is unsafe."""

    def __init__(self, worker: Any, **options: Any) -> None:
        refuse_unsafe_start()
        super().__init__(worker, **options)


app = Celery("vpdportal", task_cls=MachineTask)
app.steps["worker"].add(SafeStart)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["incidents"])
