"""Hearing of it: who is told of what, once, in a mail that says nothing; and who is not told any more."""

import smtplib
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.urls import reverse

from incidents.actions.closing import close_case
from incidents.actions.exclusions import keep_out
from incidents.actions.messages import ask_person, write_to_desk, write_to_person
from incidents.actions.news import tell, tell_that_it_came_in
from incidents.actions.reminders.bundling import bundle
from incidents.actions.reminders.delivery import LEASE, claim
from incidents.actions.reminders.sweep import sweep
from incidents.models import Exclusion, Incident, Mail, Message, News, Notice, Task, Witness
from incidents.vocabulary import NewsKind
from tests import clock
from tests.world import Place, make_incident
from vpdportal.accounts.models import Absence, User

CANARIES = ("kanarie-verhaal", "kanarie-plaats", "kanarie-dader", "Kanarie Getroffene", "kanarie-contact")


def quiet(town: Place, **more: Any) -> Incident:
    """A report of which nothing is still to be told, neither task nor news."""
    incident = make_incident(town, **more)
    Notice.objects.all().delete()
    News.objects.all().delete()
    return incident


def written(incident: Incident, text: str = "kanarie-bericht") -> Message:
    """A message of the reporter to the desk."""
    return write_to_desk(incident=incident, text=text, form_key=uuid4(), by=incident.reporter, now=clock.now())


def answered(incident: Incident, town: Place, person: User | None = None) -> Message:
    """A message of the desk."""
    return write_to_person(
        incident=incident,
        person=person or incident.reporter,
        text="kanarie-antwoord",
        form_key=uuid4(),
        by=town.adviser,
        now=clock.now(),
    )


def close(incident: Incident, town: Place) -> Incident:
    Task.objects.filter(incident=incident, status="open").update(
        status="done", finished_at=clock.now(), finished_by=town.adviser
    )
    return close_case(incident=incident, outcome="kanarie-uitkomst", by=town.adviser, now=clock.now())


def addressees() -> list[str]:
    return sorted(message.to[0] for message in mail.outbox)


def told(incident: Incident) -> dict[str, set[str]]:
    """Who is told what of a case: e-mail address → kinds."""
    found: dict[str, set[str]] = {}
    for row in News.objects.filter(incident=incident).select_related("recipient"):
        found.setdefault(row.recipient.email, set()).add(row.kind)
    return found


# --- who is told of what ---------------------------------------------------------------------------------------------


def test_a_receipt_for_the_reporter_and_word_for_the_person_hit(town: Place):
    own, other = make_incident(town), make_incident(town, affected=town.support, affected_name="Iemand")
    assert told(own) == {town.employee.email: {"received"}}
    assert told(other) == {town.employee.email: {"received"}, town.support.email: {"about_you"}}
    for incident in (own, other):
        tell_that_it_came_in(incident, clock.now())
    assert News.objects.count() == 3, "told once"


def test_messages_questions_and_the_end_reach_the_other_side(town: Place):
    incident = quiet(town, affected=town.support, affected_name="Iemand")
    written(incident)
    assert told(incident) == {town.adviser.email: {"message"}}
    answered(incident, town)
    ask_person(
        incident=incident, person=town.support, asks=[], text="Hoe?", form_key=uuid4(), by=town.adviser, now=clock.now()
    )
    close(incident, town)
    assert told(incident) == {
        town.adviser.email: {"message"},
        town.employee.email: {"message", "closed"},
        town.support.email: {"question", "closed"},
    }


def test_never_who_is_kept_out_nor_who_did_it(town: Place):
    incident = quiet(town)
    keep_out(incident=incident, person=town.adviser, by=town.employee, now=clock.now())
    written(incident)
    assert told(incident) == {town.deputy.email: {"message"}}
    people = [town.adviser, town.support, town.employee, None]
    tell(incident=incident, kind=NewsKind.ADDED, recipients=people, about=uuid4(), by=town.employee, now=clock.now())
    assert told(incident) == {town.deputy.email: {"message"}, town.support.email: {"added"}}


def test_an_adviser_who_reports_hears_the_message_of_the_person_hit(town: Place, as_user: Any):
    incident = quiet(town, by=town.adviser, affected=town.support, affected_name="Iemand")
    write_to_desk(incident=incident, text="Hulp", form_key=uuid4(), by=town.support, now=clock.now())
    assert told(incident) == {town.adviser.email: {"message"}}
    assert as_user(town.adviser).get(reverse("work_list")).context["unread_count"] == 1
    written(incident, "van mij zelf")
    assert told(incident) == {town.adviser.email: {"message"}}, "not of the own words"


