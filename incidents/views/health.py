"""Addresses for the machine that watches this one. They tell nothing of anybody."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from incidents.overview.machine_room import CLOCK_LATE, MAIL_FAILING, QUEUE_GROWS, state_of, waiting_at
from incidents.overview.metrics import CONTENT_TYPE, metrics_of
from vpdportal.tenancy import everywhere

SAID = (CLOCK_LATE, MAIL_FAILING, QUEUE_GROWS)
DATABASE_AWAY = "database away\n"


@require_safe
@login_not_required
def live(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("live\n", content_type="text/plain")


@require_safe
@login_not_required
def ready(request: HttpRequest) -> HttpResponse:
    """The database answers; the words after "ready" say what is wrong with the reminders.

    The status stays 200 for these: who is sent elsewhere because mail fails cannot report either.
    """
    try:
        with everywhere():  # of the whole installation, for a machine that signs in nowhere: it reads no names
            room = state_of(request.now)  # type: ignore[attr-defined]
    except DatabaseError:
        return HttpResponse(DATABASE_AWAY, status=503, content_type="text/plain")
    words = ["ready", *(code for code in room.codes if code in SAID)]
    return HttpResponse(", ".join(words) + "\n", content_type="text/plain")


@require_safe
@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """The same in numbers, for who shows METRICS_TOKEN; without that setting there is nothing here."""
    if not settings.METRICS_TOKEN:
        raise Http404
    shown = request.headers.get("Authorization", "")
    if not constant_time_compare(shown, f"Bearer {settings.METRICS_TOKEN}"):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    now = request.now  # type: ignore[attr-defined]
    try:
        with everywhere():  # numbers of the whole installation
            text = metrics_of(state_of(now), waiting_at(now))
    except DatabaseError:
        return HttpResponse(DATABASE_AWAY, status=503, content_type="text/plain")
    return HttpResponse(text, content_type=CONTENT_TYPE)
