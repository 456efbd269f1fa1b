"""Signing in by SAML: a provider of our own signs answers, honest ones and others."""

import base64
import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.test import Client
from django.urls import reverse
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Known
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from tests.accounts.test_single_sign_on import refusal, roles, signed_in
from tests.world import Place
from vpdportal.accounts.signing_in.single_sign_on.marks import STRONG
from vpdportal.sign_in_file import GivenRole, Provider

BACK = "http://testserver/inloggen/via/gemeente/saml/"
US = BACK + "gegevens/"
THEM = "https://aanmelden.vlinderwaard.invalid/saml"
ANSWER = """<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" \
xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="r{id}" Version="2.0" IssueInstant="{now}" \
Destination="{destination}" InResponseTo="{to}"><saml:Issuer>{issuer}</saml:Issuer><samlp:Status>\
<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>{assertion}</samlp:Response>"""
ASSERTION = """<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" \
xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ID="a{id}" \
Version="2.0" IssueInstant="{now}"><saml:Issuer>{issuer}</saml:Issuer><saml:Subject><saml:NameID \
Format="{format}">{subject}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">\
<saml:SubjectConfirmationData NotOnOrAfter="{end}" Recipient="{recipient}" InResponseTo="{confirmed}"/>\
</saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{begin}" NotOnOrAfter="{end}">{audience}\
</saml:Conditions><saml:AuthnStatement AuthnInstant="{proved}" SessionIndex="s"><saml:AuthnContext>\
<saml:AuthnContextClassRef>{context}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>\
<saml:AttributeStatement>{attributes}</saml:AttributeStatement></saml:Assertion>"""
AUDIENCE = "<saml:AudienceRestriction><saml:Audience>{}</saml:Audience></saml:AudienceRestriction>"


class SAMLSide:
    """The provider: a key, and answers to the questions that the portal sends."""

    def __init__(self) -> None:
        self.key, self.certificate = key_pair()

    def configured(self) -> Provider:
        return Provider(
            id="gemeente",
            kind="saml",
            names=(("nl", "de gemeente"), ("en", "the municipality")),
            organisation="vlinderwaard",
            domains=("vlinderwaard.invalid",),
            roles=(GivenRole("medewerkers", "employee", "Publiekszaken"), GivenRole("adviseurs", "adviser")),
            manages_roles=True,
            roles_claim="groups",
            strong_claim="acr",
            strong_values=("https://refeds.org/profile/mfa",),
            entity_id=THEM,
            sign_on_url=THEM,
            certificate=self.certificate,
        )

    def ask(self, client: Client, **query: str) -> str:
        """The portal's question as XML."""
        address = client.get(reverse("single_sign_on", args=["gemeente"]), query).headers["Location"]
        assert address.startswith(THEM + "?")
        asked = parse_qs(urlsplit(address).query)["SAMLRequest"][0]
        return zlib.decompress(base64.b64decode(asked), -15).decode()

    def assertion(self, question: str, *, groups: tuple[str, ...] = ("medewerkers",), **more: Any) -> str:
        now = datetime.now(UTC)
        pk = re.search(r'ID="([^"]+)"', question)
        assert pk
        values = {
            "id": pk[1],
            "now": stamp(now),
            "begin": stamp(now - timedelta(minutes=1)),
            "end": stamp(now + timedelta(minutes=5)),
            "proved": stamp(now),
            "issuer": THEM,
            "format": Known.NAMEID_PERSISTENT,
            "subject": "noor",
            "recipient": BACK,
            "confirmed": pk[1],
            "audience": AUDIENCE.format(US),
            "context": "urn:oasis:names:tc:SAML:2.0:ac:classes:Password",
            "attributes": attribute("email", "noor@vlinderwaard.invalid")
            + attribute("name", "Noor Voorbeeld")
            + attribute("groups", *groups),
        }
        return ASSERTION.format(**{**values, **more})

    def sign(self, assertion: str) -> str:
        signed = OneLogin_Saml2_Utils.add_sign(
            assertion,
            self.key,
            self.certificate,
            sign_algorithm=Known.RSA_SHA256,
            digest_algorithm=Known.SHA256,
        )
        return signed.decode() if isinstance(signed, bytes) else str(signed)

    def answer(self, question: str, assertion: str, **more: Any) -> str:
        pk = re.search(r'ID="([^"]+)"', question)
        assert pk
        values = {"id": pk[1], "now": stamp(datetime.now(UTC)), "destination": BACK, "to": pk[1], "issuer": THEM}
        return ANSWER.format(**{**values, **more, "assertion": assertion})

    def sign_in(self, client: Client, again: bool = False, **more: Any) -> Any:
        """All the way round, honestly."""
        question = self.ask(client, **({"opnieuw": "1", "next": "/beheer/"} if again else {}))
        return send(client, self.answer(question, self.sign(self.assertion(question, **more))))


def key_pair() -> tuple[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "aanmelden.vlinderwaard.invalid")])
    begin = datetime.now(UTC) - timedelta(days=1)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(begin).not_valid_after(begin + timedelta(days=30))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.decode(), made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def attribute(name: str, *values: str) -> str:
    inside = "".join(f'<saml:AttributeValue xsi:type="xs:string">{value}</saml:AttributeValue>' for value in values)
    return f'<saml:Attribute Name="{name}">{inside}</saml:Attribute>'


