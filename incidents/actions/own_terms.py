"""A term that the menu does not know: by a person who chose another day, or because it counts from something else."""

from datetime import datetime

from incidents.actions.reminders.planning import replan_notices
from incidents.models import Measure, Task


def give_own_term(*, task: Task, due_at: datetime, now: datetime) -> None:
    """Let a task end then, and its measure with it, so that no later fact moves it back; who has it is reminded anew.

    In the caller's transaction, who holds the case.
    """
    task.due_at = due_at
    task.save(update_fields=["due_at"])
    if task.measure_id:
        Measure.objects.filter(pk=task.measure_id).update(own_due_at=due_at)
    replan_notices(tasks=[task], now=now)
