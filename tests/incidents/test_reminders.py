"""Nobody is forgotten: planning, bundling, sending, and what goes wrong on the way."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from guidance.office import Office
from incidents.actions.exclusions import keep_out
from incidents.actions.reminders import sweep as rounds
from incidents.actions.reminders.alarm_words import WORDS, words_of
from incidents.actions.reminders.bundling import bundle
from incidents.actions.reminders.planning import plan_notices
from incidents.actions.reminders.sweep import sweep
from incidents.models import Heartbeat, Incident, Mail, News, Notice, Task
from incidents.tasks import sweep as sweep_task
from incidents.vocabulary import AlarmKind
from tests import clock
from tests.world import Place, make_incident, make_user, open_task
from vpdportal.accounts.models import Absence, User
from vpdportal.accounts.roles import Role

CANARIES = ("kanarie-verhaal", "kanarie-plaats", "kanarie-dader", "Kanarie Getroffene", "kanarie-contact")


def incident_of(town: Place, /, **more: Any) -> Incident:
    """A report of which only the tasks speak up: what the reporter hears stands in test_news.py."""
    incident = make_incident(town, **more)
    News.objects.filter(incident=incident).delete()
    return incident


def one_task(town: Place, code: str = "N02") -> Task:
    """A single task with notices, and nothing else that could speak up."""
    task = open_task(incident_of(town, ago=timedelta(hours=1)), code)
    Task.objects.exclude(pk=task.pk).delete()
    return task


def steps_of(task: Task) -> list[str]:
    return list(task.notices.filter(cancelled_at=None).order_by("due_at").values_list("step", flat=True))


def test_the_steps_of_a_task(town: Place):
    task = one_task(town)  # due 72 hours after the incident: Friday 09:00 in Amsterdam
    assert steps_of(task) == ["assigned", "halfway", "day_before", "deadline"]
    moments = dict(task.notices.values_list("step", "due_at"))
    assert moments["assigned"] == clock.now()
    assert moments["day_before"] == task.due_at - timedelta(days=1)
    assert moments["deadline"] == task.due_at


def test_planning_twice_is_planning_once(town: Place):
    task = one_task(town)
    plan_notices(tasks=[task, task], now=clock.now())
    plan_notices(tasks=[task], now=clock.now())
    assert task.notices.count() == 4


def test_the_reminder_before_a_weekend_deadline_comes_on_friday():
    sunday_deadline = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
    reminded = Office().before_day_off(sunday_deadline - timedelta(days=1))
    assert timezone.localtime(reminded).isoformat() == "2026-11-27T14:00:00+01:00"
    christmas = timezone.localtime(Office().before_day_off(datetime(2026, 12, 27, 9, 0, tzinfo=UTC)))
    assert christmas.date().isoformat() == "2026-12-24"


def test_one_mail_a_person_with_a_number_and_a_link_and_nothing_else(town: Place):
    details = {
        "story": CANARIES[0], "place": CANARIES[1], "perpetrator_description": CANARIES[2],
        "affected_name": CANARIES[3], "contact": CANARIES[4],
    }  # fmt: skip
    first, second = incident_of(town, **details), incident_of(town, **details)
    sweep(now=clock.now())
    (message,) = mail.outbox
    assert message.to == [town.adviser.email]
    text = f"{message.subject}\n{message.body}"
    for incident in (first, second):
        assert incident.reference in text and f"http://testserver{reverse('door', args=[incident.pk])}" in text
    forbidden = [*CANARIES, "Schelden", "Opvanggesprek", town.employee.name, town.department.name]
    assert [word for word in forbidden if word.lower() in text.lower()] == []
    assert Notice.objects.filter(due_at__lte=clock.now(), mail=None, cancelled_at=None).count() == 0


def test_the_mail_is_in_the_reader_s_language(town: Place):
    town.adviser.language = "en"
    town.adviser.save()
    incident_of(town)
    sweep(now=clock.now())
    assert "tasks for you" in mail.outbox[0].subject


def test_each_step_goes_once_however_often_the_sweep_runs(town: Place):
    task = one_task(town)
    while clock.now() < task.due_at:
        sweep(now=clock.move(hours=3))
        sweep(now=clock.now())
    assert len(mail.outbox) == 4
    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 4


def test_after_the_deadline_daily_to_the_owner_and_after_three_days_to_deputy_and_manager(town: Place):
    task = one_task(town)
    sweep(now=clock.set_to(task.due_at))
    mail.outbox.clear()
    to: list[str] = []
    heard = []
    for _day in range(7):
        sweep(now=clock.move(days=1))
        heard += [
            timezone.localdate(clock.now()).isoweekday() for message in mail.outbox if town.adviser.email in message.to
        ]
        to.extend(message.to[0] for message in mail.outbox)
        mail.outbox.clear()
    assert heard == [1, 2, 3, 4, 5], "on each working day"
    assert to.count(town.deputy.email) == to.count(town.manager.email) == 1


def test_a_manager_who_may_not_see_the_report_hears_nothing(town: Place):
    task = open_task(incident_of(town, may_manager_see=False), "N02")
    for _day in range(12):
        sweep(now=clock.move(days=1))
    assert task.is_overdue(clock.now())
    to = {address for message in mail.outbox for address in message.to}
    assert town.deputy.email in to and town.manager.email not in to


def test_after_three_days_without_a_clock_everyone_hears_once(town: Place):
    one_task(town)
    sweep(now=clock.now())
    mail.outbox.clear()
    sweep(now=clock.move(days=8))
    assert sorted(message.to[0] for message in mail.outbox) == sorted(
        [town.adviser.email, town.deputy.email, town.manager.email]
    )


def test_a_finished_task_falls_silent(town: Place, as_user: Any):
    task = one_task(town)
    as_user(town.adviser).post(reverse("task_finish", args=[task.pk]))
    Notice.objects.exclude(task=task).delete()
    sweep(now=clock.move(days=10))
    assert mail.outbox == []


def test_a_task_that_is_finished_between_bundling_and_sending_is_not_mailed(town: Place):
    task = one_task(town)
    assert bundle(now=clock.now()) == 1
    Task.objects.filter(pk=task.pk).update(status="done", finished_at=clock.now(), finished_by=town.adviser)
    sweep(now=clock.now())
    assert mail.outbox == [] and Mail.objects.get().status == "cancelled"


def test_a_task_on_hold_waits_and_speaks_up_when_the_hold_ends(town: Place):
    task = one_task(town)
    Task.objects.filter(pk=task.pk).update(is_on_hold=True)
    sweep(now=clock.now())
    assert mail.outbox == []
    Task.objects.filter(pk=task.pk).update(is_on_hold=False)
    sweep(now=clock.now())
    assert len(mail.outbox) == 1


def test_handing_over_moves_the_reminders(town: Place, as_user: Any):
    task = one_task(town)
    as_user(town.adviser).post(reverse("task_hand_over", args=[task.pk]), {"to": town.support.pk})
    sweep(now=clock.now())
    assert [message.to[0] for message in mail.outbox] == [town.support.email]


def test_reminders_of_someone_absent_go_to_the_deputy(town: Place, as_user: Any):
    one_task(town)
    as_user(town.adviser).post(reverse("absence"), {"first_day": "2026-11-24", "back_on": "2026-11-25"})
    sweep(now=clock.now())
    assert [message.to[0] for message in mail.outbox] == [town.deputy.email]


def ended(town: Place, person: User, last_day: str = "2026-11-23") -> None:
    town.organisation.memberships.filter(user=person).update(ends_on=last_day)


def test_reminders_of_someone_whose_role_ended_go_to_who_is_on_duty(town: Place):
    task = one_task(town)
    ended(town, town.adviser)
    sweep(now=clock.now())
    assert [message.to[0] for message in mail.outbox] == [town.deputy.email]
    while clock.now() < task.due_at:
        sweep(now=clock.move(hours=3))
    assert {message.to[0] for message in mail.outbox} == {town.deputy.email} and len(mail.outbox) == 4


def test_a_mail_that_waits_for_someone_who_left_goes_to_who_is_on_duty(town: Place):
    one_task(town)
    assert bundle(now=clock.now()) == 1
    ended(town, town.adviser)
    sweep(now=clock.now())
    sweep(now=clock.now())
    assert [message.to[0] for message in mail.outbox] == [town.deputy.email]


def test_nobody_who_is_kept_out_hears_of_what_a_leaver_had(town: Place):
    task = one_task(town)
    keep_out(incident=task.incident, person=town.deputy, by=town.employee, now=clock.now())
    News.objects.all().delete()
    ended(town, town.adviser)
    sweep(now=clock.now())
    assert mail.outbox == []
    town.join(make_user("Derde Adviseur"), Role.ADVISER)
    Notice.objects.filter(recipient=town.adviser).update(cancelled_at=None)
    sweep(now=clock.now())
    assert len(mail.outbox) == 1 and town.deputy.email not in mail.outbox[0].to


@pytest.mark.parametrize("leaves", [True, False])
def test_a_manager_who_may_not_see_it_any_more_passes_nothing_on(town: Place, leaves: bool):
    task = one_task(town)
    if leaves:
        ended(town, town.manager)
    Notice.objects.all().delete()
    for person in (town.manager, town.deputy):
        Notice.objects.create(
            organisation=town.organisation, task=task, step="escalated", day=clock.now().date(),
            recipient=person, due_at=clock.now(), send_at=clock.now(),
        )  # fmt: skip
    Incident.objects.update(may_manager_see=False)
    sweep(now=clock.now())
    assert [message.to[0] for message in mail.outbox] == [town.deputy.email]
    assert Notice.objects.get(recipient=town.manager).cancelled_at == clock.now()


@pytest.mark.parametrize(
    ("kind", "reader"), [("sign", "management"), ("second_look", "management"), ("own", "adviser")]
)
def test_who_only_signs_hears_of_what_is_to_be_signed(town: Place, kind: str, reader: str):
    task = one_task(town)
    Task.objects.filter(pk=task.pk).update(kind=kind, code="", measure=None, assignee=town.management)
    Notice.objects.filter(task=task).update(recipient=town.management)
    sweep(now=clock.now())
    assert [message.to[0] for message in mail.outbox] == [getattr(town, reader).email]


def test_many_sweeps_at_once_send_each_mail_once(committed: None, town: Place, other_town: Place):
    for place in (town, other_town):
        incident_of(place)

    def run(_number: int) -> int:
        try:
            return sweep(now=clock.now()).sent
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(run, range(4)))
    assert sum(sent) == 2
    assert Notice.objects.filter(due_at__lte=clock.now(), mail=None).count() == 0


def test_the_work_list_and_the_probe_say_when_the_clock_stands_still(town: Place, as_user: Any, client: Any):
    def seen() -> tuple[bool, str]:
        page = as_user(town.adviser).get(reverse("work_list")).content.decode()
        return "machine-trouble" in page, client.get(reverse("ready")).content.decode()

    assert seen() == (True, "ready, clock late\n")
    sweep_task()
    assert seen() == (False, "ready\n")
    clock.move(minutes=16)
    assert seen() == (True, "ready, clock late\n")
    assert Heartbeat.objects.count() == 1


def test_celery_s_task_is_the_same_sweep(town: Place, settings: Any):
    settings.CELERY_TASK_ALWAYS_EAGER = True
    incident_of(town)
    sweep_task.apply()
    assert len(mail.outbox) == 1


def test_statements_a_notice_stay_few(town: Place, django_assert_max_num_queries: Callable[..., Any]):
    incident_of(town)
    with django_assert_max_num_queries(60):
        sweep(now=clock.now())


def test_the_command_does_a_round_without_celery(town: Place, capsys: Any):
    incident_of(town)
    call_command("sweep")
    assert len(mail.outbox) == 1
    assert "1 mails made, 1 sent, 0 failed" in capsys.readouterr().out


def test_a_part_that_breaks_keeps_no_mail_back_and_the_round_does_not_count(town: Place, monkeypatch: Any):
    incident_of(town)

    def broken(*, now: datetime) -> int:
        raise RuntimeError("kapot")

    monkeypatch.setattr(rounds, "plan_overdue", broken)
    with pytest.raises(RuntimeError, match="kapot"):
        sweep(now=clock.now())
    assert len(mail.outbox) == 1 and not Heartbeat.objects.filter(name="sweep").exists()


# --- when nobody is there --------------------------------------------------------------------------------------------


def test_an_organisation_without_an_adviser_is_shouted_about_each_day(town: Place, other_town: Place):
    desk = town.organisation.memberships.filter(role__in=["adviser", "deputy"])
    desk.update(ends_on=timezone.localdate(clock.now()))
    sweep(now=clock.now())
    assert mail.outbox == [], "they are there today"
    responsible = sorted([town.administrator.email, town.management.email])
    for _day in range(2):
        mail.outbox.clear()
        sweep(now=clock.move(days=1))
        sweep(now=clock.move(hours=1))
        told = [message for message in mail.outbox if message.to[0] in responsible]
        assert sorted(message.to[0] for message in told) == responsible, "each of them, once a day"
        assert town.organisation.name in told[0].body and other_town.organisation.name not in told[0].body
    desk.update(ends_on=None)
    mail.outbox.clear()
    sweep(now=clock.move(days=1))
    assert not {message.to[0] for message in mail.outbox} & set(responsible)


@pytest.mark.parametrize("is_away", [True, False])
def test_an_absent_desk_is_nobody(town: Place, is_away: bool):
    for person in (town.adviser, town.deputy) if is_away else (town.adviser,):
        Absence.objects.create(
            organisation=town.organisation, user=person, starts_at=clock.now(),
            ends_at=clock.now() + timedelta(days=2),
        )  # fmt: skip
    sweep(now=clock.now())
    assert bool(mail.outbox) == is_away


def test_every_alarm_has_words_and_a_link_that_is_there(town: Place):
    told_apart = {AlarmKind.OVERVIEW_READY}  # the mail about an overview names no organisation to who has one
    assert set(WORDS) == set(AlarmKind) - told_apart
    for text, link in words_of(town.organisation, set(AlarmKind)):
        assert town.organisation.name in text and link.startswith("http://testserver/")
