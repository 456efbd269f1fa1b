"""Correcting the facts of a case: first what that would change, then keeping it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guidance.explaining import fact_text
from guidance.facts import FactsError
from incidents.actions.advice import complete_facts
from incidents.actions.difference import FactChange, preview_facts
from incidents.actions.refusals import CaseClosed, Refused
from incidents.actions.trail import record_view
from incidents.forms.case_facts import FactsEditForm
from incidents.models import Incident
from incidents.views.case_difference import shown_difference
from incidents.views.places import PortalRequest, case_for
from incidents.views.typed import is_of_another, is_shown_again, keeps_what_is_typed, mark_of_writer, status_of_return
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right
from vpdportal.seen import mark_of


@keeps_what_is_typed
@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.WORK_CASES)
def edit(request: PortalRequest, pk: UUID) -> HttpResponse:
    """The facts as a form. Nothing is kept that was not shown first: `seen` marks what was shown, and upon what."""
    incident = case_for(request, pk)
    if incident.is_closed:
        messages.error(request, str(CaseClosed.message))
        return redirect("case", pk=pk)
    if request.method != "POST" or is_of_another(request):
        return _page(request, incident, FactsEditForm(facts=incident.facts))
    form = FactsEditForm(request.POST, facts=incident.facts)
    if is_shown_again(request, form):
        return _page(request, incident, form, status_of_return(request))
    answers = form.answers()
    seen = mark_of([incident.facts.to_dict(), answers])
    if request.POST.get("do") != "save":
        return _preview(request, incident, form, seen)
    if request.POST.get("seen") != seen:
        messages.warning(request, _("Something is different from what was shown. Look at what it changes, then save."))
        return _preview(request, incident, form, seen, 409)
    return _save(request, incident, answers)


def _save(request: PortalRequest, incident: Incident, answers: dict[str, Any]) -> HttpResponse:
    try:
        complete_facts(incident=incident, answers=answers, by=request.user, now=request.now)
    except FactsError as error:
        messages.error(request, error.advice)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The facts were changed, and the advice was made again with them."))
    return redirect("case", pk=incident.pk)


def _preview(
    request: PortalRequest, incident: Incident, form: FactsEditForm, seen: str, status: int = 200
) -> HttpResponse:
    changes, difference = preview_facts(incident, form.answers())
    context = {
        "is_preview": True,
        "seen": seen,
        "changes": [_change_text(change) for change in changes],
        "difference": shown_difference(difference),
    }
    return _page(request, incident, form, status, **context)


def _page(
    request: PortalRequest, incident: Incident, form: FactsEditForm, status: int = 200, **more: Any
) -> HttpResponse:
    record_view(incident=incident, by=request.user, now=request.now, part="facts")
    context = {"incident": incident, "form": form, "writer": mark_of_writer(request.user), **more}
    return render(request, "incidents/case_facts.html", context, status=status)


def _change_text(change: FactChange) -> tuple[str, str, str]:
    """Its label, and its value before and after."""
    name = change.description.name
    before, after = (
        _("not known") if value is None else fact_text(name, value) for value in (change.before, change.after)
    )
    return str(change.description.label), before, after
