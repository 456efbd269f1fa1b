"""The demonstration: filled by real actions, and nothing of it outside DEMO."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from guidance.office import USUAL
from guidance.office import at as office_hour
from incidents.models import Incident, Mail, Task
from vpdportal import clock as product_clock
from vpdportal.accounts.models import Membership, Organisation
from vpdportal.accounts.roles import Role
from vpdportal.audit.chain import verify
from vpdportal.demo.clock import move_clock
from vpdportal.demo.fill import fill
from vpdportal.demo.models import DemoPerson, MailboxMessage
from vpdportal.demo.people import people_to_become

pytestmark = pytest.mark.once  # `make demo` is on SQLite; tests/stories fills it on PostgreSQL too


def test_it_has_two_organisations_and_someone_in_every_role(demo: None):
    assert sorted(Organisation.objects.values_list("slug", flat=True)) == ["droomdijk", "vlinderwaard"]
    assert set(Membership.objects.values_list("role", flat=True)) == set(Role.values)
    shared = Membership.objects.filter(role="adviser").values_list("organisation__slug", "user__name")
    assert {slug for slug, _name in shared} == {"droomdijk", "vlinderwaard"} and len({name for _s, name in shared}) == 1
    assert all(person.user.email.endswith("@voorbeeld.invalid") for person in DemoPerson.objects.all())


def test_it_was_lived_through(demo: None):
    town = Incident.objects.filter(organisation__slug="vlinderwaard")
    assert town.count() == 50, "40 as the dice fell, 8 of the desk, one for someone else and one near miss"
    assert town.get(kind="near_miss").reporter.name == "Joris Kikker"
    assert town.get(reporter_is="manager").statements.get().given_as == "witness"
    assert Incident.objects.filter(status="closed").exists() and Incident.objects.filter(status="received").exists()
    assert Task.objects.filter(status="open").exists() and Task.objects.filter(status="done").exists()
    months = {incident.reported_at.strftime("%Y-%m") for incident in Incident.objects.all()}
    assert len(months) >= 12
    for organisation in Organisation.objects.all():
        assert verify(organisation.pk).is_whole


def test_a_second_fill_keeps_what_is_there(demo: None):
    before = Incident.objects.count()
    assert fill(now=product_clock.now(), reports=40) is False
    assert Incident.objects.count() == before


def test_becoming_someone_and_someone_else(demo: None):
    client = Client()
    assert "Wie wilt u zijn?" in client.get(reverse("sign_in")).content.decode()
    for person in people_to_become(product_clock.now()):
        assert client.post(reverse("demo_become", args=[person.user.pk]))["Location"] == "/"
        assert person.user.name in client.get("/", follow=True).content.decode()


def test_nobody_can_become_someone_who_is_not_in_the_story(demo: None, settings: Any):
    unlisted = Membership.objects.exclude(user__in=DemoPerson.objects.values("user")).first()
    assert unlisted is not None
    assert Client().post(reverse("demo_become", args=[unlisted.user_id])).status_code == 404


def test_moving_the_clock_past_a_deadline_brings_a_reminder_to_the_mailbox(demo: None):
    client = Client()
    before = MailboxMessage.objects.count()
    for step in ("hour", "day", "deadline", "day"):
        assert client.post(reverse("demo_clock"), {"step": step, "next": "/inloggen/"}).status_code == 302
    assert MailboxMessage.objects.count() > before
    assert Mail.objects.exclude(status="sent").count() == 0
    page = client.get(reverse("demo_mailbox")).content.decode()
    assert "Noor Zonnestraal" not in page.split("<main")[1] and "noor.zonnestraal@voorbeeld.invalid" in page


def days_between(start: datetime, end: datetime) -> list[date]:
    """The local days of which the morning lies between the two."""
    first = timezone.localtime(start)
    days = [first.date() + timedelta(days=number) for number in range((end - start).days + 2)]
    return [day for day in days if start < office_hour(day, time(8, 30)) <= end]


def test_three_days_in_the_mailbox_look_as_three_days_of_mail(demo: None):
    """One mail a day with everything that is open, in the morning; at other hours what cannot wait."""
    start = product_clock.now()
    assert Client().post(reverse("demo_clock"), {"step": "days"}).status_code == 302
    assert timedelta(days=3) <= product_clock.now() - start < timedelta(days=3, minutes=5)
    sent = Mail.objects.filter(created_at__gt=start, status="sent")
    digests = list(sent.filter(kind="digest").values_list("recipient", "day"))
    per_person = Counter(recipient for recipient, _day in digests)
    working = [day for day in days_between(start, product_clock.now()) if USUAL.is_working_day(day)]
    assert len(digests) == len(set(digests)) and (len(per_person) >= 2 or not working)
    assert max(per_person.values(), default=0) == len(working), "the adviser has work each day, except on holidays"
    hours = {
        timezone.localtime(moment).hour for moment in sent.filter(kind="digest").values_list("created_at", flat=True)
    }
    assert hours <= set(range(8, 19))
    assert MailboxMessage.objects.filter(sent_at__gt=start).count() == sent.count()


def test_the_next_deadline_is_the_very_next_one(demo: None):
    now = product_clock.now()
    following = Task.objects.unfinished().filter(due_at__gt=now, is_on_hold=False).order_by("due_at").first()
    assert following is not None
    Client().post(reverse("demo_clock"), {"step": "deadline"})
    assert timedelta() < product_clock.now() - following.due_at < timedelta(minutes=3)
    assert following.is_overdue(product_clock.now())


def test_the_clock_never_goes_back(demo: None):
    with pytest.raises(ValueError, match="forward"):
        move_clock(timedelta(hours=-1))


def test_an_unknown_step_moves_nothing(demo: None):
    before = product_clock.now()
    Client().post(reverse("demo_clock"), {"step": "year"})
    assert product_clock.now() - before < timedelta(minutes=1)
