"""What the portal decides where allauth signs people in with another's account."""

import hmac
import logging
from collections.abc import Mapping
from typing import Any

import requests
from allauth.account.internal.flows.login import record_authentication
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthError, Provider
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from vpdportal.accounts.models import User
from vpdportal.accounts.signing_in.single_sign_on.arriving import arrive
from vpdportal.accounts.signing_in.single_sign_on.identity import NotLetIn, Refusal, identity_of
from vpdportal.accounts.signing_in.single_sign_on.marks import mark_strength
from vpdportal.accounts.signing_in.single_sign_on.openid import AGAIN, OpenIDProvider, ProviderSilent
from vpdportal.sign_in_file import Provider as Configured

log = logging.getLogger(__name__)

SAML = "vpdportal.accounts.signing_in.single_sign_on.saml.SAMLProvider"  # needs an extra package
SKEW_SECONDS = 60  # [OWN] clocks of the provider and of us differ


def configured(provider_id: str) -> Configured:
    """The provider with this id. Raises SocialApp.DoesNotExist."""
    for provider in settings.SIGN_IN_PROVIDERS:
        if provider.id == provider_id:
            return provider  # type: ignore[no-any-return]
    raise SocialApp.DoesNotExist


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Providers come from SIGN_IN_FILE only, and accounts are found by vpdportal's own rules (arriving.py)."""

    def list_apps(self, request: HttpRequest, provider: str | None = None, client_id: str | None = None) -> list[Any]:
        wanted = [one for one in settings.SIGN_IN_PROVIDERS if provider in (None, one.id)]
        return [_app(one) for one in wanted if client_id in (None, one.client_id)]

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Provider:
        app = self.get_app(request, provider=provider, client_id=client_id)
        kind: Any = import_string(SAML) if app.provider == "saml" else OpenIDProvider
        return kind(request, app=app)

    def get_requests_session(self) -> requests.Session:
        """Asks where SIGN_IN_FILE and the provider say, and nowhere else: nobody leads our secret on."""
        session: requests.Session = super().get_requests_session()
        session.max_redirects = 0
        return session

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: Mapping[str, Any]) -> Any:
        """Nothing: what an account holds is for arriving.py to say."""
        return sociallogin.user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """The answer of a provider was checked. Whose is it, and may they come in? Raises ImmediateHttpResponse."""
        provider, claims = configured(sociallogin.account.provider), sociallogin.claims
        if provider.kind == "openid_connect" and not _is_same(sociallogin.state.get("nonce"), claims.get("nonce")):
            raise ImmediateHttpResponse(failed(request, provider, "nonce"))
        if sociallogin.state["process"] == AGAIN:
            raise ImmediateHttpResponse(_prove_again(request, sociallogin, provider))
        try:
            identity = identity_of(sociallogin.account.uid, claims, provider)
        except NotLetIn as fault:
            log.warning("sign-in by %s: %s", provider.id, fault.reason.value)
            raise ImmediateHttpResponse(refused(request, provider, fault.reason)) from None
        arrival = arrive(provider=provider, identity=identity, now=request.now)  # type: ignore[attr-defined]
        if arrival.refusal:
            if arrival.user and arrival.user == request.user:
                logout(request)
            raise ImmediateHttpResponse(refused(request, provider, arrival.refusal))
        logout(request)  # also what someone left halfway in this browser: the session begins anew
        sociallogin.user = arrival.user
        mark_strength(request, arrival.user, identity.is_strong)  # type: ignore[arg-type]

    def on_authentication_error(
        self, request: HttpRequest, provider: Provider, error: Any = None, exception: Any = None, **more: Any
    ) -> None:
        """Our page in place of allauth's; details go to nobody, and only the kind of the error to the log."""
        one = configured(provider.sub_id)
        if error == AuthError.CANCELLED:
            messages.info(request, _("You did not sign in. You can try again, or choose another way."))
            raise ImmediateHttpResponse(redirect("sign_in"))
        raise ImmediateHttpResponse(
            failed(request, one, type(exception).__name__, isinstance(exception, ProviderSilent))
        )


def refused(request: HttpRequest, provider: Configured, reason: Refusal) -> HttpResponse:
    context = {"provider": provider, "reason": reason.label, "code": reason.value}
    return render(request, "accounts/single_sign_on_refused.html", context, status=403)


def failed(request: HttpRequest, provider: Configured, kind: str, is_silent: bool = False) -> HttpResponse:
    """An answer that cannot be trusted, or none."""
    log.warning("sign-in by %s failed: %s", provider.id, kind)
    context = {"provider": provider, "is_silent": is_silent}
    return render(request, "accounts/single_sign_on_failed.html", context, status=503 if is_silent else 400)


def _app(provider: Configured) -> SocialApp:
    return SocialApp(
        provider=provider.kind,
        provider_id=provider.id,
        name=provider.name,
        client_id=provider.client_id,
        secret=provider.secret,
        settings={"server_url": provider.server_url, "issuer": provider.issuer, "oauth_pkce_enabled": True},
    )


def _is_same(asked: Any, told: Any) -> bool:
    return isinstance(asked, str) and isinstance(told, str) and hmac.compare_digest(asked.encode(), told.encode())


def _prove_again(request: HttpRequest, sociallogin: SocialLogin, provider: Configured) -> HttpResponse:
    """Who is signed in proved once more who they are; the provider says when, and that is after we asked."""
    user = request.user
    if not isinstance(user, User) or sociallogin.user != user:
        return refused(request, provider, Refusal.OTHER_PERSON)
    proved_at, asked_at = sociallogin.claims.get("auth_time"), sociallogin.state["asked_at"]
    if not isinstance(proved_at, int) or proved_at < asked_at - SKEW_SECONDS:
        return refused(request, provider, Refusal.NOT_AGAIN)
    if identity_of(sociallogin.account.uid, sociallogin.claims, provider).is_strong:
        mark_strength(request, user, is_strong=True)
    record_authentication(
        request, user, "socialaccount", provider=provider.id, uid=sociallogin.account.uid, reauthenticated=True
    )
    return redirect(sociallogin.state.get("next") or reverse("home"))
