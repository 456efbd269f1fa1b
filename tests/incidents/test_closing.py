"""The end of a case: what was done is told, whether it helped is heard, and it can be opened again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from guidance.changes import Changes
from guidance.models import MenuCard
from guidance.vocabulary import ClosedDay
from incidents.actions.closing import NotClosed, close_case, reopen_for_person
from incidents.actions.evaluation import evaluation_mark
from incidents.actions.exclusions import keep_out
from incidents.actions.reminders.sweep import sweep
from incidents.actions.tasks import finish_task
from incidents.models import Incident, News, Note, Notice, Statement, Task, TimelineEntry
from incidents.views.closing import closing_context
from incidents.views.typed import mark_of_writer
from tests import clock
from tests.world import ALL_SEEN, Place, make_incident, open_task
from vpdportal.accounts.models import Absence
from vpdportal.audit.models import AuditEvent

OUTCOME = "Wij spraken met u, en hij kreeg een brief."
REASON = "Kanarie: hij stond vandaag weer aan de balie. 😡"


def closed(town: Place, **more: Any) -> Incident:
    """A case that is closed now, with all its tasks done by the adviser, and nothing still to be told."""
    incident = make_incident(town, **more)
    for task in incident.tasks.filter(status="open"):
        remark = "Alleen de voicemail." if task.code == "R03" and task.step == 0 else ""
        finish_task(task=task, by=town.adviser, now=clock.now(), remark=remark)
    incident.tasks.filter(status="open").delete()  # what followed
    Notice.objects.all().delete()
    News.objects.all().delete()
    return close_case(incident=incident, outcome=OUTCOME, by=town.adviser, now=clock.now())


def fresh(incident: Incident) -> Incident:
    found: Incident = Incident.objects.get(pk=incident.pk)
    return found


def at(name: str, incident: Incident) -> str:
    return reverse(name, args=[incident.pk])


def page(response: Any) -> str:
    return response.content.decode()


def reopening(reason: str = REASON) -> dict[str, str]:
    return {"reason": reason, "form_key": str(uuid4())}


# --- closing ---------------------------------------------------------------------------------------------------------


def test_closing_tells_reporter_and_person_hit(town: Place, as_user: Any):
    incident = closed(town, affected=town.support, affected_name="Iemand")
    told = News.objects.filter(kind="closed").values_list("recipient", flat=True)
    assert set(told) == {town.employee.pk, town.support.pk}
    sweep(now=clock.now())
    assert {message.to[0] for message in mail.outbox} == {town.employee.email, town.support.email}
    assert all(OUTCOME not in message.body for message in mail.outbox)
    assert fresh(incident).outcome == OUTCOME


def test_the_form_says_that_the_reporter_reads_it(town: Place, english: Any):
    incident = make_incident(town)
    assert "The reporter reads this." in page(english(town.adviser).get(at("case_ending", incident)))


# --- whether it helped -----------------------------------------------------------------------------------------------


def test_the_answer_reaches_the_desk(town: Place, english: Any):
    incident = closed(town)
    response = english(town.employee).post(
        at("helped", incident), {"helped": "partly", "remark": "Het duurde lang. 🐌"}
    )
    assert response["Location"] == at("report_status", incident)
    answered = fresh(incident)
    assert (answered.was_helped, answered.helped_remark) == ("partly", "Het duurde lang. 🐌")
    assert answered.helped_at == clock.now()
    assert News.objects.filter(kind="added", recipient=town.adviser).count() == 1
    desk = english(town.adviser)
    assert incident.reference in page(desk.get(reverse("work_list")))
    desk.get(at("case", incident))
    case = page(desk.get(at("case_ending", incident)))
    assert "Het duurde lang." in case and "<strong>Partly</strong>" in case
    assert TimelineEntry.objects.filter(incident=incident, kind="helped_answered", by=town.employee).count() == 1
    assert AuditEvent.objects.get(action="incident.helped_answered").fields == ["partly"]


def test_a_plain_yes_asks_nothing_of_the_desk(town: Place, as_user: Any):
    incident = closed(town)
    as_user(town.employee).post(at("helped", incident), {"helped": "yes"})
    assert fresh(incident).was_helped == "yes" and not News.objects.filter(kind="added").exists()


def test_a_no_asks_at_once_whether_to_open_it_again(town: Place, english: Any):
    incident = closed(town)
    client = english(town.employee)
    response = client.post(at("helped", incident), {"helped": "no"})
    assert response["Location"] == at("reopen", incident)
    assert at("reopen", incident) in page(client.get(response["Location"]))
    late = closed(town)
    clock.move(days=31)
    assert client.post(at("helped", late), {"helped": "no"})["Location"] == at("report_status", late)


def test_the_answer_can_be_changed_for_30_days(town: Place, english: Any):
    incident, client = closed(town), english(town.employee)
    for _click in range(2):
        client.post(at("helped", incident), {"helped": "partly"})
    assert TimelineEntry.objects.filter(kind="helped_answered").count() == 1, "a double click answers once"
    clock.move(days=30)
    assert client.post(at("helped", incident), {"helped": "no"}).status_code == 302
    assert fresh(incident).was_helped == "no"
    assert News.objects.filter(kind="added").count() == 2, "another answer is told again"
    clock.move(days=30, seconds=1)
    response = client.post(at("helped", incident), {"helped": "yes", "remark": "toch nog dit"})
    assert response.status_code == 409 and "toch nog dit" in page(response)
    assert fresh(incident).was_helped == "no"


def test_the_first_answer_may_come_late(town: Place, as_user: Any):
    incident = closed(town)
    clock.move(days=200)
    assert as_user(town.employee).post(at("helped", incident), {"helped": "yes"}).status_code == 302
    assert fresh(incident).was_helped == "yes"


@pytest.mark.parametrize("data", [{}, {"helped": "maybe"}, {"helped": "no", "remark": "x" * 2001},
                                  {"helped": "no", "remark": "a\x00b"}])  # fmt: skip
def test_a_wrong_answer_comes_back_as_typed(town: Place, as_user: Any, data: dict[str, str]):
    incident = closed(town)
    response = as_user(town.employee).post(at("helped", incident), data)
    assert response.status_code == 400 and 'id="errors"' in page(response)
    assert data.get("remark", "").replace("\x00", "") in page(response).replace("\x00", "")
    assert fresh(incident).was_helped == ""


def test_an_open_case_has_no_end_to_speak_of(town: Place, as_user: Any):
    incident, client = make_incident(town), as_user(town.employee)
    for name, data in (("helped", {"helped": "no", "remark": REASON}), ("reopen", reopening())):
        assert client.get(at(name, incident)).status_code == 200
        response = client.post(at(name, incident), data)
        assert response.status_code == 409 and REASON in page(response)
    assert as_user(town.adviser).post(at("case_reopen", incident), {"reopen_reason": REASON}).status_code == 409
    assert fresh(incident).was_helped == "" and not Statement.objects.exists() and not Note.objects.exists()


def test_only_who_sees_the_whole_page_speaks(town: Place, other_town: Place, as_user: Any):
    incident = closed(town, affected=town.support, affected_name="Iemand")
    for person in (town.employee, town.adviser, town.manager, other_town.adviser):
        for name, data in (("helped", {"helped": "no"}), ("reopen", reopening())):
            assert as_user(person).get(at(name, incident)).status_code == 404
            assert as_user(person).post(at(name, incident), data).status_code == 404
    assert fresh(incident).is_closed and fresh(incident).was_helped == ""
    assert as_user(town.support).post(at("helped", incident), {"helped": "no"}).status_code == 302
    assert as_user(town.support).post(at("reopen", incident), reopening()).status_code == 302


def test_the_status_page_carries_the_end_for_who_speaks(town: Place, english: Any):
    incident = closed(town, affected=town.support, affected_name="Iemand")
    address = at("report_status", incident)
    shown, receipt = page(english(town.support).get(address)), page(english(town.employee).get(address))
    for part in (OUTCOME, f'action="{at("helped", incident)}"', f'action="{at("reopen", incident)}"'):
        assert part in shown and part not in receipt
    english(town.support).post(at("helped", incident), {"helped": "yes", "remark": "Dank u."})
    answered = page(english(town.support).get(address))
    assert "Dank u." in answered and f'action="{at("helped", incident)}"' not in answered
    assert f'href="{at("helped", incident)}"' in answered, "it can be changed"
    clock.move(days=31)
    late = page(english(town.support).get(address))
    assert at("helped", incident) not in late and f'action="{at("reopen", incident)}"' not in late
    assert at("messages", incident) in late


def test_the_end_is_news_until_it_was_read(town: Place, english: Any):
    incident, client = closed(town), english(town.employee)
    assert "new to read" in page(client.get(reverse("home")))
    client.get(at("report_status", incident))
    assert "new to read" not in page(client.get(reverse("home")))
    sweep(now=clock.now())
    assert mail.outbox == [], "read already"


# --- opening it again ------------------------------------------------------------------------------------------------


def test_a_person_opens_it_again_and_the_adviser_calls(town: Place, english: Any):
    incident = closed(town)
    before = open_task(incident, "R03")
    clock.set_to(datetime(2026, 11, 27, 15, 0, tzinfo=UTC))  # a Friday
    client = english(town.employee)
    assert client.post(at("reopen", incident), reopening())["Location"] == at("report_status", incident)
    again = fresh(incident)
    assert (again.status, again.closed_at, again.closed_by) == ("in_progress", None, None)
    assert again.reopened_at == clock.now()
    statement = Statement.objects.get()
    assert (statement.text, statement.given_as, statement.by) == (REASON, "reporter", town.employee)
    task = open_task(incident, "R03")
    assert (task.pk, task.status, task.finished_at, task.reason) == (before.pk, "open", None, "")
    assert task.assignee == town.adviser
    assert task.due_at == datetime(2026, 11, 30, 16, 0, tzinfo=UTC), "Monday, the end of the working day"
    assert list(incident.tasks.filter(status="open")) == [task]
    assert set(task.notices.values_list("step", flat=True)) >= {"assigned", "deadline"}
    assert TimelineEntry.objects.filter(incident=incident, kind="reopened", by=town.employee).count() == 1
    assert AuditEvent.objects.get(action="incident.reopened").fields == ["R03.0"]
    desk = english(town.adviser)
    work = page(desk.get(reverse("work_list"), {"tab": "all"}))
    assert "opened again" in work and "Something new to read in 1 case" in work
    case = page(desk.get(at("case", incident)))
    assert "Opened again" in case and f'href="{reverse("task", args=[task.pk])}"' in case
    assert "Something new to read" not in page(desk.get(reverse("work_list")))


def test_the_desk_and_the_other_party_hear_of_it(town: Place):
    incident = closed(town, affected=town.support, affected_name="Iemand")
    News.objects.all().delete()
    reopen_for_person(incident=incident, reason=REASON, form_key=uuid4(), by=town.support, now=clock.now())
    told = News.objects.filter(kind="reopened").values_list("recipient", flat=True)
    assert set(told) == {town.adviser.pk, town.employee.pk}
    assert Statement.objects.get().given_as == "affected"
    sweep(now=clock.now())
    assert {message.to[0] for message in mail.outbox} == {town.adviser.email, town.employee.email}
    assert all(word not in message.body for message in mail.outbox for word in ("Kanarie", "opnieuw", "again"))


def test_what_was_told_and_remarked_before_is_kept(town: Place, as_user: Any):
    incident = closed(town)
    closed_at = incident.closed_at
    clock.move(days=2)
    client = as_user(town.employee)
    client.cookies["vpd_language"] = "en"
    client.post(at("reopen", incident), reopening())
    notes = {note.text: (note.by, note.at) for note in Note.objects.all()}
    assert {(town.adviser, closed_at)} == set(notes.values())
    assert f"Verteld bij het sluiten: {OUTCOME}" in notes
    assert any(OUTCOME in text for text in notes) and any("Alleen de voicemail." in text for text in notes)


REMARK = "KLACHT: er is niets gedaan. 😡"


def test_an_answer_and_its_words_outlive_the_next_closing(town: Place, english: Any):
    incident, reporter, desk = closed(town), english(town.employee), english(town.adviser)
    reporter.post(at("helped", incident), {"helped": "no", "remark": REMARK})
    answered_at = clock.now()
    clock.move(days=1)
    assert desk.post(at("case_reopen", incident), {"reopen_reason": "Nog wat."}).status_code == 302
    finish_task(task=open_task(incident, "R01"), by=town.adviser, now=clock.move(days=1))
    assert desk.post(at("case_close", incident), {"outcome": "Nu wel klaar.", "seen": ALL_SEEN}).status_code == 302
    assert fresh(incident).helped_remark is None
    kept = Statement.objects.get()
    assert (kept.by, kept.at, kept.given_as) == (town.employee, answered_at, "reporter")
    assert REMARK in page(desk.get(at("case", incident))) and REMARK in page(
        reporter.get(at("report_status", incident))
    )
    assert "Bent u geholpen? Nee" in kept.text, "stored in Dutch, whoever pressed"
    desk.post(at("case_reopen", incident), {"reopen_reason": "En nog wat."})
    assert Statement.objects.count() == 1, "without a new answer there is nothing more to keep"


def test_the_answer_of_the_person_hit_stays_theirs(town: Place, english: Any):
    incident = closed(town, affected=town.support, affected_name="Iemand")
    english(town.support).post(at("helped", incident), {"helped": "yes"})
    english(town.support).post(at("reopen", incident), reopening())
    kept = Statement.objects.all()
    assert {(one.by, one.given_as) for one in kept} == {(town.support, "affected")}
    assert sorted(one.text for one in kept) == sorted([REASON, "Bent u geholpen? Ja"])
    assert "Bent u geholpen? Ja" not in page(english(town.employee).get(at("report_status", incident)))


def test_other_words_with_the_same_answer_are_told_again(town: Place, english: Any):
    incident, reporter, desk = closed(town), english(town.employee), english(town.adviser)
    for text in ("Een.", "Twee: ik ga aangifte doen."):
        clock.move(minutes=5)
        for _click in range(2):
            reporter.post(at("helped", incident), {"helped": "no", "remark": text})
        work = desk.get(reverse("work_list"))
        assert work.context["unread_count"] == 1, text
        desk.get(at("case", incident))
        assert desk.get(reverse("work_list")).context["unread_count"] == 0
    assert News.objects.filter(kind="added").count() == 2


def test_the_next_closing_asks_anew(town: Place, as_user: Any):
    incident, client = closed(town), as_user(town.employee)
    client.post(at("helped", incident), {"helped": "no", "remark": "Nee."})
    client.post(at("reopen", incident), reopening())
    assert fresh(incident).was_helped == "no", "the adviser still sees why"
    finish_task(task=open_task(incident, "R03"), by=town.adviser, now=clock.move(days=1))
    close_case(incident=incident, outcome="Nu wel klaar.", by=town.adviser, now=clock.now())
    last = fresh(incident)
    assert (last.was_helped, last.helped_at, last.helped_remark, last.outcome) == ("", None, None, "Nu wel klaar.")
    assert News.objects.filter(kind="closed", recipient=town.employee).count() == 2


def test_a_double_click_opens_once(town: Place, as_user: Any):
    incident, data = closed(town), reopening()
    client = as_user(town.employee)
    assert [client.post(at("reopen", incident), data).status_code for _click in range(2)] == [302, 302]
    assert Statement.objects.count() == TimelineEntry.objects.filter(kind="reopened").count() == 1


def test_the_form_of_an_earlier_reopening_is_not_taken_for_this_one(town: Place, english: Any):
    """Back in the browser to the page that was sent before: what is typed now is not lost, and nothing is doubled."""
    incident, data = closed(town), reopening("Eerste reden.")
    client = english(town.employee)
    client.post(at("reopen", incident), data)
    other = client.post(at("reopen", incident), {**data, "reason": "Tweede reden."})
    assert other.status_code == 409 and "Tweede reden." in page(other), "it is open, so these words go elsewhere"
    for reason in ("Tweede reden.", "Eerste reden."):
        for task in incident.tasks.filter(status="open"):
            finish_task(task=task, by=town.adviser, now=clock.move(minutes=1))
        close_case(incident=incident, outcome="Klaar.", by=town.adviser, now=clock.now())
        assert client.post(at("reopen", incident), {**data, "reason": reason}).status_code == 302
        assert fresh(incident).status == "in_progress"
    assert sorted(one.text for one in Statement.objects.all()) == ["Eerste reden.", "Eerste reden.", "Tweede reden."]


def test_a_form_key_of_another_case_opens_this_one(town: Place, as_user: Any):
    first, second, data = closed(town), closed(town), reopening()
    for incident in (first, second):
        assert as_user(town.employee).post(at("reopen", incident), data).status_code == 302
        assert fresh(incident).status == "in_progress"


def test_two_who_open_it_at_once_open_it_once(committed: None, town: Place):
    incident = closed(town)

    def ask(_number: int) -> bool:
        try:
            reopen_for_person(incident=incident, reason=REASON, form_key=uuid4(), by=town.employee, now=clock.now())
        except NotClosed:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(ask, range(4))) == 1
    assert Statement.objects.count() == 1


def test_after_30_days_the_page_says_what_else_is_possible(town: Place, english: Any):
    incident, client = closed(town), english(town.employee)
    clock.move(days=30)
    assert closing_context(incident, town.employee, clock.now())["closing"].reopen_form is not None
    clock.move(seconds=1)
    assert closing_context(incident, town.employee, clock.now())["closing"].reopen_form is None
    shown = page(client.get(at("reopen", incident)))
    assert at("messages", incident) in shown and reverse("report") in shown
    response = client.post(at("reopen", incident), reopening())
    assert response.status_code == 409 and REASON in page(response)
    assert fresh(incident).is_closed and not Statement.objects.exists()


@pytest.mark.parametrize("reason", ["", " \n", "x" * 4001, "a\x00b"])
def test_a_reason_is_needed_and_a_wrong_one_comes_back(town: Place, as_user: Any, reason: str):
    incident = closed(town)
    for client, name, field in (
        (as_user(town.employee), "reopen", "reason"),
        (as_user(town.adviser), "case_reopen", "reopen_reason"),
    ):
        response = client.post(at(name, incident), {field: reason, "form_key": str(uuid4())})
        assert response.status_code == 400 and 'id="errors"' in page(response)
        assert reason.strip().replace("\x00", "") in page(response).replace("\x00", "")
    assert fresh(incident).is_closed


def test_the_desk_opens_it_again_at_any_time_with_a_note(town: Place, other_town: Place, english: Any):
    incident = closed(town)
    clock.set_to(clock.START + timedelta(days=400))
    assert english(other_town.adviser).post(at("case_reopen", incident), {"reopen_reason": "?"}).status_code == 404
    desk = english(town.deputy)
    response = desk.post(at("case_reopen", incident), {"reopen_reason": "Er kwam een brief van de politie."})
    assert response["Location"] == at("case", incident)
    note = Note.objects.order_by("at").last()
    assert (note.text, note.by) == ("Er kwam een brief van de politie.", town.deputy)
    task = open_task(incident, "R01")
    assert task.status == "open" and task.due_at > clock.now() and task.assignee == town.adviser
    assert not Statement.objects.exists()
    assert f'href="{reverse("task", args=[task.pk])}"' in page(desk.get(at("case", incident)))
    told = News.objects.filter(kind="reopened").values_list("recipient", flat=True)
    assert set(told) == {town.adviser.pk, town.employee.pk}
    assert News.objects.get(kind="reopened", recipient=town.employee).seen_at is None
    assert desk.get(reverse("work_list")).context["unread_count"] == 0, (
        "the desk saw it; what the reporter saw is theirs"
    )


def test_who_is_on_duty_gets_it(town: Place, as_user: Any):
    away, hidden = closed(town), closed(town)
    keep_out(incident=hidden, person=town.adviser, by=town.employee, now=clock.now())
    as_user(town.employee).post(at("reopen", hidden), reopening())
    assert open_task(hidden, "R03").assignee == town.deputy
    Absence.objects.create(
        organisation=town.organisation,
        user=town.adviser,
        starts_at=clock.now(),
        ends_at=clock.now() + timedelta(days=1),
    )
    as_user(town.employee).post(at("reopen", away), reopening())
    assert open_task(away, "R03").assignee == town.deputy
    assert not News.objects.filter(kind="reopened", recipient=town.adviser).exists()


def test_the_new_term_follows_the_calendar_of_the_card(town: Place, as_user: Any):
    MenuCard.objects.create(
        organisation=town.organisation,
        number=1,
        published_at=clock.now(),
        published_by=town.administrator,
        changes=Changes(closed_day=ClosedDay.ALWAYS).to_data(),
    )
    clock.set_to(datetime(2026, 5, 4, 8, 0, tzinfo=UTC))
    incident = closed(town)
    as_user(town.employee).post(at("reopen", incident), reopening())
    assert open_task(incident, "R03").due_at == datetime(2026, 5, 6, 15, 0, tzinfo=UTC), "5 May is a day off here"


def test_without_a_task_to_open_it_is_still_opened(town: Place, as_user: Any):
    incident = closed(town)
    Task.objects.filter(incident=incident, code="R03").delete()
    as_user(town.employee).post(at("reopen", incident), reopening())
    assert open_task(incident, "R01").status == "open", "the other one"
    bare = closed(town)
    Task.objects.filter(incident=bare).delete()
    assert as_user(town.employee).post(at("reopen", bare), reopening()).status_code == 302
    assert fresh(bare).status == "in_progress"


def test_words_typed_in_an_ended_session_come_back(town: Place):
    incident, client = closed(town), Client()
    client.force_login(town.employee)
    writer = client.get(at("reopen", incident)).context["writer"]
    client.logout()
    signing_in = client.post(at("reopen", incident), {**reopening(), "writer": writer})
    assert signing_in.status_code == 200 and REASON in page(signing_in)
    assert fresh(incident).is_closed


def test_an_evaluation_that_is_sent_twice_gives_out_its_lessons_once(town: Place, as_user: Any):
    incident, client = closed(town), as_user(town.adviser)
    data = {
        "evaluation": "Goed gegaan.", "mark": evaluation_mark(incident), "writer": mark_of_writer(town.adviser),
        "lesson-0-words": "Andere balie", "lesson-0-assignee": str(town.adviser.pk), "lesson-0-due_on": "2026-12-01",
    }  # fmt: skip
    for _press in range(2):
        assert client.post(reverse("case_evaluate", args=[incident.pk]), data).status_code == 302
    assert incident.tasks.filter(kind="lesson").count() == 1
    clock.move(hours=1)
    data |= {"mark": evaluation_mark(fresh(incident))}
    client.post(reverse("case_evaluate", args=[incident.pk]), data)
    assert incident.tasks.filter(kind="lesson").count() == 2, "later it is asked again"
