"""The past that is written while one looks around already: all of it, once, and nobody is reminded of it."""

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from incidents.models import Incident, Mail, News, Release, Task
from vpdportal import clock as product_clock
from vpdportal.demo.conversation import HEARD
from vpdportal.demo.fill import fill, write_past
from vpdportal.demo.models import Past

pytestmark = pytest.mark.once
STILL = "De maanden hiervoor worden nog geschreven"


@pytest.fixture
def begun(demo_mode: None, committed: None) -> None:
    """Two of six reports are there."""
    assert fill(now=product_clock.now(), reports=6, at_first=2) is True


def said_at_the_door() -> bool:
    return STILL in Client().get("/", follow=True).content.decode()


def test_it_is_written_once_and_said_until_then(begun: None):
    before, mails = set(Incident.objects.values_list("pk", flat=True)), Mail.objects.count()
    past = Past.objects.get()
    assert said_at_the_door() and past.reports == 4
    call_command("demo_fill", past=True)
    fresh = Incident.objects.exclude(pk__in=before)
    assert fresh.count() == 4 and not Past.objects.exists() and not said_at_the_door()
    assert {case.organisation.slug for case in fresh} == {"vlinderwaard"}
    assert Task.objects.filter(incident__in=fresh, status="done").exists()
    assert Release.objects.exists(), "the months before are fixed"
    old = News.objects.filter(incident__in=fresh, due_at__lt=past.started_at - HEARD)
    assert old.exists() and not old.filter(seen_at=None).exists() and Mail.objects.count() == mails
    assert write_past() is False


def test_it_goes_on_where_it_was_stopped(begun: None):
    past = Past.objects.get()
    write_past()
    gone = Incident.objects.count()
    Past.objects.create(started_at=past.started_at, reports=past.reports + 1)
    write_past()
    assert Incident.objects.count() == gone + 1, "what is there is not written again"


def test_all_at_once_leaves_nothing_for_later(demo_mode: None, db: None):
    fill(now=product_clock.now(), reports=2)
    assert not Past.objects.exists()


def test_an_overview_waits_for_its_months(begun: None, client: Any):
    assert not Release.objects.exists(), "a month of which half is written would be fixed for good"
    assert client.get(reverse("overview_latest", args=["vlinderwaard"])).status_code == 302
