"""The end of a case, from the desk: what is still open, what the reporter is told, what the desk learns of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incidents.actions.closing import close_case
from incidents.actions.evaluation import evaluate_case, evaluation_mark
from incidents.actions.refusals import Refused
from incidents.actions.still_open import Point, still_open
from incidents.forms.closing import MOST_LESSONS, DeskReopenForm, EndingForm, EvaluationForm, LessonForm
from incidents.models import Incident, Task
from incidents.views.assignment import people_for
from incidents.views.case_frame import PARTS, show_part
from incidents.views.places import PortalRequest, case_for
from incidents.views.typed import comes_back, is_of_another, keeps_what_is_typed, status_of_return
from incidents.vocabulary import OpenPoint, TaskKind, TaskStatus
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right

# The page of the case on which each point is dealt with.
PAGES = {
    OpenPoint.TASKS: "case",
    OpenPoint.REACTIONS: "case_reactions",
    OpenPoint.SEVERITY: "case",
    OpenPoint.ADVICE: "case",
    OpenPoint.DRAFTS: "case_reactions",
    OpenPoint.RUNNING: "case_reactions",
    OpenPoint.LETTERS: "case_letters",
    OpenPoint.WITHOUT_LETTER: "case_letters",
    OpenPoint.POLICE: "case_police",
    OpenPoint.CARE: "case_care",
    OpenPoint.DAMAGE: "case_damage",
    OpenPoint.QUESTIONS: "case_messages",
    OpenPoint.MESSAGES: "case_messages",
    OpenPoint.ADDITIONS: "case_timeline",
    OpenPoint.INFORMING: "case_people",
}


@dataclass(frozen=True)
class Line:
    """One point of the list, and where it is dealt with."""

    point: Point
    url: str


@require_safe
@require(Right.WORK_CASES)
def ending(request: PortalRequest, pk: UUID) -> HttpResponse:
    return ending_page(request, case_for(request, pk))


@keeps_what_is_typed
@require_POST
@require(Right.WORK_CASES)
def close(request: PortalRequest, pk: UUID) -> HttpResponse:
    """End the case. What is left open must have been ticked, as it stands now."""
    incident = case_for(request, pk)
    if is_of_another(request):
        return redirect("case_ending", pk=pk)
    form = EndingForm(request.POST, points=_points(request, incident))
    lessons = _lesson_forms(request, incident, request.POST)
    is_valid = all([form.is_valid(), *(lesson.is_valid() for lesson in lessons)])
    typed = {"form": form, "lesson_forms": lessons}
    if comes_back(request) or (not is_valid and not incident.is_closed):
        return ending_page(request, incident, status_of_return(request), **typed)
    try:
        close_case(
            incident=incident,
            outcome=form.cleaned_data.get("outcome", ""),
            evaluation=form.cleaned_data.get("evaluation"),
            lessons=[wanted for lesson in lessons if (wanted := lesson.wanted())],
            seen=form.cleaned_data.get("seen", {}),
            by=request.user,
            now=request.now,
        )
    except Refused as refused:
        messages.error(request, str(refused))
        fresh = case_for(request, pk)
        form = EndingForm(request.POST, points=_points(request, fresh))  # what is open now can be ticked at once
        return ending_page(request, fresh, 409, **{**typed, "form": form})
    messages.success(request, _("The case is closed. The reporter can read what was done."))
    return redirect("case_ending", pk=pk)


@keeps_what_is_typed
@require_POST
@require(Right.WORK_CASES)
def evaluate(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Write or change the evaluation of a closed case, and add lessons."""
    incident = case_for(request, pk)
    if is_of_another(request):
        return redirect("case_ending", pk=pk)
    form = EvaluationForm(request.POST)
    lessons = _lesson_forms(request, incident, request.POST)
    is_valid = all([form.is_valid(), *(lesson.is_valid() for lesson in lessons)])
    typed = {"evaluation_form": form, "lesson_forms": lessons, "mark": request.POST.get("mark", "")}
    if comes_back(request) or not is_valid:
        return ending_page(request, incident, status_of_return(request), **typed)
    try:
        evaluate_case(
            incident=incident,
            evaluation=form.cleaned_data["evaluation"],
            lessons=[wanted for lesson in lessons if (wanted := lesson.wanted())],
            seen=request.POST.get("mark", ""),
            by=request.user,
            now=request.now,
        )
    except Refused as refused:
        messages.error(request, str(refused))
        fresh = case_for(request, pk)
        return ending_page(request, fresh, 409, **{**typed, "mark": evaluation_mark(fresh)})
    messages.success(request, _("The evaluation is kept."))
    return redirect("case_ending", pk=pk)


def ending_page(request: PortalRequest, incident: Incident, status: int = 200, **bound: Any) -> HttpResponse:
    """The list and the form of an open case; the evaluation and opening again of a closed one."""
    points = _points(request, incident)
    tasks = list(Task.objects.filter(incident=incident).select_related("assignee"))
    initial = {"evaluation": incident.evaluation or ""}
    is_ended = incident.closed_at is not None
    context = {
        "tasks": tasks,
        "open_tasks": [task for task in tasks if task.status == TaskStatus.OPEN and task.kind != TaskKind.LESSON],
        "lessons": [task for task in tasks if task.kind == TaskKind.LESSON],
        "stops": list(_lines(incident, [point for point in points if point.stops])),
        "left": list(_lines(incident, [point for point in points if not point.stops])),
        "form": None if incident.is_closed else EndingForm(points=points, initial=initial),
        "evaluation_form": EvaluationForm(initial=initial) if is_ended else None,
        "lesson_forms": [] if incident.is_merged else _lesson_forms(request, incident),
        "desk_reopen_form": DeskReopenForm(),
        "mark": evaluation_mark(incident),
        **bound,
    }
    return show_part(request, incident, "case_ending", "incidents/case_ending.html", context, status=status)


def _points(request: PortalRequest, incident: Incident) -> list[Point]:
    return [] if incident.is_closed else still_open(incident, timezone.localdate(request.now))


def _lines(incident: Incident, points: list[Point]) -> Iterator[Line]:
    there = {name for name, _label, _counted in PARTS}
    for point in points:
        name = PAGES[point.code]
        url = reverse(name if name in there else "case", args=[incident.pk])
        yield Line(point, f"{url}#tasks" if point.code == OpenPoint.TASKS else url)


def _lesson_forms(request: PortalRequest, incident: Incident, data: Any = None) -> list[LessonForm]:
    people = people_for(incident, Right.BE_GIVEN_TASKS, request.now)
    named = [("", "–"), *((str(person.pk), person.name) for person in people)]
    return [
        LessonForm(data, people=people, named=named, now=request.now, prefix=f"lesson-{number}", auto_id="id_%s")
        for number in range(MOST_LESSONS)
    ]
