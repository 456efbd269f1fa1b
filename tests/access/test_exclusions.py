"""A person who is kept out of a case, whatever roles that person holds: it is nowhere (design of reliability, T06).

Each channel is tried twice: kept out it shows nothing, and not kept out it does, so that every test can fail.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from guidance.cards import card_for
from incidents.actions.evidence import keep_evidence
from incidents.actions.exclusions import keep_out
from incidents.actions.reminders.sweep import sweep
from incidents.actions.tasks import hand_over_task
from incidents.models import Evidence, Exclusion, Incident, Measure, Task
from incidents.overview.audit_log import events_for
from incidents.overview.periods import Period
from incidents.overview.preview import preview_of
from incidents.overview.releases import release
from tests import clock
from tests.world import Place, make_incident, open_task
from vpdportal.accounts.actions import plan_absence
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Role
from vpdportal.audit.chain import verify

PDF = b"%PDF-1.4 bewijs"
PREVENTION = "P16"  # about the team: a second case of the team points to the first


@dataclass
class Scene:
    """A report about the manager, who is deputy, administrator and management too, and was given a task of it."""

    town: Place
    incident: Incident
    another: Incident  # of the same team, and not about anybody here
    task: Task
    evidence: Evidence
    boss: User
    auditor: User

    def get(self, name: str, *args: Any, by: User | None = None, **query: Any) -> Any:
        return browser_of(by or self.boss).get(reverse(name, args=args), query)

    def names_it(self, *where: Any, **query: Any) -> bool:
        page = self.get(*where, **query)
        assert page.status_code == 200
        return self.incident.reference in page.content.decode()


@pytest.fixture
def scene(town: Place, request: pytest.FixtureRequest) -> Scene:
    """With the parameter True: the manager is kept out, and so is the auditor."""
    boss, auditor = town.manager, town.auditor
    for role in (Role.DEPUTY, Role.MANAGEMENT, Role.ADMINISTRATOR, Role.SUPPORT):
        town.join(boss, role)
    incident = make_incident(town)
    another = make_incident(town)
    Measure.objects.filter(incident=another, code=PREVENTION).update(status="proposed", runs_in=incident)
    task = open_task(incident, "N02")
    hand_over_task(task=task, to=boss, by=town.adviser, now=clock.now())
    Task.objects.filter(incident=another).delete()
    evidence = keep_evidence(
        upload=SimpleUploadedFile("bewijs.pdf", PDF),
        organisation=town.organisation,
        by=town.employee,
        form_key=uuid4(),
        now=clock.now(),
    )
    Evidence.objects.filter(pk=evidence.pk).update(incident=incident)
    if getattr(request, "param", False):
        keep_out(incident=incident, person=boss, by=town.employee, now=clock.now())
        keep_out(incident=incident, person=auditor, by=town.employee, now=clock.now())
        Task.objects.filter(pk=task.pk).update(assignee=boss)  # given at the same moment: also then it is nowhere
    return Scene(town, incident, another, task, evidence, boss, auditor)


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def offered(scene: Scene) -> bool:
    """Whether the boss can be chosen to get another task of the case."""
    page = scene.get("task", open_task(scene.incident, "R01").pk, by=scene.town.adviser)
    return f'value="{scene.boss.pk}"' in page.content.decode()


def counted(scene: Scene) -> bool:
    return bool({label: number for _name, label, number in scene.get("work_list").context["tabs"]}["Alles open"])


def has_other_departments_rows(scene: Scene) -> bool:
    return scene.names_it("work_list", tab="all", department=str(scene.town.department.pk))


def mailed(scene: Scene, after: timedelta = timedelta()) -> bool:
    for _day in range(after.days + 1):
        sweep(now=clock.now())
        clock.move(days=1)
    to_boss = [message.body for message in mail.outbox if message.to == [scene.boss.email]]
    return any(scene.incident.reference in body for body in to_boss)


def stands_in(scene: Scene) -> bool:
    """The adviser is away, so the boss, a deputy, gets the adviser's mails."""
    scene.town.organisation.memberships.filter(user=scene.town.deputy).delete()
    absent = {"starts_at": clock.now() - timedelta(days=1), "ends_at": clock.now() + timedelta(days=9)}
    plan_absence(
        user=scene.town.adviser, organisation=scene.town.organisation, by=scene.town.adviser, now=clock.now(), **absent
    )
    Task.objects.filter(incident=scene.incident, assignee=scene.boss).delete()
    return mailed(scene)


def previewed(scene: Scene) -> bool:
    found = preview_of(
        scene.town.organisation,
        code="R01",
        card=card_for(scene.town.organisation),
        now=clock.now(),
        without=scene.boss,
    )
    return scene.incident in found.incidents


