"""Mail that a new overview is there: to who asked for it, a link and nothing else."""

import re
from datetime import UTC, datetime, timedelta
from email.message import Message
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from incidents.actions.news import tell as tell_news
from incidents.actions.reminders.alarms import tell_subscribers, warn_advisers
from incidents.actions.reminders.bundling import bundle
from incidents.actions.reminders.sweep import sweep
from incidents.models import Alarm, Mail, Notice
from incidents.vocabulary import AlarmKind, NewsKind
from tests import clock
from tests.incidents.test_reminders import incident_of, one_task
from tests.world import Place, make_user
from vpdportal.accounts.models import Membership, User
from vpdportal.accounts.roles import Role

SUBJECT = "VPD portal: a new overview is there"
LINK = re.compile(r"https?://\S+")


def subscribe(*people: User, language: str = "en") -> None:
    ids = [person.pk for person in people]
    User.objects.filter(pk__in=ids).update(wants_overview_mail=True, language=language)


def tell(place: Place) -> int:
    return tell_subscribers(organisation=place.organisation, now=clock.now())


def hold_back(place: Place) -> int:
    return warn_advisers(organisation=place.organisation, kind=AlarmKind.OVERVIEW_HELD, now=clock.now())


def mails_to(person: User) -> list[Any]:
    return [message for message in mail.outbox if message.to == [person.email]]


def latest(place: Place) -> str:
    return reverse("overview_latest", args=[place.organisation.slug])


def test_who_asked_gets_one_mail_with_a_link_and_nothing_else(town: Place, other_town: Place):
    subscribe(town.management, town.auditor)
    assert tell(town) == 2
    sweep(now=clock.now())
    assert sorted(message.to[0] for message in mail.outbox) == sorted([town.management.email, town.auditor.email])
    (message,) = mails_to(town.management)
    assert message.subject == SUBJECT
    lines = [line for line in message.body.splitlines() if line]
    assert lines[0] == "There is something for you to read in the VPD portal."
    portal = "http://testserver"
    assert lines[1:4] == ["To read", "A new overview is there", portal + latest(town)]
    assert LINK.findall(message.body) == [portal + latest(town), portal + reverse("my_mails")]
    assert not re.search(r"\d", LINK.sub("", message.body)), "no number"
    assert town.organisation.name not in LINK.sub("", message.body), "it says no more than it must"
    html = str(message.alternatives[0][0])
    assert latest(town) in html and "A new overview is there" in html
    for broken in ("mend", "needs you", "task"):
        assert broken not in message.body + message.subject + html


def test_who_did_not_ask_gets_none(town: Place, other_town: Place):
    subscribe(other_town.management)
    assert tell(town) == 0
    sweep(now=clock.now())
    assert mail.outbox == [] and not Alarm.objects.exists()


def test_asking_for_it_gives_no_right_to_it(town: Place):
    subscribe(*town.people.values())
    told = {town.adviser.pk, town.management.pk, town.auditor.pk}
    assert tell(town) == len(told)
    assert set(Alarm.objects.values_list("recipient", flat=True)) == told


def test_several_overviews_on_a_day_are_one_mail(town: Place):
    subscribe(town.management)
    assert (tell(town), tell(town)) == (1, 0)
    sweep(now=clock.now())
    tell(town)
    sweep(now=clock.move(hours=1))
    assert len(mail.outbox) == 1
    clock.move(days=31)
    assert tell(town) == 1
    sweep(now=clock.now())
    assert len(mail.outbox) == 2


# --- leaving it off ---------------------------------------------------------------------------------------------------


def header(message: Any) -> tuple[str, str]:
    sent: Message = message.message()
    return str(sent["List-Unsubscribe"]), str(sent["List-Unsubscribe-Post"])


