"""Where each person comes in: the start page, the door of a mail, and a manager's department."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from incidents.models import Incident, Task
from incidents.views.places import PortalRequest
from vpdportal.accounts.access import duty_adviser, require, standing
from vpdportal.accounts.roles import Right


@require_safe
def home(request: PortalRequest) -> HttpResponse:
    """Where each person starts: the desk for an adviser, the report for everyone else."""
    here = standing(request.user, request.now)
    if here.may(Right.WORK_CASES) and "start" not in request.GET:
        return redirect("work_list")
    organisations = here.organisations(Right.REPORT)
    own = Incident.objects.own(request.user).select_related("organisation").only(*_LISTED)
    context = {
        "here": here,
        "places": [(organisation, duty_adviser(organisation.pk, request.now)) for organisation in organisations],
        "page": Paginator(own, 10).get_page(request.GET.get("page")),
    }
    return render(request, "incidents/home.html", context)


_LISTED = ("reference", "main_behaviour", "status", "reported_at", "reporter_id", "organisation__name")


@require_safe
def door(request: PortalRequest, pk: UUID) -> HttpResponse:
    """The one link that a mail carries: it leads each person to the page that is theirs, and a stranger nowhere."""
    here = standing(request.user, request.now)
    task = Task.objects.visible_to(request.user, request.now).filter(incident=pk, assignee=request.user)
    first = task.unfinished().first()
    incident = Incident.objects.visible_to(request.user, request.now).filter(pk=pk).first()
    if incident and here.may(Right.WORK_CASES, incident.organisation_id):
        return redirect("case", pk=pk)
    if first:
        return redirect("task", pk=first.pk)
    if incident and request.user.pk in {incident.reporter_id, incident.affected_id}:
        return redirect("report_status", pk=pk)
    if incident:
        return redirect("team")
    raise Http404


@require_safe
@require(Right.SEE_TEAM)
def team(request: PortalRequest) -> HttpResponse:
    """A manager's department: what was reported and how far it is, where the reporter allows it. No story."""
    reports = Incident.objects.of_team(request.user, request.now).select_related("department", "reporter", "affected")
    listed = reports.only(
        "reference",
        "main_behaviour",
        "severity",
        "status",
        "reported_at",
        "department__name",
        "reporter__name",
        "affected__name",
    )
    return render(request, "incidents/team.html", {"page": Paginator(listed, 25).get_page(request.GET.get("page"))})
