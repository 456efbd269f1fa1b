"""Where each person comes in: the start page, the door of a mail, and a manager's department."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from incidents.models import Incident, News, Task
from incidents.views.places import PortalRequest, device_mark
from incidents.views.report_pages import drafts_of
from vpdportal.accounts.access import duty_adviser, require, standing
from vpdportal.accounts.roles import Right
from vpdportal.pages import page_of


@require_safe
def home(request: PortalRequest) -> HttpResponse:
    """Where each person starts: the desk for an adviser, the report for everyone else."""
    here = standing(request.user, request.now)
    if here.may(Right.WORK_CASES) and "start" not in request.GET:
        return redirect("work_list")
    organisations = here.organisations(Right.REPORT)
    own = Incident.objects.own(request.user).with_news_for(request.user).select_related("organisation").only(*_LISTED)
    asked = Incident.objects.witnessed_by(request.user).unfinished().not_told_by(request.user)
    context = {
        "here": here,
        "device_owner": device_mark(request.user),
        "places": [(organisation, duty_adviser(organisation.pk, request.now)) for organisation in organisations],
        "drafts": drafts_of(request),
        "asked_as_witness": asked.only("reference", "occurred_at")[:20],
        "page": page_of(own, request.GET.get("page"), 10),
    }
    return render(request, "incidents/home.html", context)


_LISTED = ("reference", "kind", "main_behaviour", "status", "reported_at", "reporter_id", "organisation__name")


@require_safe
def door(request: PortalRequest, pk: UUID) -> HttpResponse:
    """The one link that a mail carries: it leads each person to the page that is theirs, and a stranger nowhere."""
    here = standing(request.user, request.now)
    task = Task.objects.visible_to(request.user, request.now).filter(incident=pk, assignee=request.user)
    first = task.unfinished().first()
    incident = Incident.objects.visible_to(request.user, request.now).filter(pk=pk).first()
    if incident and here.may(Right.WORK_CASES, incident.organisation_id):
        return redirect("case", pk=pk)
    own = _own_page(request, pk, incident)
    if first and (own is None or not _has_news(request, pk)):
        return redirect("task", pk=first.pk)
    if own:
        return redirect(own, pk=pk)
    if incident:
        return redirect("team")
    raise Http404


def _own_page(request: PortalRequest, pk: UUID, incident: Incident | None) -> str | None:
    """The page of who reported it, whom it is about, or who saw it; None for who only has a role."""
    if incident and request.user.pk in {incident.reporter_id, incident.affected_id}:
        return "report_status"
    return "witness" if Incident.objects.witnessed_by(request.user).filter(pk=pk).exists() else None


def _has_news(request: PortalRequest, pk: UUID) -> bool:
    return News.objects.filter(incident=pk, recipient=request.user, seen_at__isnull=True).exists()


@require_safe
@require(Right.SEE_TEAM)
def team(request: PortalRequest) -> HttpResponse:
    """A manager's department: what was reported and how far it is, where the reporter allows it. No story."""
    reports = Incident.objects.of_team(request.user, request.now).select_related("department", "reporter", "affected")
    listed = reports.only(
        "reference",
        "kind",
        "main_behaviour",
        "severity",
        "status",
        "reported_at",
        "department__name",
        "reporter__name",
        "affected__name",
    )
    return render(request, "incidents/team.html", {"page": page_of(listed, request.GET.get("page"), 25)})
