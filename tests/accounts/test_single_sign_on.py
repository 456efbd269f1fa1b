"""Signing in with the organisation's own account: against a real provider, which is honest or not."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client, RequestFactory
from django.urls import reverse

from incidents.models import Alarm
from incidents.vocabulary import AlarmKind
from tests import clock
from tests.accounts.identity_provider import IdentityProvider, identity_provider
from tests.incidents.test_near_miss import data_of as near_miss_data
from tests.world import LONG_AGO, Place
from vpdportal.accounts.access import standing
from vpdportal.accounts.models import Department, Membership, User
from vpdportal.accounts.roles import Role
from vpdportal.accounts.signing_in.single_sign_on.marks import STRONG, provider_proved_second_factor
from vpdportal.audit.models import AuditEvent

EMAIL = "noor@vlinderwaard.invalid"

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the provider's own libraries


@pytest.fixture
def provider(settings: Any) -> Iterator[IdentityProvider]:
    with identity_provider() as one:
        settings.SIGN_IN_PROVIDERS = (one.configured(),)
        one.knows("noor", email=EMAIL, name="Noor Voorbeeld", groups=["medewerkers"])
        yield one


@pytest.fixture
def english(client: Client) -> Client:
    client.cookies["vpd_language"] = "en"
    return client


def signed_in(client: Client) -> User | None:
    pk = client.session.get("_auth_user_id")
    return User.objects.get(pk=pk) if pk else None


def roles(user: User) -> set[str]:
    return {role.value for role in standing(User.objects.get(pk=user.pk), clock.now()).roles()}


def noted(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action).order_by("position"))


# --- the way there and back ---


def test_a_new_colleague_gets_an_account_with_the_roles_of_the_groups(
    provider: IdentityProvider, town: Place, client: Client
):
    response = provider.sign_in(client, "noor")
    user = signed_in(client)
    assert response.status_code == 302 and response.headers["Location"] == reverse("home")
    assert user and (user.email, user.name, user.has_usable_password()) == (EMAIL, "Noor Voorbeeld", False)
    membership = Membership.objects.get(user=user)
    assert (membership.role, membership.department, membership.source) == (Role.EMPLOYEE, town.department, "gemeente")
    account = SocialAccount.objects.get()
    assert (account.user, account.provider, account.uid, account.extra_data) == (user, "gemeente", "noor", {})
    given = noted("role.given")[-1]
    assert (given.actor_id, given.fields) == (None, ["employee", "provider:gemeente"])
    assert noted("sign_in.linked")[-1].organisation_id == town.organisation.pk
    assert client.get(reverse("home")).status_code == 200


def test_the_question_has_state_nonce_and_a_proof_of_the_code(provider: IdentityProvider, town: Place, client: Client):
    provider.ask(client)
    provider.ask(client)
    first, second = provider.asked
    assert first["code_challenge_method"] == ["S256"] and first["response_type"] == ["code"]
    assert set(first["scope"][0].split()) == {"openid", "profile", "email"}
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name][0]) >= 16 and first[name] != second[name]
    assert first["redirect_uri"] == ["http://testserver/inloggen/via/gemeente/terug/"]


def test_who_was_invited_gets_that_account_and_keeps_what_an_administrator_gave(
    provider: IdentityProvider, town: Place, client: Client
):
    invited = User.objects.create_user(email=EMAIL, name="Noor")
    town.join(invited, Role.LEGAL)
    provider.sign_in(client, "noor")
    assert signed_in(client) == invited
    assert roles(invited) == {"legal", "employee"}
    provider.knows("noor", email=EMAIL, name="Noor Voorbeeld", groups=["leiding"])
    provider.sign_in(Client(), "noor")
    assert roles(invited) == {"legal", "manager"}


def test_the_session_gets_a_new_key_and_nothing_of_before(provider: IdentityProvider, town: Place, client: Client):
    session = client.session
    session["planted"] = "by someone else"
    session.save()
    client.cookies["vpd_session"] = before = session.session_key
    provider.sign_in(client, "noor")
    assert client.cookies["vpd_session"].value != before and "planted" not in client.session
    thief = Client()
    thief.cookies["vpd_session"] = before
    assert signed_in(thief) is None


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.invalid/",
        "//evil.invalid/",
        "/\\evil.invalid",
        "javascript:alert(1)",
        "https:evil.invalid",
        "\thttps://evil.invalid",
    ],
)
def test_nobody_is_led_to_another_site(provider: IdentityProvider, town: Place, client: Client, target: str):
    response = provider.sign_in(client, "noor", next=target)
    assert response.headers["Location"] == reverse("home")


def test_next_is_kept(provider: IdentityProvider, town: Place, client: Client):
    assert provider.sign_in(client, "noor", next="/melden/").headers["Location"] == "/melden/"


def test_what_a_stranger_adds_to_the_question_is_not_asked(provider: IdentityProvider, town: Place, client: Client):
    provider.ask(client, scope="admin", auth_params="prompt=none&nonce=mine", process="connect")
    assert "prompt" not in provider.asked[0] and provider.asked[0]["nonce"] != ["mine"]
    assert "admin" not in provider.asked[0]["scope"][0]


def test_another_host_in_the_request_changes_nothing(provider: IdentityProvider, town: Place, settings: Any):
    settings.ALLOWED_HOSTS = ["*"]
    response = Client(headers={"host": "evil.invalid"}).get(reverse("single_sign_on", args=["gemeente"]))
    asked = parse_qs(urlsplit(response.headers["Location"]).query)
    assert asked["redirect_uri"] == ["http://testserver/inloggen/via/gemeente/terug/"]


# --- answers that are not to be trusted ---


def unsigned(claims: dict[str, Any]) -> str:
    parts = [{"alg": "none", "typ": "JWT"}, claims]
    return ".".join(base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts) + "."


def test_a_token_that_the_provider_signed_is_taken_and_another_key_of_it_is_refused(
    provider: IdentityProvider, town: Place, client: Client
):
    """The other side of the tests that follow: what they change is all that is wrong."""
    seen: list[str] = []
    provider.tamper = lambda token: seen.append(token) or token
    assert provider.sign_in(client, "noor").status_code == 302
    assert jwt.decode(seen[0], options={"verify_signature": False})["sub"] == "noor" and signed_in(client)
    provider.tamper = lambda token: token[:-6] + ("AAAAAA" if not token.endswith("AAAAAA") else "BBBBBB")
    assert provider.sign_in(Client(), "noor").status_code == 400


@pytest.mark.parametrize("key", ["none", "HS256", "another key"])
def test_a_token_that_the_provider_did_not_sign_is_refused(
    provider: IdentityProvider, town: Place, client: Client, key: str
):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def tamper(token: str) -> str:
        claims, header = jwt.decode(token, options={"verify_signature": False}), jwt.get_unverified_header(token)
        made: dict[str, Callable[[], str]] = {
            "none": lambda: unsigned(claims),
            "HS256": lambda: jwt.encode(claims, "geheim" * 8, algorithm="HS256", headers=header | {"alg": "HS256"}),
            "another key": lambda: jwt.encode(claims, other, algorithm="RS256", headers=header),
        }
        return made[key]()

    provider.tamper = tamper
    assert provider.sign_in(client, "noor").status_code == 400
    assert signed_in(client) is None and not SocialAccount.objects.exists()


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elders.invalid"},
        {"aud": "another-portal"},
        {"aud": ["portal", "another-portal"]},
        {"azp": "another-portal"},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"exp": 1_000_000_000},
        {"exp": "soon"},
        {"iat": 4_000_000_000},
        {"nbf": 4_000_000_000},
        {"sub": ""},
        {"sub": 12},
        {"sub": "x" * 192},
    ],
    ids=str,
)
def test_a_token_for_another_time_place_or_question_is_refused(
    provider: IdentityProvider, town: Place, client: Client, claims: dict[str, Any]
):
    provider.says = claims
    assert provider.sign_in(client, "noor").status_code == 400
    assert signed_in(client) is None and not SocialAccount.objects.exists()


def test_an_answer_to_nobodys_question_is_refused(provider: IdentityProvider, town: Place, client: Client):
    back = provider.answer(provider.ask(client), "noor")
    other = Client()
    assert other.get(back).status_code == 400 and signed_in(other) is None
    assert client.get(back).status_code == 302
    assert Client().get(back).status_code == 400  # and a code works once
    assert client.get(back).status_code == 400


def test_who_stops_at_the_provider_is_back_at_the_sign_in_page(
    provider: IdentityProvider, town: Place, english: Client
):
    asked = parse_qs(urlsplit(provider.ask(english)).query)
    answer = {"error": "access_denied", "state": asked["state"][0]}
    page = english.get(reverse("single_sign_on_return", args=["gemeente"]), answer, follow=True)
    assert page.redirect_chain == [(reverse("sign_in"), 302)]
    assert "You did not sign in." in page.content.decode()


@pytest.mark.parametrize("error", ["server_error", "<script>alert(1)</script>"])
def test_an_error_of_the_provider_is_told_without_its_words(
    provider: IdentityProvider, town: Place, english: Client, error: str
):
    asked = parse_qs(urlsplit(provider.ask(english)).query)
    response = english.get(
        reverse("single_sign_on_return", args=["gemeente"]),
        {"error": error, "error_description": "stack trace", "state": asked["state"][0]},
    )
    page = response.content.decode()
    assert response.status_code == 400 and "Signing in did not work" in page
    assert "stack trace" not in page and "alert(1)" not in page


def test_a_provider_that_is_down_is_said_in_plain_words(town: Place, english: Client, settings: Any):
    with identity_provider() as one:
        settings.SIGN_IN_PROVIDERS = (one.configured(),)
    response = english.get(reverse("single_sign_on", args=["gemeente"]))
    assert response.status_code == 503 and "does not answer now" in response.content.decode()


def test_a_provider_that_goes_down_halfway_too(provider: IdentityProvider, town: Place, client: Client):
    back = provider.answer(provider.ask(client), "noor")
    provider.is_down = True
    assert client.get(back).status_code in {400, 503}
    assert signed_in(client) is None


def test_a_provider_with_another_name_than_the_file_says_is_not_used(
    provider: IdentityProvider, town: Place, client: Client, settings: Any
):
    settings.SIGN_IN_PROVIDERS = (provider.configured(issuer="https://elders.invalid"),)
    assert client.get(reverse("single_sign_on", args=["gemeente"])).status_code == 503


def test_an_unknown_provider_is_not_there(provider: IdentityProvider, town: Place, client: Client):
    for name in ("single_sign_on", "single_sign_on_return", "single_sign_out"):
        assert client.get(reverse(name, args=["elders"])).status_code == 404


# --- whose account it is ---


def refusal(response: Any) -> str:
    assert response.status_code == 403, response.headers
    return str(response.context["code"])


def test_an_account_stays_with_its_subject_when_the_address_changes_hands(
    provider: IdentityProvider, town: Place, client: Client
):
    provider.sign_in(client, "noor")
    first = signed_in(client)
    provider.knows("opvolger", email=EMAIL, name="Een Ander", groups=["medewerkers"])
    other = Client()
    assert refusal(provider.sign_in(other, "opvolger")) == "address_taken"
    assert signed_in(other) is None
    again = Client()
    provider.sign_in(again, "noor")
    assert signed_in(again) == first


def test_one_address_at_two_providers_is_two_people(
    provider: IdentityProvider, town: Place, client: Client, settings: Any
):
    with identity_provider() as second:
        settings.SIGN_IN_PROVIDERS = (provider.configured(), second.configured("tweede"))
        second.knows("noor", email=EMAIL, name="Iemand Anders", groups=["medewerkers"])
        provider.sign_in(client, "noor")
        other = Client()
        assert refusal(second.sign_in(other, "noor", "tweede")) == "address_taken"
        assert signed_in(other) is None
        assert SocialAccount.objects.count() == 1
        second.knows("noor", email="noor.anders@vlinderwaard.invalid", name="Iemand Anders", groups=["medewerkers"])
        second.sign_in(other, "noor", "tweede")
    assert signed_in(other) not in (None, signed_in(client))


@pytest.mark.parametrize(
    "case", ["elsewhere_too", "only_elsewhere", "nothing_any_more", "emergency", "refuted", "other_domain", "closed"]
)
def test_an_existing_account_is_not_taken_over(
    provider: IdentityProvider, town: Place, other_town: Place, client: Client, case: str
):
    invited = User.objects.create_user(email=EMAIL, name="Noor", is_emergency_account=case == "emergency")
    claims: dict[str, Any] = {"email": EMAIL, "groups": ["medewerkers"]}
    if case != "only_elsewhere":
        membership = town.join(invited, Role.LEGAL)
    if case in {"elsewhere_too", "only_elsewhere"}:
        other_town.join(invited, Role.EMPLOYEE)
    elif case == "nothing_any_more":
        membership.ends_on = LONG_AGO
        membership.save()
    elif case == "refuted":
        claims["email_verified"] = False
    elif case == "other_domain":
        User.objects.filter(pk=invited.pk).update(email="noor@elders.invalid")
        claims["email"] = "noor@elders.invalid"
    elif case == "closed":
        User.objects.filter(pk=invited.pk).update(is_active=False)
    provider.knows("noor", **claims)
    expected = {"refuted": "address_unknown", "other_domain": "address_unknown", "closed": "account_closed"}
    assert refusal(provider.sign_in(client, "noor")) == expected.get(case, "address_taken")
    assert signed_in(client) is None and not SocialAccount.objects.exists()
    assert not Membership.objects.filter(source="gemeente").exists()
    event = noted("sign_in.refused")[-1]
    assert event.organisation_id == town.organisation.pk and "provider:gemeente" in event.fields


def test_who_has_no_role_gets_no_account(provider: IdentityProvider, town: Place, english: Client):
    provider.knows("noor", email=EMAIL, name="Noor", groups=["anders"])
    response = provider.sign_in(english, "noor")
    assert refusal(response) == "no_role" and "gave you no role" in response.content.decode()
    assert not User.objects.filter(email=EMAIL).exists()


def test_where_roles_are_given_by_hand_only_who_was_invited_comes_in(
    provider: IdentityProvider, town: Place, client: Client, settings: Any
):
    settings.SIGN_IN_PROVIDERS = (provider.configured(manages_roles=False, roles=()),)
    assert refusal(provider.sign_in(client, "noor")) == "no_role"
    town.join(User.objects.create_user(email=EMAIL, name="Noor"), Role.LEGAL)
    provider.sign_in(client, "noor")
    assert roles(signed_in(client)) == {"legal"}


def test_an_organisation_that_is_not_there_is_refused(
    provider: IdentityProvider, town: Place, client: Client, settings: Any
):
    settings.SIGN_IN_PROVIDERS = (provider.configured(organisation="nergens"),)
    assert refusal(provider.sign_in(client, "noor")) == "not_set_up"


# --- what changes between two sign-ins ---


def test_roles_are_added_and_ended_at_each_sign_in(provider: IdentityProvider, town: Place, client: Client):
    provider.sign_in(client, "noor")
    user = signed_in(client)
    provider.knows("noor", email=EMAIL, name="Noor Voorbeeld", groups=["medewerkers", "adviseurs"])
    clock.move(days=2)
    provider.sign_in(Client(), "noor")
    assert roles(user) == {"employee", "adviser"}
    provider.knows("noor", email=EMAIL, name="Noor Voorbeeld", groups="medewerkers")  # ADFS: one value is no list
    clock.move(days=2)
    provider.sign_in(Client(), "noor")
    assert roles(user) == {"employee"}
    ended = noted("role.ended")[-1]
    assert (ended.actor_id, ended.fields) == (None, ["adviser", "provider:gemeente"])
    assert Membership.objects.filter(user=user, role=Role.ADVISER).get().ends_on.isoformat() == "2026-11-27"


def test_who_must_know_hears_of_a_role_that_opens_much_once(provider: IdentityProvider, town: Place, client: Client):
    provider.sign_in(client, "noor")
    told = Alarm.objects.filter(kind=AlarmKind.ROLE_GIVEN)
    assert not told.exists()
    provider.knows("noor", email=EMAIL, name="Noor Voorbeeld", groups=["medewerkers", "adviseurs"])
    provider.sign_in(client, "noor")
    assert {one.recipient for one in told} == {town.adviser, town.auditor}
    provider.sign_in(client, "noor")
    assert told.count() == 2


def test_who_has_left_loses_the_roles_and_every_session(
    provider: IdentityProvider, town: Place, client: Client, strictly: None
):
    provider.sign_in(client, "noor")
    user = signed_in(client)
    assert client.get(reverse("home")).status_code == 200
    clock.move(minutes=10)
    provider.knows("noor", email=EMAIL, name="Noor Voorbeeld", groups=[])
    other = Client()
    assert refusal(provider.sign_in(other, "noor")) == "no_role"
    assert signed_in(other) is None and roles(user) == set()
    assert signed_in(client) is None
    assert client.get(reverse("home")).headers["Location"].startswith(reverse("sign_in"))


def test_a_role_given_and_taken_on_one_day_does_not_hold_until_night(
    provider: IdentityProvider, town: Place, client: Client
):
    provider.sign_in(client, "noor")
    provider.knows("noor", email=EMAIL, groups=[])
    assert refusal(provider.sign_in(client, "noor")) == "no_role"
    assert roles(User.objects.get(email=EMAIL)) == set()
    assert signed_in(client) is None


def test_the_last_adviser_is_not_taken_away_and_does_not_come_in(
    provider: IdentityProvider, town: Place, english: Client
):
    provider.knows("noor", email=EMAIL, name="Noor Voorbeeld", groups=["adviseurs"])
    provider.sign_in(Client(), "noor")
    user = User.objects.get(email=EMAIL)
    Membership.objects.filter(user=town.adviser).delete()
    provider.knows("noor", email=EMAIL, name="Noor Voorbeeld", groups=["medewerkers"])
    assert refusal(provider.sign_in(english, "noor")) == "last_adviser"
    assert signed_in(english) is None and roles(user) == {"adviser"}
    assert noted("sign_in.refused")[-1].fields == ["last_adviser", "provider:gemeente"]
    town.join(town.legal, Role.ADVISER)
    provider.sign_in(english, "noor")
    assert signed_in(english) == user and roles(user) == {"employee"}


def test_the_only_adviser_may_move_to_another_department(
    provider: IdentityProvider, town: Place, client: Client, settings: Any
):
    Membership.objects.filter(role=Role.ADVISER).delete()
    provider.knows("noor", email=EMAIL, name="Noor", groups=["adviseurs"])
    provider.sign_in(client, "noor")
    given = provider.configured().roles[1]
    settings.SIGN_IN_PROVIDERS = (provider.configured(roles=(type(given)("adviseurs", "adviser", "Publiekszaken"),)),)
    provider.sign_in(client, "noor")
    held = Membership.objects.filter(role=Role.ADVISER)
    assert signed_in(client) and [one.department for one in held] == [town.department]


def test_roles_that_do_not_go_together_are_refused_and_change_nothing(
    provider: IdentityProvider, town: Place, client: Client
):
    provider.sign_in(client, "noor")
    user = signed_in(client)
    provider.knows("noor", email=EMAIL, name="Noor", groups=["adviseurs", "fg"])
    assert refusal(provider.sign_in(Client(), "noor")) == "roles_collide"
    assert roles(user) == {"employee"} and User.objects.get(pk=user.pk).name == "Noor Voorbeeld"
    provider.knows("noor", email=EMAIL, name="Noor", groups=["fg"])
    provider.sign_in(Client(), "noor")
    assert roles(user) == {"auditor"}
    provider.knows("noor", email=EMAIL, name="Noor", groups=["adviseurs"])
    provider.sign_in(Client(), "noor")
    assert roles(user) == {"adviser"}  # what collides goes first


def test_a_closed_account_stays_closed(provider: IdentityProvider, town: Place, client: Client):
    provider.sign_in(Client(), "noor")
    User.objects.filter(email=EMAIL).update(is_active=False)
    assert refusal(provider.sign_in(client, "noor")) == "account_closed"
    assert signed_in(client) is None


def test_a_department_that_is_not_there_gives_no_role_at_all(
    provider: IdentityProvider, town: Place, client: Client, settings: Any
):
    Department.objects.filter(pk=town.department.pk).update(name="Burgerzaken")
    assert refusal(provider.sign_in(client, "noor")) == "not_set_up"
    assert not User.objects.filter(email=EMAIL).exists()


def test_name_and_address_follow_and_the_old_address_hears_of_it(
    provider: IdentityProvider, town: Place, client: Client, django_capture_on_commit_callbacks: Any
):
    provider.sign_in(client, "noor")
    user = signed_in(client)
    new = "n.anders@vlinderwaard.invalid"
    provider.knows("noor", email=new.upper(), name="Noor\n\x00 Anders 🌷", groups=["medewerkers"])
    with django_capture_on_commit_callbacks(execute=True):
        provider.sign_in(Client(), "noor")
    user.refresh_from_db()
    assert (user.email, user.name) == (new, "Noor Anders 🌷")
    assert mail.outbox[-1].to == [EMAIL]
    assert noted("address.changed")[-1].fields == ["email", "provider:gemeente"]
    assert noted("name.changed")[-1].fields == ["name", "provider:gemeente"]


@pytest.mark.parametrize("case", ["taken", "other_domain", "refuted", "elsewhere_too", "none"])
def test_an_address_that_is_not_the_providers_to_give_is_not_followed(
    provider: IdentityProvider, town: Place, other_town: Place, client: Client, case: str
):
    provider.sign_in(client, "noor")
    user = signed_in(client)
    address = {"taken": town.legal.email, "other_domain": "noor@elders.invalid", "none": ""}.get(
        case, "nieuw@vlinderwaard.invalid"
    )
    more: dict[str, Any] = {"email_verified": False} if case == "refuted" else {}
    if case == "elsewhere_too":
        other_town.join(user, Role.EMPLOYEE)
    provider.knows("noor", email=address, groups=["medewerkers"], **more)
    other = Client()
    assert provider.sign_in(other, "noor").status_code == 302
    assert signed_in(other) == user and User.objects.get(pk=user.pk).email == EMAIL


def test_groups_that_are_left_out_are_said_and_take_no_role_away(
    provider: IdentityProvider, town: Place, english: Client
):
    """Entra ID names no groups of who is in more than 200."""
    provider.sign_in(english, "noor")
    user = signed_in(english)
    provider.knows("noor", email=EMAIL, name="Noor", _claim_names={"groups": "src1"}, _claim_sources={"src1": {}})
    response = provider.sign_in(english, "noor")
    assert refusal(response) == "too_many_groups" and "so many groups" in response.content.decode()
    assert roles(user) == {"employee"}


def test_who_was_made_anew_at_the_provider_is_linked_again_after_a_command(
    provider: IdentityProvider, town: Place, client: Client, strictly: None
):
    provider.sign_in(client, "noor")
    user = signed_in(client)
    client.get(reverse("home"))
    provider.knows("noor-2", email=EMAIL, name="Noor Voorbeeld", groups=["medewerkers"])
    other = Client()
    assert refusal(provider.sign_in(other, "noor-2")) == "address_taken"
    call_command("unlink_sign_in", EMAIL, stdout=StringIO())
    assert signed_in(client) is None and noted("sign_in.unlinked")[-1].object_id == user.pk
    provider.sign_in(other, "noor-2")
    assert signed_in(other) == user
    assert refusal(provider.sign_in(client, "noor")) == "address_taken"
    for address in ("niemand@vlinderwaard.invalid", town.legal.email):
        with pytest.raises(CommandError):
            call_command("unlink_sign_in", address)


# --- how strong, and again ---


@pytest.mark.parametrize(
    ("amr", "is_strong"), [(["pwd", "mfa"], True), ("mfa", True), (["pwd"], False), (None, False), ([["mfa"]], False)]
)
def test_a_second_factor_counts_when_the_provider_says_so(
    provider: IdentityProvider, town: Place, client: Client, amr: Any, is_strong: bool
):
    provider.knows("noor", email=EMAIL, name="Noor", groups=["medewerkers"], amr=amr)
    provider.sign_in(client, "noor")
    assert client.session.get(STRONG) == (str(signed_in(client).pk) if is_strong else None)
    client.post(reverse("sign_out"))
    assert STRONG not in client.session


@pytest.mark.parametrize("is_proved", [True, False])
def test_a_role_that_needs_a_second_factor_opens_nothing_without_one(
    provider: IdentityProvider, town: Place, client: Client, strictly: None, is_proved: bool
):
    amr = ["pwd", "mfa"] if is_proved else ["pwd"]
    provider.knows("noor", email=EMAIL, name="Noor", groups=["adviseurs"], amr=amr)
    provider.sign_in(client, "noor")
    assert signed_in(client)
    response = client.get(reverse("menu_card"))
    assert response.status_code == (200 if is_proved else 302)
    assert is_proved or response.headers["Location"] == reverse("my_sign_in")


@pytest.mark.parametrize("is_proved", [True, False])
def test_our_own_second_step_is_asked_when_the_provider_proved_none(
    provider: IdentityProvider, town: Place, client: Client, is_proved: bool
):
    amr = ["mfa"] if is_proved else ["pwd"]
    provider.sign_in(Client(), "noor")
    Authenticator.objects.create(user=User.objects.get(email=EMAIL), type=Authenticator.Type.TOTP, data={"secret": "-"})
    provider.knows("noor", email=EMAIL, name="Noor", groups=["medewerkers"], amr=amr)
    response = provider.sign_in(client, "noor")
    assert bool(signed_in(client)) == is_proved
    assert response.headers["Location"] == reverse("home" if is_proved else "mfa_authenticate")


def test_a_proof_at_the_provider_counts_for_that_person_only(provider: IdentityProvider, town: Place, client: Client):
    """Someone who got halfway in this browser leaves nothing that the next one can use."""
    provider.knows("noor", email=EMAIL, name="Noor", groups=["medewerkers"], amr=["mfa"])
    provider.sign_in(client, "noor")
    request = RequestFactory().get("/")
    request.session, request.user = client.session, town.adviser
    assert not provider_proved_second_factor(request)
    assert provider_proved_second_factor(request, User.objects.get(email=EMAIL))


def again(client: Client, provider: IdentityProvider, subject: str) -> Any:
    return provider.sign_in(client, subject, opnieuw="1", next="/beheer/")


def reauthenticated(client: Client) -> bool:
    return any(one.get("reauthenticated") for one in client.session["account_authentication_methods"])


def test_proving_it_again_asks_for_the_password_anew(provider: IdentityProvider, town: Place, client: Client):
    provider.sign_in(client, "noor")
    assert not reauthenticated(client)
    response = again(client, provider, "noor")
    assert provider.asked[-1]["prompt"] == ["login"] and provider.asked[-1]["max_age"] == ["0"]
    assert response.headers["Location"] == "/beheer/" and reauthenticated(client)


@pytest.mark.parametrize("auth_time", [None, "now", 1_000_000_000, "an hour ago", True])
def test_an_old_proof_is_no_proof(provider: IdentityProvider, town: Place, client: Client, auth_time: Any):
    provider.sign_in(client, "noor")
    provider.says = {"auth_time": int(time.time()) - 3600 if auth_time == "an hour ago" else auth_time}
    assert refusal(again(client, provider, "noor")) == "not_again"
    assert not reauthenticated(client) and signed_in(client)


def test_somebody_else_proves_nothing(provider: IdentityProvider, town: Place, client: Client):
    provider.knows("ander", email="ander@vlinderwaard.invalid", name="Ander", groups=["medewerkers"])
    provider.sign_in(Client(), "ander")
    provider.sign_in(client, "noor")
    user = signed_in(client)
    for subject in ("ander", "onbekend"):
        assert refusal(again(client, provider, subject)) == "other_person"
    assert signed_in(client) == user and not reauthenticated(client)


# --- the pages ---


def test_the_sign_in_page_has_a_button_for_each_provider(
    provider: IdentityProvider, town: Place, english: Client, settings: Any
):
    address = reverse("single_sign_on", args=["gemeente"])
    page = english.get(reverse("sign_in"), {"next": "/melden/?a=1"}).content.decode()
    assert "Sign in with the municipality" in page and f'href="{address}?next=%2Fmelden%2F%3Fa%3D1"' in page
    settings.SIGN_IN_PROVIDERS = ()
    assert "the municipality" not in english.get(reverse("sign_in")).content.decode()


def test_what_was_typed_stays_while_someone_signs_in_at_the_provider(
    provider: IdentityProvider, town: Place, english: Client
):
    """The sign-in page holds the words in hidden fields; the provider opens beside it, and the page goes on after."""
    provider.knows("noor", email=town.employee.email, groups=["medewerkers"])
    data = near_miss_data(town, town.employee)
    page = english.post(reverse("near_miss"), data)
    assert 'target="_blank"' in page.content.decode() and page.content.decode().count(data["story"]) >= 2
    typed = dict(page.context["typed"])
    provider.sign_in(english, "noor", next=reverse("single_sign_on_done"))
    assert "Close this tab" in english.get(reverse("single_sign_on_done")).content.decode()
    back = english.post(reverse("near_miss"), {**typed, "resume": "1"})
    assert back.status_code == 200 and data["story"] in back.content.decode()


def test_signing_out_says_that_the_provider_is_still_open(provider: IdentityProvider, town: Place, english: Client):
    provider.sign_in(english, "noor")
    page = english.post(reverse("sign_out"), follow=True)
    assert page.redirect_chain == [(f"{reverse('sign_in')}?vanaf=gemeente", 302)]
    assert "Sign out at the municipality" in page.content.decode() and signed_in(english) is None
    away = urlsplit(english.get(reverse("single_sign_out", args=["gemeente"])).headers["Location"])
    assert f"{away.scheme}://{away.netloc}" == provider.url and away.path == "/oauth2/end_session"
    assert parse_qs(away.query)["post_logout_redirect_uri"] == ["http://testserver/inloggen/"]


def test_forms_may_still_go_to_this_portal_only(provider: IdentityProvider, town: Place, client: Client):
    policy = client.get(reverse("sign_in")).headers["Content-Security-Policy"]
    assert "form-action 'self';" in policy + ";"
