"""One talk of aftercare, for who gives it and for the desk: plan it, move it, say that it was held or is not needed."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import BaseForm
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from incidents.actions.care import hold_care, plan_care, skip_care
from incidents.actions.care_answers import accept_care, ask_care_again, ask_other_moment, decline_care
from incidents.actions.refusals import Refused
from incidents.actions.trail import record_view
from incidents.forms.care import HeldForm, NotNeededForm, PlanForm, WishForm
from incidents.models import Task
from incidents.overview.care import CareLine, care_line, people_who_may_give
from incidents.views.places import PortalRequest, task_for
from incidents.views.typed import is_of_another, is_shown_again, keeps_what_is_typed, mark_of_writer, status_of_return
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.roles import Right
from vpdportal.look.templatetags.look import day_and_time

Forms = dict[str, Any]
OWN_FORM = {"plan": "plan_form", "held": "held_form", "skip": "skip_form"}  # else the form with a wish


@keeps_what_is_typed
@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.BE_GIVEN_TASKS)
def care_plan(request: PortalRequest, pk: UUID) -> HttpResponse:
    """The talk that this task asks for."""
    task = task_for(request, pk)
    line = _line(task)
    if request.method != "POST":
        return _page(request, line, _forms(request, line))
    if is_of_another(request):
        return redirect("care_plan", pk=pk)
    do = request.POST.get("do", "plan")
    forms = _forms(request, line, do)
    form = forms[OWN_FORM.get(do, "wish_form")]
    if is_shown_again(request, form):
        return _page(request, line, forms, status_of_return(request))
    try:
        done = _acts(request, line, do, form)()
    except Refused as refused:
        messages.error(request, str(refused))
        line = _line(task_for(request, pk))
        return _page(request, line, _forms(request, line, do, is_now=True), 409)
    messages.success(request, done)
    return _onwards(request, task)


def care_of(task: Task) -> dict[str, Any]:
    """For templates/incidents/care_task.html: the talk of a task, and for whom it is. Two queries at most."""
    return {"care": care_line(task)}


def _line(task: Task) -> CareLine:
    line = care_line(task)
    if line is None:
        raise Http404
    return line


def _forms(request: PortalRequest, line: CareLine, do: str = "", *, is_now: bool = False) -> Forms:
    """All forms of the page; the one that was sent (`do`) with what was typed.

    `is_now`: it is meant for the moment as `line` has it, because the person is told that it changed.
    """
    now, people = request.now, people_who_may_give(line.incident, request.now)
    planned = line.moment.planned_at if line.moment else None
    ahead = timezone.localtime(planned or now)
    behind = timezone.localtime(min(planned or now, now))
    revision = {"revision": line.revision}
    place = {"place": line.moment.place if line.moment else "", "given_by": line.task and line.task.assignee_id}
    first = {"day": ahead.date(), "hour": ahead.time()} if planned else {}
    was = {"day": behind.date(), "hour": behind.time()}

    def typed(name: str) -> Any:
        is_sent = do == name or (name == "wish" and bool(do) and do not in OWN_FORM)
        return with_revision(request.POST, line if is_now else None) if is_sent else None

    return {
        "plan_form": PlanForm(
            typed("plan"), initial={**first, **place, **revision}, now=now, people=people, auto_id="plan-%s"
        ),
        "held_form": HeldForm(typed("held"), initial={**was, **revision}, now=now, auto_id="held-%s"),
        "skip_form": NotNeededForm(typed("skip"), initial=revision, auto_id="skip-%s"),
        "wish_form": WishForm(typed("wish"), initial=revision, auto_id="wish-%s"),
    }


def _acts(request: PortalRequest, line: CareLine, do: str, form: BaseForm) -> Callable[[], str]:
    """The one action that was chosen; it gives what to say when it is done."""
    data, told = form.cleaned_data, {"by": request.user, "now": request.now, "revision": form.cleaned_data["revision"]}
    assert line.task is not None and line.key is not None
    task, incident = line.task, line.incident
    answer = {"incident": incident, "key": line.key, **told}

    def plan() -> str:
        moment = plan_care(task=task, appointment=form.appointment(), **told)  # type: ignore[attr-defined]
        return _planned(CareLine(incident, line.kind, moment.task, moment), request)

    def held() -> str:
        hold_care(task=task, held_at=data["moment"], **told)
        return _("It is kept that the talk was held.")

    def skip() -> str:
        skip_care(task=task, reason=data["reason"], **told)
        return _("It is kept that this talk is not needed, with your reason.")

    if do in OWN_FORM:
        return {"plan": plan, "held": held, "skip": skip}[do]
    if not _may_answer(request, line):
        raise Http404
    return lambda: answered(do, data["wish"], **answer)


def answered(do: str, wish: str, **answer: Any) -> str:
    """Keep an answer of the person it is for; gives the sentence about it. Raises Http404 for another answer."""
    if do == "accept":
        accept_care(**answer)
        return _("It is kept that this moment is good.")
    if do == "other":
        ask_other_moment(wish=wish, **answer)
        return _("Asked: another moment or someone else. The VPD adviser is told.")
    if do == "decline":
        decline_care(**answer)
        return _("It is kept that this talk is not wanted. That is fine: it can always be asked for again.")
    if do == "again":
        ask_care_again(wish=wish, **answer)
        return _("Asked: a talk after all. The VPD adviser is told.")
    raise Http404


def with_revision(typed: QueryDict, line: CareLine | None) -> QueryDict:
    """What was typed, meant for the moment as this line has it; as it was sent without one."""
    if line is None:
        return typed
    data = typed.copy()
    data["revision"] = str(line.revision)
    return data


def _planned(line: CareLine, request: PortalRequest) -> str:
    moment = day_and_time(line.when, request.now)
    if line.is_planned_late:
        return _("Planned: %(moment)s. That is %(late)s.") % {"moment": moment, "late": line.late_words}
    return _("Planned: %(moment)s.") % {"moment": moment}


def _may_answer(request: PortalRequest, line: CareLine) -> bool:
    """The desk, for someone without an account. Who has one answers alone."""
    is_desk = standing(request.user, request.now).may(Right.WORK_CASES, line.incident.organisation_id)
    return is_desk and line.person is None


def _page(request: PortalRequest, line: CareLine, forms: Forms, status: int = 200) -> HttpResponse:
    record_view(incident=line.incident, by=request.user, now=request.now, part="case_care")
    context = {
        "care": line,
        "task": line.task,
        "incident": line.incident,
        "may_answer": _may_answer(request, line),
        "may_open_case": standing(request.user, request.now).may(Right.WORK_CASES, line.incident.organisation_id),
        "writer": mark_of_writer(request.user),
        **forms,
    }
    return render(request, "incidents/care_plan.html", context, status=status)


def _onwards(request: PortalRequest, task: Task) -> HttpResponse:
    """Where this person goes on: the desk in the case, who gives the talk at the task while it is theirs."""
    if standing(request.user, request.now).may(Right.WORK_CASES, task.organisation_id):
        return redirect("case_care", pk=task.incident_id)
    mine = Task.objects.visible_to(request.user, request.now).unfinished().filter(pk=task.pk)
    return redirect("task", pk=task.pk) if mine.exists() else redirect("my_tasks")
