"""Before a sensitive step: whoever sits at this screen now proves again to be who signed in (design of access, R8)."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_http_methods

from vpdportal.accounts.models import User
from vpdportal.accounts.signing_in.passkeys import as_json
from vpdportal.accounts.signing_in.proving import ProofForm

View = Callable[..., HttpResponseBase]

RECENT_SECONDS = 5 * 60
METHODS = frozenset({"password", "mfa", "socialaccount"})
PREFIX = "again"
PROOFS = tuple(f"{PREFIX}-{name}" for name in ProofForm.base_fields)


def is_proven_recently(request: HttpRequest) -> bool:
    """Whether this person proved who they are in this session less than five minutes ago: signing in counts too.

    By the machine's clock, as allauth writes it down, and not by the portal's.
    """
    records = get_authentication_records(request, request.user)
    return any(
        record.get("method") in METHODS and 0 <= time.time() - record.get("at", 0) < RECENT_SECONDS
        for record in records
    )


def proven_recently(view: View) -> View:
    """A view decorator: who did not prove in the last five minutes who they are does so first.

    A page is opened after `sign_in_again`. A form that was sent is answered with the same question on the spot; what
    was typed goes along in hidden fields of that page, and the form is sent again with the proof. Nothing is kept
    meanwhile. Only where `settings.STRICT_SIGN_IN`; a stranger is left to what else guards the view.
    """
    return _guarding(view, frozenset())


def proven_to_send(view: View) -> View:
    """The same for a view whose page may be looked at: only the form on it asks."""
    return _guarding(view, frozenset({"GET", "HEAD"}))


def _guarding(view: View, free: frozenset[str]) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.STRICT_SIGN_IN or not request.user.is_authenticated or request.method in free:
            return view(request, *args, **kwargs)
        question = None if is_proven_recently(request) else _ask(request, request.user)
        if question is not None:
            return question
        if any(name in request.POST for name in PROOFS):
            request.POST = _typed(request)  # type: ignore[assignment]  # the view reads its own form only
        return view(request, *args, **kwargs)

    guarded.asks_for_proof = True  # type: ignore[attr-defined]
    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_again(request: HttpRequest) -> HttpResponse:
    """The question by itself, and on to `next`: an address of this portal. `strong`: a password does not do."""
    target = safe_next(request)
    user = request.user
    assert isinstance(user, User)  # noqa: S101  strangers are sent away before
    form = _form(request, user, is_strong=bool(request.GET.get("strong")))
    if form.is_bound and form.is_valid():
        form.save()
        return redirect(target)
    return _page(request, form, [("next", target)], action=request.get_full_path())


def safe_next(request: HttpRequest) -> str:
    """Where to go on: `next` when it is an address of this portal, else the start page."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if is_ours else reverse("home")


def _ask(request: HttpRequest, user: User) -> HttpResponseBase | None:
    """What to answer in place of the view; None when the proof came along and is right."""
    if request.headers.get("accept") == "application/json":
        return JsonResponse({"error": "sign_in_again"}, status=403)
    if request.method in {"GET", "HEAD"}:
        return redirect(f"{reverse('sign_in_again')}?{urlencode({'next': request.get_full_path()})}")
    form = _form(request, user)
    if form.is_bound and form.is_valid():
        form.save()
        return None
    typed = [(name, value) for name, values in _typed(request).lists() for value in values]
    return _page(request, form, typed, action=request.get_full_path())


def _form(request: HttpRequest, user: User, *, is_strong: bool = False) -> ProofForm:
    is_sent = any(name in request.POST for name in PROOFS)
    data = request.POST if is_sent else None
    return ProofForm(request, user, data, prefix=PREFIX, is_again=True, is_strong=is_strong)


def _typed(request: HttpRequest) -> QueryDict:
    typed = request.POST.copy()
    for name in (*PROOFS, "csrfmiddlewaretoken"):
        typed.pop(name, None)
    return typed


def _page(request: HttpRequest, form: ProofForm, typed: list[tuple[str, str]], action: str) -> HttpResponse:
    context = {
        "form": form,
        "typed": typed,
        "action": action,
        "passkey_options": as_json(form.passkey_options()),
        "has_files": bool(request.FILES),
    }
    return render(request, "accounts/sign_in_again.html", context, status=400 if form.is_bound else 200)
