"""The calendar feed: a number, a moment and a link; for who knows the secret, as long as it stands."""

import logging
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from incidents.actions.calendar_feeds import feed_mark, make_feed
from incidents.actions.care import Appointment, Someone, add_care, plan_care
from incidents.actions.care_answers import ask_other_moment, decline_care
from incidents.actions.closing_accounts import close_account_of
from incidents.actions.exclusions import keep_out
from incidents.actions.tasks import finish_task, hand_over_task
from incidents.models import CalendarFeed, Incident, Task
from incidents.overview import calendar as overview_calendar
from incidents.vocabulary import CareFor
from tests import clock
from tests.world import Place, make_incident, open_task
from vpdportal.accounts.models import User
from vpdportal.accounts.person_actions import open_account
from vpdportal.accounts.roles import Role
from vpdportal.audit.models import AuditEvent

CANARY = "Kanarieboom"
AT = datetime(2026, 11, 25, 10, 30, tzinfo=timezone.get_default_timezone())


def secret_of(user: User) -> str:
    feed = CalendarFeed.objects.filter(user=user).first()
    return make_feed(user=user, seen=feed_mark(feed), now=clock.now())


def read(secret: str) -> Any:
    return Client().get(reverse("calendar_file", args=[secret]))


def events(secret: str) -> list[Any]:
    response = read(secret)
    assert response.status_code == 200
    return list(Calendar.from_ical(response.content).walk("VEVENT"))


def plan(town: Place, incident: Incident) -> Any:
    task = open_task(incident, "N02")
    return plan_care(task=task, appointment=Appointment(AT, "kamer 3"), revision=0, by=town.adviser, now=clock.now())


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_address_is_shown_once_and_only_its_hash_is_kept(town: Place, as_user: Any):
    client = as_user(town.adviser)
    client.cookies["vpd_language"] = "en"
    page = client.get(reverse("calendar_feed")).content.decode()
    assert "You have no address yet." in page
    made = client.post(reverse("calendar_feed"), {"do": "make", "seen": ""})
    secret = re.search(r"/agenda/([\w-]{43})\.ics", made.content.decode())[1]
    assert made["Cache-Control"] == "no-store"
    feed = CalendarFeed.objects.get(user=town.adviser)
    assert secret not in str(vars(feed)) and len(feed.digest) == 64
    assert read(secret).status_code == 200
    page = client.get(reverse("calendar_feed")).content.decode()
    assert secret not in page and "You have an address" in page and "24 November 2026" in page
    assert secret not in str([vars(event) for event in AuditEvent.objects.all()])


def test_a_new_one_stops_the_old_one_and_a_page_sent_twice_makes_one(town: Place, as_user: Any):
    client, old = as_user(town.adviser), secret_of(town.adviser)
    page = client.get(reverse("calendar_feed")).content.decode()
    seen = re.search(r'name="seen" value="([^"]*)"', page)[1].replace("&#x27;", "'")
    clock.move(minutes=1)
    assert client.post(reverse("calendar_feed"), {"do": "make", "seen": seen}).status_code == 200
    digest = CalendarFeed.objects.get().digest
    assert read(old).status_code == 404
    again = client.post(reverse("calendar_feed"), {"do": "make", "seen": seen})
    assert again.status_code == 409 and ".ics" not in again.content.decode()
    assert CalendarFeed.objects.get().digest == digest


def test_stopping_it(town: Place, as_user: Any):
    secret = secret_of(town.adviser)
    other = secret_of(town.deputy)
    client = as_user(town.adviser)
    for _click in range(2):
        assert client.post(reverse("calendar_feed"), {"do": "stop"}).status_code == 302
    assert read(secret).status_code == 404 and read(other).status_code == 200
    rows = AuditEvent.objects.filter(action__startswith="feed.", actor_id=town.adviser.pk)
    assert [(row.action, row.organisation_id) for row in rows.order_by("position")] == [
        ("feed.made", town.organisation.pk),
        ("feed.stopped", town.organisation.pk),
    ]


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("adviser", 200),
        ("support", 200),
        ("manager", 200),
        ("legal", 200),
        ("management", 200),
        ("employee", 403),
        ("administrator", 403),
        ("auditor", 403),
        ("analyst", 403),
    ],
)
def test_who_may_have_one(town: Place, as_user: Any, role: str, status: int):
    client = as_user(getattr(town, role))
    assert client.get(reverse("calendar_feed")).status_code == status
    assert client.post(reverse("calendar_feed"), {"do": "make", "seen": ""}).status_code == status
    assert CalendarFeed.objects.exists() is (status == 200)


