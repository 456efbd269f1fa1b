"""How long a session lives, which there are, and who ends them (T09)."""

import time
from base64 import b64encode
from datetime import timedelta
from secrets import token_bytes, token_urlsafe
from typing import Any
from uuid import uuid4

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings as real_settings
from django.contrib.auth.tokens import default_token_generator
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from incidents.actions.closing_accounts import close_account_of
from incidents.models import Draft
from tests import clock
from tests.environment import DEFAULTS
from tests.vpdportal.test_settings import start
from tests.world import Place, make_user
from vpdportal.accounts.models import User
from vpdportal.accounts.signing_in.sessions import device_of, remove_ended_sessions, short_address
from vpdportal.audit.models import AuditEvent

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0"
PAGE = "my_mails"
SESSION_KEY = "_auth_user_id"


def browser(user: User, agent: str = FIREFOX) -> Client:
    """Someone who signed in a moment ago, in English, and opened a page."""
    client = Client(headers={"user-agent": agent})
    client.force_login(user)
    client.cookies["vpd_language"] = "en"
    prove(client, user)
    assert client.get(reverse(PAGE)).status_code == 200
    return client


def prove(client: Client, user: User) -> None:
    session = client.session
    at = time.time()
    session["account_authentication_methods"] = [{"method": "password", "at": at}, {"method": "mfa", "at": at}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


def is_in(client: Client) -> bool:
    """Asked as a script would, so that asking does not count as doing something."""
    response = client.get(reverse(PAGE), headers={"sec-fetch-mode": "cors"})
    return bool(response.status_code == 200)


# --- limits -----------------------------------------------------------------------------------------------------------


def test_half_an_hour_without_doing_anything_ends_it(strictly: None, town: Place):
    client = browser(town.employee)
    for _twice in range(2):
        clock.move(minutes=29)
        assert client.get(reverse(PAGE)).status_code == 200, "each page that is opened counts"
    clock.move(minutes=30)
    response = client.get(reverse(PAGE))
    assert response.status_code == 302 and response["Location"].endswith(f"?next={reverse(PAGE)}")
    page = client.get(response["Location"]).content.decode()
    assert "You did nothing for 30 minutes, so you were signed out." in page
    assert not UserSession.objects.exists() and SESSION_KEY not in client.session


def test_ten_hours_end_it_whatever_is_done(strictly: None, town: Place):
    client = browser(town.employee)
    for _time in range(23):
        clock.move(minutes=26)
        assert client.get(reverse(PAGE)).status_code == 200
    clock.move(minutes=3)
    response = client.get(reverse(PAGE))
    assert response.status_code == 302
    assert "You were signed in for 10 hours." in client.get(response["Location"]).content.decode()


def test_signing_in_again_begins_anew(strictly: None, town: Place):
    client = browser(town.employee)
    clock.move(hours=11)
    assert not is_in(client)
    client.force_login(town.employee)
    assert is_in(client)
    clock.move(minutes=29)
    assert is_in(client)


def test_where_anyone_becomes_anyone_nothing_ends(town: Place):
    client = browser(town.employee)
    clock.move(days=3)
    assert is_in(client) and not UserSession.objects.exists()


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(strictly: None, town: Place):
    client = browser(town.employee)
    for _time in range(5):
        clock.move(minutes=5)
        assert client.get(reverse("offline_state"), headers={"sec-fetch-mode": "cors"}).status_code == 200
    clock.move(minutes=5)
    assert client.get(reverse("offline_state"), headers={"sec-fetch-mode": "cors"}).status_code == 401


def keep(client: Client, address: str, words: str, seen: int, page: str = "a") -> Any:
    """What static/portal/writing.js sends when other words stand there than were kept last."""
    data = {"story": words, "seen": str(seen), "page": page}
    return client.post(address, data, headers={"accept": "application/json", "sec-fetch-mode": "cors"})


def test_typing_keeps_someone_signed_in_but_trying_again_does_not(strictly: None, town: Place, writer: Any):
    client = browser(town.employee)
    writing = writer(town.employee, client)
    assert writing.start(town, is_safe_now="yes").status_code == 302
    address = reverse("report_step", args=[writing.key, "gebeurd"])
    seen = 99
    for number in range(3):  # an hour and more of typing, each word kept
        clock.move(minutes=25)
        response = keep(client, address, f"woord {number}", seen)
        assert response.status_code == 200, response.content
        seen = response.json()["revision"]
    for _time in range(3):  # another page has it now: refused, and tried again each eight seconds
        clock.move(minutes=9)
        response = keep(client, address, "ander woord", 1, page="b")
        assert response.status_code >= 400 and response.json()["error"] != "signed_out"
    clock.move(minutes=4)
    response = keep(client, address, "ander woord", 1, page="b")
    assert (response.status_code, response.json()) == (401, {"error": "signed_out"})


def test_what_was_typed_when_it_ended_is_on_the_page_to_sign_in(strictly: None, town: Place, writer: Any):
    client = browser(town.employee)
    writing = writer(town.employee, client)
    writing.start(town, is_safe_now="yes")
    writing.post("gebeurd", {"story": "Eerst dit."})
    clock.move(minutes=31)
    response = writing.post("gebeurd", {"story": "Kanarie die ik typte. 😡"})
    page = response.content.decode()
    assert response.status_code == 200 and "Kanarie die ik typte. 😡" in page and 'type="password"' in page
    assert Draft.objects.get(pk=writing.key).author == town.employee, "what was kept before stays"
    assert SESSION_KEY not in client.session


def test_an_end_that_nobody_asked_for_does_nothing_else(strictly: None, town: Place):
    client = browser(town.employee)
    clock.move(minutes=31)
    client.post(reverse(PAGE), {"language": "en", "wants_news_mail": ""})
    town.employee.refresh_from_db()
    assert (town.employee.language, town.employee.wants_news_mail) == ("nl", True)


# --- the list ---------------------------------------------------------------------------------------------------------


def listed(client: Client) -> str:
    response = client.get(reverse("my_sessions"))
    assert response.status_code == 200
    return response.content.decode()


def test_the_list_has_ones_own_devices_and_no_other(strictly: None, town: Place):
    mine = browser(town.employee)
    browser(town.employee, EDGE)
    browser(town.manager, "iPhone Safari")
    page = listed(mine)
    assert "Firefox, Linux" in page and "Edge, Windows" in page and "Safari, iPhone" not in page
    assert page.count("this device") == 1 and page.index("this device") < page.index("Edge, Windows")
    assert "127.0.…" in page and "127.0.0.1" not in page
    nobody = Client()
    nobody.force_login(make_user())
    assert listed(nobody), "also without any role"


def test_the_list_asks_the_same_however_many(strictly: None, town: Place, django_assert_num_queries: Any):
    client = browser(town.employee)
    for _number in range(2):
        with django_assert_num_queries(4):
            listed(client)
        for _other in range(2):
            browser(town.employee, EDGE)


def test_what_is_over_or_signed_out_is_not_listed(strictly: None, town: Place):
    mine, other, gone = (browser(town.employee, agent) for agent in (FIREFOX, EDGE, "Chrome Windows"))
    gone.post(reverse("sign_out"))
    assert "Edge, Windows" in listed(mine) and "Chrome, Windows" not in listed(mine)
    clock.move(minutes=20)
    listed(mine)
    clock.move(minutes=20)
    assert "Edge, Windows" not in listed(mine)
    assert not is_in(other)


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (FIREFOX, "Firefox, Linux"),
        (EDGE, "Edge, Windows"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/126.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Mobile Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/18.0 Safari/605.1", "Safari, Mac"),
        ("<script>alert(1)</script>", "unknown device"),
        ("", "unknown device"),
    ],
)
def test_a_device_is_named_as_people_know_it(agent: str, device: str):
    assert device_of(agent) in {device, "onbekend apparaat"}


