"""Who does what in a case: who handles it, and a task of one's own words."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from incidents.actions.assignment import ChangedHands, assign_case, handler_mark
from incidents.actions.exclusions import managers_left_out
from incidents.actions.own_tasks import add_own_task
from incidents.actions.refusals import Refused
from incidents.forms.closing import OwnTaskForm
from incidents.forms.handing_over import AssignForm
from incidents.models import Exclusion, Incident
from incidents.views.case_frame import show_part
from incidents.views.places import PortalRequest, case_for
from incidents.views.typed import is_of_another, is_shown_again, keeps_what_is_typed, status_of_return
from vpdportal.accounts.access import require, staying_at
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import RIGHTS, Right, Role


def people_for(incident: Incident, right: Right, now: datetime) -> QuerySet[User]:
    """Who of the organisation has this right and may know of the case, by name."""
    roles = [role for role in Role if right in RIGHTS[role]]
    able = staying_at(now).filter(organisation=incident.organisation_id, role__in=roles)
    able = able.exclude(user__in=Exclusion.objects.filter(incident=incident).values("user"))
    able = able.exclude(user__in=managers_left_out(incident, now))
    return User.objects.filter(pk__in=able.values("user")).order_by("name", "pk")


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.WORK_CASES)
def assign(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Who handles the case."""
    incident = case_for(request, pk)
    people = people_for(incident, Right.WORK_CASES, request.now)
    first = {"to": incident.adviser_id, "seen": handler_mark(incident)}
    form = AssignForm(request.POST or None, people=people, initial=first)
    if request.method != "POST" or not form.is_valid():
        status = 400 if request.method == "POST" else 200
        return show_part(request, incident, "case", "incidents/case_assign.html", {"form": form}, status=status)
    to: User = form.cleaned_data["to"]
    try:
        moved = assign_case(
            incident=incident, to=to, moves_tasks=form.cleaned_data["moves_tasks"], by=request.user, now=request.now,
            seen=form.cleaned_data["seen"],
        )  # fmt: skip
    except Refused as refused:
        if isinstance(refused, ChangedHands):  # what was chosen stays, with what is so now
            chosen = {**form.cleaned_data, "seen": handler_mark(case_for(request, pk))}
            form = AssignForm(people=people, initial=chosen)
        messages.error(request, str(refused))
        return show_part(
            request, case_for(request, pk), "case", "incidents/case_assign.html", {"form": form}, status=409
        )
    messages.success(request, _("%(name)s handles this case now.") % {"name": to.name})
    if moved:
        text = ngettext("%(count)s task moved along.", "%(count)s tasks moved along.", moved)
        messages.info(request, text % {"count": moved})
    return redirect("case", pk=pk)


@keeps_what_is_typed
@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.WORK_CASES)
def task_add(request: PortalRequest, pk: UUID) -> HttpResponse:
    """A task that is not on the menu."""
    incident = case_for(request, pk)
    people = people_for(incident, Right.BE_GIVEN_TASKS, request.now)
    if request.method != "POST" or is_of_another(request):
        form = OwnTaskForm(people=people, now=request.now, initial={"assignee": request.user.pk})
        return _task_page(request, incident, form)
    form = OwnTaskForm(request.POST, people=people, now=request.now)
    if is_shown_again(request, form):
        return _task_page(request, incident, form, status_of_return(request))
    wanted = form.wanted()
    assert wanted is not None
    try:
        add_own_task(incident=incident, wanted=wanted, by=request.user, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused))
        return _task_page(request, case_for(request, pk), form, 409)
    messages.success(request, _("The task is added, and %(name)s hears of it.") % {"name": wanted.assignee.name})
    return redirect(reverse("case", args=[pk]) + "#tasks")


def _task_page(request: PortalRequest, incident: Incident, form: OwnTaskForm, status: int = 200) -> HttpResponse:
    return show_part(request, incident, "case", "incidents/task_add.html", {"form": form}, status=status)
