"""One case: what is known, what the menu says, what was done. Each change is one action."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import BaseForm
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
from incidents.views.typed import comes_back, is_of_another, is_shown_again, keeps_what_is_typed, status_of_return
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


@keeps_what_is_typed
@require_POST
@require(Right.WORK_CASES)
def severity(request: PortalRequest, pk: UUID) -> HttpResponse:
    form = SeverityForm(request.POST)

    def act(incident: Incident) -> None:
        level, reason = form.cleaned_data["severity"], form.cleaned_data["severity_reason"]
        confirm_severity(incident=incident, severity=level, reason=reason, by=request.user, now=request.now)

    done = _("Thank you. Under “Severity” you see how it stands now.")
    return _judged(request, pk, form, act, done, severity_form=form)


@keeps_what_is_typed
@require_POST
@require(Right.WORK_CASES)
def note(request: PortalRequest, pk: UUID) -> HttpResponse:
    form = NoteForm(request.POST)

    def act(incident: Incident) -> None:
        add_note(incident=incident, text=form.cleaned_data["text"], by=request.user, now=request.now)

    return _judged(request, pk, form, act, _("The note is kept."), note_form=form)


@keeps_what_is_typed
@require_POST
@require(Right.WORK_CASES)
def close(request: PortalRequest, pk: UUID) -> HttpResponse:
    form = OutcomeForm(request.POST)

    def act(incident: Incident) -> None:
        close_case(incident=incident, outcome=form.cleaned_data["outcome"], by=request.user, now=request.now)

    done = _("The case is closed. The reporter can read what was done.")
    return _judged(request, pk, form, act, done, outcome_form=form)


@keeps_what_is_typed
@require_POST
@require(Right.WORK_CASES)
def measure(request: PortalRequest, pk: UUID, measure_pk: UUID) -> HttpResponse:
    """Choose an advice, or leave it out with a reason."""
    incident = case_for(request, pk)
    chosen = get_object_or_404(Measure, pk=measure_pk, incident=incident)
    if is_of_another(request):
        return redirect("case", pk=pk)
    form = ReasonForm(request.POST, auto_id=False)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    is_taken = request.POST.get("choice") == "take"
    typed = {} if is_taken else {"declining": chosen.pk, "reason_form": form}
    if comes_back(request):
        return case_page(request, incident, status_of_return(request), **typed)

    def act() -> None:
        if is_taken:
            take_measure(measure=chosen, by=request.user, now=request.now)
        else:
            decline_measure(measure=chosen, reason=reason, by=request.user, now=request.now)

    done = _("Chosen: %(title)s.") if is_taken else _("Left out, with your reason: %(title)s.")
    return _acted(request, incident, act, done % {"title": chosen.item.title}, **typed)


def _judged(
    request: PortalRequest, pk: UUID, form: BaseForm, act: Callable[[Incident], None], done: str, **bound: Any
) -> HttpResponse:
    """Act on a form that is right; else the page again with what was typed. Nobody sees what someone else typed."""
    incident = case_for(request, pk)
    if is_of_another(request):
        return redirect("case", pk=pk)
    if is_shown_again(request, form):
        return case_page(request, incident, status_of_return(request), **bound)
    return _acted(request, incident, lambda: act(incident), done, **bound)


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
