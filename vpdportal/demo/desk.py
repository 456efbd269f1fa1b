"""The adviser's desk of the demonstration: a handful of cases in which every page has something to show.

The reports come in on their day, between the others; what the desk did with them follows in the order of the days.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils.timezone import localdate

from guidance.vocabulary import Severity
from incidents.actions.advice import complete_facts
from incidents.actions.case import confirm_severity
from incidents.actions.tasks import finish_task
from incidents.models import Incident, Involvement, Task
from incidents.vocabulary import TaskKind, TaskStatus
from vpdportal.accounts.actions import save_organisation
from vpdportal.accounts.models import Organisation, User

ADDRESSES = {"vlinderwaard": "Postbus 1\n0000 AA Vlinderwaard", "droomdijk": "Postbus 2\n0000 AA Droomdijk"}
JUST_BEFORE = timedelta(hours=2)  # a task is done so long before its deadline


@dataclass
class Desk:
    """The cases of one organisation by their short name, who works there, and the moment of the demonstration."""

    organisation: Organisation
    adviser: User
    now: datetime
    people: dict[str, User]
    cases: dict[str, Incident] = field(default_factory=dict)
    involved: dict[str, Involvement] = field(default_factory=dict)  # the perpetrator, by case

    def ago(self, **how_long: float) -> datetime:
        """So long before the moment of the demonstration: `ago(days=3)`."""
        return self.now - timedelta(**how_long)

    def day(self, **how_long: float) -> date:
        """The local day so long ago; a negative number is a day to come."""
        return localdate(self.ago(**how_long))

    def case(self, name: str) -> Incident:
        """The case as it is now."""
        incident = self.cases[name]
        incident.refresh_from_db()
        return incident


def open_desk(*, organisation: Organisation, adviser: User, now: datetime) -> Desk:
    """The desk before anything came in."""
    members = User.objects.filter(memberships__organisation=organisation).distinct()
    return Desk(organisation, adviser, now, {person.name: person for person in members})


def set_up_desk(*, organisation: Organisation, administrator: User, now: datetime) -> None:
    """What letters and sheets for the police take from the organisation: an address that cannot exist."""
    organisation.postal_address = ADDRESSES[organisation.slug]
    organisation.data_officer = f"fg@{organisation.slug}.invalid"
    changed = ["postal_address", "data_officer"]
    save_organisation(organisation=organisation, by=administrator, changed=changed, now=now)


def assess(desk: Desk, name: str, at: datetime, **answers: bool) -> None:
    """The adviser's first look: what only the desk knows, and the severity as the portal proposes it."""
    incident = desk.case(name)
    complete_facts(incident=incident, answers=answers, by=desk.adviser, now=at)
    incident.refresh_from_db()
    confirm_severity(incident=incident, severity=Severity(incident.severity), reason="", by=desk.adviser, now=at)


def talk_task(incident: Incident, code: str) -> Task:
    """The open task for a talk of the rhythm of aftercare."""
    return Task.objects.get(incident=incident, code=code, step=0, status=TaskStatus.OPEN)


def keep_up(desk: Desk, name: str, until: datetime) -> None:
    """Do what the menu asks, each so long before its deadline; what that moment came for after `until` is left."""
    for _round in range(3):  # a talk that is held brings the next one
        for task in list(_due(desk.cases[name], until)):
            at = max(task.assigned_at + timedelta(minutes=15), (task.due_at or until) - JUST_BEFORE)
            finish_task(task=task, by=desk.adviser, now=min(at, until))


def finish_all(desk: Desk, name: str, at: datetime) -> None:
    """Do all that is still open, so that the case can be closed."""
    for _round in range(4):
        for task in _open(desk.cases[name]):
            finish_task(task=task, by=desk.adviser, now=max(at, task.assigned_at))


def _due(incident: Incident, until: datetime) -> Iterator[Task]:
    soon = until + JUST_BEFORE
    return (task for task in _open(incident) if task.due_at and task.due_at < soon and task.kind == TaskKind.MENU)


def _open(incident: Incident) -> list[Task]:
    return list(Task.objects.filter(incident=incident, status=TaskStatus.OPEN).order_by("due_at", "id"))
