"""Where I am signed in, and signing out elsewhere."""

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from vpdportal.accounts.models import User
from vpdportal.accounts.signing_in.again import proven_recently
from vpdportal.accounts.signing_in.sessions import end_own_others, end_own_session, open_sessions


class OwnRequest(HttpRequest):
    """A request of a signed-in person, as the middleware hands it on."""

    now: datetime
    user: User


@require_safe
def my_sessions(request: OwnRequest) -> HttpResponse:
    """All devices on which this person is signed in."""
    found = open_sessions(request.user, request.session.session_key, request.now)
    others = sum(not one.is_current for one in found)
    context = {
        "sessions": found,
        "others": others,
        "idle_minutes": settings.SESSION_IDLE_SECONDS // 60 if settings.STRICT_SIGN_IN else 0,
        "longest_hours": settings.SESSION_SECONDS // 3600,
    }
    return render(request, "accounts/my_sessions.html", context)


@require_POST
@proven_recently
def end_one(request: OwnRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(UserSession, pk=pk, user=request.user)
    is_current = found.session_key == request.session.session_key
    end_own_session(session=found, by=request.user, now=request.now)
    if is_current:
        logout(request)
        return redirect("sign_in")
    messages.success(request, _("That device is signed out."))
    return redirect("my_sessions")


@require_POST
@proven_recently
def end_others(request: OwnRequest) -> HttpResponse:
    ended = end_own_others(
        user=request.user,
        keep=request.session.session_key,
        now=request.now,
    )
    text = ngettext("%(count)s other device is signed out.", "%(count)s other devices are signed out.", ended)
    messages.success(request, text % {"count": ended} if ended else _("You were signed in nowhere else."))
    return redirect("my_sessions")
