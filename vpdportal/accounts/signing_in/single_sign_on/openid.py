"""OpenID Connect by allauth, stricter where it leaves something out: signature, nonce, issuer, and what is kept."""

import secrets
import time
from collections.abc import Mapping
from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from requests import RequestException

from vpdportal.accounts.signing_in.single_sign_on.tokens import claims_of

ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
CACHED_SECONDS = 600  # a stranger who asks for the sign-in a thousand times makes us ask the provider once


class ProviderSilent(OAuth2Error):
    """The provider does not answer, or not as it should: nothing that the person can mend."""


class OpenIDAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """Talks with the provider: what it is, and a token for a code."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """What the provider says of itself. Raises ProviderSilent."""
        server = self.get_provider().app.settings["server_url"]
        known: dict[str, Any] | None = cache.get(f"openid:{server}")
        if known is None:
            known = self._read(f"{server}/.well-known/openid-configuration")
            if not all(isinstance(known.get(name), str) for name in ENDPOINTS):
                raise ProviderSilent("no OpenID Connect provider")
            cache.set(f"openid:{server}", known, CACHED_SECONDS)
        if known.get("issuer") != self.get_provider().app.settings["issuer"]:
            raise ProviderSilent("another issuer than SIGN_IN_FILE says")
        return known

    def _read(self, address: str) -> dict[str, Any]:
        try:
            with get_adapter().get_requests_session() as session:
                response = session.get(address)
                response.raise_for_status()
                found = response.json()
        except (RequestException, ValueError) as error:
            raise ProviderSilent(type(error).__name__) from error
        if not isinstance(found, dict):
            raise ProviderSilent("not an object")
        return found

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """From PORTAL_URL: what a request says of its host is not to be trusted."""
        return settings.PORTAL_URL + reverse("single_sign_on_return", args=[self.provider_id])

    def complete_login(self, request: HttpRequest, app: Any, token: SocialToken, **kwargs: Any) -> SocialLogin:
        claims = claims_of(
            kwargs["response"].get("id_token"),
            keys=self._read(self.openid_config["jwks_uri"]),
            issuer=app.settings["issuer"],
            client_id=app.client_id,
        )
        login = self.get_provider().sociallogin_from_response(request, claims)
        login.claims = claims
        return login


class OpenIDProvider(OpenIDConnectProvider):  # type: ignore[misc]
    """What is asked of the provider, and what of its answer is kept: the subject, and nothing else."""

    oauth2_adapter_class = OpenIDAdapter

    def ask(self, request: HttpRequest, process: str, next_url: str) -> HttpResponseBase:
        """On to the provider. For AGAIN it has to ask for the password or code anew. Raises ProviderSilent."""
        nonce = secrets.token_urlsafe(24)
        more = {"prompt": "login", "max_age": "0"} if process == AGAIN else {}
        response: HttpResponseBase = self.redirect(
            request,
            process=process,
            next_url=next_url or None,
            auth_params={"nonce": nonce, **more},
            nonce=nonce,
            asked_at=int(time.time()),
        )
        return response

    def extract_uid(self, data: Mapping[str, Any]) -> str:
        return str(data["sub"])

    def extract_extra_data(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return {}

    def extract_common_fields(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return {}

    def extract_email_addresses(self, data: Mapping[str, Any]) -> list[Any]:
        return []


# What a sign-in is for, beside allauth's own "login": someone who is signed in proves once more who they are.
AGAIN = "again"
