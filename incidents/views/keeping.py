"""Keeping what a page typed, before anything else is done with it; shared by the steps and the near miss."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.signing import BadSignature, Signer
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from incidents.actions.drafts import ChangedElsewhere, Kept, TooMuchText, keep_answers, start_draft
from incidents.actions.exclusions import IsAParty, NobodyElse, NotAColleague
from incidents.actions.refusals import Refused
from incidents.forms.steps import StepForm
from incidents.forms.visibility import KEPT_OUT, KEPT_OUT_EMAIL
from incidents.models import Draft, Location
from incidents.views.places import PortalRequest
from incidents.views.signed_out import wants_json
from incidents.views.too_late import sent_as, sent_or_gone
from incidents.vocabulary import ReportKind
from vpdportal.accounts.access import standing
from vpdportal.accounts.roles import Right
from vpdportal.how_often import SENDING, seconds_to_wait

OWNER = Signer(salt="report-form-owner")
PAGE = Signer(salt="page-of-a-draft")


def keep_typed(request: PortalRequest, draft: Draft, form: StepForm) -> Draft | HttpResponse | None:
    """The draft with what was typed, or the answer when that is all: a page that keeps by itself, or too late.

    None when it cannot be kept. That is an error of the form now, and the form has to come back, whatever the button:
    what was typed is nowhere else.
    """
    seen, page = _number(request.POST.get("seen")), request.POST.get("page", "")[:32]
    kept = Kept(form.slug, form.typed(request.POST), seen, page)
    is_choice = not wants_json(request)
    try:
        draft = _keep(request, draft, kept, is_choice)
    except Draft.DoesNotExist:
        return sent_or_gone(request, draft.pk, form)
    except Refused as refused:
        if wants_json(request):
            return JsonResponse({"error": str(refused)}, status=409 if isinstance(refused, ChangedElsewhere) else 400)
        form.add_error(refused.field if isinstance(refused, TooMuchText) else None, str(refused))
        return None
    if wants_json(request):
        saved = timezone.localtime(draft.saved_at).strftime("%H:%M")
        return JsonResponse({"saved": saved, "revision": draft.revision})
    return draft


def _keep(request: PortalRequest, draft: Draft, kept: Kept, is_choice: bool) -> Draft:
    """Keep it, in a draft that begins again if another tab threw it away. Raises Draft.DoesNotExist if it was sent."""
    try:
        return keep_answers(draft=draft, kept=kept, by=request.user, now=request.now, is_choice=is_choice)
    except Draft.DoesNotExist:
        if not is_choice or sent_as(request, draft.pk):
            raise
    again = start_draft(
        key=draft.pk,
        organisation=draft.organisation,
        kind=ReportKind(draft.kind),
        by=request.user,
        now=request.now,
        location=draft.location,
    )
    messages.warning(
        request,
        _("This report was thrown away meanwhile. What stood on this page is kept again; look at the other steps."),
    )
    return keep_answers(draft=again, kept=kept, by=request.user, now=request.now, is_choice=True)


def own_drafts(request: PortalRequest) -> QuerySet[Draft]:
    """What this person is writing, for the organisations where they may report now."""
    organisations = standing(request.user, request.now).organisations(Right.REPORT)
    mine = Draft.objects.filter(author=request.user, organisation__in=organisations)
    return mine.select_related("organisation", "location__department")


def is_thrown_away(request: PortalRequest, key: UUID) -> bool:
    """Whether this page was kept before, and what it keeps is there no more: then it does not come back by itself."""
    was_kept = _number(request.POST.get("seen")) > 0
    return was_kept and not Draft.objects.filter(pk=key, author=request.user).exists()


def stopped(request: PortalRequest) -> HttpResponse:
    """To where what is not sent yet is listed: an adviser's start is another page."""
    messages.success(request, _("It is kept for 14 days. You find it at the start, and only you can see it."))
    is_desk = standing(request.user, request.now).may(Right.WORK_CASES)
    return redirect("report" if is_desk else "home")


def say_old_page(request: PortalRequest) -> None:
    messages.warning(request, _("This page was open for long. Nothing is lost: check it and go on."))


def refuse(form: StepForm, refused: Refused) -> None:
    """Put a refusal of sending with the field that can mend it."""
    name = None
    if isinstance(refused, IsAParty | NotAColleague | NobodyElse):
        names = [one for one in (KEPT_OUT_EMAIL, KEPT_OUT) if form.cleaned_data.get(one)]
        name = next(iter(names), None)
    form.add_error(name, str(refused))


def must_wait(request: PortalRequest, form: StepForm) -> int:
    """After how many seconds this person may send a report again: 0 is now, else the form says so. The draft stays."""
    seconds = seconds_to_wait(request, SENDING)
    if seconds:
        sentence = _("You sent very many reports. This one is kept, but not sent yet: send it in %(minutes)s minutes.")
        form.add_error(None, sentence % {"minutes": -(-seconds // 60)})
    return seconds


def after(seconds: int, response: HttpResponse) -> HttpResponse:
    """The answer, with when to try again."""
    response["Retry-After"] = str(seconds)
    return response


def mark_of(draft: Draft) -> str:
    """What a page of a draft carries, so that the draft can begin again if it is thrown away while someone types."""
    names = ("pk", "author_id", "organisation_id", "location_id")
    return PAGE.sign_object([str(getattr(draft, name) or "") for name in names])


def thrown_away(request: PortalRequest, pk: UUID) -> Draft | None:
    """The draft that this page was opened for, as it began and not stored; none for a page made up or of another."""
    try:
        key, author, organisation_id, location_id = PAGE.unsign_object(request.POST.get("mark", ""))
    except (BadSignature, ValueError):
        return None
    organisations = standing(request.user, request.now).organisations(Right.REPORT)
    organisation = next((one for one in organisations if str(one.pk) == organisation_id), None)
    if key != str(pk) or author != str(request.user.pk) or organisation is None:
        return None
    places = Location.objects.filter(organisation=organisation).select_related("department")
    location = places.filter(pk=location_id).first() if location_id else None
    return Draft(pk=pk, author=request.user, organisation=organisation, location=location)


def is_own(request: HttpRequest) -> bool:
    """Whether this person opened the form that was sent: what another typed is not shown to the next one."""
    try:
        return OWNER.unsign(request.POST.get("owner", "")) == str(request.user.pk)
    except BadSignature:
        return False


def _number(text: Any) -> int:
    return int(text) if str(text).isascii() and str(text).isdigit() and len(str(text)) < 10 else 0
