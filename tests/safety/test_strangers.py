"""What everyone may read: security.txt (RFC 9116), robots.txt and whose data this is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests import clock
from tests.environment import DEFAULTS
from tests.vpdportal.test_settings import start
from tests.world import Place


def lines(client: Client) -> dict[str, str]:
    response = client.get("/.well-known/security.txt")
    assert response.status_code == 200 and response["Content-Type"] == "text/plain; charset=utf-8"
    return dict(line.split(": ", 1) for line in response.content.decode().splitlines())


@pytest.mark.parametrize(
    ("contact", "told"),
    [
        ("cvd@voorbeeld.invalid", "mailto:cvd@voorbeeld.invalid"),
        ("mailto:cvd@voorbeeld.invalid", "mailto:cvd@voorbeeld.invalid"),
        ("https://voorbeeld.invalid/cvd", "https://voorbeeld.invalid/cvd"),
    ],
)
def test_where_to_tell_of_a_hole(db: None, client: Client, settings: Any, contact: str, told: str):
    settings.SECURITY_CONTACT = contact
    said = lines(client)
    assert said["Contact"] == told and said["Preferred-Languages"] == "nl, en"
    assert said["Canonical"] == "http://testserver/.well-known/security.txt"
    ends = datetime.strptime(said["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(days=30) < ends - clock.now() < timedelta(days=365)
    clock.move(days=40)
    assert lines(client)["Expires"] > said["Expires"], "it does not run out by itself"


def test_without_a_contact_there_is_nothing(db: None, client: Client, settings: Any):
    settings.SECURITY_CONTACT = ""
    assert client.get("/.well-known/security.txt").status_code == 404


def test_nothing_is_for_search_engines(db: None, client: Client):
    assert client.get("/robots.txt").content == b"User-agent: *\nDisallow: /\n"


def test_whose_data_it_is(town: Place, other_town: Place, as_user: Any, settings: Any):
    settings.PRIVACY_CONTACT = "fg@voorbeeld.invalid"
    town.organisation.data_officer = "Functionaris gegevensbescherming, tst. 2020"
    town.organisation.save()
    stranger, employee = Client(), as_user(town.employee)
    for client in (stranger, employee):
        client.cookies["vpd_language"] = "en"
    page = stranger.get(reverse("privacy")).content.decode()
    assert "fg@voorbeeld.invalid" in page and "Autoriteit Persoonsgegevens" in page
    assert not any(word in page for word in (town.organisation.name, other_town.organisation.name, "tst. 2020"))
    own = employee.get(reverse("privacy")).content.decode()
    assert f"{town.organisation.name} is responsible" in own and "tst. 2020" in own and town.auditor.name in own
    assert reverse("my_data") in own and other_town.organisation.name not in own and other_town.auditor.name not in own


@pytest.mark.parametrize(
    "value", ["x@y.invalid\nContact: mailto:elders@y.invalid", "javascript:alert(1)", "a b@c.invalid"]
)
def test_a_contact_that_is_none_stops_the_start(value: str):
    refused = start({**DEFAULTS, "SECURITY_CONTACT": value})
    assert refused.returncode == 1 and "SECURITY_CONTACT is" in refused.stderr
