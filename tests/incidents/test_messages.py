"""Messages and questions: one thread a person, nothing lost, nothing sent twice, nobody reads another's."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from incidents.actions.advice import complete_facts
from incidents.actions.closing import close_case
from incidents.actions.exclusions import keep_out
from incidents.actions.messages import (
    FormUsedBefore,
    NothingToSend,
    answer_question,
    ask_person,
    write_to_desk,
    write_to_person,
)
from incidents.actions.people import link_affected
from incidents.actions.reminders.sweep import sweep
from incidents.models import Incident, Message, News, Task, TimelineEntry, Witness
from incidents.views.threads import MOST
from tests import clock
from tests.world import PASSWORD, Place, make_incident, make_user
from vpdportal.accounts.models import User
from vpdportal.audit.models import AuditEvent

WORDS = "Kanarie: ik slaap slecht. 😡"


def form(text: str = WORDS, **more: Any) -> dict[str, Any]:
    return {"form_key": str(uuid4()), "text": text, **more}


def own(incident: Incident) -> str:
    return reverse("messages", args=[incident.pk])


def to(incident: Incident, person: User, name: str = "case_message") -> str:
    return reverse(name, args=[incident.pk, person.pk])


def answering(question: Message) -> str:
    return reverse("question", args=[question.incident_id, question.pk])


def page(response: Any) -> str:
    return response.content.decode()


def see(incident: Incident, user: User, town: Place) -> Witness:
    """This colleague is asked as a witness."""
    return Witness.objects.create(
        organisation=town.organisation, incident=incident, user=user, asked_at=clock.now(), asked_by=town.adviser
    )


def asked(incident: Incident, person: User, town: Place, *facts: str, text: str = "") -> Message:
    return ask_person(
        incident=incident,
        person=person,
        asks=list(facts),
        text=text,
        form_key=uuid4(),
        by=town.adviser,
        now=clock.now(),
    )


def close(incident: Incident, town: Place) -> Incident:
    Task.objects.filter(incident=incident, status="open").update(
        status="done", finished_at=clock.now(), finished_by=town.adviser
    )
    return close_case(incident=incident, outcome="Wij spraken met u.", by=town.adviser, now=clock.now())


# --- the thread ------------------------------------------------------------------------------------------------------


def test_there_and_back(town: Place, as_user: Any):
    incident = make_incident(town)
    reporter, desk = as_user(town.employee), as_user(town.adviser)
    assert reporter.post(own(incident), form())["Location"] == own(incident)
    message = Message.objects.get()
    assert (message.text, message.person, message.is_from_desk, message.seen_at) == (WORDS, town.employee, False, None)
    case = reverse("case_messages", args=[incident.pk])
    assert WORDS in page(desk.get(case))
    answer = "Ik bel u vanmiddag."
    assert desk.post(to(incident, town.employee), form(answer))["Location"] == case
    assert answer in page(reporter.get(own(incident)))
    senders = TimelineEntry.objects.filter(kind="message_sent").values_list("by__name", flat=True)
    assert sorted(senders) == sorted([town.adviser.name, town.employee.name])
    assert AuditEvent.objects.filter(action="incident.message_sent", object_id=incident.pk).count() == 2


def test_reporter_and_person_hit_never_read_each_other(town: Place, as_user: Any):
    hit = town.support
    incident = make_incident(town, affected=hit, affected_name=hit.name)
    see(incident, town.legal, town)
    words = {town.employee: "kanarie-melder", hit: "kanarie-getroffene", town.legal: "kanarie-getuige"}
    for person, text in words.items():
        assert as_user(person).post(own(incident), form(text)).status_code == 302
        as_user(town.adviser).post(to(incident, person), form(f"aan {text}"))
    for person, text in words.items():
        seen = page(as_user(person).get(own(incident)))
        assert f"aan {text}" in seen
        for other in set(words.values()) - {text}:
            assert other not in seen
    desk = page(as_user(town.adviser).get(reverse("case_messages", args=[incident.pk])))
    assert all(text in desk for text in words.values())


def test_nobody_else_reads_or_writes(town: Place, other_town: Place, as_user: Any):
    incident = make_incident(town)
    outsiders = [other_town.adviser, other_town.employee, town.manager, town.adviser, town.auditor, make_user()]
    for person in outsiders:
        client = as_user(person)
        assert client.get(own(incident)).status_code == client.post(own(incident), form()).status_code == 404
    for address in (to(incident, town.employee), to(incident, town.employee, "case_question")):
        assert as_user(other_town.adviser).post(address, form()).status_code == 404
        assert as_user(town.manager).post(address, form()).status_code == 403
    assert not Message.objects.exists()
    assert as_user(town.employee).post(own(incident), form()).status_code == 302


def test_the_desk_writes_to_people_of_the_case_only(town: Place, as_user: Any):
    incident, desk = make_incident(town), as_user(town.adviser)
    see(incident, town.legal, town)
    assert desk.post(to(incident, town.support), form()).status_code == 404
    assert desk.post(to(incident, town.support, "case_question"), form()).status_code == 404
    assert desk.post(to(incident, town.legal), form()).status_code == 302
    assert Message.objects.get().person == town.legal


def test_a_witness_who_is_kept_out_has_no_thread_any_more(town: Place, as_user: Any):
    incident = make_incident(town)
    for person in (town.legal, town.support):
        see(incident, person, town)
        as_user(person).post(own(incident), form(f"gezien door {person.name}"))
    keep_out(incident=incident, person=town.legal, by=town.employee, now=clock.now())
    assert as_user(town.support).get(own(incident)).status_code == 200
    assert as_user(town.legal).get(own(incident)).status_code == 404
    assert as_user(town.legal).post(own(incident), form()).status_code == 404
    desk = as_user(town.adviser)
    case = page(desk.get(reverse("case_messages", args=[incident.pk])))
    assert f"gezien door {town.legal.name}" in case, "what was written stays"
    assert to(incident, town.support) in case and to(incident, town.legal) not in case
    assert desk.post(to(incident, town.legal), form()).status_code == 404


def test_a_double_click_sends_once(town: Place, as_user: Any):
    incident = make_incident(town)
    for client, address in (
        (as_user(town.employee), own(incident)),
        (as_user(town.adviser), to(incident, town.employee)),
    ):
        data = form()
        assert [client.post(address, data).status_code for _click in range(2)] == [302, 302]
    assert Message.objects.count() == 2
    assert News.objects.filter(kind="message").count() == 2


def test_other_words_on_a_page_that_was_sent_are_not_lost(town: Place, english: Any):
    """Back in the browser, more typed, sent again: the same form, other words."""
    incident = make_incident(town)
    reporter, desk = english(town.employee), english(town.adviser)
    question, second = (asked(incident, town.employee, town, text=text) for text in ("Hoe gaat het?", "Wie was erbij?"))
    senders = (
        (reporter, own(incident), {"by": town.employee, "is_question": False}),
        (desk, to(incident, town.employee), {"by": town.adviser, "is_question": False}),
        (desk, to(incident, town.employee, "case_question"), {"by": town.adviser, "is_question": True}),
        (reporter, answering(question), {"by": town.employee, "is_question": False}),
    )
    for client, address, sent in senders:
        before, key = set(Message.objects.filter(**sent).values_list("pk", flat=True)), str(uuid4())
        for text in ("eerste", "eerste en nog meer", "eerste"):
            assert client.post(address, {"form_key": key, "text": text}).status_code == 302
        fresh = Message.objects.filter(**sent).exclude(pk__in=before)
        assert sorted(message.text for message in fresh) == ["eerste", "eerste en nog meer"], address
    assert Message.objects.get(answers=question).text == "eerste"
    answer = {"form_key": str(uuid4()), "text": "Niemand."}
    assert "Your answer is sent" in page(reporter.post(answering(second), answer, follow=True))
    assert "Your answer is sent" in page(reporter.post(answering(second), answer, follow=True)), "a second click"
    more = reporter.post(answering(second), {**answer, "text": "Toch iemand."}, follow=True)
    assert "is sent as a message" in page(more) and "Toch iemand." in page(more)


def test_the_same_words_with_another_question_are_another_question(town: Place):
    incident, key = make_incident(town, behaviours=("physical_violence",)), uuid4()
    told = {"incident": incident, "person": town.employee, "form_key": key, "by": town.adviser, "now": clock.now()}
    for asks in (["injury"], ["injury"], ["injury", "damage"]):
        ask_person(asks=asks, text="", **told)
    assert sorted(message.asks for message in Message.objects.all()) == [["injury"], ["injury", "damage"]]


def test_two_clicks_at_once_send_once(committed: None, town: Place):
    incident, key = make_incident(town), uuid4()

    def click(_number: int) -> object:
        try:
            return write_to_desk(incident=incident, text=WORDS, form_key=key, by=town.employee, now=clock.now()).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(click, range(4)))) == 1
    assert Message.objects.count() == News.objects.filter(kind="message").count() == 1


def test_a_form_of_one_thread_cannot_be_sent_in_another(town: Place):
    first, second, key = make_incident(town), make_incident(town), uuid4()
    write_to_desk(incident=first, text="een", form_key=key, by=town.employee, now=clock.now())
    with pytest.raises(FormUsedBefore):
        write_to_desk(incident=second, text="twee", form_key=key, by=town.employee, now=clock.now())
    with pytest.raises(NothingToSend):
        write_to_desk(incident=second, text=" \n ", form_key=uuid4(), by=town.employee, now=clock.now())


WRONG = {"nothing": "  ", "one letter too long": "x" * 4001, "a zero byte": "a\x00b"}


@pytest.mark.parametrize("fault", WRONG)
def test_what_is_wrong_comes_back_as_typed(town: Place, as_user: Any, fault: str):
    incident, typed = make_incident(town), WRONG[fault]
    for client, address in (
        (as_user(town.employee), own(incident)),
        (as_user(town.adviser), to(incident, town.employee)),
    ):
        response = client.post(address, form(typed))
        assert response.status_code == 400 and 'id="errors"' in page(response)
        assert typed.strip().replace("\x00", "") in page(response).replace("\x00", "")
    assert not Message.objects.exists()


@pytest.mark.parametrize("text", ["x" * 4000, "👩🏽‍🚒 مرحبا <b>vet</b> & {{ x }}", "regel\r\nregel"])
def test_what_is_right_is_kept_as_it_is(town: Place, as_user: Any, text: str):
    incident = make_incident(town)
    assert as_user(town.employee).post(own(incident), form(text)).status_code == 302
    assert Message.objects.get().text == text
    assert "<b>vet</b>" not in page(as_user(town.adviser).get(reverse("case_messages", args=[incident.pk])))


def test_a_broken_form_key_is_no_server_error(town: Place, as_user: Any):
    incident = make_incident(town)
    for key in ("", "geen-sleutel"):
        assert as_user(town.employee).post(own(incident), {"text": WORDS, "form_key": key}).status_code == 400
    assert not Message.objects.exists()


def test_a_closed_case_still_hears_and_answers(town: Place, as_user: Any):
    incident = close(make_incident(town), town)
    clock.move(days=400)
    assert as_user(town.employee).post(own(incident), form("Hij staat er weer.")).status_code == 302
    assert News.objects.filter(kind="message", recipient=town.adviser).count() == 1
    desk = as_user(town.adviser)
    assert desk.post(to(incident, town.employee), form("Ik bel u.")).status_code == 302
    question = desk.post(to(incident, town.employee, "case_question"), form("Waar?"))
    assert question.status_code == 409 and "Waar?" in page(question)
    assert Message.objects.count() == 2


def test_words_typed_in_an_ended_session_come_back_and_are_not_sent(town: Place):
    incident, client = make_incident(town), Client()
    client.force_login(town.employee)
    writer = client.get(own(incident)).context["writer"]
    client.logout()
    signing_in = client.post(own(incident), form(writer=writer))
    assert signing_in.status_code == 200 and WORDS in page(signing_in)
    typed = dict(signing_in.context["typed"])
    back = client.post(own(incident), {**typed, "username": town.employee.email, "password": PASSWORD})
    assert back.status_code == 200 and WORDS in page(back) and not Message.objects.exists()
    other = Client()
    theirs = other.post(own(incident), {**typed, "username": town.support.email, "password": PASSWORD})
    assert WORDS not in page(theirs) and theirs.status_code == 404
    affected = make_incident(town, affected=town.support, affected_name="Iemand")
    theirs = Client().post(own(affected), {**typed, "username": town.support.email, "password": PASSWORD})
    assert theirs.status_code == 200 and WORDS not in page(theirs), "what another typed is not shown"


def test_a_page_that_grew_too_old_gives_the_words_back(town: Place):
    incident = make_incident(town)
    client = Client(enforce_csrf_checks=True)
    client.force_login(town.employee)
    writer = client.get(own(incident)).context["writer"]
    response = client.post(own(incident), form(writer=writer))
    assert response.status_code == 403 and WORDS in page(response) and not Message.objects.exists()


def test_pages_ask_the_same_however_long_the_thread(town: Place, as_user: Any, django_assert_num_queries: Any):
    incident = make_incident(town)
    reporter, desk = as_user(town.employee), as_user(town.adviser)
    case = reverse("case_messages", args=[incident.pk])
    for number in (1, 3):
        while Message.objects.filter(is_question=False).count() < number:
            reporter.post(own(incident), form())
            asked(incident, town.employee, town, text="Hoe gaat het?")
        for client, address in ((reporter, own(incident)), (desk, case)):
            client.get(address)
        with django_assert_num_queries(11):
            assert page(reporter.get(own(incident))).count("<article") == 2 * number
        with django_assert_num_queries(11):
            assert desk.get(case).status_code == 200


# --- unseen ----------------------------------------------------------------------------------------------------------


def test_what_is_new_is_said_until_it_was_on_the_screen(town: Place, english: Any):
    incident = make_incident(town)
    reporter, desk = english(town.employee), english(town.adviser)
    desk.post(to(incident, town.employee), form("Hoe gaat het?"))
    assert "new message" in page(reporter.get(reverse("home")))
    assert reporter.head(own(incident)).status_code == 200
    assert "new message" in page(reporter.get(reverse("home"))), "a look without a page is no look"
    reporter.get(own(incident))
    assert "new message" not in page(reporter.get(reverse("home")))
    assert Message.objects.get().seen_at == clock.now()
    reporter.post(own(incident), form())
    work = desk.get(reverse("work_list"))
    assert work.context["unread_count"] == 1 and incident.reference in page(work)
    assert "There is a new message" in page(desk.get(reverse("case", args=[incident.pk])))
    assert "1 new</span>" in page(desk.get(reverse("case_messages", args=[incident.pk])))
    assert desk.get(reverse("work_list")).context["unread_count"] == 0
    assert "1 new</span>" not in page(desk.get(reverse("case_messages", args=[incident.pk])))


def test_the_person_s_look_does_not_hide_it_from_the_desk(town: Place, as_user: Any):
    incident = make_incident(town)
    reporter = as_user(town.employee)
    reporter.post(own(incident), form())
    reporter.get(own(incident))
    assert Message.objects.get().seen_at is None
    as_user(town.deputy).get(reverse("case_messages", args=[incident.pk]))
    assert Message.objects.get().seen_at == clock.now(), "one of the desk is enough"
    assert as_user(town.adviser).get(reverse("work_list")).context["unread_count"] == 0


def test_a_question_on_the_screen_is_all_that_was_seen(town: Place, as_user: Any):
    incident, reporter = make_incident(town), as_user(town.employee)
    News.objects.all().delete()
    as_user(town.adviser).post(to(incident, town.employee), form("Bel vandaag voor 15 uur."))
    message = Message.objects.get()
    first, second = (asked(incident, town.employee, town, text=text) for text in ("Hoe gaat het?", "Wie was erbij?"))
    assert "Bel vandaag" not in page(reporter.get(answering(first)))
    assert unseen() == unheard() == {message.pk, second.pk}
    sweep(now=clock.now())
    assert [town.employee.email] in [sent.to for sent in mail.outbox]
    assert "Bel vandaag" in page(reporter.get(own(incident)))
    assert unseen() == unheard() == set()


@pytest.mark.parametrize("is_from_desk", [True, False])
def test_what_came_in_while_the_page_was_made_is_still_new(town: Place, as_user: Any, is_from_desk: bool):
    """The first time that something is marked as seen, one more message stands there."""
    incident = make_incident(town)
    News.objects.all().delete()
    address = own(incident) if is_from_desk else reverse("case_messages", args=[incident.pk])
    reader = as_user(town.employee if is_from_desk else town.adviser)
    later: list[Message] = []

    def write(text: str) -> Message:
        told = {"incident": incident, "text": text, "form_key": uuid4(), "now": clock.now()}
        if is_from_desk:
            return write_to_person(person=town.employee, by=town.adviser, **told)
        return write_to_desk(by=town.employee, **told)

    def between(execute: Any, sql: str, *rest: Any) -> Any:
        if "seen_at" in sql and sql.startswith("UPDATE") and not later:
            later.append(write("Het was een mes."))
        return execute(sql, *rest)

    write("Hallo.")
    with connection.execute_wrapper(between):
        assert "Het was een mes." not in page(reader.get(address))
    assert unseen() == unheard() == {later[0].pk}
    assert "Het was een mes." in page(reader.get(address)) and unseen() == unheard() == set()


@pytest.mark.parametrize("is_from_desk", [True, False])
def test_what_a_page_has_no_room_for_is_new_until_it_was_shown(town: Place, as_user: Any, is_from_desk: bool):
    incident = make_incident(town)
    by = town.adviser if is_from_desk else town.employee
    rows = [
        Message(
            organisation=town.organisation, incident=incident, person=town.employee, by=by, form_key=uuid4(),
            at=clock.now() + timedelta(minutes=number), is_from_desk=is_from_desk, text=f"bericht {number}.",
        )
        for number in range(MOST + 1)
    ]  # fmt: skip
    Message.objects.bulk_create(rows)
    address = own(incident) if is_from_desk else reverse("case_messages", args=[incident.pk])
    reader = as_user(town.employee if is_from_desk else town.adviser)
    first = page(reader.get(address))
    assert "bericht 0." not in first and f"bericht {MOST}." in first and unseen() == {rows[0].pk}
    assert "bericht 0." in page(reader.get(address)) and unseen() == set()
    assert "bericht 0." not in page(reader.get(address)), "the newest, when all were seen"


def unseen() -> set[Any]:
    return set(Message.objects.filter(seen_at=None).values_list("pk", flat=True))


def unheard() -> set[Any]:
    """Which messages there is still news of."""
    return set(News.objects.filter(seen_at=None).values_list("about", flat=True))


def test_the_work_list_counts_what_it_lists(town: Place, other_town: Place, as_user: Any):
    other_town.join(town.adviser, "adviser")
    cases = [make_incident(town) for _number in range(7)] + [make_incident(other_town)]
    for incident in cases:
        for _twice in range(2):
            as_user(incident.reporter).post(own(incident), form())
    hidden, quiet = cases[0], make_incident(town)
    keep_out(incident=hidden, person=town.deputy, by=town.employee, now=clock.now())
    adviser, deputy = as_user(town.adviser), as_user(town.deputy)
    for client, expected in ((adviser, cases), (deputy, cases[1:7])):
        work = client.get(reverse("work_list"), {"tab": "waiting"})
        listed = [*work.context["unread"], *work.context["unread_more"]]
        assert {row.pk for row in listed} == {incident.pk for incident in expected}
        assert work.context["unread_count"] == len(listed) == len(expected)
        assert quiet.reference not in page(work)
    assert hidden.reference not in page(deputy.get(reverse("work_list"), {"tab": "waiting"}))
    one = adviser.get(reverse("work_list"), {"organisation": "elders"})
    assert [row.pk for row in one.context["unread"]] == [cases[-1].pk]


# --- questions -------------------------------------------------------------------------------------------------------


def test_a_question_for_facts_is_answered_with_a_form_and_changes_the_advice(town: Place, english: Any):
    incident = make_incident(town, behaviours=("physical_violence",))
    assert incident.facts.injury is None and incident.facts.damage is None
    desk, reporter = english(town.adviser), english(town.employee)
    data = form("Was er ook iets kapot?", asks=["injury", "complaints"])
    assert desk.post(to(incident, town.employee, "case_question"), data).status_code == 302
    question = Message.objects.get()
    assert (question.asks, question.is_question) == (["injury", "complaints"], True)
    assert "asks you something" in page(reporter.get(own(incident)))
    shown = reporter.get(answering(question))
    assert "Is anyone injured?" in page(shown) and "Was er ook iets kapot?" in page(shown)
    answer = form("Mijn bril.", injury="yes", complaints="unknown")
    assert reporter.post(answering(question), answer).status_code == 302
    incident.refresh_from_db()
    assert (incident.facts.injury, incident.facts.complaints) == (True, None)
    kept = Message.objects.get(answers=question)
    assert "Is anyone injured? Yes" in kept.text and "I do not know" in kept.text and "Mijn bril." in kept.text
    assert kept.asks == [] and not kept.is_from_desk
    assert News.objects.filter(kind="message", recipient=town.adviser, about=kept.pk).count() == 1
    facts = AuditEvent.objects.get(action="incident.question_answered")
    assert facts.fields == ["injury"] and TimelineEntry.objects.filter(kind="facts_added", by=town.employee).exists()
    assert "asks you something" not in page(reporter.get(own(incident)))


def test_the_desk_asks_only_what_is_open_and_what_a_person_can_know(town: Place, as_user: Any):
    incident, desk = make_incident(town, behaviours=("threat",)), as_user(town.adviser)
    address = to(incident, town.employee, "case_question")
    choices = (
        desk.get(reverse("case_messages", args=[incident.pk]))
        .context["threads"][0]
        .question_form.fields["asks"]
        .choices
    )
    offered = {name for name, _label in choices}
    assert "injury" in offered and not offered & {"offence_suspected", "police_ask_to_wait", "safe_to_meet", "weapon"}
    for fact in ("offence_suspected", "weapon", "bestaat-niet"):
        assert desk.post(address, form("", asks=[fact])).status_code == 400
    assert desk.post(address, form("")).status_code == 400
    assert desk.post(address, form("", asks=["injury"])).status_code == 302


def test_a_fact_that_became_known_meanwhile_is_shown_and_not_overwritten_by_silence(town: Place, english: Any):
    incident = make_incident(town, behaviours=("physical_violence",))
    question = asked(incident, town.employee, town, "injury", "complaints")
    english(town.adviser).post(reverse("case_facts", args=[incident.pk]), {"injury": "yes"})
    reporter = english(town.employee)
    assert "known meanwhile: yes" in page(reporter.get(answering(question)))
    assert reporter.post(answering(question), form("", injury="unknown", complaints="no")).status_code == 302
    incident.refresh_from_db()
    assert (incident.facts.injury, incident.facts.complaints) == (True, False)
    again = asked(incident, town.employee, town, "injury")
    reporter.post(answering(again), form("", injury="no"))
    incident.refresh_from_db()
    assert incident.facts.injury is False, "said to be otherwise"


def told_by_who_was_hit(town: Place) -> tuple[Incident, Message]:
    """Reported for a colleague, asked of the reporter; then the colleague comes in, and tells it otherwise."""
    hit = town.support
    incident = make_incident(town, behaviours=("physical_violence",), affected_name=hit.name)
    question = asked(incident, town.employee, town, "sick_leave_days", "perpetrator.benefit_client")
    link_affected(incident=incident, email=hit.email, by=town.adviser, now=clock.now())
    complete_facts(incident=incident, answers={"sick_leave_days": 37}, by=hit, now=clock.now())
    known = {"perpetrator.benefit_client": True}
    complete_facts(incident=incident, answers=known, by=town.adviser, now=clock.now())
    return incident, question


def test_what_the_person_hit_added_is_not_told_to_the_reporter_by_an_older_question(town: Place, english: Any):
    incident, question = told_by_who_was_hit(town)
    shown = page(english(town.employee).get(answering(question)))
    assert "How many days" in shown and "known meanwhile" not in shown and ": 37" not in shown
    theirs = asked(incident, town.support, town, "sick_leave_days", "perpetrator.benefit_client")
    shown = page(english(town.support).get(answering(theirs)))
    assert "known meanwhile: 37" in shown
    assert shown.count("known meanwhile") == 1, "nothing of the perpetrator"


def test_who_reported_it_cannot_change_what_the_person_hit_told(town: Place, english: Any):
    incident, question = told_by_who_was_hit(town)
    answer = form("Twee dagen.", sick_leave_days="2")
    assert english(town.employee).post(answering(question), answer).status_code == 302
    incident.refresh_from_db()
    assert incident.facts.sick_leave_days == 37
    kept = Message.objects.get(answers=question)
    assert "2" in kept.text and "Twee dagen." in kept.text, "the words are there for the desk"
    assert AuditEvent.objects.get(action="incident.question_answered").fields == []
    theirs = asked(incident, town.support, town, "sick_leave_days")
    assert english(town.support).post(answering(theirs), form("", sick_leave_days="2")).status_code == 302
    incident.refresh_from_db()
    assert incident.facts.sick_leave_days == 2


def test_who_has_a_receipt_is_asked_in_own_words_only(town: Place, as_user: Any):
    hit = town.support
    incident = make_incident(town, behaviours=("physical_violence",), affected=hit, affected_name=hit.name)
    desk = as_user(town.adviser)
    assert desk.post(to(incident, town.employee, "case_question"), form("", asks=["injury"])).status_code == 400
    assert asked(incident, town.employee, town, "injury", text="Wie was erbij?").asks == []
    assert desk.post(to(incident, hit, "case_question"), form("", asks=["injury"])).status_code == 302
    threads = {
        thread.person: thread for thread in desk.get(reverse("case_messages", args=[incident.pk])).context["threads"]
    }
    assert "asks" not in threads[town.employee].question_form.fields and "asks" in threads[hit].question_form.fields


def test_an_answer_says_something_and_only_what_was_asked(town: Place, as_user: Any):
    incident = make_incident(town, behaviours=("physical_violence",))
    question = asked(incident, town.employee, town, "injury", "sick_leave_days")
    reporter = as_user(town.employee)
    assert reporter.post(answering(question), form("")).status_code == 400
    wrong = reporter.post(answering(question), form("tekst blijft", sick_leave_days="-1", injury="misschien"))
    assert wrong.status_code == 400 and "tekst blijft" in page(wrong)
    sneaky = form("", injury="no", **{"offence_suspected": "yes", "perpetrator.known": "no"})
    assert reporter.post(answering(question), sneaky).status_code == 302
    incident.refresh_from_db()
    assert incident.facts.injury is False
    assert incident.facts.offence_suspected is None and incident.facts.perpetrator_known is True
    again = asked(incident, town.employee, town, "damage")
    answer_question(
        question=again,
        answers={"offence_suspected": True, "damage": True},
        text="Ja.",
        form_key=uuid4(),
        by=town.employee,
        now=clock.now(),
    )
    incident.refresh_from_db()
    assert incident.facts.damage is True and incident.facts.offence_suspected is None, (
        "also when a view lets it through"
    )


def test_a_second_answer_is_a_message(town: Place, as_user: Any):
    incident = make_incident(town, behaviours=("physical_violence",))
    question = asked(incident, town.employee, town, "injury")
    reporter, first = as_user(town.employee), form("", injury="no")
    for _click in range(2):
        assert reporter.post(answering(question), first).status_code == 302
    assert Message.objects.count() == 2, "a double click answers once"
    assert reporter.post(answering(question), form("Toch wel.", injury="yes")).status_code == 302
    second = Message.objects.exclude(pk=question.pk).order_by("-at", "-id").filter(answers=None).get()
    incident.refresh_from_db()
    assert "Toch wel." in second.text and incident.facts.injury is False
    assert Message.objects.filter(answers=question).count() == 1


def test_an_answer_in_a_case_that_closed_meanwhile_keeps_its_words(town: Place, as_user: Any):
    incident = make_incident(town, behaviours=("physical_violence",))
    question = asked(incident, town.employee, town, "injury")
    close(incident, town)
    assert as_user(town.employee).post(answering(question), form("Au.", injury="yes")).status_code == 302
    incident.refresh_from_db()
    assert incident.facts.injury is None and "Au." in Message.objects.get(answers=question).text


def test_a_question_is_for_the_person_asked(town: Place, as_user: Any):
    hit = town.support
    incident = make_incident(town, behaviours=("physical_violence",), affected=hit, affected_name=hit.name)
    see(incident, town.legal, town)
    question = asked(incident, hit, town, "injury")
    for person, status in ((hit, 200), (town.employee, 404), (town.legal, 404), (town.adviser, 404)):
        assert as_user(person).get(answering(question)).status_code == status
    message = Message.objects.create(
        organisation=town.organisation, incident=incident, person=hit, by=town.adviser, at=clock.now(),
        is_from_desk=True, form_key=uuid4(), text="geen vraag",
    )  # fmt: skip
    assert as_user(hit).get(answering(message)).status_code == 404


def test_a_witness_is_asked_in_own_words_only(town: Place, as_user: Any):
    incident = make_incident(town, behaviours=("physical_violence",))
    see(incident, town.legal, town)
    desk, address = as_user(town.adviser), to(incident, town.legal, "case_question")
    assert desk.post(address, form("", asks=["injury"])).status_code == 400
    assert desk.post(address, form("Wat zag u?", asks=["injury"])).status_code == 302
    question = Message.objects.get()
    assert question.asks == []
    as_user(town.legal).post(answering(question), form("Hij sloeg.", injury="yes"))
    incident.refresh_from_db()
    assert incident.facts.injury is None and Message.objects.get(answers=question).text == "Hij sloeg."
    by_hand = asked(incident, town.legal, town, "injury", text="En verder?")
    assert by_hand.asks == [], "also when a view would let it through"


@pytest.mark.parametrize("fact", ["motive", "perpetrator.relation", "witnesses"])
def test_every_kind_of_fact_can_be_answered(town: Place, as_user: Any, fact: str):
    incident = make_incident(town)
    question = asked(incident, town.employee, town, fact)
    value = {"motive": "frustration", "perpetrator.relation": "citizen", "witnesses": "3"}[fact]
    reporter = as_user(town.employee)
    assert reporter.post(answering(question), form("", **{fact: "geen keus"})).status_code == 400
    assert reporter.post(answering(question), form("", **{fact: value})).status_code == 302
    incident.refresh_from_db()
    assert str(incident.facts.value(fact)) == value


def test_not_known_as_a_choice_is_no_fact(town: Place, as_user: Any):
    incident = make_incident(town)
    question = asked(incident, town.employee, town, "motive")
    assert as_user(town.employee).post(answering(question), form("", motive="unknown")).status_code == 302
    incident.refresh_from_db()
    assert incident.facts.motive is None and Message.objects.filter(answers=question).exists()


def test_two_answers_at_once_are_one_answer_and_one_message(committed: None, town: Place):
    incident = make_incident(town, behaviours=("physical_violence",))
    question = asked(incident, town.employee, town, "injury")

    def answer(number: int) -> None:
        try:
            answer_question(
                question=question,
                answers={"injury": bool(number % 2)},
                text=f"antwoord {number}",
                form_key=uuid4(),
                by=town.employee,
                now=clock.now(),
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(answer, range(4)))
    assert Message.objects.filter(answers=question).count() == 1
    assert Message.objects.filter(is_from_desk=False).count() == 4


@pytest.mark.parametrize("is_same_case", [True, False])
def test_a_message_and_a_fact_at_once_do_not_wait_for_each_other(committed: None, town: Place, is_same_case: bool):
    incident, barrier = make_incident(town), Barrier(2)
    other = incident if is_same_case else make_incident(town)
    told: dict[str, Any] = {"by": town.employee, "now": clock.now()}
    acts = (
        lambda: write_to_desk(incident=incident, text=WORDS, form_key=uuid4(), **told),
        lambda: complete_facts(incident=other, answers={"injury": True}, **told),
    )

    def do(act: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait()
            act()
        finally:
            connection.close()

    for _round in range(8):
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(do, acts))  # raises what one of them raised
    assert Message.objects.count() == 8
