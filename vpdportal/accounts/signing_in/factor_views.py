"""My sign-in: the app, passkeys and recovery codes of this person."""

from typing import Any

from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vpdportal.accounts.actions import AccountsError
from vpdportal.accounts.signing_in.adapters import FactorAdapter
from vpdportal.accounts.signing_in.again import proven_recently
from vpdportal.accounts.signing_in.factor_forms import AppForm, NewPasskeyForm
from vpdportal.accounts.signing_in.factors import (
    NEW_SECRET,
    add_app,
    add_passkey,
    codes_left,
    new_app_secret,
    new_recovery_codes,
    remove_factor,
)
from vpdportal.accounts.signing_in.passkeys import as_json
from vpdportal.accounts.signing_in.second_factor import has_factor, is_strong, needs_factor
from vpdportal.accounts.signing_in.session_views import OwnRequest
from vpdportal.qr import qr_of


@require_safe
def mine(request: OwnRequest) -> HttpResponse:
    """What this person signs in with."""
    factors = list(Authenticator.objects.filter(user_id=request.user.pk).order_by("pk"))
    needs = needs_factor(request.user, request.now)
    context = {
        "app": next((one for one in factors if one.type == Authenticator.Type.TOTP), None),
        "passkeys": [one for one in factors if one.type == Authenticator.Type.WEBAUTHN],
        "codes_left": codes_left(request.user),
        "has_factor": has_factor(request.user),
        "needs_factor": needs,
        "is_held_back": settings.STRICT_SIGN_IN and needs and not is_strong(request),
    }
    return render(request, "accounts/my_sign_in.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@proven_recently
def app(request: OwnRequest) -> HttpResponse:
    """Setting up an app: a picture to scan, and the first code as proof that it was scanned."""
    is_sent = request.method == "POST"
    secret = new_app_secret(request, request.user, is_fresh=not is_sent)
    form = AppForm(request, secret, request.POST if is_sent else None)
    status = 200
    if is_sent:
        status = 400
        if form.is_valid():
            try:
                added, codes = add_app(user=request.user, secret=secret, keep_session=_key(request), now=request.now)
            except AccountsError as refused:
                form.add_error(None, str(refused))
                status = 409
            else:
                del request.session[NEW_SECRET]
                return _added(request, added, codes)
    adapter = FactorAdapter()
    picture = qr_of(adapter.build_totp_url(request.user, secret))
    context = {"form": form, "secret": in_fours(secret), "qr": picture}
    return render(request, "accounts/factor_app.html", context, status=status)


@require_POST
@proven_recently
def app_gone(request: OwnRequest) -> HttpResponse:
    return _remove(request, get_object_or_404(Authenticator, user_id=request.user.pk, type=Authenticator.Type.TOTP))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@proven_recently
def passkey(request: OwnRequest) -> HttpResponse:
    """Making a passkey on this device, or on a key that is put in."""
    form = NewPasskeyForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        added, codes = add_passkey(
            user=request.user,
            credential=form.cleaned_data["credential"],
            keep_session=_key(request),
            now=request.now,
        )
        return _added(request, added, codes)
    options = as_json(webauthn.begin_registration(request.user, True))
    context = {"form": form, "passkey_options": options}
    return render(request, "accounts/factor_passkey.html", context, status=400 if form.is_bound else 200)


@require_POST
@proven_recently
def passkey_gone(request: OwnRequest, pk: int) -> HttpResponse:
    return _remove(
        request,
        get_object_or_404(Authenticator, pk=pk, user_id=request.user.pk, type=Authenticator.Type.WEBAUTHN),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@proven_recently
def codes(request: OwnRequest) -> HttpResponse:
    """New recovery codes. They are shown in the answer to this form only."""
    if not has_factor(request.user):
        messages.info(request, _("Recovery codes come with an app or a passkey. Set one of these up first."))
        return redirect("my_sign_in")
    if request.method != "POST":
        return render(request, "accounts/factor_codes.html", {"left": codes_left(request.user)})
    return _show_codes(request, new_recovery_codes(user=request.user, now=request.now))


def _added(request: OwnRequest, added: Authenticator, codes: list[str]) -> HttpResponse:
    """Whoever set it up has shown it, so this session is strong from now on."""
    added.user = request.user
    post_authentication(request, added)
    messages.success(request, _("Your second step is set up."))
    return _show_codes(request, codes) if codes else redirect("my_sign_in")


def _show_codes(request: OwnRequest, codes: list[str]) -> HttpResponse:
    return render(request, "accounts/factor_codes_new.html", {"codes": [in_fours(code) for code in codes]})


def _remove(request: OwnRequest, factor: Authenticator) -> HttpResponse:
    factor.user = request.user
    try:
        remove_factor(factor=factor, keep_session=_key(request), now=request.now)
    except AccountsError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("It is removed. You cannot sign in with it any more."))
    return redirect("my_sign_in")


def in_fours(code: str) -> str:
    """As one reads and types it over; the spaces make no difference, to an app nor to us."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def _key(request: Any) -> str | None:
    key: str | None = request.session.session_key
    return key
