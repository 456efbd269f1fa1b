"""Signing out, choosing a password, and choosing a language."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import (
    LogoutView,
    PasswordResetConfirmView,
    PasswordResetDoneView,
)
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django.views.generic import FormView

from vpdportal.accounts.actions import note_password_set
from vpdportal.accounts.forms import AskForPasswordForm, ChoosePasswordForm
from vpdportal.accounts.models import User
from vpdportal.accounts.signing_in.limits import may_ask_password
from vpdportal.accounts.signing_in.noted import OUT, note_of_person
from vpdportal.accounts.signing_in.single_sign_on.marks import signed_in_with


class SignOut(LogoutView):
    """Signing out, also by leaving quickly. The browser forgets what it kept of pages and files (ASVS 14.2.2).

    Not its storage: a report that was typed without signal waits there, sealed, until its writer signs in again.
    """

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        provider, person = signed_in_with(request), request.user
        if isinstance(person, User):
            note_of_person(action=OUT, person=person, by=person, now=request.now)  # type: ignore[attr-defined]
        response = super().post(request, *args, **kwargs)
        if provider and isinstance(response, HttpResponseRedirect):
            response = redirect(
                f"{reverse('sign_in')}?vanaf={provider}"
            )  # which says that one is still signed in there
        response.headers["Clear-Site-Data"] = '"cache"'
        return response


@method_decorator(login_not_required, name="dispatch")
class AskForPassword(FormView):
    """A link by mail to choose a password: for a new account and for a forgotten one. Never says who has an account.

    The mail goes through the queue, and who asks too often gets the same answer and no mail.
    """

    template_name = "accounts/password_ask.html"
    form_class = AskForPasswordForm
    success_url = reverse_lazy("password_asked")

    def form_valid(self, form: Any) -> HttpResponse:
        email = form.cleaned_data["email"].lower()
        may_mail = may_ask_password(self.request, email)
        found = User.objects.filter(email=email, is_active=True).first()
        if found and may_mail:
            ask: Any = import_string(settings.PASSWORD_MAIL)
            ask(user=found, now=self.request.now)  # type: ignore[attr-defined]
        return HttpResponseRedirect(self.get_success_url())


class PasswordAsked(PasswordResetDoneView):
    template_name = "accounts/password_asked.html"


# Django's own view shows that a link is of no use, whatever the method.
@method_decorator(require_http_methods(["GET", "HEAD", "POST", "OPTIONS"]), name="dispatch")
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
