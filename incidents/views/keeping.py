"""Keeping what a page typed, before anything else is done with it; shared by the steps and the near miss."""

from typing import Any
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from incidents.actions.drafts import ChangedElsewhere, Kept, TooMuchText, keep_answers
from incidents.actions.refusals import Refused
from incidents.forms.steps import StepForm
from incidents.models import Draft, Incident
from incidents.views.places import PortalRequest
from incidents.views.signed_out import wants_json

OWNER = Signer(salt="report-form-owner")


def keep_typed(request: PortalRequest, draft: Draft, form: StepForm) -> Draft | HttpResponse | None:
    """The draft with what was typed, or the answer when that is all: a page that keeps by itself, or too late.

    None when it cannot be kept. That is an error of the form now, and the form has to come back, whatever the button:
    what was typed is nowhere else.
    """
    seen, page = _number(request.POST.get("seen")), request.POST.get("page", "")[:32]
    kept = Kept(form.slug, form.typed(request.POST), seen, page)
    is_choice = not wants_json(request)
    try:
        draft = keep_answers(draft=draft, kept=kept, by=request.user, now=request.now, is_choice=is_choice)
    except Draft.DoesNotExist:
        return sent_or_gone(request, draft.pk)
    except Refused as refused:
        if wants_json(request):
            return JsonResponse({"error": str(refused)}, status=409 if isinstance(refused, ChangedElsewhere) else 400)
        form.add_error(refused.field if isinstance(refused, TooMuchText) else None, str(refused))
        return None
    if wants_json(request):
        saved = timezone.localtime(draft.saved_at).strftime("%H:%M")
        return JsonResponse({"saved": saved, "revision": draft.revision})
    return draft


def sent_as(request: PortalRequest, key: UUID) -> Incident | None:
    """The report that a draft has become."""
    mine = Incident.objects.own(request.user).filter(reporter=request.user, idempotency_key=key)
    found: Incident | None = mine.first()
    return found


def sent_or_gone(request: PortalRequest, key: UUID) -> HttpResponse:
    """What was sent from another tab, or by the first of two clicks, is shown; what never was is not there."""
    sent = sent_as(request, key)
    if sent is None:
        raise Http404
    if wants_json(request):
        return JsonResponse({"error": "sent", "status": reverse("report_status", args=[sent.pk])}, status=410)
    return redirect("report_status", pk=sent.pk)


def is_own(request: HttpRequest) -> bool:
    """Whether this person opened the form that was sent: what another typed is not shown to the next one."""
    try:
        return OWNER.unsign(request.POST.get("owner", "")) == str(request.user.pk)
    except BadSignature:
        return False


def _number(text: Any) -> int:
    return int(text) if str(text).isascii() and str(text).isdigit() and len(str(text)) < 10 else 0