def test_who_has_a_planned_talk_may_have_one(town: Place, as_user: Any):
    incident, client = make_incident(town), as_user(town.employee)
    client.cookies["vpd_language"] = "en"
    address, own_page = reverse("calendar_feed"), reverse("report_status", args=[incident.pk])
    assert client.get(address).status_code == 403 and address not in client.get(own_page).content.decode()
    moment = plan(town, incident)
    assert address in client.get(own_page).content.decode()
    made = client.post(address, {"do": "make", "seen": ""})
    secret = re.search(r"/agenda/([\w-]{43})\.ics", made.content.decode())[1]
    (talk,) = events(secret)
    assert str(talk["url"]).endswith(reverse("care_answer", args=[incident.pk, moment.pk]))
    assert str(talk["summary"]).split()[0] == incident.reference
    row = AuditEvent.objects.get(action="feed.made")
    assert (row.actor_id, row.organisation_id) == (town.employee.pk, town.organisation.pk)
    assert as_user(town.administrator).get(address).status_code == 403
    Incident.objects.filter(pk=incident.pk).update(affected=town.auditor)  # it was somebody else
    assert read(secret).status_code == 404 and client.get(address).status_code == 403


def test_who_is_kept_out_has_no_talk_in_a_calendar(town: Place, as_user: Any):
    incident, client = make_incident(town), as_user(town.administrator)
    someone = Someone(CareFor.WITNESS, user=town.administrator)
    told = {"by": town.adviser, "now": clock.now()}
    moment = add_care(incident=incident, someone=someone, given_by=town.adviser, due_at=AT, **told)
    assert client.get(reverse("calendar_feed")).status_code == 403, "no day yet"
    plan_care(task=moment.task, appointment=Appointment(AT), revision=1, **told)
    assert client.get(reverse("calendar_feed")).status_code == 200
    keep_out(incident=incident, person=town.administrator, by=town.employee, now=clock.now())
    assert client.get(reverse("calendar_feed")).status_code == 403


def test_a_stranger_is_sent_to_sign_in():
    assert Client().get(reverse("calendar_feed")).status_code == 302


# --- the file ---------------------------------------------------------------------------------------------------------


def test_it_holds_number_moment_and_link_only(town: Place, settings: Any):
    settings.PORTAL_URL = "https://vpd.voorbeeld.invalid"
    town.employee.name = f"Eva {CANARY}"
    town.employee.save()
    incident = make_incident(
        town, story=CANARY, place=CANARY, contact=CANARY, perpetrator_description=CANARY, affected_name=""
    )
    plan(town, incident)
    secret = secret_of(town.adviser)
    text = read(secret).content.decode()
    assert CANARY not in text.replace("\r\n ", "") and "kamer 3" not in text
    for word in (incident.get_main_behaviour_display(), town.organisation.name, town.adviser.name, "N02", "Opvang"):
        assert word not in text
    tasks = {f"task-{task.pk}@vpd-portal.invalid": task for task in incident.tasks.filter(status="open")}
    found = {str(event["uid"]): event for event in events(secret)}
    assert set(tasks) < set(found) and len(found) == len(tasks) + 1
    for uid, task in tasks.items():
        event = found[uid]
        assert event["summary"] == f"{incident.reference} termijn"
        assert event["url"] == f"https://vpd.voorbeeld.invalid{reverse('task', args=[task.pk])}"
        assert event["dtend"].dt == task.due_at and str(event["dtend"].dt.tzinfo) == "UTC"
        assert set(event) == ALLOWED
    (talk,) = [event for uid, event in found.items() if uid.startswith("care-")]
    assert talk["summary"] == f"{incident.reference} afspraak" or talk["summary"] == f"{incident.reference} appointment"
    assert talk["dtstart"].dt == AT and set(talk) == ALLOWED - {"TRANSP"}


