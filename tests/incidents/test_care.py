"""Aftercare: the rhythm as planned moments, what the person answers, and who sees what of it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from incidents.actions.care import MOST_EXTRA, Appointment, Someone, TooManyMoments, add_care, plan_care
from incidents.actions.care_answers import ask_care_again, decline_care
from incidents.actions.closing import close_case, reopen_for_desk
from incidents.actions.exclusions import keep_out
from incidents.actions.people import ask_witness, link_affected, unlink_affected
from incidents.actions.reminders.sweep import sweep
from incidents.actions.tasks import decline_task, finish_task, hand_over_task
from incidents.models import CareMoment, Incident, News, Task, TimelineEntry
from incidents.views.typed import mark_of_writer
from incidents.vocabulary import CareFor, NewsKind, ReporterIs
from tests import clock
from tests.incidents.reactions import make_threat, running
from tests.world import Place, make_incident, make_user, open_task
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Role
from vpdportal.audit.models import AuditEvent

CANARY = "KanarieVerhaal"
TOMORROW = {"day": "2026-11-25", "hour": "10:30"}  # the clock stands at 10:00 on 24 November
EXTRA = {"care_for": "witness", "due_day": "2026-11-27"}
AT = datetime(2026, 11, 25, 10, 30, tzinfo=timezone.get_default_timezone())


@pytest.fixture
def plans(english: Any) -> Callable[..., Any]:
    """Send a form of the page of one talk."""

    def sending(by: User, task: Task, do: str = "plan", **data: Any) -> Any:
        moment = CareMoment.objects.filter(task=task).first()
        revision = {"revision": moment.revision if moment else 0}
        writer = {"writer": mark_of_writer(by)}
        return english(by).post(reverse("care_plan", args=[task.pk]), {"do": do, **writer, **revision, **data})

    return sending


@pytest.fixture
def answers(english: Any) -> Callable[..., Any]:
    """Answer a moment on the page of the person it is for."""

    def sending(by: User, incident: Incident, key: Any, do: str, **data: Any) -> Any:
        moment = CareMoment.objects.filter(pk=key).first()
        revision = {"revision": moment.revision if moment else 0}
        address = reverse("care_answer", args=[incident.pk, key])
        return english(by).post(address, {"do": do, "writer": mark_of_writer(by), **revision, **data})

    return sending


def given_to(town: Place, person: User, incident: Incident, code: str = "N02") -> Task:
    return hand_over_task(task=open_task(incident, code), to=person, by=town.adviser, now=clock.now())


def planned(town: Place, incident: Incident, at: datetime = AT) -> CareMoment:
    task = open_task(incident, "N02")
    return plan_care(task=task, appointment=Appointment(at, "kamer 3"), revision=0, by=town.adviser, now=clock.now())


def kinds(incident: Incident) -> list[str]:
    return [entry.kind for entry in TimelineEntry.objects.filter(incident=incident).order_by("id")]


def page_of(client: Client, name: str, *args: Any) -> str:
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


# --- planning ---------------------------------------------------------------------------------------------------------


def test_the_desk_plans_moves_and_says_that_it_was_held(town: Place, plans: Any):
    incident = make_incident(town)
    task = open_task(incident, "N02")
    assert plans(town.adviser, task, **TOMORROW, place="kamer 3").status_code == 302
    moment = CareMoment.objects.get(task=task)
    assert (moment.pk, moment.status, moment.planned_at, moment.place) == (task.pk, "planned", AT, "kamer 3")
    assert moment.user == town.employee
    assert plans(town.adviser, task, day="2026-11-26", hour="09:00").status_code == 302
    moment.refresh_from_db()
    assert moment.planned_at == AT + timedelta(hours=22.5) and moment.place == ""
    clock.move(days=2)
    assert plans(town.adviser, task, "held", day="2026-11-26", hour="09:15").status_code == 302
    moment.refresh_from_db()
    task.refresh_from_db()
    assert (moment.status, task.status) == ("held", "done")
    assert moment.planned_at == AT + timedelta(hours=22.75) and moment.ended_at == clock.now()
    assert {"care_planned", "care_moved", "care_held"} == {kind for kind in kinds(incident) if kind.startswith("care")}
    assert incident.tasks.filter(code__in=["N03", "N04"], status="open").count() == 2
    rows = AuditEvent.objects.filter(action__startswith="incident.care")
    assert rows.count() == 3 and not any("kamer" in str(row.fields) for row in rows)


def test_it_is_planned_with_another_person(town: Place, plans: Any):
    incident = make_incident(town)
    task = open_task(incident, "N02")
    plans(town.adviser, task, **TOMORROW, given_by=str(town.support.pk))
    task.refresh_from_db()
    assert task.assignee == town.support
    assert "task_handed_over" in kinds(incident)
    response = plans(town.adviser, task, **TOMORROW, given_by=str(town.employee.pk))  # no role that takes tasks
    assert response.status_code == 400
    task.refresh_from_db()
    assert task.assignee == town.support


@pytest.mark.parametrize(("ago", "status"), [(timedelta(hours=23), 302), (timedelta(hours=25), 409)])
def test_what_has_passed_is_not_planned_but_held(town: Place, plans: Any, ago: timedelta, status: int):
    incident = make_incident(town, ago=timedelta(days=3))
    task = open_task(incident, "N02")
    local = timezone.localtime(clock.now() - ago)
    when = {"day": f"{local:%Y-%m-%d}", "hour": f"{local:%H:%M}"}
    response = plans(town.adviser, task, **when)
    assert response.status_code == status
    if status == 409:
        page = response.content.decode()
        assert "This moment has passed." in page and f'value="{when["day"]}"' in page
        assert not CareMoment.objects.exists()
        assert plans(town.adviser, task, "held", **when).status_code == 302


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (timedelta(hours=1), "This moment is still to come"),
        (timedelta(hours=-5), "This is before it happened."),
        (timedelta(hours=-1), None),
    ],
)
def test_a_talk_was_held_after_it_happened_and_before_now(town: Place, plans: Any, moment: timedelta, said: str | None):
    incident = make_incident(town)
    local = timezone.localtime(clock.now() + moment)
    response = plans(town.adviser, open_task(incident, "N02"), "held", day=f"{local:%Y-%m-%d}", hour=f"{local:%H:%M}")
    assert response.status_code == (409 if said else 302)
    assert said is None or said in response.content.decode()
    assert CareMoment.objects.filter(status="held").exists() is (said is None)


def test_later_than_the_norm_is_allowed_and_said(town: Place, plans: Any, english: Any):
    incident = make_incident(town)
    task = open_task(incident, "N02")
    plans(town.adviser, task, **TOMORROW)
    page = page_of(english(town.adviser), "case_care", incident.pk)
    assert "later than the norm of 72 hours" not in page
    assert plans(town.adviser, task, day="2026-11-30", hour="10:00").status_code == 302
    page = page_of(english(town.adviser), "case_care", incident.pk)
    assert "later than the norm of 72 hours" in page


@pytest.mark.parametrize(
    ("day", "hour", "utc"),
    [("2027-03-28", "02:30", "01:30"), ("2027-10-31", "02:30", "00:30"), ("2027-03-28", "12:00", "10:00")],
)
def test_hours_that_do_not_exist_or_come_twice(town: Place, plans: Any, day: str, hour: str, utc: str):
    task = open_task(make_incident(town), "N02")
    assert plans(town.adviser, task, day=day, hour=hour).status_code == 302
    assert f"{CareMoment.objects.get().planned_at:%Y-%m-%d %H:%M}" == f"{day} {utc}"


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2029-11-27", "9999-12-31", "10000-01-01", "", "morgen"])
def test_an_impossible_day_comes_back_with_what_was_typed(town: Place, plans: Any, day: str):
    task = open_task(make_incident(town), "N02")
    response = plans(town.adviser, task, day=day, hour="10:00", place="Bij de fontein 🌳")
    assert response.status_code == 400
    assert "Bij de fontein 🌳" in response.content.decode()
    assert not CareMoment.objects.exists()


def test_two_at_once_the_second_is_told_by_whom_and_keeps_what_was_typed(town: Place, plans: Any):
    incident = make_incident(town)
    task = open_task(incident, "N02")
    plans(town.adviser, task, **TOMORROW)
    response = plans(town.deputy, task, day="2026-11-27", hour="11:00", place="kamer 9", revision=0)
    page = response.content.decode()
    assert response.status_code == 409
    assert f"{town.adviser.name} changed this talk while you looked at it (24 November 10:00)." in page
    assert "kamer 9" in page and CareMoment.objects.get().planned_at == AT
    assert page.count('name="revision" value="1"') == 3 and 'name="revision" value="0"' not in page
    assert plans(town.adviser, task, **TOMORROW, revision=0).status_code == 302  # the same once more
    assert CareMoment.objects.get().revision == 1


def test_not_needed_ends_it_with_a_reason(town: Place, plans: Any):
    incident = make_incident(town)
    task = open_task(incident, "N02")
    assert plans(town.adviser, task, "skip", reason="").status_code == 400
    assert plans(town.adviser, task, "skip", reason="Is niet meer hier").status_code == 302
    moment = CareMoment.objects.get(task=task)
    assert (moment.status, moment.task.status, moment.task.reason) == ("cancelled", "declined", "Is niet meer hier")
    response = plans(town.adviser, task, **TOMORROW)
    assert response.status_code == 409 and "no longer needed" in response.content.decode()


@pytest.mark.parametrize(("end", "status"), [(finish_task, "held"), (decline_task, "cancelled")])
def test_a_moment_ends_with_its_task_wherever_that_ends(town: Place, end: Any, status: str):
    incident = make_incident(town)
    moment = planned(town, incident)
    reason = {"reason": "Kan niet"} if end is decline_task else {}
    clock.move(days=2)
    end(task=open_task(incident, "N02"), by=town.adviser, now=clock.now(), **reason)
    moment.refresh_from_db()
    assert (moment.status, moment.ended_at) == (status, clock.now())


def test_a_talk_that_is_still_to_come_is_not_called_held_by_its_task(town: Place, english: Any):
    incident = make_incident(town)
    moment, task = planned(town, incident), open_task(incident, "N02")
    client = english(town.adviser)
    refused = client.post(reverse("task_finish", args=[task.pk]), {"remark": "Al gehad"})
    assert refused.status_code == 409 and "This talk is planned for later" in refused.content.decode()
    assert "Al gehad" in refused.content.decode(), "nothing typed is lost"
    moment.refresh_from_db()
    assert moment.status == "planned" and open_task(incident, "N02") == task
    clock.move(days=2)
    assert client.post(reverse("task_finish", args=[task.pk]), {"remark": ""}).status_code == 302
    moment.refresh_from_db()
    assert moment.status == "held"


def test_what_follows_a_talk_counts_from_when_it_was_held(town: Place, plans: Any):
    first, second = make_incident(town), make_incident(town)
    clock.move(days=3)
    for incident, day in ((first, "2026-11-24"), (second, "2026-11-27")):
        assert plans(town.adviser, open_task(incident, "N02"), "held", day=day, hour="09:30").status_code == 302
    days = [timezone.localdate(open_task(incident, "N03").due_at) for incident in (first, second)]
    assert days[1] - days[0] == timedelta(days=3), "both were written down at the same moment"


def test_another_task_is_no_talk(town: Place, english: Any):
    incident = make_incident(town)
    client = english(town.adviser)
    assert client.get(reverse("care_plan", args=[open_task(incident, "R01").pk])).status_code == 404
    assert client.get(reverse("care_plan", args=[open_task(incident, "N02").pk])).status_code == 200


def test_in_a_closed_case_nothing_is_planned(town: Place, plans: Any):
    incident = make_incident(town)
    task = open_task(incident, "N02")
    Incident.objects.filter(pk=incident.pk).update(
        status="closed", closed_at=clock.now(), closed_by=town.adviser
    )  # with an open task, to see that it is the case which refuses
    response = plans(town.adviser, task, **TOMORROW)
    assert response.status_code == 409 and "This case is closed" in response.content.decode()
    Incident.objects.filter(pk=incident.pk).update(status="in_progress", closed_at=None, closed_by=None)
    assert plans(town.adviser, task, **TOMORROW).status_code == 302


def test_days_on_which_it_comes_back_are_offered(town: Place, english: Any):
    incident = make_threat(town)
    ban = running(incident, town)
    client, page = english(town.adviser), reverse("case_care", args=[incident.pk])
    text = client.get(page).content.decode()
    assert f'href="?op={ban.ends_on.isoformat()}#extra"' in text and 'href="?op=2027-11-24#extra"' in text
    asked = client.get(page, {"op": ban.ends_on.isoformat()})
    first = asked.context["extra_form"].initial
    assert (first["due_day"], first["care_for"]) == (ban.ends_on, "affected")
    for odd in ("x", "2027-13-45", "' OR 1"):
        assert client.get(page, {"op": odd}).status_code == 200
    data = {"care_for": "affected", "due_day": ban.ends_on.isoformat(), "given_by": str(town.support.pk)}
    assert client.post(page, data).status_code == 302
    assert timezone.localdate(CareMoment.objects.get().task.due_at) == ban.ends_on
    Incident.objects.filter(pk=incident.pk).update(status="closed", closed_at=clock.now(), closed_by=town.adviser)
    assert "Contact again" not in client.get(page).content.decode()


# --- the page of the case ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_asks_the_same_however_many_moments(
    town: Place, english: Any, django_assert_num_queries: Any, number: int
):
    incident = make_incident(town)
    client = english(town.adviser)
    for index in range(number):
        data = {**EXTRA, "name": f"Getuige {index}", "given_by": str(town.support.pk)}
        assert client.post(reverse("case_care", args=[incident.pk]), data).status_code == 302
    client.get(reverse("case_care", args=[incident.pk]))
    with django_assert_num_queries(12):
        page = client.get(reverse("case_care", args=[incident.pk])).content.decode()
    assert page.count("Getuige ") >= number


def test_there_is_an_end_to_extra_moments(town: Place):
    incident = make_incident(town)

    def add(name: str) -> None:
        add_care(
            incident=incident,
            someone=Someone(CareFor.WITNESS, name=name),
            given_by=town.support,
            due_at=AT,
            by=town.adviser,
            now=clock.now(),
        )

    for index in range(MOST_EXTRA):
        add(f"Getuige {index}")
    with pytest.raises(TooManyMoments):
        add("Nog een")


def test_the_rhythm_stands_as_a_line_with_what_follows(town: Place, english: Any):
    incident = make_incident(town)
    page = page_of(english(town.adviser), "case_care", incident.pk)
    assert "First care, the same day" in page and "Reception talk" in page and "to be planned" in page
    assert "Follow-up talk after two weeks: <span" in page and "follows after the reception talk" in page
    planned(town, incident)
    page = page_of(english(town.adviser), "case_care", incident.pk)
    assert "tomorrow 10:30" in page and "kamer 3" in page and ">planned<" in page


def test_the_numbers_of_office_holders_stand_there_for_them_only(town: Place, english: Any):
    other, mayor = make_incident(town), make_incident(town, target_group="mayor")
    assert "070-3738314" not in page_of(english(town.adviser), "case_care", other.pk)
    assert "070-3738314" in page_of(english(town.adviser), "case_care", mayor.pk)
    assert "070-3738314" in page_of(english(town.employee), "report_status", mayor.pk)


def test_a_moment_for_someone_without_an_account(town: Place, english: Any, plans: Any):
    incident = make_incident(town)
    address, client = reverse("case_care", args=[incident.pk]), english(town.adviser)
    nameless = {**EXTRA, "care_for": "relative", "given_by": str(town.support.pk)}
    response = client.post(address, nameless)
    assert response.status_code == 400 and "Give a name" in response.content.decode()
    name = "N" * 119 + "😀"
    assert client.post(address, {**nameless, "name": name, "contact": "06-00000001"}).status_code == 302
    moment = CareMoment.objects.get()
    assert (moment.kind, moment.care_for, moment.name, moment.contact) == ("extra", "relative", name, "06-00000001")
    assert (moment.task.kind, moment.task.assignee, moment.task.about) == ("talk", town.support, moment.pk)
    assert moment.task.due_at.date().isoformat() == "2026-11-27"
    page = page_of(english(town.support), "task", moment.task.pk)
    assert name in page and "06-00000001" in page and town.employee.name not in page
    assert plans(town.support, moment.task, **TOMORROW).status_code == 302
    assert plans(town.support, moment.task, "accept").status_code == 404  # the desk writes the answer down
    assert plans(town.adviser, moment.task, "accept").status_code == 302
    moment.refresh_from_db()
    assert moment.status == "accepted"


@pytest.mark.parametrize("wrong", ["stranger@elders.invalid", "adviser@elders.invalid"])
def test_an_account_must_be_of_a_colleague_who_is_not_kept_out(
    town: Place, other_town: Place, english: Any, wrong: str
):
    incident = make_incident(town)
    address, client = reverse("case_care", args=[incident.pk]), english(town.adviser)
    data = {**EXTRA, "given_by": str(town.support.pk)}
    assert client.post(address, {**data, "email": wrong}).status_code == 400
    keep_out(incident=incident, person=town.legal, by=town.employee, now=clock.now())
    assert client.post(address, {**data, "email": town.legal.email}).status_code == 409
    assert not CareMoment.objects.exists()
    assert client.post(address, {**data, "email": town.management.email.upper()}).status_code == 302
    assert CareMoment.objects.get().user == town.management


def test_who_is_kept_out_gives_no_talk(town: Place, english: Any, plans: Any):
    incident = make_incident(town)
    data = {**EXTRA, "name": "Getuige", "given_by": str(town.legal.pk)}
    keep_out(incident=incident, person=town.legal, by=town.employee, now=clock.now())
    assert english(town.adviser).post(reverse("case_care", args=[incident.pk]), data).status_code == 400
    assert plans(town.adviser, open_task(incident, "N02"), **TOMORROW, given_by=data["given_by"]).status_code == 400
    data["given_by"] = str(town.support.pk)
    assert english(town.adviser).post(reverse("case_care", args=[incident.pk]), data).status_code == 302


def test_who_may_open_it(town: Place, other_town: Place, english: Any):
    incident = make_incident(town)
    address = reverse("case_care", args=[incident.pk])
    assert b"password" in Client().get(address).content
    assert english(other_town.adviser).get(address).status_code == 404
    assert english(town.employee).get(address).status_code == 403
    assert english(town.support).get(address).status_code == 403
    assert english(town.deputy).get(address).status_code == 200
    keep_out(incident=incident, person=town.deputy, by=town.employee, now=clock.now())
    assert english(town.deputy).get(address).status_code == 404
    assert english(town.adviser).get(address).status_code == 200


# --- the collegial team -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["task", "care_plan"])
def test_the_supporter_sees_name_and_contact_and_no_story(town: Place, english: Any, name: str):
    incident = make_incident(
        town,
        story=f"{CANARY} hij sloeg",
        place=f"{CANARY} balie",
        perpetrator_description=f"{CANARY} man",
        contact="06-00000009",
    )
    task = given_to(town, town.support, incident)
    page = page_of(english(town.support), name, task.pk)
    assert town.employee.name in page and "06-00000009" in page
    assert CANARY not in page
    assert incident.get_main_behaviour_display() not in page and incident.get_severity_display() not in page
    assert CANARY in page_of(english(town.adviser), "case", incident.pk)  # it is there to be seen


def test_the_supporter_plans_and_says_that_it_was_held(town: Place, plans: Any, english: Any, other_town: Place):
    incident = make_incident(town)
    task = given_to(town, town.support, incident)
    assert "Plan the talk" in page_of(english(town.support), "task", task.pk)
    assert plans(town.support, task, **TOMORROW).url == reverse("task", args=[task.pk])
    assert "Move the talk" in page_of(english(town.support), "task", task.pk)
    for stranger in (town.legal, other_town.adviser, town.manager):
        assert plans(stranger, task, **TOMORROW).status_code == 404
    assert plans(town.employee, task, **TOMORROW).status_code == 403
    assert plans(town.support, task, "held", day="2026-11-24", hour="09:59").url == reverse("my_tasks")
    assert CareMoment.objects.get().status == "held"


def test_the_supporter_reads_what_the_person_wishes(town: Place, answers: Any, english: Any):
    incident = make_incident(town)
    task = given_to(town, town.support, incident)
    sweep(now=clock.now())
    clock.move(days=1)
    sweep(now=clock.now())
    mail.outbox.clear()
    answers(town.employee, incident, task.pk, "other", wish="Liever <b>vrijdag</b>")
    page = page_of(english(town.support), "task", task.pk)
    assert "Liever &lt;b&gt;vrijdag&lt;/b&gt;" in page and "another moment asked for" in page
    sweep(now=clock.move(days=1))  # with the mail of the day
    told = {sent.to[0]: sent.body for sent in mail.outbox}
    assert incident.reference in told[town.support.email] and incident.reference in told[town.adviser.email]
    assert "vrijdag" not in str(told)


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("care_plan", 10), ("task", 10)])
def test_the_pages_of_who_gives_a_talk_ask_the_same_however_many(
    town: Place, english: Any, django_assert_num_queries: Any, name: str, queries: int, number: int
):
    incident = make_incident(town)
    tasks = [given_to(town, town.support, incident)]
    for _more in range(number - 1):
        given_to(town, town.support, make_incident(town))
        town.join(make_user(), Role.SUPPORT)
    for task in tasks:
        plan_care(task=task, appointment=Appointment(AT), revision=0, by=town.adviser, now=clock.now())
    client = english(town.support)
    client.get(reverse(name, args=[tasks[0].pk]))
    with django_assert_num_queries(queries):
        client.get(reverse(name, args=[tasks[0].pk]))


# --- the person it is for ---------------------------------------------------------------------------------------------


def test_the_person_accepts(town: Place, answers: Any, english: Any):
    incident = make_incident(town)
    moment = planned(town, incident)
    page = page_of(english(town.employee), "report_status", incident.pk)
    assert "Support for you" in page and "tomorrow 10:30" in page and "kamer 3" in page
    assert f"With {town.adviser.name}." in page
    assert answers(town.employee, incident, moment.pk, "accept").status_code == 302
    moment.refresh_from_db()
    assert (moment.status, moment.answered_at) == ("accepted", clock.now())
    assert AuditEvent.objects.filter(action="incident.care_accepted", object_id=incident.pk).count() == 1
    assert answers(town.employee, incident, moment.pk, "accept", revision=1).status_code == 302  # a second click
    assert "you said this moment is good" in page_of(english(town.employee), "report_status", incident.pk)


def test_what_was_moved_meanwhile_is_not_accepted(town: Place, answers: Any, plans: Any):
    incident = make_incident(town)
    moment = planned(town, incident)
    plans(town.adviser, moment.task, day="2026-11-26", hour="11:00")
    response = answers(town.employee, incident, moment.pk, "accept", revision=1)
    assert response.status_code == 409
    page = response.content.decode()
    assert f"{town.adviser.name} changed this talk" in page and 'name="revision" value="2"' in page
    assert "Thu 26 November 11:00" in page
    assert answers(town.employee, incident, moment.pk, "accept").status_code == 302


def test_before_it_is_planned_it_can_be_declined_but_not_accepted(town: Place, answers: Any):
    incident = make_incident(town)
    task = open_task(incident, "N02")
    assert answers(town.employee, incident, task.pk, "accept").status_code == 409
    assert answers(town.employee, incident, task.pk, "decline").status_code == 302
    assert CareMoment.objects.get().status == "declined"


def test_another_moment_or_someone_else(town: Place, answers: Any, english: Any):
    incident = make_incident(town)
    moment = planned(town, incident)
    response = answers(town.employee, incident, moment.pk, "other", wish=" ")
    assert response.status_code == 409 and "Write which moment" in response.content.decode()
    wish = "Liever donderdag, met een vrouw 🌷"
    assert answers(town.employee, incident, moment.pk, "other", wish=wish).status_code == 302
    moment.refresh_from_db()
    assert (moment.status, moment.wish) == ("move_asked", wish)
    assert b"Liever" not in bytes(CareMoment.objects.filter(pk=moment.pk).values_list("wish", flat=True)[0])
    assert News.objects.filter(incident=incident, kind=NewsKind.ADDED, recipient=town.adviser).count() == 1
    assert answers(town.employee, incident, moment.pk, "other", wish=wish).status_code == 302  # a second click
    assert News.objects.filter(incident=incident, kind=NewsKind.ADDED).count() == 1
    page = page_of(english(town.adviser), "case_care", incident.pk)
    assert wish in page and "another moment asked for" in page
    assert not any("Liever" in str(row.fields) for row in AuditEvent.objects.all())


def test_no_thank_you_ends_the_task_and_it_can_be_asked_again(town: Place, answers: Any, english: Any, plans: Any):
    incident = make_incident(town)
    moment = planned(town, incident)
    assert answers(town.employee, incident, moment.pk, "decline").status_code == 302
    task = incident.tasks.get(code="N02")
    assert (task.status, task.finished_by) == ("declined", town.employee)
    assert "You can always ask again." in page_of(english(town.employee), "report_status", incident.pk)
    clock.move(days=20)
    assert answers(town.employee, incident, moment.pk, "again", wish="Toch graag").status_code == 302
    moment.refresh_from_db()
    task.refresh_from_db()
    assert (moment.status, moment.planned_at, moment.wish) == ("move_asked", None, "Toch graag")
    assert task.status == "declined"  # the norm stays met
    assert (moment.task.kind, moment.task.status, moment.task.assignee) == ("talk", "open", town.adviser)
    assert moment.task.due_at < clock.now() + timedelta(days=4)
    assert News.objects.filter(incident=incident, kind=NewsKind.ADDED, recipient=town.adviser).count() == 1
    assert kinds(incident).count("care_asked") == 1 and kinds(incident).count("care_declined") == 1
    assert plans(town.adviser, moment.task, "held", day="2026-12-14", hour="09:00").status_code == 302
    moment.refresh_from_db()
    assert moment.status == "held"
    follow = incident.tasks.get(code="N03")
    assert follow.due_at.date() == (clock.now() + timedelta(days=14)).date()


def test_after_declining_one_line_stands_there_not_two(town: Place, english: Any):
    incident = make_incident(town)
    moment = planned(town, incident)
    told = {"incident": incident, "key": moment.pk, "by": town.employee, "now": clock.now()}
    decline_care(**told, revision=1)
    ask_care_again(**told, revision=2, wish="")
    page = page_of(english(town.adviser), "case_care", incident.pk)
    assert page.count("<b>Reception talk</b>") == 1


def test_in_a_closed_case_asking_again_is_heard(town: Place, answers: Any, english: Any):
    incident = make_incident(town)
    moment = planned(town, incident)
    answers(town.employee, incident, moment.pk, "decline")
    for task in incident.tasks.filter(status="open"):
        decline_task(task=task, reason="Klaar", by=town.adviser, now=clock.now())
    close_case(incident=incident, outcome="Klaar", by=town.adviser, now=clock.now())
    assert "I want it after all" in page_of(english(town.employee), "report_status", incident.pk)
    assert answers(town.employee, incident, moment.pk, "decline").status_code == 409
    assert answers(town.employee, incident, moment.pk, "again").status_code == 302
    assert News.objects.filter(incident=incident, kind=NewsKind.ADDED, recipient=town.adviser).count() == 1
    assert not incident.tasks.filter(status="open").exists()


def test_only_the_person_it_is_for(town: Place, other_town: Place, answers: Any, english: Any):
    incident = make_incident(town)
    moment = planned(town, incident)
    ask_witness(incident=incident, email=town.legal.email, by=town.employee, now=clock.now())
    address = reverse("care_answer", args=[incident.pk, moment.pk])
    assert "password" in Client().post(address, {"do": "accept"}).content.decode()
    for other in (town.legal, town.adviser, town.manager, other_town.adviser, make_user()):
        assert answers(other, incident, moment.pk, "decline").status_code == 404
        assert english(other).get(address).status_code == 404
    assert answers(town.employee, incident, uuid4(), "accept").status_code == 404
    assert answers(town.employee, make_incident(town), moment.pk, "accept").status_code == 404
    moment.refresh_from_db()
    assert moment.status == "planned"
    assert answers(town.employee, incident, moment.pk, "accept").status_code == 302


def test_a_witness_answers_the_own_moment_only(town: Place, answers: Any, english: Any):
    incident = make_incident(town, story=CANARY)
    first = planned(town, incident)
    data = {**EXTRA, "email": town.legal.email, "given_by": str(town.support.pk)}
    english(town.adviser).post(reverse("case_care", args=[incident.pk]), data)
    moment = CareMoment.objects.get(user=town.legal)
    page = page_of(english(town.legal), "care_answer", incident.pk, moment.pk)
    assert "A talk with you" in page and CANARY not in page and town.employee.name not in page
    assert answers(town.legal, incident, first.pk, "decline").status_code == 404
    assert answers(town.employee, incident, moment.pk, "decline").status_code == 404
    assert answers(town.legal, incident, moment.pk, "decline").status_code == 302
    assert answers(town.legal, incident, moment.pk, "again").status_code == 302
    keep_out(incident=incident, person=town.legal, by=town.employee, now=clock.now())
    assert answers(town.legal, incident, moment.pk, "again").status_code == 404


def test_the_moments_follow_the_account_of_the_person_hit(town: Place, answers: Any, english: Any):
    town.join(hit := make_user("Eva Voorbeeld"), Role.EMPLOYEE, town.department)
    wrong = make_user("Eva Anders")
    town.join(wrong, Role.EMPLOYEE, town.department)
    incident = make_incident(town, by=town.manager, reporter_is=ReporterIs.MANAGER, affected_name="Eva Voorbeeld")
    moment = planned(town, incident)
    assert answers(town.manager, incident, moment.pk, "accept").status_code == 404
    assert "Support for you" not in page_of(english(town.manager), "report_status", incident.pk)
    link_affected(incident=incident, email=wrong.email, by=town.adviser, now=clock.now())
    assert english(wrong).get(reverse("care_answer", args=[incident.pk, moment.pk])).status_code == 200
    unlink_affected(incident=incident, by=town.adviser, now=clock.now())
    link_affected(incident=incident, email=hit.email, by=town.adviser, now=clock.now())
    assert answers(wrong, incident, moment.pk, "accept").status_code == 404
    assert answers(hit, incident, moment.pk, "accept").status_code == 302


def test_for_who_has_an_account_the_desk_does_not_answer(town: Place, plans: Any):
    own = make_incident(town)
    other = make_incident(town, by=town.manager, reporter_is=ReporterIs.MANAGER, affected_name="Eva Voorbeeld")
    for incident in (own, other):
        planned(town, incident)
    assert plans(town.adviser, open_task(own, "N02"), "decline").status_code == 404
    assert plans(town.adviser, open_task(other, "N02"), "decline").status_code == 302
    assert CareMoment.objects.get(incident=other).status == "declined"


def test_what_is_typed_survives_signing_out(town: Place, answers: Any):
    incident = make_incident(town)
    moment = planned(town, incident)
    address = reverse("care_answer", args=[incident.pk, moment.pk])
    page = Client().post(address, {"do": "other", "wish": "Liever vrijdag", "revision": 1}).content.decode()
    assert "Liever vrijdag" in page
    response = answers(town.employee, incident, moment.pk, "other", wish="Liever vrijdag", resume="1")
    assert response.status_code == 200 and "Liever vrijdag" in response.content.decode()
    moment.refresh_from_db()
    assert moment.status == "planned"


def test_the_status_page_asks_one_query_more(town: Place, english: Any, django_assert_num_queries: Any):
    incident = make_incident(town)
    planned(town, incident)
    client = english(town.employee)
    client.get(reverse("report_status", args=[incident.pk]))
    with django_assert_num_queries(19):
        assert "Support for you" in client.get(reverse("report_status", args=[incident.pk])).content.decode()


# --- what is not kept, and what is kept once --------------------------------------------------------------------------

CRY = "Ik slaap niet en huil elke nacht"


@pytest.mark.parametrize("end", ["held", "skip", "decline"])
def test_a_wish_goes_when_the_talk_ended(town: Place, answers: Any, plans: Any, english: Any, end: str):
    incident = make_incident(town)
    moment = planned(town, incident)
    answers(town.employee, incident, moment.pk, "other", wish=CRY)
    assert CRY in page_of(english(town.adviser), "case_care", incident.pk)
    if end == "decline":
        answers(town.employee, incident, moment.pk, "decline")
    else:
        plans(town.adviser, moment.task, end, day="2026-11-24", hour="09:30", reason="Weg")
    moment.refresh_from_db()
    assert moment.status in {"held", "cancelled", "declined"} and not moment.wish
    assert CRY not in page_of(english(town.adviser), "care_plan", moment.task.pk)


def test_the_same_extra_moment_pressed_twice_is_one(town: Place, other_town: Place, english: Any):
    incident, other, theirs = make_incident(town), make_incident(town), make_incident(other_town)
    address, client = reverse("case_care", args=[incident.pk]), english(town.adviser)
    key = client.get(address).context["extra_form"].initial["key"]
    data = {**EXTRA, "name": "Getuige", "given_by": str(town.support.pk), "key": key}
    for _press in range(2):
        assert client.post(address, data).status_code == 302
    moment = CareMoment.objects.get(incident=incident)
    assert moment.pk == key and incident.tasks.filter(kind="talk").count() == 1
    assert kinds(incident).count("care_asked") == 1
    assert client.post(address, {**data, "name": "Een ander"}).status_code == 302
    assert incident.care.count() == 2
    assert client.post(reverse("case_care", args=[other.pk]), data).status_code == 302
    elsewhere = {**data, "given_by": str(other_town.support.pk)}
    assert english(other_town.adviser).post(reverse("case_care", args=[theirs.pk]), elsewhere).status_code == 302
    assert other.care.exclude(pk=key).count() == theirs.care.exclude(pk=key).count() == 1
    before = moment.revision
    moment.refresh_from_db()
    assert (moment.incident, moment.revision, moment.task.assignee) == (incident, before, town.support)


def test_what_was_asked_in_a_closed_case_has_a_task_once_it_is_open_again(town: Place, answers: Any):
    incident = make_incident(town)
    moment = planned(town, incident)
    answers(town.employee, incident, moment.pk, "decline")
    for task in incident.tasks.filter(status="open"):
        decline_task(task=task, reason="Klaar", by=town.adviser, now=clock.now())
    close_case(incident=incident, outcome="Klaar", by=town.adviser, now=clock.now())
    answers(town.employee, incident, moment.pk, "again")
    reopen_for_desk(incident=incident, reason="Toch", by=town.deputy, now=clock.now())
    moment.refresh_from_db()
    assert (moment.status, moment.task.kind, moment.task.status) == ("move_asked", "talk", "open")
    assert moment.task.assignee == town.adviser and moment.task.due_at > clock.now()
    assert answers(town.employee, incident, moment.pk, "again").status_code == 302
    assert incident.tasks.filter(kind="talk").count() == 1


def test_another_moment_for_what_was_declined_is_asking_again(town: Place, answers: Any):
    incident = make_incident(town)
    moment = planned(town, incident)
    answers(town.employee, incident, moment.pk, "decline")
    assert answers(town.employee, incident, moment.pk, "other", wish="Vrijdag").status_code == 302
    moment.refresh_from_db()
    assert (moment.status, moment.planned_at, moment.task.status) == ("move_asked", None, "open")
    assert moment.task.assignee == town.adviser


def test_accepting_and_moving_after_it_stand_in_the_timeline(town: Place, answers: Any, plans: Any, english: Any):
    incident = make_incident(town)
    moment = planned(town, incident)
    answers(town.employee, incident, moment.pk, "accept")
    answers(town.employee, incident, moment.pk, "accept", revision=1)
    plans(town.adviser, moment.task, day="2026-11-26", hour="11:00")
    cared = sorted(kind for kind in kinds(incident) if kind.startswith("care"))
    assert cared == ["care_accepted", "care_moved", "care_planned"]
    assert "A moment of aftercare was accepted" in page_of(english(town.adviser), "case_timeline", incident.pk)
    assert "You said that the moment is good." in page_of(english(town.employee), "report_status", incident.pk)


def test_what_is_stored_of_declining_is_dutch(town: Place, answers: Any):
    incident = make_incident(town)
    moment = planned(town, incident)
    answers(town.employee, incident, moment.pk, "decline")
    assert incident.tasks.get(code="N02").reason == "Afgeslagen door de persoon zelf."
