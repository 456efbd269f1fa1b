"""Adding to a report that was sent, and correcting one that someone else made."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from incidents.actions.additions import Added, TakenOver, add_to_report
from incidents.actions.refusals import Refused
from incidents.actions.trail import record_view
from incidents.forms.additions import CORRECTABLE, AddForm, CorrectionForm
from incidents.models import Evidence
from incidents.views.added_files import take_files
from incidents.views.own_report import OwnReport, own_report
from incidents.views.places import PortalRequest
from incidents.views.typed import comes_back, is_of_another, keeps_what_is_typed, mark_of_writer, status_of_return
from vpdportal.audit.models import AuditEvent

Form = AddForm | CorrectionForm
REPORTED, FACTS_ADDED = "incident.reported", "incident.facts_added"


@keeps_what_is_typed
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: PortalRequest, pk: UUID) -> HttpResponse:
    """More words, and answers to what was left open."""
    own = own_report(request, pk)
    asks_facts = not own.is_receipt_only and not own.incident.is_near_miss

    def build(*data: Any) -> Form:
        return AddForm(*data, facts=own.incident.facts, is_about_self=own.is_about_viewer, asks_facts=asks_facts)

    return _page_or_change(request, own, "report_add", build)


@keeps_what_is_typed
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: PortalRequest, pk: UUID) -> HttpResponse:
    """What is not right, for the person hit: in words, and in the facts that the reporter filled in."""
    own = own_report(request, pk)
    if not own.is_made_by_other:
        raise Http404
    names = _correctable(own)

    def build(*data: Any) -> Form:
        return CorrectionForm(*data, facts=own.incident.facts, names=names)

    return _page_or_change(request, own, "report_add_correction", build)


def _page_or_change(request: PortalRequest, own: OwnReport, template: str, build: Callable[..., Form]) -> HttpResponse:
    if request.method != "POST" or is_of_another(request):
        return _empty_page(request, own, template, build())
    form = build(request.POST, request.FILES)
    is_valid = form.is_valid()
    if not comes_back(request) and not own.is_receipt_only:
        take_files(request, own.incident, form)
    if comes_back(request) or not is_valid or form.errors:
        return _page(request, own, template, form, status_of_return(request))
    try:
        added = add_to_report(incident=own.incident, addition=form.addition(), by=request.user, now=request.now)
    except Refused as refused:
        form.add_error(None, str(refused))
        return _page(request, own_report(request, own.incident.pk), template, form, 409)
    _say_what_was_kept(request, added)
    return redirect("report_status", pk=own.incident.pk)


def _empty_page(request: PortalRequest, own: OwnReport, template: str, form: Form) -> HttpResponse:
    """The form, for who may fill it in; who has a receipt only is told why there is none."""
    if own.is_receipt_only:
        messages.info(request, str(TakenOver.message))
        return redirect("report_status", pk=own.incident.pk)
    return _page(request, own, template, form)


def _page(request: PortalRequest, own: OwnReport, template: str, form: Form, status: int = 200) -> HttpResponse:
    record_view(incident=own.incident, by=request.user, now=request.now, part="status")
    context = {
        "own": own,
        "incident": own.incident,
        "form": form,
        "files": Evidence.objects.filter(incident=own.incident, uploaded_by=request.user),
        "writer": mark_of_writer(request.user),
    }
    return render(request, f"incidents/{template}.html", context, status=status)


def _correctable(own: OwnReport) -> list[str]:
    """The facts that the person hit may see and change: not what the desk found out about the perpetrator."""
    parties = [own.incident.reporter_id, own.incident.affected_id]
    events = AuditEvent.objects.filter(object_id=own.incident.pk, action__in=(REPORTED, FACTS_ADDED))
    rows = list(events.values_list("action", "actor_id", "fields"))
    if not any(action == REPORTED for action, _actor, _fields in rows):  # cut off, its term has passed: nobody knows
        return [name for name in CORRECTABLE if not name.startswith("perpetrator.")]
    by_desk = {
        name
        for action, actor, fields in rows
        if action == FACTS_ADDED and (actor is None or actor not in parties)
        for name in fields
    }
    return [name for name in CORRECTABLE if not (name.startswith("perpetrator.") and name in by_desk)]


def _say_what_was_kept(request: PortalRequest, added: Added) -> None:
    messages.success(request, _("Thank you. It is added to the report, and the VPD adviser is told."))
    count = len(added.was_known)
    if count:
        text = ngettext(
            "Someone else answered %(count)s question meanwhile. That one stays. Is it not right? Add it in words.",
            "Someone else answered %(count)s questions meanwhile. Those stay. Are they not right? Add it in words.",
            count,
        )
        messages.info(request, text % {"count": count})
