"""Reporting a near miss: one page, kept while it is typed and sent once, as any report."""

from dataclasses import replace
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from incidents.actions.drafts import start_draft
from incidents.actions.locations import location_for
from incidents.actions.near_miss import make_incident_of_near_miss
from incidents.actions.refusals import Refused
from incidents.actions.report import submit_report
from incidents.forms.near_miss import NearMissForm
from incidents.forms.report_start import StartForm
from incidents.forms.steps import Desk, StepForm
from incidents.models import Draft, Location
from incidents.views.keeping import (
    OWNER,
    after,
    is_own,
    is_thrown_away,
    keep_typed,
    must_wait,
    own_drafts,
    refuse,
    say_old_page,
    stopped,
)
from incidents.views.places import PortalRequest, case_for, is_uuid
from incidents.views.report_pages import desk_of, earlier_of, fresh_page, help_of
from incidents.views.signed_out import sign_in_and_go_on, wants_json
from incidents.views.too_late import sent_as, sent_or_gone
from incidents.vocabulary import ReportKind
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.models import Organisation
from vpdportal.accounts.roles import Right


@login_not_required  # an ended session must not cost the text
@require_http_methods(["GET", "HEAD", "POST"])
def near_miss(request: PortalRequest) -> HttpResponseBase:
    return _near_miss(request) if request.user.is_authenticated else sign_in_and_go_on(request)


@require(Right.REPORT)
def _near_miss(request: PortalRequest) -> HttpResponse:
    organisations = standing(request.user, request.now).organisations(Right.REPORT)
    code = request.POST.get("plek") or request.GET.get("plek") or ""
    location = location_for(code, organisations) if code else None
    begun = _begun(request, request.GET.get("concept", ""))
    if request.method != "POST" and not (location or begun):
        organisations = _asked_for(request, organisations)
        if len(organisations) > 1:
            return _choose(request, organisations)
    start = StartForm(request.POST or None, organisations=organisations, location=location)
    if request.method != "POST":
        desk = desk_of(request, begun) if begun else _fresh_desk(request, location, organisations)
        answers = begun.content.answers if begun else {}
        return _page(request, start, NearMissForm.showing(answers, desk), begun)
    if not is_own(request):
        messages.warning(request, _("This form was opened by someone else, so it was not sent. Start a new one."))
        return redirect("near_miss")
    is_old_page = getattr(request, "is_old_page", False)
    if is_old_page:
        say_old_page(request)
    if not start.is_valid() or is_old_page:
        chosen = start.cleaned_data.get("organisation")
        form = NearMissForm(request.POST, desk=_fresh_desk(request, location, [chosen] if chosen else organisations))
        return _page(request, start, form, None, 403 if is_old_page else 400)
    key = start.cleaned_data["key"]
    if sent := sent_as(request, key):
        desk = desk_of(request, None, organisation=sent.organisation)
        return sent_or_gone(request, key, NearMissForm(request.POST, desk=desk))
    if wants_json(request) and is_thrown_away(request, key):
        return sent_or_gone(request, key)
    draft = start_draft(
        key=key,
        organisation=location.organisation if location else start.cleaned_data["organisation"],
        kind=ReportKind.NEAR_MISS,
        by=request.user,
        now=request.now,
        location=location,
    )
    return _posted(request, start, draft)


def _posted(request: PortalRequest, start: StartForm, draft: Draft) -> HttpResponse:
    form = NearMissForm(request.POST, desk=desk_of(request, draft))
    kept = keep_typed(request, draft, form)
    if kept is None:
        return _page(request, start, form, draft, 400)
    if isinstance(kept, HttpResponse):
        return kept
    if request.POST.get("go") == "later":
        return stopped(request)
    if request.POST.get("resume"):
        return _page(request, start, form, kept)
    if kept.content.earlier.keys() & form.fields.keys():
        return _page(request, start, form, kept, 409)
    if not form.is_valid():
        return _page(request, start, form, kept, 400)
    if seconds := must_wait(request, form):
        return after(seconds, _page(request, start, form, kept, 429))
    try:
        incident = submit_report(
            report=form.report(),
            idempotency_key=kept.pk,
            by=request.user,
            now=request.now,
            revision=kept.revision,
        )
    except Refused as refused:
        refuse(form, refused)
        return _page(request, start, form, kept, 409)
    messages.success(request, _("Thank you for reporting this. It has come in safely."))
    return redirect("report_status", pk=incident.pk)


@require_POST
@require(Right.WORK_CASES)
def become_incident(request: PortalRequest, pk: UUID) -> HttpResponse:
    incident = case_for(request, pk)
    try:
        make_incident_of_near_miss(incident=incident, by=request.user, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("It is an incident now, and the menu was asked again."))
    return redirect("case", pk=incident.pk)


def _asked_for(request: PortalRequest, organisations: list[Organisation]) -> list[Organisation]:
    """The organisation that was chosen, so that its departments stand on the page; all when none was."""
    return [one for one in organisations if one.slug == request.GET.get("organisatie")] or organisations


def _choose(request: PortalRequest, organisations: list[Organisation]) -> HttpResponse:
    places = [(one, f"{reverse('near_miss')}?{urlencode({'organisatie': one.slug})}") for one in organisations]
    return render(request, "incidents/choose.html", {"places": places})


def _fresh_desk(request: PortalRequest, location: Location | None, organisations: list[Organisation]) -> Desk:
    """Of a page on which nothing was typed yet, with the place of a poster filled in."""
    organisation = location.organisation if location else organisations[0]
    return replace(desk_of(request, None, organisation=organisation), location=location)


def _begun(request: PortalRequest, key: str) -> Draft | None:
    mine = own_drafts(request).filter(kind=ReportKind.NEAR_MISS)
    return mine.filter(pk=key).first() if is_uuid(key) else None


def _page(
    request: PortalRequest, start: StartForm, form: StepForm, draft: Draft | None, status: int = 200
) -> HttpResponse:
    if draft and not start.is_bound:
        start.go_on_with(draft)
    context = {
        "start": start,
        "form": form,
        "draft": draft,
        "key": draft.pk if draft else start["key"].value(),
        "earlier": earlier_of(draft, form) if draft else [],
        "has_errors": form.is_bound and bool(form.errors or start.errors),
        "owner": OWNER.sign(str(request.user.pk)),
        "page": fresh_page(),
        **help_of(request, [form.desk.organisation]),
    }
    return render(request, "incidents/near_miss.html", context, status=status)
