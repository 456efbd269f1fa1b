"""Guessing is stopped, the owner is not (T11); emergency accounts are told of; the cache that counts holds no code."""

import json
import threading
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from incidents.models import Alarm
from tests.accounts.identity_provider import IdentityProvider
from tests.signing_in import english, give_password, is_signed_in, sign_in_strongly
from tests.world import PASSWORD, Place
from vpdportal.accounts.models import Organisation, User
from vpdportal.accounts.roles import NEEDS_TWO, Role
from vpdportal.accounts.signing_in.known_devices import COOKIE
from vpdportal.audit.models import AuditEvent
from vpdportal.shared_cache import TABLE

WRONG = "zeker niet het goede"


def attempt(client: Client, user: User, password: str = WRONG, address: str = "192.0.2.1", **headers: str) -> str:
    data = {"username": user.email, "password": password}
    return client.post(reverse("sign_in"), data, REMOTE_ADDR=address, headers=headers).content.decode()


def is_stopped(page: str) -> bool:
    return "tried too often" in page


def test_guessing_from_many_addresses_is_stopped_and_a_known_device_goes_on(town: Place):
    known = english()
    give_password(known, town.employee)
    known.post(reverse("sign_out"))
    pages = [attempt(english(), town.employee, address=f"192.0.2.{number % 50}") for number in range(100)]
    assert sum(not is_stopped(page) for page in pages) == 10
    stranger = english()
    assert is_stopped(attempt(stranger, town.employee, PASSWORD)) and not is_signed_in(stranger)
    assert give_password(known, town.employee).status_code == 302 and is_signed_in(known)
    other = english()
    assert give_password(other, town.manager).status_code == 302, "others go on as before"


def test_an_unknown_address_is_stopped_alike(town: Place):
    nobody = User(email="niemand@nergens.invalid")
    assert [is_stopped(attempt(english(), nobody)) for _number in range(11)] == [False] * 10 + [True]


def test_a_known_device_may_not_guess_either(town: Place):
    known = english()
    give_password(known, town.employee)
    known.post(reverse("sign_out"))
    assert [is_stopped(attempt(known, town.employee)) for _number in range(11)] == [False] * 10 + [True]


def test_a_device_is_known_for_who_signed_in_on_it(town: Place):
    """The mark of one person gives no fresh turns at another's account; nor does one that was made up."""
    mine = english()
    give_password(mine, town.employee)
    mine.post(reverse("sign_out"))
    assert town.employee.email not in mine.cookies[COOKIE].value
    for _number in range(10):
        attempt(english(), town.manager)
    assert is_stopped(attempt(mine, town.manager, PASSWORD))
    forged = english()
    forged.cookies[COOKIE] = json.dumps(["x", ["y"]])
    assert is_stopped(attempt(forged, town.manager, PASSWORD))


def test_a_right_password_is_no_attempt(town: Place):
    for _number in range(15):
        assert give_password(english(), town.employee).status_code == 302


def test_a_forged_address_changes_nothing(town: Place, settings: Any):
    settings.ACCOUNT_RATE_LIMITS = {"login": "5/m/ip"}
    answers = [
        english().post(
            reverse("sign_in"), {}, REMOTE_ADDR="192.0.2.7", headers={"x-forwarded-for": f"198.51.100.{number}"}
        )
        for number in range(6)
    ]
    assert [one.status_code for one in answers] == [200] * 5 + [429]
    assert "112" in answers[-1].content.decode()


def test_behind_our_own_proxy_its_word_counts(town: Place, settings: Any):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    for said, expected in (("203.0.113.1", 200), ("203.0.113.2", 200), ("9.9.9.9, 203.0.113.2", 429)):
        answer = english().post(reverse("sign_in"), {}, REMOTE_ADDR="10.0.0.1", headers={"x-forwarded-for": said})
        assert answer.status_code == expected, said


def test_counting_is_shared_and_holds_json(db: None):
    cache.set("one", [1.5, "twee"], 60)
    assert cache.get("one") == [1.5, "twee"]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT value FROM {TABLE}")
        assert json.loads(cursor.fetchone()[0]) == [1.5, "twee"]
    assert cache.add("one", "other", 60) is False and cache.get("one") == [1.5, "twee"]
    assert cache.add("new", "first", 60) is True
    cache.set("gone", 1, -1)
    assert cache.get("gone", "none") == "none" and cache.add("gone", 2, 60) is True
    assert cache.delete("one") is True and cache.delete("one") is False and cache.get("one") is None
    cache.clear()
    assert cache.get("new") is None


