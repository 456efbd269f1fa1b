"""What everyone may read, signed in or not: whose data it is, for whom it works, and where to tell of a hole."""

from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from incidents.views.places import PortalRequest
from vpdportal.accessibility import Statement
from vpdportal.accounts.access import people_with, standing
from vpdportal.accounts.roles import Role

PLAIN = "text/plain; charset=utf-8"
HOLDS_FOR = timedelta(days=180)  # RFC 9116, 2.5.5: less than a year; who stops answering is believed no longer


@login_not_required
@require_safe
def privacy(request: PortalRequest) -> HttpResponse:
    """Who is responsible and whom to ask; who is signed in reads of their own organisation, and never of another."""
    here = standing(request.user, request.now)
    organisations = list({one.organisation_id: one.organisation for one in here.memberships}.values())
    places = [(one, people_with(Role.AUDITOR, one.pk, request.now)) for one in organisations]
    context = {"places": places, "contact": settings.PRIVACY_CONTACT}
    return render(request, "incidents/privacy.html", context)


@login_not_required
@require_safe
def accessibility(request: PortalRequest) -> HttpResponse:
    """How accessible the portal is, by what was measured; the name of an organisation is for who belongs to one."""
    names = {one.organisation.name for one in standing(request.user, request.now).memberships}
    statement = Statement(
        today=localdate(request.now),
        address=settings.PORTAL_URL,
        organisation=names.pop() if len(names) == 1 else "",
        contact=settings.ACCESSIBILITY_CONTACT,
        research_on=settings.ACCESSIBILITY_RESEARCH_ON,
    )
    return render(request, "incidents/accessibility.html", {"sections": statement.sections()})


@login_not_required
@require_safe
def robots(request: PortalRequest) -> HttpResponse:
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type=PLAIN)


@login_not_required
@require_safe
def security(request: PortalRequest) -> HttpResponse:
    """RFC 9116, once the portal is told whom to tell of a hole."""
    contact = settings.SECURITY_CONTACT
    if not contact:
        raise Http404
    lines = {
        "Contact": contact if contact.startswith(("https://", "mailto:")) else f"mailto:{contact}",
        "Expires": f"{_first_of_day(request.now) + HOLDS_FOR:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages": "nl, en",
        "Canonical": settings.PORTAL_URL + reverse("security"),
    }
    return HttpResponse("".join(f"{name}: {value}\n" for name, value in lines.items()), content_type=PLAIN)


def _first_of_day(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(UTC), time(), UTC)
