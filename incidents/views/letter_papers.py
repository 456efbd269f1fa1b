"""A letter handed out: the .docx as it is kept, and a preview as PDF; to who works on the case or has to sign it."""

from io import BytesIO
from typing import Any
from uuid import UUID

import lxml.html
import mammoth
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from incidents.actions.letter_docx import HARMLESS_ADDRESS
from incidents.actions.letter_files import read_letter
from incidents.actions.letters import latest_version
from incidents.actions.refusals import Refused
from incidents.actions.trail import record_view
from incidents.models import Incident, Letter, LetterVersion, Reaction
from incidents.views.evidence import NEVER_SHOWN_HERE
from incidents.views.places import PortalRequest, case_for
from incidents.vocabulary import LetterStatus, ReactionStatus
from vpdportal import pdf
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.roles import Right

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
STYLESHEETS = ("portal/paper.css", "portal/letter.css")
LANGUAGE = "nl"  # of every letter
NOT_LAID = (ReactionStatus.DRAFT, ReactionStatus.WITHDRAWN)


@require_safe
@require(Right.WORK_CASES)
def file(request: PortalRequest, pk: UUID, letter_pk: UUID, number: int) -> HttpResponse:
    """One version, as it was kept."""
    incident = case_for(request, pk)
    letter = get_object_or_404(incident.letters, pk=letter_pk)
    version = get_object_or_404(letter.versions, number=number)
    record_view(incident=incident, by=request.user, now=request.now, part="letter")
    try:
        content = read_letter(version)
    except Refused as refused:
        return _refused(request, letter, str(refused))
    return docx_response(content, f"{letter.kind}-{incident.reference}-{number}.docx")


@require_safe
def preview(request: PortalRequest, pk: UUID, letter_pk: UUID) -> HttpResponse:
    """The newest version as a tagged PDF; 503 with the same text in words where this installation cannot make one."""
    letter = _letter_to_read(request, pk, letter_pk)
    incident = letter.incident
    record_view(incident=incident, by=request.user, now=request.now, part="letter")
    try:
        text = _as_html(read_letter(latest_version(letter)))
    except Refused as refused:
        return _refused(request, letter, str(refused))
    context = {"letter": letter, "incident": incident, "text": text}
    title = f"{letter.get_kind_display()} {incident.reference}"
    try:
        html = render_to_string("incidents/letter_paper.html", context, request=request)
        content = pdf.as_pdf(html, language=LANGUAGE, title=title, stylesheets=STYLESHEETS)
    except pdf.PdfUnavailable:
        return render(request, "incidents/letter_preview.html", context, status=503)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{letter.kind}-{incident.reference}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


def docx_response(content: bytes, name: str) -> HttpResponse:
    """A .docx as a download, which no browser shows and no cache keeps. `name` holds nothing of a person."""
    response = HttpResponse(content, content_type=DOCX_TYPE, headers=NEVER_SHOWN_HERE)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _letter_to_read(request: PortalRequest, pk: UUID, letter_pk: UUID) -> Letter:
    """The letter, for who works on the case, and for whom the reaction that it carries was laid before to sign."""
    here = standing(request.user, request.now)
    if not here.may(Right.WORK_CASES) and not here.may(Right.SIGN):
        raise PermissionDenied
    rows = Letter.objects.filter(incident=pk).select_related("incident__organisation")
    if not Incident.objects.worked_by(request.user, request.now).filter(pk=pk).exists():
        seen = Reaction.objects.visible_to(request.user, request.now).filter(signer=request.user)
        laid = seen.exclude(status__in=NOT_LAID)
        rows = rows.filter(reaction__in=laid).exclude(status=LetterStatus.WITHDRAWN)
    kept = LetterVersion.objects.filter(letter=letter_pk).values("letter")  # none when it was destroyed after its term
    letter: Letter = get_object_or_404(rows.filter(pk__in=kept), pk=letter_pk)
    return letter


def _as_html(content: bytes) -> SafeString:
    """The text of a .docx as HTML. What a letter may hold was judged when it came in (actions/letter_docx.py).

    mammoth escapes what it writes; the file's own wishes about elements are not heard. A link that a browser would not
    simply follow becomes plain text.
    """
    options: dict[str, Any] = {"include_embedded_style_map": False}
    text = lxml.html.fragment_fromstring(
        mammoth.convert_to_html(BytesIO(content), **options).value, create_parent="div"
    )
    for element in text.iter():
        address = element.get("href")
        if address is not None and not address.startswith("#") and not HARMLESS_ADDRESS.match(address):
            del element.attrib["href"]
    return mark_safe(lxml.html.tostring(text, encoding="unicode"))  # noqa: S308


def _refused(request: PortalRequest, letter: Letter, why: str) -> HttpResponse:
    context = {"letter": letter, "incident": letter.incident, "why": why, "title": _("This letter does not open")}
    return render(request, "incidents/letter_preview.html", context, status=409)
