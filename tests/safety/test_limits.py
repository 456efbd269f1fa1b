"""What comes too often is stopped, a bad day is not, and nothing typed is lost by it (T05, T11; ASVS 2.4.1)."""

import re
import threading
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from incidents.models import Draft, Incident
from tests.access.test_rights import names
from tests.world import Place, Writer, make_incident, report_data
from vpdportal import how_often
from vpdportal.how_often import LIMITS, SENDING, By, limit_of


@pytest.fixture
def low(limited: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """All limits at this number, so that a test reaches them."""

    def lower(most: int) -> None:
        for limit in (*LIMITS, SENDING):
            monkeypatch.setitem(limit.__dict__, "most", most)

    return lower


def english(client: Client) -> Client:
    client.cookies["vpd_language"] = "en"
    return client


def test_the_table_names_addresses_that_are_there_each_once():
    from django.urls import get_resolver  # noqa: PLC0415

    named = [address for limit in LIMITS for address in limit.addresses]
    assert set(named) <= names(get_resolver().url_patterns) and len(named) == len(set(named))
    assert limit_of("case_export", "HEAD") is limit_of("case_export", "GET") is not None
    assert limit_of("report_step", "GET") is None and limit_of("home", "GET") is None


def test_a_bad_day_meets_no_limit(town: Place, limited: None, as_user: Any, writer: Any):
    """Five reports in a row with their pages kept every few seconds, and an adviser who searches for the police."""
    client = as_user(town.employee)
    for _report in range(5):
        person: Writer = writer(town.employee, client)
        person.start(town, is_safe_now="yes")
        for _second in range(10):
            answer = person.post("gebeurd", report_data(), HTTP_ACCEPT="application/json")
            assert answer.status_code == 200
        assert person.send(town).status_code == 302
    assert Incident.objects.filter(reporter=town.employee).count() == 5
    adviser = as_user(town.adviser)
    for _number in range(60):
        assert adviser.get(reverse("case_search"), {"q": "VW"}).status_code != 429


def test_a_report_too_many_stays_as_a_draft_and_goes_later(town: Place, low: Any, writer: Any):
    low(2)
    for limit in LIMITS:
        limit.__dict__["most"] = 1000
    client = english(Client())
    client.force_login(town.employee)
    for _number in range(2):
        assert writer(town.employee, client).send(town).status_code == 302
    third: Writer = writer(town.employee, client)
    answer = third.send(town, story="Dit mag niet weg.")
    assert answer.status_code == 429 and 0 < int(answer["Retry-After"]) <= 3600
    page = unescape(answer.content.decode())
    assert "This one is kept, but not sent yet" in page and "Dit mag niet weg." in page
    assert Incident.objects.count() == 2 and Draft.objects.get(pk=third.key).content.answers["story"]
    cache.clear()  # the hour is over
    assert third.post("controle", report_data()).status_code == 302 and Incident.objects.count() == 3


def test_what_was_typed_stands_on_the_answer_and_goes_with_its_button(town: Place, low: Any, as_user: Any):
    low(1)
    client, address = english(as_user(town.adviser)), reverse("case_person_find", args=[make_incident(town).pk])
    typed = {"name": 'Piet "de Beer" <script>', "many": ["1", "2"]}
    assert client.post(address, typed).status_code != 429
    answer = client.post(address, typed)
    page = answer.content.decode()
    assert answer.status_code == 429 and answer["Cache-Control"] == "no-store" and "<script>alert" not in page
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.split("<main")[1])
    sent = [(name, unescape(value)) for name, value in hidden if name != "csrfmiddlewaretoken"]
    assert sent == [("name", typed["name"]), ("many", "1"), ("many", "2")]
    assert f'action="{address}"' in page and "It goes on in 60 minutes" in page


def test_a_page_that_keeps_by_itself_hears_it_as_json(town: Place, low: Any, writer: Any):
    low(3)
    person: Writer = writer(town.employee)
    person.start(town, is_safe_now="yes")
    answers = [person.post("gebeurd", report_data(), HTTP_ACCEPT="application/json") for _number in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].json() == {"error": "too_often"} and answers[3]["Retry-After"]


