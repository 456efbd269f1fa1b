"""One case: what is known, what the menu says, what was done. Each change is one action."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from guidance.facts import FactsError
from guidance.questions import Question, questions_of
from guidance.vocabulary import Phase
from incidents.actions.advice import advice_for, complete_facts
from incidents.actions.case import add_note, close_case, confirm_severity
from incidents.actions.evidence import read_evidence
from incidents.actions.measures import decline_measure, take_measure
from incidents.actions.refusals import Refused
from incidents.actions.trail import record_view
from incidents.forms.casework import FactsForm, NoteForm, OutcomeForm, ReasonForm, SeverityForm
from incidents.models import Incident, Measure, Task
from incidents.views.places import PortalRequest, case_for
from incidents.vocabulary import MeasureStatus, TaskStatus
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right

QUESTIONS_AT_ONCE = 5
CLOCKS = (
    (gettext_lazy("Reaction"), ("R04", "R05", "R06", "R08")),
    (gettext_lazy("Police"), ("R11", "R12", "R13")),
    (gettext_lazy("Reception talk"), ("N02",)),
)


@dataclass(frozen=True)
class Clock:
    """A national norm that runs in this case: its next moment, or that it is met."""

    label: Any
    task: Task
    is_met: bool


@require_safe
@require(Right.WORK_CASES)
def case(request: PortalRequest, pk: UUID) -> HttpResponse:
    return _page(request, case_for(request, pk))


def _page(request: PortalRequest, incident: Incident, status: int = 200, **bound: Any) -> HttpResponse:
    """The case page, with a form that came back with errors in place of its empty one."""
    record_view(incident=incident, by=request.user, now=request.now)
    measures = list(incident.measures.select_related("decided_by").prefetch_related("tasks__assignee"))
    tasks = sorted((task for m in measures for task in m.tasks.all()), key=_by_clock)
    is_severity_open = incident.severity_confirmed_at is None
    questions = _questions(incident)
    context = {
        "incident": incident,
        "facts": [(description.label, _shown(description, value)) for description, value in incident.facts.known()],
        "columns": [(phase, [m for m in measures if m.phase == phase and _is_shown(m)]) for phase in Phase],
        "left_out": [m for m in measures if m.status == MeasureStatus.DECLINED or not _is_shown(m)],
        "open_tasks": [task for task in tasks if task.status == TaskStatus.OPEN],
        "ended_tasks": [task for task in tasks if task.status != TaskStatus.OPEN],
        "clocks": _clocks(tasks),
        "timeline": incident.timeline.select_related("by")[:200],
        "notes": incident.notes.select_related("by")[:100],
        "evidence": incident.evidence.all(),
        "questions": questions,
        "facts_form": FactsForm(questions=questions),
        "severity_form": SeverityForm(initial={"severity": incident.severity}),
        "is_severity_open": is_severity_open,
        "note_form": NoteForm(),
        "outcome_form": OutcomeForm(),
        "reason_form": ReasonForm(auto_id=False),
        **bound,
    }
    return render(request, "incidents/case.html", context, status=status)


@require_POST
@require(Right.WORK_CASES)
def facts(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Answer open questions; the advice follows."""
    incident = case_for(request, pk)
    form = FactsForm(request.POST, questions=_questions(incident))
    if not form.is_valid():
        return _page(request, incident, 400, facts_form=form)

    def act() -> None:
        try:
            complete_facts(incident=incident, answers=form.answers(), by=request.user, now=request.now)
        except FactsError as error:
            raise Refused(error.advice) from error

    return _acted(request, incident, act, _("Thank you. The advice was made again with what you know."))


@require_POST
@require(Right.WORK_CASES)
def severity(request: PortalRequest, pk: UUID) -> HttpResponse:
    incident = case_for(request, pk)
    form = SeverityForm(request.POST)
    if not form.is_valid():
        return _page(request, incident, 400, severity_form=form)
    values = {"severity": form.cleaned_data["severity"], "reason": form.cleaned_data["severity_reason"]}
    return _acted(
        request,
        incident,
        lambda: confirm_severity(incident=incident, by=request.user, now=request.now, **values),
        _("Thank you. Under “Severity” you see how it stands now."),
        severity_form=form,
    )


