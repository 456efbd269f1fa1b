"""Reporting without signal: the page that a device keeps, the lock for it, and taking in what was typed."""

import hashlib
import json
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incidents.actions.drafts import Kept, keep_answers, start_draft
from incidents.actions.locations import location_for
from incidents.actions.offline import Typed, give_lock, open_typed
from incidents.actions.refusals import Refused
from incidents.actions.report import submit_report
from incidents.forms.offline import OfflineForm
from incidents.forms.report import STEPS, WholeReport
from incidents.forms.report_seen import CHECK
from incidents.models import Draft, Incident
from incidents.views.places import PortalRequest
from incidents.views.report_pages import desk_of
from incidents.vocabulary import ReportKind
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.roles import Right

SHELL = (
    "nlds/portal.css",
    "nlds/figtree.woff2",
    "portal/mark.svg",
    "portal/report.js",
    "portal/parcels.js",
    "portal/offline.js",
)


@login_not_required  # it holds nothing of anyone: a device keeps it, and shows it without signal
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    return render(request, "incidents/offline.html", {"form": OfflineForm()})


@login_not_required
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker. Its version changes with what it keeps."""
    context = {
        "version": _version(),
        "page": reverse("offline"),
        "kept": [static(path) for path in SHELL],
    }
    response = render(request, "portal/worker.js", context, content_type="text/javascript")
    response.headers["Service-Worker-Allowed"] = "/"
    response.headers["Cache-Control"] = "no-cache"
    return response


@login_not_required
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What makes the portal installable."""
    content = {
        "name": _("VPD portal"),
        "short_name": "VPD",
        "start_url": reverse("report"),
        "scope": "/",
        "display": "standalone",
        "lang": "nl",
        "background_color": "#ffffff",
        "theme_color": "#154273",
        "icons": [{"src": static("portal/mark.svg"), "sizes": "any", "type": "image/svg+xml"}],
    }
    return JsonResponse(content, content_type="application/manifest+json")


@login_not_required  # it answers a stranger, too: that there is a signal, but no sign-in
@require_safe
def state(request: PortalRequest) -> HttpResponse:
    """Whether there is a signal and a sign-in; then the token with which to send."""
    if not request.user.is_authenticated:
        return JsonResponse({"error": "signed_out"}, status=401)
    return JsonResponse({"token": get_token(request)})


@require_POST
@require(Right.REPORT)
def lock(request: PortalRequest) -> HttpResponse:
    """The public half of a new lock for this device, and what its page shows without signal."""
    row, public = give_lock(to=request.user, now=request.now)
    organisations = standing(request.user, request.now).organisations(Right.REPORT)
    alarms = [one.internal_alarm for one in organisations if one.internal_alarm]
    choices = [{"id": str(one.pk), "name": one.name} for one in organisations]
    return JsonResponse({"id": str(row.pk), "public": public, "alarm": ", ".join(alarms), "organisations": choices})


@require_POST
@require(Right.REPORT)
def receive(request: PortalRequest) -> HttpResponse:
    """Take in one report that a device kept: sent when it is complete, else a draft to go on with. Once."""
    try:
        parcel: Any = json.loads(request.body)
        parcel = parcel if isinstance(parcel, dict) else {}
        typed = open_typed(parcel=parcel, by=request.user)
        return JsonResponse(_take_in(request, typed, is_ready=parcel.get("isReady") is True))
    except Refused as refused:
        return JsonResponse({"error": str(refused)}, status=409)
    except ValueError:
        return JsonResponse({"error": _("This could not be read. Try again.")}, status=400)


def _take_in(request: PortalRequest, typed: Typed, is_ready: bool) -> dict[str, str]:
    """Where it is now. What the person had not asked to send stays a draft, also when it is complete."""
    sent = Incident.objects.own(request.user).filter(reporter=request.user, idempotency_key=typed.key).first()
    if sent is None:
        draft = _kept(request, typed)
        whole = WholeReport(draft.content.answers, desk_of(request, draft))
        if not (is_ready and whole.is_valid):
            following = whole.unfinished[0] if whole.unfinished else CHECK
            return {"draft": reverse("report_step", args=[draft.pk, following])}
        sent = submit_report(report=whole.report(), idempotency_key=draft.pk, by=request.user, now=request.now)
    return {"sent": reverse("report_status", args=[sent.pk]), "number": sent.reference}


def _kept(request: PortalRequest, typed: Typed) -> Draft:
    organisations = standing(request.user, request.now).organisations(Right.REPORT)
    chosen = typed.answers.get("organisation", [])
    location = location_for("".join(typed.answers.get("plek", [])[:1]), organisations)
    draft = start_draft(
        key=typed.key,
        organisation=next((one for one in organisations if str(one.pk) in chosen), organisations[0]),
        kind=ReportKind.INCIDENT,
        by=request.user,
        now=request.now,
        location=location,
    )
    for step in STEPS:
        answers = {name: values for name, values in typed.answers.items() if name in step.base_fields}
        if answers:
            kept = Kept(step.slug, answers, draft.revision)
            draft = keep_answers(draft=draft, kept=kept, by=request.user, now=request.now, is_choice=True)
    return draft


@cache
def _version() -> str:
    content = b"".join((settings.BASE_DIR / "static" / path).read_bytes() for path in SHELL)
    return hashlib.sha256(content).hexdigest()[:12]
