"""How people of an organisation sign in, as its administrator settles it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from vpdportal.accounts.models import Organisation, PasswordSignIn
from vpdportal.accounts.roles import NEEDS_TWO, Role
from vpdportal.accounts.signing_in.emergency import providers_of
from vpdportal.look.forms import ask_in_words
from vpdportal.look.seen_form import SeenForm


class SignInPlanForm(SeenForm):
    """Who may use a password, and which roles need a second step."""

    second_factor_roles = forms.MultipleChoiceField(
        label=_("Which roles need a second step?"),
        choices=[(role.value, role.label) for role in Role if role not in NEEDS_TWO],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "VPD advisers, deputies, administrators, data protection officers and analysts always do: their roles open "
            "much. Our proposal: every other role too that reads what others wrote. It counts at once, for who is "
            "signed in too."
        ),
    )

    class Meta:
        model = Organisation
        fields = ["password_sign_in", "second_factor_roles"]
        widgets = {"password_sign_in": forms.RadioSelect}
        labels = {"password_sign_in": _("Who may sign in with a password or a passkey of the portal?")}

    def __init__(self, *args: Any, has_emergency_account: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.has_emergency_account = has_emergency_account
        self.initial["second_factor_roles"] = [
            role for role in self.instance.second_factor_roles if role not in NEEDS_TWO
        ]
        ask_in_words(self)

    def clean_password_sign_in(self) -> str:
        choice: str = self.cleaned_data["password_sign_in"]
        if choice == PasswordSignIn.EMERGENCY and not providers_of(self.instance):
            raise forms.ValidationError(
                _(
                    "Signing in with the account of your organisation was not set up yet, so nobody else would get in. "
                    "Ask who runs the portal to set it up first."
                )
            )
        if choice == PasswordSignIn.EMERGENCY and not self.has_emergency_account:
            raise forms.ValidationError(
                _("First make an account an emergency account. Else nobody gets in when your own sign-in fails.")
            )
        return choice

    def clean_second_factor_roles(self) -> list[str]:
        """With the roles that always need one, which are not asked about."""
        chosen = self.cleaned_data["second_factor_roles"]
        return [role.value for role in Role if role in NEEDS_TWO or role.value in chosen]