@require_POST
@require(Right.WORK_CASES)
def note(request: PortalRequest, pk: UUID) -> HttpResponse:
    incident = case_for(request, pk)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, incident, 400, note_form=form)
    text = form.cleaned_data["text"]
    return _acted(
        request,
        incident,
        lambda: add_note(incident=incident, text=text, by=request.user, now=request.now),
        _("The note is kept."),
        note_form=form,
    )


@require_POST
@require(Right.WORK_CASES)
def close(request: PortalRequest, pk: UUID) -> HttpResponse:
    incident = case_for(request, pk)
    form = OutcomeForm(request.POST)
    if not form.is_valid():
        return _page(request, incident, 400, outcome_form=form)
    outcome = form.cleaned_data["outcome"]
    return _acted(
        request,
        incident,
        lambda: close_case(incident=incident, outcome=outcome, by=request.user, now=request.now),
        _("The case is closed. The reporter can read what was done."),
        outcome_form=form,
    )


@require_POST
@require(Right.WORK_CASES)
def measure(request: PortalRequest, pk: UUID, measure_pk: UUID) -> HttpResponse:
    """Choose an advice, or leave it out with a reason."""
    incident = case_for(request, pk)
    chosen = get_object_or_404(Measure, pk=measure_pk, incident=incident)
    if request.POST.get("choice") == "take":
        return _acted(
            request,
            incident,
            lambda: take_measure(measure=chosen, by=request.user, now=request.now),
            _("Chosen: %(title)s.") % {"title": chosen.item.title},
        )
    form = ReasonForm(request.POST, auto_id=False)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    return _acted(
        request,
        incident,
        lambda: decline_measure(measure=chosen, reason=reason, by=request.user, now=request.now),
        _("Left out, with your reason: %(title)s.") % {"title": chosen.item.title},
        declining=chosen.pk,
    )


@require_safe
@require(Right.WORK_CASES)
def evidence(request: PortalRequest, pk: UUID, evidence_pk: UUID) -> HttpResponse:
    """The file as received: always a download, never shown on our address."""
    incident = case_for(request, pk)
    kept = get_object_or_404(incident.evidence, pk=evidence_pk)
    record_view(incident=incident, by=request.user, now=request.now, part="evidence")
    response = HttpResponse(read_evidence(kept), content_type=kept.content_type)
    ending = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}[kept.content_type]
    response["Content-Disposition"] = f'attachment; filename="{incident.reference}-{str(kept.pk)[:8]}.{ending}"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _acted(
    request: PortalRequest, incident: Incident, act: Callable[[], object], done: str, **bound: Any
) -> HttpResponse:
    """Do one action, say that it was done and go back to the page; or show it again with what was typed and why not."""
    try:
        act()
    except Refused as refused:
        messages.error(request, str(refused))
        incident = case_for(request, incident.pk)
        return _page(request, incident, 409, **bound)
    messages.success(request, done)
    return redirect("case", pk=incident.pk)


def _questions(incident: Incident) -> list[Question]:
    """What the advice does not know yet. The severity has a place of its own on the page."""
    if incident.is_closed:
        return []
    return [question for question in questions_of(advice_for(incident)) if question.fact != "severity"]


def _clocks(tasks: list[Task]) -> list[Clock]:
    """The national time norms of this case, each by its first task."""
    found = []
    for label, codes in CLOCKS:
        mine = [task for task in tasks if task.code in codes and task.due_at]
        done = [task for task in mine if task.status == TaskStatus.DONE]
        running = [task for task in mine if task.status == TaskStatus.OPEN]
        if done or running:
            found.append(Clock(label, (done or running)[0], bool(done)))
    return found


def _by_clock(task: Task) -> tuple[bool, Any, str]:
    return task.due_at is None, task.due_at, task.code


def _is_shown(measure: Measure) -> bool:
    return measure.status != MeasureStatus.DECLINED and (
        measure.is_still_advised or measure.status == MeasureStatus.TAKEN
    )


def _shown(description: Any, value: Any) -> str:
    if description.kind == "boolean":
        return _("yes") if value else _("no")
    values = value if isinstance(value, tuple) else [value]
    if description.choices:
        return ", ".join(str(description.choices(one).label) for one in values)
    return str(value)
