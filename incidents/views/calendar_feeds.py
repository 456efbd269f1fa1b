"""The calendar feed: where a person makes, sees once and stops the secret address, and the file behind it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseNotFound
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from incidents.actions.calendar_feeds import feed_mark, feed_with, make_feed, may_have_feed, note_use, stop_feed
from incidents.actions.refusals import Refused
from incidents.models import CalendarFeed
from incidents.overview.calendar import calendar_of
from incidents.views.places import PortalRequest
from vpdportal.accounts.access import organisations_of
from vpdportal.tenancy import everywhere, within


@require_http_methods(["GET", "HEAD", "POST"])
def calendar_feed(request: PortalRequest) -> HttpResponse:
    """Make, replace or stop the own address. A new one stands on the answer to making it, and never again."""
    if not may_have_feed(request.user, request.now):
        raise PermissionDenied
    if request.method != "POST":
        return _page(request)
    if request.POST.get("do") == "stop":
        stop_feed(user=request.user, by=request.user, now=request.now)
        messages.success(request, _("The address is stopped. Take it out of your calendar."))
        return redirect("calendar_feed")
    try:
        secret = make_feed(user=request.user, seen=request.POST.get("seen", ""), now=request.now)
    except Refused as refused:
        messages.error(request, str(refused))
        return _page(request, 409)
    return _page(request, address=settings.PORTAL_URL + reverse("calendar_file", args=[secret]))


@login_not_required
@require_safe
def calendar_file(request: PortalRequest, secret: str) -> HttpResponse:
    """The file, for who knows the secret. One that is unknown, stopped or without a right gives the same answer."""
    request.path = request.path_info = "/agenda/"  # what is logged of an error must not hold the secret
    with everywhere():  # nobody is signed in: whose secret it is says which organisations are theirs
        feed = feed_with(secret, request.now)
    if feed is None:
        return HttpResponseNotFound("404", content_type="text/plain; charset=utf-8")
    note_use(feed=feed, now=request.now)
    with within(organisations_of(feed.user, request.now)), translation.override(feed.user.language):
        content = calendar_of(feed.user, request.now)
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="vpd.ics"'
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


def _page(request: PortalRequest, status: int = 200, **more: Any) -> HttpResponse:
    feed = CalendarFeed.objects.filter(user=request.user).first()
    context = {"feed": feed, "seen": feed_mark(feed), **more}
    return render(request, "incidents/calendar_feed.html", context, status=status)
