"""A near miss: one page, no heavy follow-up, counted apart, and made an incident when it was more."""

import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from guidance.advice import advise, for_near_miss
from guidance.card import Card
from guidance.changes import Changes, OwnItem
from guidance.deadlines import Moments
from guidance.menu import Text
from guidance.vocabulary import Phase
from incidents.actions.advice import complete_facts
from incidents.actions.locations import save_location
from incidents.forms.near_miss import NearMissForm
from incidents.models import Draft, Incident, Location
from incidents.overview.counting import count_month
from incidents.overview.periods import Period
from incidents.overview.releases import release
from incidents.views.keeping import OWNER
from incidents.vocabulary import ReportKind
from tests import clock
from tests.world import PASSWORD, Place, facts, make_incident
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Role

STORY = "De man stak zijn hand op, maar liep toch weg. 😮"


def data_of(town: Place, user: User, **more: Any) -> dict[str, Any]:
    data = {
        "key": str(uuid4()),
        "organisation": str(town.organisation.pk),
        "owner": OWNER.sign(str(user.pk)),
        "behaviours": ["physical_violence"],
        "story": STORY,
        "day": "2026-11-24",
        "hour": "08:30",
        "channel": "counter",
        "place": "balie 3",
        "department": str(town.department.pk),
        "prevention_idea": "Een tweede collega bij de balie.",
        "seen": "0",
    }
    return {**data, **more}


def test_one_page_and_it_is_sent(town: Place, as_user: Any):
    client, data = as_user(town.employee), data_of(town, town.employee)
    answer = client.post(reverse("near_miss"), data)
    incident = Incident.objects.get()
    assert answer["Location"] == reverse("report_status", args=[incident.pk])
    assert client.post(reverse("near_miss"), data)["Location"] == answer["Location"]
    assert (incident.kind, incident.story, incident.place) == (ReportKind.NEAR_MISS, STORY, "balie 3")
    assert incident.details == {"prevention_idea": "Een tweede collega bij de balie."}
    assert Incident.objects.count() == 1 and Draft.objects.count() == 0
    page = as_user(town.adviser).get(reverse("case", args=[incident.pk])).content.decode()
    assert "Bijna-incident: " in page and "Een tweede collega" in page


def test_who_works_for_two_organisations_chooses_first(town: Place, other_town: Place, as_user: Any):
    """So that the departments on the page are those of the organisation it is about."""
    client = as_user(town.employee)
    assert "Elders" not in client.get(reverse("near_miss")).content.decode(), "the control: with one nothing is asked"
    other_town.join(town.employee, Role.EMPLOYEE)
    asked = client.get(reverse("near_miss"))
    assert [str(one) for one, _address in asked.context["places"]] == ["Elders", "Vlinderwaard"]
    page = client.get(asked.context["places"][0][1])
    departments = [str(value) for value, _label in page.context["form"].fields["department"].choices if value]
    assert departments == [str(other_town.department.pk)]
    assert str(page.context["start"]["organisation"].value()) == str(other_town.organisation.pk)
    client.post(reverse("near_miss"), data_of(other_town, town.employee))
    assert Incident.objects.get().organisation == other_town.organisation
    unknown = client.get(reverse("near_miss"), {"organisatie": "nergens"})
    assert len(unknown.context["places"]) == 2


def test_typed_on_after_it_was_sent_from_another_tab(town: Place, as_user: Any):
    client, data = as_user(town.employee), data_of(town, town.employee)
    client.post(reverse("near_miss"), data)
    more = client.post(reverse("near_miss"), {**data, "prevention_idea": "Een tweede deur."})
    sent = Incident.objects.get()
    assert more.status_code == 409 and "Een tweede deur." in more.content.decode()
    assert reverse("report_add", args=[sent.pk]) in more.content.decode()
    assert sent.details == {"prevention_idea": "Een tweede collega bij de balie."}


