"""Reporting in steps. Each step is kept before anything else happens; a report is a draft until it is sent, once."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from incidents.actions.drafts import Kept, keep_answers, start_draft, throw_away
from incidents.actions.locations import location_for
from incidents.actions.refusals import Refused
from incidents.actions.report import submit_report
from incidents.forms.report import ALL_SLUGS, SLUGS, STEPS, WholeReport
from incidents.forms.report_safety import SafetyForm
from incidents.forms.report_seen import CHECK, SeenForm
from incidents.forms.report_start import StartForm
from incidents.forms.steps import StepForm
from incidents.models import Draft
from incidents.views.evidence import change_files
from incidents.views.keeping import (
    after,
    is_own,
    keep_typed,
    must_wait,
    own_drafts,
    refuse,
    say_old_page,
    stopped,
    thrown_away,
)
from incidents.views.places import PortalRequest
from incidents.views.report_pages import check_page, desk_of, start_page, step_page
from incidents.views.signed_out import sign_in_and_go_on
from incidents.views.too_late import left_of, sent_as, sent_or_gone
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
    draft = Draft.objects.filter(pk=pk, author=request.user).first()
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
    if not is_own(request):
        messages.warning(request, _("This form was opened by someone else, so it was not sent. Start a new one."))
        return start_page(request, StartForm(organisations=organisations, location=location), code=code)
    if getattr(request, "is_old_page", False):
        say_old_page(request)
        return start_page(request, start, code=code, status=403)
    if not start.is_valid():
        return start_page(request, start, code=code, status=400)
    key, organisation = start.cleaned_data["key"], start.cleaned_data["organisation"]
    if sent := sent_as(request, key):
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
    try:
        keep_answers(draft=draft, kept=kept, by=request.user, now=request.now, is_choice=True)
    except Refused as refused:
        start.add_error(None, str(refused))
        return start_page(request, start, code=code, status=400)
    return redirect("report_step", pk=draft.pk, slug=SLUGS[1])


@require(Right.REPORT)
def _step(request: PortalRequest, pk: UUID, slug: str) -> HttpResponse:
    if slug not in ALL_SLUGS:
        raise Http404
    draft = own_drafts(request).filter(pk=pk, kind=ReportKind.INCIDENT).first()
    if draft is None and (left := _left(request, pk)):
        return left_of(request, left, FORMS[slug](request.POST or None, desk=desk_of(request, left)))
    if draft is None and request.method == "POST":
        draft = thrown_away(request, pk)
    if draft is None:
        return sent_or_gone(request, pk)
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
    if "remove_file" in request.POST:
        wish = "add_files"
    form = FORMS[slug](request.POST, desk=desk_of(request, draft))
    if getattr(request, "is_old_page", False):
        say_old_page(request)
        return _page(request, draft, form, 403)
    kept = keep_typed(request, draft, form)
    if isinstance(kept, HttpResponse):
        return kept
    refused = change_files(request, draft)
    if kept is None:
        return _page(request, draft, _with_refused_files(form, refused), 400)
    if kept.content.earlier.keys() & form.fields.keys():
        return _page(request, kept, _with_refused_files(form, refused), 409)
    if wish in {"back", "later"}:
        for sentence in refused:
            messages.error(request, sentence)
    elif refused or wish == "add_files":
        form.errors.clear()  # the answers are not judged yet
        return _page(request, kept, _with_refused_files(form, refused), 400 if refused else 200)
    return _go(request, kept, form, wish)


def _with_refused_files(form: StepForm, refused: list[str]) -> StepForm:
    for sentence in refused:
        form.add_error(None, sentence)
    return form


def _go(request: PortalRequest, draft: Draft, form: StepForm, wish: str) -> HttpResponse:
    """Where the button leads."""
    slug = form.slug
    place = ALL_SLUGS.index(slug)
    if wish == "back":
        return redirect("report_step", pk=draft.pk, slug=ALL_SLUGS[max(place - 1, 0)])
    if wish == "later":
        return stopped(request)
    if wish == "resume":
        form = FORMS[slug].showing(draft.content.answers, desk_of(request, draft)) if not form.errors else form
        return _page(request, draft, form, 200)
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
    if seconds := must_wait(request, form):
        return after(seconds, check_page(request, draft, form, 429))
    try:
        incident = submit_report(
            report=whole.report(),
            idempotency_key=draft.pk,
            by=request.user,
            now=request.now,
            revision=draft.revision,
        )
    except Refused as refused:
        refuse(form, refused)
        fresh = own_drafts(request).filter(pk=draft.pk).first()  # with what another tab kept meanwhile
        return check_page(request, fresh or draft, form, 409)
    messages.success(request, _("Thank you for reporting this. It has come in safely."))
    return redirect("report_status", pk=incident.pk)


def _page(request: PortalRequest, draft: Draft, form: StepForm, status: int) -> HttpResponse:
    if form.slug == CHECK:
        return check_page(request, draft, form, status)
    return step_page(request, draft, form, status)


def _left(request: PortalRequest, pk: UUID) -> Draft | None:
    """Their own draft, for an organisation where they may not report any more. Call it when own_drafts has none."""
    mine = Draft.objects.filter(pk=pk, author=request.user, kind=ReportKind.INCIDENT)
    found: Draft | None = mine.select_related("organisation").first()
    return found
