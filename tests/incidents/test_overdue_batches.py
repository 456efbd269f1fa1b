"""That many tasks are too late at once: they are found and planned in parts, each once."""

from datetime import timedelta

import pytest

from incidents.actions.reminders import overdue
from incidents.actions.reminders.overdue import plan_overdue
from incidents.models import Notice, Task
from incidents.vocabulary import NoticeStep
from tests import clock
from tests.world import Place, make_incident


@pytest.mark.parametrize(("many", "batch"), [(1, 1), (2, 1), (3, 2), (5, 5), (1000, 1000)])
def test_each_late_task_is_planned_once_in_whatever_parts(
    town: Place, monkeypatch: pytest.MonkeyPatch, many: int, batch: int
):
    monkeypatch.setattr(overdue, "MANY", many)
    monkeypatch.setattr(overdue, "BATCH", batch)
    make_incident(town)
    keep = Task.objects.filter(assignee__isnull=False).order_by("pk").values_list("pk", flat=True)[:5]
    Task.objects.exclude(pk__in=list(keep)).delete()
    Task.objects.update(due_at=clock.now() - timedelta(days=1))
    Notice.objects.all().delete()
    assert plan_overdue(now=clock.now()) == 5 and plan_overdue(now=clock.now()) == 0
    rows = Notice.objects.filter(step=NoticeStep.OVERDUE)
    assert sorted(rows.values_list("task", flat=True)) == sorted(Task.objects.values_list("pk", flat=True))
