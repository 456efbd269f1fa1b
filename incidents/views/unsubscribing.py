"""Leaving off a kind of mail by the address in the mail: for who reads it, and for the mail program (RFC 8058)."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from incidents.actions.reminders.mail_choices import UnknownToken, read_token, unsubscribe
from incidents.views.places import PortalRequest

PAGE = "incidents/unsubscribe.html"


@csrf_exempt  # a mail program posts without a page before it; what protects is the signed address
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: PortalRequest, token: str) -> HttpResponse:
    """Opening it changes nothing: mail filters open every link. The button, or the mail program's own, stops it."""
    is_sent = request.method == "POST"
    try:
        user, choice = unsubscribe(token=token, now=request.now) if is_sent else read_token(token)
    except UnknownToken:
        return render(request, PAGE, {"is_unknown": True}, status=404)
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    with translation.override(translation.get_language() if chosen else user.language):
        response = render(request, PAGE, {"choice": choice, "is_done": is_sent})
        response["Content-Language"] = translation.get_language()
    return response
