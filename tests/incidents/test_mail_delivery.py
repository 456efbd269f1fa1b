"""From a waiting mail to one that went out, or did not: whose fault it was, what is tried again, who hears of it."""

import smtplib
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.urls import reverse

from incidents.actions.news import tell
from incidents.actions.reminders.again import send_again
from incidents.actions.reminders.bundling import bundle
from incidents.actions.reminders.delivery import LEASE, MOST_TRIES, claim
from incidents.actions.reminders.mail_failures import failure_of, trouble_of
from incidents.actions.reminders.sweep import sweep
from incidents.models import Alarm, Heartbeat, Mail, Notice, ReminderPlan, Task
from incidents.vocabulary import MailTrouble, NewsKind
from tests import clock
from tests.incidents.test_reminders import incident_of, one_task
from tests.world import Place
from vpdportal.accounts.models import Absence, User
from vpdportal.accounts.roles import Role


class Failing(BaseEmailBackend):
    """A mail server that refuses the addresses it is told to, and takes the others."""

    refused: set[str] = set()
    error: Exception = smtplib.SMTPServerDisconnected("weg")
    tries: list[str] = []

    def send_messages(self, email_messages: Any) -> int:
        for message in email_messages:
            self.tries.append(message.to[0])
            if self.refused & {*message.to, "all"}:
                raise self.error
            mail.outbox.append(message)
        return len(email_messages)


@pytest.fixture
def failing(settings: Any) -> type[Failing]:
    settings.EMAIL_BACKEND = f"{Failing.__module__}.Failing"
    Failing.refused, Failing.tries, Failing.error = set(), [], smtplib.SMTPServerDisconnected("weg")
    mail.outbox = []
    return Failing


def refused(code: int, text: bytes, address: str = "a@b.invalid") -> smtplib.SMTPRecipientsRefused:
    return smtplib.SMTPRecipientsRefused({address: (code, text)})


def to() -> list[str]:
    return [message.to[0] for message in mail.outbox]