def test_half_an_address_is_enough():
    assert short_address("203.0.113.77") == "203.0.…"
    assert short_address("2001:db8:1234:5678::1") == "2001:0db8:1234:…"
    assert short_address("0.0.0.0") == "–"  # noqa: S104


# --- ending -----------------------------------------------------------------------------------------------------------


def row_of(client: Client) -> UserSession:
    return UserSession.objects.get(session_key=client.session.session_key)


def test_a_device_is_signed_out_at_once(strictly: None, town: Place):
    mine, lost = browser(town.employee), browser(town.employee, EDGE)
    response = mine.post(reverse("my_session_end", args=[row_of(lost).pk]), follow=True)
    assert "That device is signed out." in response.content.decode()
    assert is_in(mine) and not is_in(lost)
    assert AuditEvent.objects.filter(action="session.ended", object_id=town.employee.pk).count() == 1


def test_ending_this_one_signs_out(strictly: None, town: Place):
    mine = browser(town.employee)
    assert mine.post(reverse("my_session_end", args=[row_of(mine).pk]))["Location"] == reverse("sign_in")
    assert not is_in(mine)


def test_nobody_ends_the_session_of_another(strictly: None, town: Place):
    theirs, mine = browser(town.manager), browser(town.employee)
    assert mine.post(reverse("my_session_end", args=[row_of(theirs).pk])).status_code == 404
    assert is_in(theirs)
    stranger = Client().post(reverse("my_session_end", args=[row_of(theirs).pk]))
    assert stranger.status_code == 302 and is_in(theirs)


