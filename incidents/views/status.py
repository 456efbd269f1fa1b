"""Hearing back: what was done with a report and what comes next, for who reported it and for whom it is about."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from incidents.actions.duty import on_duty
from incidents.actions.trail import record_view
from incidents.models import Evidence, Incident, Task
from incidents.views.places import PortalRequest
from incidents.vocabulary import SHOWN_TO_REPORTER


@require_safe
def status(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Receipt and status, for who reported it and for whom it is about."""
    incident = get_object_or_404(Incident.objects.own(request.user).select_related("organisation", "reporter"), pk=pk)
    record_view(incident=incident, by=request.user, now=request.now, part="status")
    is_for_other = incident.affected_id is not None and incident.affected_id != request.user.pk
    upcoming = Task.objects.unfinished().filter(incident=incident, code__in=("R03", "N02", "N03", "N04", "N06"))
    context = {
        "incident": incident,
        "is_receipt_only": is_for_other,
        "adviser": on_duty(incident, request.now),
        "happened": [] if is_for_other else incident.timeline.filter(kind__in=SHOWN_TO_REPORTER).order_by("at", "id"),
        "upcoming": [] if is_for_other else upcoming,
        "files": Evidence.objects.filter(incident=incident, uploaded_by=request.user),
    }
    return render(request, "incidents/report_status.html", context)
