"""Requests of people about their own data: the list, a new one, and one request with its steps."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.actions.data_requests.collecting import collect
from incidents.actions.data_requests.deciding import decide, how_to_carry_out, make_ready, send_back
from incidents.actions.data_requests.finding import find_records
from incidents.actions.data_requests.requests import (
    NewRequest,
    check_identity,
    extend_term,
    link_person,
    record_look,
    register_request,
    withdraw_request,
)
from incidents.actions.refusals import Refused
from incidents.forms.data_requests import ExtensionForm, NewRequestForm, ReadyForm
from incidents.forms.persons import IdentifiersForm
from incidents.models import DataRequest, Person
from incidents.views.places import PortalRequest, is_uuid
from incidents.views.typed import is_of_another, is_shown_again, keeps_what_is_typed, mark_of_writer, status_of_return
from incidents.vocabulary import DataRequestKind, DataRequestStatus, DataSubject, PieceDecision
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.roles import Right
from vpdportal.accounts.signing_in.again import proven_recently

NEARLY_LATE = 7  # days


@require_safe
@require(Right.HANDLE_DATA_REQUESTS)
def requests(request: PortalRequest) -> HttpResponse:
    """What is due first stands first; with `?closed` what ended."""
    is_closed = "closed" in request.GET
    rows = DataRequest.objects.handled_by(request.user, request.now).select_related("organisation")
    rows = rows.exclude(pk__in=rows.unfinished()) if is_closed else rows.unfinished()
    order = ("-due_on", "pk") if is_closed else ("due_on", "pk")
    today = timezone.localdate(request.now)
    page = Paginator(rows.order_by(*order), 25).get_page(request.GET.get("page"))
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
    if is_of_another(request):
        return redirect("data_request", pk=pk)
    if is_shown_again(request, form):
        return request_page(request, found, status_of_return(request), extension_form=form)

    def act() -> None:
        reason = form.cleaned_data["extension_reason"]
        extend_term(request=found, reason=reason, by=request.user, now=request.now)

    done = _("The term is two months longer. Tell it to who asked, with your reason.")
    return acted(request, found, act, done, extension_form=form)


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
        done = _("Linked. Now collect what is kept.")
        return acted(
            request, found, lambda: link_person(request=found, person=record, by=request.user, now=request.now), done
        )
    form = IdentifiersForm(request.POST, now=request.now)
    if is_shown_again(request, form):
        return request_page(request, found, status_of_return(request), person_form=form)
    records = find_records(request=found, identifiers=form.identifiers(), by=request.user, now=request.now)
    return request_page(request, found, person_form=form, records=records, is_searched=True)


@require_POST
@require(Right.HANDLE_DATA_REQUESTS)
def gather(request: PortalRequest, pk: UUID) -> HttpResponse:
    found = request_for(request, pk)
    done = _("Collected. Look at each piece, or follow the proposals.")
    return acted(request, found, lambda: collect(request=found, by=request.user, now=request.now), done)


@keeps_what_is_typed
@require_POST
@require(Right.HANDLE_DATA_REQUESTS)
def ready(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Lay it before the data protection officer."""
    found = request_for(request, pk)
    form = ReadyForm(request.POST)
    if is_of_another(request):
        return redirect("data_request", pk=pk)
    if is_shown_again(request, form):
        return request_page(request, found, status_of_return(request), ready_form=form)

    def act() -> None:
        make_ready(
            request=found,
            is_granted=form.cleaned_data["is_granted"] == "yes",
            decision=form.cleaned_data["answer"],
            seen=form.cleaned_data["seen"],
            by=request.user,
            now=request.now,
        )

    return acted(request, found, act, _("It waits for the data protection officer now."), ready_form=form)


@require_POST
@require(Right.DECIDE_PRIVACY)
def back(request: PortalRequest, pk: UUID) -> HttpResponse:
    found = _decided_by(request, pk)
    done = _("Sent back to who handles it.")
    return acted(request, found, lambda: send_back(request=found, by=request.user, now=request.now), done)


@require_POST
@require(Right.DECIDE_PRIVACY)
@proven_recently
def decision(request: PortalRequest, pk: UUID) -> HttpResponse:
    """From here on who asked may have the answer."""
    found = _decided_by(request, pk)
    seen = request.POST.get("seen", "")
    revision = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else -1
    done = _("Decided. Who asked may have the answer now.")
    return acted(request, found, lambda: decide(request=found, seen=revision, by=request.user, now=request.now), done)


def request_for(request: PortalRequest, pk: UUID) -> DataRequest:
    """The request, for who handles it; a way in like that to a case."""
    rows = DataRequest.objects.handled_by(request.user, request.now).select_related(
        "organisation", "person", "user", "handler", "ready_by", "decided_by", "identity_checked_by"
    )
    found: DataRequest = get_object_or_404(rows, pk=pk)
    return found


def _decided_by(request: PortalRequest, pk: UUID) -> DataRequest:
    found = request_for(request, pk)
    if not standing(request.user, request.now).may(Right.DECIDE_PRIVACY, found.organisation_id):
        raise PermissionDenied
    return found


def acted(request: PortalRequest, found: DataRequest, act: Callable[[], Any], done: str, **bound: Any) -> HttpResponse:
    try:
        act()
    except Refused as refused:
        messages.error(request, str(refused))
        return request_page(request, request_for(request, found.pk), 409, **bound)
    messages.success(request, done)
    return redirect("data_request", pk=found.pk)


def request_page(request: PortalRequest, found: DataRequest, status: int = 200, **bound: Any) -> HttpResponse:
    """One request, with the step that is next. Writes first that it was looked at."""
    record_look(request=found, by=request.user, now=request.now, part="request")
    here = standing(request.user, request.now)
    counts = found.pieces.aggregate(
        all=Count("pk"),
        open=Count("pk", filter=Q(decision=PieceDecision.OPEN)),
        withheld=Count("pk", filter=Q(decision=PieceDecision.WITHHELD)),
    )
    is_officer = here.may(Right.DECIDE_PRIVACY, found.organisation_id)
    asks = found.status in {DataRequestStatus.RECEIVED, DataRequestStatus.REVIEWING}
    context = {
        "one": found,
        "left": (found.due_on - timezone.localdate(request.now)).days,
        "nearly": NEARLY_LATE,
        "counts": counts,
        "is_open": asks,
        "may_link": asks and found.subject == DataSubject.CITIZEN and found.status == DataRequestStatus.RECEIVED,
        "may_decide": is_officer and found.status == DataRequestStatus.READY,
        "is_own_work": found.ready_by_id == request.user.pk,
        "carry_out": how_to_carry_out(found) if found.status == DataRequestStatus.DECIDED else "",
        "person_form": IdentifiersForm(now=request.now),
        "extension_form": ExtensionForm(),
        "ready_form": ReadyForm(initial={"seen": found.revision}),
        "writer": mark_of_writer(request.user),
        **bound,
    }
    return render(request, "incidents/data_request.html", context, status=status)


def _new_page(request: PortalRequest, form: NewRequestForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "writer": mark_of_writer(request.user)}
    return render(request, "incidents/data_request_new.html", context, status=status)
