"""Nothing typed is ever lost: every way to lose a text, tried; and a report that is either a draft or sent, once."""

import re
import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from incidents.actions.drafts import MOST_CHARACTERS, remove_old_drafts, start_draft
from incidents.actions.report import DraftChanged, submit_report
from incidents.forms.report import WholeReport
from incidents.forms.steps import Desk
from incidents.models import Draft, Incident, Location
from incidents.tasks import tidy
from tests import clock
from tests.world import PASSWORD, Place, Writer, make_place, report_data
from vpdportal.accounts.models import Department, Membership
from vpdportal.accounts.roles import Role

STORY = "Hij begon te schelden toen ik nee zei. 😡"
LEAVES = 'class="quick-exit"'
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def person(town: Place, writer: Any) -> Writer:
    """Someone who has just begun."""
    begun: Writer = writer(town.employee)
    begun.client.cookies["vpd_language"] = "en"
    begun.start(town)
    return begun


def test_what_is_typed_is_kept_while_it_is_typed(person: Writer):
    answer = person.post("gebeurd", {"story": "Hij begon te"}, **JSON)
    assert answer.json() == {"saved": "10:00", "revision": 2}
    assert "Hij begon te</textarea>" in person.page("gebeurd").replace("\n", "")
    assert Draft.objects.get().content.answers["story"] == ["Hij begon te"]


