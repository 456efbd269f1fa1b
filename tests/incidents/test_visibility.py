"""Choosing who may see a report: at the start, later, and taking it back."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from incidents.actions.closing import close_case
from incidents.actions.exclusions import (
    ManagerMustNotSee,
    NobodyElse,
    NotAColleague,
    NotYoursToChange,
    keep_out,
    let_in_again,
    named_in,
)
from incidents.actions.exclusions import people_who_would_see as would_see
from incidents.actions.measures import take_measure
from incidents.actions.refusals import CannotBeGiven, CaseClosed, NobodyOnDuty, ReasonNeeded, TasksStillOpen
from incidents.actions.reminders.bundling import bundle
from incidents.actions.reminders.overdue import plan_overdue
from incidents.actions.reminders.sweep import sweep
from incidents.actions.tasks import decline_task, finish_task, hand_over_task
from incidents.models import Exclusion, Incident, Mail, News, Note, Notice, Task
from tests import clock
from tests.at_once import at_once
from tests.world import Place, make_incident, make_user, open_task
from vpdportal.accounts.actions import plan_absence
from vpdportal.accounts.models import Organisation, User
from vpdportal.accounts.roles import Role
from vpdportal.audit.models import AuditEvent


@pytest.fixture
def change(as_user: Any):
    """Send one of the forms of the page, as a party ("visibility") or as the desk ("case_visibility")."""

    def sending(by: User, incident: Incident, do: str, name: str = "visibility", **data: Any) -> Any:
        return as_user(by).post(reverse(name, args=[incident.pk]), {"do": do, **data})

    return sending


def owners(incident: Incident) -> set[User | None]:
    return {task.assignee for task in incident.tasks.filter(status="open").select_related("assignee")}


def kept_out_of(incident: Incident) -> set[User]:
    return {exclusion.user for exclusion in incident.exclusions.select_related("user")}


def written_to(person: User, incident: Incident) -> list[str]:
    return [m.body for m in mail.outbox if m.to == [person.email] and incident.reference in m.body]


def away(town: Place, person: User) -> None:
    span = {"starts_at": clock.now() - timedelta(days=1), "ends_at": clock.now() + timedelta(days=20)}
    plan_absence(user=person, organisation=town.organisation, by=person, now=clock.now(), **span)


# At the start


def test_from_the_start_the_deputy_gets_it_and_the_adviser_never_hears_of_it(town: Place):
    usual, other = make_incident(town), make_incident(town, kept_out=(town.adviser,))
    assert owners(usual) == {town.adviser}
    assert owners(other) == {town.deputy}
    for _day in range(6):
        sweep(now=clock.move(days=1))
    assert written_to(town.adviser, usual) and not written_to(town.adviser, other)
    assert written_to(town.deputy, other)
    assert not Notice.objects.filter(task__incident=other, recipient=town.adviser).exists()


def test_with_two_advisers_the_other_one_gets_it(town: Place):
    second = make_user("Tweede Adviseur")
    town.join(second, Role.ADVISER)
    (first,) = owners(make_incident(town))
    (other,) = {town.adviser, second} - {first}
    assert owners(make_incident(town, kept_out=(first,))) == {other}
    assert owners(make_incident(town, kept_out=(other,))) == {first}


def test_an_absent_adviser_keeps_it_when_the_deputy_is_kept_out(town: Place):
    away(town, town.adviser)
    usual, other = make_incident(town), make_incident(town, kept_out=(town.deputy,))
    assert owners(usual) == {town.deputy}
    assert owners(other) == {town.adviser}
    sweep(now=clock.now())
    assert written_to(town.deputy, usual) and not written_to(town.deputy, other)
    assert written_to(town.adviser, other)


def test_with_nobody_else_it_is_not_sent_and_says_whom_to_call(town: Place):
    Organisation.objects.filter(pk=town.organisation.pk).update(confidant="Fatima Vertrouwen, 06-00000001")
    town.organisation.refresh_from_db()
    with pytest.raises(NobodyElse, match="Fatima Vertrouwen, 06-00000001"):
        make_incident(town, kept_out=(town.adviser, town.deputy))
    assert not Incident.objects.exists() and not Task.objects.exists()
    make_incident(town, kept_out=(town.adviser, town.manager))
    assert Incident.objects.exists()


CALLS = {
    "both": ("Fatima Vertrouwen, 06-00000001", "Collegiale opvang, 06-00000002"),
    "confidant": ("Fatima Vertrouwen, 06-00000001", ""),
    "support": ("", "Collegiale opvang, 06-00000002"),
    "neither": ("", ""),
}


@pytest.mark.parametrize("known", CALLS)
def test_without_an_adviser_it_is_not_sent_and_says_whom_to_call(town: Place, known: str):
    confidant, support = CALLS[known]
    Organisation.objects.filter(pk=town.organisation.pk).update(confidant=confidant, support_contact=support)
    town.organisation.refresh_from_db()
    town.organisation.memberships.filter(role__in=(Role.ADVISER, Role.DEPUTY)).delete()
    with pytest.raises(NobodyOnDuty) as refused, translation.override("en"):
        make_incident(town)
    said = str(refused.value)
    assert "no VPD adviser" in said and confidant in said and support in said
    assert ("Talk with the confidential adviser" in said, "Call the collegial support team" in said) == (
        bool(confidant),
        bool(support),
    )
    assert ("your manager" in said) is (known == "neither")
    assert not Incident.objects.exists()


def test_a_late_task_is_not_even_planned_for_who_is_kept_out(town: Place):
    usual, other = make_incident(town), make_incident(town, kept_out=(town.manager, town.deputy))
    for _day in range(9):
        sweep(now=clock.move(days=1))
    told = Notice.objects.filter(step="escalated")
    assert {notice.recipient for notice in told.filter(task__incident=usual)} == {town.manager, town.deputy}
    assert not told.filter(task__incident=other).exists()


# After sending


def test_kept_out_later_everything_moves_and_what_was_still_to_come_stops(town: Place, change: Any):
    incident, other = make_incident(town), make_incident(town)
    assert Notice.objects.filter(task__incident=incident, recipient=town.adviser, mail=None).count() > 5
    bundle(now=clock.now())  # the first mail waits, with both cases in it
    response = change(town.employee, incident, "keep_out", kept_out=[town.adviser.pk])
    assert response.status_code == 302
    assert owners(incident) == {town.deputy} and owners(other) == {town.adviser}
    still = Notice.objects.filter(task__incident=incident, recipient=town.adviser, cancelled_at=None)
    assert not still.exists()
    assert Notice.objects.filter(task__incident=incident, recipient=town.deputy, step="assigned", mail=None).exists()
    sweep(now=clock.now())
    assert written_to(town.adviser, other) and not written_to(town.adviser, incident)
    assert written_to(town.deputy, incident) and not written_to(town.deputy, other)


def test_a_mail_about_nothing_else_is_not_sent_at_all(town: Place, change: Any):
    incident = make_incident(town)
    News.objects.all().delete()
    bundle(now=clock.now())
    change(town.employee, incident, "keep_out", kept_out=[town.adviser.pk])
    sweep(now=clock.now())
    assert {message.to[0] for message in mail.outbox} == {town.deputy.email}
    assert Mail.objects.get(recipient=town.adviser).status == "cancelled"


def test_kept_out_while_the_mail_already_waits_it_is_not_sent_and_finds_another_reader(town: Place):
    """The row of the exclusion comes in beside the action: two processes at once. The sending looks again."""
    away(town, town.adviser)
    incident = make_incident(town)
    Task.objects.filter(incident=incident).update(assignee=town.adviser)
    Notice.objects.filter(task__incident=incident).update(recipient=town.adviser)
    bundle(now=clock.now())
    assert Mail.objects.filter(recipient=town.deputy).exists()  # stands in
    Exclusion.objects.create(
        organisation=town.organisation, incident=incident, user=town.deputy, at=clock.now(), by=town.employee
    )
    sweep(now=clock.now())
    sweep(now=clock.move(minutes=1))
    assert not written_to(town.deputy, incident)
    assert written_to(town.adviser, incident)


def test_what_still_waits_for_who_is_kept_out_comes_to_nothing_at_bundling(town: Place):
    usual, incident = make_incident(town), make_incident(town)
    Exclusion.objects.create(
        organisation=town.organisation, incident=incident, user=town.adviser, at=clock.now(), by=town.employee
    )
    bundle(now=clock.now())
    due = Notice.objects.filter(recipient=town.adviser, step="assigned")
    assert not due.filter(task__incident=incident).exclude(mail=None, cancelled_at=clock.now()).exists()
    assert not due.filter(task__incident=usual, mail=None).exists()


def test_it_is_on_the_timeline_without_whom_and_in_the_log_with_ids_only(town: Place, change: Any, as_user: Any):
    incident = make_incident(town)
    change(town.employee, incident, "keep_out", kept_out=[town.manager.pk, town.adviser.pk])
    assert incident.timeline.filter(kind="visibility_changed").count() == 1
    event = AuditEvent.objects.get(action="incident.visibility_changed")
    assert event.fields == sorted(["kept_out", str(town.manager.pk), str(town.adviser.pk)])
    page = as_user(town.employee).get(reverse("report_status", args=[incident.pk])).content.decode()
    assert town.manager.name not in page
    change(town.employee, incident, "keep_out", kept_out_email=town.manager.email)  # again: nothing new
    assert incident.timeline.filter(kind="visibility_changed").count() == 1


def test_who_is_kept_out_stays_so_with_a_role_that_comes_later(town: Place, change: Any, as_user: Any):
    incident = make_incident(town)
    change(town.employee, incident, "keep_out", kept_out_email=town.legal.email)
    town.join(town.legal, Role.DEPUTY)
    address = reverse("case", args=[incident.pk])
    assert as_user(town.legal).get(address).status_code == 404
    assert as_user(town.legal).get(reverse("case", args=[make_incident(town).pk])).status_code == 200


def test_what_was_done_before_stays_history(town: Place, change: Any, as_user: Any):
    incident = make_incident(town)
    as_user(town.adviser).post(
        reverse("case_severity", args=[incident.pk]), {"nature": "aggression", "severity": incident.severity}
    )
    change(town.employee, incident, "keep_out", kept_out=[town.adviser.pk])
    incident.refresh_from_db()
    assert incident.severity_confirmed_by == town.adviser


@pytest.mark.parametrize("party", ["reporter", "affected"])
def test_the_parties_can_never_be_kept_out(town: Place, change: Any, party: str):
    incident = make_incident(town, by=town.support, affected=town.employee)
    person = getattr(incident, party)
    response = change(
        town.adviser, incident, "keep_out", "case_visibility", kept_out_email=person.email, reason="Is partij."
    )
    assert response.status_code == 409 and not kept_out_of(incident)
    assert person.email in response.content.decode()  # nothing typed is lost
    other = change(town.adviser, incident, "keep_out", "case_visibility", kept_out_email=town.legal.email, reason="x")
    assert other.status_code == 302 and kept_out_of(incident) == {town.legal}


def test_someone_of_another_organisation_is_no_colleague(town: Place, other_town: Place, change: Any):
    incident = make_incident(town)
    for email in (other_town.manager.email, "bestaat-niet@vlinderwaard.invalid"):
        response = change(town.employee, incident, "keep_out", kept_out_email=email)
        assert response.status_code == 400 and email in response.content.decode()
    response = change(town.employee, incident, "keep_out", kept_out=[other_town.manager.pk])
    assert response.status_code == 400
    with pytest.raises(NotAColleague):
        keep_out(incident=incident, person=other_town.manager, by=town.employee, now=clock.now())
    assert not kept_out_of(incident)


def test_with_nobody_else_nothing_changes_and_it_says_whom_to_call(town: Place, change: Any):
    town.organisation.confidant = "Fatima Vertrouwen, 06-00000001"
    town.organisation.save()
    incident = make_incident(town)
    people = [town.adviser.pk, town.deputy.pk]
    response = change(town.employee, incident, "keep_out", kept_out=people)
    page = response.content.decode()
    assert response.status_code == 409 and "Fatima Vertrouwen, 06-00000001" in page
    assert page.count("checked") >= 2
    assert not kept_out_of(incident) and owners(incident) == {town.adviser}
    assert change(town.employee, incident, "keep_out", kept_out=people[:1]).status_code == 302


def test_a_task_cannot_be_handed_to_who_is_kept_out(town: Place):
    incident = make_incident(town, kept_out=(town.support,))
    task = open_task(incident, "R01")
    with pytest.raises(CannotBeGiven):
        hand_over_task(task=task, to=town.support, by=town.adviser, now=clock.now())
    assert hand_over_task(task=task, to=town.legal, by=town.adviser, now=clock.now()).assignee == town.legal


def test_a_task_is_not_given_to_the_manager_who_must_not_see_it(town: Place, as_user: Any, change: Any):
    incident = make_incident(town, may_manager_see=False)
    task = open_task(incident, "N02")
    address = reverse("task", args=[task.pk])
    giving, to = reverse("task_hand_over", args=[task.pk]), {"to": town.manager.pk}
    desk = as_user(town.adviser, headers={"accept-language": "en"})
    desk.cookies["vpd_language"] = "en"
    page = desk.get(address)
    assert town.manager not in page.context["hand_over_form"].fields["to"].queryset
    assert town.support in page.context["hand_over_form"].fields["to"].queryset
    way_out = reverse("case_visibility", args=[incident.pk])
    assert "does not want the manager to see it" in page.content.decode() and way_out in page.content.decode()
    assert desk.post(giving, to).status_code == 400
    with translation.override("en"), pytest.raises(ManagerMustNotSee, match="does not want the manager to see"):
        hand_over_task(task=task, to=town.manager, by=town.adviser, now=clock.now())
    assert as_user(town.manager).get(address).status_code == 404
    told = {"may_manager_see": "yes", "reason": "De melder vindt het goed."}
    change(town.adviser, incident, "manager", "case_visibility", **told)
    assert "does not want the manager to see it" not in desk.get(address).content.decode()
    assert desk.post(giving, to).status_code == 302
    assert as_user(town.manager).get(address).status_code == 200


def test_what_the_reporter_wants_of_the_manager_is_said_to_the_desk_only(town: Place, as_user: Any):
    task = open_task(make_incident(town, may_manager_see=False), "N02")
    hand_over_task(task=task, to=town.support, by=town.adviser, now=clock.now())
    page = as_user(town.support).get(reverse("task", args=[task.pk]))
    assert page.status_code == 200 and page.context["left_out_manager"] is False
    assert town.manager not in page.context["hand_over_form"].fields["to"].queryset


def test_a_manager_who_knows_of_it_anyway_can_be_given_a_task(town: Place):
    def give(incident: Incident, to: User) -> User:
        task = open_task(incident, "N02")
        return hand_over_task(task=task, to=to, by=town.adviser, now=clock.now()).assignee

    elsewhere = make_user("Chef Elders")
    town.join(elsewhere, Role.MANAGER, town.organisation.departments.create(name="Sport"))
    assert give(make_incident(town, may_manager_see=False), elsewhere) == elsewhere
    own = make_incident(town, by=town.manager, may_manager_see=False)
    assert give(own, town.manager) == town.manager
    about = make_incident(town, by=town.manager, affected=town.employee, may_manager_see=False)
    with pytest.raises(ManagerMustNotSee):
        give(about, town.manager)
    town.join(town.manager, Role.DEPUTY)
    assert give(about, town.manager) == town.manager


def test_a_row_twice_is_refused_by_the_database(town: Place):
    incident = make_incident(town, kept_out=(town.manager,))
    row = {"organisation": town.organisation, "incident": incident, "at": clock.now(), "by": town.employee}
    with pytest.raises(IntegrityError), transaction.atomic():
        Exclusion.objects.create(user=town.manager, **row)
    Exclusion.objects.create(user=town.legal, **row)


# Who may change it


def test_who_reported_it_for_someone_else_has_a_receipt_and_changes_nothing(town: Place, as_user: Any, change: Any):
    incident = make_incident(town, by=town.support, affected=town.employee)
    assert change(town.support, incident, "keep_out", kept_out=[town.adviser.pk]).status_code == 403
    assert as_user(town.support).get(reverse("visibility", args=[incident.pk])).status_code == 403
    assert not kept_out_of(incident)
    assert change(town.employee, incident, "keep_out", kept_out=[town.adviser.pk]).status_code == 302


def test_the_desk_gives_a_reason_that_only_the_desk_reads(town: Place, as_user: Any, change: Any):
    incident = make_incident(town)
    without = change(town.adviser, incident, "keep_out", "case_visibility", kept_out=[town.deputy.pk])
    assert without.status_code == 400 and not kept_out_of(incident)
    response = change(
        town.adviser, incident, "keep_out", "case_visibility", kept_out=[town.deputy.pk], reason="kanarie-reden"
    )
    assert response.status_code == 302 and kept_out_of(incident) == {town.deputy}
    assert Note.objects.get().text == "kanarie-reden"
    assert "kanarie-reden" not in as_user(town.employee).get(reverse("visibility", args=[incident.pk])).content.decode()
    assert "kanarie" not in str(list(AuditEvent.objects.values_list("fields", flat=True)))


def test_the_reporter_takes_back_what_the_reporter_decided_and_nothing_else(town: Place, change: Any, as_user: Any):
    incident = make_incident(town)
    change(town.employee, incident, "keep_out", kept_out=[town.deputy.pk])
    keep_out(incident=incident, person=town.manager, by=town.adviser, now=clock.now(), reason="Is partij.")
    assert change(town.employee, incident, "let_in", person=town.manager.pk).status_code == 400
    assert kept_out_of(incident) == {town.deputy, town.manager}
    assert change(town.employee, incident, "let_in", person=town.deputy.pk).status_code == 302
    assert kept_out_of(incident) == {town.manager}
    assert as_user(town.deputy).get(reverse("case", args=[incident.pk])).status_code == 200
    assert change(town.employee, incident, "let_in", person=town.deputy.pk).status_code == 302  # a second click


def test_the_desk_lets_someone_in_again_with_a_reason_and_tasks_stay_where_they_are(town: Place, change: Any):
    incident = make_incident(town)
    change(town.employee, incident, "keep_out", kept_out=[town.adviser.pk])
    person = {"person": town.adviser.pk}
    assert change(town.deputy, incident, "let_in", "case_visibility", **person).status_code == 400
    assert kept_out_of(incident) == {town.adviser}
    assert change(town.deputy, incident, "let_in", "case_visibility", reason="Berust op vergissing.", **person)
    assert not kept_out_of(incident) and owners(incident) == {town.deputy}
    assert Note.objects.get().text == "Berust op vergissing."
    let_in_again(incident=incident, person=town.adviser, by=town.deputy, now=clock.now(), reason="nogmaals")
    assert Note.objects.count() == 1


def test_who_is_kept_out_cannot_let_themselves_in(town: Place, change: Any):
    incident = make_incident(town, kept_out=(town.deputy,))
    person = {"person": town.deputy.pk, "reason": "Ik ben geen partij."}
    assert change(town.deputy, incident, "let_in", "case_visibility", **person).status_code == 404
    assert kept_out_of(incident) == {town.deputy}
    assert change(town.adviser, incident, "let_in", "case_visibility", **person).status_code == 302


def test_an_adviser_keeps_themselves_out_and_is_told_to_whom_it_goes(town: Place, change: Any, as_user: Any):
    incident = make_incident(town)
    address = reverse("case_visibility", args=[incident.pk])
    assert town.deputy.name in as_user(town.adviser).get(address).content.decode()
    assert change(town.adviser, incident, "self", "case_visibility").status_code == 400  # not sure yet
    own = change(town.adviser, incident, "keep_out", "case_visibility", kept_out_email=town.adviser.email, reason="x")
    assert own.status_code == 400 and not kept_out_of(incident)
    response = change(town.adviser, incident, "self", "case_visibility", is_sure="on")
    assert response["Location"] == reverse("work_list")
    assert owners(incident) == {town.deputy}
    assert as_user(town.adviser).get(address).status_code == 404
    assert not Note.objects.exists()
    assert change(town.deputy, incident, "self", "case_visibility", is_sure="on").status_code == 409  # nobody else


def test_a_closed_case_can_still_be_hidden(town: Place, change: Any):
    incident = make_incident(town)
    Task.objects.filter(incident=incident).delete()
    values = {"status": "closed", "closed_at": clock.now(), "closed_by": town.adviser}
    Incident.objects.filter(pk=incident.pk).update(**values)
    assert change(town.employee, incident, "keep_out", kept_out=[town.deputy.pk]).status_code == 302
    assert kept_out_of(incident) == {town.deputy}


def test_the_manager_sees_it_or_not_and_hears_of_it_or_not(town: Place, change: Any, as_user: Any):
    incident = make_incident(town)
    Task.objects.exclude(code="N02").delete()
    task = open_task(incident, "N02")
    clock.set_to(task.due_at + timedelta(days=4, hours=6))
    sweep(now=clock.now())
    assert written_to(town.manager, incident)
    mail.outbox.clear()
    Notice.objects.filter(step="escalated").update(mail=None)
    assert change(town.employee, incident, "manager", may_manager_see="no").status_code == 302
    sweep(now=clock.move(days=1))  # with the mail of the day
    assert written_to(town.deputy, incident) and not written_to(town.manager, incident)
    assert incident.reference not in as_user(town.manager).get(reverse("team")).content.decode()
    assert change(town.adviser, incident, "manager", "case_visibility", may_manager_see="yes").status_code == 400
    told = {"may_manager_see": "yes", "reason": "Regelt de roosters."}
    assert change(town.adviser, incident, "manager", "case_visibility", **told).status_code == 302
    assert incident.reference in as_user(town.manager).get(reverse("team")).content.decode()
    assert incident.timeline.filter(kind="visibility_changed").count() == 2


def test_the_actions_ask_for_right_and_reason_too(town: Place):
    incident = make_incident(town)
    told: dict[str, Any] = {"incident": incident, "now": clock.now()}
    with pytest.raises(ReasonNeeded):
        keep_out(person=town.deputy, by=town.adviser, reason=" ", **told)
    keep_out(person=town.deputy, by=town.adviser, reason="Is partij.", **told)
    with pytest.raises(ReasonNeeded):
        let_in_again(person=town.deputy, by=town.adviser, **told)
    with pytest.raises(NotYoursToChange):
        let_in_again(person=town.deputy, by=town.employee, reason="Toch liever wel.", **told)
    assert kept_out_of(incident) == {town.deputy}
    let_in_again(person=town.deputy, by=town.adviser, reason="Toch niet.", **told)
    assert kept_out_of(incident) == set()


def test_who_does_not_work_on_cases_can_always_be_kept_out(town: Place, change: Any, as_user: Any):
    """Also when nobody is left who works on it: then the page says whom to call."""
    town.organisation.confidant = "Fatima Vertrouwen, 06-00000001"
    town.organisation.save()
    incident = make_incident(town, kept_out=(town.deputy,))
    page = as_user(town.employee).get(reverse("visibility", args=[incident.pk])).content.decode()
    assert "Fatima Vertrouwen" not in page
    town.organisation.memberships.filter(user=town.adviser).update(ends_on="2026-11-23")
    assert change(town.employee, incident, "keep_out", kept_out=[town.manager.pk]).status_code == 302
    assert kept_out_of(incident) == {town.deputy, town.manager}
    page = as_user(town.employee).get(reverse("visibility", args=[incident.pk])).content.decode()
    assert "Fatima Vertrouwen" in page


def late_with_news_for_the_manager(town: Place) -> Incident:
    """Everything of this case is days late, and that is about to be said."""
    incident = make_incident(town)
    plan_overdue(now=clock.move(days=13))
    told = Notice.objects.filter(task__incident=incident, step="escalated", recipient=town.manager)
    assert told.exists()
    return incident


@pytest.mark.parametrize("when", ["planned", "bundled"])
@pytest.mark.parametrize("moves", [True, False])
def test_a_manager_who_went_elsewhere_hears_no_more_of_it(town: Place, when: str, moves: bool):
    incident = late_with_news_for_the_manager(town)
    if when == "bundled":
        bundle(now=clock.now())
        assert Mail.objects.filter(recipient=town.manager, status="waiting").exists()
    if moves:
        other = town.organisation.departments.create(name="Sport")
        town.organisation.memberships.filter(user=town.manager).update(department=other)
    for _sweep in range(2):
        sweep(now=clock.move(minutes=1))
    assert bool(written_to(town.manager, incident)) is not moves
    assert written_to(town.deputy, incident)
    waiting = Notice.objects.filter(recipient=town.manager, step="escalated", mail=None, cancelled_at=None)
    assert not waiting.exists()


def test_a_manager_hears_of_the_cases_that_may_be_seen_and_of_own_tasks(town: Place):
    """In one sweep: each notice is judged by itself."""
    seen, unseen = late_with_news_for_the_manager(town), make_incident(town)
    plan_overdue(now=clock.move(days=14))
    task = open_task(make_incident(town, may_manager_see=False), "N02")
    Task.objects.filter(pk=task.pk).update(assignee=town.manager)
    task.notices.filter(step="assigned").update(recipient=town.manager)
    Incident.objects.filter(pk=unseen.pk).update(may_manager_see=False)
    sweep(now=clock.now())
    assert written_to(town.manager, seen) and not written_to(town.manager, unseen)
    assert written_to(town.manager, task.incident)


def test_a_manager_who_is_deputy_too_still_hears_of_it_as_deputy(town: Place, change: Any):
    both = town.manager
    town.join(both, Role.DEPUTY)
    incident = make_incident(town)
    clock.set_to(clock.now() + timedelta(days=13, hours=6))
    plan_overdue(now=clock.now())
    change(town.employee, incident, "manager", may_manager_see="no")
    told = Notice.objects.filter(task__incident=incident, step="escalated", recipient=both)
    assert told.exists() and not told.exclude(cancelled_at=None).exists()


# What the pages say


def test_both_pages_say_who_sees_it_now(town: Place, as_user: Any):
    incident = make_incident(town, kept_out=(town.deputy,))
    hand_over_task(task=open_task(incident, "N02"), to=town.support, by=town.adviser, now=clock.now())
    for who, name in ((town.employee, "visibility"), (town.adviser, "case_visibility")):
        page = as_user(who).get(reverse(name, args=[incident.pk]))
        assert [person for person, _roles in page.context["desk"]] == [town.adviser]
        assert list(page.context["managers"]) == [town.manager]
        assert list(page.context["given_tasks"]) == [town.support]
        assert [exclusion.user for exclusion, _form in page.context["kept_out"]] == [town.deputy]


def test_who_is_named_is_proposed_to_everyone_but_who_is_named(town: Place, as_user: Any, change: Any):
    town.manager.name, town.deputy.name = "Jan Wijnakker", "Sára Özdemir-de Wit"
    town.manager.save()
    town.deputy.save()
    incident = make_incident(town, story="Het was WIJNAKKER zelf, en Ozdemir stond erbij.")
    about_nobody = make_incident(town)

    def named(by: User, name: str, of: Incident = incident) -> list[User]:
        return list(as_user(by).get(reverse(name, args=[of.pk])).context["named"])

    for by, name in ((town.adviser, "case"), (town.adviser, "case_visibility"), (town.employee, "visibility")):
        assert named(by, name) == [town.manager, town.deputy]
        assert named(by, name, about_nobody) == []
    assert named(town.deputy, "case") == named(town.deputy, "case_visibility") == []
    change(town.employee, incident, "keep_out", kept_out=[town.deputy.pk])
    change(town.employee, incident, "manager", may_manager_see="no")
    assert named(town.adviser, "case") == []


def test_a_party_who_works_on_cases_is_no_proposal(town: Place, as_user: Any):
    town.deputy.name = "Bram Wijnakker"
    town.deputy.save()
    address = reverse("case", args=[make_incident(town, story="Wijnakker kreeg een klap.").pk])
    assert as_user(town.adviser).get(address).context["named"] == [town.deputy]
    address = reverse("case", args=[make_incident(town, story="Wijnakker kreeg een klap.", affected=town.deputy).pk])
    assert as_user(town.adviser).get(address).context["named"] == []


NAMES = {
    "in full": ("Noor de Wit", "Ik belde noor de wit meteen.", True),
    "short surname only": ("Noor de Wit", "Hij droeg een wit overhemd.", False),
    "surname": ("Jan Jansen", "Toen kwam Jansen erbij.", True),
    "part of a word": ("Jan Jansen", "In de Jansenstraat.", False),
    "accents": ("Zoë Núñez", "Nunez riep iets.", True),
    "accents in the text": ("Zoe Nunez", "NÚÑEZ riep iets.", True),
    "letters that do not come apart": ("Bjørn Sørensen", "Sorensen riep iets.", True),
    "double name": ("Els Jansen-de Vries", "Mevrouw Jansen duwde mij.", True),
    "second part of a double name": ("Els Jansen-de Vries", "Mevrouw de Vries duwde mij.", True),
    "first name only": ("Karel Bos", "Karel duwde mij.", False),
    "surname first": ("Jansen, Jan", "Meneer Jansen duwde mij.", True),
    "across an address": ("Jan Jansen", "mail van j.jansen@vlinderwaard.invalid", True),
    "nothing": ("Jan Jansen", "", False),
    "no letters": ("😡", "😡", False),
}


@pytest.mark.parametrize(("name", "text", "is_named"), NAMES.values(), ids=NAMES)
def test_how_a_name_is_found(name: str, text: str, is_named: bool):
    person = User(name=name)
    assert (named_in([text], [person]) == [person]) is is_named


def test_who_would_see_a_report_of_a_department(town: Place, other_town: Place):
    elsewhere = town.organisation.departments.create(name="Elders")
    town.join(town.manager, Role.DEPUTY)
    town.join(make_user("Chef Elders"), Role.MANAGER, elsewhere)
    found = would_see(town.organisation, town.department, clock.now(), [town.adviser.pk])
    assert set(found) == {
        (town.manager, Role.MANAGER),
        (town.manager, Role.DEPUTY),
        (town.deputy, Role.DEPUTY),
    }
    assert (town.adviser, Role.ADVISER) in would_see(town.organisation, None, clock.now())
    assert Role.MANAGER not in {role for _person, role in would_see(town.organisation, None, clock.now())}


@pytest.mark.parametrize(("name", "queries"), [("visibility", 14), ("case_visibility", 17)])
def test_the_pages_ask_the_same_however_many(
    town: Place, as_user: Any, django_assert_num_queries: Any, name: str, queries: int
):
    incident = make_incident(town)
    client: Client = as_user(town.employee if name == "visibility" else town.adviser)
    for person in (town.support, town.legal, town.management):
        keep_out(incident=incident, person=person, by=town.employee, now=clock.now())
        if incident.exclusions.count() in {1, 3}:
            with django_assert_num_queries(queries):
                assert client.get(reverse(name, args=[incident.pk])).status_code == 200


# At the same moment


def test_kept_out_while_a_task_is_handed_over(committed: None, town: Place):
    """Whoever wins, nobody who is kept out keeps a task: the other one is refused or the task moves on."""
    incident = make_incident(town)
    outcomes: set[str] = set()
    for _round in range(8):
        task = Task.objects.unfinished().filter(incident=incident, assignee=town.adviser).first()
        barrier = threading.Barrier(2)

        def keep(barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            keep_out(incident=incident, person=town.deputy, by=town.employee, now=clock.now())
            connections.close_all()

        def give(barrier: threading.Barrier = barrier, task: Task = task) -> None:
            barrier.wait()
            try:
                hand_over_task(task=task, to=town.deputy, by=town.adviser, now=clock.now())
                outcomes.add("given")
            except CannotBeGiven:
                outcomes.add("refused")
            connections.close_all()

        threads = [threading.Thread(target=one) for one in (keep, give)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert kept_out_of(incident) == {town.deputy}
        assert not Task.objects.unfinished().filter(incident=incident, assignee=town.deputy).exists()
        assert not Notice.objects.filter(task__incident=incident, recipient=town.deputy, cancelled_at=None).exists()
        let_in_again(incident=incident, person=town.deputy, by=town.employee, now=clock.now())
    assert outcomes <= {"given", "refused"} and outcomes


ROUNDS = 8


def with_a_ban_to_choose(town: Place) -> Incident:
    """A case that is being worked on, in which nothing is open and a ban can be chosen."""
    incident = make_incident(town, behaviours=("physical_violence",))
    for task in incident.tasks.filter(status="open"):
        decline_task(task=task, reason="Niet nodig.", by=town.deputy, now=clock.now())
    return incident


def test_kept_out_while_a_measure_is_chosen(committed: None, town: Place):
    for _round in range(ROUNDS):
        incident = with_a_ban_to_choose(town)
        measure = incident.measures.get(code="R09")
        raised = at_once(
            lambda: take_measure(measure=measure, by=town.deputy, now=clock.now()),  # noqa: B023  done in this round
            lambda: keep_out(incident=incident, person=town.adviser, by=town.employee, now=clock.now()),  # noqa: B023
        )
        assert raised == []
        assert owners(incident) == {town.deputy}
        assert not Notice.objects.filter(task__incident=incident, recipient=town.adviser, cancelled_at=None).exists()


def test_closed_while_a_measure_is_chosen(committed: None, town: Place):
    outcomes: set[type[Exception]] = set()
    for _round in range(ROUNDS):
        incident = with_a_ban_to_choose(town)
        measure = incident.measures.get(code="R09")
        raised = at_once(
            lambda: take_measure(measure=measure, by=town.deputy, now=clock.now()),  # noqa: B023
            lambda: close_case(incident=incident, outcome="Klaar.", by=town.adviser, now=clock.now()),  # noqa: B023
        )
        outcomes |= {type(error) for error in raised}
        incident.refresh_from_db()
        assert len(raised) == 1 and incident.is_closed != incident.tasks.filter(status="open").exists()
    assert outcomes <= {CaseClosed, TasksStillOpen}


def test_kept_out_while_a_task_is_finished(committed: None, town: Place):
    """Neither waits for what the other holds, and what follows the task goes to who is on duty then."""
    for _round in range(ROUNDS):
        incident = make_incident(town)
        finish_task(task=open_task(incident, "R01"), by=town.adviser, now=clock.now())  # it is being worked on
        task = open_task(incident, "N02")
        raised = at_once(
            lambda: finish_task(task=task, by=town.adviser, now=clock.now()),  # noqa: B023
            lambda: keep_out(incident=incident, person=town.adviser, by=town.employee, now=clock.now()),  # noqa: B023
        )
        assert raised == []
        assert owners(incident) == {town.deputy}