def send(client: Client, xml: str) -> Any:
    """As a browser does: the provider's form comes without our cookie, then our own page sends it again."""
    data = {"SAMLResponse": base64.b64encode(xml.encode()).decode()}
    page = Client(enforce_csrf_checks=True).post(reverse("saml_return", args=["gemeente"]), data)
    assert page.status_code == 200 and data["SAMLResponse"] in page.content.decode()
    return client.post(reverse("saml_return", args=["gemeente"]), {**data, "from_here": "1"})


@pytest.fixture
def side(settings: Any) -> SAMLSide:
    side = SAMLSide()
    settings.SIGN_IN_PROVIDERS = (side.configured(),)
    return side


def test_a_colleague_comes_in_with_the_roles_of_the_groups(side: SAMLSide, town: Place, client: Client):
    response = side.sign_in(client)
    user = signed_in(client)
    assert response.status_code == 302 and user and user.email == "noor@vlinderwaard.invalid"
    assert roles(user) == {"employee"} and STRONG not in client.session
    account = SocialAccount.objects.get()
    assert (account.provider, account.uid, account.extra_data) == ("gemeente", "noor", {})
    other = Client()
    side.sign_in(other, groups=("adviseurs",), context="https://refeds.org/profile/mfa")
    assert roles(user) == {"adviser"} and other.session[STRONG] == str(user.pk)
    assert refusal(side.sign_in(Client(), groups=("anders",))) == "no_role" and roles(user) == set()


def forged(side: SAMLSide, question: str) -> str:
    other = SAMLSide()
    return other.sign(side.assertion(question))


def changed_after(side: SAMLSide, question: str) -> str:
    return side.sign(side.assertion(question)).replace("medewerkers", "adviseurs")


def wrapped(side: SAMLSide, question: str) -> str:
    """A second assertion beside the signed one."""
    return side.assertion(question, subject="directeur", id="other") + side.sign(side.assertion(question))


WRONG: dict[str, Callable[[SAMLSide, str], str]] = {
    "unsigned": lambda side, question: side.assertion(question),
    "of another key": forged,
    "changed after signing": changed_after,
    "two assertions": wrapped,
    "other audience": lambda side, q: side.sign(side.assertion(q, audience=AUDIENCE.format("https://elders.invalid"))),
    "no audience": lambda side, q: side.sign(side.assertion(q, audience="")),
    "other issuer": lambda side, q: side.sign(side.assertion(q, issuer="https://elders.invalid")),
    "expired": lambda side, q: side.sign(side.assertion(q, end=stamp(datetime.now(UTC) - timedelta(hours=1)))),
    "not yet": lambda side, q: side.sign(side.assertion(q, begin=stamp(datetime.now(UTC) + timedelta(hours=1)))),
    "other recipient": lambda side, q: side.sign(side.assertion(q, recipient="https://elders.invalid/")),
    "answer to another question": lambda side, q: side.sign(side.assertion(q, confirmed="ONELOGIN_other")),
    "passing name": lambda side, q: side.sign(side.assertion(q, format=Known.NAMEID_TRANSIENT)),
    "address as name": lambda side, q: side.sign(side.assertion(q, format=Known.NAMEID_EMAIL_ADDRESS)),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_an_answer_that_is_not_the_providers_for_us_and_now_is_refused(
    side: SAMLSide, town: Place, client: Client, wrong: str
):
    question = side.ask(client)
    response = send(client, side.answer(question, WRONG[wrong](side, question)))
    assert response.status_code == 400, response.headers
    assert signed_in(client) is None and not SocialAccount.objects.exists()


@pytest.mark.parametrize("text", ["", "geen xml", "<a/>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"])
def test_what_is_no_answer_is_refused(side: SAMLSide, town: Place, client: Client, text: str):
    side.ask(client)
    assert (
        client.post(reverse("saml_return", args=["gemeente"]), {"SAMLResponse": text, "from_here": "1"}).status_code
        == 400
    )
    assert send(client, text or "-").status_code == 400


def test_an_answer_counts_once_and_in_the_browser_that_asked(side: SAMLSide, town: Place, client: Client):
    question = side.ask(client)
    xml = side.answer(question, side.sign(side.assertion(question)))
    thief = Client()
    assert send(thief, xml).status_code == 400 and signed_in(thief) is None
    side.ask(thief)
    assert send(thief, xml).status_code == 400 and signed_in(thief) is None
    assert send(client, xml).status_code == 302 and signed_in(client)
    again = Client()
    assert send(again, xml).status_code == 400
    client.logout()
    assert send(client, xml).status_code == 400


def test_proving_it_again_asks_for_a_password_and_looks_at_when(side: SAMLSide, town: Place, client: Client):
    side.sign_in(client)
    old = stamp(datetime.now(UTC) - timedelta(hours=1))
    assert refusal(side.sign_in(client, again=True, proved=old)) == "not_again"
    assert side.sign_in(client, again=True).headers["Location"] == "/beheer/"
    assert client.session["account_authentication_methods"][-1]["reauthenticated"]
    assert 'ForceAuthn="true"' in side.ask(client, opnieuw="1") and "ForceAuthn" not in side.ask(Client())


def test_the_provider_can_read_who_we_are(side: SAMLSide, town: Place, client: Client, settings: Any):
    response = client.get(reverse("saml_metadata", args=["gemeente"]))
    text = response.content.decode()
    assert response.status_code == 200 and f'entityID="{US}"' in text and f'Location="{BACK}"' in text
    settings.SIGN_IN_PROVIDERS = (replace(side.configured(), kind="openid_connect"),)
    assert client.get(reverse("saml_metadata", args=["gemeente"])).status_code == 404
    assert client.post(reverse("saml_return", args=["gemeente"])).status_code == 404