# --- the mail --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_mail_says_a_number_and_a_link_and_nothing_else(town: Place, language: str):
    User.objects.update(language=language)
    details = {
        "story": CANARIES[0], "place": CANARIES[1], "perpetrator_description": CANARIES[2],
        "affected_name": CANARIES[3], "contact": CANARIES[4],
    }  # fmt: skip
    incident = quiet(town, affected=town.support, **details)
    incident.tasks.all().delete()  # the mail of the day would count them
    Witness.objects.create(
        organisation=town.organisation, incident=incident, user=town.legal, asked_at=clock.now(), asked_by=town.adviser
    )
    written(incident)
    others = [kind for kind in NewsKind if kind != NewsKind.RECEIVED]
    for kind, person in zip(others, [town.employee, town.support, town.legal] * 3, strict=False):
        tell(incident=incident, kind=kind, recipients=[person], about=uuid4(), now=clock.now())
    sweep(now=clock.now())
    assert addressees() == sorted(person.email for person in (town.adviser, town.employee, town.support, town.legal))
    link = f"http://testserver{reverse('door', args=[incident.pk])}"
    bodies = {message.body for message in mail.outbox}
    subjects = {message.subject for message in mail.outbox}
    assert len(bodies) == len(subjects) == 1, "no mail tells by its words what it is about, or for whom"
    text = f"{subjects.pop()}\n{bodies.pop()}"
    assert text.count(incident.reference) == text.count(link) == 1
    forbidden = [
        *CANARIES, "kanarie", "getuige", "witness", "bericht", "message", "vraag", "question", "gesloten", "closed",
        "agressie", "aggression", town.employee.name, town.support.name, town.adviser.name, town.department.name,
        town.organisation.name,
    ]  # fmt: skip
    assert [word for word in forbidden if word.lower() in text.lower()] == []


def test_a_receipt_says_that_the_report_came_in_and_no_more(town: Place):
    User.objects.update(language="en")
    incident = make_incident(town, affected=town.support, affected_name=CANARIES[3], story=CANARIES[0])
    Notice.objects.all().delete()
    sweep(now=clock.now())
    mails = {message.to[0]: message for message in mail.outbox}
    receipt, other = mails[town.employee.email], mails[town.support.email]
    link = f"http://testserver{reverse('door', args=[incident.pk])}"
    assert f"\nYour report {incident.reference} has come in.\n{link}\n" in receipt.body
    assert "has come in" not in other.body and f"\n{incident.reference}: something to read\n" in other.body
    text = f"{receipt.subject}\n{receipt.body}"
    assert text.count(incident.reference) == text.count(link) == 1
    for told in (*CANARIES, "kanarie", town.organisation.name, town.support.name, town.adviser.name, "agressie"):
        assert told.lower() not in text.lower()


def test_a_receipt_beside_tasks_of_the_same_report_goes_in_the_same_mail(town: Place):
    User.objects.update(language="en")
    incident = make_incident(town, by=town.adviser)
    sweep(now=clock.now())
    (body,) = [message.body for message in mail.outbox if message.to == [town.adviser.email]]
    assert f"\nYour report {incident.reference} has come in.\n" in body and f"\n{incident.reference}: " in body
    assert "something to read" not in body and body.count("/d/") == 2


def test_tasks_and_news_of_one_person_go_in_one_mail(town: Place):
    town.adviser.language = "en"
    town.adviser.save()
    other = quiet(town)
    other.tasks.all().delete()
    incident = make_incident(town)
    News.objects.all().delete()
    written(incident)
    written(other)
    sweep(now=clock.now())
    (message,) = mail.outbox
    tasks = incident.tasks.count()
    assert message.subject == f"VPD portal: {tasks} tasks for you"
    assert f"{incident.reference}: {tasks} tasks\n" in message.body
    for case in (incident, other):
        assert f"{case.reference}: something to read\n" in message.body
    assert {row.mail for row in [*Notice.objects.filter(due_at__lte=clock.now()), *News.objects.all()]} == {
        Mail.objects.get()
    }


def test_it_is_told_once_however_often_the_sweep_runs(town: Place):
    incident = quiet(town)
    answered(incident, town)
    for _round in range(5):
        sweep(now=clock.move(hours=1))
    assert addressees() == [town.employee.email]


