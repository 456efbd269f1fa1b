"""The adviser's home: each count is the list behind it, and what waits, ends or has gone quiet comes into sight."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from incidents.actions.exclusions import keep_out
from incidents.actions.messages import ask_person
from incidents.actions.tasks import hand_over_task
from incidents.models import Incident, Measure, Person, Reaction, SavedList, Task
from tests import clock
from tests.world import Place, make_incident, open_task
from vpdportal.accounts.models import User
from vpdportal.audit.models import AuditEvent

TODAY = date(2026, 11, 24)
NAME = "Geheime Naam"


def english(as_user: Any, user: User) -> Any:
    client = as_user(user)
    client.cookies["vpd_language"] = "en"
    return client


def tabs_of(page: Any) -> dict[str, int]:
    return {name: count for name, _label, count in page.context["tabs"]}


def rows_of(client: Any, tab: str, **filters: Any) -> list[Any]:
    """Every row of a tab, over all its pages."""
    rows, number = [], 1
    while True:
        page = client.get(reverse("work_list"), {"tab": tab, "page": number, **filters}).context["page"]
        rows += list(page.object_list)
        if not page.has_next():
            return rows
        number += 1


def make_reaction(incident: Incident, **more: Any) -> Reaction:
    person = Person(organisation=incident.organisation, created_at=clock.now(), created_by=incident.reporter)
    person.sealed_name = NAME
    person.save()
    values = {"status": "active", "starts_on": TODAY - timedelta(days=90), "ends_on": TODAY + timedelta(days=9)}
    return Reaction.objects.create(
        organisation=incident.organisation,
        incident=incident,
        person=person,
        kind="ban",
        conduct_on=TODAY - timedelta(days=91),
        hearing="heard",
        drafted_at=clock.now(),
        drafted_by=incident.reporter,
        **{**values, **more},
    )


def put_off(incident: Incident, by: User, until: date = TODAY + timedelta(days=7)) -> Measure:
    measure = incident.measures.filter(status="proposed").first()
    Measure.objects.filter(pk=measure.pk).update(status="held", hold_until=until, decided_at=clock.now(), decided_by=by)
    return measure


def ask(incident: Incident, by: User) -> Any:
    return ask_person(
        incident=incident,
        person=incident.reporter,
        asks=[],
        text="Hoe gaat het?",
        form_key=uuid4(),
        by=by,
        now=clock.now(),
    )


def fill_every_tab(town: Place, times: int = 1) -> None:
    for _time in range(times):
        for days in (0, 1, 3, 30):
            make_incident(town, at=clock.now() - timedelta(days=days))
        waiting = make_incident(town)
        hand_over_task(task=open_task(waiting, "N02"), to=town.support, by=town.adviser, now=clock.now())
        Task.objects.filter(pk=open_task(waiting, "R03").pk).update(is_on_hold=True)
        put_off(waiting, town.adviser)
        ask(waiting, town.adviser)
        make_reaction(waiting, status="proposed", proposed_at=clock.now(), signer=town.legal)
        make_reaction(waiting)
        make_reaction(waiting, ends_on=TODAY - timedelta(days=1))


def test_each_count_is_the_list_behind_it(town: Place, as_user: Any):
    fill_every_tab(town)
    client = as_user(town.adviser)
    counts = tabs_of(client.get(reverse("work_list")))
    assert set(counts) == {
        *("overdue", "today", "new", "week", "waiting", "ending", "quiet", "later", "mine", "all"),
    }
    assert counts["new"] == 4 and counts["waiting"] == 5 and counts["ending"] == 2 and counts["quiet"] == 1
    for name, count in counts.items():
        assert len(rows_of(client, name)) == count > 0, name


def test_pages_go_on_over_the_kinds_of_rows(town: Place, as_user: Any):
    fill_every_tab(town, times=7)
    client = as_user(town.adviser)
    rows = rows_of(client, "waiting")
    kinds = [row.kind for row in rows]
    assert kinds == ["task"] * 14 + ["advice"] * 7 + ["question"] * 7 + ["reaction_waits"] * 7
    assert len({row.subject.pk for row in rows}) == 35 == tabs_of(client.get(reverse("work_list")))["waiting"]


def test_only_the_organisations_served_and_the_one_chosen(town: Place, other_town: Place, as_user: Any):
    mine, theirs = make_incident(town), make_incident(other_town)
    client = as_user(town.adviser)
    assert_lists(client.get(reverse("work_list"), {"tab": "all"}), mine, theirs)
    other_town.join(town.adviser, "adviser")
    both = client.get(reverse("work_list"), {"tab": "all"}).content.decode()
    assert mine.reference in both and theirs.reference in both
    one = client.get(reverse("work_list"), {"tab": "all", "organisation": "elders"})
    assert_lists(one, theirs, mine)


def test_one_department_in_every_tab(town: Place, as_user: Any):
    fill_every_tab(town)
    other = town.organisation.departments.create(name="Handhaving", headcount=10)
    here = Incident.objects.first()
    there = make_incident(town, department=other)
    client = as_user(town.adviser)
    assert_lists(client.get(reverse("work_list"), {"tab": "all", "department": other.pk}), there, here)
    counts = tabs_of(client.get(reverse("work_list"), {"department": other.pk}))
    assert counts["new"] == 1 and not {"waiting", "ending", "quiet"} & set(counts)
    everything = client.get(reverse("work_list"), {"tab": "all", "department": "geen"})
    assert {here.pk, there.pk} <= {row.subject.incident_id for row in everything.context["page"].object_list} | {
        row.subject.incident_id for row in rows_of(client, "all")
    }


def assert_lists(page: Any, shown: Incident, hidden: Incident) -> None:
    text = page.content.decode()
    assert shown.reference in text and hidden.reference not in text


# --- what stands under a tab -----------------------------------------------------------------------------------------


def test_a_task_waits_for_who_does_not_work_on_cases(town: Place, other_town: Place, as_user: Any):
    task = open_task(make_incident(town), "N02")
    client = as_user(town.adviser)
    for to, is_waiting in ((town.deputy, False), (town.support, True), (town.adviser, False)):
        hand_over_task(task=task, to=to, by=town.adviser, now=clock.now())
        assert bool(rows_of(client, "waiting")) is is_waiting, to
    Task.objects.filter(pk=task.pk).update(assignee=other_town.adviser)  # works on cases, but not on these
    assert len(rows_of(client, "waiting")) == 1
    Task.objects.filter(pk=task.pk).update(assignee=None)
    assert rows_of(client, "waiting") == []


def test_who_left_the_desk_is_waited_for(town: Place, as_user: Any):
    task = open_task(make_incident(town), "N02")
    hand_over_task(task=task, to=town.deputy, by=town.adviser, now=clock.now())
    client = as_user(town.adviser)
    assert rows_of(client, "waiting") == []
    town.organisation.memberships.filter(user=town.deputy).update(ends_on=TODAY - timedelta(days=1))
    assert [row.subject.pk for row in rows_of(client, "waiting")] == [task.pk]


def test_on_hold_waits_and_is_not_late(town: Place, as_user: Any):
    task = open_task(make_incident(town), "N02")
    Task.objects.filter(pk=task.pk).update(is_on_hold=True, due_at=clock.now() - timedelta(days=1))
    client = english(as_user, town.adviser)
    assert [row.subject.pk for row in rows_of(client, "waiting")] == [task.pk]
    assert task.pk not in [row.subject.pk for row in rows_of(client, "overdue")]
    assert "on hold" in client.get(reverse("work_list"), {"tab": "waiting"}).content.decode()


def test_what_is_to_be_signed_stands_there_once(town: Place, as_user: Any):
    incident = make_incident(town)
    reaction = make_reaction(incident, status="proposed", proposed_at=clock.now(), signer=town.management)
    task = Task(organisation=town.organisation, incident=incident, kind="sign", about=reaction.pk)
    task.assignee, task.assigned_at, task.menu_version = town.management, clock.now(), incident.menu_version
    task.save()
    rows = rows_of(as_user(town.adviser), "waiting")
    assert [(row.kind, row.subject.pk) for row in rows] == [("reaction_waits", reaction.pk)]


def test_an_answer_or_the_end_of_the_case_ends_the_waiting(town: Place, as_user: Any):
    incident = make_incident(town)
    question = ask(incident, town.adviser)
    put_off(incident, town.adviser)
    client = as_user(town.adviser)
    assert [row.kind for row in rows_of(client, "waiting")] == ["advice", "question"]
    answer = {"form_key": str(uuid4()), "text": "Gaat wel."}
    asked = reverse("question", args=[incident.pk, question.pk])
    assert as_user(town.employee).post(asked, answer).status_code == 302
    assert [row.kind for row in rows_of(client, "waiting")] == ["advice"]
    incident.tasks.update(status="done", finished_at=clock.now(), finished_by=town.adviser)
    Incident.objects.filter(pk=incident.pk).update(status="closed", closed_at=clock.now(), closed_by=town.adviser)
    assert rows_of(client, "waiting") == []


def test_an_advice_that_was_put_off_says_until_when_and_then_that_it_is_time(town: Place, as_user: Any):
    incident = make_incident(town)
    measure = put_off(incident, town.adviser, until=TODAY + timedelta(days=2))
    client = english(as_user, town.adviser)
    page = client.get(reverse("work_list"), {"tab": "waiting"}).content.decode()
    assert measure.item.title_text.en in page and "put off until" in page and "look at it again" not in page
    clock.move(days=2)
    assert "look at it again" in client.get(reverse("work_list"), {"tab": "waiting"}).content.decode()


@pytest.mark.parametrize(
    ("days", "status", "is_listed"),
    [(30, "active", True), (31, "active", False), (-1, "active", True), (3, "ended", False), (3, "signed", False)],
)
def test_a_measure_that_ends_soon(town: Place, as_user: Any, days: int, status: str, is_listed: bool):
    ended = {"ended_at": clock.now(), "end_kind": "early"} if status == "ended" else {}
    make_reaction(make_incident(town), status=status, ends_on=TODAY + timedelta(days=days), **ended)
    assert bool(rows_of(as_user(town.adviser), "ending")) is is_listed


def test_how_soon_and_how_quiet_is_for_each_organisation(town: Place, other_town: Place, as_user: Any):
    other_town.join(town.adviser, "adviser")
    type(other_town.organisation).objects.filter(pk=other_town.organisation.pk).update(
        ends_soon_days=7, quiet_after_days=60
    )
    for place in (town, other_town):
        make_reaction(make_incident(place, at=clock.now() - timedelta(days=20)))
    client = as_user(town.adviser)
    assert [row.subject.incident.organisation for row in rows_of(client, "ending")] == [town.organisation]
    assert [row.subject.organisation for row in rows_of(client, "quiet")] == [town.organisation]


def test_a_measure_past_its_last_day_is_late_and_names_nobody(town: Place, as_user: Any):
    reaction = make_reaction(make_incident(town), ends_on=TODAY)
    client = english(as_user, town.adviser)
    page = client.get(reverse("work_list"), {"tab": "ending"}).content.decode()
    assert reaction.incident.reference in page and "Building ban" in page and "24 November 2026" in page
    assert "ended without a review" not in page, "the last day counts"
    clock.move(days=1)
    page = client.get(reverse("work_list"), {"tab": "ending"}).content.decode()
    assert '<span class="late">ended without a review</span>' in page
    assert NAME not in page


def test_a_case_goes_quiet_and_a_touch_ends_it(town: Place, as_user: Any):
    incident = make_incident(town)
    client = as_user(town.adviser)
    clock.move(days=14)
    assert rows_of(client, "quiet") == []
    clock.move(minutes=1)
    assert [row.subject.pk for row in rows_of(client, "quiet")] == [incident.pk]
    ask(incident, town.adviser)
    assert rows_of(client, "quiet") == []


def test_a_near_miss_is_a_new_report_too(town: Place, as_user: Any):
    near = make_incident(town, kind="near_miss")
    page = english(as_user, town.adviser).get(reverse("work_list"), {"tab": "new"})
    assert [row.subject.pk for row in page.context["page"].object_list] == [near.pk]
    assert "Read the report" in page.content.decode()


def test_who_is_kept_out_counts_and_sees_nothing(town: Place, as_user: Any):
    fill_every_tab(town)
    for incident in Incident.objects.all():
        keep_out(incident=incident, person=town.deputy, by=town.employee, now=clock.now())
    deputy = as_user(town.deputy)
    assert tabs_of(deputy.get(reverse("work_list"))) == {"all": 0}
    for tab in tabs_of(as_user(town.adviser).get(reverse("work_list"))):
        assert rows_of(deputy, tab) == [], tab


# --- the page --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tab", "queries"), [("all", 9), ("ending", 9), ("waiting", 12)])
def test_it_asks_the_same_however_long_it_is(
    town: Place, as_user: Any, django_assert_num_queries: Any, tab: str, queries: int
):
    for _number in range(2):
        fill_every_tab(town)
        client = as_user(town.adviser)
        client.get(reverse("work_list"))
        with django_assert_num_queries(queries):
            assert client.get(reverse("work_list"), {"tab": tab}).status_code == 200
        fill_every_tab(town)


def test_no_sealed_text_is_opened_for_a_list(town: Place, as_user: Any, monkeypatch: pytest.MonkeyPatch):
    fill_every_tab(town)
    opened: list[str] = []

    def watch(sealed: bytes, *, place: str) -> bytes:
        opened.append(place)
        return b"open"

    monkeypatch.setattr("vpdportal.encryption.open_seal", watch)
    client = as_user(town.adviser)
    for tab in tabs_of(client.get(reverse("work_list"))):
        client.get(reverse("work_list"), {"tab": tab})
    assert opened == []


def test_a_task_with_words_of_its_own_says_them(town: Place, as_user: Any):
    incident = make_incident(town)
    task = Task(organisation=town.organisation, incident=incident, kind="own", assignee=town.adviser)
    task.words, task.assigned_at, task.menu_version = "Bel de <script>wijkagent 😡", clock.now(), incident.menu_version
    task.save()
    page = as_user(town.adviser).get(reverse("work_list"), {"tab": "later"}).content.decode()
    assert "Bel de &lt;script&gt;wijkagent 😡" in page


def test_done_from_the_row_comes_back_to_the_same_list(town: Place, as_user: Any):
    incident = make_incident(town)
    task, other = open_task(incident, "R03"), open_task(incident, "N02")
    hand_over_task(task=other, to=town.support, by=town.adviser, now=clock.now())
    client = english(as_user, town.adviser)
    page = client.get(reverse("work_list"), {"tab": "all", "department": town.department.pk}).content.decode()
    (address,) = re.findall(rf'action="([^"]*{task.pk}[^"]*)"', page)
    assert str(other.pk) + "/gedaan" not in page, "what someone else has to do is not one's own to finish in passing"
    answer = client.post(address.replace("&amp;", "&"))
    assert answer["Location"] == f"/werkvoorraad/?tab=all&department={town.department.pk}"
    task.refresh_from_db()
    assert (task.status, task.finished_by) == ("done", town.adviser)
    late = client.post(address.replace("&amp;", "&"))
    assert late.status_code == 409 and "message--error" in late.content.decode()


def test_done_is_for_who_may_know_of_the_task(town: Place, other_town: Place, as_user: Any, client: Any):
    incident = make_incident(town)
    task = open_task(incident, "R03")
    address = reverse("work_done", args=[task.pk])
    keep_out(incident=incident, person=town.deputy, by=town.employee, now=clock.now())
    expected = {other_town.adviser: 404, town.deputy: 404, town.support: 403, town.employee: 403}
    for person, status in expected.items():
        assert as_user(person).post(address).status_code == status, person
    assert client.post(address).status_code == 302 and open_task(incident, "R03").status == "open"
    assert as_user(town.adviser).post(address).status_code == 302
    assert open_task(incident, "R03").status == "done"


def test_it_is_calm_when_there_is_nothing(town: Place, as_user: Any):
    client = english(as_user, town.adviser)
    assert "Nothing to do. New reports appear here by themselves." in client.get(reverse("work_list")).content.decode()
    task = open_task(make_incident(town), "N02")
    Task.objects.exclude(pk=task.pk).delete()
    Task.objects.update(due_at=clock.now() + timedelta(days=1))
    assert (
        "Nothing to do here until tomorrow 10:00."
        in client.get(reverse("work_list"), {"tab": "overdue"}).content.decode()
    )
    for tab, sentence in {"waiting": "You wait for nobody", "ending": "No measure ends", "quiet": "gone quiet"}.items():
        assert sentence in client.get(reverse("work_list"), {"tab": tab}).content.decode()


def test_the_search_is_one_key_away_and_leads_to_the_cases(town: Place, as_user: Any):
    page = as_user(town.adviser).get(reverse("work_list")).content.decode()
    assert page.count('href="#search-search"') == 1 and page.count('id="search-search"') == 1
    assert f'action="{reverse("case_search")}"' in page and "accesskey" not in page


# --- lists to come back to -------------------------------------------------------------------------------------------


@pytest.fixture
def keep(as_user: Any, town: Place) -> Callable[..., Any]:
    """Keep a list as the adviser: with this name, and these filters in the address."""

    def post(of: str, name: str, **filters: Any) -> Any:
        client = english(as_user, town.adviser)
        return client.post(reverse("saved_list_keep", args=[of], query=filters), {"name": name})

    return post


def test_filters_are_kept_opened_and_thrown_away(town: Place, as_user: Any, keep: Callable[..., Any]):
    answer = keep("work_list", " Mijn   week ", tab="week", department=str(town.department.pk), page=3, q="x")
    saved = SavedList.objects.get()
    assert (saved.name, saved.user, saved.page) == ("Mijn week", town.adviser, "work_list")
    assert saved.filters == {"tab": ["week"], "department": [str(town.department.pk)]}
    client = as_user(town.adviser)
    opened = client.get(answer["Location"])
    assert opened["Location"] == f"/werkvoorraad/?tab=week&department={town.department.pk}"
    assert client.get(opened["Location"]).context["tab"] == "week"
    assert "Mijn week" in client.get(reverse("work_list")).content.decode()
    assert "Mijn week" not in client.get(reverse("case_list")).content.decode()
    assert client.post(reverse("saved_list_drop", args=[saved.pk]))["Location"] == reverse("work_list")
    assert not SavedList.objects.exists()


def test_what_was_searched_for_is_never_kept(keep: Callable[..., Any]):
    keep("case_list", "Dreiging", severity="3", number="VW-7K3QD-2", search="Jan Jansen", reported_from="2026-01-01")
    assert SavedList.objects.get().filters == {"severity": ["3"], "reported_from": ["2026-01-01"]}


@pytest.mark.parametrize(("name", "status"), [("Tweede", 302), ("Eerste", 409), (" ", 400), ("x" * 61, 400)])
def test_a_name_is_taken_once_and_stays_typed(keep: Callable[..., Any], name: str, status: int):
    keep("work_list", "Eerste", tab="week")
    answer = keep("work_list", name, tab="today")
    assert answer.status_code == status
    assert SavedList.objects.count() == (2 if status == 302 else 1)
    if status != 302:
        assert f'value="{name.strip()}"' in answer.content.decode() or not name.strip()
        assert answer.context["tab"] == "today", "the page stays what it was"
    assert keep("case_list", "Eerste").status_code == 302, "another page has names of its own"


def test_there_is_an_end_to_the_lists(keep: Callable[..., Any]):
    for number in range(30):
        assert keep("work_list", f"Lijst {number}").status_code == 302
    assert keep("work_list", "Nog een").status_code == 409 and SavedList.objects.count() == 30


def test_a_list_is_one_s_own(town: Place, other_town: Place, as_user: Any, client: Any, keep: Callable[..., Any]):
    keep("work_list", "Eerste", tab="week")
    saved = SavedList.objects.get()
    for person, status in {town.deputy: 404, other_town.adviser: 404, town.support: 403}.items():
        browser = as_user(person)
        assert browser.get(reverse("saved_list", args=[saved.pk])).status_code == status
        assert browser.post(reverse("saved_list_drop", args=[saved.pk])).status_code == status
        name = {"name": "x"}
        kept = browser.post(reverse("saved_list_keep", args=["work_list"]), name).status_code
        assert kept == (403 if status == 403 else 302)
    for address in (reverse("saved_list", args=[saved.pk]), reverse("saved_list_drop", args=[saved.pk])):
        assert "/inloggen/" in client.post(address)["Location"]
    assert SavedList.objects.filter(pk=saved.pk).exists()
    assert as_user(town.adviser).post(reverse("saved_list_keep", args=["team"]), {"name": "x"}).status_code == 404


def test_nothing_of_the_lists_is_in_the_audit(keep: Callable[..., Any]):
    keep("work_list", "Jan Jansen", tab="week")
    assert not any("Jansen" in str(event.fields) for event in AuditEvent.objects.all())


WIDER = "You see all."


def test_a_list_of_what_is_gone_says_that_it_is_wider(town: Place, as_user: Any):
    client, elsewhere = english(as_user, town.adviser), "gemeenschappelijke-regeling-omgevingsdienst-midden-en-zuid"
    page = reverse("work_list")
    for filters in ({}, {"organisation": town.organisation.slug}, {"department": str(town.department.pk)}):
        assert WIDER not in client.get(page, filters).content.decode()
    for filters in ({"organisation": elsewhere}, {"department": str(uuid4())}):
        assert WIDER in client.get(page, filters).content.decode()
    address = reverse("saved_list_keep", args=["work_list"], query={"organisation": elsewhere})
    assert client.post(address, {"name": "Elders"}).status_code == 302
    assert SavedList.objects.get().filters == {"organisation": [elsewhere]}, "whole"


def test_the_list_of_all_cases_of_an_organisation_that_is_not_mine_shows_no_other(town: Place, as_user: Any):
    incident, client = make_incident(town), english(as_user, town.adviser)
    page = reverse("case_list")
    assert incident.reference in client.get(page, {"organisation": town.organisation.slug}).content.decode()
    shown = client.get(page, {"organisation": "elders"}).content.decode()
    assert incident.reference not in shown and "Choose one of the list." in shown
