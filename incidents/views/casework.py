"""One case: what is known, what the menu says, what was done. Each change is one action."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from guidance.facts import FactsError
from incidents.actions.advice import advice_for, complete_facts
from incidents.actions.case import add_note, assess_case
from incidents.actions.measures import (
    adapt_measure,
    decide_on_several,
    decision_mark,
    decline_measure,
    hold_measure,
    take_measure,
)
from incidents.actions.refusals import Refused
from incidents.forms.casework import AssessmentForm, DecisionForm, NoteForm, SeveralForm
from incidents.forms.questions import FactsForm, answered_meanwhile
from incidents.models import Incident, Measure
from incidents.views.case_page import case_page
from incidents.views.case_timeline import timeline_page
from incidents.views.places import PortalRequest, case_for, is_uuid
from incidents.views.typed import is_of_another, is_shown_again, keeps_what_is_typed, status_of_return
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right

DECISIONS: dict[str, tuple[Callable[..., Measure], Any]] = {
    "take": (take_measure, gettext_lazy("Chosen: %(title)s.")),
    "adapt": (adapt_measure, gettext_lazy("Chosen, in your own way: %(title)s.")),
    "hold": (hold_measure, gettext_lazy("Put off, with your reason: %(title)s.")),
    "decline": (decline_measure, gettext_lazy("Left out, with your reason: %(title)s.")),
}


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
    for sentence in answered_meanwhile(request.POST, form, incident.facts):
        messages.warning(request, sentence)
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
    """Aggression or criticism, and how severe."""
    incident = case_for(request, pk)
    form = AssessmentForm(request.POST, incident=incident)

    def act() -> None:
        assess_case(
            incident=incident,
            is_criticism=form.cleaned_data["nature"] == "criticism",
            severity=form.cleaned_data["severity"],
            reason=form.cleaned_data["severity_reason"],
            seen=form.cleaned_data["seen"],
            by=request.user,
            now=request.now,
        )

    done = _("Thank you. Under “Assessment” you see how it stands now.")
    if is_of_another(request):
        return redirect("case", pk=pk)
    if is_shown_again(request, form):
        return case_page(request, incident, status_of_return(request), assessment_form=form)
    return _acted(request, incident, act, done, assessment_form=form)


@keeps_what_is_typed
@require_POST
@require(Right.WORK_CASES)
def note(request: PortalRequest, pk: UUID) -> HttpResponse:
    incident = case_for(request, pk)
    form = NoteForm(request.POST)
    if is_of_another(request):
        return redirect("case_timeline", pk=pk)
    if is_shown_again(request, form):
        return timeline_page(request, incident, status_of_return(request), note_form=form)
    try:
        add_note(incident=incident, text=form.cleaned_data["text"], by=request.user, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused))
        return timeline_page(request, case_for(request, pk), 409, note_form=form)
    messages.success(request, _("The note is kept."))
    return redirect("case_timeline", pk=pk)


@keeps_what_is_typed
@require_POST
@require(Right.WORK_CASES)
def measure(request: PortalRequest, pk: UUID, measure_pk: UUID) -> HttpResponse:
    """One decision on one advice."""
    incident = case_for(request, pk)
    chosen = get_object_or_404(Measure, pk=measure_pk, incident=incident)
    if is_of_another(request):
        return redirect("case", pk=pk)
    form = DecisionForm(request.POST, auto_id=False)
    is_wrong = is_shown_again(request, form)
    choice = request.POST.get("choice", "")
    seen = form.cleaned_data.get("seen", "")
    typed = {"deciding": chosen.pk, "decision_form": form}
    if is_wrong:
        before = {"seen_before": {str(chosen.pk): seen}, **({} if choice == "take" else typed)}
        return case_page(request, incident, status_of_return(request), **before)
    decide, done = DECISIONS[choice]
    how = _how(form)

    def act() -> None:
        decide(measure=chosen, seen=seen, by=request.user, now=request.now, **how)

    return _acted(request, incident, act, str(done) % {"title": chosen.item.title}, f"#advice-{chosen.pk}", **typed)


@keeps_what_is_typed
@require_POST
@require(Right.WORK_CASES)
def several(request: PortalRequest, pk: UUID) -> HttpResponse:
    """The same decision on the ticked advices. What could not be done is named, with why.

    It stays ticked, with what was typed, where a colleague was first.
    """
    incident = case_for(request, pk)
    if is_of_another(request):
        return redirect("case", pk=pk)
    form = SeveralForm(request.POST)
    is_wrong = is_shown_again(request, form)
    seen = form.cleaned_data["seen"]
    ticked = [one for one in request.POST.getlist("measure") if is_uuid(one)]
    chosen = list(Measure.objects.filter(incident=incident, pk__in=ticked))
    if not is_wrong and not chosen:
        form.add_error(None, _("Tick at least one advice first."))
    if is_wrong or form.errors:
        typed = {"several_form": form, "ticked": {str(one.pk) for one in chosen}, "seen_before": seen}
        return case_page(request, incident, status_of_return(request), **typed)
    decide, done = DECISIONS[form.cleaned_data["choice"]]
    refused = decide_on_several(
        measures=chosen, decide=decide, seen=seen, by=request.user, now=request.now, **_how(form)
    )
    failed = {str(one.pk) for one, _why in refused}
    acted = [one.item.title for one in chosen if str(one.pk) not in failed]
    if acted:
        messages.success(request, str(done) % {"title": "; ".join(acted)})
    for one, why in refused:
        messages.warning(request, _("%(title)s: not changed. %(why)s") % {"title": one.item.title, "why": why})
    is_late = any(seen.get(str(one.pk)) not in {None, decision_mark(one)} for one in chosen)
    if refused and (is_late or form.cleaned_data["reason"]):
        return case_page(request, case_for(request, pk), 409, several_form=form, ticked=failed)
    return redirect(reverse("case", args=[pk]) + "#advice")


def _how(form: DecisionForm) -> dict[str, Any]:
    """What the action of this choice is told besides."""
    reason, day = form.cleaned_data["reason"], form.cleaned_data["day"]
    return {
        "take": {},
        "adapt": {"words": reason, "day": day},
        "hold": {"reason": reason, "until": day},
        "decline": {"reason": reason},
    }[form.cleaned_data["choice"]]


def _acted(
    request: PortalRequest, incident: Incident, act: Callable[[], object], done: str, where: str = "", **bound: Any
) -> HttpResponse:
    """Do one action, say that it was done and go back to the page; or show it again with what was typed and why not."""
    try:
        act()
    except Refused as refused:
        messages.error(request, str(refused))
        incident = case_for(request, incident.pk)
        return case_page(request, incident, 409, **bound)
    messages.success(request, done)
    return redirect(reverse("case", args=[incident.pk]) + where)