CHANNELS: dict[str, Callable[[Scene], bool]] = {
    "list of cases": lambda scene: scene.names_it("case_list"),
    "search by number": lambda scene: bool(
        scene.get("case_list", number=scene.incident.reference).context["page"].object_list
    ),
    "work list": lambda scene: scene.names_it("work_list", tab="all"),
    "count on the work list": counted,
    "work list by department": has_other_departments_rows,
    "moment of the next task": lambda scene: bool(scene.get("work_list").context["next_task"]),
    "my tasks": lambda scene: scene.names_it("my_tasks"),
    "page of a task": lambda scene: scene.get("task", scene.task.pk).status_code == 200,
    "hand over": offered,
    "mail about an own task": mailed,
    "mail to deputy and manager when late": lambda scene: mailed(scene, timedelta(days=9)),
    "mail while standing in": stands_in,
    "door of a mail": lambda scene: scene.get("door", scene.incident.pk).status_code != 404,
    "case": lambda scene: scene.get("case", scene.incident.pk).status_code == 200,
    "who sees it": lambda scene: scene.get("case_visibility", scene.incident.pk).status_code == 200,
    "evidence": lambda scene: scene.get("case_evidence", scene.incident.pk, scene.evidence.pk).status_code == 200,
    "list under an item of the menu": lambda scene: scene.names_it("menu_item", scene.town.organisation.slug, "R01"),
    "preview of a drafted card": lambda scene: scene.names_it("card_item", scene.town.organisation.slug, "R01"),
    "count of the preview": previewed,
    "link from another case of the team": lambda scene: scene.names_it("case", scene.another.pk),
    "page of the department": lambda scene: scene.names_it("team"),
    "audit log": lambda scene: scene.names_it("audit_log", scene.town.organisation.slug, by=scene.auditor),
    "audit log by number": lambda scene: bool(
        scene.get("audit_log", scene.town.organisation.slug, by=scene.auditor, number=scene.incident.reference).context[
            "lines"
        ]
    ),
}


@pytest.mark.parametrize("scene", [False, True], ids=["not kept out", "kept out"], indirect=True)
@pytest.mark.parametrize("name", CHANNELS)
def test_nothing_in_any_channel(scene: Scene, name: str):
    is_kept_out = Exclusion.objects.filter(user=scene.boss).exists()
    assert CHANNELS[name](scene) is not is_kept_out


OF_A_CASE = ("dossier/", "taak/", "melding/", "d/")


@pytest.mark.parametrize("scene", [True], indirect=True)
def test_no_address_of_the_case_opens_and_no_other_page_names_it(scene: Scene):
    """Every address there is, also those that come later, as the boss: 404 for the case, no word of it elsewhere."""
    client, number = browser_of(scene.boss), scene.incident.reference
    tried = {True: 0, False: 0}
    for route in routes(get_resolver().url_patterns):
        if route in {"uitloggen/", "i18n/setlang/"}:
            continue
        is_of_case, address = route.startswith(OF_A_CASE), "/" + filled(route, scene)
        page = client.get(address, follow=True)
        assert number not in b"".join(page).decode(errors="ignore"), route
        if is_of_case:
            answers = {page.status_code, client.post(address, {"do": "self", "self-is_sure": "on"}).status_code}
            assert answers <= {404, 405}, route
        tried[is_of_case] += page.status_code in {200, 404}
    assert tried[True] > 10 and tried[False] > 10


def routes(patterns: list[Any], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, before + str(pattern.pattern))
        else:
            yield before + str(pattern.pattern)


def filled(route: str, scene: Scene) -> str:
    """The address with the case, its task, its file and the organisation in it."""
    known = {"pk": scene.task.pk if route.startswith("taak/") else scene.incident.pk, "evidence_pk": scene.evidence.pk}
    known |= {"measure_pk": scene.task.measure_id, "slug": scene.town.organisation.slug, "code": "R01"}
    known |= {"year": 2026, "month": 11}

    def value(found: re.Match[str]) -> str:
        default = {"uuid": scene.incident.pk, "int": 1}.get(found[1], "x")
        return str(known.get(found[2], default))

    return re.sub(r"<(\w+):(\w+)>", value, route)


@pytest.mark.parametrize("scene", [False, True], ids=["not kept out", "kept out"], indirect=True)
def test_the_log_counts_nothing_of_it_and_the_check_still_reads_it_all(scene: Scene):
    is_kept_out = Exclusion.objects.filter(user=scene.auditor).exists()
    organisation = scene.town.organisation
    page = scene.get("audit_log", organisation.slug, by=scene.auditor, check="1")
    shown = events_for(organisation, scene.auditor).count()
    verdict, whole = page.context["verdict"], verify(organisation.pk)
    assert verdict.is_whole and whole.is_whole
    assert verdict.events == shown
    assert (shown < whole.events) is is_kept_out


DECEMBER = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)  # on which November is fixed


def test_the_month_counts_it_for_everyone_and_names_nobody(scene: Scene):
    """The one place where a case still counts: numbers that are protected against pointing at one report."""
    release(organisation=scene.town.organisation, period=Period.parse("2026-11"), now=DECEMBER)
    address = reverse("overview", args=[scene.town.organisation.slug, "2026-11"])
    before = browser_of(scene.boss).get(address).context["overview"].shown
    keep_out(incident=scene.incident, person=scene.boss, by=scene.town.employee, now=clock.now())
    page = browser_of(scene.boss).get(address)
    assert page.context["overview"].shown == before
    assert scene.incident.reference not in page.content.decode()


@pytest.mark.parametrize("is_fixed", [True, False], ids=["fixed", "running"])
def test_the_exact_figures_hold_nothing_of_it(scene: Scene, is_fixed: bool):
    """An adviser who is kept out of a case counts it in no exact number, before and after the month was fixed."""
    if is_fixed:
        release(organisation=scene.town.organisation, period=Period.parse("2026-11"), now=DECEMBER)
    address = reverse("overview", args=[scene.town.organisation.slug, "2026-11"]) + "?exact=1"

    def counted() -> list[int]:
        shown = browser_of(scene.town.adviser).get(address).context["overview"].shown
        lines = [line for code in ("behaviour", "department", "channel") for line in shown.tables[code]]
        return [shown.numbers["reports"].low, sum(line.told.low for line in lines)]

    total, parts = counted()
    out = {"organisation": scene.town.organisation, "incident": scene.incident, "user": scene.town.adviser}
    Exclusion.objects.create(**out, at=clock.now(), by=scene.town.employee)
    assert counted() == [total - 1, parts - 3]