def test_nothing_goes_to_anyone_and_nobody_has_to_recover(town: Place):
    near = make_incident(town, kind=ReportKind.NEAR_MISS, behaviours=("physical_violence",), injury=True)
    full = make_incident(town, behaviours=("physical_violence",), injury=True)
    assert {task.code for task in full.tasks.all()} > {"N01", "N02"}, "the control: an incident brings them"
    others = [m.code for m in near.measures.all() if m.phase != Phase.PREVENTION]
    assert sorted(others) == ["R01", "R03"]
    assert {task.code for task in near.tasks.all()} >= {"R01", "R03"}


def test_it_was_more_than_a_near_miss(town: Place, as_user: Any):
    near = make_incident(town, kind=ReportKind.NEAR_MISS, behaviours=("physical_violence",), injury=True)
    address = reverse("case_became_incident", args=[near.pk])
    page = reverse("case", args=[near.pk])
    assert address in as_user(town.adviser).get(page).content.decode()
    assert as_user(town.employee).post(address).status_code == 403
    as_user(town.adviser).post(address)
    near.refresh_from_db()
    assert near.kind == ReportKind.INCIDENT
    assert {task.code for task in near.tasks.all()} >= {"N01", "N02", "R01"}
    again = as_user(town.adviser).post(address, follow=True).content.decode()
    assert "al een incident" in again and address not in again


def test_it_counts_in_no_figure_of_incidents(town: Place):
    for _number in range(6):
        make_incident(town, kind=ReportKind.NEAR_MISS)
    month = Period.parse("2026-11")
    counts = count_month(town.organisation, month)
    assert counts.numbers["near_misses"] == 6 and counts.numbers["reports"] == counts.numbers["severe"] == 0
    assert all(not table for code, table in counts.tables.items() if code != "prevention")
    for _number in range(7):
        incident = make_incident(town)
    assert count_month(town.organisation, month).numbers["reports"] == 7
    assert incident.facts.reports_in_team_90d == 7


