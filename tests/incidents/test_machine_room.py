"""The heartbeat people see: the state of the machine room, its banner, its page, "again", and its numbers."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as post
from django.test import Client
from django.urls import reverse
from django.utils import translation

from incidents.actions.exclusions import keep_out
from incidents.actions.reminders import again as again_action
from incidents.actions.reminders.again import send_again, send_all_again
from incidents.actions.reminders.sweep import sweep
from incidents.models import Heartbeat, Mail, News, Notice, Task
from incidents.overview.machine_room import failed_mails, state_of, waiting_at
from incidents.vocabulary import Beat, MailKind, MailStatus, MailTrouble
from tests import clock
from tests.mails import failed_mail, mail_to
from tests.world import Place, make_incident, make_user
from vpdportal import clock as portal_clock
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import RIGHTS, Right, Role
from vpdportal.audit.models import AuditEvent

TOKEN = "een-heel-geheim-woord"  # noqa: S105
ALL_IS_WELL = "All is well"


def beat(name: str = Beat.SWEEP, **ago: float) -> None:
    Heartbeat.objects.update_or_create(
        name=name, defaults={"at": clock.now() - timedelta(**ago), "counts": {"planned": 2, "bundled": 1, "sent": 5}}
    )


def codes() -> list[str]:
    return state_of(clock.now()).codes


@pytest.fixture
def in_english(as_user: Any) -> Any:
    def sign_in(person: User) -> Client:
        client: Client = as_user(person)
        client.cookies["vpd_language"] = "en"
        return client

    return sign_in


def room(client: Client, town: Place, **query: Any) -> Any:
    return client.get(reverse("machine_room", args=[town.organisation.slug]), query)


# --- the state, at its edges -----------------------------------------------------------------------------------------


def test_the_clock_is_late_after_a_quarter_of_an_hour(db: None):
    assert codes() == ["clock late"], "it never ran"
    beat()
    assert codes() == []
    clock.move(minutes=14, seconds=59)
    assert codes() == []
    clock.move(seconds=1)
    assert codes() == ["clock late"]


def test_a_round_that_is_yet_to_come_says_that_the_clock_was_set_back(db: None):
    beat(seconds=-60)
    assert codes() == [], "two machines may differ a little"
    beat(seconds=-61)
    assert codes() == ["clock late"]
    with translation.override("en"):
        assert "set the clock back" in state_of(clock.now()).troubles[0].what


def test_mail_fails_when_it_has_for_an_hour(db: None):
    beat(Beat.MAIL_FAILING)
    clock.move(minutes=59, seconds=59)
    beat()
    assert codes() == []
    clock.move(seconds=1)
    assert codes() == ["mail failing"]
    Heartbeat.objects.filter(name=Beat.MAIL_FAILING).delete()
    assert codes() == []


def waiting_notice(town: Place) -> None:
    task = Task.objects.filter(incident=make_incident(town)).first()
    assert task is not None
    Notice.objects.all().delete()
    News.objects.all().delete()
    now = clock.now()
    Notice.objects.create(
        organisation=town.organisation, task=task, step="halfway", day=now.date(), recipient=town.adviser,
        due_at=now, send_at=now,
    )  # fmt: skip


def waiting_news(town: Place) -> None:
    waiting_notice(town)
    row = Notice.objects.select_related("task").get()
    News.objects.create(
        organisation=town.organisation, incident_id=row.task.incident_id, recipient=town.employee, kind="message",
        about=row.pk, due_at=clock.now(),
    )  # fmt: skip
    row.delete()


def waiting_alarm(town: Place) -> None:
    town.organisation.alarm_set.create(
        kind="no_adviser", day=clock.now().date(), recipient=town.administrator, send_at=clock.now()
    )


def waiting_mail(town: Place) -> None:
    mail_to(town.employee, MailStatus.WAITING)


@pytest.mark.parametrize("waits", [waiting_notice, waiting_news, waiting_alarm, waiting_mail])
def test_the_queue_grows_when_the_oldest_waits_for_more_than_half_an_hour(town: Place, waits: Any):
    waits(town)
    began = clock.now()
    assert (waiting_at(began).number, waiting_at(began).oldest_at) == (1, began)
    clock.move(minutes=30)
    beat()
    assert codes() == []
    clock.move(seconds=1)
    beat()
    assert codes() == ["queue grows"]
    clock.move(minutes=15)
    assert codes() == ["clock late"], "the cause is said, not what follows from it"


def test_what_waits_on_purpose_is_no_queue(town: Place):
    waiting_notice(town)
    Task.objects.update(is_on_hold=True)
    mail_to(town.employee, MailStatus.WAITING, next_attempt_at=clock.now() + timedelta(hours=2))
    clock.move(hours=1)
    beat()
    assert codes() == []
    assert waiting_at(clock.now()).number == 1, "the mail that is tried again later"
    Task.objects.update(is_on_hold=False)
    assert codes() == ["queue grows"]


def test_the_clocks_of_portal_and_database_may_be_a_minute_apart(db: None, settings: Any):
    now = portal_clock.system_now()
    assert "clocks apart" not in state_of(now + timedelta(days=9)).codes, "a clock that is moved on purpose"
    settings.CLOCK = "vpdportal.clock.system_now"
    assert "clocks apart" not in state_of(now + timedelta(seconds=50)).codes
    for seconds in (70, -70):
        found = state_of(now + timedelta(seconds=seconds))
        assert "clocks apart" in found.codes
    assert re.search(r"\b(69|70|71|72)\b", found.troubles[-1].what)


def test_failed_mails_count_of_people_who_are_here(town: Place, other_town: Place):
    beat()
    failed_mail(town.employee)
    mail_to(town.legal, MailStatus.SENT)
    gone = make_user()
    failed_mail(gone)
    town.join(gone, Role.EMPLOYEE)
    town.organisation.memberships.filter(user=gone).update(ends_on="2026-11-20")
    counted = {
        place.organisation.slug: state_of(clock.now(), [place.organisation]).failed for place in (town, other_town)
    }
    assert counted == {"vlinderwaard": 1, "elders": 0}
    assert state_of(clock.now()).failed == 2
    listed = {one.recipient: one.is_here for one in failed_mails(town.organisation, clock.now())}
    assert listed == {town.employee: True, gone: False}


def test_the_state_is_one_query_and_so_is_the_queue(town: Place, django_assert_num_queries: Any):
    for _number in range(2):
        with django_assert_num_queries(1):
            state_of(clock.now(), [town.organisation])
        with django_assert_num_queries(1):
            waiting_at(clock.now())
        waiting_news(town)
        waiting_mail(town)


# --- the banner ------------------------------------------------------------------------------------------------------


def pages_with_a_banner(town: Place) -> dict[str, str]:
    slug = town.organisation.slug
    return {
        reverse("work_list"): "adviser",
        reverse("case_list"): "deputy",
        reverse("administration", args=[slug]): "administrator",
        reverse("machine_room", args=[slug]): "adviser",
    }


def test_every_page_of_desk_and_administration_says_what_is_wrong(town: Place, in_english: Any):
    for address, role in pages_with_a_banner(town).items():
        client = in_english(town.people[role])
        Heartbeat.objects.all().delete()
        page = client.get(address).content.decode()
        assert "The reminders have never run." in page and "Look at the work list yourself" in page, address
        beat()
        page = client.get(address).content.decode()
        assert "machine-trouble" not in page, address
        failed_mail(town.employee)
        page = client.get(address).content.decode()
        assert "1 mail could not be sent." in page and "The reminders need attention" in page, address
        beat(Beat.MAIL_FAILING, hours=2)
        page = client.get(address).content.decode()
        assert "The mail server takes no mail." in page and "Since today 08:00." in page, address
        assert "Reminders do not go out as they should" in page, address
        Mail.objects.all().delete()


def test_the_banner_leads_to_the_machine_room_of_each_organisation(town: Place, other_town: Place, in_english: Any):
    client = in_english(town.adviser)
    mine, theirs = (reverse("machine_room", args=[place.organisation.slug]) for place in (town, other_town))
    page = client.get(reverse("work_list")).content.decode()
    assert mine in page and theirs not in page
    other_town.join(town.adviser, Role.DEPUTY)
    page = client.get(reverse("case_list")).content.decode()
    assert mine in page and theirs in page and "machine room of Elders" in page


def test_who_has_no_desk_sees_no_banner(town: Place, in_english: Any):
    for role in ("employee", "manager", "legal"):
        page = in_english(town.people[role]).get(reverse("home")).content.decode()
        assert "machine-trouble" not in page
    assert "machine-trouble" in in_english(town.adviser).get(reverse("work_list")).content.decode()


# --- the page --------------------------------------------------------------------------------------------------------


def test_the_page_says_how_it_goes(town: Place, in_english: Any):
    beat(minutes=3)
    beat(Beat.MAIL, minutes=4)
    waiting_mail(town)
    page = room(in_english(town.administrator), town).content.decode()
    assert ALL_IS_WELL in page
    facts = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page))
    assert facts["Last round"] == "today 09:57" and facts["Mails sent"] == "5"
    assert facts["Waits to go out"] == "1" and facts["The oldest waits since"] == "today 10:00"
    assert facts["Last mail that went out"] == "today 09:56" and "works" in facts["Mail server"]
    Heartbeat.objects.all().delete()
    page = room(in_english(town.administrator), town).content.decode()
    assert ALL_IS_WELL not in page and "none yet" in page and "no mail was sent yet" in page


def test_a_failed_mail_stands_there_with_its_reason_and_nothing_of_the_case(town: Place, in_english: Any):
    incident = make_incident(town)
    sent_about = failed_mail(town.employee, attempts=24, trouble=MailTrouble.LATER, failure="SMTPRecipientsRefused 452")
    Notice.objects.filter(task__incident=incident).update(mail=sent_about)
    keep_out(incident=incident, person=town.deputy, by=town.employee, now=clock.now())
    page = room(in_english(town.administrator), town).content.decode()
    for text in (town.employee.name, town.employee.email, "today 10:00", ">24<", "try again later", "452"):
        assert text in page
    for secret in (incident.reference, str(incident.pk)):
        assert secret not in page


@pytest.mark.parametrize("role", ["adviser", "deputy"])
def test_who_works_on_cases_sees_how_many_failed_and_not_to_whom(town: Place, in_english: Any, role: str):
    """A receipt that failed says that this employee reported something, also to who is kept out of that case."""
    beat()
    failed = failed_mail(town.employee)
    client = in_english(town.people[role])
    page = room(client, town).content.decode()
    assert "1 mail could not be sent." in page and "The administrator sees here to whom it failed" in page
    assert "The machine room says for whom they were" not in page and "You see for whom a mail was" not in page
    again, all_again = (
        reverse("mail_again", args=["vlinderwaard", failed.pk]),
        reverse("mails_again", args=["vlinderwaard"]),
    )
    for secret in (town.employee.name, town.employee.email, "SMTPRecipientsRefused", again, all_again):
        assert secret not in page
        assert secret in room(in_english(town.administrator), town).content.decode()
    assert client.post(again).status_code == client.post(all_again).status_code == 403
    assert Mail.objects.get().status == "failed"


def test_to_be_administrator_elsewhere_shows_nothing_here(town: Place, other_town: Place, in_english: Any):
    failed = failed_mail(town.employee)
    other_town.join(town.adviser, Role.ADMINISTRATOR)
    client = in_english(town.adviser)
    assert town.employee.name not in room(client, town).content.decode()
    for address in (
        reverse("mail_again", args=["vlinderwaard", failed.pk]),
        reverse("mails_again", args=["vlinderwaard"]),
    ):
        assert client.post(address).status_code == 404
    assert Mail.objects.get().status == "failed"


def test_of_someone_without_a_role_here_it_says_the_name_and_no_address(town: Place, in_english: Any):
    failed_mail(town.employee)
    client = in_english(town.administrator)
    assert town.employee.email in room(client, town).content.decode()
    town.organisation.memberships.filter(user=town.employee).update(ends_on="2026-11-20")
    page = room(client, town).content.decode()
    assert town.employee.name in page and "has no role here any more" in page and town.employee.email not in page


def test_without_failures_it_says_so_to_each(town: Place, in_english: Any):
    assert "None. A mail that the mail server refuses" in room(in_english(town.administrator), town).content.decode()
    page = room(in_english(town.adviser), town).content.decode()
    assert "None. The administrator sees here" in page


@pytest.mark.parametrize("number", [1, 3])
def test_it_asks_the_same_however_long_it_is(town: Place, in_english: Any, django_assert_num_queries: Any, number: int):
    for person in (town.employee, town.legal, town.manager)[:number]:
        failed_mail(person)
    client = in_english(town.administrator)
    with django_assert_num_queries(6):
        response = room(client, town)
    assert len(response.context["page"]) == number


def test_many_failures_are_shown_by_the_page_newest_first(town: Place, in_english: Any):
    for number in range(26):
        failed_mail(town.employee, finished_at=clock.now() - timedelta(minutes=number), kind=MailKind.AT_ONCE)
    client = in_english(town.administrator)
    page = room(client, town).context["page"]
    first, second = list(page), list(room(client, town, page=page.next).context["page"])
    assert (len(first), len(second)) == (25, 1)
    moments = [one.finished_at for one in (*first, *second)]
    assert moments == sorted(moments, reverse=True)


def test_odd_names_and_codes_break_nothing(town: Place, in_english: Any):
    town.employee.name = "<script>alert(1)</script> 🙂" + "n" * 90
    town.employee.save()
    failed_mail(town.employee, trouble="", failure="")
    page = room(in_english(town.administrator), town).content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;" in page and "not known" in page


def test_who_may_look(town: Place, other_town: Place, client: Client, as_user: Any):
    address = reverse("machine_room", args=[town.organisation.slug])
    assert client.get(address).status_code == 302
    assert as_user(make_user()).get(address).status_code == 403
    assert as_user(other_town.adviser).get(address).status_code == 404
    for role, rights in RIGHTS.items():
        may = bool(rights & {Right.ADMINISTER, Right.WORK_CASES})
        assert as_user(town.people[role]).get(address).status_code == (200 if may else 403), role


# --- again -----------------------------------------------------------------------------------------------------------


def press(client: Client, town: Place, mail: Mail | None = None) -> Any:
    if mail is None:
        return client.post(reverse("mails_again", args=[town.organisation.slug]), follow=True)
    return client.post(reverse("mail_again", args=[town.organisation.slug, mail.pk]), follow=True)


def test_a_failed_mail_is_sent_again(town: Place, in_english: Any):
    incident = make_incident(town)
    sweep(now=clock.now())
    failed = Mail.objects.filter(notices__task__incident=incident, recipient=town.adviser).first()
    assert failed is not None
    Mail.objects.filter(pk=failed.pk).update(
        status="failed", finished_at=clock.now(), attempts=8, trouble=MailTrouble.MESSAGE, failure="SMTPDataError 554"
    )
    User.objects.filter(pk=town.adviser.pk).update(mail_refused_at=clock.now())
    post.outbox.clear()
    clock.move(hours=1)
    answer = press(in_english(town.administrator), town, failed)
    assert f"The mail to {town.adviser.name} is tried again" in answer.content.decode()
    failed.refresh_from_db()
    town.adviser.refresh_from_db()
    now = clock.now()
    assert (failed.status, failed.attempts, failed.next_attempt_at, failed.finished_at) == ("waiting", 0, now, None)
    assert (failed.trouble, failed.failure, town.adviser.mail_refused_at) == ("", "", None)
    sweep(now=clock.now())
    assert town.adviser.email in [message.to[0] for message in post.outbox]


def test_pressing_twice_is_pressing_once_and_leaves_one_row_without_a_name(town: Place, in_english: Any):
    failed = failed_mail(town.employee)
    client = in_english(town.administrator)
    press(client, town, failed)
    second = press(client, town, failed)
    assert second.status_code == 200 and "sent again already" in second.content.decode()
    event = AuditEvent.objects.get(action="mail.again")
    assert (event.actor_id, event.organisation_id) == (town.administrator.pk, town.organisation.pk)
    assert (event.object_type, event.object_id, event.fields) == ("mail", failed.pk, [])


def test_a_mail_that_went_out_or_is_elsewhere_stays_as_it_is(town: Place, other_town: Place):
    sent = mail_to(town.employee, MailStatus.SENT)
    about = {"organisation": town.organisation, "by": town.adviser, "now": clock.now()}
    assert not send_again(mail=sent, **about) and send_all_again(**about) == 0
    assert not send_again(mail=failed_mail(other_town.employee), **about), "to someone who was never here"
    assert send_again(mail=failed_mail(town.legal), **about)
    sent.refresh_from_db()
    assert sent.status == "sent"
    assert AuditEvent.objects.filter(action="mail.again").count() == 1


def test_all_are_sent_again_a_digest_too_and_none_of_another_organisation(
    town: Place, other_town: Place, in_english: Any
):
    mine = [failed_mail(town.employee, kind=MailKind.DIGEST), failed_mail(town.employee), failed_mail(town.legal)]
    theirs = failed_mail(other_town.employee)
    User.objects.filter(pk=other_town.employee.pk).update(mail_refused_at=clock.now())
    answer = press(in_english(town.administrator), town)
    assert "3 mails are tried again" in answer.content.decode()
    assert set(Mail.objects.filter(status="waiting")) == set(mine)
    assert list(Mail.objects.filter(status="failed")) == [theirs]
    other_town.employee.refresh_from_db()
    assert other_town.employee.mail_refused_at == clock.now()
    assert AuditEvent.objects.filter(action="mail.again").count() == 3
    assert "no mail to send again" in press(in_english(town.administrator), town).content.decode()


def test_very_many_take_more_than_one_press(town: Place, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(again_action, "AT_MOST", 2)
    mails = [failed_mail(town.employee, finished_at=clock.now() - timedelta(minutes=number)) for number in range(3)]
    about = {"organisation": town.organisation, "by": town.adviser, "now": clock.now()}
    assert send_all_again(**about) == 2
    assert Mail.objects.get(status="failed") == mails[0], "the oldest first"
    assert send_all_again(**about) == 1


def test_who_may_send_again(town: Place, other_town: Place, client: Client, as_user: Any):
    failed = failed_mail(town.employee)
    addresses = [reverse("mail_again", args=["vlinderwaard", failed.pk]), reverse("mails_again", args=["vlinderwaard"])]
    for address in addresses:
        assert client.post(address).status_code == 302
        assert as_user(other_town.administrator).post(address).status_code == 404
        for role in ("employee", "manager", "adviser", "deputy", "management", "auditor", "analyst"):
            assert as_user(town.people[role]).post(address).status_code == 403, role
        assert as_user(town.administrator).get(address).status_code == 405
    theirs = failed_mail(other_town.employee)
    elsewhere = reverse("mail_again", args=["vlinderwaard", theirs.pk])
    assert as_user(town.administrator).post(elsewhere).status_code == 404, "not of a mail to someone elsewhere"
    assert Mail.objects.filter(status="failed").count() == 2
    assert as_user(town.administrator).post(addresses[0]).status_code == 302
    assert Mail.objects.filter(status="failed").count() == 1


# --- what machines ask -----------------------------------------------------------------------------------------------


def ready(client: Client) -> tuple[int, str]:
    response = client.get(reverse("ready"))
    return response.status_code, response.content.decode()


def test_ready_says_what_is_wrong_and_stays_up(town: Place, client: Client):
    assert ready(client) == (200, "ready, clock late\n")
    beat()
    assert ready(client) == (200, "ready\n")
    beat(Beat.MAIL_FAILING, hours=1)
    waiting_mail(town)
    failed_mail(town.employee)
    clock.move(minutes=31)
    beat()
    assert ready(client) == (200, "ready, mail failing, queue grows\n")
    clock.move(minutes=15)
    assert ready(client) == (200, "ready, clock late, mail failing\n")


def metrics(client: Client, shown: str = f"Bearer {TOKEN}") -> Any:
    return client.get(reverse("metrics"), headers={"authorization": shown} if shown else {})


def test_metrics_are_for_who_shows_the_token(db: None, client: Client, settings: Any):
    assert metrics(client).status_code == metrics(client, "Bearer ").status_code == 404, "off by default"
    settings.METRICS_TOKEN = TOKEN
    for wrong in ("", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"bearer {TOKEN}", TOKEN, "Bearer é🙂"):
        refused = metrics(client, wrong)
        assert (refused.status_code, refused.content) == (401, b""), wrong
        assert refused["WWW-Authenticate"] == "Bearer"
    assert metrics(client).status_code == 200


def test_metrics_say_it_in_numbers(town: Place, other_town: Place, client: Client, settings: Any):
    settings.METRICS_TOKEN = TOKEN
    assert numbers_of(metrics(client))["vpd_sweep_age_seconds"] == float("inf")
    beat(minutes=2)
    beat(Beat.MAIL_FAILING, hours=2)
    mail_to(town.employee, MailStatus.WAITING, created_at=clock.now() - timedelta(minutes=3))
    failed_mail(town.employee)
    failed_mail(other_town.employee)
    answer = metrics(client)
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    assert numbers_of(answer) == {
        "vpd_sweep_age_seconds": 120,
        "vpd_waiting": 1,
        "vpd_waiting_oldest_seconds": 180,
        "vpd_mails_failed": 2,
        "vpd_mail_failing_seconds": 7200,
        'vpd_sweep_did{what="planned"}': 2,
        'vpd_sweep_did{what="bundled"}': 1,
        'vpd_sweep_did{what="sent"}': 5,
        'vpd_trouble{trouble="clock_late"}': 0,
        'vpd_trouble{trouble="mail_failing"}': 1,
        'vpd_trouble{trouble="queue_grows"}': 0,
        'vpd_trouble{trouble="clocks_apart"}': 0,
        'vpd_trouble{trouble="mails_failed"}': 1,
    }
    assert town.employee.email not in answer.content.decode()


def numbers_of(answer: Any) -> dict[str, float]:
    lines = [line for line in answer.content.decode().splitlines() if not line.startswith("#")]
    return {name: float(number) for name, _space, number in (line.rpartition(" ") for line in lines)}
