"""Signing in, the own account and what an administrator does about both, in a browser: full, empty and refused."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.tokens import default_token_generator
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from tests import clock
from tests.look.stops import Walk, tabbed
from tests.look.visitor import LOOKS, Visitor, unfold
from tests.signing_in import code_of, give_app
from tests.world import PASSWORD, Place, make_place
from vpdportal.accounts.models import User
from vpdportal.sign_in_file import Provider

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("committed", "strictly")]
LONG = "Wilhelmina-Anna-Margaretha van Oudshoorn-van Nieuwkerk-Schoonhoven tot Verzonnen-Fictiedorp 🙂"
PASSKEYS = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
DEVICES = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1",
    "",
)


def provider(pk: str, dutch: str, english: str) -> Provider:
    """One that nobody answers for: its port is closed."""
    return Provider(
        id=pk,
        kind="openid_connect",
        names=(("nl", dutch), ("en", english)),
        organisation="vlinderwaard",
        domains=("vlinderwaard.invalid",),
        signs_out=True,
        server_url="http://127.0.0.1:9",
        issuer="http://127.0.0.1:9",
        client_id="portal",
        secret="geheim",  # noqa: S106
    )


PROVIDERS = (
    provider("gemeente", "de gemeente", "the municipality"),
    provider("dienst", "de Samenwerkende Uitvoeringsdiensten " + "Vlinderwaard" * 4, "the services"),
)


@pytest.fixture
def town(committed: None) -> Place:
    return make_place("Vlinderwaard")


@pytest.fixture
def walk(live_server: Any, chromium: Any, town: Place, width: int, language: str, with_axe: bool) -> Iterator[Walk]:
    """A browser that can make passkeys, in which nobody is signed in."""
    address = live_server.url.replace("127.0.0.1", "localhost")  # passkeys go by name
    walk = Walk(Visitor(chromium, address, width, language, with_axe=with_axe))
    devtools = walk.visitor.context.new_cdp_session(walk.page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": PASSKEYS})
    yield walk
    walk.end()


def link_of(person: User) -> str:
    """The address in the mail with which someone chooses a password."""
    return reverse(
        "password_choose",
        args=[urlsafe_base64_encode(force_bytes(person.pk)), default_token_generator.make_token(person)],
    )


@LOOKS
def test_the_sign_in_page_and_the_password_by_mail(walk: Walk, town: Place, settings: Any):
    page = walk.page
    walk.open(reverse("sign_in"), "sign in")
    assert page.get_by_role("button", name="asskey").or_(page.get_by_role("button", name="egangssleutel")).is_visible()
    walk.press("sign in, nothing filled in")
    page.fill("#id_username", town.employee.email)
    page.fill("#id_password", "zeker niet het goede")
    walk.press("sign in, wrong password")
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login_failed": "1/15m/key"}
    page.fill("#id_password", "zeker niet het goede")
    walk.press("sign in, tried too often")
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login": "1/m/ip"}
    walk.press("sign in, too many from this network")
    walk.open(reverse("password_ask"), "ask for a password")
    walk.press("ask for a password, nothing filled in")
    page.fill("main [name=email]", town.employee.email)
    walk.press("the link is on its way")
    walk.open(link_of(town.employee), "choose a password")
    page.fill("main [name=new_password1]", "kort")
    page.fill("main [name=new_password2]", "anders")
    walk.press("choose a password, with mistakes")
    page.fill("main [name=new_password1]", "weer een heel lang wachtwoord")
    page.fill("main [name=new_password2]", "weer een heel lang wachtwoord")
    walk.press("the password is chosen")
    walk.open(reverse("password_choose", args=["MQ", "a-b"]), "a link that was used")


@LOOKS
def test_signing_in_with_the_account_of_the_organisation(walk: Walk, town: Place, settings: Any):
    settings.SIGN_IN_PROVIDERS = PROVIDERS
    walk.open(reverse("sign_in"), "sign in, with providers")
    walk.open(reverse("sign_in") + "?vanaf=dienst", "still signed in there")
    walk.page.fill("#id_username", town.employee.email)
    walk.page.fill("#id_password", "zeker niet het goede")
    walk.press("sign in with providers, wrong password", "main form:has(#id_password) button")
    walk.open(reverse("single_sign_on", args=["dienst"]), "the provider is silent", status=503)
    walk.open(reverse("single_sign_on_done"), "not signed in")


@LOOKS
def test_the_second_step_from_setting_it_up_to_proving_it_again(walk: Walk, town: Place):
    page = walk.page
    walk.visitor.sign_in(town.adviser.email)
    walk.look("held back: no second step yet")
    walk.open(reverse("factor_app"), "set up an app")
    walk.press("set up an app, nothing filled in")
    secret = page.locator("main details code").text_content().replace(" ", "")
    page.fill("main [name=code]", "000000")
    walk.press("set up an app, wrong code")
    page.fill("main [name=code]", code_of(secret))
    walk.press("the recovery codes")
    walk.open(reverse("factor_passkey"), "make a passkey")
    walk.press("a passkey is made", "[data-passkey-ask]")
    walk.open(reverse("my_sign_in"), "my sign-in, full")
    walk.press("removed", "main details form button")
    unfold(page)
    walk.press("the only one is refused", "main details form button")
    walk.open(reverse("factor_codes"), "new recovery codes")
    walk.press("the new recovery codes")


@LOOKS
def test_signing_in_with_the_second_step(walk: Walk, town: Place):
    page = walk.page
    give_app(town.adviser)
    walk.visitor.sign_in(town.adviser.email)
    walk.look("second step")
    walk.press("second step, nothing filled in")
    page.fill("main [name=second-code]", "000000")
    walk.press("second step, wrong code")
    page.fill("main [name=second-code]", code_of())
    walk.press("signed in")
    walk.open(reverse("sign_in_again"), "sign in again")
    walk.press("sign in again, nothing filled in")
    page.fill("main [name=again-code]", "000000")
    walk.press("sign in again, wrong code")


@LOOKS
def test_where_someone_is_signed_in(walk: Walk, town: Place):
    walk.visitor.sign_in(town.employee.email)
    walk.open(reverse("my_sessions"), "this device only")
    for number, agent in enumerate(DEVICES):
        store = SessionStore()
        store.create()
        UserSession.objects.create(
            user=town.employee,
            session_key=store.session_key,
            ip="2001:db8:1234:5678::1" if number else "192.0.2.7",
            user_agent=agent,
            created_at=clock.now() - timedelta(hours=number),
            last_seen_at=clock.now() - timedelta(minutes=number),
        )
    walk.open(reverse("my_sessions"), "four devices")
    walk.press("the others are signed out", f'form[action="{reverse("my_sessions_end_others")}"] button')
    for name in ("my_mails", "my_sign_in", "my_data"):
        walk.open(reverse(name), name)


@LOOKS
@pytest.mark.urls("tests.look.broken")
def test_when_it_goes_wrong(walk: Walk, town: Place, settings: Any):
    settings.SIGN_IN_PROVIDERS = PROVIDERS
    kinds = {
        "odd": 400,
        "too-much": 413,
        "too-often": 429,
        "on-our-side": 500,
        "refused": 200,
        "failed": 200,
    }
    for kind, status in kinds.items():
        walk.open(f"/stuk/{kind}/", kind, status=status)
    settings.STRICT_SIGN_IN = False
    walk.visitor.sign_in(town.employee.email)
    walk.open("/is-er-niet/", "not here", status=404)
    walk.open(reverse("administration", args=[town.organisation.slug]), "not for this role", status=403)
    walk.visitor.context.clear_cookies(name="vpd_csrf")
    walk.press("the page was open for too long", ".languages button")


@LOOKS
def test_what_was_typed_comes_along_when_the_session_ended(walk: Walk, town: Place, settings: Any):
    """At the sign-in page, at the second step and where it was too often."""
    page = walk.page
    settings.STRICT_SIGN_IN = False
    walk.visitor.sign_in(town.adviser.email)
    walk.visitor.go(reverse("my_data"))
    page.fill("main textarea", "Wat ik niet kwijt wil raken. " * 40)
    page.check("main [type=radio] >> nth=0")
    settings.STRICT_SIGN_IN = True
    give_app(town.adviser)  # which ends the sessions, as on another device
    walk.press("sign in, with what was typed")
    page.fill("#id_username", town.adviser.email)
    page.fill("#id_password", PASSWORD)
    walk.press("second step, with what was typed", "main form:has(#id_password) button")
    assert page.locator("main [type=hidden][value^='Wat ik niet kwijt wil raken.']").count() == 1


def test_the_keyboard_goes_from_the_top_down(live_server: Any, chromium: Any, town: Place):
    """The password comes before the other ways, and nothing is out of reach."""
    visitor = Visitor(chromium, live_server.url.replace("127.0.0.1", "localhost"), 1280, "en")
    visitor.go(reverse("sign_in"))
    assert tabbed(visitor.page)[-9:] == [
        *("Nederlands", "English", "Work e-mail address", "Password", "Sign in", "No password yet, or forgotten it?"),
        *("Sign in with a passkey", "Your data in this portal", "Accessibility"),
    ]
    visitor.context.close()


def test_without_javascript_the_app_is_the_way(live_server: Any, chromium: Any, town: Place):
    """A passkey needs JavaScript: the pages say so, offer no button that does nothing, and all else works."""
    visitor = Visitor(chromium, live_server.url, 1280, "en", java_script_enabled=False)
    page = visitor.page
    visitor.go(reverse("sign_in"))
    assert "Signing in with a passkey needs JavaScript" in page.inner_text("main")
    assert not page.get_by_role("button", name="Sign in with a passkey").is_visible()
    visitor.sign_in(town.adviser.email)
    visitor.go(reverse("factor_passkey"))
    assert "The app works without it." in page.inner_text("main")
    assert [one.inner_text() for one in page.locator("main .button").all() if one.is_visible()] == ["Back"]
    page.click("main .message a")
    page.fill("main [name=code]", code_of(page.locator("main details code").text_content().replace(" ", "")))
    page.click("main .button--primary")
    assert page.locator("main li code").count() == 10
    visitor.context.close()