@pytest.mark.usefixtures("committed")
def test_of_many_at_once_one_is_first(settings: Any):
    """Two browsers with one code: one of them is told that it was used."""
    heard: list[bool] = []

    def ask() -> None:
        try:
            heard.append(cache.add("once", True, 60))
        finally:
            connection.close()

    cache.delete("once")
    threads = [threading.Thread(target=ask) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(heard) == [False] * 5 + [True]
    cache.clear()


def test_where_only_emergency_accounts_have_a_password(town: Place, other_town: Place, settings: Any):
    settings.SIGN_IN_PROVIDERS = (IdentityProvider("http://localhost:9").configured(),)
    Organisation.objects.filter(pk=town.organisation.pk).update(password_sign_in="emergency")
    User.objects.filter(pk=town.manager.pk).update(is_emergency_account=True)
    refused = english()
    page = attempt(refused, town.employee, PASSWORD)
    assert "do not belong together" in page and "a sign-in of its own" in page and not is_signed_in(refused)
    assert "a sign-in of its own" in attempt(english(), User(email="niemand@nergens.invalid")), "told to everyone alike"
    assert give_password(english(), town.manager).status_code == 302
    other_town.join(town.employee, "employee")
    assert give_password(english(), town.employee).status_code == 302, "elsewhere a password does"


def test_an_emergency_account_is_told_of(town: Place, other_town: Place):
    User.objects.filter(pk=town.employee.pk).update(is_emergency_account=True)
    give_password(english(), town.employee)
    event = AuditEvent.objects.get(action="sign_in.emergency")
    assert (event.actor_id, event.organisation_id) == (town.employee.pk, town.organisation.pk)
    told = {(alarm.recipient_id, alarm.kind) for alarm in Alarm.objects.all()}
    assert told == {(town.auditor.pk, "emergency_sign_in"), (town.administrator.pk, "emergency_sign_in")}
    give_password(english(), town.manager)
    assert AuditEvent.objects.filter(action="sign_in.emergency").count() == 1, "an ordinary one is not"


def test_where_nobody_could_sign_in_another_way_passwords_stay(
    town: Place, other_town: Place, as_user: Any, settings: Any
):
    User.objects.filter(pk=town.support.pk).update(is_emergency_account=True)
    address = reverse("sign_in_plan", args=[town.organisation.slug])
    client = as_user(town.administrator)
    client.cookies["vpd_language"] = "en"
    only_emergency = {"password_sign_in": "emergency", "second_factor_roles": ["manager"]}
    provider = IdentityProvider("http://localhost:9")
    for ways_in in ((), (provider.configured(organisation=other_town.organisation.slug),)):
        settings.SIGN_IN_PROVIDERS = ways_in
        answer = client.post(address, only_emergency)
        assert answer.status_code == 400 and "was not set up yet" in answer.content.decode()
    assert give_password(english(), town.adviser).status_code == 302
    settings.SIGN_IN_PROVIDERS = (provider.configured(),)
    assert client.post(address, only_emergency).status_code == 302


def test_the_last_emergency_account_stays(town: Place, as_user: Any, settings: Any):
    settings.SIGN_IN_PROVIDERS = (IdentityProvider("http://localhost:9").configured(),)
    client = as_user(town.administrator)
    slug = town.organisation.slug
    page = reverse("sign_in_plan", args=[slug])
    only_emergency = {"password_sign_in": "emergency", "second_factor_roles": ["manager"]}
    assert client.post(page, only_emergency).status_code == 400, "nobody could get in on a bad day"
    address = reverse("administration_person_emergency", args=[slug, town.manager.pk])
    client.post(address, {"is": "yes"})
    assert client.post(page, only_emergency).status_code == 302
    client.post(address, {"is": "no"})
    assert User.objects.get(pk=town.manager.pk).is_emergency_account
    client.post(page, {**only_emergency, "password_sign_in": "everyone"})
    client.post(address, {"is": "no"})
    assert not User.objects.get(pk=town.manager.pk).is_emergency_account
    own = reverse("administration_person_emergency", args=[slug, town.administrator.pk])
    client.post(own, {"is": "yes"})
    assert not User.objects.get(pk=town.administrator.pk).is_emergency_account, "never one's own"
    assert set(AuditEvent.objects.values_list("action", flat=True)) >= {"emergency.named", "emergency.ended"}


def test_who_settles_how_people_sign_in(town: Place, other_town: Place, as_user: Any):
    page = reverse("sign_in_plan", args=[town.organisation.slug])
    assert Client().get(page).status_code == 302
    assert as_user(town.adviser).get(page).status_code == 403
    assert as_user(other_town.administrator).get(page).status_code == 404
    assert as_user(town.administrator).get(page).status_code == 200


def test_unknown_roles_are_refused(town: Place, as_user: Any):
    page = reverse("sign_in_plan", args=[town.organisation.slug])
    answer = as_user(town.administrator).post(page, {"password_sign_in": "everyone", "second_factor_roles": ["king"]})
    assert answer.status_code == 400
    assert as_user(town.administrator).post(page, {"password_sign_in": "everyone"}).status_code == 302
    assert Organisation.objects.get(pk=town.organisation.pk).second_factor_roles == [
        role.value for role in Role if role in NEEDS_TWO
    ]
    assert mail.outbox == [] and sign_in_strongly


@pytest.mark.parametrize("credential", ["", "{}", "[]", "null", "1", '{"response": {"userHandle": "eA"}}', "{"])
def test_what_is_no_passkey_is_refused(db: None, credential: str):
    client = english()
    client.get(reverse("passkey_question"))
    answer = client.post(reverse("passkey_answer"), {"credential": credential})
    assert answer["Location"] == reverse("sign_in") and not is_signed_in(client)
