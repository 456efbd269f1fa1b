"""How long someone stays signed in, and on which devices: the list of sessions, and ending them (ADR 29).

A session ends half an hour after a person last did something in it, and ten hours after signing in, whatever is done.
Both are read from the portal's clock, and hold where `settings.STRICT_SIGN_IN` does.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, ip_address

from allauth.core.internal.httpkit import get_client_ip
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vpdportal.accounts.models import Organisation, User
from vpdportal.accounts.signing_in.noted import OVER, note_of_person
from vpdportal.audit.chain import record

BEGAN, LAST_ACT = "session_began", "session_last_act"  # seconds since 1970, of the portal's clock
EACH = timedelta(minutes=1)  # how often is written down that someone is there: one row more for each click otherwise
UNKNOWN_ADDRESS = "0.0.0.0"  # noqa: S104  nothing listens there; behind a socket nobody says where someone is
LONGEST_AGENT = 200

SYSTEMS = (
    "iPhone",
    "iPad",
    "Android",
    "Windows",
    "Macintosh",
    "CrOS",
    "Linux",
)  # the first that fits; Android is Linux
SYSTEM_NAMES = {"Macintosh": "Mac", "CrOS": "Chromebook"}
# The first that fits: each of the later ones is named by the earlier ones too.
BROWSERS = (("Edge", r"Edg"), ("Firefox", r"Firefox|FxiOS"), ("Chrome", r"Chrome|CriOS"), ("Safari", r"Safari"))

GetResponse = Callable[[HttpRequest], HttpResponse]


class SessionLimitsMiddleware:
    """Ends a session that is over before anything else is done with the request, which goes on as a stranger's.

    So what was typed is kept as it is for every stranger: `keeps_what_is_typed`, drafts, `next` on the sign-in page.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.STRICT_SIGN_IN:
            return self.get_response(request)
        now: datetime = request.now  # type: ignore[attr-defined]
        if request.session.session_key and request.user.is_authenticated and (reason := why_over(request, now)):
            forget(request.session.session_key)
            if isinstance(request.user, User):
                note_of_person(action=OVER, person=request.user, by=None, now=now)
            logout(request)
            messages.info(request, reason, fail_silently=True)
        response = self.get_response(request)
        if request.user.is_authenticated:
            keep_alive(request, response, now)
        return response


def why_over(request: HttpRequest, now: datetime) -> str:
    """The sentence for who is signed out; empty while the session goes on."""
    began, last = request.session.get(BEGAN), request.session.get(LAST_ACT)
    if began is None or last is None:
        return ""
    if now - _moment(began) >= timedelta(seconds=settings.SESSION_SECONDS):
        hours = settings.SESSION_SECONDS // 3600
        text = ngettext(
            "You were signed in for %(count)s hour. Sign in again to go on.",
            "You were signed in for %(count)s hours. Sign in again to go on.",
            hours,
        )
        return text % {"count": hours}
    if now - _moment(last) >= timedelta(seconds=settings.SESSION_IDLE_SECONDS):
        minutes = settings.SESSION_IDLE_SECONDS // 60
        return _("You did nothing for %(count)s minutes, so you were signed out. Sign in to go on.") % {
            "count": minutes
        }
    return ""


def keep_alive(request: HttpRequest, response: HttpResponse, now: datetime) -> None:
    """Write down that the session begins, or that a person still uses it; once a minute is enough."""
    session = request.session
    if BEGAN not in session:
        session[BEGAN] = session[LAST_ACT] = now.timestamp()
        if not session.session_key:
            session.save()
        UserSession.objects.update_or_create(
            session_key=session.session_key,
            defaults={
                "user": request.user,
                "ip": get_client_ip(request) or UNKNOWN_ADDRESS,
                "user_agent": request.headers.get("user-agent", "")[:LONGEST_AGENT],
                "created_at": now,
                "last_seen_at": now,
            },
        )
    elif is_of_a_person(request, response) and abs(now - _moment(session[LAST_ACT])) >= EACH:
        session[LAST_ACT] = now.timestamp()
        UserSession.objects.filter(session_key=session.session_key).update(
            last_seen_at=now, ip=get_client_ip(request) or UNKNOWN_ADDRESS
        )


