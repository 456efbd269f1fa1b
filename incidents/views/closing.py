"""The end of a case, for who was hit: whether it helped, and opening it again; and opening it again from the desk."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from incidents.actions.closing import (
    REOPEN_WITHIN,
    answer_helped,
    may_ask_to_reopen,
    may_change_answer,
    reopen_for_desk,
    reopen_for_person,
    speaks_for_the_case,
)
from incidents.actions.refusals import Refused
from incidents.actions.trail import record_view
from incidents.forms.closing import DeskReopenForm, HelpedForm, ReopenForm
from incidents.models import Incident, Task
from incidents.views.case_ending import ending_page
from incidents.views.places import PortalRequest, case_for, followed_for
from incidents.views.typed import comes_back, is_of_another, keeps_what_is_typed, mark_of_writer, status_of_return
from incidents.vocabulary import Helped
from vpdportal.accounts.access import require
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Right
from vpdportal.look.templatetags.look import day_and_time


@dataclass(frozen=True)
class Closing:
    """What templates/parts/closing.html shows on the status page of a case that is or was closed."""

    helped_form: HelpedForm | None
    reopen_form: ReopenForm | None
    reopen_until: datetime | None


@dataclass(frozen=True)
class Joined:
    """For who reported what was joined with another report: what was told at the end of that one, and when."""

    outcome: str = ""
    closed_at: datetime | None = None


def joined_context(incident: Incident, user: User) -> dict[str, Any]:
    """For templates/incidents/report_status_joined.html: nothing of the other report but how it ended."""
    main = incident.merged_into
    if main is None:
        return {"joined": None}
    if main.closed_at is None or not speaks_for_the_case(incident, user):
        return {"joined": Joined()}
    return {"joined": Joined(main.outcome, main.closed_at)}


def closing_context(incident: Incident, user: User, now: datetime) -> dict[str, Any]:
    """For templates/parts/closing.html. `closing` is None while nothing was closed, and for who sees a receipt only."""
    is_told = speaks_for_the_case(incident, user) and (incident.is_closed or incident.outcome)
    if not is_told or incident.is_merged:
        return {"closing": None}
    if incident.closed_at is None:
        return {"closing": Closing(None, None, None)}
    may_answer = not incident.was_helped or may_change_answer(incident, now)
    return {
        "closing": Closing(
            helped_form=_helped_form(incident, auto_id="helped-%s") if may_answer else None,
            reopen_form=ReopenForm(auto_id="reopen-%s") if may_ask_to_reopen(incident, now) else None,
            reopen_until=incident.closed_at + REOPEN_WITHIN,
        ),
        "writer": mark_of_writer(user),
    }


@keeps_what_is_typed
@require_http_methods(["GET", "HEAD", "POST"])
def helped(request: PortalRequest, pk: UUID) -> HttpResponse:
    """The answer to "Were you helped?". Who says no is asked at once whether it must be opened again."""
    incident = _spoken_for(request, pk)
    if request.method != "POST" or is_of_another(request):
        return _page(request, incident, "helped", _helped_form(incident))
    form = HelpedForm(request.POST)
    is_valid = form.is_valid()
    if comes_back(request) or not is_valid:
        return _page(request, incident, "helped", form, status_of_return(request))
    answer = form.cleaned_data["helped"]
    try:
        incident = answer_helped(
            incident=incident, helped=answer, remark=form.cleaned_data["remark"], by=request.user, now=request.now
        )
    except Refused as refused:
        form.add_error(None, str(refused))
        return _page(request, incident, "helped", form, 409)
    messages.success(request, _("Thank you for your answer. Your adviser can read it."))
    if answer == Helped.NO and may_ask_to_reopen(incident, request.now):
        return redirect("reopen", pk=pk)
    return redirect("report_status", pk=pk)


@keeps_what_is_typed
@require_http_methods(["GET", "HEAD", "POST"])
def reopen(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Open it again because there is still something to do. After 30 days the page says what else is possible."""
    incident = _spoken_for(request, pk)
    if request.method != "POST" or is_of_another(request):
        return _page(request, incident, "reopen", ReopenForm())
    form = ReopenForm(request.POST)
    is_valid = form.is_valid()
    if comes_back(request) or not is_valid:
        return _page(request, incident, "reopen", form, status_of_return(request))
    try:
        reopened = reopen_for_person(incident=incident, by=request.user, now=request.now, **form.cleaned_data)
    except Refused as refused:
        form.add_error(None, str(refused))
        return _page(request, incident, "reopen", form, 409)
    messages.success(request, _("Your report is open again. %(next)s") % {"next": _what_comes(reopened.task, request)})
    return redirect("report_status", pk=pk)


@keeps_what_is_typed
@require_POST
@require(Right.WORK_CASES)
def case_reopen(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Open a closed case again from the desk, with the reason as a note."""
    incident = case_for(request, pk)
    if is_of_another(request):
        return redirect("case_ending", pk=pk)
    form = DeskReopenForm(request.POST)
    is_valid = form.is_valid()
    if comes_back(request) or not is_valid:
        return ending_page(request, incident, status_of_return(request), desk_reopen_form=form)
    try:
        reopened = reopen_for_desk(
            incident=incident, reason=form.cleaned_data["reopen_reason"], by=request.user, now=request.now
        )
    except Refused as refused:
        messages.error(request, str(refused))
        return ending_page(request, case_for(request, pk), 409, desk_reopen_form=form)
    messages.success(request, _("The case is open again. %(next)s") % {"next": _what_is_due(reopened.task, request)})
    return redirect("case", pk=pk)


def _spoken_for(request: PortalRequest, pk: UUID) -> Incident:
    """The case of who sees its whole status page; for anyone else it has no such page."""
    incident = followed_for(request, pk)
    if not speaks_for_the_case(incident, request.user):
        raise Http404
    return incident


def _page(request: PortalRequest, incident: Incident, name: str, form: Any, status: int = 200) -> HttpResponse:
    record_view(incident=incident, by=request.user, now=request.now, part="status")
    context = {
        "incident": incident,
        "form": form,
        "writer": mark_of_writer(request.user),
        "may_reopen": may_ask_to_reopen(incident, request.now),
        "may_answer": incident.closed_at is not None
        and (not incident.was_helped or may_change_answer(incident, request.now)),
    }
    return render(request, f"incidents/closing_{name}.html", context, status=status)


def _helped_form(incident: Incident, **options: Any) -> HelpedForm:
    before = {"helped": incident.was_helped, "remark": incident.helped_remark or ""}
    return HelpedForm(initial=before, **options)


def _what_comes(task: Task | None, request: PortalRequest) -> str:
    if task is None or task.due_at is None:
        return _("Your adviser looks at it.")
    return _("Your adviser calls you before %(moment)s.") % {"moment": day_and_time(task.due_at, request.now)}


def _what_is_due(task: Task | None, request: PortalRequest) -> str:
    if task is None or task.due_at is None:
        return ""
    due = {"title": task.title, "moment": day_and_time(task.due_at, request.now)}
    return _("First: %(title)s, before %(moment)s.") % due