@pytest.mark.parametrize(
    "name",
    ["case_search", "case_export", "analysis", "location_link", "case_evidence", "receipt", "location_posters_pdf"],
)
def test_each_counts_by_person(town: Place, low: Any, as_user: Any, name: str):
    """Also what is refused counts: who tries a thousand numbers of others is the one to stop."""
    low(2)
    some = {"case_evidence": [town.department.pk] * 2, "receipt": [town.department.pk], "location_link": ["7k0qd1"]}
    address = reverse(name, args=[*some.get(name, [town.organisation.slug] if "posters" in name else [])])
    mine, others = as_user(town.adviser), as_user(town.deputy)
    assert [mine.get(address).status_code == 429 for _number in range(3)] == [False, False, True]
    assert others.get(address).status_code != 429, "someone else goes on"
    assert as_user(town.adviser).get(address).status_code == 429, "another browser of the same person does not"


def test_guessing_secret_addresses_is_stopped_and_knowing_one_is_not(town: Place, low: Any, as_user: Any):
    low(3)
    page = as_user(town.adviser).post(reverse("calendar_feed"), {"seen": ""}).content.decode()
    known = re.search(r"/agenda/[^\"<\s]+\.ics", page)
    assert known
    stranger = Client()
    assert {stranger.get(known[0]).status_code for _number in range(10)} == {200}
    guesses = [stranger.get(f"/agenda/{number:043}.ics").status_code for number in range(5)]
    assert guesses == [404, 404, 404, 429, 429]
    assert Client(REMOTE_ADDR="192.0.2.9").get(known[0]).status_code == 200, "from elsewhere it goes on"
    left = [stranger.get(f"/afmelden/{number}/").status_code for number in range(5)]
    assert left == [404, 404, 404, 429, 429], "counted apart"


def test_an_address_that_a_stranger_names_himself_does_not_help(town: Place, low: Any):
    low(1)
    answers = [
        Client().get(f"/agenda/{number:043}.ics", headers={"X-Forwarded-For": f"192.0.2.{number}"}).status_code
        for number in range(3)
    ]
    assert answers == [404, 429, 429]


def test_of_a_hundred_at_once_each_has_its_own_number(committed: None):
    numbers: list[int] = []
    threads = [
        threading.Thread(target=lambda: numbers.extend(cache.count("together", 60)[0] for _ in range(25)))
        for _worker in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1, 101))


def test_counting_begins_anew_when_the_time_is_over(db: None, monkeypatch: pytest.MonkeyPatch):
    moment = [1000.0]
    monkeypatch.setattr("vpdportal.shared_cache.time.time", lambda: moment[0])
    assert [cache.count("anew", 60) for _number in range(2)] == [(1, 60), (2, 60)]
    moment[0] += 59.5
    assert cache.count("anew", 60) == (3, 1) and cache.counted("anew") == (3, 1)
    moment[0] += 1
    assert cache.counted("anew") == (0, 0) and cache.count("anew", 60) == (1, 60)


def test_nobody_is_named_where_it_is_counted(town: Place, limited: None, as_user: Any):
    from django.db import connection  # noqa: PLC0415

    as_user(town.adviser).get(reverse("case_search"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM vpdportal_shared_cache")
        keys = [key for (key,) in cursor.fetchall() if "how_often" in key]
    assert keys and not any(str(town.adviser.pk) in key for key in keys)


def test_without_limits_the_same_goes_through(town: Place, low: Any, as_user: Any, settings: Any):
    """The negative control: what is stopped above is stopped by this and by nothing else."""
    low(1)
    settings.HOLD_LIMITS = False
    client = as_user(town.adviser)
    assert 429 not in {client.get(reverse("case_search")).status_code for _number in range(5)}
    assert {Client().get(f"/agenda/{number:043}.ics").status_code for number in range(5)} == {404}


def test_only_a_demonstration_has_no_limits():
    source = open("vpdportal/settings.py").read()  # noqa: SIM115
    assert re.search(r"^HOLD_LIMITS = not DEMO\b", source, re.MULTILINE)
    assert all(limit.most >= 30 for limit in (*LIMITS, SENDING)), "far above a bad day"
    assert all(limit.by is By.NETWORK for limit in LIMITS if limit.is_of_misses)
    assert how_often.SENDING.most >= 20