def test_the_wish_to_be_called_stops_no_mail(town: Place):
    incident = quiet(town, feedback_wish="call")
    answered(incident, town)
    sweep(now=clock.now())
    assert addressees() == [town.employee.email]


# --- what is no news any more ----------------------------------------------------------------------------------------


def test_what_was_seen_on_the_screen_is_not_mailed_but_a_receipt_is(town: Place, as_user: Any):
    incident = make_incident(town)
    Notice.objects.all().delete()
    News.objects.update(seen_at=clock.now())
    answered(incident, town)
    as_user(town.employee).get(reverse("messages", args=[incident.pk]))
    sweep(now=clock.now())
    assert addressees() == [town.employee.email]
    assert News.objects.get(kind="received").mail is not None
    assert News.objects.get(kind="message").cancelled_at == clock.now()


def test_what_is_seen_between_bundling_and_sending_is_not_mailed(town: Place, as_user: Any):
    incident = quiet(town)
    answered(incident, town)
    assert bundle(now=clock.now()) == 1
    as_user(town.employee).get(reverse("messages", args=[incident.pk]))
    sweep(now=clock.now())
    assert mail.outbox == [] and Mail.objects.get().status == "cancelled"
    assert News.objects.get().cancelled_at is not None


def test_an_end_that_was_taken_back_is_not_told(town: Place):
    kept, taken_back = close(quiet(town), town), close(quiet(town), town)
    Notice.objects.all().delete()
    for incident in (kept, taken_back):
        tell(incident=incident, kind=NewsKind.CLOSED, recipients=[town.employee], about=uuid4(), now=clock.now())
    Incident.objects.filter(pk=taken_back.pk).update(status="in_progress", closed_at=None, closed_by=None)
    sweep(now=clock.now())
    (message,) = mail.outbox
    assert kept.reference in message.body and taken_back.reference not in message.body


# --- who may still know of it ----------------------------------------------------------------------------------------


def test_someone_absent_is_stood_in_for(town: Place):
    incident = quiet(town)
    written(incident)
    Absence.objects.create(
        organisation=town.organisation,
        user=town.adviser,
        starts_at=clock.now() - timedelta(hours=1),
        ends_at=clock.now() + timedelta(days=1),
    )
    sweep(now=clock.now())
    assert addressees() == [town.deputy.email]


def test_an_absent_reporter_still_hears_of_the_own_report(town: Place):
    incident = quiet(town, by=town.adviser, affected=None)
    Absence.objects.create(
        organisation=town.organisation,
        user=town.adviser,
        starts_at=clock.now() - timedelta(hours=1),
        ends_at=clock.now() + timedelta(days=1),
    )
    write_to_person(
        incident=incident, person=town.adviser, text="Hoe?", form_key=uuid4(), by=town.deputy, now=clock.now()
    )
    sweep(now=clock.now())
    assert addressees() == [town.adviser.email]


@pytest.mark.parametrize("is_bundled", [False, True])
def test_a_role_that_ended_or_an_exclusion_stops_the_mail(town: Place, other_town: Place, is_bundled: bool):
    User.objects.update(language="en")
    ended, excluded, well = quiet(town), quiet(other_town), quiet(other_town)
    for incident in (ended, excluded, well):
        written(incident)
    if is_bundled:
        assert bundle(now=clock.now()) == 2
    town.organisation.memberships.filter(user=town.adviser).update(ends_on="2026-11-23")
    Exclusion.objects.create(
        organisation=other_town.organisation, incident=excluded, user=other_town.adviser, at=clock.now(),
        by=other_town.employee,
    )  # fmt: skip
    for _round in range(2):
        sweep(now=clock.now())
    assert addressees() == sorted([town.deputy.email, other_town.adviser.email]), "who left is stood in for"
    (message,) = [one for one in mail.outbox if one.to == [other_town.adviser.email]]
    assert f"{well.reference}: something" in message.body and f"{excluded.reference}: something" not in message.body
    assert News.objects.filter(cancelled_at__isnull=False).count() == 1


def test_a_witness_hears_while_a_witness(town: Place):
    incident = quiet(town)
    rows = [
        Witness.objects.create(
            organisation=town.organisation, incident=incident, user=person, asked_at=clock.now(), asked_by=town.adviser
        )
        for person in (town.legal, town.support)
    ]
    people = [row.user for row in rows]
    tell(incident=incident, kind=NewsKind.WITNESS_ASKED, recipients=people, about=incident.pk, now=clock.now())
    rows[1].delete()
    sweep(now=clock.now())
    assert addressees() == [town.legal.email]


