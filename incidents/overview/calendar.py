"""A person's deadlines and moments of aftercare as an iCalendar file (RFC 5545): a number and a link, nothing else.

A calendar is kept by machines that are not the organisation's, and shown on screens that others see: so no names, no
words of what it is about. All moments are in UTC; the reader's calendar shows them in its own time.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from incidents.actions.care_moments import person_hit
from incidents.models import CareMoment, Incident, Task
from incidents.need_to_know import kept_out_from
from incidents.vocabulary import CareFor, CareStatus
from vpdportal.accounts.models import User

MOST = 500  # of each
READ_AGAIN = timedelta(hours=1)
BEFORE_DEADLINE = timedelta(minutes=30)  # a deadline stands as the half hour that ends with it [OWN]
LENGTH_OF_TALK = timedelta(hours=1)  # [OWN]
STANDING = (CareStatus.PLANNED, CareStatus.ACCEPTED)


def calendar_of(user: User, now: datetime) -> bytes:
    """The file, in the language that is active. Lines end and fold as the standard asks. Three queries."""
    calendar = Calendar()
    calendar.add("prodid", "-//VPD portal//deadlines//NL")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("VPD portal"))
    calendar.add("refresh-interval", READ_AGAIN, parameters={"VALUE": "DURATION"})
    for event in (*_deadlines(user, now), *_talks(user, now)):
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _deadlines(user: User, now: datetime) -> Iterator[Event]:
    mine = Task.objects.visible_to(user, now).unfinished().filter(assignee=user.pk, due_at__isnull=False)
    tasks = (
        mine.filter(is_on_hold=False)
        .select_related("incident")
        .only("due_at", "incident__reference", "incident__touched_at")
    )
    for task in tasks.order_by("due_at", "pk")[:MOST]:
        event = _event(task.pk, "task", task.incident, _("deadline"), reverse("task", args=[task.pk]))
        event.add("dtstart", (task.due_at - BEFORE_DEADLINE).astimezone(UTC))
        event.add("dtend", task.due_at.astimezone(UTC))
        event.add("transp", "TRANSPARENT")
        yield event


def _talks(user: User, now: datetime) -> Iterator[Event]:
    """The planned talks that this person gives or has."""
    rows = CareMoment.objects.filter(~kept_out_from(user, "incident"), status__in=STANDING, planned_at__isnull=False)
    rows = rows.filter(Q(task__assignee=user.pk) | Q(user=user.pk) | Q(incident__affected=user.pk))
    rows = rows.select_related("task", "incident__reporter", "incident__affected")
    given = Task.objects.visible_to(user, now).unfinished().filter(assignee=user.pk)
    givable = set(given.values_list("pk", flat=True))
    for moment in rows.order_by("planned_at", "pk")[:MOST]:
        if moment.task_id in givable:
            link = reverse("task", args=[moment.task_id])
        elif _is_for(moment, user):
            link = reverse("care_answer", args=[moment.incident_id, moment.pk])
        else:
            continue
        begin = moment.planned_at
        assert begin is not None  # asked for above
        event = _event(moment.pk, "care", moment.incident, _("appointment"), link)
        event.add("dtstart", begin.astimezone(UTC))
        event.add("dtend", (begin + LENGTH_OF_TALK).astimezone(UTC))
        yield event


def _is_for(moment: CareMoment, user: User) -> bool:
    is_of_hit = moment.care_for == CareFor.AFFECTED
    return (person_hit(moment.incident) if is_of_hit else moment.user) == user


def _event(key: UUID, kind: str, incident: Incident, what: str, link: str) -> Any:
    """An event with what all have. Its number of changes grows with the case, so that a calendar takes the newest."""
    event = Event()
    event.add("uid", f"{kind}-{key}@vpd-portal.invalid")
    event.add("dtstamp", incident.touched_at.astimezone(UTC))
    event.add("sequence", int(incident.touched_at.timestamp()) // 60)
    event.add("summary", f"{incident.reference} {what}")
    event.add("url", settings.PORTAL_URL + link)
    event.add("description", settings.PORTAL_URL + link)
    event.add("class", "PRIVATE")
    return event
