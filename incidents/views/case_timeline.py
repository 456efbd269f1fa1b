"""All that happened in a case, and the notes of the desk, as a page of the case."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from incidents.forms.casework import NoteForm
from incidents.models import Incident
from incidents.views.case_frame import show_part
from incidents.views.places import PortalRequest, case_for
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right
from vpdportal.pages import page_of

ENTRIES, NOTES = 40, 20  # on a page


@require_safe
@require(Right.WORK_CASES)
def case_timeline(request: PortalRequest, pk: UUID) -> HttpResponse:
    return timeline_page(request, case_for(request, pk))


def timeline_page(request: PortalRequest, incident: Incident, status: int = 200, **bound: Any) -> HttpResponse:
    """The timeline and the notes, newest first, with a note that came back with errors."""
    context = {
        "timeline": page_of(incident.timeline.select_related("by"), request.GET.get("page"), ENTRIES),
        "notes": page_of(incident.notes.select_related("by"), request.GET.get("notes"), NOTES),
        "note_form": NoteForm(),
        **bound,
    }
    return show_part(request, incident, "case_timeline", "incidents/case_timeline.html", context, status=status)
