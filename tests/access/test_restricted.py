"""A restricted case: of the desk only who handles it sees it (design of access, field groups; ADR 30).

Each channel is tried twice: restricted it shows nothing, and not restricted it does, so that every test can fail.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from incidents.actions.assignment import assign_case
from incidents.actions.duty import on_duty
from incidents.actions.evidence import keep_evidence
from incidents.actions.exclusions import keep_out
from incidents.actions.glass import break_glass
from incidents.actions.merging import merge_cases
from incidents.actions.people import ask_witness
from incidents.actions.refusals import ReasonNeeded
from incidents.actions.reminders.sweep import sweep
from incidents.actions.restricting import NobodyHandlesIt, NotYourCase, lift_restriction, restrict
from incidents.actions.tasks import hand_over_task
from incidents.models import Evidence, Incident, News, Note, Notice, Task
from incidents.need_to_know import hidden_cases, hidden_from, only_opened
from incidents.vocabulary import NoticeStep, TimelineKind
from tests import clock
from tests.world import Place, make_incident, make_user, open_task
from vpdportal.accounts.actions import plan_absence
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Role
from vpdportal.audit.models import AuditEvent

WHY = "Gaat over een directe collega."


@dataclass
class Scene:
    """A case that town.adviser handles; `other` is an adviser too, and has nothing to do with it."""

    town: Place
    incident: Incident
    evidence: Evidence
    task: Task
    other: User

    def get(self, name: str, *args: Any, by: User | None = None, **query: Any) -> Any:
        client = Client()
        client.force_login(by or self.other)
        client.cookies["vpd_language"] = "en"
        return client.get(reverse(name, args=args), query)

    def opens(self, name: str, *args: Any, by: User | None = None) -> bool:
        return bool(self.get(name, *args, by=by).status_code == 200)

    def names_it(self, *where: Any, by: User | None = None, **query: Any) -> bool:
        page = self.get(*where, by=by, **query)
        assert page.status_code == 200
        return self.incident.reference in page.content.decode()


@pytest.fixture
def scene(town: Place, request: pytest.FixtureRequest) -> Scene:
    """With the parameter True the case is restricted."""
    incident = make_incident(town, story="Bijzonder verhaal over vlinderstruiken.")
    upload = SimpleUploadedFile("bewijs.pdf", b"%PDF-1.4 bewijs")
    kept = keep_evidence(
        upload=upload, organisation=town.organisation, by=town.employee, form_key=uuid4(), now=clock.now()
    )
    Evidence.objects.filter(pk=kept.pk).update(incident=incident)
    other = make_user("Adviseur Tweede")
    town.join(other, Role.ADVISER)
    incident.refresh_from_db()
    assert incident.adviser == town.adviser
    if getattr(request, "param", False):
        close(incident, town.adviser)
    return Scene(town, incident, kept, open_task(incident, "N02"), other)


def close(incident: Incident, by: User) -> None:
    restrict(incident=incident, by=by, now=clock.now(), reason=WHY)
    incident.refresh_from_db()


def mailed(scene: Scene, to: User, days: int) -> bool:
    for _day in range(days):
        sweep(now=clock.now())
        clock.move(days=1)
    return any(scene.incident.reference in one.body for one in mail.outbox if one.to == [to.email])


def previewed(scene: Scene) -> bool:
    """To an adviser who works on the menu card too."""
    scene.town.join(scene.other, Role.ADMINISTRATOR)
    return scene.names_it("card_item", scene.town.organisation.slug, "R01")


CHANNELS: dict[str, Callable[[Scene], bool]] = {
    "list of cases": lambda scene: scene.names_it("case_list"),
    "search by number": lambda scene: bool(
        scene.get("case_list", number=scene.incident.reference).context["page"].object_list
    ),
    "search by words": lambda scene: bool(scene.get("case_list", search="vlinderstruiken").context["page"].object_list),
    "work list": lambda scene: scene.names_it("work_list", tab="all"),
    "new on the work list": lambda scene: scene.names_it("work_list", tab="new"),
    "count on the work list": lambda scene: any(
        number for _name, _label, number in scene.get("work_list").context["tabs"]
    ),
    "page of a task": lambda scene: scene.opens("task", scene.task.pk),
    "door of a mail": lambda scene: scene.get("door", scene.incident.pk).status_code != 404,
    "case": lambda scene: scene.opens("case", scene.incident.pk),
    "timeline": lambda scene: scene.opens("case_timeline", scene.incident.pk),
    "who sees it": lambda scene: scene.opens("case_visibility", scene.incident.pk),
    "evidence": lambda scene: scene.opens("case_evidence", scene.incident.pk, scene.evidence.pk),
    "list under an item of the menu": lambda scene: scene.names_it("menu_item", scene.town.organisation.slug, "R01"),
    "preview of a drafted card": previewed,
    "page of the department": lambda scene: scene.names_it("team", by=scene.town.manager),
    "mail to the deputy when late": lambda scene: mailed(scene, scene.town.deputy, 9),
    "mail to the manager when late": lambda scene: mailed(scene, scene.town.manager, 9),
    "as the deputy": lambda scene: (
        scene.opens("case", scene.incident.pk) and False or scene.opens("case", scene.incident.pk, by=scene.town.deputy)
    ),
}


@pytest.mark.parametrize("scene", [False, True], ids=["open", "restricted"], indirect=True)
@pytest.mark.parametrize("name", CHANNELS)
def test_nothing_in_any_channel(scene: Scene, name: str):
    assert CHANNELS[name](scene) is not scene.incident.is_restricted


@pytest.mark.parametrize("scene", [True], indirect=True)
def test_who_handles_it_keeps_everything(scene: Scene):
    handler = scene.town.adviser
    assert scene.names_it("case_list", by=handler) and scene.names_it("work_list", by=handler, tab="all")
    page = scene.get("case", scene.incident.pk, by=handler)
    assert page.status_code == 200 and "restricted" in page.content.decode()


@pytest.mark.parametrize("scene", [True], indirect=True)
def test_the_parties_and_who_was_asked_keep_what_they_have(scene: Scene):
    town, incident = scene.town, scene.incident
    assert scene.opens("report_status", incident.pk, by=town.employee)
    hand_over_task(task=scene.task, to=town.support, by=town.adviser, now=clock.now())
    assert scene.opens("task", scene.task.pk, by=town.support)
    assert scene.names_it("my_tasks", by=town.support)
    assert not scene.opens("witness", incident.pk, by=town.legal)
    ask_witness(incident=incident, email=town.legal.email, by=town.employee, now=clock.now())
    assert scene.opens("witness", incident.pk, by=town.legal)


@pytest.mark.parametrize("scene", [True], indirect=True)
def test_who_is_given_a_task_sees_it_until_it_is_done(scene: Scene):
    assert not scene.opens("case", scene.incident.pk)
    hand_over_task(task=scene.task, to=scene.other, by=scene.town.adviser, now=clock.now())
    assert scene.opens("case", scene.incident.pk)
    Task.objects.filter(pk=scene.task.pk).update(status="done", finished_at=clock.now(), finished_by=scene.other)
    assert not scene.opens("case", scene.incident.pk)


@pytest.mark.parametrize("scene", [True], indirect=True)
def test_a_new_handler_takes_the_place_of_the_former(scene: Scene):
    assign_case(incident=scene.incident, to=scene.other, moves_tasks=True, by=scene.town.adviser, now=clock.now())
    assert scene.opens("case", scene.incident.pk)
    assert not scene.opens("case", scene.incident.pk, by=scene.town.adviser)


# It never vanishes: while who handles it cannot act, it is for who is on duty.


def sees(incident: Incident, person: User) -> bool:
    return not Incident.objects.filter(only_opened(person, "pk", clock.now()), pk=incident.pk).exists()


def desk_sees(scene: Scene) -> set[User]:
    desk = (scene.town.adviser, scene.other, scene.town.deputy)
    return {person for person in desk if sees(scene.incident, person)}


@pytest.mark.parametrize("scene", [True], indirect=True)
def test_an_absent_handler_is_stood_in_for(scene: Scene):
    handler = scene.town.adviser
    assert desk_sees(scene) == {handler}
    span = {"starts_at": clock.now() - timedelta(days=1), "ends_at": clock.now() + timedelta(days=9)}
    plan_absence(user=handler, organisation=scene.town.organisation, by=handler, now=clock.now(), **span)
    Task.objects.filter(incident=scene.incident).update(assignee=handler)
    assert desk_sees(scene) == {handler, scene.other} == {handler, on_duty(scene.incident, clock.now())}
    assert scene.opens("case", scene.incident.pk)
    clock.move(days=10)
    assert desk_sees(scene) == {handler}


@pytest.mark.parametrize("scene", [True], indirect=True)
def test_when_the_handler_has_left_it_is_for_who_is_on_duty(scene: Scene):
    scene.town.organisation.memberships.filter(user=scene.town.adviser).delete()
    Task.objects.filter(incident=scene.incident).update(assignee=None)
    assert scene.other in desk_sees(scene) and scene.town.deputy not in desk_sees(scene)
    scene.town.organisation.memberships.filter(user=scene.other).delete()
    assert scene.town.deputy in desk_sees(scene)


@pytest.mark.parametrize("scene", [True], indirect=True)
def test_when_the_handler_is_kept_out_it_is_for_who_is_on_duty(scene: Scene):
    keep_out(incident=scene.incident, person=scene.town.adviser, by=scene.town.employee, now=clock.now())
    scene.incident.refresh_from_db()
    assert scene.incident.adviser == scene.other and scene.opens("case", scene.incident.pk)
    assert not scene.opens("case", scene.incident.pk, by=scene.town.adviser)


@pytest.mark.parametrize("works_on", ["", "12345", "67"])
@pytest.mark.parametrize("is_away", [False, True])
@pytest.mark.parametrize("is_last_day", [False, True])
@pytest.mark.parametrize("scene", [True], indirect=True)
def test_the_database_says_who_is_on_duty_as_python_does(scene: Scene, works_on: str, is_away: bool, is_last_day: bool):
    """Two copies of one order: this holds them together."""
    third = make_user("Adviseur Derde")
    scene.town.join(third, Role.ADVISER)
    scene.other.works_on = works_on
    scene.other.save(update_fields=["works_on"])
    Task.objects.filter(incident=scene.incident).update(assignee=None)
    Incident.objects.filter(pk=scene.incident.pk).update(adviser=None)
    mine = scene.town.organisation.memberships.filter(user=scene.town.adviser)
    if is_last_day:
        mine.update(ends_on=clock.now().date())
    if is_away:
        span = {"starts_at": clock.now() - timedelta(days=1), "ends_at": clock.now() + timedelta(days=1)}
        scene.town.organisation.absence_set.create(user=third, **span)
    incident = Incident.objects.get(pk=scene.incident.pk)
    people = [scene.town.adviser, scene.other, third, scene.town.deputy]
    assert [person for person in people if sees(incident, person)] == [on_duty(incident, clock.now())]


@pytest.mark.parametrize("scene", [True], indirect=True)
def test_read_at_once_or_asked_of_each_row_it_is_the_same(scene: Scene, other_town: Place):
    """Two ways to ask what is hidden from someone: this holds them together."""
    town, hidden = scene.town, 0
    out, elsewhere = make_incident(town), make_incident(other_town)
    keep_out(incident=out, person=scene.other, by=town.employee, now=clock.now())
    close(make_incident(other_town), other_town.adviser)
    keep_out(incident=elsewhere, person=other_town.deputy, by=other_town.employee, now=clock.now())
    break_glass(incident=scene.incident, by=town.deputy, now=clock.now(), reason=WHY)
    for person in (scene.other, *town.people.values(), *other_town.people.values()):
        for organisations in ({town.organisation.pk}, {town.organisation.pk, other_town.organisation.pk}, set()):
            here = Incident.objects.filter(organisation__in=organisations)
            asked = set(here.filter(hidden_from(person, "pk", clock.now())).values_list("pk", flat=True))
            read = hidden_cases(person, clock.now(), organisations)
            assert set(read) == asked and len(read) == len(asked), person
            hidden += len(read)
    assert hidden > 9


# Setting and lifting it.


def test_it_asks_a_reason_and_somebody_who_handles_it(scene: Scene):
    now, handler = clock.now(), scene.town.adviser
    with pytest.raises(ReasonNeeded):
        restrict(incident=scene.incident, by=handler, now=now, reason=" ")
    Incident.objects.filter(pk=scene.incident.pk).update(adviser=None)
    with pytest.raises(NobodyHandlesIt):
        restrict(incident=scene.incident, by=handler, now=now, reason=WHY)
    Incident.objects.filter(pk=scene.incident.pk).update(adviser=handler)
    close(scene.incident, handler)
    assert Note.objects.get(incident=scene.incident).text == WHY
    assert scene.incident.timeline.filter(kind=TimelineKind.RESTRICTED, by=handler).count() == 1
    row = AuditEvent.objects.get(action="incident.restricted")
    assert row.fields == [] and row.object_id == scene.incident.pk


@pytest.mark.parametrize("scene", [True], indirect=True)
def test_the_reason_of_who_was_second_is_kept_too(scene: Scene):
    for reason in (WHY, "Ook om iets anders.", " Ook om iets anders. "):
        restrict(incident=scene.incident, by=scene.town.adviser, now=clock.now(), reason=reason)
    notes = [note.text for note in Note.objects.filter(incident=scene.incident)]
    assert sorted(notes) == sorted([WHY, "Ook om iets anders."]), "the same words once"
    assert scene.incident.timeline.filter(kind=TimelineKind.RESTRICTED).count() == 1


@pytest.mark.parametrize("scene", [True], indirect=True)
def test_only_who_handles_it_lifts_it(scene: Scene):
    hand_over_task(task=scene.task, to=scene.other, by=scene.town.adviser, now=clock.now())
    with pytest.raises(NotYourCase):
        lift_restriction(incident=scene.incident, by=scene.other, now=clock.now(), reason=WHY)
    lift_restriction(incident=scene.incident, by=scene.town.adviser, now=clock.now(), reason=WHY)
    assert scene.opens("case", scene.incident.pk, by=scene.town.deputy)
    assert scene.incident.timeline.filter(kind=TimelineKind.UNRESTRICTED).count() == 1


def test_what_the_others_would_still_hear_is_stopped(scene: Scene):
    now, incident = clock.now(), scene.incident
    of_task = {"organisation": scene.town.organisation, "task": scene.task, "day": now.date()}
    notice = Notice.objects.create(
        **of_task, step=NoticeStep.ESCALATED, recipient=scene.town.deputy, due_at=now, send_at=now
    )
    news = News.objects.create(
        organisation=scene.town.organisation,
        incident=incident,
        kind="added",
        recipient=scene.other,
        due_at=now,
        about=incident.pk,
    )
    close(incident, scene.town.adviser)
    for row in (notice, news):
        row.refresh_from_db()
        assert row.cancelled_at == now
    assert not Notice.objects.filter(recipient=scene.town.adviser, cancelled_at__isnull=False).exists()


def test_joining_restricts_both(scene: Scene):
    joined = make_incident(scene.town, by=scene.town.support)
    close(joined, scene.town.adviser)
    merge_cases(incident=joined, into=scene.incident, by=scene.town.adviser, now=clock.now())
    scene.incident.refresh_from_db()
    assert scene.incident.is_restricted and not scene.opens("case", scene.incident.pk)


def test_the_page_of_it(scene: Scene, as_user: Any):
    client, address = as_user(scene.town.adviser), reverse("case_restriction", args=[scene.incident.pk])
    client.cookies["vpd_language"] = "en"
    assert client.post(address, {"do": "restrict", "reason": ""}).status_code == 400
    response = client.post(address, {"do": "restrict", "reason": WHY})
    assert response.status_code == 302 and scene.opens("case_visibility", scene.incident.pk, by=scene.town.adviser)
    page = client.get(reverse("case_visibility", args=[scene.incident.pk]))
    assert [person for person, _roles in page.context["desk"]] == [scene.town.adviser]
    assert client.post(address, {"do": "lift", "reason": WHY}).status_code == 302
    assert scene.opens("case", scene.incident.pk)


def test_the_page_is_for_the_desk_alone(scene: Scene, other_town: Place):
    address = ("case_restriction", scene.incident.pk)
    assert scene.get(*address, by=scene.town.deputy).status_code == 200
    assert scene.get(*address, by=scene.town.support).status_code == 403
    assert scene.get(*address, by=other_town.adviser).status_code == 404
    assert Client().get(reverse(address[0], args=address[1:])).status_code == 200  # the sign-in page
    keep_out(incident=scene.incident, person=scene.town.deputy, by=scene.town.employee, now=clock.now())
    assert scene.get(*address, by=scene.town.deputy).status_code == 404


def test_who_closes_a_case_of_someone_else_leaves_it(scene: Scene, as_user: Any):
    address = reverse("case_restriction", args=[scene.incident.pk])
    response = as_user(scene.other).post(address, {"do": "restrict", "reason": WHY})
    assert response["Location"] == reverse("work_list") and not scene.opens("case", scene.incident.pk)
