"""To the provider and back, and signing out there."""

from urllib.parse import urlencode, urlsplit

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from requests import RequestException

from vpdportal.accounts.signing_in.limits import may_begin
from vpdportal.accounts.signing_in.single_sign_on.adapter import SocialAccountAdapter, configured, failed
from vpdportal.accounts.signing_in.single_sign_on.openid import AGAIN, OpenIDAdapter, ProviderSilent
from vpdportal.sign_in_file import LOCAL_HOSTS, Provider


@require_safe
@login_not_required
def single_sign_on(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """On to the provider; `opnieuw` for who is signed in and proves it once more. A link, so that it can open a tab.

    It changes nothing but this browser's own session, and no form of ours has to go to another site (ADR 29).
    """
    provider = found_provider(provider_id)
    if not may_begin(request):
        return render(request, "accounts/too_often.html", status=429)
    target = request.GET.get("next", "")
    if not get_account_adapter(request).is_safe_url(target):
        target = ""
    is_again = "opnieuw" in request.GET and request.user.is_authenticated
    try:
        asking = SocialAccountAdapter(request).get_provider(request, provider.id)
        response: HttpResponseBase = asking.ask(request, AGAIN if is_again else "login", target)
    except ProviderSilent as error:
        return failed(request, provider, str(error), is_silent=True)
    return response


@require_safe
@login_not_required
def single_sign_on_return(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Back from an OpenID Connect provider, with a code that we change for a token."""
    provider = found_provider(provider_id, "openid_connect")
    try:
        response: HttpResponseBase = OAuth2CallbackView.adapter_view(OpenIDAdapter(request, provider.id))(request)
    except ProviderSilent as error:
        return failed(request, provider, str(error), is_silent=True)
    except (OAuth2Error, RequestException, KeyError, ValueError, TypeError) as error:
        return failed(request, provider, type(error).__name__)
    return response


@require_safe
@login_not_required
def single_sign_on_done(request: HttpRequest) -> HttpResponse:
    """In a tab of its own: who came from a page with words in it goes back to that one."""
    return render(request, "accounts/single_sign_on_done.html")


@require_safe
@login_not_required
def single_sign_out(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """On to where the provider signs people out, for who was signed out here (OpenID Connect RP-Initiated Logout)."""
    provider = found_provider(provider_id, "openid_connect")
    try:
        address = OpenIDAdapter(request, provider.id).openid_config.get("end_session_endpoint")
    except ProviderSilent as error:
        return failed(request, provider, str(error), is_silent=True)
    if not isinstance(address, str) or not _is_web(address):
        return redirect("sign_in")
    more = {"client_id": provider.client_id, "post_logout_redirect_uri": settings.PORTAL_URL + reverse("sign_in")}
    return redirect(f"{address}{'&' if '?' in address else '?'}{urlencode(more)}")


def found_provider(provider_id: str, kind: str | None = None) -> Provider:
    try:
        provider = configured(provider_id)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    if kind not in (None, provider.kind):
        raise Http404
    return provider


def _is_web(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or parts.hostname in LOCAL_HOSTS
