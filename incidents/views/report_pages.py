"""The pages of a report that is being written: put together here, changed in incidents.views.report."""

from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import render

from incidents.actions.evidence import waiting_evidence
from incidents.actions.exclusions import people_who_would_see
from incidents.forms.report import ALL_SLUGS, TITLES, WholeReport
from incidents.forms.report_safety import SafetyForm
from incidents.forms.report_seen import CHECK, SeenForm
from incidents.forms.report_start import StartForm
from incidents.forms.steps import Desk, StepForm, as_read
from incidents.models import Draft, Incident
from incidents.views.evidence import evidence_context
from incidents.views.keeping import OWNER, mark_of, own_drafts
from incidents.views.places import PortalRequest, device_mark, is_uuid
from incidents.vocabulary import ReporterIs
from vpdportal.accounts.access import duty_adviser, standing
from vpdportal.accounts.models import Department, Organisation
from vpdportal.accounts.roles import Right, Role


def desk_of(request: PortalRequest, draft: Draft | None, organisation: Organisation | None = None) -> Desk:
    """Who writes, and what is known of them: own department, and the work they named the last time."""
    here = standing(request.user, request.now)
    organisation = draft.organisation if draft else organisation
    assert organisation is not None
    mine = [m for m in here.memberships if m.organisation_id == organisation.pk]
    about_self = {"reporter": request.user, "affected": None, "reporter_is": ReporterIs.SELF}
    last = Incident.objects.own(request.user).filter(**about_self).order_by("-reported_at")
    return Desk(
        user=request.user,
        organisation=organisation,
        now=request.now,
        chosen_department=_chosen_department(draft) if draft else None,
        own_department=next((m.department for m in mine if m.department), None),
        location=draft.location if draft else None,
        usual_target_group=last.values_list("target_group", flat=True).first() or "",
        is_manager=any(m.role == Role.MANAGER for m in mine),
    )


def _chosen_department(draft: Draft) -> Department | None:
    given = "".join(draft.content.answers.get("department", [])[:1])
    if not is_uuid(given):
        return None
    return Department.objects.filter(pk=given, organisation=draft.organisation_id, is_active=True).first()


def start_page(request: PortalRequest, start: StartForm, *, code: str = "", status: int = 200) -> HttpResponse:
    """The first step, with what is not sent yet above it."""
    organisations = standing(request.user, request.now).organisations(Right.REPORT)
    form = SafetyForm(
        request.POST if start.is_bound else None, desk=desk_of(request, None, organisation=organisations[0])
    )
    context = {
        "start": start,
        "form": form,
        "owner": OWNER.sign(str(request.user.pk)),
        "code": code,
        "device_owner": device_mark(request.user),
        "is_code_unknown": bool(code) and start.location is None,
        "drafts": drafts_of(request),
        **_step_of("veilig"),
        **help_of(request, [start.location.organisation] if start.location else organisations),
    }
    return render(request, "incidents/report_start.html", context, status=status)


def step_page(request: PortalRequest, draft: Draft, form: StepForm, status: int = 200) -> HttpResponse:
    content = draft.content
    context = {
        "draft": draft,
        "form": form,
        "mark": mark_of(draft),
        "earlier": earlier_of(draft, form),
        "has_errors": form.is_bound and bool(form.errors),
        **evidence_context(by=request.user, form_key=draft.pk),
        "is_unsafe": content.answers.get("is_safe_now") == ["no"],
        "template": f"incidents/report_step_{form.slug}.html",
        **_step_of(form.slug),
        **help_of(request, [draft.organisation]),
    }
    return render(request, "incidents/report_step.html", context, status=status)


def check_page(request: PortalRequest, draft: Draft, form: StepForm | None = None, status: int = 200) -> HttpResponse:
    """The summary, what is still missing, and who will see it."""
    whole = WholeReport(draft.content.answers, desk_of(request, draft))
    seers = people_who_would_see(draft.organisation, whole.department, request.now, without=[request.user.pk])
    named = set(whole.named([person for person, _role in seers])) if not whole.unfinished else set()
    shown = form or SeenForm.showing(draft.content.answers, whole.seen.desk)
    context = {
        "draft": draft,
        "form": shown,
        "mark": mark_of(draft),
        "has_errors": shown.is_bound and bool(shown.errors),
        "parts": [
            (slug, TITLES[slug], slug not in whole.unfinished, whole.told(slug) if slug not in whole.unfinished else [])
            for slug in whole.forms
        ],
        "is_complete": not whole.unfinished,
        "named": sorted(named, key=lambda person: person.name),
        "files": waiting_evidence(by=request.user, form_key=draft.pk),
        "is_unsafe": draft.content.answers.get("is_safe_now") == ["no"],
        **_step_of(CHECK),
        **help_of(request, [draft.organisation]),
    }
    return render(request, "incidents/report_check.html", context, status=status)


def drafts_of(request: PortalRequest) -> list[tuple[Draft, str]]:
    """What is not sent yet, each with the step to go on with."""
    return [(draft, _next_step(draft)) for draft in own_drafts(request)]


def fresh_page() -> str:
    """A name for the page that is shown, so that it never conflicts with itself."""
    return uuid4().hex


def _next_step(draft: Draft) -> str:
    """Where to go on: the step after the last one that was passed."""
    passed = [ALL_SLUGS.index(slug) for slug in draft.content.steps if slug in ALL_SLUGS]
    return ALL_SLUGS[min(max(passed, default=-1) + 1, len(ALL_SLUGS) - 1)]


def _step_of(slug: str) -> dict[str, Any]:
    return {
        "slug": slug,
        "page": fresh_page(),
        "step_title": TITLES[slug],
        "step_number": ALL_SLUGS.index(slug) + 1,
        "step_count": len(ALL_SLUGS),
    }


def help_of(request: PortalRequest, organisations: list[Organisation]) -> dict[str, Any]:
    """Whom to call, at each step."""
    return {"places": [(one, duty_adviser(one.pk, request.now)) for one in organisations]}


def earlier_of(draft: Draft, form: StepForm) -> list[tuple[str, str]]:
    """What another tab wrote in the fields of this step, by label, to be looked at."""
    found = draft.content.earlier
    return [
        (str(field.label), text)
        for name, field in form.fields.items()
        if name in found and (text := as_read(field, found[name]))
    ]
