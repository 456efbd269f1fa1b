"""The portal's addresses, and some that go wrong by themselves, so that one can look at what people see then."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from vpdportal.middleware import too_often
from vpdportal.urls import handler400, handler403, handler404, handler500
from vpdportal.urls import urlpatterns as portal

__all__ = ["handler400", "handler403", "handler404", "handler500"]


@login_not_required
def broken(request: HttpRequest, how: str) -> HttpResponse:
    """Ends as `how` says."""
    match how:
        case "odd":
            raise SuspiciousOperation
        case "too-much":
            raise RequestDataTooBig
        case "too-often":
            return too_often(request, 600)
        case "refused":
            return _provider(request, "refused", reason="Uw organisatie geeft u hier geen rol.", code="no_role")
        case "failed":
            return _provider(request, "failed", is_silent=False)
    raise ZeroDivisionError


def _provider(request: HttpRequest, what: str, **context: Any) -> HttpResponse:
    context["provider"] = settings.SIGN_IN_PROVIDERS[-1]
    return render(request, f"accounts/single_sign_on_{what}.html", context)


urlpatterns = [path("stuk/<slug:how>/", broken), *portal]
