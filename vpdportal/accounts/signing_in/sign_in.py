"""Signing in: a password and then the second step, or a passkey as the only one. allauth's flow, our pages (ADR 29)."""

from typing import Any

from allauth.account.stages import LoginStage, LoginStageController
from allauth.mfa.stages import AuthenticateStage
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vpdportal.accounts.signing_in.again import safe_next
from vpdportal.accounts.signing_in.limits import may_begin
from vpdportal.accounts.signing_in.passkeys import PasskeyForm, as_json, options_for_anyone
from vpdportal.accounts.signing_in.proving import ProofForm
from vpdportal.accounts.signing_in.sign_in_form import SignInForm
from vpdportal.accounts.signing_in.words import PASSKEY_REFUSED, TOO_OFTEN

PREFIX = "second"
SECOND_PROOFS = tuple(f"{PREFIX}-{name}" for name in ProofForm.base_fields)


class SignIn(LoginView):
    """Work e-mail and password. Who has a second factor is led to it before anything else is theirs."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    @method_decorator(login_not_required)
    @method_decorator(sensitive_post_parameters("password"))
    @method_decorator(never_cache)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_begin(request):
            return render(request, "accounts/too_often.html", status=429)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> Any:
        return form.sign_in(self.request, self.get_success_url())


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """The second step, on a page of its own."""
    if request.user.is_authenticated:
        return redirect("home")
    stage = waiting_stage(request)
    if stage is None:
        messages.info(request, _("That took too long. Begin again with your password."))
        return redirect("sign_in")
    return take_second_step(request, stage, typed=[], action=reverse("mfa_authenticate"))


def waiting_stage(request: HttpRequest) -> LoginStage | None:
    """Who gave the right password in this browser, less than a quarter of an hour ago, and owes the second step."""
    stage: LoginStage | None = LoginStageController.enter(request, AuthenticateStage.key)
    return stage if stage and stage.login.user else None


def take_second_step(
    request: HttpRequest, stage: LoginStage, *, typed: list[tuple[str, str]], action: str
) -> HttpResponse:
    """Sign in when the proof is right; else the page that asks for it, with what was `typed` in hidden fields."""
    is_sent = any(name in request.POST for name in SECOND_PROOFS)
    data = request.POST if is_sent else None
    form = ProofForm(request, stage.login.user, data, prefix=PREFIX, is_again=False, is_strong=True)
    if form.is_bound and form.is_valid():
        form.save()
        response: HttpResponse = stage.exit()
        return response
    options = as_json(form.passkey_options())
    context = {"form": form, "typed": typed, "action": action, "passkey_options": options}
    return render(request, "accounts/second_step.html", context, status=400 if form.is_bound else 200)


@require_safe
@login_not_required
@never_cache
def passkey_question(request: HttpRequest) -> HttpResponse:
    """What the browser asks a passkey, for who presses that button on the sign-in page."""
    if not may_begin(request):
        return JsonResponse({"error": "too_often"}, status=429)
    return HttpResponse(as_json(options_for_anyone()), content_type="application/json")


@require_POST
@login_not_required
@never_cache
def passkey_answer(request: HttpRequest) -> HttpResponse:
    """Sign in with a passkey alone: something that one has, and a finger or a code beside it."""
    if request.user.is_authenticated:
        return redirect(safe_next(request))
    form = PasskeyForm(request.POST)
    response = form.sign_in(request, safe_next(request)) if may_begin(request) and form.is_valid() else None
    if response is None:
        messages.error(request, PASSKEY_REFUSED if form.is_bound else TOO_OFTEN)
        return redirect("sign_in")
    return response
