"""A talk that was planned, and then something changes: who gives it, when, for whom, or in which case."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from incidents.actions.assignment import assign_case
from incidents.actions.care import Appointment, hold_care, plan_care
from incidents.actions.care_answers import accept_care, ask_other_moment, decline_care
from incidents.actions.exclusions import keep_out
from incidents.actions.merging import HasTalks, merge_cases
from incidents.actions.people import link_affected, unlink_affected
from incidents.actions.reminders.sweep import sweep
from incidents.actions.tasks import finish_task, hand_over_task
from incidents.models import CareMoment, Incident, News
from incidents.vocabulary import CareStatus, NewsKind, ReporterIs
from tests import clock
from tests.world import Place, make_incident, make_user, open_task
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Role

AT = datetime(2026, 11, 25, 10, 30, tzinfo=timezone.get_default_timezone())


def planned(town: Place, incident: Incident, at: datetime = AT, revision: int = 0, **more: User) -> CareMoment:
    by, task = more.get("by", town.adviser), open_task(incident, "N02")
    return plan_care(task=task, appointment=Appointment(at), revision=revision, by=by, now=clock.now())


def accepted(town: Place, incident: Incident) -> CareMoment:
    moment = planned(town, incident)
    return accept_care(incident=incident, key=moment.pk, revision=1, by=incident.reporter, now=clock.now())


def given_by_manager(town: Place, incident: Incident) -> CareMoment:
    """Planned by the manager, who was told that the task is theirs."""
    hand_over_task(task=open_task(incident, "N02"), to=town.manager, by=town.adviser, now=clock.now())
    sweep(now=clock.move(minutes=10))
    moment = planned(town, incident, by=town.manager)
    sweep(now=clock.move(minutes=10))
    mail.outbox.clear()
    return moment


def heard(incident: Incident, person: User) -> int:
    """How often this person is told something of a talk."""
    news = News.objects.filter(incident=incident, kind=NewsKind.CARE, recipient=person, cancelled_at=None)
    return news.count()


# --- for whom ---------------------------------------------------------------------------------------------------------


def made_for_eva(town: Place) -> Incident:
    return make_incident(town, by=town.manager, reporter_is=ReporterIs.MANAGER, affected_name="Eva Voorbeeld")


def test_after_a_wrong_account_the_right_person_hears_of_it(town: Place):
    hit, wrong = make_user("Eva Voorbeeld"), make_user("Eva Anders")
    for person in (hit, wrong):
        town.join(person, Role.EMPLOYEE, town.department)
    incident = made_for_eva(town)
    link_affected(incident=incident, email=wrong.email, by=town.adviser, now=clock.now())
    planned(town, incident)
    unlink_affected(incident=incident, by=town.adviser, now=clock.now())
    link_affected(incident=incident, email=hit.email, by=town.adviser, now=clock.now())
    planned(town, incident, AT + timedelta(hours=2), revision=1)
    assert (heard(incident, wrong), heard(incident, hit)) == (0, 1)


def test_who_got_an_account_after_the_talk_was_planned_hears_that_it_moved(town: Place):
    town.join(hit := make_user("Eva Voorbeeld"), Role.EMPLOYEE, town.department)
    incident = made_for_eva(town)
    planned(town, incident)
    link_affected(incident=incident, email=hit.email, by=town.adviser, now=clock.now())
    planned(town, incident, AT + timedelta(hours=2), revision=1)
    assert heard(incident, hit) == 1


# --- who gives it -----------------------------------------------------------------------------------------------------


def on_the_task_page(town: Place, incident: Incident) -> None:
    hand_over_task(task=open_task(incident, "N02"), to=town.support, by=town.adviser, now=clock.now())


def with_the_case(town: Place, incident: Incident) -> None:
    assign_case(incident=incident, to=town.deputy, moves_tasks=True, by=town.adviser, now=clock.now())


def as_the_giver_is_kept_out(town: Place, incident: Incident) -> None:
    keep_out(incident=incident, person=town.adviser, by=incident.reporter, now=clock.now())


@pytest.mark.parametrize("changes_hands", [on_the_task_page, with_the_case, as_the_giver_is_kept_out])
def test_who_said_yes_is_asked_anew_when_someone_else_gives_it(town: Place, changes_hands: Any):
    incident = make_incident(town)
    moment = accepted(town, incident)
    assert moment.status == CareStatus.ACCEPTED
    before = heard(incident, town.employee)
    changes_hands(town, incident)
    moment.refresh_from_db()
    assert (moment.status, moment.planned_at) == (CareStatus.PLANNED, AT)
    assert heard(incident, town.employee) == before + 1


def test_who_gives_it_hears_that_the_desk_moved_it(town: Place):
    incident = make_incident(town)
    given_by_manager(town, incident)
    clock.move(days=1)
    planned(town, incident, AT + timedelta(days=1), revision=1)
    sweep(now=clock.move(hours=1))
    assert [town.manager.email] in [sent.to for sent in mail.outbox]


def test_who_gives_it_hears_that_it_was_declined(town: Place):
    incident = make_incident(town)
    moment = given_by_manager(town, incident)
    clock.move(hours=1)
    decline_care(incident=incident, key=moment.pk, revision=1, by=town.employee, now=clock.now())
    sweep(now=clock.move(hours=22))
    assert clock.now() < AT, "before the talk"
    told = next(sent for sent in mail.outbox if sent.to == [town.manager.email])
    assert incident.reference in told.body and "niet meer bij u" in told.body


# --- when it was held -------------------------------------------------------------------------------------------------


def test_done_after_another_moment_was_asked_is_not_held_at_the_one_that_did_not_suit(town: Place):
    incident = make_incident(town)
    moment = planned(town, incident)
    ask_other_moment(incident=incident, key=moment.pk, wish="Vrijdag", revision=1, by=town.employee, now=clock.now())
    finish_task(task=moment.task, by=town.adviser, now=clock.move(days=4))
    moment.refresh_from_db()
    assert (moment.status, moment.planned_at) == (CareStatus.HELD, clock.now())


def test_the_hour_that_the_giver_says_stays(town: Place):
    incident = make_incident(town)
    moment = planned(town, incident)
    ask_other_moment(incident=incident, key=moment.pk, wish="Vrijdag", revision=1, by=town.employee, now=clock.now())
    friday = AT + timedelta(days=2)
    clock.move(days=4)
    held = hold_care(task=moment.task, held_at=friday, revision=2, by=town.adviser, now=clock.now())
    assert (held.status, held.planned_at) == (CareStatus.HELD, friday)


# --- in which case ----------------------------------------------------------------------------------------------------


def test_a_report_in_which_someone_said_yes_to_a_talk_is_not_joined_away(town: Place, english: Any):
    town.join(second := make_user("Piet Puk"), Role.EMPLOYEE, town.department)
    main, joined = make_incident(town), make_incident(town, by=second)
    accepted(town, joined)
    with pytest.raises(HasTalks):
        merge_cases(incident=joined, into=main, by=town.adviser, now=clock.now())
    merge_cases(incident=main, into=joined, by=town.adviser, now=clock.now())
    page = english(second).get(reverse("report_status", args=[joined.pk])).content.decode()
    assert "10:30" in page
