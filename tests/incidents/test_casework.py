"""The adviser's desk and case: lists that count right, decisions with names and reasons, two people at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from guidance.vocabulary import Severity
from incidents.actions.case import confirm_severity
from incidents.actions.refusals import AlreadyFinished
from incidents.actions.tasks import finish_task
from incidents.models import Incident, Note, Task, TimelineEntry
from tests import clock
from tests.world import ALL_SEEN, Place, make_incident, open_task
from vpdportal.accounts.models import Absence


@pytest.mark.parametrize(("name", "queries"), [("my_tasks", 4), ("team", 4)])
def test_lists_ask_the_same_however_long_they_are(
    town: Place, as_user: Any, django_assert_num_queries: Any, name: str, queries: int
):
    person = town.manager if name == "team" else town.adviser
    for number in (1, 3):
        while Incident.objects.count() < number:
            make_incident(town, reporter_is="colleague", affected_name="Eva Voorbeeld")
        client = as_user(person)
        client.get(reverse(name))
        with django_assert_num_queries(queries):
            assert client.get(reverse(name)).status_code == 200


def test_the_team_page_names_who_was_hit_or_else_who_reported_it(town: Place, as_user: Any):
    own = make_incident(town)
    linked = make_incident(town, by=town.legal, affected=town.support, reporter_is="colleague", affected_name="Eva V.")
    unlinked = make_incident(town, by=town.legal, reporter_is="colleague", affected_name="Eva Voorbeeld")
    client = as_user(town.manager)
    client.cookies["vpd_language"] = "en"
    page = client.get(reverse("team")).content.decode()
    expected = {own: town.employee.name, linked: town.support.name, unlinked: f"reported by {town.legal.name}"}
    for incident, who in expected.items():
        assert page.split(incident.reference)[1].split('data-label="Who">')[1].split("</td>")[0] == who
    assert "Eva" not in page


def test_case_page_asks_the_same_however_much_there_is(town: Place, as_user: Any, django_assert_num_queries: Any):
    little = make_incident(town, behaviours=("other",), perpetrator_known=False)
    much = make_incident(town, behaviours=("physical_violence",), injury=True, damage=True, hospital_admission=True)
    assert much.measures.count() > 2 * little.measures.count()
    client = as_user(town.adviser)
    for incident in (little, much):
        with django_assert_num_queries(10):
            assert client.get(reverse("case", args=[incident.pk])).status_code == 200


def test_answering_a_question_changes_the_advice(town: Place, as_user: Any):
    incident = make_incident(town, behaviours=("threat",))
    assert not incident.measures.filter(code="R11").exists()
    answers = {"offence_suspected": "yes", "safe_to_meet": "yes"}
    as_user(town.adviser).post(reverse("case_facts", args=[incident.pk]), answers)
    codes = set(incident.measures.values_list("code", flat=True))
    assert {"R11", "R12", "R13", "R05"} <= codes
    assert open_task(incident, "R11").due_at is not None
    assert TimelineEntry.objects.filter(incident=incident, kind="facts_added").count() == 1


def test_police_asking_to_wait_holds_what_goes_to_the_perpetrator(town: Place, as_user: Any):
    incident = make_incident(town, behaviours=("threat",))
    client = as_user(town.adviser)
    client.post(reverse("case_facts", args=[incident.pk]), {"offence_suspected": "yes"})
    client.post(reverse("case_facts", args=[incident.pk]), {"police_ask_to_wait": "yes"})
    assert open_task(incident, "R06").is_on_hold and not open_task(incident, "N02").is_on_hold
    clock.move(days=4)
    assert not open_task(incident, "R06").is_overdue(clock.now())
    assert open_task(incident, "N02").is_overdue(clock.now())


def test_choosing_a_ban_brings_what_has_to_follow(town: Place, as_user: Any):
    incident = make_incident(town, behaviours=("threat",))
    assert not incident.tasks.filter(code__in=["R09", "R10", "R23"]).exists()
    measure = incident.measures.get(code="R09")
    as_user(town.adviser).post(reverse("case_measure", args=[incident.pk, measure.pk]), {"choice": "take"})
    assert {"R09", "R10", "R21", "R23"} <= set(incident.tasks.values_list("code", flat=True))
    first_end = (clock.now() + timedelta(days=92)).date()  # three months, the shortest that the ladder suggests here
    assert (first_end - open_task(incident, "R23").due_at.date()).days == 14


def test_a_talk_that_was_held_brings_the_next_two(town: Place, as_user: Any):
    incident = make_incident(town)
    assert not incident.tasks.filter(code__in=["N03", "N04"]).exists()
    waiting = incident.measures.get(code="N03")
    early = as_user(town.adviser).post(reverse("case_measure", args=[incident.pk, waiting.pk]), {"choice": "take"})
    assert early.status_code == 409 and not incident.tasks.filter(code="N03").exists()
    as_user(town.adviser).post(reverse("task_finish", args=[open_task(incident, "N02").pk]))
    assert (open_task(incident, "N03").due_at - clock.now()).days in {13, 14}
    assert (open_task(incident, "N04").due_at - clock.now()).days in {55, 56}


def test_leaving_out_needs_a_reason_and_keeps_the_name(town: Place, as_user: Any):
    incident = make_incident(town)
    measure = incident.measures.get(code="P16")
    address = reverse("case_measure", args=[incident.pk, measure.pk])
    client = as_user(town.adviser)
    assert client.post(address, {"choice": "decline", "reason": " "}).status_code == 400
    assert client.post(address, {"choice": "decline", "reason": "Is al besproken."}).status_code == 302
    measure.refresh_from_db()
    assert (measure.status, measure.reason, measure.decided_by) == ("declined", "Is al besproken.", town.adviser)
    assert incident.tasks.get(code="P16").status == "declined"
    assert "Is al besproken." in client.get(reverse("case", args=[incident.pk])).content.decode()


@pytest.mark.parametrize(
    ("to", "reason", "status"), [(2, "", 302), (3, "", 409), (3, "Was erger.", 302), (4, "Nee.", 409)]
)
def test_severity_moves_one_step_with_a_reason(town: Place, as_user: Any, to: int, reason: str, status: int):
    incident = make_incident(town)
    data = {"nature": "aggression", "severity": to, "severity_reason": reason}
    response = as_user(town.adviser).post(reverse("case_severity", args=[incident.pk]), data)
    assert response.status_code == status
    incident.refresh_from_db()
    assert incident.severity == (to if status == 302 else 2)
    if status == 409:
        assert "message--error" in response.content.decode()


def test_lowering_a_four_takes_two_people(town: Place, as_user: Any):
    incident = make_incident(town, behaviours=("physical_violence",))
    address, data = (
        reverse("case_severity", args=[incident.pk]),
        {"nature": "aggression", "severity": 3, "severity_reason": "Geen letsel."},
    )
    for _try in range(2):  # the same person twice is one person
        page = as_user(town.adviser).post(address, data, follow=True).content.decode()
        incident.refresh_from_db()
        assert incident.severity == 4 and "Geen letsel." in page
    as_user(town.deputy).post(address, data)
    incident.refresh_from_db()
    assert (incident.severity, incident.severity_confirmed_by) == (3, town.deputy)


def test_the_same_note_within_a_minute_is_one(town: Place, as_user: Any):
    incident, other = make_incident(town), make_incident(town)
    sent: list[tuple[Any, Incident, str, int]] = [
        (town.adviser, incident, "Gebeld. 😡", 1),
        (town.adviser, incident, " Gebeld. 😡\n", 1),
        (town.deputy, incident, "Gebeld. 😡", 2),
        (town.adviser, incident, "Nog eens gebeld.", 3),
        (town.adviser, other, "Gebeld. 😡", 4),
    ]
    for person, case, text, count in sent:
        response = as_user(person).post(reverse("case_note", args=[case.pk]), {"text": text})
        assert response.status_code == 302 and Note.objects.count() == count
    assert TimelineEntry.objects.filter(kind="note_added").count() == 4
    clock.move(minutes=1)
    as_user(town.adviser).post(reverse("case_note", args=[incident.pk]), {"text": "Gebeld. 😡"})
    assert Note.objects.count() == 5, "later it is said again"


def test_the_same_task_within_a_minute_is_one(town: Place, as_user: Any):
    incident = make_incident(town)
    data = {"words": "Bel de wijkagent", "assignee": str(town.support.pk), "due_on": "2026-12-01"}
    sent: list[tuple[Any, dict[str, str], int]] = [
        (town.adviser, {}, 1),
        (town.adviser, {"words": " Bel de wijkagent "}, 1),
        (town.deputy, {}, 2),
        (town.adviser, {"words": "Bel de buren"}, 3),
        (town.adviser, {"assignee": str(town.deputy.pk)}, 4),
        (town.adviser, {"due_on": "2026-12-02"}, 5),
    ]
    for person, change, count in sent:
        clock.move(seconds=1)
        response = as_user(person).post(reverse("task_add", args=[incident.pk]), {**data, **change})
        assert response.status_code == 302 and Task.objects.filter(kind="own").count() == count
    assert TimelineEntry.objects.filter(incident=incident, kind="task_added").count() == 5
    clock.move(minutes=1)
    as_user(town.adviser).post(reverse("task_add", args=[incident.pk]), data)
    assert Task.objects.filter(kind="own").count() == 6, "later it is asked again"


@pytest.mark.parametrize(("page", "form"), [("case_timeline", "case_note"), ("task_add", "task_add")])
def test_these_forms_send_once(town: Place, as_user: Any, page: str, form: str):
    incident = make_incident(town)
    shown = as_user(town.adviser).get(reverse(page, args=[incident.pk])).content.decode()
    assert f'action="{reverse(form, args=[incident.pk])}" novalidate data-once>' in shown
    assert "portal/page" in shown, "the script that does it"


def test_a_case_closes_only_when_nothing_is_open(town: Place, as_user: Any):
    incident = make_incident(town, behaviours=("other",), perpetrator_known=False)
    client, address = as_user(town.adviser), reverse("case_close", args=[incident.pk])
    assert client.post(address, {"outcome": "Besproken.", "seen": ALL_SEEN}).status_code == 409
    for task in incident.tasks.all():
        client.post(reverse("task_finish", args=[task.pk]))
    ending = {"outcome": "Besproken met het team.", "seen": ALL_SEEN}
    assert client.post(address, ending).status_code == 302
    status = as_user(town.employee).get(reverse("report_status", args=[incident.pk])).content.decode()
    assert "Besproken met het team." in status
    assert client.post(reverse("case_note", args=[incident.pk]), {"text": "te laat"}).status_code == 409


def test_a_note_stays_inside(town: Place, as_user: Any):
    incident = make_incident(town)
    as_user(town.adviser).post(reverse("case_note", args=[incident.pk]), {"text": "alleen voor ons"})
    assert "alleen voor ons" in as_user(town.deputy).get(reverse("case_timeline", args=[incident.pk])).content.decode()
    assert (
        "alleen voor ons"
        not in as_user(town.employee).get(reverse("report_status", args=[incident.pk])).content.decode()
    )


def test_handing_over_gives_the_task_and_no_story(town: Place, as_user: Any):
    incident = make_incident(town, story="kanarie", contact="06-12 na vijven")
    task = open_task(incident, "N02")
    as_user(town.adviser).post(reverse("task_hand_over", args=[task.pk]), {"to": town.support.pk})
    client = as_user(town.support)
    page = client.get(reverse("task", args=[task.pk])).content.decode()
    assert "06-12 na vijven" in page and "kanarie" not in page
    assert client.get(reverse("case", args=[incident.pk])).status_code == 403
    assert client.post(reverse("task_finish", args=[task.pk]), {"remark": "Gehouden."}).status_code == 302
    task.refresh_from_db()
    assert (task.status, task.finished_by, task.reason) == ("done", town.support, "Gehouden.")


def test_a_task_cannot_go_to_who_takes_none(town: Place, other_town: Place, as_user: Any):
    task = open_task(make_incident(town), "N02")
    for person in (town.employee, town.management, other_town.adviser):
        response = as_user(town.adviser).post(reverse("task_hand_over", args=[task.pk]), {"to": person.pk})
        assert response.status_code == 400
    task.refresh_from_db()
    assert task.assignee == town.adviser


def test_the_second_to_finish_is_told_and_nothing_is_doubled(town: Place, as_user: Any):
    task = open_task(make_incident(town), "N02")
    address = reverse("task_finish", args=[task.pk])
    assert as_user(town.adviser).post(address).status_code == 302
    late = as_user(town.deputy).post(address, {"remark": "mijn opmerking"})
    assert late.status_code == 409 and "message--error" in late.content.decode()
    assert TimelineEntry.objects.filter(kind="task_done", code="N02").count() == 1


def test_two_at_the_same_time_is_one(committed: None, town: Place):
    task = open_task(make_incident(town), "N02")

    def finish(person: Any) -> str:
        try:
            finish_task(task=task, by=person, now=clock.now())
        except AlreadyFinished:
            return "late"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(finish, [town.adviser, town.deputy]))
    assert outcomes == ["done", "late"]
    assert TimelineEntry.objects.filter(kind="task_done", code="N02").count() == 1
    assert Task.objects.filter(code="N03").count() == 1


def test_an_absent_adviser_s_new_tasks_go_to_the_deputy(town: Place, as_user: Any):
    page = {"first_day": "2026-11-24", "back_on": "2026-12-01"}
    assert as_user(town.adviser).post(reverse("absence"), page).status_code == 302
    assert open_task(make_incident(town), "R01").assignee == town.deputy
    clock.move(days=8)
    assert open_task(make_incident(town), "R01").assignee == town.adviser


def test_planned_absences_ask_the_same_however_many(town: Place, as_user: Any, django_assert_num_queries: Any):
    client = as_user(town.adviser)
    for number in (1, 3):
        while Absence.objects.count() < number:
            day = 10 + Absence.objects.count()
            client.post(reverse("absence"), {"first_day": f"2026-12-{day}", "back_on": f"2026-12-{day + 1}"})
        client.get(reverse("absence"))
        with django_assert_num_queries(4):
            page = client.get(reverse("absence")).content.decode()
        assert page.count("/vervalt/") == number
    planned = Absence.objects.first()
    assert planned is not None
    client.post(reverse("absence_cancel", args=[planned.pk]))
    assert Absence.objects.count() == 2


@pytest.mark.parametrize(
    "page", [{"first_day": "2026-12-02", "back_on": "2026-12-01"}, {"first_day": "", "back_on": ""}]
)
def test_an_absence_that_cannot_be_is_refused(town: Place, as_user: Any, page: dict[str, str]):
    response = as_user(town.adviser).post(reverse("absence"), page)
    assert 'id="errors"' in response.content.decode()


@pytest.fixture
def confirm(town: Place) -> Callable[..., Incident]:
    return lambda incident, severity: confirm_severity(
        incident=incident, severity=Severity(severity), reason="omdat", by=town.adviser, now=clock.now()
    )


def test_a_higher_severity_brings_more_to_do(town: Place, confirm: Callable[..., Incident]):
    incident = make_incident(town)
    assert not incident.measures.filter(code="P02").exists()
    confirm(incident, 3)
    assert open_task(incident, "P02").assignee == town.adviser


@pytest.mark.parametrize(("first", "back"), [("0001-01-01", "2026-12-01"), ("2026-12-01", "9999-12-31")])
def test_an_absence_in_a_year_that_cannot_be_comes_back_with_a_sentence(
    town: Place, as_user: Any, first: str, back: str
):
    client = as_user(town.adviser)
    client.cookies["vpd_language"] = "en"
    answer = client.post(reverse("absence"), {"first_day": first, "back_on": back})
    assert answer.status_code == 400 and "too far" in answer.content.decode()
    assert not Absence.objects.exists()
