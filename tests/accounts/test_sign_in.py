"""Signing in with a password: the same answer for all that is wrong, and nowhere else than in this portal after it."""

import statistics
import time
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.test import Client
from django.urls import reverse

from incidents.actions.reminders.sweep import sweep
from tests import clock
from tests.accounts.test_password import NEW, choose, link_for
from tests.signing_in import english, give_password, is_signed_in
from tests.world import PASSWORD, Place, make_user
from vpdportal.accounts.models import User

FAULT = "do not belong together"


def test_a_password_signs_in_and_the_session_gets_a_new_key(town: Place):
    client = english()
    client.get(reverse("sign_in"))
    session = client.session
    session["planted"] = "by an attacker"
    session.save()
    before = session.session_key
    client.cookies["vpd_session"] = before
    assert give_password(client, town.employee)["Location"] == reverse("home")
    assert client.session.session_key != before
    assert not Client().session.exists(before)


@pytest.mark.parametrize("who", ["wrong password", "unknown", "closed", "never chose one"])
def test_all_that_is_wrong_is_answered_alike(town: Place, who: str):
    user, password = town.employee, PASSWORD
    if who == "wrong password":
        password = "iets anders dan het was"  # noqa: S105
    elif who == "unknown":
        user = User(email="niemand@nergens.invalid")
    elif who == "closed":
        User.objects.filter(pk=user.pk).update(is_active=False)
    else:
        User.objects.filter(pk=user.pk).update(password="!")  # noqa: S106
    client = english()
    response = give_password(client, user, password)
    assert response.status_code == 200 and FAULT in response.content.decode()
    assert not is_signed_in(client)
    assert is_like_a_wrong_password(town, response, user.email)


def is_like_a_wrong_password(town: Place, response: Any, email: str) -> bool:
    control = give_password(english(), town.manager, "zeker niet het goede").content.decode()
    page: str = response.content.decode()
    return without_token(page.replace(email, "@")) == without_token(control.replace(town.manager.email, "@"))


def without_token(page: str) -> list[str]:
    return [line for line in page.splitlines() if "csrfmiddlewaretoken" not in line and "data-" not in line]


@pytest.mark.parametrize("target", ["https://kwaad.invalid/", "//kwaad.invalid/", "javascript:alert(1)", "https:///x"])
def test_after_signing_in_one_stays_in_the_portal(town: Place, target: str):
    assert give_password(Client(), town.employee, next=target)["Location"] == reverse("home")
    known = Client()
    give_password(known, town.employee)
    assert known.get(reverse("sign_in"), {"next": target})["Location"] == reverse("home")
    own = reverse("my_mails")
    assert give_password(Client(), town.employee, next=own)["Location"] == own, "the control: our own address"


def test_the_form_needs_its_token(town: Place):
    client = Client(enforce_csrf_checks=True)
    assert give_password(client, town.employee).status_code == 403
    client.get(reverse("sign_in"))
    token = client.cookies["vpd_csrf"].value
    assert give_password(client, town.employee, csrfmiddlewaretoken=token).status_code == 302


def test_a_mail_to_choose_a_password_names_our_own_host(town: Place):
    forged = {"host": "kwaad.invalid"}
    assert Client().post(reverse("password_ask"), {"email": town.employee.email}, headers=forged).status_code == 400
    Client().post(
        reverse("password_ask"), {"email": town.employee.email}, headers={"x-forwarded-host": "kwaad.invalid"}
    )
    sweep(now=clock.now())
    (message,) = mail.outbox
    assert "kwaad.invalid" not in str(message.body) and "/wachtwoord/" in str(message.body)


def test_choosing_a_password_signs_nobody_in(town: Place, client: Client):
    assert choose(client, link_for(client, town.employee.email), NEW)["Location"] == reverse("sign_in")
    assert not is_signed_in(client)


def test_nobody_makes_an_account_for_themselves(town: Place, client: Client):
    for path in ("accounts/signup/", "aanmelden/", "accounts/password/reset/", "accounts/login/"):
        assert client.get("/" + path).status_code == 404


@pytest.mark.once
@pytest.mark.parametrize("page", ["sign_in", "password_ask"])
def test_known_and_unknown_addresses_take_the_same_time(db: None, settings: Any, page: str):
    """T05, with the real hashing. Medians of pairs by turns: what the machine does besides falls on both alike.

    What does not, is gone when it is measured again; a difference that the portal makes is there each time.
    """
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    settings.ACCOUNT_RATE_LIMITS = {"login": "", "login_failed": ""}
    known = make_user()
    User.objects.filter(pk=known.pk).update(password=make_password(PASSWORD))
    assert any(take_the_same(page, known.email) for _time in range(3))


def take_the_same(page: str, known: str) -> bool:
    took: dict[bool, list[float]] = {True: [], False: []}
    for number in range(30 if page == "sign_in" else 100):
        for is_known in (True, False) if number % 2 else (False, True):
            took[is_known].append(seconds_for(page, known if is_known else f"{number}{known}"))
    apart = abs(statistics.median(took[True]) - statistics.median(took[False]))
    return apart < 0.005 or abs(score(*took.values())) < 3.3


def score(these: list[float], those: list[float]) -> float:
    """The z of Mann and Whitney: how far one of the two tends to be larger."""
    wins = sum((one > other) + 0.5 * (one == other) for one in these for other in those)
    n, m = len(these), len(those)
    return (wins - n * m / 2) / (n * m * (n + m + 1) / 12) ** 0.5


def seconds_for(page: str, email: str) -> float:
    client = Client()
    data = {"username": email, "password": "zeker niet het goede", "email": email}
    before = time.process_time()  # what it costs, whatever else the machine does
    response = client.post(reverse(page), data)
    assert response.status_code in {200, 302}
    return time.process_time() - before
