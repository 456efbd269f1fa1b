"""Looking through what was collected for a request, piece by piece; and the answer as a file."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST, require_safe

from incidents.actions.data_requests.answer import Answer, answer_of
from incidents.actions.data_requests.collecting import label_of
from incidents.actions.data_requests.requests import record_look
from incidents.actions.data_requests.reviewing import follow_proposals, give_piece, withhold_piece
from incidents.actions.refusals import Refused
from incidents.forms.data_requests import PieceForm
from incidents.models import DataRequest
from incidents.views.data_request_page import request_for
from incidents.views.places import PortalRequest, is_uuid
from incidents.views.typed import is_of_another, is_shown_again, keeps_what_is_typed, mark_of_writer, status_of_return
from incidents.vocabulary import DataRequestStatus, PieceDecision
from vpdportal import pdf
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right
from vpdportal.accounts.signing_in.again import proven_recently

A_PAGE = 20
STYLESHEETS = ("portal/paper.css",)
RELEASABLE = (DataRequestStatus.READY, DataRequestStatus.DECIDED)


@require_safe
@require(Right.HANDLE_DATA_REQUESTS)
def pieces(request: PortalRequest, pk: UUID) -> HttpResponse:
    return _page(request, request_for(request, pk))


@keeps_what_is_typed
@require_POST
@require(Right.HANDLE_DATA_REQUESTS)
def piece(request: PortalRequest, pk: UUID, piece_pk: UUID) -> HttpResponse:
    """Give it, with words taken out where needed, or withhold it."""
    found = request_for(request, pk)
    one = get_object_or_404(found.pieces.select_related("request"), pk=piece_pk)
    form = PieceForm(request.POST, auto_id=f"id_{one.pk}_%s")
    if is_of_another(request):
        return redirect("data_pieces", pk=pk)
    if is_shown_again(request, form):
        return _page(request, found, status_of_return(request), {one.pk: form})
    change: dict[str, Any] = {"piece": one, "seen": form.shown, "by": request.user, "now": request.now}
    try:
        if form.cleaned_data["decision"] == "give":
            give_piece(given=form.cleaned_data["given"], **change)
        else:
            withhold_piece(ground=form.cleaned_data["ground"], **change)
    except Refused as refused:
        messages.error(request, str(refused))
        found = request_for(request, pk)
        form.send_again_upon(found.pieces.filter(pk=one.pk).first() or one)
        return _page(request, found, 409, {one.pk: form})
    messages.success(request, _("Decided."))
    return redirect(f"{_address(request, pk, page=_page_number(request))}#stuk-{one.pk}")


@require_POST
@require(Right.HANDLE_DATA_REQUESTS)
def proposed(request: PortalRequest, pk: UUID) -> HttpResponse:
    """The pieces of one page, as proposed."""
    found = request_for(request, pk)
    shown = [UUID(one) for one in request.POST.getlist("pieces") if is_uuid(one)]
    try:
        number = follow_proposals(request=found, pieces=shown, by=request.user, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused))
        return _page(request, request_for(request, pk), 409)
    messages.success(request, _("Decided as proposed: %(number)s.") % {"number": number})
    return redirect(_address(request, pk))


@require_safe
@require(Right.HANDLE_DATA_REQUESTS)
@proven_recently
def file(request: PortalRequest, pk: UUID, kind: str) -> HttpResponse:
    """As it goes to who asked: to look at before the decision, to hand over after it."""
    found = request_for(request, pk)
    if found.status not in RELEASABLE or not found.is_for_access:
        raise Http404
    return answer_file(request, found, kind)


def answer_file(request: PortalRequest, found: DataRequest, kind: str) -> HttpResponse:
    """The answer as PDF or JSON; 503 in words where no PDF can be made here. Writes first who took it."""
    if kind not in {"pdf", "json"}:
        raise Http404
    record_look(request=found, by=request.user, now=request.now, part=f"answer_{kind}")
    answer = answer_of(found, request.now)
    headers = {
        "Content-Disposition": f'attachment; filename="{found.reference}.{kind}"',
        "Cache-Control": "no-store",
    }
    if kind == "json":
        return HttpResponse(answer.as_json(), content_type="application/json", headers=headers)
    try:
        content = answer_paper(answer)
    except pdf.PdfUnavailable:
        return render(request, "incidents/data_answer_no_pdf.html", {"one": found}, status=503)
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def answer_paper(answer: Answer) -> bytes:
    """The answer as a tagged PDF, in its own language. Raises pdf.PdfUnavailable."""
    with override(answer.language):
        title = f"{_('Your data')} · {answer.reference}"
        html = render_to_string("incidents/data_answer_paper.html", {"answer": answer, "title": title})
        return pdf.as_pdf(html, language=answer.language, title=title, stylesheets=STYLESHEETS)


def _address(request: PortalRequest, pk: UUID, **more: int) -> str:
    """Of the pieces as they were shown: all of them, or what nobody looked at yet."""
    query = {**({"open": 1} if "open" in request.GET else {}), **more}
    return reverse("data_pieces", args=[pk]) + (f"?{urlencode(query)}" if query else "")


def _page_number(request: PortalRequest) -> int:
    number = request.POST.get("page", "1")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 7 else 1


def _page(
    request: PortalRequest, found: DataRequest, status: int = 200, typed: dict[UUID, PieceForm] | None = None
) -> HttpResponse:
    """With `?open=1` only what is not decided yet, and what was typed. Writes first that it was looked at."""
    record_look(request=found, by=request.user, now=request.now, part="pieces")
    rows = found.pieces.all()
    if "open" in request.GET:
        rows = rows.filter(Q(decision=PieceDecision.OPEN) | Q(pk__in=typed or ()))
    number = request.POST.get("page") if request.method == "POST" else request.GET.get("page")
    page = Paginator(rows.order_by("source", "at", "pk"), A_PAGE).get_page(number)
    shown = [(one, label_of(one, found.subject), (typed or {}).get(one.pk) or PieceForm.of(one)) for one in page]
    context: dict[str, Any] = {
        "one": found,
        "page": page,
        "shown": shown,
        "is_only_open": "open" in request.GET,
        "may_change": found.status == DataRequestStatus.REVIEWING,
        "has_open": any(one.decision == PieceDecision.OPEN for one, _label, _form in shown),
        "writer": mark_of_writer(request.user),
    }
    return render(request, "incidents/data_pieces.html", context, status=status)
