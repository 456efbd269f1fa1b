"""Signing in, and choosing a language."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import (
    LoginView,
    LogoutView,
    PasswordResetConfirmView,
    PasswordResetDoneView,
    PasswordResetView,
)
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vpdportal.accounts.actions import note_password_set
from vpdportal.accounts.forms import AskForPasswordForm, ChoosePasswordForm, SignInForm


class SignIn(LoginView):
    """Work e-mail and password. Single sign-on and a second factor come with the access work (docs/adr)."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


class SignOut(LogoutView):
    """Signing out, also by leaving quickly. The browser forgets what it kept of pages and files (ASVS 14.2.2).

    Not its storage: a report that was typed without signal waits there, sealed, until its writer signs in again.
    """

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().post(request, *args, **kwargs)
        response.headers["Clear-Site-Data"] = '"cache"'
        return response


class AskForPassword(PasswordResetView):
    """A link by mail to choose a password: for a new account and for a forgotten one. Never says who has an account."""

    template_name = "accounts/password_ask.html"
    form_class = AskForPasswordForm
    subject_template_name = "accounts/password_subject.txt"
    email_template_name = "accounts/password_mail.txt"
    extra_email_context = {"portal": settings.PORTAL_URL}
    success_url = reverse_lazy("password_asked")


class PasswordAsked(PasswordResetDoneView):
    template_name = "accounts/password_asked.html"


class ChoosePassword(PasswordResetConfirmView):
    """The page behind that link. It works once, for a day, and ends the person's other sessions."""

    template_name = "accounts/password_choose.html"
    form_class = ChoosePasswordForm
    success_url = reverse_lazy("sign_in")

    def form_valid(self, form: Any) -> Any:
        response = super().form_valid(form)
        note_password_set(user=form.user, by=form.user, now=self.request.now)  # type: ignore[attr-defined]
        messages.success(self.request, _("Your password is set. You can sign in with it now."))
        return response


@require_POST
@login_not_required
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the choice of language in a cookie for a year and go back to the page."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        target = "/"
    response = HttpResponseRedirect(target)
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=365 * 24 * 3600,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            samesite="Lax",
            httponly=True,
        )
    return response
