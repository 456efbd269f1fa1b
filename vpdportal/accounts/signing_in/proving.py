"""The form with which someone proves who they are: a password, a code, or a passkey.

Used for the second step of signing in, and once more before a sensitive step (`again`).
"""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from vpdportal.accounts.models import User
from vpdportal.accounts.signing_in.limits import count_code, count_password_again
from vpdportal.accounts.signing_in.noted import AGAIN, SECOND_FAILED, note_of_person
from vpdportal.accounts.signing_in.passkeys import MALFORMED
from vpdportal.accounts.signing_in.passwords import may_sign_in_here
from vpdportal.accounts.signing_in.sealing import secrets_of
from vpdportal.accounts.signing_in.words import TOO_OFTEN
from vpdportal.look.forms import PlainForm

CODES = {Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES}


class ProofForm(PlainForm):
    """One of the ways that this person has. The fields carry a prefix, beside whatever else was typed on a page."""

    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    code = forms.CharField(
        label=_("Code of your app, or one of your recovery codes"),
        required=False,
        max_length=32,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    credential = forms.JSONField(required=False, widget=forms.HiddenInput)
    error_messages = {
        "nothing": _("Fill in one of these: we need it to know that it is you."),
        "wrong": _("This does not belong to your account, or was used before. Check it and try again."),
        "too_often": TOO_OFTEN,
    }

    def __init__(
        self, request: HttpRequest, user: User, data: Any = None, *, prefix: str, is_again: bool, is_strong: bool
    ) -> None:
        """`is_again`: of who is signed in already. `is_strong`: a password does not do."""
        super().__init__(data, prefix=prefix)
        self.request, self.user, self.is_again = request, user, is_again
        self._used: Authenticator | None = None
        held = set(Authenticator.objects.filter(user_id=user.pk).values_list("type", flat=True))
        if is_strong or not user.has_usable_password() or not may_sign_in_here(user, request.now):  # type: ignore[attr-defined]
            del self.fields["password"]
        if not held & CODES:
            del self.fields["code"]
        if Authenticator.Type.WEBAUTHN not in held:
            del self.fields["credential"]
        if list(self.fields) in (["password"], ["code"]):  # with more ways, one of them is enough
            next(iter(self.fields.values())).required = True

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("credential"):
            self._check_passkey(data["credential"])
        elif data.get("code"):
            self._check_code(data["code"])
        elif data.get("password"):
            self._check_password(data["password"])
        elif not self.errors:
            self._refuse("nothing", None)
        return data

    def _check_password(self, password: str) -> None:
        usage = count_password_again(self.request, self.user)
        if usage is None:
            self._refuse("too_often", "password")
        elif self.user.check_password(password):
            usage.rollback()
        else:
            self._refuse("wrong", "password")

    def _check_code(self, code: str) -> None:
        usage = count_code(self.request, self.user)
        if usage is None:
            self._refuse("too_often", "code")
            return
        with secrets_of(self.user):
            for one in Authenticator.objects.filter(user_id=self.user.pk, type__in=CODES).order_by("pk"):
                if one.wrap().validate_code(code):
                    self._used = one
                    usage.rollback()
                    return
        self._refuse("wrong", "code")

    def _check_passkey(self, answer: Any) -> None:
        try:
            webauthn.parse_authentication_response(answer)
            self._used = webauthn.complete_authentication(self.user, answer)
        except (forms.ValidationError, *MALFORMED):
            self._refuse("wrong", None)

    def _refuse(self, why: str, field: str | None) -> None:
        """The sentence stands beside the field that it is about, where there is one to see."""
        if why == "wrong":
            note_of_person(action=SECOND_FAILED, person=self.user, by=None, now=self.request.now)  # type: ignore[attr-defined]
        self.add_error(field, forms.ValidationError(self.error_messages[why], code=why))

    def save(self) -> None:
        """Write into the session that this person was proven now."""
        if self.is_again:
            note_of_person(action=AGAIN, person=self.user, by=self.user, now=self.request.now)  # type: ignore[attr-defined]
        if self._used:
            self._used.user = self.user
            post_authentication(self.request, self._used, reauthenticated=self.is_again)
        else:
            record_authentication(self.request, self.user, method="password", reauthenticated=True)

    def passkey_options(self) -> dict[str, Any] | None:
        """What the browser asks the passkey; a new challenge, which the session keeps."""
        has_passkey = "credential" in self.fields
        return webauthn.begin_authentication(self.user) if has_passkey else None
