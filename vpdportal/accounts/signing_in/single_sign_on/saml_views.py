"""Back from a SAML provider, which sends a form; and what such a provider has to know of us."""

from typing import Any

from allauth.socialaccount.helpers import complete_social_login
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from vpdportal.accounts.signing_in.single_sign_on.adapter import SAML, SocialAccountAdapter, failed
from vpdportal.accounts.signing_in.single_sign_on.views import found_provider


@csrf_exempt  # another site sends this; what protects is that its answer names a question that this session asked
@require_POST
@login_not_required
def saml_return(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """The provider's form arrives without our cookie (SameSite), so a page of ours sends it once more."""
    provider = found_provider(provider_id, "saml")
    if "from_here" not in request.POST:
        return render(request, "accounts/saml_forward.html", {"answer": request.POST.get("SAMLResponse", "")})
    asking: Any = SocialAccountAdapter(request).get_provider(request, provider.id)
    try:
        login = asking.answer(request)
    except (OAuth2Error, PermissionDenied, ValueError) as error:
        return failed(request, provider, str(error) or type(error).__name__)
    response: HttpResponseBase = complete_social_login(request, login)
    return response


@require_safe
@login_not_required
def saml_metadata(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Addresses of ours, for whoever sets the provider up; nothing secret."""
    provider = found_provider(provider_id, "saml")
    metadata: Any = import_string(SAML.rpartition(".")[0] + ".metadata")
    try:
        return HttpResponse(metadata(provider), content_type="application/samlmetadata+xml")
    except OAuth2Error:
        raise Http404 from None