def test_all_others_at_once(strictly: None, town: Place):
    mine, theirs = browser(town.employee), browser(town.manager)
    others = [browser(town.employee, EDGE) for _number in range(3)]
    page = mine.post(reverse("my_sessions_end_others"), follow=True).content.decode()
    assert "3 other devices are signed out." in page
    assert is_in(mine) and is_in(theirs) and not any(is_in(other) for other in others)
    assert (
        "You were signed in nowhere else." in mine.post(reverse("my_sessions_end_others"), follow=True).content.decode()
    )
    assert AuditEvent.objects.filter(action="session.others_ended").count() == 1


def test_who_found_the_screen_open_cannot_end_them(strictly: None, town: Place):
    mine, other = browser(town.employee), browser(town.employee, EDGE)
    session = mine.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - 301}]
    session.save()
    for address in (reverse("my_sessions_end_others"), reverse("my_session_end", args=[row_of(other).pk])):
        response = mine.post(address)
        assert response.status_code == 200 and 'type="password"' in response.content.decode()
    assert is_in(other)
    prove(mine, town.employee)
    assert mine.post(reverse("my_sessions_end_others")).status_code == 302 and not is_in(other)


def sign_out_of(town: Place, person: User) -> str:
    return reverse("administration_person_sign_out", args=[town.organisation.slug, person.pk])


def test_an_administrator_signs_someone_out_everywhere(strictly: None, town: Place, other_town: Place):
    admin = browser(town.administrator)
    theirs = [browser(town.adviser), browser(town.adviser, EDGE)]
    for other in (other_town.administrator, town.adviser, town.auditor, town.employee):
        assert browser(other).post(sign_out_of(town, town.deputy)).status_code in {403, 404}
    assert Client().post(sign_out_of(town, town.adviser)).status_code == 302
    assert all(is_in(client) for client in theirs)
    page = admin.post(sign_out_of(town, town.adviser), follow=True).content.decode()
    assert "is signed out on 3 devices." in page and not any(is_in(client) for client in theirs)
    (event,) = AuditEvent.objects.filter(action="session.all_ended")
    assert (event.actor_id, event.object_id) == (town.administrator.pk, town.adviser.pk)
    assert event.organisation_id == town.organisation.pk


def test_not_of_someone_else_nor_of_oneself(strictly: None, town: Place, other_town: Place):
    admin, theirs = browser(town.administrator), browser(other_town.adviser)
    assert admin.post(sign_out_of(town, other_town.adviser)).status_code == 404 and is_in(theirs)
    assert admin.post(sign_out_of(town, town.administrator))["Location"] == reverse("my_sessions")
    assert is_in(admin)
    gone = browser(town.support)
    town.organisation.memberships.filter(user=town.support).update(ends_on="2026-11-23")
    assert admin.post(sign_out_of(town, town.support)).status_code == 404 and is_in_as_nobody(gone)


def is_in_as_nobody(client: Client) -> bool:
    return bool(client.get(reverse("my_sessions")).status_code == 200)


