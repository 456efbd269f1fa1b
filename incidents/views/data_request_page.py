"""The page of one request about personal data, and the frame of every form on it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from incidents.actions.data_requests.requests import record_look
from incidents.actions.refusals import Refused
from incidents.forms.data_requests import ExtensionForm, ReadyForm
from incidents.forms.persons import IdentifiersForm
from incidents.models import DataRequest
from incidents.views.data_carried_out import what_to_carry_out
from incidents.views.places import PortalRequest
from incidents.views.typed import is_of_another, is_shown_again, mark_of_writer, status_of_return
from incidents.vocabulary import DataRequestStatus, DataSubject, PieceDecision
from vpdportal.accounts.access import standing
from vpdportal.accounts.roles import Right

NEARLY_LATE = 7  # days


def request_for(request: PortalRequest, pk: UUID) -> DataRequest:
    """The request, for who handles it; a way in like that to a case."""
    rows = DataRequest.objects.handled_by(request.user, request.now).select_related(
        "organisation", "person", "user", "handler", "ready_by", "decided_by", "identity_checked_by"
    )
    found: DataRequest = get_object_or_404(rows, pk=pk)
    return found


def decided_by(request: PortalRequest, pk: UUID) -> DataRequest:
    found = request_for(request, pk)
    if not standing(request.user, request.now).may(Right.DECIDE_PRIVACY, found.organisation_id):
        raise PermissionDenied
    return found


def judged(
    request: PortalRequest, found: DataRequest, name: str, form: BaseForm, act: Callable[[], Any], done: str
) -> HttpResponse:
    """The frame of a form on the page, there called `name`: shown again with its faults, or acted upon."""
    if is_of_another(request):
        return redirect("data_request", pk=found.pk)
    if is_shown_again(request, form):
        return request_page(request, found, status_of_return(request), **{name: form})
    return acted(request, found, act, done, **{name: form})


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
        "may_link": asks and found.subject == DataSubject.CITIZEN and not counts["all"],
        "is_officer": is_officer,
        "may_decide": is_officer and found.status == DataRequestStatus.READY,
        "is_own_work": found.ready_by_id == request.user.pk,
        **what_to_carry_out(request, found),
        "person_form": IdentifiersForm(now=request.now),
        "extension_form": ExtensionForm(),
        "ready_form": ReadyForm.of(found),
        "writer": mark_of_writer(request.user),
        **bound,
    }
    return render(request, "incidents/data_request.html", context, status=status)
