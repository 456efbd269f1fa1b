"""The police in a case: what was prepared, filed and heard, whether they ask to wait, and how to go about it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from incidents.actions.advice import advice_for, complete_facts
from incidents.actions.police_sheets import start_sheet
from incidents.actions.refusals import Refused
from incidents.forms.police_sheets import StartForm
from incidents.models import Incident, PoliceSheet
from incidents.views.case_frame import show_part
from incidents.views.places import PortalRequest, case_for
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right

ALWAYS_TO_POLICE = {"physical_violence", "threat", "weapon", "spitting"}  # violence, or a threat of it [S03]


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.WORK_CASES)
def case_police(request: PortalRequest, pk: UUID) -> HttpResponse:
    """The sheets of the case; posting starts one from the report."""
    incident = case_for(request, pk)
    if request.method != "POST":
        return _page(request, incident)
    form = StartForm(request.POST)
    if not form.is_valid():
        return _page(request, incident, 400, start_form=form)
    kind, filed_by = form.chosen
    try:
        sheet = start_sheet(incident=incident, kind=kind, filed_by=filed_by, by=request.user, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused))
        return _page(request, case_for(request, pk), 409, start_form=form)
    messages.success(request, _("The sheet was filled in from the report. Check it, and add what is missing."))
    return redirect("police_sheet", pk=sheet.pk)


@require_POST
@require(Right.WORK_CASES)
def wait(request: PortalRequest, pk: UUID) -> HttpResponse:
    """The police ask to wait with a reaction, or do not ask it any more: told at their desk, kept at once."""
    incident = case_for(request, pk)
    is_asked = request.POST.get("wait") == "yes"
    try:
        answers = {"police_ask_to_wait": is_asked}
        complete_facts(incident=incident, answers=answers, by=request.user, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused))
        return _page(request, case_for(request, pk), 409)
    done = _("Nothing goes to the perpetrator until the police agree.") if is_asked else _("The reaction can go on.")
    messages.success(request, done)
    return redirect("case_police", pk=pk)


def _page(request: PortalRequest, incident: Incident, status: int = 200, **bound: Any) -> HttpResponse:
    facts, advised = incident.facts, advice_for(incident)
    sheets = PoliceSheet.objects.filter(incident=incident).select_related("made_by")
    context = {
        "sheets": sheets.defer("sealed_answers", "police_number", "contact", "why_not", "outcome_words"),
        "offences": advised.offences,
        "known_sources": advised.card.menu.sources,
        "is_asked_to_wait": facts.police_ask_to_wait is True,
        "is_always": bool(ALWAYS_TO_POLICE & set(facts.behaviours)) or facts.threat_to_life is True,
        "start_form": StartForm(),
        **bound,
    }
    return show_part(request, incident, "case_police", "incidents/case_police.html", context, status=status)
