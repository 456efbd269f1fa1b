"""One task for one person: what is asked, how to do it well, and what one may know. No more."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from incidents.actions.exclusions import managers_left_out
from incidents.actions.refusals import Refused
from incidents.actions.tasks import DECIDED_ELSEWHERE, decline_task, finish_task, hand_over_task, owner_mark
from incidents.actions.trail import record_view
from incidents.forms.casework import HandOverForm, ReasonForm, RemarkForm
from incidents.models import Exclusion, Task
from incidents.models.task import BY_CLOCK
from incidents.views.care_planning import care_of
from incidents.views.places import PortalRequest, task_for
from incidents.views.typed import is_of_another, is_shown_again, keeps_what_is_typed, mark_of_writer, status_of_return
from incidents.vocabulary import TaskKind
from vpdportal.accounts.access import require, standing, staying_at
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import RIGHTS, Right, Role
from vpdportal.pages import page_of

# The page on which a task that does not come from the menu is done, by its kind; `about` is the id in its address.
LEADS = {
    TaskKind.SIGN: "reaction_sign",
    TaskKind.SECOND_LOOK: "reaction_second",
    TaskKind.REVIEW: "reaction",
}
PURPOSES = {
    TaskKind.SIGN: gettext_lazy("Read the proposal. Sign it, or send it back and say what has to be otherwise."),
    TaskKind.SECOND_LOOK: gettext_lazy("Two people see more than one: is it fair, is it needed, is it not too much?"),
    TaskKind.REVIEW: gettext_lazy("No measure without end: is it still needed? Someone can better their ways."),
}
MAY_GET_TASKS = [role for role in Role if Right.BE_GIVEN_TASKS in RIGHTS[role]]


@require_safe
@require(Right.BE_GIVEN_TASKS, Right.SIGN)
def my_tasks(request: PortalRequest) -> HttpResponse:
    mine = Task.objects.visible_to(request.user, request.now).unfinished().filter(assignee=request.user)
    tasks = mine.select_related("incident", "incident__organisation").order_by(*BY_CLOCK)
    return render(request, "incidents/my_tasks.html", {"page": page_of(tasks, request.GET.get("page"), 25)})


@require_safe
@require(Right.BE_GIVEN_TASKS, Right.SIGN)
def task(request: PortalRequest, pk: UUID) -> HttpResponse:
    return _page(request, task_for(request, pk))


def _page(request: PortalRequest, task: Task, status: int = 200, **bound: Any) -> HttpResponse:
    record_view(incident=task.incident, by=request.user, now=request.now, part="task")
    may_open_case = standing(request.user, request.now).may(Right.WORK_CASES, task.organisation_id)
    context = {
        "task": task,
        "writer": mark_of_writer(request.user),
        "incident": task.incident,
        "may_open_case": may_open_case,
        "left_out_manager": may_open_case and bool(managers_left_out(task.incident, request.now)),
        "remark_form": RemarkForm(),
        "reason_form": ReasonForm(),
        "hand_over_form": HandOverForm(people=_colleagues(request, task), initial={"seen": owner_mark(task)}),
        **care_of(task),
        "lead": _lead(request, task),
        "is_decided_there": task.kind in DECIDED_ELSEWHERE,
        "purpose": task.item.purpose if task.item else PURPOSES.get(TaskKind(task.kind), ""),
        **bound,
    }
    return render(request, "incidents/task.html", context, status=status)


@keeps_what_is_typed
@require_POST
@require(Right.BE_GIVEN_TASKS)
def finish(request: PortalRequest, pk: UUID) -> HttpResponse:
    task = task_for(request, pk)
    if is_of_another(request):
        return redirect("task", pk=pk)
    form = RemarkForm(request.POST)
    if is_shown_again(request, form):
        return _page(request, task, status_of_return(request), remark_form=form)
    remark = form.cleaned_data["remark"]
    return _acted(
        request,
        task,
        lambda: finish_task(task=task, by=request.user, now=request.now, remark=remark),
        _("Done: %(title)s.") % {"title": task.title},
        remark_form=form,
    )


@keeps_what_is_typed
@require_POST
@require(Right.BE_GIVEN_TASKS)
def decline(request: PortalRequest, pk: UUID) -> HttpResponse:
    task = task_for(request, pk)
    if is_of_another(request):
        return redirect("task", pk=pk)
    form = ReasonForm(request.POST)
    if is_shown_again(request, form):
        return _page(request, task, status_of_return(request), reason_form=form)
    reason = form.cleaned_data["reason"]
    return _acted(
        request,
        task,
        lambda: decline_task(task=task, reason=reason, by=request.user, now=request.now),
        _("Not done, with your reason: %(title)s.") % {"title": task.title},
        reason_form=form,
    )


@require_POST
@require(Right.BE_GIVEN_TASKS)
def hand_over(request: PortalRequest, pk: UUID) -> HttpResponse:
    task = task_for(request, pk)
    form = HandOverForm(request.POST, people=_colleagues(request, task))
    if not form.is_valid():
        return _page(request, task, 400, hand_over_form=form)
    to: User = form.cleaned_data["to"]
    again = request.POST.copy()
    again["seen"] = owner_mark(task)  # who chooses once more on the page of a refusal has seen it
    return _acted(
        request,
        task,
        lambda: hand_over_task(task=task, to=to, by=request.user, now=request.now, seen=form.cleaned_data["seen"]),
        _("Handed over to %(name)s.") % {"name": to.name},
        hand_over_form=HandOverForm(again, people=_colleagues(request, task)),
    )


def _lead(request: PortalRequest, task: Task) -> str:
    """The address of the page on which it is done; empty where it is done here.

    A proposal is answered by whom it names; who works on the case sees the reaction itself.
    """
    name = LEADS.get(TaskKind(task.kind))
    if name is None or task.about is None:
        return ""
    is_asked = task.assignee_id == request.user.pk
    may_open_case = standing(request.user, request.now).may(Right.WORK_CASES, task.organisation_id)
    return reverse(name if is_asked or not may_open_case else "reaction", args=[task.about])


def _acted(request: PortalRequest, task: Task, act: Callable[[], object], done: str, **bound: Any) -> HttpResponse:
    """Do one action and go where this person goes on; or show the page again with what was typed and why not."""
    try:
        act()
    except Refused as refused:
        messages.error(request, str(refused))
        return _page(request, task_for(request, task.pk), 409, **bound)
    messages.success(request, done)
    if standing(request.user, request.now).may(Right.WORK_CASES, task.organisation_id):
        return redirect(reverse("case", args=[task.incident_id]) + "#tasks")
    return redirect("my_tasks")


def _colleagues(request: PortalRequest, task: Task) -> Any:
    """Who can get this task: whose role takes tasks, but not its owner, nor who must not see the case."""
    able = staying_at(request.now).filter(organisation=task.organisation_id, role__in=MAY_GET_TASKS)
    kept_out = Exclusion.objects.filter(incident=task.incident_id)
    able = able.exclude(user__in=kept_out.values("user"))
    able = able.exclude(user__in=managers_left_out(task.incident, request.now))
    return User.objects.filter(pk__in=able.values("user")).exclude(tasks=task).order_by("name")
