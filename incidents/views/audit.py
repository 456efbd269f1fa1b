"""For the data protection officer: who saw and changed what, whether the log is whole, and taking it along."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from incidents.actions.keeping.terms import terms_of
from incidents.actions.log_export import LogFile, export_log
from incidents.actions.refusals import Refused
from incidents.forms.audit import LogExportForm, LogFilterForm
from incidents.models import LogReview
from incidents.overview import log_files
from incidents.overview.audit_log import (
    Line,
    LogPage,
    events_for,
    hidden_from_reader,
    lines_of,
    narrowed,
    page_of,
    people_named,
)
from incidents.views.places import PortalRequest, organisation_for
from incidents.views.who_looked import PARTS
from incidents.vocabulary.audit import VIEWED
from incidents.vocabulary.audit_details import detail_of
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.models import Organisation
from vpdportal.accounts.roles import Right
from vpdportal.accounts.signing_in.again import proven_recently
from vpdportal.audit.chain import Verdict, record, verify
from vpdportal.audit.models import AuditEvent

WRITERS = {LogFile.CSV: log_files.as_csv, LogFile.ODS: log_files.as_ods}
TYPES = {LogFile.CSV: "text/csv; charset=utf-8", LogFile.ODS: "application/vnd.oasis.opendocument.spreadsheet"}


@require_safe
@require(Right.SEE_AUDIT)
def choose(request: PortalRequest) -> HttpResponse:
    organisations = standing(request.user, request.now).organisations(Right.SEE_AUDIT)
    places = [(organisation, reverse("audit_log", args=[organisation.slug])) for organisation in organisations]
    if len(places) == 1:
        return redirect(places[0][1])
    return render(request, "incidents/choose.html", {"places": places, "subject": "audit"})


@require_safe
@require(Right.SEE_AUDIT)
def log(request: PortalRequest, slug: str) -> HttpResponse:
    """The newest events that fit; reading the log is itself logged.

    An auditor who is kept out of a case sees no event of it, also not in a number; the check still reads every event.
    """
    return _show(request, organisation_for(request, slug, Right.SEE_AUDIT))


@require_POST
@require(Right.SEE_AUDIT)
@proven_recently
def export(request: PortalRequest, slug: str) -> HttpResponse:
    """What fits the filters of the address, as a file."""
    found = organisation_for(request, slug, Right.SEE_AUDIT)
    filters, form = _filters(request, found), LogExportForm(request.POST)
    if not (filters.is_valid() and form.is_valid()):
        return _show(request, found, form, 400)
    file = LogFile(form.cleaned_data["file"])
    try:
        rows = export_log(
            events=_events(request, found, filters),
            filters=filters.used,
            file=file,
            organisation=found,
            by=request.user,
            now=request.now,
        )
    except Refused as refused:
        messages.error(request, str(refused))
        return _show(request, found, form, 409)
    written = log_files.written(lines_of(rows, request.user, with_reasons=False))
    name = f"logboek-{found.slug}-{timezone.localdate(request.now):%Y-%m-%d}.{file}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(WRITERS[file](log_files.titles(), written), content_type=TYPES[file], headers=headers)


def details_of(line: Line) -> list[str]:
    """The codes of an event in words where they have any: which page, which role. What says nothing is left out."""
    action = line.event.action
    parts = PARTS if action == VIEWED else {}
    said = [str(parts.get(code) or detail_of(action, code)) for code in line.event.fields]
    return [one for one in said if one]


def _show(
    request: PortalRequest, found: Organisation, export_form: LogExportForm | None = None, status: int = 200
) -> HttpResponse:
    filters = _filters(request, found)
    is_valid = filters.is_valid()
    record(
        action="audit.viewed",
        now=request.now,
        actor_id=request.user.pk,
        organisation_id=found.pk,
        object_type="organisation",
        object_id=found.pk,
        fields=filters.used if is_valid else [],
    )
    page = LogPage([], None)
    if is_valid:
        page = page_of(_events(request, found, filters), _position(request.GET.get("before", "")), request.user)
    context: dict[str, Any] = {
        "organisation": found,
        "form": filters,
        "export_form": export_form or LogExportForm(),
        "lines": [(line, details_of(line)) for line in page.lines],
        "before": page.before,
        "is_first": "before" not in request.GET,
        "is_narrowed": is_valid and bool(filters.used),
        "without_term": terms_of(found).never_agreed(),
        "waits_for_sign": LogReview.objects.filter(organisation=found, signed_at__isnull=True).exists(),
        "verdict": None,
    }
    if "check" in request.GET:
        hidden = AuditEvent.objects.filter(hidden_from_reader(request.user), organisation_id=found.pk)
        context["verdict"] = _verdict(found, hidden)
    return render(request, "incidents/audit_log.html", context, status=status)


def _filters(request: PortalRequest, found: Organisation) -> LogFilterForm:
    chosen = request.GET.get("person", "")
    return LogFilterForm(request.GET, people=people_named(found, UUID(chosen) if _is_id(chosen) else None))


def _events(request: PortalRequest, found: Organisation, filters: LogFilterForm) -> QuerySet[AuditEvent]:
    return narrowed(events_for(found, request.user), filters.cleaned_data, found, request.user)


def _verdict(organisation: Organisation, hidden: QuerySet[AuditEvent]) -> Verdict:
    """What the check of the whole chain found; its number is without what this person may not know of."""
    verdict = verify(organisation.pk)
    return replace(verdict, events=verdict.events - hidden.count())


def _position(typed: str) -> int | None:
    """From the address; what is no position gives the first page."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else None


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
