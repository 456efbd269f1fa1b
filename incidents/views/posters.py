"""Posters: an A4 sheet for the wall of a place, on the screen and as a PDF. No name of a person stands on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from incidents.models import Location
from incidents.views.places import PortalRequest, organisation_for
from vpdportal import pdf
from vpdportal.accounts.access import require
from vpdportal.accounts.models import Organisation
from vpdportal.accounts.roles import Right
from vpdportal.qr import Qr, qr_of

STYLESHEETS = ("portal/poster.css",)
AT_ONCE = 100  # sheets in one document: a sheet costs a twentieth of a second and half a megabyte of memory
LONG = 32  # letters of a name that does not fit in large type
ONE_AT_A_TIME = Lock()  # a whole fleet takes seconds and memory


@dataclass(frozen=True)
class Poster:
    """A place, the address that its code opens, and that address as a QR code."""

    location: Location
    address: str
    qr: Qr

    @property
    def short(self) -> str:
        """The address as people type it."""
        return self.address.partition("://")[2].removesuffix("/")

    @property
    def host(self) -> str:
        return self.short.removesuffix(self.tail)

    @property
    def tail(self) -> str:
        """The part that is this place's own, to be kept on one line."""
        return f"/m/{self.location.code}"

    @property
    def has_long_name(self) -> bool:
        return len(self.location.name) > LONG


def poster_of(location: Location) -> Poster:
    address = settings.PORTAL_URL + reverse("location_link", args=[location.code])
    return Poster(location, address, qr_of(address))


@require_safe
@require(Right.ADMINISTER)
def one(request: PortalRequest, slug: str, pk: UUID) -> HttpResponse:
    """The poster of a place in use, to look at and print."""
    found = organisation_for(request, slug, Right.ADMINISTER)
    return _screen(request, found, _in_use(found, pk=pk), reverse("location_poster_pdf", args=[slug, pk]))


@require_safe
@require(Right.ADMINISTER)
def one_pdf(request: PortalRequest, slug: str, pk: UUID) -> HttpResponse:
    found = organisation_for(request, slug, Right.ADMINISTER)
    page = _in_use(found, pk=pk)
    return _pdf(request, found, page, f"poster-{page[0].code}.pdf")


@require_safe
@require(Right.ADMINISTER)
def every(request: PortalRequest, slug: str) -> HttpResponse:
    """The posters of all places in use, a sheet each; a large fleet in parts."""
    found = organisation_for(request, slug, Right.ADMINISTER)
    page = _in_use(found, number=request.GET.get("page"))
    return _screen(request, found, page, f"{reverse('location_posters_pdf', args=[slug])}?page={page.number}")


@require_safe
@require(Right.ADMINISTER)
def every_pdf(request: PortalRequest, slug: str) -> HttpResponse:
    found = organisation_for(request, slug, Right.ADMINISTER)
    page = _in_use(found, number=request.GET.get("page"))
    part = f"-{page.number}" if page.has_other_pages() else ""
    return _pdf(request, found, page, f"posters-{found.slug}{part}.pdf")


def _in_use(organisation: Organisation, pk: UUID | None = None, number: str | None = None) -> Page[Location]:
    """The place, or a part of all places. A poster of one that is switched off would lead nowhere: 404."""
    places = organisation.locations.filter(is_active=True)
    page = Paginator(places.filter(pk=pk) if pk else places, AT_ONCE).get_page(number)
    if not page.object_list:
        raise Http404
    return page


def _screen(request: PortalRequest, found: Organisation, page: Page[Location], pdf_address: str = "") -> HttpResponse:
    """The sheets to look at and print. Without `pdf_address` the PDF was asked for and cannot be made: 503."""
    context = {
        **_posters(found, page),
        "page": page,
        "has_pdf": pdf.is_available(),
        "pdf_address": pdf_address,
    }
    return render(request, "incidents/poster.html", context, status=200 if pdf_address else 503)


def _pdf(request: PortalRequest, found: Organisation, page: Page[Location], name: str) -> HttpResponse:
    """The same on paper; 503 in words where this installation cannot make a PDF."""
    html = render_to_string("incidents/poster_paper.html", _posters(found, page))
    title = _("Posters of %(organisation)s") % {"organisation": found.name}
    try:
        with ONE_AT_A_TIME:
            content = pdf.as_pdf(html, language=get_language() or "nl", title=title, stylesheets=STYLESHEETS)
    except pdf.PdfUnavailable:
        return _screen(request, found, page)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _posters(found: Organisation, places: Iterable[Location]) -> dict[str, Any]:
    return {"organisation": found, "posters": [poster_of(place) for place in places]}
