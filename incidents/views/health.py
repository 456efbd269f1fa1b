"""Two addresses for the machine that watches this one. They tell nothing else."""

from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from incidents.actions.delivery import SWEEP
from incidents.models import Heartbeat

LATE = timedelta(minutes=15)


@require_safe
@login_not_required
def live(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("live\n", content_type="text/plain")


@require_safe
@login_not_required
def ready(request: HttpRequest) -> HttpResponse:
    """The database answers; the second word says whether the clock of the reminders runs."""
    try:
        beat = Heartbeat.objects.filter(name=SWEEP).first()
    except DatabaseError:
        return HttpResponse("database away\n", status=503, content_type="text/plain")
    is_running = beat is not None and request.now - beat.at < LATE  # type: ignore[attr-defined]
    return HttpResponse("ready\n" if is_running else "ready, clock late\n", content_type="text/plain")
