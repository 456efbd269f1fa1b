"""The form of the sign-in page."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from vpdportal.accounts.models import User
from vpdportal.accounts.signing_in.words import DOES_NOT_FIT, TOO_OFTEN
from vpdportal.look.forms import ask_in_words


class SignInForm(AuthenticationForm):
    """Whatever is wrong, the answer is one and the same, and so is the time that it takes."""

    use_required_attribute = False
    error_messages = {"invalid_login": DOES_NOT_FIT, "inactive": DOES_NOT_FIT}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget = forms.EmailInput(attrs={"autocomplete": "username webauthn"})
        self.fields["username"].label = _("Work e-mail address")
        self.fields["password"].label = _("Password")
        ask_in_words(self)

    def clean(self) -> dict[str, Any]:
        self._user: User | None = None
        email, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if email and password:
            self._user = self._authenticate(email, password)
        return self.cleaned_data

    def _authenticate(self, email: str, password: str) -> User:
        try:
            user = get_adapter().authenticate(self.request, email=email, password=password)
        except forms.ValidationError as too_often:
            raise forms.ValidationError(TOO_OFTEN, code="too_often") from too_often
        if not isinstance(user, User):
            raise forms.ValidationError(DOES_NOT_FIT, code="invalid_login")
        return user

    def sign_in(self, request: HttpRequest, redirect_url: str) -> HttpResponse:
        """Signed in, or led to the second step. The session begins anew with it."""
        email = self.cleaned_data["username"]
        login = Login(user=self._user, email=email, redirect_url=redirect_url)
        response: HttpResponse = perform_password_login(request, {"email": email}, login)
        return response
