"""Setting up a factor: the proof that it works comes before it counts."""

from typing import Any

from allauth.mfa.totp.internal.auth import validate_totp_code
from allauth.mfa.webauthn.internal import auth as webauthn
from django import forms
from django.utils.translation import gettext_lazy as _

from vpdportal.accounts.signing_in.limits import count_code
from vpdportal.accounts.signing_in.passkeys import MALFORMED
from vpdportal.accounts.signing_in.session_views import OwnRequest
from vpdportal.accounts.signing_in.words import TOO_OFTEN
from vpdportal.look.forms import PlainForm


class AppForm(PlainForm):
    code = forms.CharField(
        label=_("Code that the app shows"),
        max_length=16,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def __init__(self, request: OwnRequest, secret: str, data: Any = None) -> None:
        super().__init__(data)
        self.request, self.secret = request, secret

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        usage = count_code(self.request, self.request.user)
        if usage is None:
            raise forms.ValidationError(TOO_OFTEN)
        if not validate_totp_code(self.secret, code):
            raise forms.ValidationError(
                _("This code is not right. Wait for the next one, and check the clock of your telephone.")
            )
        usage.rollback()
        return code


class NewPasskeyForm(forms.Form):
    """What the browser answers when it made a passkey; its owner was asked for a finger or a code."""

    credential = forms.JSONField(widget=forms.HiddenInput)

    def clean_credential(self) -> dict[str, Any]:
        answer = self.cleaned_data["credential"]
        try:
            webauthn.parse_registration_response(answer)
            binding = webauthn.complete_registration(answer)
            is_verified = binding.is_user_verified()
        except (forms.ValidationError, *MALFORMED) as error:
            raise forms.ValidationError(_("The passkey was not made. Try again.")) from error
        if not is_verified:
            raise forms.ValidationError(
                _("This key asked for no finger and no code. Set one on the key first, then try again.")
            )
        made: dict[str, Any] = answer
        return made