def is_of_a_person(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether someone did something, and not a script of an open page that asks or tries again by itself.

    A page that is opened or sent counts. Of what a script sends counts only a POST that is taken: the pages keep what
    is typed only when other words stand there than were kept last (static/portal/writing.js), and try again without
    end what was refused. What a script only reads, each half minute (static/portal/offline.js), never counts.
    """
    is_script = request.headers.get("sec-fetch-mode", "navigate") != "navigate" or (
        request.headers.get("accept") == "application/json"
    )
    return not is_script or (request.method == "POST" and response.status_code < 300)


@dataclass(frozen=True)
class OpenSession:
    """One row of the list, as its owner reads it. `address`: its first half, enough to know a place by."""

    pk: int
    device: str
    since: datetime
    last_used: datetime
    address: str
    is_current: bool


def open_sessions(user: User, current_key: str | None, now: datetime) -> list[OpenSession]:
    """Where this person is signed in now, this session first and then the newest. One query."""
    rows = UserSession.objects.filter(
        user=user,
        session_key__in=Session.objects.values("session_key"),
        created_at__gt=now - timedelta(seconds=settings.SESSION_SECONDS),
        last_seen_at__gt=now - timedelta(seconds=settings.SESSION_IDLE_SECONDS),
    )
    found = [
        OpenSession(
            pk=row.pk,
            device=device_of(row.user_agent),
            since=row.created_at,
            last_used=row.last_seen_at,
            address=short_address(row.ip),
            is_current=row.session_key == current_key,
        )
        for row in rows.order_by("-last_seen_at", "-pk")
    ]
    return sorted(found, key=lambda one: not one.is_current)


def end_own_session(*, session: UserSession, by: User, now: datetime) -> None:
    """Sign a device of one's own out at once."""
    with transaction.atomic():
        forget(session.session_key)
        _note("session.ended", by, by, None, now)


def end_own_others(*, user: User, keep: str | None, now: datetime) -> int:
    """Sign all one's devices out but this one (its session key). Gives how many."""
    with transaction.atomic():
        ended = end_sessions(user, keep=keep)
        if ended:
            _note("session.others_ended", user, user, None, now)
    return ended


def sign_out_everywhere(*, person: User, organisation: Organisation, by: User, now: datetime) -> int:
    """An administrator signs someone out on all devices: a laptop was lost. Gives how many; none is written down too.

    Also of who has a role elsewhere: signing in again is all it costs.
    """
    with transaction.atomic():
        ended = end_sessions(person)
        _note("session.all_ended", person, by, organisation, now)
    return ended


def end_sessions(user: User, *, keep: str | None = None) -> int:
    """End the sessions of a person, but for the one with this key. Gives how many.

    For whoever changes a factor or closes an account, in their transaction. A request that is under way in one of them
    cannot save it any more and is answered with 400: so keep the session of who asks for it.
    """
    rows = UserSession.objects.filter(user=user).exclude(session_key=keep or "")
    keys = list(rows.values_list("session_key", flat=True))
    forget(*keys)
    return len(keys)


def take_off_list(user: User, *, keep: str | None = None) -> None:
    """Where a password changed, every session but that of who changed it ends at its next request: Django compares its
    mark with the password. They only have to go from the list; removed here, the present request could not end well.
    """
    UserSession.objects.filter(user=user).exclude(session_key=keep or "").delete()


def forget(*keys: str) -> None:
    """Remove these sessions themselves and the lines about them."""
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()


def remove_ended_sessions(*, now: datetime) -> int:
    """Remove sessions that nobody can use any more, with the addresses written down of them. Gives how many lines."""
    SessionStore.clear_expired()  # by the machine's clock, as Django writes it down
    is_over = UserSession.objects.exclude(session_key__in=Session.objects.values("session_key"))
    number, _kinds = is_over.delete()
    too_old = UserSession.objects.filter(created_at__lte=now - timedelta(seconds=settings.SESSION_SECONDS))
    for row in too_old if settings.STRICT_SIGN_IN else ():
        forget(row.session_key)
        number += 1
    return int(number)


def device_of(user_agent: str) -> str:
    """ "Firefox, Windows" and so on, as a person knows the device; the browser may say what it likes."""
    system = next((name for name in SYSTEMS if name in user_agent), "")
    browser = next((name for name, marks in BROWSERS if re.search(marks, user_agent)), "")
    known = [part for part in (browser, SYSTEM_NAMES.get(system, system)) if part]
    return ", ".join(known) or _("unknown device")


def short_address(ip: str) -> str:
    """The first half of an address: enough to know the own network by, and not a whole address on a screen."""
    if ip == UNKNOWN_ADDRESS:
        return "–"
    found = ip_address(ip)
    if isinstance(found, IPv4Address):
        return ".".join(str(found).split(".")[:2]) + ".…"
    return ":".join(found.exploded.split(":")[:3]) + ":…"


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _note(action: str, person: User, by: User, organisation: Organisation | None, now: datetime) -> None:
    """Of what someone does with their own sessions, every organisation of theirs hears."""
    if organisation is None:
        note_of_person(action=action, person=person, by=by, now=now)
        return
    record(
        action=action,
        now=now,
        actor_id=by.pk,
        organisation_id=organisation.pk,
        object_type="user",
        object_id=person.pk,
    )
