"""Closing with a list of what is still open; evaluation and lessons; own tasks; who handles the case."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation

from incidents.actions.closing import NotSeenYet, close_case
from incidents.actions.exclusions import keep_out
from incidents.actions.own_tasks import WantedTask
from incidents.actions.refusals import CannotBeGiven
from incidents.actions.still_open import still_open
from incidents.actions.tasks import finish_task
from incidents.models import (
    CareMoment,
    DamageLine,
    Incident,
    Involvement,
    Letter,
    Message,
    News,
    Notice,
    Person,
    PoliceSheet,
    Reaction,
    Task,
    TimelineEntry,
)
from incidents.vocabulary import OpenPoint
from tests import clock
from tests.world import Place, make_incident, open_task
from vpdportal.accounts.models import Absence, User
from vpdportal.audit.models import AuditEvent

OUTCOME = "Wij spraken met u."
WORDS = "Kanarie: de balie krijgt een tweede uitgang. 😡"


@pytest.fixture
def desk(town: Place, as_user: Any) -> Client:
    client: Client = as_user(town.adviser)
    client.cookies["vpd_language"] = "en"
    return client


@pytest.fixture
def incident(town: Place) -> Incident:
    return make_incident(town)


def fresh(incident: Incident) -> Incident:
    found: Incident = Incident.objects.get(pk=incident.pk)
    return found


def at(name: str, incident: Incident) -> str:
    return reverse(name, args=[incident.pk])


def finish_all(incident: Incident, by: User) -> None:
    """Nothing of it is open any more."""
    while tasks := Task.objects.filter(incident=incident, status="open"):
        for task in tasks:
            finish_task(task=task, by=by, now=clock.now())
    incident.measures.filter(status="proposed").update(status="declined", decided_at=clock.now(), decided_by=by)
    Incident.objects.filter(pk=incident.pk).update(severity_confirmed_at=clock.now(), severity_confirmed_by=by)
    News.objects.update(seen_at=clock.now())


def lesson(town: Place, number: int = 0, **more: Any) -> dict[str, Any]:
    data = {"words": WORDS, "assignee": str(town.manager.pk), "due_on": "2026-12-24", **more}
    return {f"lesson-{number}-{name}": value for name, value in data.items()}


# --- the list ---------------------------------------------------------------------------------------------------------


def _person(town: Place) -> Person:
    person: Person = Person.objects.create(
        organisation=town.organisation, created_at=clock.now(), created_by=town.adviser
    )
    return person


def _reaction(town: Place, incident: Incident, status: str, kind: str = "ban", **more: Any) -> Reaction:
    reaction: Reaction = Reaction.objects.create(
        organisation=town.organisation, incident=incident, person=_person(town), kind=kind, status=status,
        conduct_on=clock.now().date(), hearing="later", drafted_at=clock.now(), drafted_by=town.adviser,
        starts_on=date(2026, 11, 24), ends_on=date(2027, 2, 24), **more,
    )  # fmt: skip
    return reaction


def _care(town: Place, incident: Incident) -> None:
    task = Task.objects.filter(incident=incident, code="N02").first()
    CareMoment.objects.create(organisation=town.organisation, incident=incident, task=task, kind="reception")


def _damage(town: Place, incident: Incident) -> None:
    DamageLine.objects.create(
        organisation=town.organisation, incident=incident, of="victim", kind="goods", amount=1, at=clock.now(),
        by=town.adviser,
    )  # fmt: skip


def _message(town: Place, incident: Incident, *, is_question: bool) -> None:
    Message.objects.create(
        organisation=town.organisation, incident=incident, person=town.employee, by=town.employee, at=clock.now(),
        is_from_desk=is_question, form_key=uuid4(), is_question=is_question,
    )  # fmt: skip


def _involvement(town: Place, incident: Incident) -> None:
    Involvement.objects.create(
        organisation=town.organisation, incident=incident, person=_person(town), role="perpetrator", at=clock.now(),
        by=town.adviser,
    )  # fmt: skip


MAKES: dict[OpenPoint, Callable[[Place, Incident], Any]] = {
    OpenPoint.TASKS: lambda town, case: Task.objects.filter(incident=case, code="R01").update(
        status="open", finished_at=None, finished_by=None
    ),
    OpenPoint.REACTIONS: lambda town, case: _reaction(town, case, "proposed"),
    OpenPoint.SEVERITY: lambda town, case: Incident.objects.filter(pk=case.pk).update(
        severity_confirmed_at=None, severity_confirmed_by=None
    ),
    OpenPoint.ADVICE: lambda town, case: case.measures.filter(pk=case.measures.filter(waits_for=[])[0].pk).update(
        status="proposed"
    ),
    OpenPoint.DRAFTS: lambda town, case: _reaction(town, case, "draft"),
    OpenPoint.RUNNING: lambda town, case: _reaction(town, case, "active"),
    OpenPoint.LETTERS: lambda town, case: Letter.objects.create(
        organisation=town.organisation, incident=case, kind="warning", made_at=clock.now(), made_by=town.adviser
    ),
    OpenPoint.WITHOUT_LETTER: lambda town, case: _reaction(town, case, "done", kind="warning", given_at=clock.now()),
    OpenPoint.POLICE: lambda town, case: PoliceSheet.objects.create(
        organisation=town.organisation, incident=case, kind="notice", made_at=clock.now(), made_by=town.adviser
    ),
    OpenPoint.CARE: _care,
    OpenPoint.DAMAGE: _damage,
    OpenPoint.QUESTIONS: lambda town, case: _message(town, case, is_question=True),
    OpenPoint.MESSAGES: lambda town, case: _message(town, case, is_question=False),
    OpenPoint.ADDITIONS: lambda town, case: News.objects.create(
        organisation=town.organisation, incident=case, recipient=town.adviser, kind="added", about=uuid4(),
        due_at=clock.now(),
    ),
    OpenPoint.INFORMING: _involvement,
}  # fmt: skip


def test_every_point_has_a_way_to_come_about():
    assert set(MAKES) == set(OpenPoint)


@pytest.mark.parametrize("code", list(OpenPoint))
def test_each_point_is_seen_and_stops_or_is_ticked(town: Place, desk: Client, incident: Incident, code: OpenPoint):
    finish_all(incident, town.adviser)
    assert still_open(fresh(incident), clock.now().date()) == []
    MAKES[code](town, incident)
    assert [(point.code, point.count) for point in still_open(fresh(incident), clock.now().date())] == [(code, 1)]
    stops = code in {OpenPoint.TASKS, OpenPoint.REACTIONS}
    page = desk.get(at("case_ending", incident)).content.decode()
    with translation.override("en"):
        assert str(code.label) in page
    without = desk.post(at("case_close", incident), {"outcome": OUTCOME})
    assert without.status_code == (409 if stops else 400) and OUTCOME in without.content.decode()
    ticked = desk.post(at("case_close", incident), {"outcome": OUTCOME, "seen": [f"{code}:1"]})
    assert ticked.status_code == (409 if stops else 302)
    assert fresh(incident).is_closed is not stops


@pytest.mark.parametrize(
    ("kind", "status", "is_given", "is_asked"),
    [
        ("warning", "done", True, True),
        ("conditions", "active", True, True),
        ("pause", "ended", True, True),
        ("ban", "ended", True, True),
        ("ban", "ended", False, False),
        ("ban", "withdrawn", False, False),
        ("verbal", "done", True, False),
        ("civil_order", "ended", True, False),
    ],
)
def test_what_was_given_without_a_letter_is_asked_about(
    town: Place, incident: Incident, kind: str, status: str, is_given: bool, is_asked: bool
):
    def asked() -> bool:
        points = still_open(fresh(incident), clock.now().date())
        return OpenPoint.WITHOUT_LETTER in {point.code for point in points}

    ended = {"ended_at": clock.now(), "end_kind": "early"} if status == "ended" else {}
    given = clock.now() if is_given else None
    reaction = _reaction(town, incident, status, kind, given_at=given, **ended)
    assert asked() is is_asked
    sent: dict[str, Any] = {
        "organisation": town.organisation, "incident": incident, "made_at": clock.now(), "made_by": town.adviser,
        "status": "sent", "sent_on": clock.now().date(), "sent_by": "post",
    }  # fmt: skip
    Letter.objects.create(**sent, kind="ban_end", reaction=reaction)
    Letter.objects.create(**sent, kind=kind, reaction=_reaction(town, incident, "signed", kind))
    Letter.objects.create(**{**sent, "status": "draft", "sent_on": None, "sent_by": ""}, kind=kind, reaction=reaction)
    assert asked() is is_asked, "no other letter will do, nor one that did not go"
    Letter.objects.create(**sent, kind=kind, reaction=reaction)
    assert not asked()


def test_what_became_open_meanwhile_is_not_passed_over(town: Place, desk: Client, incident: Incident):
    finish_all(incident, town.adviser)
    MAKES[OpenPoint.LETTERS](town, incident)
    _damage(town, incident)
    response = desk.post(at("case_close", incident), {"outcome": OUTCOME, "seen": ["letters:1", "advice:2"]})
    assert response.status_code == 400 and "Damage" in response.content.decode()
    for tick in ("x", "x:1", "letters", "letters:", "letters:-1", f"letters:{'9' * 5000}", ":1", "", "\x00"):
        assert desk.post(at("case_close", incident), {"outcome": OUTCOME, "seen": [tick]}).status_code == 400, tick
    DamageLine.objects.all().delete()
    response = desk.post(at("case_close", incident), {"outcome": OUTCOME, "seen": ["letters:1", "damage:1"]})
    assert response.status_code == 302, "what was solved meanwhile may be ticked"


def test_a_second_message_after_the_list_was_shown_is_not_passed_over(town: Place, desk: Client, incident: Incident):
    finish_all(incident, town.adviser)
    _message(town, incident, is_question=False)
    _damage(town, incident)
    ticks = ticks_of(desk.get(at("case_ending", incident)))
    assert ticks == {"damage:1": False, "messages:1": False}
    _message(town, incident, is_question=False)
    response = desk.post(at("case_close", incident), {"outcome": OUTCOME, "seen": [*ticks]})
    assert response.status_code == 400 and not fresh(incident).is_closed
    assert "tick it: Messages that nobody of the desk has read (2)." in response.content.decode()
    assert ticks_of(response) == {"damage:1": True, "messages:2": False}, "what did not change stays ticked"
    Message.objects.first().delete()
    again = {"outcome": "", "seen": ["damage:1", "messages:2"]}
    assert ticks_of(desk.post(at("case_close", incident), again)) == {"damage:1": True, "messages:1": True}
    assert desk.post(at("case_close", incident), {**again, "outcome": OUTCOME}).status_code == 302, "less is no fault"


@pytest.mark.parametrize("seen", [{}, {"messages": 1}, {"damage": 2}, None, {"messages": 2}, {"messages": 3}])
def test_the_action_itself_closes_over_no_more_than_was_seen(
    town: Place, incident: Incident, seen: dict[str, int] | None
):
    finish_all(incident, town.adviser)
    for _number in range(2):
        _message(town, incident, is_question=False)
    closing = {"incident": incident, "outcome": OUTCOME, "by": town.adviser, "now": clock.now(), "seen": seen}
    if seen is None or seen.get("messages", 0) >= 2:
        close_case(**closing)
    else:
        with pytest.raises(NotSeenYet):
            close_case(**closing)
        assert not fresh(incident).is_closed


def test_what_came_in_while_it_was_closed_can_be_ticked_at_once(town: Place, desk: Client, incident: Incident):
    """Between the check of the form and the closing, one more message stands there."""
    finish_all(incident, town.adviser)
    _message(town, incident, is_question=False)
    is_there = False

    def between(execute: Any, sql: str, *rest: Any) -> Any:
        nonlocal is_there
        found = execute(sql, *rest)
        if "is_finished" in sql and not is_there:  # the form has read what is open
            is_there = True
            _message(town, incident, is_question=False)
        return found

    data = {"outcome": OUTCOME, "seen": ["messages:1"]}
    with connection.execute_wrapper(between):
        response = desk.post(at("case_close", incident), data)
    assert response.status_code == 409 and ticks_of(response) == {"messages:2": False}
    assert OUTCOME in response.content.decode() and not fresh(incident).is_closed


def ticks_of(response: Any) -> dict[str, bool]:
    """The ticks of the list as the page shows them, and whether they are set."""
    boxes = re.findall(r'<input[^>]* name="seen"[^>]*>', response.content.decode())
    return {re.search(r'value="([^"]*)"', box)[1]: " checked" in box for box in boxes}  # type: ignore[index]


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_asks_the_same_however_much_is_open(
    town: Place, desk: Client, incident: Incident, number: int, django_assert_num_queries: Any
):
    finish_all(incident, town.adviser)
    for _one in range(number):
        for code in set(OpenPoint) - {OpenPoint.CARE}:
            MAKES[code](town, incident)
    desk.get(at("case_ending", incident))
    with django_assert_num_queries(10):
        assert desk.get(at("case_ending", incident)).status_code == 200


# --- evaluation and lessons -------------------------------------------------------------------------------------------


def test_lessons_become_tasks_that_run_on(town: Place, desk: Client, as_user: Any, incident: Incident):
    finish_all(incident, town.adviser)
    data = {"outcome": OUTCOME, "evaluation": "Snel geholpen.", **lesson(town), **lesson(town, 2, words="Tweede.")}
    response = desk.post(at("case_close", incident), data)
    assert response["Location"] == at("case_ending", incident)
    closed = fresh(incident)
    assert closed.is_closed and closed.evaluation == "Snel geholpen."
    task = next(task for task in Task.objects.filter(kind="lesson") if task.words == WORDS)
    assert (task.assignee, task.status, task.incident) == (town.manager, "open", incident)
    assert task.due_at.date() == date(2026, 12, 24) and Notice.objects.filter(task=task).exists()
    assert Task.objects.filter(kind="lesson").count() == 2
    shown = desk.get(at("case_ending", incident)).content.decode()
    assert WORDS in shown and "Snel geholpen." in shown
    for page in (as_user(town.employee).get(at("report_status", incident)), as_user(town.manager).get(reverse("team"))):
        assert WORDS not in page.content.decode() and "Snel geholpen." not in page.content.decode()
    client = as_user(town.manager)
    assert client.post(reverse("task_finish", args=[task.pk])).status_code == 302
    task.refresh_from_db()
    assert task.status == "done" and fresh(incident).is_closed, "finished in a closed case"
    kinds = set(TimelineEntry.objects.filter(incident=incident).values_list("kind", flat=True))
    assert {"evaluated", "task_added", "closed"} <= kinds
    assert WORDS not in str(list(AuditEvent.objects.values_list("fields", flat=True)))


def test_another_task_of_a_closed_case_stays_as_it_is(town: Place, as_user: Any, incident: Incident):
    finish_all(incident, town.adviser)
    close_case(incident=incident, outcome=OUTCOME, by=town.adviser, now=clock.now())
    task = open_task(incident, "R01")
    for kind, code, status in (("own", "", 409), ("lesson", "", 302)):
        Task.objects.filter(pk=task.pk).update(
            kind=kind, code=code, measure=None, status="open", finished_at=None, finished_by=None
        )
        assert as_user(town.adviser).post(reverse("task_finish", args=[task.pk])).status_code == status


def test_an_open_lesson_does_not_stop_the_next_closing(town: Place, desk: Client, incident: Incident):
    finish_all(incident, town.adviser)
    desk.post(at("case_close", incident), {"outcome": OUTCOME, "evaluation": "Eerst.", **lesson(town)})
    desk.post(at("case_reopen", incident), {"reopen_reason": "Nog wat."})
    assert "Eerst." in desk.get(at("case_ending", incident)).content.decode(), "to go on from"
    assert desk.post(at("case_close", incident), {"outcome": OUTCOME}).status_code == 409
    finish_task(task=open_task(incident, "R01"), by=town.adviser, now=clock.now())
    close_case(incident=incident, outcome=OUTCOME, by=town.adviser, now=clock.now())
    assert fresh(incident).evaluation == "Eerst." and Task.objects.filter(kind="lesson", status="open").count() == 1


@pytest.mark.parametrize("change", [{"words": ""}, {"assignee": ""}, {"due_on": ""}, {"due_on": "2026-11-23"},
                                    {"due_on": "9999-12-31"}, {"due_on": "0001-01-01"}, {"due_on": "x"},
                                    {"assignee": str(uuid4())}, {"words": "x" * 301}])  # fmt: skip
def test_a_wrong_lesson_closes_nothing_and_comes_back(
    town: Place, desk: Client, incident: Incident, change: dict[str, str]
):
    finish_all(incident, town.adviser)
    data = {"outcome": OUTCOME, "evaluation": "Bewaar dit.", **lesson(town, **change)}
    response = desk.post(at("case_close", incident), data)
    text = response.content.decode()
    assert response.status_code == 400 and 'id="errors"' in text and "Bewaar dit." in text and OUTCOME in text
    assert not fresh(incident).is_closed and not Task.objects.filter(kind="lesson").exists()
    assert desk.post(at("case_close", incident), {**data, **lesson(town)}).status_code == 302


def test_who_may_not_see_the_case_gets_no_lesson_of_it(town: Place, desk: Client, as_user: Any):
    incident = make_incident(town, may_manager_see=False)
    finish_all(incident, town.adviser)
    assert desk.post(at("case_close", incident), {"outcome": OUTCOME, **lesson(town)}).status_code == 400
    keep_out(incident=incident, person=town.support, by=town.employee, now=clock.now())
    to_support = lesson(town, assignee=str(town.support.pk))
    assert desk.post(at("case_close", incident), {"outcome": OUTCOME, **to_support}).status_code == 400
    wanted = desk.get(at("case_ending", incident)).context["lesson_forms"][0].fields["assignee"].queryset
    assert town.legal in wanted and not {town.support, town.manager, town.employee} & set(wanted)
    from_form = lesson(town, assignee=str(town.legal.pk))
    assert desk.post(at("case_close", incident), {"outcome": OUTCOME, **from_form}).status_code == 302


def test_an_evaluation_comes_after_closing_too_and_writes_over_nobody(
    town: Place, desk: Client, as_user: Any, incident: Incident
):
    assert desk.post(at("case_evaluate", incident), {"evaluation": "Te vroeg."}).status_code == 409
    finish_all(incident, town.adviser)
    close_case(incident=incident, outcome=OUTCOME, by=town.adviser, now=clock.now())
    mark = desk.get(at("case_ending", incident)).context["mark"]
    theirs = as_user(town.deputy).post(at("case_evaluate", incident), {"evaluation": "Van de ander.", "mark": mark})
    assert theirs.status_code == 302
    response = desk.post(at("case_evaluate", incident), {"evaluation": "Van mij.", "mark": mark, **lesson(town)})
    text = response.content.decode()
    assert response.status_code == 409 and "Van mij." in text and "Van de ander." in text and town.deputy.name in text
    assert fresh(incident).evaluation == "Van de ander." and not Task.objects.filter(kind="lesson").exists()
    again = {"evaluation": "Samen.", "mark": response.context["mark"], **lesson(town)}
    assert desk.post(at("case_evaluate", incident), again).status_code == 302
    assert fresh(incident).evaluation == "Samen." and Task.objects.filter(kind="lesson").count() == 1


# --- own tasks --------------------------------------------------------------------------------------------------------


def test_a_task_in_own_words(town: Place, desk: Client, as_user: Any, incident: Incident):
    shown = desk.get(at("task_add", incident))
    assert shown.status_code == 200 and str(town.support.pk) in shown.content.decode()
    data = {"words": WORDS, "assignee": str(town.support.pk), "due_on": "2026-11-24"}
    assert desk.post(at("task_add", incident), data)["Location"] == at("case", incident) + "#tasks"
    task = Task.objects.get(kind="own")
    assert (task.words, task.assignee, task.status) == (WORDS, town.support, "open")
    assert fresh(incident).status == "in_progress"
    assert WORDS in as_user(town.support).get(reverse("my_tasks")).content.decode()
    assert as_user(town.support).post(reverse("task_finish", args=[task.pk])).status_code == 302


@pytest.mark.parametrize("change", [{"words": ""}, {"assignee": ""}, {"due_on": ""}, {"due_on": "2026-11-23"}])
def test_a_wrong_task_comes_back(town: Place, desk: Client, incident: Incident, change: dict[str, str]):
    data = {"words": WORDS, "assignee": str(town.support.pk), "due_on": "2026-12-01", **change}
    response = desk.post(at("task_add", incident), data)
    assert response.status_code == 400 and (WORDS in response.content.decode()) == ("words" not in change)
    assert not Task.objects.filter(kind="own").exists()


def test_a_closed_case_asks_nothing_new(town: Place, desk: Client, incident: Incident):
    finish_all(incident, town.adviser)
    close_case(incident=incident, outcome=OUTCOME, by=town.adviser, now=clock.now())
    data = {"words": WORDS, "assignee": str(town.support.pk), "due_on": "2026-12-01"}
    response = desk.post(at("task_add", incident), data)
    assert response.status_code == 409 and WORDS in response.content.decode()


# --- who handles it ---------------------------------------------------------------------------------------------------


def test_who_is_on_duty_handles_a_new_report_and_gets_what_comes(town: Place, desk: Client, incident: Incident):
    assert fresh(incident).adviser == town.adviser
    handed = {"to": str(town.deputy.pk), "moves_tasks": "on"}
    mine = set(Task.objects.filter(incident=incident, status="open", assignee=town.adviser))
    other = open_task(incident, "N02")
    Task.objects.filter(pk=other.pk).update(assignee=town.support)
    assert desk.post(at("case_assign", incident), handed)["Location"] == at("case", incident)
    assert fresh(incident).adviser == town.deputy
    moved = Task.objects.filter(incident=incident, status="open", assignee=town.deputy)
    assert set(moved) == mine - {other} and Task.objects.get(pk=other.pk).assignee == town.support
    for task in moved:
        assert set(task.notices.filter(cancelled_at=None).values_list("recipient", flat=True)) == {town.deputy.pk}
    finish_task(task=other, by=town.support, now=clock.now())
    follows = Task.objects.get(incident=incident, code="N03")
    assert follows.assignee == town.deputy, "what comes later goes to who handles it"
    assert TimelineEntry.objects.filter(incident=incident, kind="assigned", by=town.adviser).count() == 1
    assert AuditEvent.objects.get(action="incident.assigned").fields == [str(town.deputy.pk)]


def test_without_the_tick_tasks_stay(town: Place, desk: Client, incident: Incident):
    desk.post(at("case_assign", incident), {"to": str(town.deputy.pk)})
    assert not Task.objects.filter(incident=incident, assignee=town.deputy).exists()
    assert fresh(incident).adviser == town.deputy


def test_while_the_handler_is_absent_who_stands_in_gets_what_comes(town: Place, incident: Incident):
    third = make_incident(town)
    Incident.objects.filter(pk=third.pk).update(adviser=town.deputy)
    Absence.objects.create(
        organisation=town.organisation, user=town.deputy, starts_at=clock.now(), ends_at=clock.now() + timedelta(days=1)
    )
    finish_task(task=open_task(third, "N02"), by=town.adviser, now=clock.now())
    assert Task.objects.get(incident=third, code="N03").assignee == town.adviser


def test_only_who_can_handle_it_is_given_the_case(town: Place, desk: Client, incident: Incident):
    for person in (town.employee, town.support, town.manager):
        assert desk.post(at("case_assign", incident), {"to": str(person.pk)}).status_code == 400
    keep_out(incident=incident, person=town.deputy, by=town.employee, now=clock.now())
    assert desk.post(at("case_assign", incident), {"to": str(town.deputy.pk)}).status_code == 400
    assert fresh(incident).adviser == town.adviser
    finish_all(incident, town.adviser)
    close_case(incident=incident, outcome=OUTCOME, by=town.adviser, now=clock.now())
    assert desk.post(at("case_assign", incident), {"to": str(town.adviser.pk)}).status_code == 409


def test_who_is_kept_out_handles_it_no_more(town: Place, incident: Incident):
    keep_out(incident=incident, person=town.adviser, by=town.employee, now=clock.now())
    assert fresh(incident).adviser == town.deputy


# --- who may ----------------------------------------------------------------------------------------------------------


def test_only_who_works_on_the_case(town: Place, other_town: Place, as_user: Any, incident: Incident):
    keep_out(incident=incident, person=town.deputy, by=town.employee, now=clock.now())
    get, post = ("case_ending", "task_add", "case_assign"), ("case_close", "case_evaluate", "task_add", "case_assign")
    tries = [("get", name) for name in get] + [("post", name) for name in post]
    people = [(town.employee, 403), (town.manager, 403), (town.support, 403), (town.administrator, 403),
              (other_town.adviser, 404), (town.deputy, 404)]  # fmt: skip
    before = (Task.objects.count(), fresh(incident).status)
    for method, name in tries:
        data = {"outcome": OUTCOME, "to": str(town.adviser.pk)} if method == "post" else {}
        answer = getattr(Client(), method)(at(name, incident), data)
        assert answer.status_code in {200, 302} and b"VW-" not in answer.content, name
        for person, status in people:
            assert getattr(as_user(person), method)(at(name, incident), data).status_code == status, (name, person)
    assert (Task.objects.count(), fresh(incident).status) == before
    for name in get:
        assert as_user(town.adviser).get(at(name, incident)).status_code == 200


def test_the_action_itself_gives_no_lesson_to_who_must_not_see_it(town: Place):
    from_action = make_incident(town, may_manager_see=False)
    finish_all(from_action, town.adviser)
    wanted = [WantedTask("x", town.manager, clock.now())]
    with pytest.raises(CannotBeGiven):
        close_case(incident=from_action, outcome=OUTCOME, lessons=wanted, by=town.adviser, now=clock.now())
    assert not fresh(from_action).is_closed


@pytest.mark.parametrize("name", ["task_add", "case_assign"])
def test_small_pages_ask_a_fixed_number(
    town: Place, desk: Client, incident: Incident, name: str, django_assert_num_queries: Any
):
    desk.get(at(name, incident))
    with django_assert_num_queries(9):
        desk.get(at(name, incident))
