"""Restricted cases: which there are, opening one in need, and for the data protection officer what was opened."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from incidents.actions.glass import break_glass, judge_opening
from incidents.actions.refusals import Refused
from incidents.forms.restricting import GlassForm, JudgementForm
from incidents.models import CaseOpening, Incident
from incidents.need_to_know import kept_out_from
from incidents.views.places import PortalRequest, organisation_for
from incidents.views.typed import is_of_another, is_shown_again, keeps_what_is_typed, mark_of_writer, status_of_return
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.models import Organisation
from vpdportal.accounts.roles import Right
from vpdportal.accounts.signing_in.again import proven_recently
from vpdportal.audit.chain import record
from vpdportal.pages import page_of

LISTED = ("reference", "organisation__name")
OPENED = ("opened_at", "ends_at", "was_in_order", "judged_at", "user__name", "incident__reference")


@require_safe
@require(Right.WORK_CASES, Right.DECIDE_PRIVACY)
def restricted_cases(request: PortalRequest) -> HttpResponse:
    """The numbers of what is closed to this person, and what was opened in need of late. The officer is led on."""
    here = standing(request.user, request.now)
    if not here.may(Right.WORK_CASES):
        return redirect("openings", slug=here.organisations(Right.DECIDE_PRIVACY)[0].slug)
    shut = Incident.objects.shut_for(request.user, request.now).select_related("organisation").only(*LISTED)
    served = [organisation.pk for organisation in here.organisations(Right.WORK_CASES)]
    opened = _openings(request).filter(organisation__in=served).only(*OPENED)
    context = {
        "page": page_of(shut.order_by(F("restricted_at").desc(nulls_last=True), "pk"), request.GET.get("page"), 50),
        "opened": list(opened[:20]),
    }
    return render(request, "incidents/restricted_cases.html", context)


@keeps_what_is_typed
@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.WORK_CASES)
@proven_recently
def restricted_open(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Says first what follows from it. To whom it is open already it is the case."""
    shut = Incident.objects.shut_for(request.user, request.now).select_related("organisation")
    incident = shut.only(*LISTED).filter(pk=pk).first()
    if incident is None:
        get_object_or_404(Incident.objects.worked_by(request.user, request.now), pk=pk)
        return redirect("case", pk=pk)
    if request.method != "POST" or is_of_another(request):
        return _ask(request, incident, GlassForm())
    form = GlassForm(request.POST)
    if is_shown_again(request, form):
        return _ask(request, incident, form, status_of_return(request))
    try:
        break_glass(incident=incident, reason=form.cleaned_data["reason"], by=request.user, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused))
        return _ask(request, incident, form, 409)
    messages.warning(request, _("The case is open to you for an hour. Others were told."))
    return redirect("case", pk=pk)


@require_safe
@require(Right.DECIDE_PRIVACY)
def openings(request: PortalRequest, slug: str) -> HttpResponse:
    return _openings_page(request, organisation_for(request, slug, Right.DECIDE_PRIVACY))


@keeps_what_is_typed
@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.DECIDE_PRIVACY)
def opening(request: PortalRequest, slug: str, pk: UUID) -> HttpResponse:
    """One opening with its reason; the officer says whether it was right."""
    found = organisation_for(request, slug, Right.DECIDE_PRIVACY)
    rows = _openings(request).filter(organisation=found)
    one = get_object_or_404(rows.select_related("judged_by"), pk=pk)
    if request.method != "POST" or is_of_another(request):
        return _opening_page(request, found, one, JudgementForm())
    form = JudgementForm(request.POST)
    if is_shown_again(request, form):
        return _opening_page(request, found, one, form, status_of_return(request))
    said = {"is_in_order": form.cleaned_data["verdict"] == "yes", "words": form.cleaned_data["words"]}
    try:
        judge_opening(opening=one, **said, by=request.user, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused))
        return _opening_page(request, found, get_object_or_404(rows, pk=pk), form, 409)
    messages.success(request, _("Your judgement is kept."))
    return redirect("openings", slug=slug)


def _openings(request: PortalRequest) -> Any:
    """Not of a case from which the reader is kept out (R1)."""
    rows = CaseOpening.objects.filter(~kept_out_from(request.user, "incident"))
    return rows.select_related("user", "incident")


def _ask(request: PortalRequest, incident: Incident, form: GlassForm, status: int = 200) -> HttpResponse:
    context = {"incident": incident, "form": form, "writer": mark_of_writer(request.user)}
    return render(request, "incidents/restricted_open.html", context, status=status)


def _openings_page(request: PortalRequest, organisation: Organisation) -> HttpResponse:
    _note_reading(request, organisation, organisation.pk, "organisation")
    rows = _openings(request).filter(organisation=organisation).only(*OPENED, "organisation")
    context = {
        "organisation": organisation,
        "page": page_of(rows.order_by("-opened_at", "-id"), request.GET.get("page"), 50),
    }
    return render(request, "incidents/openings.html", context)


def _opening_page(
    request: PortalRequest, organisation: Organisation, one: CaseOpening, form: JudgementForm, status: int = 200
) -> HttpResponse:
    _note_reading(request, organisation, one.incident_id, "incident")
    context = {
        "organisation": organisation,
        "opening": one,
        "form": form,
        "is_own": one.user_id == request.user.pk,
        "writer": mark_of_writer(request.user),
    }
    return render(request, "incidents/opening.html", context, status=status)


def _note_reading(request: PortalRequest, organisation: Organisation, pk: UUID, what: str) -> None:
    """Write first that the officer reads it: no row, no page."""
    record(
        action="openings.viewed",
        now=request.now,
        actor_id=request.user.pk,
        organisation_id=organisation.pk,
        object_type=what,
        object_id=pk,
    )
