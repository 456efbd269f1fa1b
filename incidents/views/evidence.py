"""Files of a report: brought in one by one or with a form, taken back, and handed out as downloads only."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incidents.actions.evidence import keep_evidence, name_to_show, remove_waiting, waiting_evidence
from incidents.actions.evidence_copies import COPY_ENDING, COPY_TYPE
from incidents.actions.evidence_files import open_evidence
from incidents.actions.evidence_refusals import FileTooLarge
from incidents.actions.refusals import Refused
from incidents.actions.trail import record_view
from incidents.evidence_kinds import ACCEPTED, limits_sentence, megabytes, most_bytes
from incidents.models import Draft, Evidence, Incident
from incidents.views.keeping import own_drafts
from incidents.views.places import PortalRequest, case_for, followed_for, is_uuid
from incidents.views.signed_out import wants_json
from vpdportal.accounts.access import require
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Right

NEVER_SHOWN_HERE = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass
class Taken:
    """What became of the files that came with a request. `refused`: the name of each, and why."""

    kept: list[Evidence] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


# --- bringing in ------------------------------------------------------------------------------------------------------


@require_POST
@require(Right.REPORT)
def keep(request: PortalRequest, key: UUID) -> HttpResponse:
    """Keep what came in the field "evidence" for one's own draft."""
    draft = _own_draft(request, key)
    taken = _take(request, draft)
    if not taken.kept and not taken.refused:
        taken.refused.append(("", _("Choose a file first.")))
    if wants_json(request):
        content = {
            "files": [_as_data(kept) for kept in taken.kept],
            "errors": [{"name": name, "message": why} for name, why in taken.refused],
        }
        return JsonResponse(content, status=400 if taken.refused else 200)
    for kept in taken.kept:
        messages.success(request, _("Kept: %(name)s.") % {"name": kept.name})
    for name, why in taken.refused:
        messages.error(request, _sentence(name, why))
    return redirect(_way_back(request))


@require_POST
@require(Right.REPORT)
def drop(request: PortalRequest, key: UUID, pk: UUID) -> HttpResponse:
    """Take a file back from one's own draft."""
    _own_draft(request, key)
    is_removed = remove_waiting(evidence_pk=pk, by=request.user, form_key=key)
    if wants_json(request):
        return JsonResponse({"removed": is_removed})
    if is_removed:
        messages.success(request, _("The file is removed."))
    return redirect(_way_back(request))


def change_files(request: PortalRequest, draft: Draft) -> list[str]:
    """For the form around parts/evidence.html: keeps what was chosen, removes the file whose button was pressed.

    Gives a sentence for each file that was refused.
    """
    unwanted = request.POST.get("remove_file", "")
    if is_uuid(unwanted):
        remove_waiting(evidence_pk=UUID(unwanted), by=request.user, form_key=draft.pk)
    return [_sentence(name, why) for name, why in _take(request, draft).refused]


def evidence_context(*, by: User, form_key: UUID) -> dict[str, Any]:
    """What parts/evidence.html shows."""
    return {
        "files": waiting_evidence(by=by, form_key=form_key),
        "evidence_key": form_key,
        "evidence_limits": limits_sentence(),
        "evidence_accept": ACCEPTED,
        "evidence_most": most_bytes(),
        "evidence_too_large": str(FileTooLarge(megabytes(most_bytes()))),
    }


def _take(request: PortalRequest, draft: Draft) -> Taken:
    taken = Taken()
    for upload in request.FILES.getlist("evidence"):
        try:
            kept = keep_evidence(
                upload=upload,
                organisation=draft.organisation,
                by=request.user,
                form_key=draft.pk,
                now=request.now,
            )
        except Refused as refused:
            taken.refused.append((name_to_show(upload.name or ""), str(refused)))
        else:
            taken.kept.append(kept)
    return taken


def _own_draft(request: PortalRequest, key: UUID) -> Draft:
    draft: Draft = get_object_or_404(own_drafts(request), pk=key)
    return draft


def _as_data(kept: Evidence) -> dict[str, Any]:
    return {
        "id": str(kept.pk),
        "name": kept.name,
        "size": kept.size,
        "kind": str(kept.kind_word),
        "about": f"{kept.kind_word} · {filesizeformat(kept.size)} · {kept.get_scan_display()}",
        "own": reverse("evidence_own", args=[kept.form_key, kept.pk]),
        "drop": reverse("evidence_drop", args=[kept.form_key, kept.pk]),
    }


def _sentence(name: str, why: str) -> str:
    return f"{name}: {why}" if name else why


def _way_back(request: PortalRequest) -> str:
    """Where the form said it came from, when that is a page of ours."""
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if wanted and is_ours else reverse("home")


# --- handing out ------------------------------------------------------------------------------------------------------


@require_safe
def own(request: PortalRequest, key: UUID, pk: UUID) -> HttpResponseBase:
    """What one brought oneself, as it was received."""
    mine = Evidence.objects.filter(uploaded_by=request.user, form_key=key)
    kept = get_object_or_404(mine, pk=pk)
    incident = followed_for(request, kept.incident_id) if kept.incident_id else None
    way_back = reverse("report_status", args=[incident.pk]) if incident else reverse("home")
    return _download(request, kept, incident, way_back)


@require_safe
@require(Right.WORK_CASES)
def as_received(request: PortalRequest, pk: UUID, evidence_pk: UUID) -> HttpResponseBase:
    """The original of a case."""
    incident = case_for(request, pk)
    kept = get_object_or_404(incident.evidence, pk=evidence_pk)
    return _download(request, kept, incident, reverse("case_files", args=[incident.pk]))


@require_safe
@require(Right.WORK_CASES)
def view_copy(request: PortalRequest, pk: UUID, evidence_pk: UUID) -> HttpResponseBase:
    """A photo of a case without what the camera wrote into it."""
    incident = case_for(request, pk)
    kept = get_object_or_404(incident.evidence, pk=evidence_pk, has_view_copy=True)
    return _download(request, kept, incident, reverse("case_files", args=[incident.pk]), is_view_copy=True)


def _download(
    request: PortalRequest, kept: Evidence, incident: Incident | None, way_back: str, *, is_view_copy: bool = False
) -> HttpResponseBase:
    """A download under a name of ours, which no browser shows on our address. Who opens it is written down first."""
    if incident:
        record_view(incident=incident, by=request.user, now=request.now, part="evidence")
    try:
        opened = open_evidence(kept, by=request.user, is_view_copy=is_view_copy)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(way_back)
    response = StreamingHttpResponse(opened.pieces, content_type=COPY_TYPE if is_view_copy else kept.content_type)
    number = incident.reference if incident else "VPD"
    ending = f"-copy.{COPY_ENDING}" if is_view_copy else f".{kept.kind.ending}"
    name = f"{number}-{kept.kind.slug}-{str(kept.pk)[:8]}{ending}"
    response["Content-Length"] = str(opened.size)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    for header, value in NEVER_SHOWN_HERE.items():
        response[header] = value
    return response
