"""What has to be so before a task can be called done: what stands on another page must not say the opposite.

Nothing here changes anything.
"""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from incidents.actions.refusals import Refused
from incidents.models import CareMoment, Involvement, Task
from incidents.vocabulary import CareStatus, InvolvedAs

INFORMING = "R24"  # telling the perpetrator that data about them are kept (AVG 14)
STILL_TO_COME = (CareStatus.PLANNED, CareStatus.ACCEPTED, CareStatus.MOVE_ASKED)


class PlannedForLater(Refused):
    message = _(
        "This talk is planned for later. Was it held already? Then say so on the page of the talk, with the hour."
    )


class NotEveryoneWasTold(Refused):
    message = _(
        "Someone in this case was not told yet. Write down at that person when they were told, or put it off with a "
        "reason; this task then follows by itself."
    )


def check_can_be_done(task: Task, now: datetime) -> None:
    """Raises PlannedForLater, NotEveryoneWasTold."""
    if task.is_talk and CareMoment.objects.filter(task=task, status__in=STILL_TO_COME, planned_at__gt=now).exists():
        raise PlannedForLater
    if task.code == INFORMING and _untold(task).exists():
        raise NotEveryoneWasTold


def _untold(task: Task) -> QuerySet[Involvement]:
    return Involvement.objects.filter(incident=task.incident_id, role=InvolvedAs.PERPETRATOR, informed_on__isnull=True)
