"""A browser in which someone signed in before: failures elsewhere do not stop them there.

A signed cookie names the device by chance and holds who signed in on it, as marks that only the portal can make. What
is tried with that name is counted apart from what strangers try. It opens nothing: a password is asked all the same.
"""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

COOKIE = "vpd_device" if settings.IS_LOCAL else "__Host-vpd_device"
SALT = "vpdportal.known-device"
KNOWN_SECONDS = 180 * 24 * 3600
MOST_PEOPLE = 8  # of one device: the newest ones


def device_for(request: HttpRequest, email: str) -> str:
    """The name of this device when the person with this address signed in on it before; else empty."""
    name, marks = _read(request)
    return name if mark_of(email) in marks else ""


def know_device(request: HttpRequest, response: HttpResponse, email: str) -> None:
    """Remember that this person signed in here."""
    name, marks = _read(request)
    mine = mark_of(email)
    marks = [mine, *(mark for mark in marks if mark != mine)][:MOST_PEOPLE]
    response.set_cookie(
        COOKIE,
        signing.dumps([name or secrets.token_urlsafe(16), marks], salt=SALT),
        max_age=KNOWN_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def mark_of(email: str) -> str:
    return salted_hmac(SALT, email.lower()).hexdigest()[:24]


def _read(request: HttpRequest) -> tuple[str, list[str]]:
    try:
        name, marks = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=KNOWN_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return "", []
    return name, marks
