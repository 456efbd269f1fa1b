"""What the portal decides in django-allauth's place."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string

from vpdportal.accounts.models import User
from vpdportal.accounts.signing_in.known_devices import know_device
from vpdportal.accounts.signing_in.limits import key_for
from vpdportal.accounts.signing_in.noted import DONE, note_failed_password, note_of_person
from vpdportal.accounts.signing_in.sealing import open_secret, seal_secret
from vpdportal.accounts.signing_in.words import PASSKEY_REFUSED

ALLAUTHS_SECOND_STEP = "allauth.mfa.stages.AuthenticateStage"
SECOND_STEP = "vpdportal.accounts.signing_in.single_sign_on.stage.SecondStepStage"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody makes an account for themselves: an administrator or the identity provider does."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """There are no user names."""

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """allauth's own sentences are not in our words; our pages say what there is to say."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The person with this `email` and `password`, who may sign in with them; failures are counted."""
        self.pre_authenticate(request, **credentials)
        user: Any = authenticate(request, **credentials)
        if user:
            self._rollback_login_failed_rl_usage()
        else:
            note_failed_password(address=credentials.get("email", ""), now=request.now)  # type: ignore[attr-defined]
        return user if isinstance(user, User) else None

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        return key_for(request, "password", credentials.get("email", ""))

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Every way of signing in ends here: the device is known from now on, and an emergency account is told of."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        know_device(request, response, user.email)
        note_of_person(action=DONE, person=user, by=user, now=request.now)  # type: ignore[attr-defined]
        if user.is_emergency_account:
            tell: Any = import_string(settings.EMERGENCY_SIGN_IN)
            tell(user=user, now=request.now)  # type: ignore[attr-defined]
        return response

    def get_login_stages(self) -> list[str]:
        return [SECOND_STEP if path == ALLAUTHS_SECOND_STEP else path for path in super().get_login_stages()]

    def is_safe_url(self, url: str | None) -> bool:
        request = self.request
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("home")

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        messages.error(request, PASSKEY_REFUSED)
        return redirect("sign_in")


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors: sealed, and named in our words."""

    def encrypt(self, text: str) -> str:
        return seal_secret(text)

    def decrypt(self, encrypted_text: str) -> str:
        return open_secret(encrypted_text)

    def get_totp_label(self, user: User) -> str:
        return user.email

    def get_totp_issuer(self) -> str:
        return str(settings.MFA_TOTP_ISSUER)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": super().get_public_key_credential_rp_entity()["id"], "name": str(settings.MFA_TOTP_ISSUER)}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        return {"id": str(user.pk).encode(), "display_name": user.name, "name": user.email}
