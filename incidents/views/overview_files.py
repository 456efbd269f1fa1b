"""An overview as a file: paper, spreadsheets, and of longer periods a text that one goes on writing in."""

from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from threading import Lock

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from incidents.actions.overview_plans import plan_of
from incidents.overview.board_report import report_of
from incidents.overview.context import context_of
from incidents.overview.document import Document
from incidents.overview.files.sheets_ods import as_ods
from incidents.overview.files.sheets_xlsx import as_xlsx
from incidents.overview.files.text_docx import as_docx
from incidents.overview.files.text_odt import as_odt
from incidents.overview.overview_document import document_of
from incidents.overview.peers import peers_of
from incidents.overview.reading import Overview
from incidents.overview.remarks import remarks_of
from incidents.views.overview import note_viewed, overview_for
from incidents.views.places import PortalRequest
from incidents.vocabulary import PeriodKind
from vpdportal import pdf
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right

STYLESHEETS = ("portal/overview-paper.css",)
KEPT = 8  # documents that were made last


class FileKind(StrEnum):
    PDF = "pdf"
    XLSX = "xlsx"
    ODS = "ods"
    DOCX = "docx"
    ODT = "odt"


TEXTS = (FileKind.DOCX, FileKind.ODT)
TYPES = {
    FileKind.PDF: "application/pdf",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileKind.ODS: "application/vnd.oasis.opendocument.spreadsheet",
    FileKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileKind.ODT: "application/vnd.oasis.opendocument.text",
}


@require_safe
@require(Right.SEE_OVERVIEW)
def overview_file(request: PortalRequest, slug: str, code: str, kind: str) -> HttpResponse:
    """With `?exact=1` the exact figures, for who may see those. 503 in words where no PDF can be made here."""
    overview = overview_for(request, slug, code)
    file = _kind_of(kind, overview)
    try:
        content = WRITERS[file](_document(request, overview, file))
    except pdf.PdfUnavailable:
        context = {"organisation": overview.organisation, "overview": overview}
        return render(request, "incidents/overview_no_pdf.html", context, status=503)
    note_viewed(request, overview, file, action="overview.file")
    exact = "-exact" if overview.is_exact_view else ""
    name = f"overzicht-{overview.organisation.slug}-{overview.period.code}{exact}.{file}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type=TYPES[file], headers=headers)


def kinds_of(overview: Overview) -> list[FileKind]:
    """In which files this period can be had: of a month there is no text for board and works council."""
    return [kind for kind in FileKind if kind not in TEXTS or overview.period.kind != PeriodKind.MONTH]


def _kind_of(kind: str, overview: Overview) -> FileKind:
    if kind not in kinds_of(overview):
        raise Http404
    return FileKind(kind)


def _document(request: PortalRequest, overview: Overview, file: FileKind) -> Document:
    remarks = remarks_of(overview)
    if file not in TEXTS:
        return document_of(overview, remarks)
    plan = plan_of(overview.organisation)
    return report_of(overview, remarks, context_of(overview, plan, peers_of(overview, plan, request.now)))


def as_pdf(document: Document) -> bytes:
    """Raises PdfUnavailable."""
    html = render_to_string("incidents/overview_paper.html", {"document": document})
    with ONE_AT_A_TIME:
        return _made(html, document.language, f"{document.title}, {document.subtitle}")


ONE_AT_A_TIME = Lock()  # a document takes seconds; who asks for the same one waits for it instead of making it again


@lru_cache(maxsize=KEPT)
def _made(html: str, language: str, title: str) -> bytes:
    """The PDF of this text; what is fixed never changes."""
    return pdf.as_pdf(html, language=language, title=title, stylesheets=STYLESHEETS)


WRITERS: dict[FileKind, Callable[[Document], bytes]] = {
    FileKind.PDF: as_pdf,
    FileKind.XLSX: as_xlsx,
    FileKind.ODS: as_ods,
    FileKind.DOCX: as_docx,
    FileKind.ODT: as_odt,
}
