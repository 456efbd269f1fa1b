"""Requests of people about their own data: the list, a new one, and the steps to a decision."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.actions.data_requests.collecting import collect
from incidents.actions.data_requests.deciding import decide, make_ready, send_back
from incidents.actions.data_requests.finding import MOST_FOUND, find_records
from incidents.actions.data_requests.requests import (
    NewRequest,
    check_identity,
    extend_term,
    link_person,
    register_request,
    withdraw_request,
)
from incidents.actions.refusals import Refused
from incidents.forms.data_requests import ExtensionForm, NewRequestForm, ReadyForm
from incidents.forms.persons import IdentifiersForm
from incidents.forms.report import typed_in_words
from incidents.models import DataRequest, Person
from incidents.views.data_request_page import NEARLY_LATE, acted, decided_by, judged, request_for, request_page
from incidents.views.places import PortalRequest, is_uuid
from incidents.views.typed import is_of_another, is_shown_again, keeps_what_is_typed, mark_of_writer, status_of_return
from incidents.vocabulary import DataRequestKind, DataSubject
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.roles import Right
from vpdportal.accounts.signing_in.again import proven_recently
from vpdportal.pages import page_of


@require_safe
@require(Right.HANDLE_DATA_REQUESTS)
def requests(request: PortalRequest) -> HttpResponse:
    """What is due first stands first; with `?closed` what ended."""
    is_closed = "closed" in request.GET
    rows = DataRequest.objects.handled_by(request.user, request.now).select_related("organisation")
    rows = rows.exclude(pk__in=rows.unfinished()) if is_closed else rows.unfinished()
    order = ("-due_on", "pk") if is_closed else ("due_on", "pk")
    today = timezone.localdate(request.now)
    page = page_of(rows.order_by(*order), request.GET.get("page"), 25)
    context = {
        "page": page,
        "rows": [(one, (one.due_on - today).days) for one in page],
        "is_closed": is_closed,
        "nearly": NEARLY_LATE,
    }
    return render(request, "incidents/data_requests.html", context)


@keeps_what_is_typed
@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.HANDLE_DATA_REQUESTS)
def new(request: PortalRequest) -> HttpResponse:
    served = standing(request.user, request.now).organisations(Right.HANDLE_DATA_REQUESTS)
    form = NewRequestForm(request.POST or None, organisations=served, now=request.now)
    if request.method != "POST":
        return _new_page(request, form)
    if is_of_another(request):
        return redirect("data_request_new")
    if is_shown_again(request, form):
        return _new_page(request, form, status_of_return(request))
    data = form.cleaned_data
    try:
        made = register_request(
            new=NewRequest(
                organisation=form.chosen(),
                kind=DataRequestKind(data["kind"]),
                subject=DataSubject(data["subject"]),
                received_on=data["received_on"],
                name=data["name"],
                contact=data["contact"],
                words=data["words"],
                user=form.user,
            ),
            by=request.user,
            now=request.now,
        )
    except Refused as refused:
        messages.error(request, str(refused))
        return _new_page(request, form, 409)
    messages.success(request, _("Written down. The term runs."))
    # Of the own request someone else is the handler: it is on the page of own data.
    return redirect("my_data") if made.user_id == request.user.pk else redirect("data_request", pk=made.pk)


@require_safe
@require(Right.HANDLE_DATA_REQUESTS)
def one(request: PortalRequest, pk: UUID) -> HttpResponse:
    return request_page(request, request_for(request, pk))


@require_POST
@require(Right.HANDLE_DATA_REQUESTS)
def identity(request: PortalRequest, pk: UUID) -> HttpResponse:
    found = request_for(request, pk)
    done = _("Written down that you know who asks.")
    return acted(request, found, lambda: check_identity(request=found, by=request.user, now=request.now), done)


@keeps_what_is_typed
@require_POST
@require(Right.HANDLE_DATA_REQUESTS)
def extend(request: PortalRequest, pk: UUID) -> HttpResponse:
    found = request_for(request, pk)
    form = ExtensionForm(request.POST)

    def act() -> None:
        reason = form.cleaned_data["extension_reason"]
        extend_term(request=found, reason=reason, by=request.user, now=request.now)

    done = _("The term is two months longer. Tell it to who asked, with your reason.")
    return judged(request, found, "extension_form", form, act, done)


@require_POST
@require(Right.HANDLE_DATA_REQUESTS)
def withdraw(request: PortalRequest, pk: UUID) -> HttpResponse:
    found = request_for(request, pk)
    done = _("Withdrawn. What was collected for it is gone.")
    return acted(request, found, lambda: withdraw_request(request=found, by=request.user, now=request.now), done)


@keeps_what_is_typed
@require_POST
@require(Right.HANDLE_DATA_REQUESTS)
def person(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Look for a record of who asks, or link the one that was found."""
    found = request_for(request, pk)
    if is_of_another(request):
        return redirect("data_request", pk=pk)
    chosen = request.POST.get("person", "")
    if is_uuid(chosen):
        record = get_object_or_404(Person, pk=chosen, organisation=found.organisation_id)
        done = _("Linked. Now collect what is kept.") if found.is_for_access else _("Linked.")
        return acted(
            request, found, lambda: link_person(request=found, person=record, by=request.user, now=request.now), done
        )
    form = IdentifiersForm(request.POST, now=request.now)
    if is_shown_again(request, form):
        return request_page(request, found, status_of_return(request), person_form=form)
    records = find_records(request=found, identifiers=form.identifiers(), by=request.user, now=request.now)
    shown, is_more = records[:MOST_FOUND], len(records) > MOST_FOUND
    return request_page(request, found, person_form=form, records=shown, is_more=is_more, is_searched=True)


@require_POST
@require(Right.HANDLE_DATA_REQUESTS)
def gather(request: PortalRequest, pk: UUID) -> HttpResponse:
    found = request_for(request, pk)

    def act() -> None:
        collect(request=found, in_words=typed_in_words, by=request.user, now=request.now)

    return acted(request, found, act, _("Collected. Look at each piece, or follow the proposals."))


@keeps_what_is_typed
@require_POST
@require(Right.HANDLE_DATA_REQUESTS)
def ready(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Lay it before the data protection officer."""
    found = request_for(request, pk)
    form = ReadyForm(request.POST)

    def act() -> None:
        make_ready(
            request=found,
            is_granted=form.cleaned_data["is_granted"] == "yes",
            decision=form.cleaned_data["answer"],
            seen=form.cleaned_data["seen"],
            by=request.user,
            now=request.now,
        )

    return judged(request, found, "ready_form", form, act, _("It waits for the data protection officer now."))


@require_POST
@require(Right.DECIDE_PRIVACY)
def back(request: PortalRequest, pk: UUID) -> HttpResponse:
    found = decided_by(request, pk)
    done = _("Sent back to who handles it.")
    return acted(request, found, lambda: send_back(request=found, by=request.user, now=request.now), done)


@require_POST
@require(Right.DECIDE_PRIVACY)
@proven_recently
def decision(request: PortalRequest, pk: UUID) -> HttpResponse:
    """From here on who asked may have the answer."""
    found = decided_by(request, pk)
    seen = request.POST.get("seen", "")
    revision = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else -1
    done = _("Decided. Who asked may have the answer now.")
    return acted(request, found, lambda: decide(request=found, seen=revision, by=request.user, now=request.now), done)


def _new_page(request: PortalRequest, form: NewRequestForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "writer": mark_of_writer(request.user)}
    return render(request, "incidents/data_request_new.html", context, status=status)
