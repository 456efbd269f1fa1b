"""Passkeys: what the browser is asked, and signing in with one as the only step."""

import json
from typing import Any

from allauth.account.models import Login
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from django import forms
from django.http import HttpRequest, HttpResponse

from vpdportal.accounts.models import User
from vpdportal.accounts.signing_in.passwords import may_sign_in_here
from vpdportal.accounts.signing_in.words import PASSKEY_REFUSED

# What a browser may send that is no answer of a passkey at all.
MALFORMED = (TypeError, ValueError, KeyError, AttributeError)


class PasskeyForm(forms.Form):
    """The answer of a passkey that says by itself whose it is, and that asked its owner for a finger or a code."""

    credential = forms.JSONField()

    def clean_credential(self) -> Authenticator:
        answer = self.cleaned_data["credential"]
        try:
            response = webauthn.parse_authentication_response(answer)
            user = webauthn.extract_user_from_response(answer)
            found: Authenticator = webauthn.complete_authentication(user, answer)
            is_verified = response.response.authenticator_data.is_user_verified()
        except (forms.ValidationError, *MALFORMED) as error:
            raise forms.ValidationError(PASSKEY_REFUSED) from error
        if not is_verified:
            raise forms.ValidationError(PASSKEY_REFUSED)
        return found

    def sign_in(self, request: HttpRequest, redirect_url: str) -> HttpResponse | None:
        """None for who may not sign in at the portal itself."""
        found = self.cleaned_data["credential"]
        user: User = found.user
        if not may_sign_in_here(user, request.now):  # type: ignore[attr-defined]
            return None
        response: HttpResponse = perform_passwordless_login(request, found, Login(user=user, redirect_url=redirect_url))
        return response


def options_for_anyone() -> dict[str, Any]:
    """What is asked of whatever passkey is there. The session keeps the challenge."""
    return webauthn.begin_authentication(None)


def as_json(options: dict[str, Any] | None) -> str:
    """The options as static/portal/passkey.js reads them from an attribute; empty without a passkey."""
    return json.dumps(options, default=dict) if options else ""
