"""Proof of a report on paper: that it came in, when, and which files. Nothing of what it says."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from incidents.actions.trail import record_view
from incidents.models import Evidence
from incidents.views.own_report import OwnReport, own_report
from incidents.views.places import PortalRequest
from vpdportal import pdf

STYLESHEETS = ("portal/paper.css",)


@require_safe
def receipt(request: PortalRequest, pk: UUID) -> HttpResponse:
    """A tagged PDF, also for who has a receipt only; 503 in words where this installation cannot make one."""
    own = own_report(request, pk)
    record_view(incident=own.incident, by=request.user, now=request.now, part="receipt")
    context = _context(request, own)
    if not pdf.is_available():
        return render(request, "incidents/receipt.html", context, status=503)
    title = _("Proof of report %(number)s") % {"number": own.incident.reference}
    html = render_to_string("incidents/receipt_paper.html", context)
    try:
        content = pdf.as_pdf(html, language=get_language() or "nl", title=title, stylesheets=STYLESHEETS)
    except pdf.PdfUnavailable:
        return render(request, "incidents/receipt.html", context, status=503)
    headers = {"Content-Disposition": f'attachment; filename="{own.incident.reference}.pdf"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _context(request: PortalRequest, own: OwnReport) -> dict[str, Any]:
    incident = own.incident
    return {
        "own": own,
        "incident": incident,
        "person": request.user,
        "files": list(Evidence.objects.filter(incident=incident, uploaded_by=request.user)),
        "made_at": request.now,
    }
