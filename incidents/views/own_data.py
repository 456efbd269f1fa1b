"""Everyone's own page about their data: what they may ask, what they asked, and the answer."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from incidents.actions.data_requests.requests import NewRequest, register_request
from incidents.actions.refusals import Refused
from incidents.forms.data_requests import OwnRequestForm
from incidents.models import DataPiece, DataRequest
from incidents.views.data_pieces import answer_file
from incidents.views.places import PortalRequest
from incidents.views.typed import is_of_another, is_shown_again, keeps_what_is_typed, mark_of_writer, status_of_return
from incidents.vocabulary import DataRequestKind, DataRequestStatus, DataSubject
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.roles import Right
from vpdportal.accounts.signing_in.again import proven_recently

MOST_SHOWN = 50


@keeps_what_is_typed
@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.REPORT)
def my_data(request: PortalRequest) -> HttpResponse:
    organisations = standing(request.user, request.now).organisations(Right.REPORT)
    form = OwnRequestForm(request.POST or None, organisations=organisations)
    if request.method != "POST":
        return _page(request, form)
    if is_of_another(request):
        return redirect("my_data")
    if is_shown_again(request, form):
        return _page(request, form, status_of_return(request))
    asked = NewRequest(
        organisation=form.chosen(),
        kind=DataRequestKind(form.cleaned_data["kind"]),
        subject=DataSubject.EMPLOYEE,
        received_on=timezone.localdate(request.now),
        words=form.cleaned_data["words"],
        user=request.user,
    )
    try:
        register_request(new=asked, by=request.user, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused))
        return _page(request, form, 409)
    messages.success(request, _("Your request came in. Below you see how it stands."))
    return redirect("my_data")


@require_safe
@require(Right.REPORT)
@proven_recently
def my_data_file(request: PortalRequest, pk: UUID, kind: str) -> HttpResponse:
    """The answer to the own request, once it was decided."""
    found = get_object_or_404(DataRequest.objects.own(request.user).select_related("organisation"), pk=pk)
    is_decided = found.is_for_access and found.is_granted and found.status == DataRequestStatus.DECIDED
    if not (is_decided and found.pieces.exists()):
        raise Http404
    return answer_file(request, found, kind)


def _page(request: PortalRequest, form: OwnRequestForm, status: int = 200) -> HttpResponse:
    answer = DataPiece.objects.filter(request=OuterRef("pk"))
    mine = DataRequest.objects.own(request.user).select_related("organisation").annotate(has_answer=Exists(answer))
    mine = mine.order_by("-created_at")
    context = {"form": form, "mine": mine[:MOST_SHOWN], "writer": mark_of_writer(request.user)}
    return render(request, "incidents/my_data.html", context, status=status)
