"""How long this case is kept, why longer, and what of it is gone."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incidents.actions.keeping.due import Due, due_of_case
from incidents.actions.keeping.stays import keep_longer, lift_stay
from incidents.actions.refusals import Refused
from incidents.forms.retention import StayForm
from incidents.models import Incident, RetentionStay
from incidents.views.case_frame import show_part
from incidents.views.places import PortalRequest, case_for
from incidents.views.typed import is_of_another, is_shown_again, keeps_what_is_typed, status_of_return
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right

NAME = "case_keeping"


@dataclass(frozen=True)
class Line:
    """One part that is still there."""

    due: Due
    part: Any
    waits_for: list[Any]


@require_safe
@require(Right.WORK_CASES)
def keeping(request: PortalRequest, pk: UUID) -> HttpResponse:
    return _page(request, case_for(request, pk), StayForm())


@keeps_what_is_typed
@require_POST
@require(Right.WORK_CASES)
def longer(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Put off, or hold for a legal matter."""
    incident = case_for(request, pk)
    if is_of_another(request):
        return redirect(NAME, pk=pk)
    form = StayForm(request.POST)
    if is_shown_again(request, form):
        return _page(request, incident, form, status_of_return(request))
    try:
        keep_longer(incident=incident, by=request.user, now=request.now, **form.chosen())
    except Refused as refused:
        messages.error(request, str(refused))
        return _page(request, case_for(request, pk), form, 409)
    messages.success(request, _("It is kept longer, with your reason."))
    return redirect(NAME, pk=pk)


@require_POST
@require(Right.WORK_CASES)
def lift(request: PortalRequest, pk: UUID, stay_pk: UUID) -> HttpResponse:
    incident = case_for(request, pk)
    stay = get_object_or_404(RetentionStay, pk=stay_pk, incident=incident)
    try:
        lift_stay(stay=stay, by=request.user, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused))
        return _page(request, incident, StayForm(), 409)
    messages.success(request, _("Lifted. The term holds for it again."))
    return redirect(NAME, pk=pk)


def _page(request: PortalRequest, incident: Incident, form: StayForm, status: int = 200) -> HttpResponse:
    case, coming = due_of_case(incident.organisation, incident.merged_into_id or incident.pk, request.now)
    context = {
        "form": form,
        "lines": [Line(one, one.part.label, [why.label for why in one.waits_for]) for one in coming],
        "stays": case.stays if case else [],
        "gone": [part for part in case.gone if part.incident_id == incident.pk] if case else [],
    }
    return show_part(request, incident, NAME, "incidents/case_keeping.html", context, status=status)