@pytest.mark.parametrize(
    ("error", "trouble", "said"),
    [
        (ConnectionRefusedError(111, "weg"), "server", "ConnectionRefusedError"),
        (TimeoutError("timed out"), "server", "TimeoutError"),
        (smtplib.SMTPServerDisconnected("weg"), "server", "SMTPServerDisconnected"),
        (smtplib.SMTPConnectError(421, b"busy"), "server", "SMTPConnectError 421"),
        (smtplib.SMTPAuthenticationError(535, b"wrong"), "server", "SMTPAuthenticationError 535"),
        (smtplib.SMTPSenderRefused(550, b"who are you", "p@b.invalid"), "server", "SMTPSenderRefused 550"),
        (refused(550, b"5.7.1 Relaying denied"), "server", "SMTPRecipientsRefused 550"),
        (refused(550, b"5.1.1 No such user"), "address", "SMTPRecipientsRefused 550"),
        (refused(550, b"no such user here"), "address", "SMTPRecipientsRefused 550"),
        (refused(553, b"mailbox name not allowed"), "address", "SMTPRecipientsRefused 553"),
        (refused(552, b"5.2.2 mailbox full"), "later", "SMTPRecipientsRefused 552"),
        (refused(451, b"4.7.1 greylisted"), "later", "SMTPRecipientsRefused 451"),
        (smtplib.SMTPDataError(451, b"try again"), "later", "SMTPDataError 451"),
        (smtplib.SMTPDataError(554, b"5.7.1 spam"), "message", "SMTPDataError 554"),
        (UnicodeEncodeError("ascii", "é", 0, 1, "no"), "address", "UnicodeEncodeError"),
        (KeyError("a mistake of ours"), "message", "KeyError"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_an_answer_of_the_mail_server_means(error: Exception, trouble: str, said: str):
    assert (trouble_of(error), failure_of(error)) == (trouble, said)


def test_a_mail_server_that_is_down_delays_and_loses_nothing(town: Place, failing: type[Failing]):
    one_task(town)
    failing.refused = {"all"}
    sweep(now=clock.now())
    waiting = Mail.objects.get()
    assert (waiting.status, waiting.attempts, waiting.failure) == ("waiting", 0, "SMTPServerDisconnected")
    failing.refused = set()
    sweep(now=clock.now())
    assert mail.outbox == [], "it waits some minutes first"
    sweep(now=clock.move(minutes=6))
    assert to() == [town.adviser.email]


@pytest.mark.once  # hundreds of rounds, of which a database knows nothing
def test_a_mail_server_that_is_down_for_a_weekend_loses_nothing(town: Place, other_town: Place, failing: type[Failing]):
    failing.refused = {"all"}
    for place in (town, other_town):
        incident_of(place)
    bundle(now=clock.now())
    down_since = clock.now()
    for _quarter in range(4 * 70):
        sweep(now=clock.move(minutes=15))
    assert Mail.objects.filter(status="failed").count() == 0
    assert Heartbeat.objects.get(name="mail_failing").at - down_since < timedelta(hours=1)
    failing.refused = set()
    sweep(now=clock.move(minutes=16))
    assert not Heartbeat.objects.filter(name="mail_failing").exists()
    sweep(now=clock.move(minutes=1))
    assert not Mail.objects.filter(status="waiting").exists()
    assert {town.adviser.email, other_town.adviser.email} <= set(to())


def test_a_mail_server_that_is_down_is_tried_with_one_mail_a_round(town: Place, other_town: Place, failing: Any):
    for place in (town, other_town):
        incident_of(place)
    failing.refused = {"all"}
    sweep(now=clock.now())
    assert len(failing.tries) == 1
    sweep(now=clock.now())
    assert len(set(failing.tries)) == 2, "the other one is tried next"
    assert set(Mail.objects.values_list("attempts", flat=True)) == {0}, "it is nobody's fault"


def test_one_bad_address_does_not_stop_the_others(town: Place, other_town: Place, failing: type[Failing]):
    failing.error = refused(550, b"5.1.1 No such user")
    for place in (town, other_town):
        incident_of(place)
    failing.refused = {town.adviser.email}
    sweep(now=clock.now())
    assert other_town.adviser.email in to() and town.adviser.email not in to()


def test_a_bad_address_is_given_up_at_once_and_someone_else_gets_the_work(town: Place, failing: type[Failing]):
    task = one_task(town)
    failing.error, failing.refused = refused(550, b"5.1.1 No such user"), {town.adviser.email}
    sweep(now=clock.now())
    failed = Mail.objects.get(recipient=town.adviser)
    assert (failed.status, failed.trouble, failed.attempts) == ("failed", "address", 1)
    town.adviser.refresh_from_db()
    assert clock.now() <= town.adviser.mail_refused_at < clock.now() + timedelta(seconds=30)
    sweep(now=clock.move(minutes=1))
    assert sorted(to()) == sorted([town.deputy.email, town.administrator.email]), "the work, and that it must be mended"
    assert Alarm.objects.get().kind == "mail_refused"
    said = next(message for message in mail.outbox if message.to == [town.administrator.email])
    assert town.adviser.email not in said.body and task.incident.reference not in said.body
    while clock.now() < task.due_at + timedelta(days=1):
        sweep(now=clock.move(hours=3))
    assert failing.tries.count(town.adviser.email) == 1, "nothing more is tried there"
    assert to().count(town.deputy.email) >= 4


def test_work_of_the_only_adviser_waits_until_the_address_is_mended(town: Place, failing: type[Failing]):
    town.organisation.memberships.filter(role=Role.DEPUTY).delete()
    one_task(town)
    failing.error, failing.refused = refused(550, b"5.1.1 No such user"), {town.adviser.email}
    sweep(now=clock.now())
    sweep(now=clock.move(minutes=1))
    assert to() == [town.administrator.email]
    assert Notice.objects.filter(mail=None, cancelled_at=None, step="assigned").count() == 1
    failing.refused = set()
    User.objects.filter(pk=town.adviser.pk).update(mail_refused_at=None)
    sweep(now=clock.move(days=1))
    assert town.adviser.email in to()


def test_a_full_mailbox_is_tried_for_most_of_a_day(town: Place, failing: type[Failing]):
    one_task(town)
    failing.error, failing.refused = refused(452, b"4.2.2 full"), {town.adviser.email}
    pauses = []
    sweep(now=clock.now())
    Notice.objects.filter(mail=None).delete()
    first = Mail.objects.get()
    while first.status == "waiting":
        pauses.append(first.next_attempt_at - clock.now())
        sweep(now=clock.set_to(first.next_attempt_at + timedelta(seconds=1)))
        first.refresh_from_db()
    minutes = [round(pause.total_seconds() / 60) for pause in pauses]
    assert minutes[:7] == [1, 2, 4, 8, 16, 32, 60] and max(minutes) == 60, "growing, and an hour at most"
    assert first.attempts == MOST_TRIES[MailTrouble.LATER] and first.status == "failed"
    assert clock.now() - clock.START > timedelta(hours=18)


def test_after_eight_tries_a_mail_has_failed_and_the_adviser_sees_that(
    town: Place, failing: type[Failing], as_user: Any
):
    one_task(town)
    failing.error, failing.refused = smtplib.SMTPDataError(554, b"5.7.1 spam"), {town.adviser.email}
    bundle(now=clock.now())
    Notice.objects.filter(mail=None).delete()
    for _try in range(24):  # in the quiet hours nothing is tried
        sweep(now=clock.move(hours=2))
    failed = Mail.objects.filter(status="failed", recipient=town.adviser)
    assert failed.get().attempts == MOST_TRIES[MailTrouble.MESSAGE]
    page = as_user(town.adviser).get(reverse("work_list")).content.decode()
    assert reverse("machine_room", args=[town.organisation.slug]) in page
    town.adviser.refresh_from_db()
    assert town.adviser.mail_refused_at is None, "the mail is to blame, not the address"


def test_a_claim_that_died_comes_back_after_its_lease_with_the_same_message_id(town: Place):
    one_task(town)
    bundle(now=clock.now())
    (lost,) = claim(now=clock.now())  # and the process dies here
    assert claim(now=clock.now()) == []
    sweep(now=clock.now() + LEASE + timedelta(seconds=1))
    assert [message.extra_headers["Message-ID"] for message in mail.outbox] == [f"<{lost.pk}@vpd-portal.invalid>"]


def test_who_lost_the_lease_does_not_overwrite_the_record(town: Place):
    one_task(town)
    bundle(now=clock.now())
    (slow,) = claim(now=clock.now())
    sweep(now=clock.now() + LEASE + timedelta(seconds=1))
    assert Mail.objects.filter(pk=slow.pk, claim=slow.claim).update(status="waiting", finished_at=None) == 0


@pytest.mark.parametrize("back", [timedelta(hours=3), timedelta(days=2)])
def test_a_clock_that_is_set_back_holds_no_mail_for_hours(town: Place, failing: type[Failing], back: timedelta):
    one_task(town)
    failing.refused = {"all"}
    bundle(now=clock.now())
    (_held,) = claim(now=clock.now())  # by a process that died
    early = clock.now() - back
    failing.refused = set()
    sweep(now=early)
    assert to() == [town.adviser.email]


def test_a_pause_that_was_written_before_the_clock_was_set_back_is_over(town: Place, failing: type[Failing]):
    one_task(town)
    failing.refused = {"all"}
    sweep(now=clock.now())
    failing.refused = set()
    sweep(now=clock.now() - timedelta(hours=3))
    assert to() == [town.adviser.email]


def test_a_mistake_in_one_mail_does_not_stop_the_round(town: Place, other_town: Place, failing: type[Failing]):
    for place in (town, other_town):
        incident_of(place)
    failing.error, failing.refused = KeyError("a mistake"), {town.adviser.email}
    sweep(now=clock.now())
    assert to() == [other_town.adviser.email]
    assert Mail.objects.get(recipient=town.adviser).trouble == "message"


# --- what a reading with fresh eyes found ----------------------------------------------------------------------------


@pytest.mark.once  # hundreds of rounds, of which a database knows nothing
@pytest.mark.parametrize("takes_others", [True, False])
def test_a_mail_that_only_the_server_refuses_is_given_up_when_it_takes_others(
    town: Place, other_town: Place, failing: type[Failing], takes_others: bool
):
    for place in (town, other_town):
        incident_of(place)
    failing.error = refused(550, b"5.7.1 not from here")
    failing.refused = {town.adviser.email} if takes_others else {"all"}
    case = incident_of(other_town)
    for _half_hour in range(2 * 24 * 4):
        word = {"kind": NewsKind.RECEIVED, "about": uuid4()}  # so that there is mail all day
        tell(incident=case, recipients=[other_town.employee], now=clock.now(), **word)
        sweep(now=clock.move(minutes=30))
    town.adviser.refresh_from_db()
    assert (town.adviser.mail_refused_at is not None) == takes_others
    assert Mail.objects.filter(status="failed").exists() == takes_others


def test_microsoft_says_that_it_does_not_know_a_mailbox():
    assert trouble_of(refused(550, b"5.4.1 Recipient address rejected: Access denied")) == "address"


def test_one_refused_mail_holds_up_nobody(town: Place, other_town: Place, failing: type[Failing]):
    for place in (town, other_town):
        incident_of(place)
    sweep(now=clock.now())
    mail.outbox.clear()
    clock.move(minutes=10)
    urgent = incident_of(town, behaviours=("threat",)), incident_of(other_town, behaviours=("threat",))
    assert {case.severity for case in urgent} == {3}
    failing.error = smtplib.SMTPServerDisconnected("a content filter hangs up")
    failing.refused = {town.adviser.email}
    sweep(now=clock.now())
    assert other_town.adviser.email in to() and town.adviser.email not in to()


def test_after_days_without_a_mail_server_each_gets_one_mail(town: Place, failing: type[Failing]):
    one_task(town)
    failing.refused = {"all"}
    for _day in range(6):
        sweep(now=clock.move(days=1))
    failing.refused = set()
    for _minute in range(20):
        sweep(now=clock.move(minutes=1))
    assert to().count(town.adviser.email) == 1
    assert Mail.objects.filter(recipient=town.adviser, status="waiting").count() == 0


def test_a_mail_that_waited_goes_to_who_stands_in_for_who_went_on_leave(town: Place, failing: type[Failing]):
    one_task(town)
    failing.refused = {"all"}
    sweep(now=clock.now())
    Absence.objects.create(
        organisation=town.organisation, user=town.adviser, starts_at=clock.now(),
        ends_at=clock.now() + timedelta(days=20),
    )  # fmt: skip
    failing.refused = set()
    for _minute in range(10):
        sweep(now=clock.move(minutes=1))
    assert to() == [town.deputy.email]


def test_a_mail_that_waits_into_the_night_goes_in_the_morning(town: Place, failing: type[Failing]):
    one_task(town)
    failing.refused = {"all"}
    sweep(now=clock.now())
    failing.refused = set()
    clock.set_to(datetime(2026, 11, 25, 2, 0, tzinfo=UTC))  # three at night in Amsterdam
    sent_at = []
    while not mail.outbox:
        sweep(now=clock.move(minutes=30))
        sent_at.append(clock.now())
    assert sent_at[-1] == datetime(2026, 11, 25, 6, 0, tzinfo=UTC), "seven o'clock"


def test_send_again_brings_the_work_back_in_the_next_round(town: Place, failing: type[Failing]):
    town.organisation.memberships.filter(role=Role.DEPUTY).delete()
    one_task(town)
    failing.error, failing.refused = refused(550, b"5.1.1 No such user"), {town.adviser.email}
    sweep(now=clock.now())
    sweep(now=clock.move(minutes=1))
    failing.refused = set()
    mail.outbox.clear()
    send_again(
        mail=Mail.objects.get(recipient=town.adviser), organisation=town.organisation, by=town.administrator,
        now=clock.now(),
    )  # fmt: skip
    sweep(now=clock.move(minutes=1))
    assert to() == [town.adviser.email]


def test_two_organisations_with_other_hours_starve_nobody(town: Place, other_town: Place, failing: type[Failing]):
    """Who works in both gets one mail a day, also with what belongs to the later hour."""
    other_town.join(town.adviser, Role.ADVISER)
    other_town.organisation.memberships.filter(user=other_town.adviser).delete()
    ReminderPlan.objects.create(organisation=other_town.organisation, digest_at=time(11, 0))
    own, other = incident_of(town), incident_of(other_town)
    sweep(now=clock.now())
    Task.objects.filter(incident=other).delete()
    mail.outbox.clear()
    tell(
        incident=other, kind=NewsKind.ADDED, recipients=[town.adviser], about=other.pk, now=clock.now(),
    )  # fmt: skip
    for _hour in range(24 * 2):
        sweep(now=clock.move(hours=1))
    body = "".join(message.body for message in mail.outbox if message.to == [town.adviser.email])
    assert f"{other.reference}: er is iets te lezen" in body or f"{other.reference}: " in body
    assert own.reference in body


def test_who_works_for_two_is_told_of_in_both_also_where_there_is_no_administrator(
    town: Place, other_town: Place, failing: type[Failing]
):
    other_town.join(town.adviser, Role.ADVISER)
    other_town.organisation.memberships.filter(role=Role.ADMINISTRATOR).delete()
    one_task(town)
    failing.error, failing.refused = refused(550, b"5.1.1 No such user"), {town.adviser.email}
    sweep(now=clock.now())
    told = {
        (alarm.organisation, alarm.recipient) for alarm in Alarm.objects.select_related("organisation", "recipient")
    }
    assert told == {(town.organisation, town.administrator), (other_town.organisation, other_town.management)}
