"""One case: what is known, what the menu says, what was done. Each change is one action."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from guidance.facts import FactsError
from incidents.actions.advice import advice_for, complete_facts
from incidents.actions.case import add_note, confirm_severity
from incidents.actions.closing import close_case
from incidents.actions.measures import decline_measure, take_measure
from incidents.actions.refusals import Refused
from incidents.forms.casework import NoteForm, OutcomeForm, ReasonForm, SeverityForm
from incidents.forms.questions import FactsForm
from incidents.models import Incident, Measure
from incidents.views.case_page import case_page
from incidents.views.places import PortalRequest, case_for
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right


@require_safe
@require(Right.WORK_CASES)
def case(request: PortalRequest, pk: UUID) -> HttpResponse:
    return case_page(request, case_for(request, pk))


@require_POST
@require(Right.WORK_CASES)
def facts(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Answer open questions; the advice follows."""
    incident = case_for(request, pk)
    form = FactsForm(request.POST, advised=advice_for(incident))
    if not form.is_valid():
        return case_page(request, incident, 400, facts_form=form)
    if not form.answers() and not incident.is_closed:
        messages.info(request, _("Nothing was filled in, so nothing was changed."))
        return redirect("case", pk=incident.pk)

    def act() -> None:
        try:
            complete_facts(incident=incident, answers=form.answers(), by=request.user, now=request.now)
        except FactsError as error:
            raise Refused(error.advice) from error

    done = _("Thank you. The advice was made again with what you know.")
    return _acted(request, incident, act, done, facts_form=form)


@require_POST
@require(Right.WORK_CASES)
def severity(request: PortalRequest, pk: UUID) -> HttpResponse:
    incident = case_for(request, pk)
    form = SeverityForm(request.POST)
    if not form.is_valid():
        return case_page(request, incident, 400, severity_form=form)
    values = {"severity": form.cleaned_data["severity"], "reason": form.cleaned_data["severity_reason"]}
    return _acted(
        request,
        incident,
        lambda: confirm_severity(incident=incident, by=request.user, now=request.now, **values),
        _("Thank you. Under “Severity” you see how it stands now."),
        severity_form=form,
    )


@require_POST
@require(Right.WORK_CASES)
def note(request: PortalRequest, pk: UUID) -> HttpResponse:
    incident = case_for(request, pk)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return case_page(request, incident, 400, note_form=form)
    text = form.cleaned_data["text"]
    return _acted(
        request,
        incident,
        lambda: add_note(incident=incident, text=text, by=request.user, now=request.now),
        _("The note is kept."),
        note_form=form,
    )


@require_POST
@require(Right.WORK_CASES)
def close(request: PortalRequest, pk: UUID) -> HttpResponse:
    incident = case_for(request, pk)
    form = OutcomeForm(request.POST)
    if not form.is_valid():
        return case_page(request, incident, 400, outcome_form=form)
    outcome = form.cleaned_data["outcome"]
    return _acted(
        request,
        incident,
        lambda: close_case(incident=incident, outcome=outcome, by=request.user, now=request.now),
        _("The case is closed. The reporter can read what was done."),
        outcome_form=form,
    )


@require_POST
@require(Right.WORK_CASES)
def measure(request: PortalRequest, pk: UUID, measure_pk: UUID) -> HttpResponse:
    """Choose an advice, or leave it out with a reason."""
    incident = case_for(request, pk)
    chosen = get_object_or_404(Measure, pk=measure_pk, incident=incident)
    if request.POST.get("choice") == "take":
        return _acted(
            request,
            incident,
            lambda: take_measure(measure=chosen, by=request.user, now=request.now),
            _("Chosen: %(title)s.") % {"title": chosen.item.title},
        )
    form = ReasonForm(request.POST, auto_id=False)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    return _acted(
        request,
        incident,
        lambda: decline_measure(measure=chosen, reason=reason, by=request.user, now=request.now),
        _("Left out, with your reason: %(title)s.") % {"title": chosen.item.title},
        declining=chosen.pk,
    )


def _acted(
    request: PortalRequest, incident: Incident, act: Callable[[], object], done: str, **bound: Any
) -> HttpResponse:
    """Do one action, say that it was done and go back to the page; or show it again with what was typed and why not."""
    try:
        act()
    except Refused as refused:
        messages.error(request, str(refused))
        incident = case_for(request, incident.pk)
        return case_page(request, incident, 409, **bound)
    messages.success(request, done)
    return redirect("case", pk=incident.pk)
