"""Closing a case to the rest of the desk, and opening it to the desk again: a page of the case itself."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from incidents.actions.duty import handlers_of
from incidents.actions.refusals import Refused
from incidents.actions.restricting import lift_restriction, restrict
from incidents.actions.trail import record_view
from incidents.forms.restricting import RestrictionForm
from incidents.models import Incident
from incidents.views.places import PortalRequest, case_for
from incidents.views.typed import is_of_another, is_shown_again, keeps_what_is_typed, mark_of_writer, status_of_return
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right


@keeps_what_is_typed
@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.WORK_CASES)
def case_restriction(request: PortalRequest, pk: UUID) -> HttpResponse:
    """One button: close it, or open it again. Who then no longer sees it goes to the work list."""
    incident = case_for(request, pk)
    if request.method != "POST" or is_of_another(request):
        return _page(request, incident, RestrictionForm())
    form = RestrictionForm(request.POST)
    if is_shown_again(request, form):
        return _page(request, incident, form, status_of_return(request))
    change = restrict if request.POST.get("do") == "restrict" else lift_restriction
    try:
        change(incident=incident, by=request.user, now=request.now, reason=form.cleaned_data["reason"])
    except Refused as refused:
        messages.error(request, str(refused))
        return _page(request, case_for(request, pk), form, 409)
    if change is lift_restriction:
        messages.success(request, _("The whole desk sees the case again."))
    else:
        messages.success(request, _("Done. Of the desk, only who handles it sees it now."))
    is_still_seen = Incident.objects.worked_by(request.user, request.now).filter(pk=pk).exists()
    return redirect("case_visibility", pk=pk) if is_still_seen else redirect("work_list")


def _page(request: PortalRequest, incident: Incident, form: RestrictionForm, status: int = 200) -> HttpResponse:
    record_view(incident=incident, by=request.user, now=request.now, part="visibility")
    handlers = handlers_of(incident, request.now)
    context = {
        "incident": incident,
        "form": form,
        "is_handler": request.user.pk in handlers,
        "is_unhandled": incident.adviser_id is None,
        "writer": mark_of_writer(request.user),
    }
    return render(request, "incidents/case_restriction.html", context, status=status)
