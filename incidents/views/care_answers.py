"""A moment of aftercare, for the person it is for and nobody else: good, another moment, no thank you, after all."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from guidance.vocabulary import OFFICE_HOLDERS
from incidents.actions.duty import on_duty
from incidents.actions.refusals import Refused
from incidents.actions.trail import record_view
from incidents.forms.care import WishForm
from incidents.models import CareMoment, Incident
from incidents.overview.care import CareLine, care_for_viewer
from incidents.views.care_planning import answered, with_revision
from incidents.views.own_report import own_report
from incidents.views.places import PortalRequest
from incidents.views.typed import is_of_another, is_shown_again, keeps_what_is_typed, mark_of_writer, status_of_return
from incidents.vocabulary import CareFor


@keeps_what_is_typed
@require_http_methods(["GET", "HEAD", "POST"])
def care_answer(request: PortalRequest, pk: UUID, key: UUID) -> HttpResponse:
    """One moment and the answer to it."""
    line = _yours(request, pk, key)
    if request.method != "POST":
        return _page(request, line, WishForm(initial={"revision": line.revision}))
    if is_of_another(request):
        return redirect("care_answer", pk=pk, key=key)
    form = WishForm(request.POST)
    if is_shown_again(request, form):
        return _page(request, line, form, status_of_return(request))
    data: dict[str, Any] = form.cleaned_data
    told = {"revision": data["revision"], "by": request.user, "now": request.now}
    try:
        done = answered(request.POST.get("do", ""), data["wish"], incident=line.incident, key=key, **told)
    except Refused as refused:
        messages.error(request, str(refused))
        line = _yours(request, pk, key)
        return _page(request, line, WishForm(with_revision(request.POST, line)), 409)
    messages.success(request, done)
    if line.care_for == CareFor.AFFECTED:
        return redirect(reverse("report_status", args=[pk]) + "#care")
    return redirect("care_answer", pk=pk, key=key)


def care_of_own(incident: Incident, request: PortalRequest) -> dict[str, Any]:
    """For templates/incidents/care_yours.html on the page of who was hit. One query."""
    lines = care_for_viewer(incident, request.user)
    has_day = any(line.moment and line.moment.planned_at for line in lines)
    return {
        "care_lines": lines,
        "care_has_day": has_day,
        "is_of_office_holder": incident.target_group in OFFICE_HOLDERS,
    }


def _yours(request: PortalRequest, pk: UUID, key: UUID) -> CareLine:
    """The moment, when it is for this person and not over; 404 for anyone else."""
    lines = {line.key: line for line in care_for_viewer(_case_of_moment(request, pk, key), request.user)}
    if key not in lines:
        raise Http404
    return lines[key]


def _case_of_moment(request: PortalRequest, pk: UUID, key: UUID) -> Incident:
    """The case of a moment meant for this person (a witness, a relative), or the own report of who was hit."""
    meant = CareMoment.objects.meant_for(request.user).exclude(care_for=CareFor.AFFECTED)
    related = ("incident__organisation", "incident__department", "incident__reporter", "incident__affected")
    moment = meant.select_related(*related).filter(pk=key, incident=pk).first()
    if moment is not None:
        incident: Incident = moment.incident
        return incident
    own = own_report(request, pk)
    if not own.is_about_viewer:
        raise Http404
    return own.incident


def _page(request: PortalRequest, line: CareLine, form: WishForm, status: int = 200) -> HttpResponse:
    incident = line.incident
    is_of_person_hit = line.care_for == CareFor.AFFECTED
    part = "status" if is_of_person_hit else "witness"
    record_view(incident=incident, by=request.user, now=request.now, part=part)
    context = {
        "care": line,
        "incident": incident,
        "is_of_person_hit": is_of_person_hit,
        "is_of_office_holder": incident.target_group in OFFICE_HOLDERS,
        "adviser": on_duty(incident, request.now),
        "form": form,
        "writer": mark_of_writer(request.user),
    }
    return render(request, "incidents/care_answer.html", context, status=status)
