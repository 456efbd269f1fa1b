"""Telling the perpetrator that data about them are kept (AVG 14): told on a day, or put off; never silently.

At the latest with the letter, within one month (menu R24); delay is allowed when the police ask, or when safety demands
it, and its reason is kept (handbook 7.2 [OWN]; the data protection officer decides on the wording).
"""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guidance.deadlines import add_months, end_of_day
from incidents.actions.done_checks import INFORMING
from incidents.actions.own_terms import give_own_term
from incidents.actions.refusals import ReasonNeeded, Refused
from incidents.actions.tasks import finish_task
from incidents.actions.trail import note_in_trail
from incidents.models import Incident, Involvement, Task
from incidents.vocabulary import DelayGround, InvolvedAs, TaskStatus, TimelineKind
from vpdportal.accounts.models import User

LONGEST_DELAY = 3  # months; it can be put off again, with a ground and a reason again [OWN]


class ToldBefore(Refused):
    message = _("It was written down already that this person was told.")


class NotThatLong(Refused):
    message = _("Choose a day from tomorrow until three months on. It can be put off again then, with a reason.")


class NotYet(Refused):
    message = _("Choose the day on which this person was told: today or earlier.")


class NotForThisPerson(Refused):
    message = _("Only a perpetrator is told in this way. For someone else there is nothing to write down here.")


def tell_person(*, involvement: Involvement, on: date, by: User, now: datetime) -> Involvement:
    """This person was told on that day. When all perpetrators of the case are, the task of it is done.

    Also in a closed case: the duty does not end with it. Raises ToldBefore, NotYet, NotForThisPerson.
    """
    with transaction.atomic():
        incident, involvement = _locked(involvement)
        if on > timezone.localdate(now):
            raise NotYet
        involvement.informed_on, involvement.delayed_until, involvement.delay_ground = on, None, ""
        involvement.save(update_fields=["informed_on", "delayed_until", "delay_ground"])
        note_in_trail(
            incident=incident, kind=TimelineKind.PERSON_INFORMED, by=by, now=now, fields=[str(involvement.pk)]
        )
        _let_the_task_follow(incident, by, now)
    return involvement


def put_off_telling(
    *, involvement: Involvement, ground: DelayGround, reason: str, until: date, by: User, now: datetime
) -> Involvement:
    """This person is not told yet: on a ground, with a reason, until a day. The task of it moves to that day.

    Raises ToldBefore, NotThatLong, ReasonNeeded, NotForThisPerson.
    """
    if not reason.strip() or not ground:
        raise ReasonNeeded
    with transaction.atomic():
        incident, involvement = _locked(involvement)
        today = timezone.localdate(now)
        if not today < until <= add_months(today, LONGEST_DELAY):
            raise NotThatLong
        involvement.delayed_until, involvement.delay_ground = until, ground
        involvement.delay_reason = reason.strip()
        involvement.save(update_fields=["delayed_until", "delay_ground", "delay_reason"])
        fields = [str(involvement.pk), ground]
        note_in_trail(incident=incident, kind=TimelineKind.INFORMING_DELAYED, by=by, now=now, fields=fields)
        _let_the_task_follow(incident, by, now)
    return involvement


def _locked(involvement: Involvement) -> tuple[Incident, Involvement]:
    rows = Incident.objects.select_for_update(of=("self",), no_key=True).select_related("organisation")
    incident = rows.get(pk=involvement.incident_id)
    fresh: Involvement = Involvement.objects.select_for_update(of=("self",)).get(pk=involvement.pk)
    if fresh.role != InvolvedAs.PERPETRATOR:
        raise NotForThisPerson
    if fresh.informed_on:
        raise ToldBefore
    return incident, fresh


def _let_the_task_follow(incident: Incident, by: User, now: datetime) -> None:
    """Done when everyone is told; moved to the first day of who is put off, when everyone left is put off."""
    task = Task.objects.filter(incident=incident, code=INFORMING, status=TaskStatus.OPEN).first()
    if task is None or incident.is_closed:
        return
    left = list(incident.involvements.filter(role=InvolvedAs.PERPETRATOR, informed_on__isnull=True))
    if not left:
        finish_task(task=task, by=by, now=now)
        return
    days = [one.delayed_until for one in left]
    if None in days:
        return
    task = Task.objects.select_for_update(of=("self",), no_key=True).get(pk=task.pk)
    give_own_term(task=task, due_at=end_of_day(min(day for day in days if day)), now=now)