ALLOWED = {"UID", "DTSTAMP", "SEQUENCE", "SUMMARY", "URL", "DESCRIPTION", "CLASS", "DTSTART", "DTEND", "TRANSP"}


def test_it_is_a_file_that_calendars_read(town: Place):
    make_incident(town)
    response = read(secret_of(town.adviser))
    lines = response.content.split(b"\r\n")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Cache-Control"] == "private, no-store"
    assert b"\n" not in b"".join(lines) and all(len(line) <= 75 for line in lines)
    assert lines[0] == b"BEGIN:VCALENDAR" and b"VERSION:2.0" in lines and b"METHOD" not in response.content
    assert b"DTEND:20261124T160000Z" in lines  # 17:00 in Amsterdam
    assert "vpd_session" not in response.cookies and "vpd_csrf" not in response.cookies


def test_it_stays_the_same_event_and_its_number_grows(town: Place):
    incident = make_incident(town)
    secret, task = secret_of(town.adviser), open_task(incident, "N02")
    before = {str(event["uid"]): event for event in events(secret)}
    clock.move(minutes=5)
    task.due_at += timedelta(hours=5)
    task.save()
    finish_task(task=open_task(incident, "R01"), by=town.adviser, now=clock.now())
    after = {str(event["uid"]): event for event in events(secret)}
    uid = f"task-{task.pk}@vpd-portal.invalid"
    assert after[uid]["dtend"].dt == before[uid]["dtend"].dt + timedelta(hours=5)
    assert after[uid]["sequence"] > before[uid]["sequence"]
    assert len(after) == len(before) - 1  # what is done is gone


def test_a_task_of_someone_else_on_hold_or_without_a_moment_stands_not_there(town: Place):
    incident = make_incident(town)
    secret, other = secret_of(town.adviser), secret_of(town.support)
    task = open_task(incident, "N02")
    number = len(events(secret))
    assert events(other) == []
    hand_over_task(task=task, to=town.support, by=town.adviser, now=clock.now())
    assert len(events(secret)) == number - 1 and len(events(other)) == 1
    Task.objects.filter(pk=task.pk).update(is_on_hold=True)
    assert events(other) == []
    Task.objects.filter(pk=task.pk).update(is_on_hold=False, due_at=None)
    assert events(other) == []


def test_a_talk_stands_there_for_who_gives_it_and_who_has_it(town: Place):
    town.join(town.employee, Role.SUPPORT)
    incident = make_incident(town)
    moment = plan(town, incident)
    giver, receiver, third = secret_of(town.adviser), secret_of(town.employee), secret_of(town.deputy)
    assert any(event["uid"] == f"care-{moment.pk}@vpd-portal.invalid" for event in events(giver))
    (own,) = events(receiver)
    assert str(own["url"]).endswith(reverse("care_answer", args=[incident.pk, moment.pk]))
    assert events(third) == []
    told = {"incident": incident, "key": moment.pk, "by": town.employee, "now": clock.now()}
    ask_other_moment(**told, wish="Later", revision=1)
    assert events(receiver) == []
    decline_care(**told, revision=2)
    assert events(receiver) == [] and not [e for e in events(giver) if str(e["uid"]).startswith("care-")]


def test_an_exclusion_holds_here_too(town: Place):
    town.join(town.legal, Role.ADVISER)
    incident, other = make_incident(town), make_incident(town)
    Task.objects.update(assignee=town.legal)
    plan(town, incident)
    secret = secret_of(town.legal)
    numbers = {str(event["summary"]).split()[0] for event in events(secret)}
    assert numbers == {incident.reference, other.reference}
    keep_out(incident=incident, person=town.legal, by=town.employee, now=clock.now())
    Task.objects.update(assignee=town.legal)  # whatever else went wrong
    assert {str(event["summary"]).split()[0] for event in events(secret)} == {other.reference}


