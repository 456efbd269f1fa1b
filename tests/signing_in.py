"""Signing in as a person does it: password, second step, and the browsers in which that happens."""

import re
import time
from datetime import datetime
from typing import Any

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse

from tests import clock
from tests.world import PASSWORD
from vpdportal.accounts.models import User
from vpdportal.accounts.signing_in.factors import add_app

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105
PERIOD = 30


def english() -> Client:
    client = Client()
    client.cookies["vpd_language"] = "en"
    return client


def give_app(user: User, secret: str = SECRET) -> list[str]:
    """An app that makes codes, set up by the real action. Gives the recovery codes."""
    _added, codes = add_app(user=user, secret=secret, keep_session=None, now=clock.now())
    return codes


def code_of(secret: str = SECRET, *, later: int = 0) -> str:
    """What the app shows now, by the machine's clock; `later` counts half minutes."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // PERIOD + later))


def give_password(client: Client, user: User, password: str = PASSWORD, **more: Any) -> Any:
    return client.post(reverse("sign_in"), {"username": user.email, "password": password, **more})


def give_code(client: Client, code: str) -> Any:
    return client.post(reverse("mfa_authenticate"), {"second-code": code})


def sign_in_strongly(user: User, *, secret: str = SECRET, later: int = 0) -> Client:
    """A browser in which this person signed in with both steps just now."""
    if not Authenticator.objects.filter(user=user, type="totp").exists():
        give_app(user, secret)
    client = english()
    assert give_password(client, user)["Location"] == reverse("mfa_authenticate")
    assert give_code(client, code_of(secret, later=later)).status_code == 302
    assert is_signed_in(client)
    return client


def proven(person: User, seconds_ago: float) -> Client:
    """A browser in which this person proved who they are, with both steps, so long ago."""
    client = Client()
    client.force_login(person)
    session = client.session
    at = time.time() - seconds_ago
    session["account_authentication_methods"] = [{"method": "password", "at": at}, {"method": "mfa", "at": at}]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()
    return client


def let_proof_age(client: Client, seconds: float = 301) -> None:
    """As if all that was proven in this session was proven so long ago."""
    session = client.session
    records = session[AUTHENTICATION_METHODS_SESSION_KEY]
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{**one, "at": one["at"] - seconds} for one in records]
    session.save()


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def hidden_fields(page: str) -> dict[str, str]:
    """Names and values of the hidden fields of a page, without the token."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def moment() -> datetime:
    return clock.now()