WRONG = {
    "no behaviour": {"behaviours": []},
    "no story": {"story": " "},
    "too long": {"story": "x" * 4001},
    "moment to come": {"hour": "23:59"},
    "no place": {"channel": ""},
    "department of nobody": {"department": str(uuid4())},
    "zero byte": {"prevention_idea": "a\x00"},
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_named_and_kept(town: Place, as_user: Any, change: dict[str, Any]):
    client, data = as_user(town.employee), data_of(town, town.employee, **change)
    answer = client.post(reverse("near_miss"), data)
    assert answer.status_code == 400 and 'id="errors"' in answer.content.decode()
    begun = client.get(reverse("near_miss") + f"?concept={data['key']}").content.decode()
    assert "balie 3" in begun and data["key"] in begun
    assert Incident.objects.count() == 0
    assert client.post(reverse("near_miss"), data_of(town, town.employee, key=data["key"])).status_code == 302


def test_it_is_kept_while_it_is_typed(town: Place, as_user: Any):
    client, data = as_user(town.employee), data_of(town, town.employee, behaviours=[])
    kept = client.post(reverse("near_miss"), data, HTTP_ACCEPT="application/json")
    assert json.loads(kept.content)["saved"] == "10:00"
    start = client.get(reverse("report")).content.decode()
    assert f"{reverse('near_miss')}?concept={data['key']}" in start
    assert data["key"] not in as_user(town.manager).get(reverse("report")).content.decode()
    other = as_user(town.manager).get(reverse("near_miss") + f"?concept={data['key']}").content.decode()
    assert "Een tweede collega" not in other
    led = client.post(reverse("near_miss"), {**data, "go": "later"}, follow=True)
    assert f"{reverse('near_miss')}?concept={data['key']}" in led.content.decode()
    assert Incident.objects.count() == 0 and Draft.objects.get().kind == ReportKind.NEAR_MISS


def test_thrown_away_it_does_not_come_back_by_itself(town: Place, as_user: Any):
    client, data = as_user(town.employee), data_of(town, town.employee)
    client.cookies["vpd_language"] = "en"
    options = {"HTTP_ACCEPT": "application/json"}
    seen = client.post(reverse("near_miss"), data, **options).json()["revision"]
    as_user(town.manager).post(reverse("report_drop", args=[data["key"]]))
    assert Draft.objects.count() == 1
    client.post(reverse("report_drop", args=[data["key"]]))
    assert Draft.objects.count() == 0
    while_typing = client.post(reverse("near_miss"), {**data, "seen": str(seen)}, **options)
    assert while_typing.status_code == 410 and "thrown away" in while_typing.json()["error"]
    assert Draft.objects.count() == 0, "only a button begins again"
    client.post(reverse("near_miss"), {**data, "seen": str(seen), "go": "later"})
    assert Draft.objects.get().content.answers["story"] == [STORY]


def test_the_key_of_a_report_makes_no_near_miss_of_it(town: Place, as_user: Any, writer: Any):
    person = writer(town.employee, as_user(town.employee))
    person.start(town)
    person.client.post(reverse("near_miss"), data_of(town, town.employee, key=str(person.key), go="later"))
    assert {draft.kind: draft.content.answers.get("story") for draft in Draft.objects.all()} == {
        ReportKind.INCIDENT: None,
        ReportKind.NEAR_MISS: [STORY],
    }


def test_someone_is_kept_out_from_the_start(town: Place, as_user: Any):
    client = as_user(town.employee)
    assert 'name="kept_out_email"' in client.get(reverse("near_miss")).content.decode()
    for email, status in ((town.employee.email, 409), ("niemand@vlinderwaard.invalid", 400)):
        answer = client.post(reverse("near_miss"), data_of(town, town.employee, kept_out_email=email))
        summary = answer.content.decode().partition('id="errors"')[2].partition("</ul>")[0]
        assert answer.status_code == status and "kept_out_email" in summary
    client.post(reverse("near_miss"), data_of(town, town.employee, kept_out_email=town.adviser.email))
    incident = Incident.objects.get()
    assert incident.exclusions.get().user == town.adviser
    assert as_user(town.adviser).get(reverse("case", args=[incident.pk])).status_code == 404
    assert as_user(town.people["deputy"]).get(reverse("case", args=[incident.pk])).status_code == 200


def test_what_another_tab_keeps_while_it_is_sent_is_not_lost(
    town: Place, as_user: Any, monkeypatch: pytest.MonkeyPatch
):
    client, data = as_user(town.employee), data_of(town, town.employee, page="a")
    client.post(reverse("near_miss"), data, HTTP_ACCEPT="application/json")
    reading = NearMissForm.report

    def slow(form: NearMissForm) -> Any:
        monkeypatch.setattr(NearMissForm, "report", reading)
        other = {**data, "page": "b", "seen": "999", "story": "Wat het andere tabblad zei."}
        client.post(reverse("near_miss"), other, HTTP_ACCEPT="application/json")
        return form.report()

    monkeypatch.setattr(NearMissForm, "report", slow)
    page = client.post(reverse("near_miss"), {**data, "seen": "1"})
    assert page.status_code == 409 and Incident.objects.count() == 0
    seen = re.search(r'name="seen" value="(\d+)"', page.content.decode())
    assert seen
    both = client.post(reverse("near_miss"), {**data, "seen": seen[1]})
    assert both.status_code == 409 and "Wat het andere tabblad zei." in both.content.decode()


def test_an_old_page_comes_back_with_a_reason(town: Place, as_user: Any):
    client = as_user(town.employee, enforce_csrf_checks=True)
    client.cookies["vpd_language"] = "en"
    page = client.post(reverse("near_miss"), data_of(town, town.employee))
    assert page.status_code == 403 and "This page was open for long" in page.content.decode()
    assert STORY in page.content.decode() and Draft.objects.count() == 0


def test_a_session_that_ended_while_typing_costs_nothing(town: Place):
    client, data = Client(), data_of(town, town.employee)
    page = client.post(reverse("near_miss"), data)
    assert STORY in page.content.decode() and Draft.objects.count() == 0
    typed = {**dict(page.context["typed"]), "behaviours": ["physical_violence"]}
    wrong = client.post(reverse("near_miss"), {**typed, "username": town.manager.email, "password": PASSWORD})
    assert STORY not in wrong.content.decode()
    client.logout()
    back = client.post(reverse("near_miss"), {**typed, "username": town.employee.email, "password": PASSWORD})
    assert back.status_code == 200 and STORY in back.content.decode() and Incident.objects.count() == 0
    assert client.post(reverse("near_miss"), typed).status_code == 302
    assert Incident.objects.get().story == STORY


def test_an_own_measure_that_goes_to_the_perpetrator_is_not_for_a_near_miss():
    own = [
        OwnItem(code, Phase.PREVENTION, *[Text("Woorden", "Words")] * 3, condition=((),), reaches_perpetrator=reaches)
        for code, reaches in (("E1", False), ("E2", True))
    ]
    card = Card("test", Changes(own={item.code: item for item in own}))
    advised = advise(facts(), card, Moments(incident_at=clock.START, reported_at=clock.START))
    assert {"E1", "E2", "R06"} <= set(advised.codes), "the control: an incident brings them"
    near = for_near_miss(advised)
    assert "E1" in near.codes and not {"E2", "R06"} & set(near.codes)
    assert near.ladder is None and near.offences == [] and advised.ladder is not None


def test_what_becomes_known_later_brings_no_more_of_a_near_miss(town: Place):
    near, full = make_incident(town, kind=ReportKind.NEAR_MISS), make_incident(town)
    for incident in (near, full):
        answers = {"injury": True, "hospital_admission": True, "threat_to_life": True}
        complete_facts(incident=incident, answers=answers, by=town.adviser, now=clock.now())
    assert {"N02", "N09", "R07"} <= set(full.measures.values_list("code", flat=True))
    others = near.measures.exclude(phase=Phase.PREVENTION).values_list("code", flat=True)
    assert sorted(others) == ["R01", "R03"]


def test_it_counts_itself_once_it_is_an_incident(town: Place, as_user: Any):
    for _number in range(2):
        make_incident(town)
    near = make_incident(town, kind=ReportKind.NEAR_MISS)
    assert near.facts.reports_in_team_90d == 2 and not near.measures.filter(code="P02").exists()
    clock.move(days=5)
    as_user(town.adviser).post(reverse("case_became_incident", args=[near.pk]))
    near.refresh_from_db()
    assert near.facts.reports_in_team_90d == 3 and near.measures.filter(code="P02").exists()
    straight = make_incident(town, at=near.reported_at, ago=near.reported_at - near.occurred_at)
    terms = [dict(one.tasks.filter(code__in=("R01", "N02")).values_list("code", "due_at")) for one in (near, straight)]
    assert terms[0] == terms[1] and terms[0]


@pytest.mark.parametrize(("number", "people", "shown"), [(3, 40, "fewer than 5"), (7, 40, "about 5"), (3, 400, "3")])
def test_the_overview_says_how_many_there_were(town: Place, as_user: Any, number: int, people: int, shown: str):
    """Rounded in an organisation of 40 people, exactly in one of 400."""
    town.organisation.departments.update(headcount=people)
    for _near_miss in range(number):
        make_incident(town, kind=ReportKind.NEAR_MISS)
    release(organisation=town.organisation, period=Period.parse("2026-11"), now=clock.now() + timedelta(days=9))
    client = as_user(town.management)
    client.cookies["vpd_language"] = "en"
    page = client.get(reverse("overview", args=["vlinderwaard", "2026-11"])).content.decode()
    line = page.partition("Near misses, counted apart:")[2].partition("</p>")[0]
    assert line.strip().startswith(shown)


def test_it_is_never_among_how_often_an_item_was_advised(town: Place, as_user: Any):
    client, address = as_user(town.adviser), reverse("menu_item", args=["vlinderwaard", "R01"])
    make_incident(town)
    assert client.get(address).context["preview"].count == 1
    near = make_incident(town, kind=ReportKind.NEAR_MISS)
    page = client.get(address)
    assert page.context["preview"].count == page.context["preview"].of == 1
    assert near.reference not in page.content.decode()


def test_from_a_poster_the_place_comes_along(town: Place, as_user: Any):
    balie = Location(organisation=town.organisation, name="Balie 3", channel="interview_room")
    place = save_location(location=balie, by=town.administrator, changed=["name"], now=clock.now())
    client = as_user(town.employee)
    start = client.get(reverse("report"), {"plek": place.code.lower()}).content.decode()
    address = f"{reverse('near_miss')}?plek={place.code}"
    assert address in start
    form = client.get(address).context["form"]
    assert (form["place"].value(), form["channel"].value()) == ("Balie 3", "interview_room")
    client.post(reverse("near_miss"), data_of(town, town.employee, plek=place.code))
    assert Incident.objects.get().location == place


def test_the_place_decides_for_which_organisation_it_is(town: Place, other_town: Place, as_user: Any):
    other_town.join(town.employee, "employee", other_town.department)
    place = Location(organisation=other_town.organisation, name="Balie 3")
    save_location(location=place, by=town.administrator, changed=["name"], now=clock.now())
    data = data_of(town, town.employee, plek=place.code)
    client = as_user(town.employee)
    assert client.post(reverse("near_miss"), data).status_code == 400  # the department is one of the other organisation
    client.post(reverse("near_miss"), {**data, "department": str(other_town.department.pk)})
    incident = Incident.objects.get()
    assert incident.organisation == incident.location.organisation == other_town.organisation


def test_a_closed_near_miss_stays_what_it_is(town: Place, as_user: Any):
    near = make_incident(town, kind=ReportKind.NEAR_MISS)
    Incident.objects.filter(pk=near.pk).update(status="closed", closed_at=clock.now(), closed_by=town.adviser)
    client, address = as_user(town.adviser), reverse("case_became_incident", args=[near.pk])
    assert address not in client.get(reverse("case", args=[near.pk])).content.decode()
    client.post(address)
    near.refresh_from_db()
    assert near.is_near_miss


def test_it_is_marked_wherever_it_is_listed(town: Place, as_user: Any):
    near = make_incident(town, kind=ReportKind.NEAR_MISS)
    pages = {
        "adviser": [reverse("work_list"), reverse("case_list"), reverse("case", args=[near.pk])],
        "manager": [reverse("team")],
        "employee": [reverse("home"), reverse("report_status", args=[near.pk])],
    }
    for role, addresses in pages.items():
        client = as_user(town.people[role])
        client.cookies["vpd_language"] = "en"
        for address in addresses:
            assert "Near miss: verbal abuse" in client.get(address).content.decode(), address


FOR_COLLEAGUE = {"reporter_is": "colleague", "affected_name": "Raadslid Jansen"}


@pytest.mark.parametrize(("other", "group"), [(FOR_COLLEAGUE, "employee"), ({}, "councillor")])
def test_the_work_of_someone_reported_for_is_not_taken_for_ones_own(
    town: Place, as_user: Any, other: dict[str, str], group: str
):
    make_incident(town, target_group="councillor", **other)
    clock.move(days=1)
    assert as_user(town.employee).post(reverse("near_miss"), data_of(town, town.employee)).status_code == 302
    assert Incident.objects.get(kind="near_miss").target_group == group
