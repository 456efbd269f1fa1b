"""What every page of a case has: its head with the clocks, and the way to its other pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from incidents.actions.trail import record_view
from incidents.models import Incident, Task
from incidents.views.places import PortalRequest
from incidents.views.typed import mark_of_writer
from incidents.vocabulary import TaskStatus

# The pages of a case: name of the address, what it is called, and the number that `case_for` counted for it.
PARTS: tuple[tuple[str, Any, str], ...] = (
    ("case", _("Overview"), ""),
    ("case_timeline", _("Timeline and notes"), ""),
    ("case_people", _("People"), "person_number"),
    ("case_links", _("Linked"), ""),
    ("case_messages", _("Messages"), "message_number"),
    ("case_files", _("Evidence"), "evidence_number"),
    ("case_reactions", _("Reaction"), "reaction_number"),
    ("case_letters", _("Letters"), "letter_number"),
    ("case_police", _("Police"), "police_number"),
    ("case_care", _("Aftercare"), "care_number"),
    ("case_damage", _("Damage"), "damage_number"),
    ("case_ending", _("Close"), ""),
    ("case_keeping", _("Keeping"), ""),
)
CLOCKS = (
    (_("Reaction"), ("R04", "R05", "R06", "R08")),
    (_("Police"), ("R11", "R12", "R13")),
    (_("Reception talk"), ("N02",)),
)


@dataclass(frozen=True)
class Part:
    """One page of the case. `count`: how much stands on it; None where a number says nothing."""

    label: Any
    url: str
    is_current: bool
    count: int | None
    is_new: bool = False


@dataclass(frozen=True)
class Clock:
    """A national norm that runs in this case: its next moment, or that it is met."""

    label: Any
    task: Task
    is_met: bool


def show_part(
    request: PortalRequest, incident: Incident, name: str, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """One page of a case (`name`: of its address), with the head around it. Writes first that it was looked at.

    `context` may hold `tasks` (all of the case, with `assignee`); else the few that the clocks need are read here.
    """
    record_view(incident=incident, by=request.user, now=request.now, part=name)
    tasks = context.get("tasks")
    clocks = clocks_of(tasks if tasks is not None else _tasks_with_a_clock(incident))
    head = {
        "incident": incident,
        "clocks": clocks,
        "parts": list(_parts(incident, name)),
        "part_name": name,
        "is_severity_open": incident.severity_confirmed_at is None,
        "writer": mark_of_writer(request.user),
    }
    return render(request, template, {**head, **context}, status=status)


def _parts(incident: Incident, current: str) -> Iterable[Part]:
    for name, label, counted in PARTS:
        count = getattr(incident, counted, None) if counted else None
        is_new = name == "case_messages" and getattr(incident, "has_message", False)
        yield Part(label, reverse(name, args=[incident.pk]), name == current, count, is_new)


def _tasks_with_a_clock(incident: Incident) -> Iterable[Task]:
    codes = [code for _label, some in CLOCKS for code in some]
    return Task.objects.filter(incident=incident, code__in=codes)


def clocks_of(tasks: Iterable[Task]) -> list[Clock]:
    """The national time norms of this case, each by its first task."""
    timed = sorted((task for task in tasks if task.due_at), key=lambda task: (task.due_at, task.code))
    found = []
    for label, codes in CLOCKS:
        mine = [task for task in timed if task.code in codes]
        done = [task for task in mine if task.status == TaskStatus.DONE]
        running = [task for task in mine if task.status == TaskStatus.OPEN]
        if done or running:
            found.append(Clock(label, (done or running)[0], bool(done)))
    return found
