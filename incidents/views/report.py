"""Reporting in steps. Each step is kept before anything else happens; a report is a draft until it is sent, once."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.signing import BadSignature
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from incidents.actions.drafts import ChangedElsewhere, Kept, keep_answers, start_draft, throw_away
from incidents.actions.evidence import keep_evidence
from incidents.actions.locations import location_for
from incidents.actions.refusals import Refused
from incidents.actions.report import submit_report
from incidents.forms.report import ALL_SLUGS, SLUGS, STEPS, WholeReport
from incidents.forms.report_safety import SafetyForm
from incidents.forms.report_seen import CHECK, SeenForm
from incidents.forms.report_start import StartForm
from incidents.forms.steps import StepForm
from incidents.models import Draft, Incident
from incidents.views.places import PortalRequest
from incidents.views.report_pages import OWNER, check_page, desk_of, start_page, step_page
from incidents.views.signed_out import sign_in_and_go_on, wants_json
from incidents.vocabulary import ReportKind
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.roles import Right

FORMS: dict[str, type[StepForm]] = {step.slug: step for step in STEPS} | {CHECK: SeenForm}


@login_not_required  # an ended session must not cost the text
@require_http_methods(["GET", "HEAD", "POST"])
def new_report(request: PortalRequest) -> HttpResponseBase:
    return _start(request) if request.user.is_authenticated else sign_in_and_go_on(request)


@login_not_required  # an ended session must not cost the text
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: PortalRequest, pk: UUID, slug: str) -> HttpResponseBase:
    return _step(request, pk, slug) if request.user.is_authenticated else sign_in_and_go_on(request)


@require_POST
@require(Right.REPORT)
def drop(request: PortalRequest, pk: UUID) -> HttpResponse:
    draft = _own_draft(request, pk)
    if draft:
        throw_away(draft=draft, by=request.user)
        messages.success(request, _("It is thrown away. Nobody has seen it."))
    return redirect("report")


@require(Right.REPORT)
def _start(request: PortalRequest) -> HttpResponse:
    organisations = standing(request.user, request.now).organisations(Right.REPORT)
    code = request.POST.get("plek") or request.GET.get("plek") or ""
    location = location_for(code, organisations) if code else None
    start = StartForm(request.POST or None, organisations=organisations, location=location)
    if request.method != "POST":
        return start_page(request, start, code=code)
    if not _is_own(request):
        messages.warning(request, _("This form was opened by someone else, so it was not sent. Start a new one."))
        return start_page(request, StartForm(organisations=organisations, location=location), code=code)
    if getattr(request, "is_old_page", False) or not start.is_valid():
        return start_page(request, start, code=code, status=403 if start.is_valid() else 400)
    key, organisation = start.cleaned_data["key"], start.cleaned_data["organisation"]
    if sent := _sent_as(request, key):
        return redirect("report_status", pk=sent.pk)
    draft = start_draft(
        key=key,
        organisation=organisation,
        kind=ReportKind.INCIDENT,
        by=request.user,
        now=request.now,
        location=location,
    )
    form = SafetyForm(request.POST, desk=desk_of(request, draft))
    kept = Kept(form.slug, form.typed(request.POST), draft.revision)
    keep_answers(draft=draft, kept=kept, by=request.user, now=request.now, is_choice=True)
    return redirect("report_step", pk=draft.pk, slug=SLUGS[1])


@require(Right.REPORT)
def _step(request: PortalRequest, pk: UUID, slug: str) -> HttpResponse:
    draft = _own_draft(request, pk)
    if slug not in ALL_SLUGS:
        raise Http404
    if draft is None:
        return _sent_or_gone(request, pk)
    if request.method == "POST":
        return _posted(request, draft, slug)
    if slug == CHECK:
        return check_page(request, draft)
    answers = draft.content.answers
    is_judged = "fouten" in request.GET and slug in draft.content.steps
    build = FORMS[slug].judging if is_judged else FORMS[slug].showing
    return step_page(request, draft, build(answers, desk_of(request, draft)))


def _posted(request: PortalRequest, draft: Draft, slug: str) -> HttpResponse:
    """Keep what was typed, then do what the button says."""
    wish = "resume" if request.POST.get("resume") else request.POST.get("go", "next")
    form = FORMS[slug](request.POST, desk=desk_of(request, draft))
    if getattr(request, "is_old_page", False):
        messages.warning(request, _("This page was open for long. Nothing is lost: check it and go on."))
        return _page(request, draft, form, 403)
    seen, page = _number(request.POST.get("seen")), request.POST.get("page", "")[:32]
    kept = Kept(slug, form.typed(request.POST), seen, page)
    is_choice = not wants_json(request)
    try:
        draft = keep_answers(draft=draft, kept=kept, by=request.user, now=request.now, is_choice=is_choice)
    except Draft.DoesNotExist:
        return _sent_or_gone(request, draft.pk)
    except Refused as refused:
        if wants_json(request):
            status = 409 if isinstance(refused, ChangedElsewhere) else 400
            return JsonResponse({"error": str(refused)}, status=status)
        form.add_error(None, str(refused))
        return _page(request, draft, form, 400)
    if wants_json(request):
        return JsonResponse({"saved": _hour(draft.saved_at), "revision": draft.revision})
    _keep_files(request, draft, form)
    if draft.content.earlier.keys() & form.fields.keys():
        return _page(request, draft, form, 409)
    return _go(request, draft, form, wish)


def _go(request: PortalRequest, draft: Draft, form: StepForm, wish: str) -> HttpResponse:
    """Where the button leads."""
    slug = form.slug
    place = ALL_SLUGS.index(slug)
    if wish == "back":
        return redirect("report_step", pk=draft.pk, slug=ALL_SLUGS[max(place - 1, 0)])
    if wish == "later":
        messages.success(request, _("It is kept for 14 days. You find it at the start, and only you can see it."))
        return redirect("home")
    if wish in {"resume", "add_files"}:
        form = FORMS[slug].showing(draft.content.answers, desk_of(request, draft)) if not form.errors else form
        return _page(request, draft, form, 400 if form.errors and wish == "add_files" else 200)
    if not form.is_valid():
        return _page(request, draft, form, 400)
    if slug == CHECK:
        return _send(request, draft, form)
    following = CHECK if wish == "check" else ALL_SLUGS[place + 1]
    return redirect("report_step", pk=draft.pk, slug=following)


def _send(request: PortalRequest, draft: Draft, form: StepForm) -> HttpResponse:
    whole = WholeReport(draft.content.answers, desk_of(request, draft))
    if not whole.is_valid:
        return check_page(request, draft, form, 400)
    try:
        incident = submit_report(report=whole.report(), idempotency_key=draft.pk, by=request.user, now=request.now)
    except Refused as refused:
        form.add_error(None, str(refused))
        return check_page(request, draft, form, 409)
    messages.success(request, _("Thank you for reporting this. It has come in safely."))
    return redirect("report_status", pk=incident.pk)


def _page(request: PortalRequest, draft: Draft, form: StepForm, status: int) -> HttpResponse:
    if form.slug == CHECK:
        return check_page(request, draft, form, status)
    return step_page(request, draft, form, status)


def _keep_files(request: PortalRequest, draft: Draft, form: StepForm) -> None:
    """Keep each file that came with the step, also when something else has to be mended first."""
    for upload in request.FILES.getlist("evidence"):
        try:
            keep_evidence(
                upload=upload,
                organisation=draft.organisation,
                by=request.user,
                form_key=draft.pk,
                now=request.now,
            )
        except Refused as refused:
            form.add_error(None, f"{upload.name}: {refused}")


def _own_draft(request: PortalRequest, pk: UUID) -> Draft | None:
    found: Draft | None = (
        Draft.objects.filter(pk=pk, author=request.user, kind=ReportKind.INCIDENT)
        .select_related("organisation", "location__department")
        .first()
    )
    return found


def _sent_as(request: PortalRequest, key: UUID) -> Incident | None:
    found: Incident | None = (
        Incident.objects.own(request.user).filter(reporter=request.user, idempotency_key=key).first()
    )
    return found


def _sent_or_gone(request: PortalRequest, key: UUID) -> HttpResponse:
    """What was sent from another tab, or by the first of two clicks, is shown; what never was is not there."""
    sent = _sent_as(request, key)
    if sent is None:
        raise Http404
    if wants_json(request):
        return JsonResponse({"error": "sent", "status": reverse("report_status", args=[sent.pk])}, status=410)
    return redirect("report_status", pk=sent.pk)


def _is_own(request: HttpRequest) -> bool:
    """Whether this person opened the form that was sent: what another typed is not shown to the next one."""
    try:
        return OWNER.unsign(request.POST.get("owner", "")) == str(request.user.pk)
    except BadSignature:
        return False


def _number(text: Any) -> int:
    return int(text) if str(text).isascii() and str(text).isdigit() and len(str(text)) < 10 else 0


def _hour(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%H:%M")
