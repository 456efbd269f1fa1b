"""What every request gets: the moment, the language, whose rows it may touch, and an answer that no cache keeps."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.middleware import get_user
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from vpdportal import clock, tenancy
from vpdportal.accounts.access import organisations_of
from vpdportal.accounts.signing_in.noted import note_guessing
from vpdportal.how_often import GUESSING, Limit, count_guess, count_miss, limit_of, names_a_thing, seconds_to_wait

GetResponse = Callable[[HttpRequest], HttpResponse]


class OneAlphabetMiddleware:
    """Forms are read as UTF-8, whatever the sender calls it: other alphabets are server errors, or bring half signs."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.encoding = "utf-8"
        return self.get_response(request)


class ClockMiddleware:
    """Reads the portal's clock once: `request.now` is the same for everything a request does."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.now = clock.now()  # type: ignore[attr-defined]
        return self.get_response(request)


class LanguageMiddleware:
    """Dutch, unless this person chose English with the switch; what the browser asks for does not count."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class OwnSiteMiddleware:
    """What we serve is for our own pages: no other site may take it in, not as a picture and not by a plug-in."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("X-Permitted-Cross-Domain-Policies", "none")
        return response


class TenancyMiddleware:
    """The rows of the organisations of who is signed in, and of nobody else; a stranger reaches none (ADR 31).

    Who signs in or out halfway has other rows from then on. A file that goes out in pieces keeps the scope to its end.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.user = SimpleLazyObject(partial(_signed_in, request))  # type: ignore[assignment]

        def organisations() -> set[UUID]:
            return organisations_of(request.user, request.now)  # type: ignore[attr-defined]

        with tenancy.within(organisations):
            response = self.get_response(request)
        if response.streaming:
            response.streaming_content = _in_scope(organisations, response.streaming_content)  # type: ignore[attr-defined]
        return response


def _signed_in(request: HttpRequest) -> Any:
    with tenancy.everywhere():  # the session and the account are of no organisation; which ones follow, they say
        return get_user(request)


def _in_scope(organisations: Callable[[], set[UUID]], pieces: Iterable[bytes]) -> Iterator[bytes]:
    pieces = iter(pieces)
    while True:
        with tenancy.within(organisations):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece


class HowOftenMiddleware:
    """Stops what comes too often (vpdportal/how_often.py). What was typed stands on the answer, to be sent again."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        limit: Limit | None = getattr(request, "limit", None)
        if limit and limit.is_of_misses and response.status_code == 404:
            count_miss(request, limit)
        elif response.status_code == 404 and _may_be_guessing(request) and count_guess(request):
            note_guessing(person=request.user, now=request.now)  # type: ignore[arg-type,attr-defined]
        return response

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        found = request.resolver_match
        limit = limit_of(found.url_name or "", request.method or "") if found else None
        seconds = seconds_to_wait(request, GUESSING) if _may_be_guessing(request) else 0
        if limit is not None and not seconds:
            request.limit = limit  # type: ignore[attr-defined]
            seconds = seconds_to_wait(request, limit)
        return too_often(request, seconds) if seconds else None


def _may_be_guessing(request: HttpRequest) -> bool:
    """Strangers are led to sign in before anything is looked for; what is for them has limits of its own."""
    return names_a_thing(request.resolver_match) and request.user.is_authenticated


def too_often(request: HttpRequest, seconds: int) -> HttpResponse:
    """429, with after how many seconds it goes on, and what was typed in hidden fields."""
    wait = {"Retry-After": str(seconds)}
    if request.headers.get("accept") == "application/json":
        return JsonResponse({"error": "too_often"}, status=429, headers=wait)
    typed = [
        (name, value) for name, values in request.POST.lists() for value in values if name != "csrfmiddlewaretoken"
    ]
    context = {"minutes": -(-seconds // 60), "typed": typed, "has_files": bool(request.FILES)}
    response = render(request, "429.html", context, status=429)
    response["Retry-After"] = wait["Retry-After"]
    return response


class PrivateResponseMiddleware:
    """Pages of signed-in people are kept by no cache, so that Back after signing out shows nothing."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response
