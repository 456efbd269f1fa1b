"""The adviser's desk of the demonstration: each page of a case has something to show, and nobody on it exists."""

import re
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from incidents.models import (
    Breach,
    CareMoment,
    CaseLink,
    DamageLine,
    Evidence,
    Incident,
    Involvement,
    Letter,
    Measure,
    Note,
    Person,
    PersonOpening,
    PoliceSheet,
    Reaction,
    SavedList,
    Statement,
    Task,
)
from incidents.views.case_frame import PARTS
from vpdportal.accounts.models import Organisation, User

INVENTED = re.compile(r"Verzonnen|Bedacht|Testpersoon|Fictief")
CANNOT_EXIST = re.compile(r"06-000000\d\d|[\w.-]+@[\w.-]+\.invalid|1234 AB \d+|XX-000-X|TEST-\d+")
AT_LEAST: tuple[tuple[type[Model], dict[str, Any]], ...] = (
    *((Reaction, {"kind": kind}) for kind in ("talk", "warning", "conditions", "ban")),
    *((Reaction, {"status": status}) for status in ("draft", "active", "done")),
    (Reaction, {"status": "ended", "end_kind": "expired", "reviewed_at__isnull": False}),
    (Reaction, {"status": "proposed", "second__name": "Bram Maanlicht", "seconded_at": None}),
    (Reaction, {"status": "proposed", "second": None, "signer__name": "Dirk Dagboek"}),
    (Breach, {}),
    (Letter, {"kind": "ban", "status": "sent"}),
    (Letter, {"kind": "warning", "status": "draft"}),
    (PoliceSheet, {"status": "filed", "filed_on__isnull": False, "outcome": "inquiry"}),
    (PoliceSheet, {"status": "draft"}),
    (DamageLine, {"of": "victim", "is_finished": True}),
    (DamageLine, {"of": "organisation", "is_finished": False}),
    *((CareMoment, {"status": status}) for status in ("planned", "accepted", "move_asked", "held")),
    (CareMoment, {"care_for": "witness"}),
    *((Involvement, facts) for facts in ({"informed_on__isnull": False}, {"delayed_until__isnull": False})),
    (PersonOpening, {}),
    (CaseLink, {}),
    (Incident, {"status": "merged"}),
    (Incident, {"status": "closed", "tasks__kind": "lesson", "evaluation__isnull": False}),
    (Measure, {"status": "held"}),
    (Measure, {"adaptation__isnull": False}),
    (Measure, {"status": "declined"}),
    *((Task, {"status": "open", "kind": kind}) for kind in ("own", "lesson", "look_again", "talk")),
    (Task, {"status": "open", "kind": "sign", "assignee__name": "Dirk Dagboek"}),
    (Task, {"status": "open", "kind": "second_look", "assignee__name": "Bram Maanlicht"}),
    *((model, {}) for model in (Evidence, Statement, Note, SavedList)),
    (Reaction, {"organisation__slug": "droomdijk"}),
    (CareMoment, {"organisation__slug": "droomdijk", "status": "planned"}),
)

pytestmark = pytest.mark.once  # `make demo` is on SQLite; tests/stories fills it on PostgreSQL too


def of_the_desk() -> Any:
    """The cases in which someone outside the organisation is known."""
    return Incident.objects.filter(involvements__isnull=False).distinct()


def as_person(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(name=name))
    return client


def missing_states() -> list[tuple[str, dict[str, Any]]]:
    return [(model.__name__, facts) for model, facts in AT_LEAST if not model._default_manager.filter(**facts)]


def test_each_state_is_there(desk: None):
    assert missing_states() == []


def test_one_case_has_something_on_every_page(desk: None):
    ban = Reaction.objects.get(status="active").incident
    adviser = as_person("Noor Zonnestraal")
    for name, _label, _counted in PARTS:
        page = adviser.get(reverse(name, args=[ban.pk]))
        assert page.status_code == 200, name
    counts = {part.label: part.count for part in page.context["parts"]}
    assert [label for _name, label, counted in PARTS if counted and not counts[label]] == []


def test_the_pages_of_the_desk_show_it(desk: None):
    adviser = as_person("Noor Zonnestraal")
    for name in ("work_list", "case_list", "reaction_register", "my_tasks"):
        assert adviser.get(reverse(name)).status_code == 200
    running = Reaction.objects.get(status="active")
    assert running.incident.reference in adviser.get(reverse("reaction_register")).content.decode()
    assert "Dreiging, nog open" in adviser.get(reverse("case_list")).content.decode()
    assert adviser.get(reverse("saved_list", args=[SavedList.objects.get().pk]), follow=True).status_code == 200
    for incident in of_the_desk():
        for name, _label, _counted in PARTS:
            assert adviser.get(reverse(name, args=[incident.pk])).status_code == 200, (name, incident.reference)
    for person, address in (("Dirk Dagboek", "reaction_sign"), ("Bram Maanlicht", "reaction_second")):
        asked = Task.objects.get(assignee__name=person, kind__in=("sign", "second_look"), status="open")
        assert as_person(person).get(reverse(address, args=[asked.about])).status_code == 200


def test_someone_is_known_from_before(desk: None):
    warned = Reaction.objects.get(kind="warning", status="proposed").incident
    assert warned.facts.perpetrator_earlier_incidents_12m == 2


def test_nobody_outside_exists(desk: None):
    for person in Person.objects.all():
        assert INVENTED.search(person.sealed_name)
        assert not person.sealed_address or "1234 AB" in person.sealed_address
        for kind, values in person.identifiers.items():
            known = INVENTED if kind == "name_birth" else CANNOT_EXIST
            assert all(known.search(value) for value in values), kind
    for letter in Letter.objects.all():
        assert INVENTED.search(letter.versions.get().values["naam"])
    assert all("0000 AA" in organisation.postal_address for organisation in Organisation.objects.all())
    assert PoliceSheet.objects.get(status="filed").police_number.startswith("PL0000-")