def test_an_account_that_is_off_gets_no_mail(town: Place):
    incident = quiet(town)
    answered(incident, town)
    User.objects.filter(pk=town.employee.pk).update(is_active=False)
    sweep(now=clock.now())
    assert mail.outbox == [] and News.objects.get().cancelled_at == clock.now()


def test_someone_without_a_role_any_more_still_hears_of_the_own_report(town: Place):
    incident = quiet(town)
    answered(incident, town)
    town.organisation.memberships.filter(user=town.employee).update(ends_on="2026-11-23")
    sweep(now=clock.now())
    assert addressees() == [town.employee.email]


# --- what goes wrong on the way --------------------------------------------------------------------------------------


class Failing(BaseEmailBackend):
    """A mail server that is down."""

    is_down = True
    error: Exception = smtplib.SMTPServerDisconnected("weg")

    def send_messages(self, email_messages: Any) -> int:
        if self.is_down:
            raise self.error
        mail.outbox.extend(email_messages)
        return len(email_messages)


@pytest.fixture
def failing(settings: Any) -> type[Failing]:
    settings.EMAIL_BACKEND = f"{Failing.__module__}.Failing"
    Failing.is_down, Failing.error = True, smtplib.SMTPServerDisconnected("weg")
    mail.outbox = []
    return Failing


def test_a_mail_server_that_is_down_delays_and_loses_nothing(town: Place, failing: type[Failing]):
    answered(quiet(town), town)
    sweep(now=clock.now())
    assert mail.outbox == [] and Mail.objects.get().status == "waiting"
    failing.is_down = False
    sweep(now=clock.move(minutes=6))
    assert addressees() == [town.employee.email]


def test_news_that_could_not_be_sent_is_said_on_the_work_list(town: Place, failing: type[Failing], as_user: Any):
    client = as_user(town.adviser)
    failing.error = smtplib.SMTPDataError(554, b"no")
    answered(quiet(town), town)
    Task.objects.all().delete()
    for _try in range(24):  # in the quiet hours nothing is tried
        sweep(now=clock.move(hours=2))
    assert Mail.objects.get(recipient=town.employee).status == "failed"
    room = reverse("machine_room", args=[town.organisation.slug])
    assert room in client.get(reverse("work_list")).content.decode()


def test_a_crash_between_claim_and_record_sends_it_again_with_the_same_message_id(town: Place):
    answered(quiet(town), town)
    bundle(now=clock.now())
    (lost,) = claim(now=clock.now())  # and the process dies here
    sweep(now=clock.now())
    assert mail.outbox == [], "held until the lease ends"
    sweep(now=clock.now() + LEASE + timedelta(seconds=1))
    assert [message.extra_headers["Message-ID"] for message in mail.outbox] == [f"<{lost.pk}@vpd-portal.invalid>"]


def test_statements_a_sweep_stay_few(town: Place, django_assert_max_num_queries: Any):
    for number in (1, 6):
        while Incident.objects.count() < number:
            answered(quiet(town), town)
        with django_assert_max_num_queries(66):
            sweep(now=clock.now())


# --- the door --------------------------------------------------------------------------------------------------------


def test_the_door_leads_each_to_the_own_page(town: Place, other_town: Place, as_user: Any):
    incident = quiet(town, affected=town.legal, affected_name="Iemand")
    Witness.objects.create(
        organisation=town.organisation, incident=incident, user=town.manager, asked_at=clock.now(),
        asked_by=town.adviser,
    )  # fmt: skip
    door = reverse("door", args=[incident.pk])
    own = reverse("report_status", args=[incident.pk])
    places = {
        town.adviser: reverse("case", args=[incident.pk]),
        town.employee: own,
        town.legal: own,
        town.manager: reverse("witness", args=[incident.pk]),
    }
    for person, place in places.items():
        assert as_user(person).get(door)["Location"] == place
    assert as_user(other_town.adviser).get(door).status_code == 404
    task = incident.tasks.filter(status="open").first()
    Task.objects.filter(pk=task.pk).update(assignee=town.legal)
    assert as_user(town.legal).get(door)["Location"] == reverse("task", args=[task.pk])
    answered(incident, town, town.legal)
    assert as_user(town.legal).get(door)["Location"] == own, "what is new goes first"
