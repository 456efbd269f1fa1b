"""Reporting without signal: the page that a device keeps, the lock for it, and taking in what was typed."""

import hashlib
import json
from functools import cache
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incidents.actions.additions import Addition, add_to_report
from incidents.actions.drafts import MOST_CHARACTERS, Kept, bring_in, start_draft
from incidents.actions.locations import location_for
from incidents.actions.offline import NotYourOrganisation, Typed, give_lock, open_typed
from incidents.actions.refusals import Refused
from incidents.actions.report import submit_report
from incidents.forms.offline import HOLDS_BACK, OfflineForm
from incidents.forms.report import STEPS, WholeReport
from incidents.forms.report_seen import CHECK
from incidents.models import Draft, Incident, Location
from incidents.views.places import PortalRequest
from incidents.views.report_pages import desk_of
from incidents.views.too_late import not_in, sent_as
from incidents.vocabulary import ReportKind
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.models import Organisation
from vpdportal.accounts.roles import Right

SHELL = (
    "nlds/portal.css",
    "nlds/figtree.woff2",
    "portal/mark.svg",
    "portal/page.js",
    "portal/parcels.js",
    "portal/offline.js",
)


@login_not_required  # it holds nothing of anyone: a device keeps it, and shows it without signal
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    return render(request, "incidents/offline.html", {"form": OfflineForm(), "most": MOST_CHARACTERS})


@login_not_required
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker. Its version changes with what it keeps."""
    context = {
        "version": _version(),
        "page": reverse("offline"),
        "kept": [static(path) for path in SHELL],
        "sign_out": reverse("sign_out"),
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
    content = {
        "id": str(row.pk),
        "public": public,
        "name": "".join(request.user.name.rpartition(",")[2].split()[:1]),  # the first name only: others may see it
        "alarm": ", ".join(alarms),
        "organisations": [{"id": str(one.pk), "name": one.name} for one in organisations],
    }
    return JsonResponse(content)


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
    except Draft.DoesNotExist:  # sent from another tab at this moment: the next try finds that
        return JsonResponse({"error": _("This is being sent from another tab. It is tried again.")}, status=409)
    except (ValueError, RecursionError):
        return JsonResponse({"error": _("This could not be read. Try again.")}, status=400)


def _take_in(request: PortalRequest, typed: Typed, is_ready: bool) -> dict[str, str]:
    """Where it is now. What the person had not asked to send stays a draft, also when it is complete."""
    sent = sent_as(request, typed.key)
    if sent:
        return _added(request, sent, typed)
    draft = _kept(request, typed, typed.key)
    whole = WholeReport(draft.content.answers, desk_of(request, draft))
    both = [step.slug for step in STEPS if draft.content.earlier.keys() & step.base_fields.keys()]
    unfinished = [slug for slug in whole.forms if slug in {*whole.unfinished, *both}]
    if not is_ready or unfinished or not whole.is_valid or typed.answers.get(HOLDS_BACK):
        return _as_draft(draft, next(iter(unfinished), CHECK))
    sent = submit_report(
        report=whole.report(),
        idempotency_key=draft.pk,
        by=request.user,
        now=request.now,
        revision=draft.revision,
    )
    return _as_sent(sent)


def _added(request: PortalRequest, sent: Incident, typed: Typed) -> dict[str, str]:
    """What was typed on after it was sent is added; where nothing can be added any more it is a draft of its own."""
    desk = desk_of(request, None, organisation=sent.organisation)
    told = [told for step in STEPS for told in not_in(sent, step.judging(typed.answers, desk))]
    text = "\n\n".join(f"{label}: {words}" for label, words in told)
    if not text:
        return _as_sent(sent)
    key = uuid5(typed.key, text)
    try:
        add_to_report(incident=sent, addition=Addition(key, text), by=request.user, now=request.now)
    except Refused:
        return _as_draft(_kept(request, typed, key), CHECK)
    return _as_sent(sent)


def _as_sent(sent: Incident) -> dict[str, str]:
    return {"sent": reverse("report_status", args=[sent.pk]), "number": sent.reference}


def _as_draft(draft: Draft, slug: str) -> dict[str, str]:
    return {"draft": reverse("report_step", args=[draft.pk, slug])}


def _kept(request: PortalRequest, typed: Typed, key: UUID) -> Draft:
    location, organisation = _place(request, typed)
    with transaction.atomic():  # what is refused leaves no empty draft behind
        draft = start_draft(
            key=key,
            organisation=organisation,
            kind=ReportKind.INCIDENT,
            by=request.user,
            now=request.now,
            location=location,
        )
        for step in STEPS:
            answers = {name: values for name, values in typed.answers.items() if name in step.base_fields}
            if answers:
                draft = bring_in(draft=draft, kept=Kept(step.slug, answers), by=request.user, now=request.now)
    return draft


def _place(request: PortalRequest, typed: Typed) -> tuple[Location | None, Organisation]:
    """The poster and its organisation, else the one that was chosen, else the only one. Raises NotYourOrganisation."""
    organisations = standing(request.user, request.now).organisations(Right.REPORT)
    location = location_for("".join(typed.answers.get("plek", [])[:1]), organisations)
    if location:
        return location, location.organisation
    chosen = typed.answers.get("organisation", [])
    possible = [one for one in organisations if str(one.pk) in chosen or not chosen]
    if len(possible) != 1:
        raise NotYourOrganisation
    return None, possible[0]


@cache
def _version() -> str:
    content = b"".join((settings.BASE_DIR / "static" / path).read_bytes() for path in SHELL)
    return hashlib.sha256(content).hexdigest()[:12]
