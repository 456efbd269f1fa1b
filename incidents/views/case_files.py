"""The files of a case, each with who brought it and its hash, as a page of the case."""

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from incidents.views.case_frame import show_part
from incidents.views.places import PortalRequest, case_for
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right


@require_safe
@require(Right.WORK_CASES)
def case_files(request: PortalRequest, pk: UUID) -> HttpResponse:
    incident = case_for(request, pk)
    context = {"evidence": incident.evidence.select_related("uploaded_by")}
    return show_part(request, incident, "case_files", "incidents/case_files.html", context)
