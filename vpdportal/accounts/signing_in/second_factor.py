"""Whether this person's role asks for a second factor, and whether this session has one (T10: no way around it)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from vpdportal.accounts.access import standing
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import NEEDS_TWO
from vpdportal.accounts.signing_in.single_sign_on.marks import provider_proved_second_factor
from vpdportal.tenancy import everywhere

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# What someone reaches without one: setting one up, signing out, the language, and whether the machine is well.
OPEN = frozenset(
    {
        "sign_in",
        "sign_out",
        "set_language",
        "sign_in_again",
        "my_sign_in",
        "factor_app",
        "factor_passkey",
        "factor_codes",
        "single_sign_on",
        "single_sign_on_return",
        "single_sign_on_done",
        "single_sign_out",
        "saml_return",
        "live",
        "ready",
    }
)

GetResponse = Callable[[HttpRequest], HttpResponse]


class SecondFactorMiddleware:
    """Stands before every view. A role that was given meanwhile counts at the next request."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> HttpResponseBase | None:
        found = request.resolver_match
        if found and found.url_name in OPEN:
            return None
        return hold_back(request)


def hold_back(request: HttpRequest) -> HttpResponseBase | None:
    """What this request gets in place of its view while the second factor is missing; None when nothing is.

    A form that was sent comes along in hidden fields: the factor is set up in another tab, and nothing is lost.
    """
    user = request.user
    if not isinstance(user, User) or not settings.STRICT_SIGN_IN or is_strong(request):
        return None
    if not needs_factor(user, request.now):  # type: ignore[attr-defined]
        return None
    if request.headers.get("accept") == "application/json":
        return JsonResponse({"error": "second_factor"}, status=403)
    way = way_to_factor(user, request.get_full_path() if request.method in {"GET", "HEAD"} else "")
    if request.method in {"GET", "HEAD"}:
        return redirect(way)
    typed = [(name, value) for name, values in request.POST.lists() for value in values]
    context = {"typed": [pair for pair in typed if pair[0] != "csrfmiddlewaretoken"], "way": way}
    return render(request, "accounts/factor_first.html", context | {"action": request.get_full_path()}, status=403)


def is_strong(request: HttpRequest) -> bool:
    """Whether more than a password was shown in this session: here, or at the provider that says so."""
    if provider_proved_second_factor(request):
        return True
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


def needs_factor(user: User, now: datetime) -> bool:
    """Whether a role that this person holds now asks for a second factor, by itself or in its organisation."""
    with everywhere():  # a role elsewhere asks it too, whatever may be read here
        memberships = standing(user, now).memberships
    return any(one.role in NEEDS_TWO or one.role in one.organisation.second_factor_roles for one in memberships)


def has_factor(user: User) -> bool:
    return Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exists()


def way_to_factor(user: User, target: str) -> str:
    """The page to use the factor on, or to set the first one up."""
    if not has_factor(user):
        return reverse("my_sign_in")
    return f"{reverse('sign_in_again')}?{urlencode({'strong': '1', 'next': target or reverse('home')})}"
