"""Hearing back: what was done with a report and what comes next, for who reported it and for whom it is about."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incidents.actions.duty import on_duty
from incidents.actions.people import ask_for_support, called_before
from incidents.actions.refusals import Refused
from incidents.forms.additions import SupportForm
from incidents.models import Incident
from incidents.views.own_report import own_report
from incidents.views.places import PortalRequest
from incidents.views.status_page import status_page
from incidents.views.typed import comes_back, is_of_another, keeps_what_is_typed, status_of_return
from vpdportal.look.templatetags.look import day_and_time


@require_safe
def status(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Receipt and status."""
    return status_page(request, own_report(request, pk))


@keeps_what_is_typed
@require_POST
def ask_support(request: PortalRequest, pk: UUID) -> HttpResponse:
    """One button: someone calls. The answer says who, and before when."""
    own = own_report(request, pk)
    if is_of_another(request):
        return redirect("report_status", pk=pk)
    form = SupportForm(request.POST, auto_id="support-%s")
    is_valid = form.is_valid()
    if comes_back(request) or not is_valid:
        return status_page(request, own, status_of_return(request), support_form=form)
    contact = form.cleaned_data["contact"]
    try:
        ask_for_support(incident=own.incident, contact=contact, by=request.user, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused))
        return status_page(request, own_report(request, pk), 409, support_form=form)
    messages.success(request, _who_calls(request, own.incident))
    return redirect("report_status", pk=pk)


def _who_calls(request: PortalRequest, incident: Incident) -> str:
    adviser = on_duty(incident, request.now)
    if adviser is None:
        return _("Your question for help is kept. There is no adviser now, so call one of the numbers on this page.")
    moment = day_and_time(called_before(incident, request.now), request.now)
    told = _("%(name)s, VPD adviser, calls you before %(moment)s.") % {"name": adviser.name, "moment": moment}
    if not adviser.phone:
        return told
    return f"{told} {_('Is that too late? Call yourself: %(phone)s.') % {'phone': adviser.phone}}"
