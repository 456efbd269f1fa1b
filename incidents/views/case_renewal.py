"""Advising an open case again by the newest menu card: what that would change, and taking it over."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from incidents.actions.refusals import CardChanged, CaseClosed
from incidents.actions.renewal import renewal_of, take_over_card
from incidents.actions.trail import record_view
from incidents.models import Incident
from incidents.views.case_difference import shown_difference
from incidents.views.places import PortalRequest, case_for
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.WORK_CASES)
def renew(request: PortalRequest, pk: UUID) -> HttpResponse:
    """The difference; a POST takes over the card whose `version` was shown, and shows again when a newer one came."""
    incident = case_for(request, pk)
    if request.method != "POST":
        return _page(request, incident)
    version = request.POST.get("version", "")
    try:
        take_over_card(incident=incident, version=version, by=request.user, now=request.now)
    except (CardChanged, CaseClosed) as refused:
        messages.error(request, str(refused))
        return _page(request, case_for(request, pk), 409)
    messages.success(request, _("The case is advised by the newest menu card now. What was decided stayed."))
    return redirect("case", pk=pk)


def _page(request: PortalRequest, incident: Incident, status: int = 200) -> HttpResponse:
    record_view(incident=incident, by=request.user, now=request.now, part="renewal")
    found = renewal_of(incident)
    context = {"incident": incident, "renewal": found, "difference": found and shown_difference(found.difference)}
    return render(request, "incidents/case_renew.html", context, status=status)
