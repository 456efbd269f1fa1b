"""A word that stands nowhere else in each field group of a case; then every page as everyone.

What may not be seen shows nowhere, and what may be seen does show: so the test can fail both ways (T02).
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.template import engines
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from incidents import matrix
from incidents.actions.care import Appointment, plan_care
from incidents.actions.case import add_note
from incidents.actions.evidence import keep_evidence
from incidents.actions.exclusions import keep_out
from incidents.actions.own_tasks import WantedTask, add_own_task
from incidents.actions.people import ask_witness
from incidents.actions.restricting import restrict
from incidents.models import Evidence, Incident, Task
from tests import clock
from tests.access.field_groups import GROUPS, SEEN, seen_by
from tests.files import picture
from tests.incidents.reactions import drafted, link, make_person
from tests.world import Place, make_incident, make_user, open_task
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Role

WORDS = {
    "G1": "kanariegeel",
    "G2": "kanarievogel",
    "G3": "kanariekooi",
    "G5": "kanarieveer",
    "G6": "kanariezaad",
    "G7": "kanariesnavel",
    "G8": "kanarienest",
    "G9": "kanarieboom",
    "G10": "kanarieroute",
}
DAYS_ILL = 3471  # G4, and no other number
# What is left out: signing in, settings of an organisation, numbers, the menu. They show no case.
ELSEWHERE = (
    *("uitloggen", "taal", "i18n", "inloggen", "wachtwoord", "mijn-inloggen", "opnieuw-inloggen", "-/", "beheer"),
    *("menukaart", "over-deze", "melden", "m/", "demo", "overzicht/<", "verantwoording", "onderweg", "afmelden"),
    *("verzoeken", "bewaren", "agenda", "portaal", "lijst", "uitnodiging"),
)


class Scene:
    """A case about town.employee that somebody else reported, with a word in each field group."""

    def __init__(self, town: Place, other_town: Place) -> None:
        self.town, self.other_town, now = town, other_town, clock.now()
        self.reporter, self.kept = make_user("Melder Voor Een Ander"), {}
        town.join(self.reporter, Role.EMPLOYEE)
        made = make_incident(
            town,
            by=self.reporter,
            affected=town.employee,
            affected_name="Eva Voorbeeld",
            story=WORDS["G2"],
            sick_leave_days=DAYS_ILL,
            injury=True,
        )
        made.place, made.contact, made.perpetrator_description = WORDS["G1"], WORDS["G3"], WORDS["G5"]
        made.save(update_fields=["place", "contact", "perpetrator_description"])
        self.incident = made
        add_note(incident=made, text=WORDS["G6"], by=town.adviser, now=now)
        upload = SimpleUploadedFile(f"{WORDS['G7']}.png", picture())
        self.file = keep_evidence(
            upload=upload, organisation=town.organisation, by=town.employee, form_key=uuid4(), now=now
        )
        Evidence.objects.filter(pk=self.file.pk).update(incident=made)
        self.tasks = [open_task(made, "N02")]
        for person in (town.support, town.legal):
            wanted = WantedTask(WORDS["G8"], person, now + timedelta(days=2))
            self.tasks.append(add_own_task(incident=made, wanted=wanted, by=town.adviser, now=now))
        self.person = link(made, make_person(town), town.adviser)
        self.reaction = drafted(made, town, "conditions", second=None)
        self.reaction.scope = WORDS["G10"]
        self.reaction.save(update_fields=["scope"])
        talk = Appointment(now + timedelta(days=1), WORDS["G9"])
        plan_care(task=self.tasks[0], appointment=talk, revision=0, by=town.adviser, now=now)
        ask_witness(incident=made, email=self.joined("Getuige Een", Role.EMPLOYEE).email, by=town.employee, now=now)

    def joined(self, name: str, role: Role, **dates: Any) -> User:
        user = make_user(name)
        membership = self.town.join(user, role, self.town.department if role == Role.MANAGER else None)
        for field, value in dates.items():
            setattr(membership, field, value)
        membership.save()
        self.kept[name] = user
        return user

    def out(self, role: Role) -> User:
        user = self.joined("Iemand Buiten", role)
        keep_out(incident=self.incident, person=user, by=self.town.adviser, now=clock.now(), reason="Is partij.")
        return user

    def manager(self, *, is_allowed: bool) -> User:
        Incident.objects.filter(pk=self.incident.pk).update(may_manager_see=is_allowed)
        return self.town.manager

    def restricted(self) -> User:
        restrict(incident=self.incident, by=self.town.adviser, now=clock.now(), reason="Gaat over een collega.")
        return self.joined("Plaatsvervanger Twee", Role.DEPUTY)


def day(**away: int) -> Any:
    return (clock.now() + timedelta(**away)).date()


PEOPLE: dict[str, Callable[[Scene], User | None]] = {
    "stranger": lambda scene: None,
    "adviser elsewhere": lambda scene: scene.other_town.adviser,
    "kept out, deputy": lambda scene: scene.out(Role.DEPUTY),
    "kept out, manager": lambda scene: scene.manager(is_allowed=True) and scene.out(Role.MANAGER),
    "kept out, officer": lambda scene: scene.out(Role.AUDITOR),
    "colleague": lambda scene: scene.joined("Collega Drie", Role.EMPLOYEE),
    "who was hit": lambda scene: scene.town.employee,
    "who reported it for another": lambda scene: scene.reporter,
    "witness": lambda scene: scene.kept["Getuige Een"],
    "manager, not allowed": lambda scene: scene.manager(is_allowed=False),
    "manager, allowed": lambda scene: scene.manager(is_allowed=True),
    "support with a task": lambda scene: scene.town.support,
    "support without a task": lambda scene: scene.joined("Opvang Twee", Role.SUPPORT),
    "legal with a task": lambda scene: scene.town.legal,
    "legal without a task": lambda scene: scene.joined("Jurist Twee", Role.LEGAL),
    "adviser": lambda scene: scene.town.adviser,
    "deputy": lambda scene: scene.town.deputy,
    "deputy before the term": lambda scene: scene.joined("Later", Role.DEPUTY, starts_on=day(days=2)),
    "deputy after the term": lambda scene: scene.joined("Eerder", Role.DEPUTY, ends_on=day(days=-2)),
    "deputy, restricted": lambda scene: scene.restricted(),
    "management": lambda scene: scene.joined("Directie Twee", Role.MANAGEMENT),
    "administrator": lambda scene: scene.town.administrator,
    "officer": lambda scene: scene.town.auditor,
    "analyst": lambda scene: scene.town.analyst,
}


@pytest.fixture
def scene(town: Place, other_town: Place) -> Scene:
    return Scene(town, other_town)


def addresses(scene: Scene) -> Iterator[str]:
    """Every address that may be about the case, with its keys filled in; of tasks each of them."""
    for route in routes(get_resolver().url_patterns):
        if route.startswith(ELSEWHERE):
            continue
        for task in scene.tasks if route.startswith("taak/") else scene.tasks[:1]:
            yield "/" + filled(route, scene, task)
    yield "/werkvoorraad/?tab=all"


def routes(patterns: list[Any], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, before + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            yield before + str(pattern.pattern)


def filled(route: str, scene: Scene, task: Task) -> str:
    of_prefix = {"taak/": task.pk, "reactie/": scene.reaction.pk, "persoon/": scene.person.pk}
    pk = next((value for prefix, value in of_prefix.items() if route.startswith(prefix)), scene.incident.pk)
    known: dict[str, Any] = {
        "pk": scene.file.pk if route.startswith("bewijs/") else pk,
        "key": scene.file.form_key if route.startswith("bewijs/") else scene.incident.care.get(task=scene.tasks[0]).pk,
        "evidence_pk": scene.file.pk,
        "person_pk": scene.town.employee.pk,
        "involvement_pk": scene.incident.involvements.get().pk,
        "measure_pk": scene.tasks[0].measure_id,
        "slug": scene.town.organisation.slug,
    }
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(known.get(found[1], scene.incident.pk)), route)


def shown_to(scene: Scene, user: User | None) -> set[str]:
    """The field groups of which a word shows on some page of this person."""
    client, found = Client(), set()
    if user:
        client.force_login(user)
    words = {**WORDS, "G0": scene.incident.reference}
    for address in addresses(scene):
        page = client.get(address)
        if page.status_code != 200 or page.get("Content-Type", "").startswith(("application/pdf", "image/")):
            continue
        text = b"".join(page).decode(errors="ignore")
        found |= {group for group, word in words.items() if word in text}
        found |= {"G4"} if re.search(r"\b3\.?471\b", text) else set()
        is_log = address.endswith("/bekeken/") or (address.startswith("/logboek/") and words["G0"] in text)
        found |= {"G11"} if is_log else set()
    return found


@pytest.mark.parametrize("who", SEEN)
def test_each_sees_what_the_copy_by_hand_says(scene: Scene, who: str):
    found = shown_to(scene, PEOPLE[who](scene))
    assert found - seen_by(who) == set(), "shows too much"
    assert seen_by(who) - found == set(), "shows too little"


def test_a_planted_leak_is_found(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The negative control: one variable too many on the page of a task."""
    engine = engines["django"].engine  # type: ignore[attr-defined]
    source = (Path(__file__).parents[2] / "templates" / "incidents" / "task.html").read_text()
    leak = tmp_path / "incidents" / "task.html"
    leak.parent.mkdir()
    leak.write_text(source.replace("{% block content %}", "{% block content %}{{ task.incident.story }}", 1))
    monkeypatch.setattr(engine, "dirs", [str(tmp_path), *engine.dirs])
    reset(engine)
    try:
        assert shown_to(scene, scene.town.support) - seen_by("support with a task") == {"G2"}
    finally:
        monkeypatch.undo()
        reset(engine)


def reset(engine: Any) -> None:
    for loader in engine.template_loaders:
        loader.reset()


def test_the_page_of_code_and_the_copy_by_hand_agree():
    """Who reads something in the matrix sees it; who only adds, or nothing, sees nothing."""
    assert tuple(matrix.GROUPS) == GROUPS and set(matrix.MATRIX) == set(matrix.RELATIONS)
    for who, (_row, relation) in SEEN.items():
        letters = matrix.letters_of(relation)
        assert {group for group in GROUPS if "R" in letters[group]} == seen_by(who), who
    tried = {relation for _row, relation in SEEN.values()}
    assert set(matrix.MATRIX) - tried == {"own", "signer"}  # tried in test_reporter_pages and test_reactions_pages


def test_the_page_is_not_old():
    """docs/access.md is what `manage.py access_page` makes now."""
    made = StringIO()
    call_command("access_page", stdout=made)
    assert (Path(__file__).parents[2] / "docs" / "access.md").read_text() == made.getvalue(), (
        "run manage.py access_page"
    )
