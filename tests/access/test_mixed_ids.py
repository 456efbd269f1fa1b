"""Ids that do not belong together: a child under another parent, and a form with ids of several cases (T03).

The person may open the one. That must open nothing of the other: of another case, and of another organisation.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.apps import apps
from django.db import transaction
from django.db.models import F, Model
from django.urls import reverse

from incidents.models import DataPiece, Exclusion, Incident, Involvement, Measure, PoliceSheet, Reaction, Task
from tests.access import relations
from tests.access.desk import desk_addresses
from tests.access.relations import TYPED, Scene, body_of, browser_of, changed, letter_of, rows_now, sent
from tests.access.test_relations import ALSO_TYPED
from tests.access.test_rights import no_pdf  # noqa: F401  a PDF takes seconds
from tests.world import Place, make_incident
from vpdportal.accounts.models import User


@pytest.fixture
def scene(town: Place, other_town: Place, no_pdf: None) -> Scene:  # noqa: F811
    return relations.make_scene(town, other_town)


@pytest.fixture
def foreign(scene: Scene, other_town: Place) -> dict[str, list[Any]]:
    """The same addresses, filled in the other organisation."""
    return relations.addresses_of(other_town, make_incident(other_town, story="kanarievreemd"))


@pytest.fixture
def beside(scene: Scene) -> dict[str, list[Any]]:
    """The addresses of the desk, filled with another case of the same organisation, which everyone there may open."""
    return desk_addresses(scene.town, make_incident(scene.town, story="kanariebuur"))


WHO = ("adviser", "administrator", "auditor", "employee", "management")


def with_parent(name: str, mine: list[Any], other: list[Any]) -> list[list[Any]]:
    """The own parent with the other's child, and the other way round; nothing where there is no child."""
    if len(mine) < 2 or not isinstance(other[1], UUID) or mine[1] == other[1]:
        return []
    return [[mine[0], *other[1:]], [other[0], *mine[1:]]]


def tried(scene: Scene, others: dict[str, list[Any]], user: User) -> list[str]:
    """What opens of a child under the wrong parent, for this person; and which rows changed by trying."""
    client, found = browser_of(user), []
    before = rows_now()
    for name, mine in scene.addresses.items():
        for arguments in with_parent(name, mine, others.get(name, mine)):
            for method in ("GET", "POST"):
                body = urlencode({**TYPED, **ALSO_TYPED.get(name, {})}) if method == "POST" else ""
                response = sent(client, method, reverse(name, args=arguments), body)
                is_led_back = name in GONE_BEFORE and response.status_code == 302
                if (letter_of(response) not in {"-", "x", "m"} and not is_led_back) or b"kanarie" in body_of(response):
                    found.append(f"{method} {name}: {response.status_code}")
    return found + [f"rows of {one} changed" for one in sorted(changed(before))]


def test_a_child_of_another_organisation(scene: Scene, foreign: dict[str, list[Any]]):
    pairs = [name for name, mine in scene.addresses.items() if with_parent(name, mine, foreign[name])]
    assert len(pairs) > 40
    assert {who: wrong for who in WHO if (wrong := tried(scene, foreign, scene.town.people[who]))} == {}


def test_a_child_of_another_case(scene: Scene, beside: dict[str, list[Any]]):
    """Of two cases that may both be opened: what is asked for must belong to the case in the address."""
    other = {name: arguments for name, arguments in beside.items() if name not in FREE}
    assert len([name for name, mine in scene.addresses.items() if with_parent(name, mine, other.get(name, mine))]) >= 9
    assert tried(scene, other, scene.town.adviser) == []


FREE = {"case_merge", "hand_over_of"}  # two cases beside each other are what it is for; about a person of the place
GONE_BEFORE = {
    "case_person_unlink",
    "evidence_drop",
}  # what is not there any more is no fault: led back, nothing changes


# Forms that take several things, or point to one.


def crossing() -> set[str]:
    """Columns in which a row of one organisation points to a row of another."""
    found = set()
    for model in apps.get_models():
        names = {field.name for field in model._meta.concrete_fields}
        for field in model._meta.concrete_fields if "organisation" in names else ():
            to: Any = field.related_model
            if field.is_relation and to and "organisation" in {one.name for one in to._meta.concrete_fields}:
                rows: Any = model._default_manager
                if rows.exclude(**{field.name: None}).exclude(**{f"{field.name}__organisation": F("organisation")}):
                    found.add(f"{model.__name__}.{field.name}")
    return found


def of_case(model: type[Model], pk: Any) -> list[str]:
    rows: Any = model._default_manager
    return [str(one) for one in rows.filter(incident=pk).values_list("pk", flat=True)]


