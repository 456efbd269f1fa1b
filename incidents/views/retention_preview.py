"""What goes within 30 days, with what keeps it; and the certificates of what went."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from incidents.actions.keeping.certificates import is_as_sealed
from incidents.actions.keeping.due import Due, in_sight
from incidents.actions.keeping.terms import terms_of
from incidents.actions.keeping.warnings import holds_to_look_at
from incidents.models import DestroyedPart, Destruction, Incident
from incidents.views.places import PortalRequest, organisation_for
from incidents.vocabulary import KeptPart
from vpdportal import pdf
from vpdportal.accounts.access import require
from vpdportal.accounts.models import Organisation
from vpdportal.accounts.roles import Right
from vpdportal.audit.chain import record
from vpdportal.pages import page_of

PAGE = 50
STYLESHEETS = ("portal/paper.css",)
READERS = (Right.WORK_CASES, Right.ADMINISTER, Right.DECIDE_PRIVACY)


@dataclass(frozen=True)
class Line:
    """One part of one case as the page shows it."""

    due: Due
    part: Any
    waits_for: list[Any]


@require_safe
@require(Right.WORK_CASES)
def preview(request: PortalRequest, slug: str) -> HttpResponse:
    """Only of cases that this person may work on; that others go too is not told in a number either."""
    found = organisation_for(request, slug, Right.WORK_CASES)
    terms = terms_of(found)
    coming = in_sight(found, request.now, terms)
    holds = holds_to_look_at(found, request.now)
    mine = _visible(request, {one.case for one in coming} | {stay.incident_id for stay in holds})
    page = Paginator([one for one in coming if one.case in mine], PAGE).get_page(request.GET.get("page"))
    context = {
        "organisation": found,
        "page": page,
        "lines": [Line(one, KeptPart(one.part).label, [why.label for why in one.waits_for]) for one in page],
        "holds": [stay for stay in holds if stay.incident_id in mine],
        "without_term": terms.never_agreed(),
    }
    return render(request, "incidents/retention_preview.html", context)


def _visible(request: PortalRequest, cases: Collection[UUID]) -> set[UUID]:
    rows = Incident.objects.worked_by(request.user, request.now).filter(pk__in=cases)
    return set(rows.values_list("pk", flat=True))


@require_safe
@require(*READERS)
def certificates(request: PortalRequest, slug: str) -> HttpResponse:
    found = organisation_for(request, slug, *READERS)
    rounds = Destruction.objects.filter(organisation=found).exclude(digest="").order_by("-number")
    page = page_of(rounds, request.GET.get("page"), PAGE)
    return render(request, "incidents/retention_certificates.html", {"organisation": found, "page": page})


@require_safe
@require(*READERS)
def certificate(request: PortalRequest, slug: str, number: int) -> HttpResponse:
    """A tagged PDF; 503 in words where this installation cannot make one."""
    found = organisation_for(request, slug, *READERS)
    rounds = Destruction.objects.exclude(digest="")
    destruction = get_object_or_404(rounds, organisation=found, number=number)
    _note_taken(request, found, destruction)
    context = _context(found, destruction)
    if not pdf.is_available():
        return render(request, "incidents/retention_no_pdf.html", context, status=503)
    title = _("Certificate of destruction %(number)s") % {"number": destruction.number}
    html = render_to_string("incidents/retention_paper.html", context)
    try:
        content = pdf.as_pdf(html, language=get_language() or "nl", title=title, stylesheets=STYLESHEETS)
    except pdf.PdfUnavailable:
        return render(request, "incidents/retention_no_pdf.html", context, status=503)
    name = f"verklaring-{found.slug}-{destruction.number}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _note_taken(request: PortalRequest, found: Organisation, destruction: Destruction) -> None:
    record(
        action="retention.certificate",
        now=request.now,
        actor_id=request.user.pk,
        organisation_id=found.pk,
        object_type="destruction",
        object_id=destruction.pk,
        fields=[f"number:{destruction.number}"],
    )


def _context(found: Organisation, destruction: Destruction) -> dict[str, Any]:
    """References are numbers that lead to nobody any more; of a part that went again, the last round names it."""
    parts = DestroyedPart.objects.filter(destruction=destruction).select_related("incident")
    numbers: dict[str, list[str]] = {}
    for row in parts.only("part", "incident__reference").order_by("incident__reference"):
        numbers.setdefault(row.part, []).append(row.incident.reference)
    return {
        "organisation": found,
        "destruction": destruction,
        "terms": [(KeptPart(part).label, months) for part, months in destruction.terms.items()],
        "counts": [(_counted(name), number) for name, number in destruction.counts.items()],
        "numbers": [(KeptPart(part).label, references) for part, references in numbers.items()],
        "is_as_sealed": is_as_sealed(destruction),
    }


def _counted(name: str) -> Any:
    if name.startswith("part."):
        return _("Cases of which this part went: %(part)s") % {"part": KeptPart(name.removeprefix("part.")).label}
    return COUNTED_WORDS.get(name, lambda: name)()


COUNTED_WORDS: dict[str, Any] = {
    "Incident": lambda: _("Reports with texts"),
    "Involvement": lambda: _("Remarks on people in a case"),
    "Measure": lambda: _("Reasons with measures"),
    "Reaction": lambda: _("Reactions with texts"),
    "Breach": lambda: _("Breaches of a measure"),
    "PoliceSheet": lambda: _("Sheets for the police"),
    "LetterVersion": lambda: _("Letters, with their file"),
    "Evidence": lambda: _("Files of evidence"),
    "PersonOpening": lambda: _("Reasons for opening a record"),
    "Person": lambda: _("People outside the organisation"),
    "RestrictionCheck": lambda: _("Questions before a contact"),
    "Message": lambda: _("Messages"),
    "Note": lambda: _("Notes"),
    "Task": lambda: _("Tasks with texts"),
    "Statement": lambda: _("Statements"),
    "CareMoment": lambda: _("Moments of aftercare"),
    "DamageLine": lambda: _("Lines of damage with texts"),
    "CaseOpening": lambda: _("Reasons for opening a case in need"),
    "RetentionStay": lambda: _("Reasons for keeping longer"),
    "Release": lambda: _("Periods of which the exact figures went"),
    "Correction": lambda: _("Corrections of a period of which the exact figure went"),
    "AuditEvent": lambda: _("Lines of the audit log"),
    "LogReview": lambda: _("Samples of the audit log"),
    "Witness": lambda: _("Links to witnesses"),
    "Exclusion": lambda: _("Links to people who were kept out"),
    "News": lambda: _("News for people"),
    "Notice": lambda: _("Reminders"),
}
