"""Passkeys with a real browser and its virtual authenticator: made, used alone, used as second step, refused."""

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from tests.world import PASSWORD, Place
from vpdportal.accounts.models import Organisation

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("committed", "strictly")]


class Holder:
    """Someone with a browser and a passkey in it."""

    def __init__(self, chromium: Any, address: str) -> None:
        self.address = address.replace("127.0.0.1", "localhost")  # passkeys go by name
        self.context = chromium.new_context()
        self.context.add_cookies([{"name": "vpd_language", "value": "en", "url": self.address}])
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.devtools = self.context.new_cdp_session(self.page)
        self.devtools.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        made = self.devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.key = made["authenticatorId"]

    def go(self, name: str) -> None:
        self.page.goto(self.address + reverse(name))

    def press(self, text: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=text, exact=True).click()

    def give_password(self, email: str) -> None:
        self.go("sign_in")
        self.page.fill("#id_username", email)
        self.page.fill("#id_password", PASSWORD)
        self.press("Sign in")

    def sign_out(self) -> None:
        self.press("Sign out")

    @property
    def path(self) -> str:
        return str(self.page.url).removeprefix(self.address)


@pytest.fixture
def holder(chromium: Any, live_server: Any, town: Place) -> Iterator[Holder]:
    holder = Holder(chromium, live_server.url)
    holder.give_password(town.adviser.email)
    holder.go("factor_passkey")
    holder.press("Make the passkey")
    yield holder
    holder.context.close()


def test_a_passkey_is_made_and_is_enough_by_itself(holder: Holder, town: Place, caplog: pytest.LogCaptureFixture):
    assert not [one for one in caplog.get_records("setup") if one.name.startswith("fido2")], "its number is nobody's"
    assert holder.page.locator("main li code").count() == 10, "recovery codes come with the first one"
    (kept,) = Authenticator.objects.filter(type="webauthn")
    assert kept.user_id == town.adviser.pk and kept.data["name"] == ""
    holder.sign_out()
    holder.go("sign_in")
    holder.press("Sign in with a passkey")
    assert holder.path.startswith(reverse("work_list"))
    assert holder.complaints == [], "nothing that the content security policy refuses"


def test_a_passkey_is_the_second_step_after_a_password(holder: Holder, town: Place):
    holder.sign_out()
    holder.give_password(town.adviser.email)
    assert holder.path == reverse("mfa_authenticate")
    holder.press("Use my passkey")
    assert holder.path.startswith(reverse("work_list"))


def test_without_a_finger_it_is_not_enough_by_itself(holder: Holder, town: Place):
    holder.sign_out()
    holder.devtools.send("WebAuthn.setUserVerified", {"authenticatorId": holder.key, "isUserVerified": False})
    holder.go("sign_in")
    holder.page.get_by_role("button", name="Sign in with a passkey").click()
    holder.page.get_by_text("The passkey did not answer.").wait_for()
    holder.go("my_mails")
    assert holder.path.startswith(reverse("sign_in"))


def test_a_passkey_is_refused_where_only_emergency_accounts_sign_in_here(holder: Holder, town: Place):
    holder.sign_out()
    Organisation.objects.update(password_sign_in="emergency")
    holder.go("sign_in")
    holder.press("Sign in with a passkey")
    assert holder.path.startswith(reverse("sign_in"))
    assert "With this passkey you cannot sign in here." in holder.page.inner_text("main")


def test_a_passkey_that_was_removed_opens_nothing(holder: Holder, town: Place):
    holder.sign_out()
    Authenticator.objects.all().delete()
    holder.go("sign_in")
    holder.press("Sign in with a passkey")
    assert holder.path.startswith(reverse("sign_in"))