def test_a_draft_is_unreadable_in_the_database(person: Writer):
    person.post("gebeurd", report_data(story="kanarie-in-het-concept"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed_content FROM incidents_draft")
        stored = bytes(cursor.fetchone()[0])
    assert len(stored) > 100 and b"kanarie" not in stored


def test_a_session_that_ended_while_typing(town: Place, person: Writer):
    person.client.logout()
    assert person.post("gebeurd", report_data(), **JSON).status_code == 401
    page = person.post("gebeurd", report_data())
    assert page.status_code == 200 and STORY in page.content.decode()
    assert LEAVES in page.content.decode()
    assert LEAVES not in person.client.get(reverse("sign_in")).content.decode(), "the control: nothing to hide"
    assert "story" not in Draft.objects.get().content.answers, "nothing is kept for a stranger"
    typed = {**dict(page.context["typed"]), "behaviours": ["verbal_abuse"]}
    wrong = person.post("gebeurd", {**typed, "username": town.employee.email, "password": "mis"})
    assert STORY in wrong.content.decode()
    right = person.post("gebeurd", {**typed, "username": town.employee.email, "password": PASSWORD})
    assert right.status_code == 200 and STORY in right.content.decode()
    assert Draft.objects.get().content.answers["story"] == [STORY]
    assert person.post("gebeurd", typed).status_code == 302


def test_someone_else_who_signs_in_gets_nothing(town: Place, person: Writer):
    person.client.logout()
    typed = dict(person.post("gebeurd", report_data()).context["typed"])
    other = person.post("gebeurd", {**typed, "username": town.manager.email, "password": PASSWORD})
    assert other.status_code == 404 and STORY not in other.content.decode()


def test_a_session_that_ended_on_the_first_page(town: Place, writer: Any):
    person = writer(town.employee, Client())
    page = person.start(town, is_safe_now="no")
    typed = dict(page.context["typed"])
    assert typed["is_safe_now"] == "no" and Draft.objects.count() == 0
    other = person.client.post(reverse("report"), {**typed, "username": town.manager.email, "password": PASSWORD})
    assert other.status_code == 200 and Draft.objects.count() == 0
    person.client.logout()
    person.client.post(reverse("report"), {**typed, "username": town.employee.email, "password": PASSWORD})
    assert Draft.objects.get().author == town.employee


def test_a_token_that_changed_in_another_tab(town: Place, writer: Any, as_user: Any):
    person = writer(town.employee, as_user(town.employee, enforce_csrf_checks=True))
    person.client.handler.enforce_csrf_checks = False
    person.start(town)
    person.client.handler.enforce_csrf_checks = True
    page = person.post("gebeurd", report_data())
    assert page.status_code == 403 and STORY in page.content.decode()
    assert person.post("gebeurd", report_data(), **JSON).status_code == 403
    assert "story" not in Draft.objects.get().content.answers, "a page that cannot prove itself changes nothing"
    token = page.context["csrf_token"]
    again = person.post("gebeurd", {**report_data(), "csrfmiddlewaretoken": str(token)})
    assert again.status_code == 302


def test_two_tabs_on_other_steps_do_not_meet(town: Place, person: Writer):
    person.post("gebeurd", {**report_data(), "seen": "1", "page": "a"})
    department = str(town.department.pk)
    later = {"perpetrator_description": "rode jas", "department": department, "seen": "1", "page": "b"}
    assert person.post("wie", {**report_data(), **later}).status_code == 302
    assert Draft.objects.get().content.answers["story"] == [STORY]


def test_two_tabs_on_the_same_step_lose_nothing(person: Writer):
    first = {**report_data(story="Uit het eerste tabblad."), "seen": "1", "page": "a"}
    second = {**report_data(story="Uit het tweede."), "seen": "1", "page": "b"}
    assert person.post("gebeurd", first, **JSON).status_code == 200
    assert person.post("gebeurd", second, **JSON).status_code == 409, "typing writes over nothing"
    assert Draft.objects.get().content.answers["story"] == ["Uit het eerste tabblad."]
    both = person.post("gebeurd", second)
    page = both.content.decode()
    assert both.status_code == 409
    assert "Uit het eerste tabblad." in page and "Uit het tweede." in page
    assert "Uit het eerste tabblad." in person.page("gebeurd"), "also after a crash"
    seen = str(Draft.objects.get().revision)
    assert person.post("gebeurd", {**second, "seen": seen}).status_code == 302
    assert "Uit het eerste tabblad." not in person.page("gebeurd")


def test_a_page_never_meets_itself(person: Writer):
    for story in ("Eerst dit.", "Nee, iets anders.", "Of toch niet."):
        data = {**report_data(story=story), "seen": "1", "page": "a"}
        assert person.post("gebeurd", data, **JSON).status_code == 200
    assert person.post("gebeurd", {**report_data(story="Klaar."), "seen": "1", "page": "a"}).status_code == 302


def test_text_that_goes_on_from_what_is_kept_is_no_conflict(person: Writer):
    person.post("gebeurd", {**report_data(story="Hij begon"), "seen": "1", "page": "a"}, **JSON)
    longer = {**report_data(story="Hij begon te schelden."), "seen": "1", "page": "b"}
    assert person.post("gebeurd", longer, **JSON).status_code == 200


@pytest.mark.parametrize(("go", "leads_to"), [("back", "veilig"), ("next", "wie"), ("check", "controle")])
def test_every_button_keeps(person: Writer, go: str, leads_to: str):
    answer = person.post("gebeurd", report_data(), go)
    assert answer["Location"] == reverse("report_step", args=[person.key, leads_to])
    assert STORY in person.page("gebeurd")


def test_stopping_and_going_on_later(person: Writer):
    half = {"story": "Ik kan nu niet verder.", "behaviours": ["threat"]}
    answer = person.client.post(
        reverse("report_step", args=[person.key, "gebeurd"]), {**half, "go": "later", "seen": "999999999"}, follow=True
    )
    assert answer.redirect_chain[-1][0] == reverse("home")
    for start in (answer.content.decode(), person.client.get(reverse("report")).content.decode()):
        assert LEAVES in start
        assert reverse("report_step", args=[person.key, "wie"]) in start
        assert "Ik kan nu niet verder." not in start
    assert "Ik kan nu niet verder." in person.page("gebeurd")


def test_throwing_away_is_the_authors_alone(town: Place, person: Writer, as_user: Any):
    address = reverse("report_drop", args=[person.key])
    assert as_user(town.manager).post(address).status_code == 302 and Draft.objects.count() == 1
    assert person.client.get(address).status_code == 405
    person.client.post(address)
    assert Draft.objects.count() == 0
    assert person.post("gebeurd", report_data()).status_code == 404


def mark(person: Writer, step: str = "gebeurd") -> dict[str, str]:
    return {"mark": person.client.get(reverse("report_step", args=[person.key, step])).context["mark"]}


def test_thrown_away_in_another_tab_while_typing_goes_on(town: Place, person: Writer, as_user: Any):
    place = Location.objects.create(
        organisation=town.organisation, name="Balie 3", code="7K3QDM", department=town.department
    )
    Draft.objects.update(location=place)
    typed = {**report_data(), **mark(person)}
    person.client.post(reverse("report_drop", args=[person.key]))
    while_typing = person.post("gebeurd", typed, **JSON)
    assert while_typing.status_code == 410 and "thrown away" in while_typing.json()["error"]
    assert Draft.objects.count() == 0, "only a button begins again"
    other = Writer(as_user(town.manager), town.manager)
    other.key = person.key
    assert other.post("gebeurd", typed).status_code == 404 and Draft.objects.count() == 0
    assert person.post("gebeurd", {**typed, "mark": "verzonnen"}).status_code == 404
    answer = person.client.post(
        reverse("report_step", args=[person.key, "gebeurd"]), {"go": "next", "seen": "5", **typed}, follow=True
    )
    assert answer.redirect_chain[0][0] == reverse("report_step", args=[person.key, "wie"])
    assert "thrown away" in answer.content.decode()
    draft = Draft.objects.get()
    assert draft.content.answers["story"] == [STORY] and draft.location == place and draft.pk == person.key


def test_thrown_away_in_an_organisation_that_one_left_stays_away(town: Place, person: Writer):
    typed = {**report_data(), **mark(person)}
    person.client.post(reverse("report_drop", args=[person.key]))
    elsewhere = make_place("Elders", prefix="EL")
    Membership.objects.filter(user=town.employee).update(organisation=elsewhere.organisation, department=None)
    assert person.post("gebeurd", typed).status_code == 404 and Draft.objects.count() == 0


def test_sent_from_another_tab_while_typing_comes_back_to_be_added(town: Place, person: Writer):
    typed = {**report_data(story="Later wist ik nog: hij had een mes."), **mark(person)}
    for step in ("gebeurd", "wie", "nodig", "controle"):
        person.post(step, {**report_data(), "department": str(town.department.pk)})
    sent = Incident.objects.get()
    while_typing = person.post("gebeurd", typed, **JSON)
    assert while_typing.status_code == 410 and "another tab" in while_typing.json()["error"]
    page = person.post("gebeurd", typed)
    assert (
        page.status_code == 409
        and "hij had een mes" in page.content.decode()
        and sent.reference in page.content.decode()
    )
    assert LEAVES in page.content.decode() and "portal/page.js" in page.content.decode()
    form = {name: str(page.context[name]) for name in ("text", "writer", "form_key")} | {"resume": "sent_before"}
    back = person.client.post(reverse("report_add", args=[sent.pk]), form)
    assert back.status_code == 200 and "hij had een mes" in back.content.decode() and not sent.statements.exists()
    key = back.context["form"]["form_key"].value()
    person.client.post(reverse("report_add", args=[sent.pk]), {"text": page.context["text"], "form_key": key})
    assert "hij had een mes" in sent.statements.get().text
    same = person.post("gebeurd", {**report_data(story=f"{STORY}\n")})
    assert same["Location"] == reverse("report_status", args=[sent.pk]), "a double click has nothing new"


def test_a_draft_lives_fourteen_days_after_the_last_word(person: Writer):
    clock.move(days=13)
    person.post("gebeurd", report_data(), **JSON)
    assert remove_old_drafts(now=clock.now() + timedelta(days=13, hours=23)) == 0
    clock.move(days=14, hours=1)
    tidy()
    assert Draft.objects.count() == 0


def test_too_much_text_comes_back(person: Writer):
    long = "x" * (MOST_CHARACTERS + 1)
    assert person.post("gebeurd", report_data(story=long), **JSON).status_code == 400
    page = person.post("gebeurd", report_data(story=long))
    assert page.status_code == 400 and long in page.content.decode() and 'id="errors"' in page.content.decode()
    almost = "x" * (MOST_CHARACTERS - 1)
    assert person.post("gebeurd", report_data(story=almost)).status_code == 400
    assert almost in person.page("gebeurd"), "too long to send, and kept to be shortened"


def test_far_too_much_says_what_to_do(person: Writer):
    """More than a field can hold comes back; more than the server reads at all is said in words."""
    million = "x" * 1_000_000
    back = person.post("gebeurd", report_data(story=million, place=million, since=million))
    assert back.status_code == 400 and back.content.count(million.encode()) >= 3
    refused = person.post("gebeurd", report_data(story=million * 11))
    assert refused.status_code == 413 and "as a file" in refused.content.decode()
    many = {f"field{number}": "x" for number in range(600)}
    assert person.post("gebeurd", report_data(**many)).status_code == 413


def test_a_role_that_ended_meanwhile_sends_nothing(town: Place, person: Writer):
    person.post("gebeurd", report_data())
    Membership.objects.filter(user=town.employee).delete()
    assert person.post("controle", {}).status_code == 403
    assert Incident.objects.count() == 0 and Draft.objects.count() == 1


def test_a_department_and_a_place_that_went_away_meanwhile(town: Place, writer: Any):
    place = Location.objects.create(
        organisation=town.organisation, name="Balie 3", code="7K3QDM", department=town.department
    )
    person = writer(town.employee)
    person.start(town, plek="7k3qdm")
    assert "Balie 3" in person.page("gebeurd")
    person.post("gebeurd", report_data(place="Balie 3"))
    person.post("wie", report_data(department=str(town.department.pk)))
    Location.objects.filter(pk=place.pk).update(is_active=False)
    town.department.is_active = False
    town.department.save()
    assert person.post("controle", {}).status_code == 400, "asked again, and nothing lost"
    town.department.is_active = True
    town.department.save()
    assert person.post("controle", {}).status_code == 302
    assert Incident.objects.get().place == "Balie 3"


def test_sent_at_the_same_moment_from_two_tabs(committed: None, town: Place, writer: Any, as_user: Any):
    person = writer(town.employee)
    person.start(town)
    person.post("gebeurd", report_data())
    answers: list[str] = []
    barrier = threading.Barrier(4)

    def send(number: int) -> None:
        client = as_user(town.employee)
        barrier.wait()
        step, data = ("controle", {}) if number % 2 else ("gebeurd", report_data(story="Nog een woord."))
        options = {} if number % 2 else JSON
        address = reverse("report_step", args=[person.key, step])
        answer = client.post(address, {"go": "next", "seen": "999999999", **data}, **options)
        answers.append(f"{step} {answer.status_code}")
        connections.close_all()

    threads = [threading.Thread(target=send, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Incident.objects.count() + Draft.objects.count() == 1, answers
    assert set(answers) <= {"controle 302", "controle 409", "gebeurd 200", "gebeurd 410"}
    assert person.post("controle", {}).status_code == 302
    story = "Nog een woord." if "gebeurd 200" in answers else STORY
    assert Incident.objects.get().story == story and Draft.objects.count() == 0, "kept is sent"


def test_a_double_click_of_send_is_no_change(committed: None, town: Place, person: Writer, as_user: Any):
    ready_to_send(town, person)
    answers: list[int] = []
    barrier = threading.Barrier(4)

    def send_too() -> None:
        client = as_user(town.employee)
        barrier.wait()
        address = reverse("report_step", args=[person.key, "controle"])
        answers.append(client.post(address, {"go": "send", "seen": "999999999"}).status_code)
        connections.close_all()

    threads = [threading.Thread(target=send_too) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [302] * 4 and Incident.objects.count() == 1 and Draft.objects.count() == 0


@pytest.mark.parametrize("role", list(Role))
def test_who_stops_finds_it_where_they_are_led(town: Place, writer: Any, role: Role):
    person = writer(town.people[role])
    person.start(town)
    address = reverse("report_step", args=[person.key, "gebeurd"])
    led = person.client.post(address, {"go": "later", "story": "Straks verder."}, follow=True)
    assert led.status_code == 200 and reverse("report_step", args=[person.key, "wie"]) in led.content.decode()


def test_the_start_lists_each_draft_in_as_many_questions(town: Place, writer: Any, as_user: Any):
    client = as_user(town.employee)
    for number in (1, 3):
        while Draft.objects.count() < number:
            writer(town.employee, client).start(town)
        with CaptureQueriesContext(connection) as asked:
            page = client.get(reverse("home"))
        assert len(page.context["drafts"]) == number and len(asked) == 8


def test_throwing_away_is_confirmed_without_scripts(person: Writer):
    page = person.client.get(reverse("report")).content.decode()
    fold = page.partition("<details")[2].partition("</details>")[0]
    assert reverse("report_drop", args=[person.key]) in fold and "Throw away</summary>" in fold.replace("\n", "")


def test_begun_again_for_another_organisation_it_goes_there(town: Place, other_town: Place, writer: Any):
    """Back to the first page, another organisation, and on: the same key means another report then."""
    other_town.join(town.employee, Role.EMPLOYEE, other_town.department)
    person = writer(town.employee)
    first = person.start(town, is_safe_now="yes")
    person.post("gebeurd", report_data(story="Over de eerste."), "later")
    second = person.start(other_town, is_safe_now="no")
    assert second["Location"] != first["Location"] and person.start(other_town)["Location"] == second["Location"]
    assert person.start(town, is_safe_now="yes")["Location"] == first["Location"]
    drafts = {draft.organisation: draft.content.answers.get("story") for draft in Draft.objects.all()}
    assert drafts == {town.organisation: ["Over de eerste."], other_town.organisation: None}


def ready_to_send(town: Place, person: Writer) -> dict[str, Any]:
    data = {**report_data(), "department": str(town.department.pk)}
    for step in ("gebeurd", "wie", "nodig"):
        person.post(step, data)
    return data


def test_what_was_kept_while_it_is_sent_is_not_lost(town: Place, person: Writer):
    """Another tab keeps by itself between the reading of the draft and its sending."""
    data = ready_to_send(town, person)
    draft = Draft.objects.get()
    kept = person.post("gebeurd", {**data, "story": f"{STORY} En het belangrijkste."}, **JSON)
    assert kept.status_code == 200
    with pytest.raises(DraftChanged):
        send(draft, person)
    assert Incident.objects.count() == 0 and Draft.objects.count() == 1
    send(Draft.objects.get(), person)
    assert Incident.objects.get().story == f"{STORY} En het belangrijkste." and Draft.objects.count() == 0


def send(draft: Draft, person: Writer) -> Incident:
    department = Department.objects.get(organisation=draft.organisation)
    desk = Desk(user=person.user, organisation=draft.organisation, now=clock.now(), own_department=department)
    whole = WholeReport(draft.content.answers, desk)
    assert whole.is_valid
    report = whole.report()
    return submit_report(
        report=report, idempotency_key=draft.pk, revision=draft.revision, by=person.user, now=clock.now()
    )


def test_sent_while_another_tab_keeps_shows_the_new_text_first(
    town: Place, person: Writer, monkeypatch: pytest.MonkeyPatch
):
    data = ready_to_send(town, person)
    reading = WholeReport.report

    def slow(whole: WholeReport) -> Any:
        monkeypatch.setattr(WholeReport, "report", reading)
        person.post("gebeurd", {**data, "story": f"{STORY} En het belangrijkste."}, **JSON)
        return whole.report()

    monkeypatch.setattr(WholeReport, "report", slow)
    page = person.post("controle", data)
    assert page.status_code == 409 and "En het belangrijkste." in page.content.decode()
    assert 'id="errors"' in page.content.decode() and Incident.objects.count() == 0
    assert person.post("controle", data).status_code == 302
    assert Incident.objects.get().story == f"{STORY} En het belangrijkste."


def test_a_draft_that_came_back_after_sending_goes_with_the_next_try(town: Place, person: Writer):
    data = ready_to_send(town, person)
    draft = Draft.objects.get()
    person.post("controle", data)
    start_draft(key=draft.pk, organisation=town.organisation, kind="incident", by=person.user, now=clock.now())
    send(draft, person)
    assert Draft.objects.count() == 0 and Incident.objects.count() == 1


def test_a_draft_of_an_organisation_that_one_left(town: Place, other_town: Place, person: Writer):
    membership = other_town.join(town.employee, Role.EMPLOYEE, other_town.department)
    person.key = UUID(int=1)
    person.start(other_town)
    assert person.post("gebeurd", report_data()).status_code == 302
    upload = {"evidence": SimpleUploadedFile("a.txt", b"x")}
    assert person.client.post(reverse("evidence_keep", args=[person.key]), upload).status_code == 302
    Membership.objects.filter(pk=membership.pk).update(ends_on="2026-11-23")
    typed = {**report_data(story="Nog een zin erbij."), "seen": "999999999", "go": "next"}
    page = person.post("gebeurd", typed)
    assert page.status_code == 403 and "Nog een zin erbij." in page.content.decode()
    assert "Elders" in page.content.decode() and "adviser Elders" not in page.content.decode()
    while_typing = person.post("gebeurd", typed, **JSON)
    assert while_typing.status_code == 410 and "Elders" in while_typing.json()["error"]
    assert person.post("controle", {"kept_out_email": "support@elders.invalid"}).status_code == 403
    assert person.client.get(reverse("report_step", args=[person.key, "controle"])).status_code == 403
    assert person.client.post(reverse("evidence_keep", args=[person.key]), upload).status_code == 404
    assert Incident.objects.count() == 0
    assert str(person.key) not in person.client.get(reverse("report")).content.decode()


PARTIES = {
    "the reporter": ({"kept_out_email": "employee@vlinderwaard.invalid"}, "kept_out_email"),
    "all who could act": ({"kept_out": "all", "kept_out_email": ""}, "kept_out"),
}


@pytest.mark.parametrize(("chosen", "field"), PARTIES.values(), ids=PARTIES.keys())
def test_who_cannot_be_kept_out_is_said_at_the_field(town: Place, person: Writer, chosen: Any, field: str):
    data = ready_to_send(town, person)
    if chosen.get("kept_out") == "all":
        chosen = {**chosen, "kept_out": [str(town.adviser.pk), str(town.people["deputy"].pk)]}
    page = person.post("controle", {**data, **chosen})
    summary = page.content.decode().partition('id="errors"')[2].partition("</ul>")[0]
    assert page.status_code == 409 and re.search(rf'<a href="#[^"]*{field}[^"]*">', summary)
    assert Incident.objects.count() == 0 and person.post("controle", data).status_code == 302


def test_a_refused_file_stands_among_the_errors(person: Writer):
    empty = {**report_data(), "evidence": SimpleUploadedFile("leeg.png", b"")}
    for wish in ("next", "add_files"):
        page = person.post("gebeurd", dict(empty), wish).content.decode()
        assert "leeg.png" in page.partition('id="errors"')[2].partition("</ul>")[0]
        assert "<title>Error:" in page.replace("\n", "") and STORY in page
    half = {"story": STORY, "evidence": SimpleUploadedFile("leeg.png", b"")}
    page = person.post("gebeurd", half, "add_files").content.decode()
    assert page.partition('id="errors"')[2].partition("</ul>")[0].count("<li>") == 1, "only what was pressed is judged"
    led = person.client.post(
        reverse("report_step", args=[person.key, "gebeurd"]), {**empty, "go": "later"}, follow=True
    )
    assert "leeg.png" in led.content.decode()


def test_the_first_page_says_why_it_comes_back(town: Place, writer: Any, as_user: Any):
    person = writer(town.employee, as_user(town.employee, enforce_csrf_checks=True))
    person.client.cookies["vpd_language"] = "en"
    page = person.start(town)
    assert page.status_code == 403 and "This page was open for long" in page.content.decode()
    assert Draft.objects.count() == 0