def test_one_click_in_the_mail_ends_it(town: Place):
    subscribe(town.management, town.auditor)
    tell(town)
    sweep(now=clock.now())
    address, how = header(mails_to(town.management)[0])
    assert how == "List-Unsubscribe=One-Click"
    stranger = Client(enforce_csrf_checks=True)
    path = address.strip("<>")
    path = path[path.index("/afmelden/") :]
    stranger.cookies["vpd_language"] = "en"
    assert "when a new overview is there" in stranger.get(path).content.decode()
    answer = stranger.post(path, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200 and "You get no more mail when a new overview is there" in answer.content.decode()
    clock.move(days=31)
    assert tell(town) == 1
    sweep(now=clock.now())
    assert len(mails_to(town.management)) == 1 and len(mails_to(town.auditor)) == 2


@pytest.mark.parametrize("beside", ["task", "news", "danger"])
def test_a_mail_with_something_else_in_it_cannot_be_left_off(town: Place, beside: str):
    subscribe(town.adviser)
    if beside == "danger":
        hold_back(town)
    elif beside == "task":
        one_task(town)
    tell(town)
    if beside == "news":
        incident = incident_of(town)
        Notice.objects.all().delete()
        news = {"kind": NewsKind.MESSAGE, "recipients": [town.adviser], "about": incident.pk}
        tell_news(incident=incident, now=clock.now(), **news)
    sweep(now=clock.now())
    (message,) = mails_to(town.adviser)
    assert "A new overview is there" in message.body and header(message) == ("None", "None")
    assert message.subject != SUBJECT


# --- the world moved --------------------------------------------------------------------------------------------------


def lost_the_right(person: User) -> None:
    Membership.objects.filter(user=person).update(role=Role.EMPLOYEE)


def role_ended(person: User) -> None:
    Membership.objects.filter(user=person).update(ends_on=(clock.now() - timedelta(days=1)).date())


def unsubscribed(person: User) -> None:
    User.objects.filter(pk=person.pk).update(wants_overview_mail=False)


def account_closed(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)


@pytest.mark.parametrize("change", [lost_the_right, role_ended, unsubscribed, account_closed])
@pytest.mark.parametrize("is_in_a_mail", [False, True])
def test_what_came_to_nothing_is_not_mailed(town: Place, change: Any, is_in_a_mail: bool):
    subscribe(town.management, town.auditor)
    tell(town)
    if is_in_a_mail:
        bundle(now=clock.now())
        assert Mail.objects.count() == 2
    change(town.management)
    sweep(now=clock.now())
    sweep(now=clock.move(minutes=11))
    assert [message.to for message in mail.outbox] == [[town.auditor.email]]
    gone, sent = Alarm.objects.get(recipient=town.management), Alarm.objects.get(recipient=town.auditor)
    assert gone.cancelled_at is not None and sent.cancelled_at is None
    assert not Mail.objects.filter(status="waiting").exists()


def test_the_right_elsewhere_is_no_right_here(town: Place, other_town: Place):
    subscribe(town.management)
    tell(town)
    Membership.objects.filter(user=town.management).update(organisation=other_town.organisation)
    sweep(now=clock.now())
    assert mail.outbox == [] and Alarm.objects.get().cancelled_at


def test_of_someone_in_two_organisations_each_is_named(town: Place, other_town: Place):
    other_town.join(town.adviser, Role.ADVISER)
    subscribe(town.adviser)
    for place in (town, other_town):
        tell(place)
    sweep(now=clock.now())
    (message,) = mails_to(town.adviser)
    for place in (town, other_town):
        assert f"{place.organisation.name}: a new overview is there" in message.body
        assert latest(place) in message.body
    assert message.subject == SUBJECT and header(message)[1] == "List-Unsubscribe=One-Click"


# --- when -------------------------------------------------------------------------------------------------------------


def test_it_waits_for_the_end_of_the_quiet_hours(town: Place):
    clock.set_to(datetime(2026, 12, 1, 4, 30, tzinfo=UTC))  # a Tuesday, 5:30 in Amsterdam; quiet until 7:00
    subscribe(town.management)
    tell(town)
    sweep(now=clock.now())
    sweep(now=clock.move(minutes=80))
    assert mail.outbox == []
    sweep(now=clock.move(minutes=11))
    assert [message.subject for message in mail.outbox] == [SUBJECT]


def test_with_the_work_of_the_day_it_is_one_mail_that_reads_well(town: Place):
    subscribe(town.adviser)
    task = one_task(town)
    tell(town)
    sweep(now=clock.now())
    (message,) = mails_to(town.adviser)
    assert message.subject == "VPD portal: 1 task for you"
    lines = [line for line in message.body.splitlines() if line and not line.startswith("http")]
    assert lines[:5] == [
        "There is work for you in the VPD portal.",
        "Later",
        f"{task.incident.reference}: 1 task",
        "To read",
        "A new overview is there",
    ]


# --- held back --------------------------------------------------------------------------------------------------------


def test_the_advisers_hear_that_one_was_held_back(town: Place, other_town: Place):
    second = make_user("Tweede Adviseur")
    town.join(second, Role.ADVISER)
    User.objects.update(language="en")
    assert (hold_back(town), hold_back(town)) == (2, 0)
    sweep(now=clock.now())
    assert {message.to[0] for message in mail.outbox} == {town.adviser.email, second.email}
    (message,) = mails_to(town.adviser)
    assert message.subject == "VPD portal: something needs you" and header(message) == ("None", "None")
    assert (
        f"{town.organisation.name}: a new overview could not be shown yet. The overview page says more." in message.body
    )
    assert latest(town) in message.body


def test_who_is_no_adviser_any_more_does_not_hear_that_one_was_held_back(town: Place):
    town.join(make_user("Tweede Adviseur"), Role.ADVISER)
    hold_back(town)
    Membership.objects.filter(user=town.adviser).update(role=Role.MANAGEMENT)
    sweep(now=clock.now())
    assert mails_to(town.adviser) == [] and len(mail.outbox) == 1
    assert Alarm.objects.get(recipient=town.adviser).cancelled_at


def test_a_new_overview_puts_nothing_in_danger(town: Place, as_user: Any):
    """What stands at the top of the pages warns of what only people can mend."""
    pages = [
        (town.adviser, reverse("work_list")),
        (town.administrator, reverse("administration", args=["vlinderwaard"])),
    ]
    sweep(now=clock.now())

    def warnings() -> list[int]:
        return [as_user(person).get(page).content.decode().count("message--") for person, page in pages]

    before = warnings()
    subscribe(town.management)
    tell(town)
    assert warnings() == before, "while it waits"
    sweep(now=clock.now())
    assert len(mail.outbox) == 1 and warnings() == before
    sweep(now=clock.move(days=3))
    assert not Alarm.objects.exclude(kind=AlarmKind.OVERVIEW_READY).exists()