# Address → the fields in which ids stand, from (own, another case's, another organisation's) case.
Ids = Callable[[Scene, Incident, Incident], dict[str, Any]]
BULK: dict[str, Ids] = {
    "case_measures": lambda scene, near, far: {
        "measure": [*of_case(Measure, scene.case.pk)[:1], *of_case(Measure, near.pk), *of_case(Measure, far.pk)],
        "choice": "decline",
    },
    "task_hand_over": lambda scene, near, far: {"to": str(far.adviser_id)},
    "case_assign": lambda scene, near, far: {"to": str(far.adviser_id), "moves_tasks": "on"},
    "task_add": lambda scene, near, far: {"words": "Doe dit", "assignee": str(far.adviser_id), "day": "2026-12-01"},
    "case_link": lambda scene, near, far: {"number": far.reference, "kind": "related"},
    "case_visibility": lambda scene, near, far: {
        "do": "keep_out",
        "kept_out": [str(far.adviser_id)],
        "reason": "Is partij.",
    },
    "police_sheet": lambda scene, near, far: {
        "persons": [str(one) for one in Involvement.objects.values_list("person", flat=True)],
        "evidence": [scene.addresses["case_evidence"][1]],
        "revision": "0",
    },
    "reaction_new": lambda scene, near, far: {
        "person": str(Involvement.objects.filter(incident=far).values_list("person", flat=True)[0]),
        "signer": str(far.adviser_id),
    },
    "person_merge": lambda scene, near, far: {
        "other": str(Involvement.objects.filter(incident=far).values_list("person", flat=True)[0])
    },
    "case_person_link": lambda scene, near, far: {
        "person": str(Involvement.objects.filter(incident=far).values_list("person", flat=True)[0]),
        **{"role": "perpetrator", "kind": "person", "relation": "citizen", "is_minor": "no", "name": "Kees"},
    },
    "data_pieces_proposed": lambda scene, near, far: {
        "pieces": [str(one) for one in DataPiece.objects.values_list("pk", flat=True)]
    },
}


def of_other_organisations(own: Any) -> dict[str, str]:
    """A digest of each row that is not of this organisation."""
    found = {}
    for model in apps.get_models():
        if "organisation" in {field.name for field in model._meta.concrete_fields}:
            rows: Any = model._default_manager
            values = rows.exclude(organisation=own).order_by("pk").values_list()
            found[model.__name__] = repr(list(values))
    return found


def test_ids_of_others_in_a_form(scene: Scene, foreign: dict[str, list[Any]]):
    """As the adviser, who may send the form: what is not of this case or organisation stays as it was."""
    far = Incident.objects.get(pk=foreign["case"][0])
    near = Incident.objects.get(pk=scene.addresses["case_merge"][1])
    before, of_near = of_other_organisations(scene.town.organisation), rows_of_case(near)
    assert not crossing()
    client, wrong = browser_of(scene.people["adviser"]), {}
    for name, ids in BULK.items():
        with transaction.atomic():
            place = reverse(name, args=scene.arguments(name, "adviser"))
            answer = client.post(place, {**TYPED, **ids(scene, near, far)}).status_code
            is_same = of_other_organisations(scene.town.organisation) == before and rows_of_case(near) == of_near
            if answer >= 500 or not is_same or crossing():
                wrong[name] = (answer, is_same, crossing())
            transaction.set_rollback(True)
    assert wrong == {}


def rows_of_case(case: Incident) -> str:
    models: tuple[Any, ...] = (Measure, Task, Involvement, Reaction, PoliceSheet, Exclusion)
    return repr([list(model.objects.filter(incident=case).order_by("pk").values_list()) for model in models])


def test_of_mixed_ids_the_own_are_taken(scene: Scene, foreign: dict[str, list[Any]]):
    """So that the form above does something: the own advice is declined, and the others are not."""
    far = Incident.objects.get(pk=foreign["case"][0])
    near = Incident.objects.get(pk=scene.addresses["case_merge"][1])
    typed = {**TYPED, **BULK["case_measures"](scene, near, far)}
    response = browser_of(scene.people["adviser"]).post(reverse("case_measures", args=[scene.case.pk]), typed)
    assert response.status_code == 302
    declined = Measure.objects.filter(status="declined")
    assert {one.incident_id for one in declined} == {scene.case.pk}


def test_a_row_across_is_found(scene: Scene, foreign: dict[str, list[Any]]):
    """The negative control of `crossing`."""
    Task.objects.filter(incident=scene.case).update(incident=foreign["case"][0])
    assert crossing() == {"Task.incident"}


def test_a_changed_row_elsewhere_is_found(scene: Scene, foreign: dict[str, list[Any]]):
    """The negative control of the digests."""
    before = of_other_organisations(scene.town.organisation)
    DataPiece.objects.update(decision="give")
    assert of_other_organisations(scene.town.organisation) != before