def test_a_closed_account_is_out_at_once(strictly: None, town: Place):
    someone = make_user()
    town.join(someone, "support")
    theirs = browser(someone)
    close_account_of(person=someone, by=town.administrator, now=clock.now())
    assert not is_in(theirs)
    assert not UserSession.objects.filter(user=someone).exists()


def test_a_new_password_ends_all_sessions_and_they_leave_the_list(strictly: None, town: Place):
    theirs = [browser(town.employee), browser(town.employee, EDGE)]
    link = reverse(
        "password_choose",
        args=[
            urlsafe_base64_encode(force_bytes(town.employee.pk)),
            default_token_generator.make_token(town.employee),
        ],
    )
    client = theirs[0]  # also of who is signed in here
    page = client.get(link)
    words = "een ander heel lang wachtwoord"
    answer = client.post(page["Location"], {"new_password1": words, "new_password2": words})
    assert answer.status_code == 302, answer.content
    assert not any(is_in(one) for one in theirs) and not UserSession.objects.exists()


# --- what is left -----------------------------------------------------------------------------------------------------


def test_what_is_over_is_removed_with_its_address(strictly: None, town: Place):
    kept, gone, old = browser(town.employee), browser(town.employee), browser(town.employee)
    Session.objects.filter(session_key=gone.session.session_key).delete()
    rows = UserSession.objects.filter(session_key=old.session.session_key)
    rows.update(created_at=clock.now() - timedelta(hours=10))
    assert remove_ended_sessions(now=clock.now()) == 2
    assert [row.session_key for row in UserSession.objects.all()] == [kept.session.session_key]
    assert is_in(kept) and not is_in(old)


def test_one_line_a_session_also_behind_a_socket(strictly: None, town: Place):
    client = Client(REMOTE_ADDR="")
    client.force_login(town.employee)
    for _twice in range(2):
        assert client.get(reverse(PAGE)).status_code == 200
        clock.move(minutes=2)
    assert UserSession.objects.get().ip == "0.0.0.0"  # noqa: S104
    assert UserSession.objects.get().last_seen_at == clock.now() - timedelta(minutes=2)


def test_only_a_click_a_minute_is_written_down(strictly: None, town: Place, django_assert_num_queries: Any):
    client = browser(town.employee)
    before = UserSession.objects.get().last_seen_at
    clock.move(seconds=59)
    client.get(reverse(PAGE))
    assert UserSession.objects.get().last_seen_at == before
    clock.move(seconds=1)
    client.get(reverse(PAGE))
    assert UserSession.objects.get().last_seen_at == clock.now()


def secret_keys() -> dict[str, str]:
    """No published key may be used beside an address in the world."""
    made = [b64encode(token_bytes(32)).decode() for _key in range(2)]
    return {"FIELD_KEYS": f"k1:{made[0]}", "LOOKUP_KEY": made[1], "SECRET_KEY": token_urlsafe(50)}


def test_cookies_are_for_this_host_only():
    names = "SESSION_COOKIE_NAME CSRF_COOKIE_NAME SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE SESSION_COOKIE_HTTPONLY"
    code = f"from django.conf import settings as s; print(*(getattr(s, n) for n in '{names}'.split()))"
    done = start({**DEFAULTS, **secret_keys(), "PORTAL_URL": "https://vpd.example.org"}, "shell", "-v0", "-c", code)
    assert done.stdout.split() == ["__Host-vpd_session", "__Host-vpd_csrf", "True", "True", "True"], done.stderr
    assert real_settings.SESSION_COOKIE_SAMESITE == real_settings.CSRF_COOKIE_SAMESITE == "Lax"


def test_strictness_is_no_variable():
    code = "from django.conf import settings as s; print(s.STRICT_SIGN_IN, s.SESSION_SECONDS, s.SESSION_IDLE_SECONDS)"
    done = start({**DEFAULTS, "STRICT_SIGN_IN": "0"}, "shell", "-v0", "-c", code)
    assert done.stdout.split() == ["True", "36000", "1800"], done.stderr


def test_an_unknown_session_is_nobody(db: None, strictly: None):
    assert Client().post(reverse("my_session_end", args=[1])).status_code == 302
    client = Client()
    client.cookies[real_settings.SESSION_COOKIE_NAME] = uuid4().hex
    assert client.get(reverse(PAGE)).status_code == 302
