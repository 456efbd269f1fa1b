"""Someone goes out of a case: what they still had to do or to hear of it is for someone else, or for nobody."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from incidents.actions.care_moments import ask_anew
from incidents.actions.duty import on_duty
from incidents.actions.reminders.planning import move_notices
from incidents.models import Incident, News, Notice, Task
from incidents.vocabulary import MailStatus, NoticeStep
from vpdportal.accounts.models import User


def leave_to_who_is_on_duty(incident: Incident, people: Collection[UUID], now: datetime) -> None:
    """What these people still had to do or to hear of the case goes to who is on duty, also handling it."""
    if not people:
        return
    owner = on_duty(incident, now)
    stop_telling(incident, now, people)
    _give_tasks_to(owner, incident, now, people)
    if incident.adviser_id in people:
        incident.adviser = owner
        incident.save(update_fields=["adviser"])


def stop_telling(incident: Incident, now: datetime, people: Collection[UUID], *steps: NoticeStep) -> None:
    """Cancel what these people would still hear of the case, also when it waits in a mail.

    What waits in a mail of theirs because they stand in for someone goes back, to find another reader.
    """
    waiting = Q(mail__isnull=True) | Q(mail__status=MailStatus.WAITING)
    notices = Notice.objects.filter(waiting, task__incident=incident, cancelled_at__isnull=True)
    if steps:
        notices = notices.filter(step__in=steps)
    news = News.objects.filter(waiting, incident=incident, cancelled_at__isnull=True)
    for rows in (notices, news):
        rows.filter(recipient__in=people).update(mail=None, cancelled_at=now)
        rows.filter(mail__recipient__in=people).update(mail=None)


def _give_tasks_to(owner: User | None, incident: Incident, now: datetime, people: Collection[UUID]) -> None:
    """Move the open tasks of these people, with fresh notices for the new owner."""
    theirs = Task.objects.unfinished().filter(incident=incident, assignee__in=people)
    tasks = list(theirs.order_by("pk").select_for_update(of=("self",), no_key=True))
    former = {task.pk: task.assignee_id for task in tasks}
    for task in tasks:
        task.assignee, task.assigned_at = owner, now
    Task.objects.bulk_update(tasks, ["assignee", "assigned_at"])
    for task in tasks:
        task.incident = incident
        ask_anew(task=task, by=None, now=now)
    move_notices(tasks=tasks, former=former, by=None, now=now)