def test_an_exclusion_holds_for_who_would_have_a_talk(town: Place):
    incident = make_incident(town)
    someone = Someone(CareFor.WITNESS, user=town.support)
    told = {"by": town.adviser, "now": clock.now()}
    moment = add_care(incident=incident, someone=someone, given_by=town.adviser, due_at=AT, **told)
    plan_care(task=moment.task, appointment=Appointment(AT), revision=1, **told)
    secret = secret_of(town.support)
    (talk,) = events(secret)
    assert str(talk["url"]).endswith(reverse("care_answer", args=[incident.pk, moment.pk]))
    keep_out(incident=incident, person=town.support, by=town.employee, now=clock.now())
    assert events(secret) == []


def test_unknown_stopped_inactive_and_without_a_role_look_the_same(town: Place):
    secret = secret_of(town.adviser)
    good = read(secret)
    assert good.status_code == 200
    answers = [read("x"), read("é" * 200), read("A" * 43)]
    User.objects.filter(pk=town.adviser.pk).update(is_active=False)
    answers.append(read(secret))
    User.objects.filter(pk=town.adviser.pk).update(is_active=True)
    assert read(secret).status_code == 200
    town.organisation.memberships.filter(user=town.adviser).update(ends_on="2026-11-23")
    answers.append(read(secret))
    for answer in answers:
        del answer.headers["X-Request-ID"]  # of each another one, whatever was asked
    assert {(answer.status_code, answer.content, str(answer.headers)) for answer in answers} == {
        (404, b"404", str(answers[0].headers))
    }


def test_it_stops_with_the_account_and_stays_so_when_that_is_opened_again(town: Place):
    secret = secret_of(town.support)
    assert read(secret).status_code == 200
    close_account_of(person=town.support, by=town.administrator, now=clock.now())
    open_account(user=town.support, by=town.administrator, now=clock.now())
    assert read(secret).status_code == 404 and not CalendarFeed.objects.exists()
    told = AuditEvent.objects.get(action="feed.stopped")
    assert (told.actor_id, told.object_id) == (town.administrator.pk, town.support.pk)


def test_the_day_of_use_is_written_once_a_day(town: Place, django_assert_num_queries: Any):
    secret = secret_of(town.adviser)
    assert CalendarFeed.objects.get().used_on is None
    read(secret)
    assert CalendarFeed.objects.get().used_on.isoformat() == "2026-11-24"
    with django_assert_num_queries(5):
        read(secret)
    clock.move(days=1)
    read(secret)
    assert CalendarFeed.objects.get().used_on.isoformat() == "2026-11-25"


@pytest.mark.parametrize("number", [1, 3])
def test_it_asks_the_same_however_many_cases(town: Place, django_assert_num_queries: Any, number: int):
    for _index in range(number):
        plan(town, make_incident(town))
    secret = secret_of(town.adviser)
    read(secret)
    with django_assert_num_queries(5):
        assert len([e for e in events(secret) if str(e["uid"]).startswith("care-")]) == number


def test_an_error_writes_no_secret_in_the_log(town: Place, monkeypatch: Any, caplog: Any):
    secret = secret_of(town.adviser)
    monkeypatch.delattr(overview_calendar, "Event")  # the file cannot be made
    make_incident(town)
    client = Client(raise_request_exception=False)
    with caplog.at_level(logging.DEBUG):
        assert client.get(reverse("calendar_file", args=[secret])).status_code == 500
    assert "/agenda/" in caplog.text and secret not in caplog.text


@pytest.mark.parametrize(("day", "utc"), [("2027-03-28", "10:00"), ("2026-11-25", "11:00")])
def test_noon_is_noon_in_summer_and_in_winter(town: Place, day: str, utc: str):
    incident = make_incident(town)
    noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=timezone.get_default_timezone())
    task = open_task(incident, "N02")
    plan_care(task=task, appointment=Appointment(noon), revision=0, by=town.adviser, now=clock.now())
    (talk,) = [e for e in events(secret_of(town.adviser)) if str(e["uid"]).startswith("care-")]
    assert f"{talk['dtstart'].dt:%Y-%m-%d %H:%M}" == f"{day} {utc}"
