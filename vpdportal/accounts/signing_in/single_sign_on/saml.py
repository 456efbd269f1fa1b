"""SAML 2.0 by python3-saml, for an organisation without OpenID Connect. Only loaded where SIGN_IN_FILE asks for it.

Only what we asked for ourselves is taken (no sign-in that the provider begins), signed, for us, of now, and once.
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.saml.provider import SAMLProvider as AllauthProvider
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from lxml import etree
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Known
from onelogin.saml2.errors import OneLogin_Saml2_Error
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from vpdportal.accounts.signing_in.single_sign_on.openid import AGAIN
from vpdportal.accounts.signing_in.single_sign_on.tokens import LONGEST_SUBJECT
from vpdportal.sign_in_file import Provider

# Another sign-in has another one, or another person may get it tomorrow: neither tells who someone is.
PASSING_NAMES = {Known.NAMEID_TRANSIENT, Known.NAMEID_EMAIL_ADDRESS}
REMEMBERED_SECONDS = 3600  # longer than an assertion may be valid, so that none counts twice
NAMES = {"saml": Known.NS_SAML}


class SAMLProvider(AllauthProvider):  # type: ignore[misc]
    """What is asked of the provider, and what of its answer is kept: the subject, and nothing else."""

    def ask(self, request: HttpRequest, process: str, next_url: str) -> HttpResponseBase:
        auth = _auth(configured_of(self), {})
        address = auth.login(return_to="", force_authn=process == AGAIN)
        self.stash_redirect_state(
            request,
            process,
            next_url or None,
            state_id=auth.get_last_request_id(),
            asked_at=int(time.time()),
        )
        return HttpResponseRedirect(address)

    def answer(self, request: HttpRequest) -> SocialLogin:
        """Whoever the provider says this is. Raises OAuth2Error, and PermissionDenied when we did not ask for it."""
        auth = _auth(configured_of(self), request.POST.dict())
        try:
            auth.process_response()
        except (OneLogin_Saml2_Error, ValueError, etree.LxmlError) as error:
            raise OAuth2Error(f"SAML: {type(error).__name__}") from error
        if auth.get_errors() or not auth.is_authenticated():
            raise OAuth2Error("SAML: invalid_response")
        claims = _claims(auth)
        login = self.sociallogin_from_response(request, claims)
        login.claims = claims
        login.state = self.unstash_redirect_state(request, auth.get_last_response_in_response_to())
        if not cache.add(f"saml:{self.sub_id}:{auth.get_last_assertion_id()}", 1, REMEMBERED_SECONDS):
            raise OAuth2Error("SAML: used before")
        return login

    def extract_uid(self, data: Mapping[str, Any]) -> str:
        return str(data["sub"])

    def extract_extra_data(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return {}

    def extract_common_fields(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return {}


def configured_of(asking: SAMLProvider) -> Provider:
    """As SIGN_IN_FILE has it."""
    found: Provider = next(one for one in settings.SIGN_IN_PROVIDERS if one.id == asking.sub_id)
    return found


def metadata(provider: Provider) -> bytes:
    """What the provider has to know of us, as an XML file. Raises OAuth2Error."""
    made = OneLogin_Saml2_Settings(_settings(provider), sp_validation_only=True)
    content = made.get_sp_metadata()
    if made.validate_metadata(content):
        raise OAuth2Error("SAML: metadata")
    return content.encode() if isinstance(content, str) else bytes(content)


def _claims(auth: OneLogin_Saml2_Auth) -> dict[str, Any]:
    """The attributes, with who it is, how and when that was proved. From the one assertion, whose signature held."""
    subject = auth.get_nameid()
    if not subject or len(subject) > LONGEST_SUBJECT or auth.get_nameid_format() in PASSING_NAMES:
        raise OAuth2Error("SAML: no lasting NameID")
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    document = etree.fromstring(auth.get_last_response_xml().encode(), parser)
    (assertion,) = document.iterfind(".//saml:Assertion", NAMES)
    if assertion.find("saml:Conditions/saml:AudienceRestriction/saml:Audience", NAMES) is None:
        raise OAuth2Error("SAML: for nobody in particular")  # python3-saml takes that for "for everybody"
    (statement,) = assertion.iterfind("saml:AuthnStatement", NAMES)
    moment = datetime.fromisoformat(statement.get("AuthnInstant", "").replace("Z", "+00:00"))
    return {
        **auth.get_attributes(),
        "sub": subject,
        "acr": auth.get_last_authn_contexts(),
        "auth_time": int(moment.astimezone(UTC).timestamp()),
    }


def _auth(provider: Provider, sent: dict[str, str]) -> OneLogin_Saml2_Auth:
    """With the address from PORTAL_URL: what a request says of its host is not to be trusted."""
    address = urlsplit(settings.PORTAL_URL)
    here = {
        "https": "on" if address.scheme == "https" else "off",
        "http_host": address.netloc,
        "script_name": "",
        "path_info": reverse("saml_return", args=[provider.id]),
        "get_data": {},
        "post_data": sent,
    }
    return OneLogin_Saml2_Auth(here, _settings(provider))


def _settings(provider: Provider) -> dict[str, Any]:
    address = settings.PORTAL_URL + reverse("saml_return", args=[provider.id])
    return {
        "strict": True,
        "sp": {
            "entityId": settings.PORTAL_URL + reverse("saml_metadata", args=[provider.id]),
            "assertionConsumerService": {"url": address, "binding": Known.BINDING_HTTP_POST},
            "NameIDFormat": Known.NAMEID_PERSISTENT,
        },
        "idp": {
            "entityId": provider.entity_id,
            "singleSignOnService": {"url": provider.sign_on_url, "binding": Known.BINDING_HTTP_REDIRECT},
            "x509cert": provider.certificate,
        },
        "security": {
            "wantAssertionsSigned": True,
            "wantNameId": True,
            "wantAttributeStatement": True,
            "requestedAuthnContext": False,
            "rejectDeprecatedAlgorithm": True,
            "allowSingleLabelDomains": True,
        },
    }
