"""A near miss: one page, no heavy follow-up, counted apart, and made an incident when it was more."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from guidance.vocabulary import Phase
from incidents.models import Draft, Incident
from incidents.overview.figures import Month, month_figures
from incidents.views.keeping import OWNER
from incidents.vocabulary import ReportKind
from tests import clock
from tests.world import PASSWORD, Place, make_incident
from vpdportal.accounts.models import User

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
        "seen": "999999999",
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
    figures = month_figures(town.organisation, Month(2026, 11), clock.now())
    assert figures.near_misses == 6 and figures.total in {0, None}
    assert all(not table.rows for table in figures.tables)
    for _number in range(7):
        incident = make_incident(town)
    assert month_figures(town.organisation, Month(2026, 11), clock.now()).total == 7
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
    client.post(reverse("near_miss"), {**data, "go": "later"})
    assert Incident.objects.count() == 0 and Draft.objects.get().kind == ReportKind.NEAR_MISS


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
