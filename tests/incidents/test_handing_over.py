"""Someone goes away: everything goes to someone else at once, and a role ends only when nothing needs it."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from incidents.actions.assignment import assign_case
from incidents.actions.exclusions import keep_out
from incidents.actions.handing_over import end_role_of, hand_over_all
from incidents.models import Incident, Notice, Task, TimelineEntry
from tests import clock
from tests.world import LONG_AGO, Place, make_incident, make_user, open_task
from vpdportal.accounts.models import Membership, User
from vpdportal.accounts.roles import Role
from vpdportal.audit.models import AuditEvent


@pytest.fixture
def desk(town: Place, as_user: Any) -> Client:
    client: Client = as_user(town.adviser)
    client.cookies["vpd_language"] = "en"
    return client


@pytest.fixture
def admin(town: Place, as_user: Any) -> Client:
    client: Client = as_user(town.administrator)
    client.cookies["vpd_language"] = "en"
    return client


def address_of(town: Place, person: User) -> str:
    return reverse("hand_over_of", args=[town.organisation.slug, person.pk])


def own(client: Client, town: Place, to: User) -> Any:
    return client.post(
        reverse("hand_over_all"), {"organisation": town.organisation.slug, "to": str(to.pk)}, follow=True
    )


def open_of(person: User, *cases: Incident) -> list[Task]:
    return list(Task.objects.filter(assignee=person, status="open", incident__in=cases))


def test_all_tasks_and_cases_go_at_once(town: Place, other_town: Place, desk: Client):
    cases = [make_incident(town) for _number in range(3)]
    other_town.join(town.adviser, Role.ADVISER)
    elsewhere = make_incident(other_town)
    Task.objects.filter(incident=elsewhere).update(assignee=town.adviser)
    done = open_task(cases[0], "R01")
    Task.objects.filter(pk=done.pk).update(status="done", finished_at=clock.now(), finished_by=town.adviser)
    given = open_task(cases[1], "N02")
    Task.objects.filter(pk=given.pk).update(assignee=town.support)
    number = len(open_of(town.adviser, *cases))
    page = own(desk, town, town.deputy).content.decode()
    assert f"{number} tasks and 3 cases" in page and "could not go to" not in page
    assert not open_of(town.adviser, *cases) and len(open_of(town.deputy, *cases)) == number
    assert set(Incident.objects.filter(pk__in=[c.pk for c in cases]).values_list("adviser", flat=True)) == {
        town.deputy.pk
    }
    for kept, owner in ((done, town.adviser), (given, town.support)):
        assert Task.objects.get(pk=kept.pk).assignee == owner
    assert open_of(town.adviser, elsewhere), "in another organisation everything stays"
    waiting = Notice.objects.filter(task__in=open_of(town.deputy, *cases), mail=None, cancelled_at=None)
    assert set(waiting.values_list("recipient", flat=True)) == {town.deputy.pk}
    assert waiting.filter(step="assigned").count() == number
    assert TimelineEntry.objects.filter(kind="assigned").count() == 3
    assert TimelineEntry.objects.filter(kind="task_handed_over", by=town.adviser).count() == number
    assert own(desk, town, town.deputy).status_code == 200 and not open_of(town.adviser, *cases), "a second click"


def test_what_the_chosen_one_may_not_see_goes_to_who_is_on_duty(town: Place, desk: Client):
    plain, hidden, not_for_manager = (
        make_incident(town),
        make_incident(town),
        make_incident(town, may_manager_see=False),
    )
    third = make_user("Derde Adviseur")
    town.join(third, Role.ADVISER)
    keep_out(incident=hidden, person=town.deputy, by=town.employee, now=clock.now())
    there = len(open_of(town.adviser, hidden))
    page = own(desk, town, town.deputy).content.decode()
    assert f"{there + 1} of these could not go to this person" in page, "its tasks, and the case"
    assert not open_of(town.adviser, plain, hidden, not_for_manager)
    assert len(open_of(third, hidden)) == there and Incident.objects.get(pk=hidden.pk).adviser == third
    assert not open_of(town.deputy, hidden) and open_of(town.deputy, plain, not_for_manager)
    done = hand_over_all(
        person=town.deputy, organisation=town.organisation, to=town.manager, by=town.adviser, now=clock.now()
    )
    assert open_of(town.manager, plain) and not open_of(town.manager, not_for_manager)
    assert done.elsewhere and not done.to_nobody
    handled = Incident.objects.filter(pk__in=[plain.pk, not_for_manager.pk]).values_list("adviser", flat=True)
    assert set(handled) <= {town.adviser.pk, third.pk}, "a manager handles no cases"


def test_what_is_left_to_nobody_is_said(town: Place, desk: Client):
    incident = make_incident(town)
    Membership.objects.filter(user=town.deputy).delete()
    page = own(desk, town, town.support).content.decode()
    assert Incident.objects.get(pk=incident.pk).adviser is None and open_of(town.support, incident)
    assert "waits for nobody now" in page


def test_what_is_to_be_signed_stays_with_who_is_named(town: Place, desk: Client):
    incident = make_incident(town)
    task = open_task(incident, "R01")
    Task.objects.filter(pk=task.pk).update(kind="second_look", code="", measure=None)
    own(desk, town, town.deputy)
    assert open_of(town.adviser, incident) == [task]
    assert "waits to be signed" in desk.get(reverse("hand_over_all")).content.decode()


@pytest.mark.parametrize("to", ["employee", "administrator", "adviser"])
def test_only_who_can_be_given_tasks(town: Place, desk: Client, to: str):
    incident = make_incident(town)
    data = {"organisation": town.organisation.slug, "to": str(getattr(town, to).pk)}
    assert desk.post(reverse("hand_over_all"), data).status_code == 400
    assert open_of(town.adviser, incident)
    assert desk.post(reverse("hand_over_all"), {**data, "organisation": "elders"}).status_code == 404


# --- the administrator ------------------------------------------------------------------------------------------------


def test_the_administrator_sees_numbers_only(town: Place, admin: Client, as_user: Any):
    cases = [make_incident(town, story="kanarie") for _number in range(2)]
    number = len(open_of(town.adviser, *cases))
    page = admin.get(address_of(town, town.adviser)).content.decode()
    assert f"<dd>{number}</dd>" in page and "<dd>2</dd>" in page
    response = admin.post(address_of(town, town.adviser), {"to": str(town.deputy.pk)}, follow=True)
    after = response.content.decode()
    for text in (page, after):
        assert "kanarie" not in text and all(case.reference not in text for case in cases)
    assert len(open_of(town.deputy, *cases)) == number and "Nothing waits here" in after
    assert AuditEvent.objects.filter(action="incident.assigned", actor_id=town.administrator.pk).count() == 2


def test_a_role_ends_only_when_nothing_needs_it(town: Place, admin: Client):
    incident = make_incident(town)
    other = make_user("Tweede Adviseur")
    town.join(other, Role.ADVISER)
    mine = Membership.objects.get(user=town.adviser)
    ending = reverse("administration_role_end", args=[town.organisation.slug, mine.pk])
    response = admin.post(ending, follow=True)
    assert response.redirect_chain[-1][0] == address_of(town, town.adviser)
    number = len(open_of(town.adviser, incident))
    assert f"{number} open tasks and 1 case of this person need it" in response.content.decode()
    mine.refresh_from_db()
    assert mine.ends_on is None
    admin.post(address_of(town, town.adviser), {"to": str(other.pk)})
    admin.post(ending)
    mine.refresh_from_db()
    assert mine.ends_on is not None


def test_another_role_that_holds_them_lets_one_end(town: Place, admin: Client):
    incident = make_incident(town)
    task = open_task(incident, "N02")
    support = Membership.objects.get(user=town.support)
    Task.objects.filter(pk=task.pk).update(assignee=town.support)
    ending = reverse("administration_role_end", args=[town.organisation.slug, support.pk])
    town.join(town.support, Role.MANAGEMENT)
    admin.post(ending)
    support.refresh_from_db()
    assert support.ends_on is None, "management is given no tasks"
    town.join(town.support, Role.LEGAL)
    admin.post(ending)
    support.refresh_from_db()
    assert support.ends_on is not None


@pytest.mark.parametrize(
    ("kind", "other", "stays"),
    [
        ("sign", Role.SUPPORT, True),
        ("sign", Role.DEPUTY, True),
        ("sign", Role.MANAGEMENT, False),
        ("second_look", Role.SUPPORT, True),
        ("second_look", Role.DEPUTY, False),
        ("second_look", Role.MANAGEMENT, False),
        ("own", Role.SUPPORT, False),
        ("own", Role.MANAGEMENT, True),
    ],
)
def test_each_kind_of_task_needs_a_role_of_its_own(town: Place, admin: Client, kind: str, other: Role, stays: bool):
    task = open_task(make_incident(town), "R01")
    Task.objects.filter(pk=task.pk).update(kind=kind, code="", measure=None, assignee=town.legal)
    legal = Membership.objects.get(user=town.legal)
    town.join(town.legal, other)
    admin.post(reverse("administration_role_end", args=[town.organisation.slug, legal.pk]))
    legal.refresh_from_db()
    assert (legal.ends_on is None) is stays


def refused_end(town: Place, admin: Client, person: User) -> str:
    """What the administrator reads who wants to end the only role of this person."""
    mine = Membership.objects.get(user=person)
    page = admin.post(reverse("administration_role_end", args=[town.organisation.slug, mine.pk]), follow=True)
    mine.refresh_from_db()
    assert mine.ends_on is None
    return page.content.decode().replace("&#x27;", "'")


def test_what_is_only_to_be_signed_names_who_takes_it_back(town: Place, admin: Client):
    incident = make_incident(town)
    task = open_task(incident, "R01")
    Task.objects.filter(pk=task.pk).update(kind="sign", code="", measure=None, assignee=town.legal)
    page = refused_end(town, admin, town.legal)
    assert "1 measure waits for this person's signature or second look: the VPD adviser takes it back" in page
    assert f"Ask {town.adviser.name} for that." in page
    assert "Hand them over first" not in page and incident.reference not in page
    Task.objects.filter(pk=open_task(incident, "N02").pk).update(assignee=town.legal)
    page = refused_end(town, admin, town.legal)
    assert "1 open task and 0 cases of this person need it. Hand them over first." in page
    assert "1 measure waits for this person's signature" in page


def test_the_one_who_goes_is_not_named_as_who_takes_it_back(town: Place, admin: Client):
    incident = make_incident(town)
    Task.objects.filter(pk=open_task(incident, "R01").pk).update(
        kind="second_look", code="", measure=None, assignee=town.adviser
    )
    town.join(make_user("Tweede Adviseur"), Role.ADVISER)
    page = refused_end(town, admin, town.adviser)
    assert "Ask Tweede Adviseur for that." in page
    Membership.objects.exclude(user__in=[town.adviser, town.administrator]).delete()
    page = refused_end(town, admin, town.adviser)
    assert "signature or second look" in page and "for that." not in page


def test_the_organisation_is_held_before_anything_is_counted(town: Place, django_assert_max_num_queries: Any):
    make_incident(town)
    support = Membership.objects.get(user=town.support)
    with django_assert_max_num_queries(20) as asked:
        end_role_of(membership=support, by=town.administrator, last_day=clock.now().date(), now=clock.now())
    read = [query["sql"] for query in asked.captured_queries if query["sql"].startswith("SELECT")]
    assert 'FROM "accounts_organisation"' in read[0]
    assert any('FROM "incidents_task"' in one for one in read[1:])


def test_the_last_adviser_still_stays(town: Place, admin: Client):
    only = Membership.objects.get(user=town.adviser)
    admin.post(reverse("administration_role_end", args=[town.organisation.slug, only.pk]))
    only.refresh_from_db()
    assert only.ends_on is None


def test_who_may_open_what(town: Place, other_town: Place, as_user: Any):
    incident = make_incident(town)
    mine, theirs = reverse("hand_over_all"), address_of(town, town.adviser)
    data = {"organisation": town.organisation.slug, "to": str(town.deputy.pk)}
    expected = {
        "employee": (403, 403), "manager": (403, 403), "support": (403, 403), "legal": (403, 403),
        "management": (403, 403), "administrator": (403, 200), "auditor": (403, 403), "deputy": (200, 403),
        "analyst": (403, 403),
    }  # fmt: skip
    for role, statuses in expected.items():
        client = as_user(getattr(town, role))
        assert (client.get(mine).status_code, client.get(theirs).status_code) == statuses, role
        if 200 not in statuses:
            assert client.post(mine, data).status_code == client.post(theirs, data).status_code == 403
    elsewhere = as_user(other_town.administrator)
    assert elsewhere.get(theirs).status_code == elsewhere.post(theirs, data).status_code == 404
    assert as_user(other_town.adviser).post(mine, data).status_code == 404
    for address in (mine, theirs):
        assert Client().get(address).status_code == Client().post(address, data).status_code == 302
    strangers = reverse("hand_over_of", args=[town.organisation.slug, other_town.adviser.pk])
    assert as_user(town.administrator).get(strangers).status_code == 404
    assert open_of(town.adviser, incident)


@pytest.mark.parametrize("number", [1, 3])
def test_the_pages_ask_the_same_however_much_there_is(
    town: Place, desk: Client, admin: Client, number: int, django_assert_num_queries: Any
):
    for _one in range(number):
        make_incident(town)
    for client, address in ((desk, reverse("hand_over_all")), (admin, address_of(town, town.adviser))):
        client.get(address)
        with django_assert_num_queries(6 if client is desk else 7):
            assert client.get(address).status_code == 200


def test_a_case_that_changed_hands_meanwhile_is_not_given_away_unseen(town: Place, as_user: Any):
    incident = make_incident(town)
    assign_case(incident=incident, to=town.adviser, moves_tasks=False, by=town.adviser, now=clock.now())
    desk, address = as_user(town.adviser), reverse("case_assign", args=[incident.pk])
    seen = re.search(r'name="seen" value="([^"]+)"', desk.get(address).content.decode())[1]
    other = make_user("Tweede Adviseur")
    Membership.objects.create(
        organisation=town.organisation, user=other, role=Role.ADVISER, starts_on=LONG_AGO,
    )  # fmt: skip
    assign_case(incident=incident, to=other, moves_tasks=True, by=other, now=clock.now())
    sent = {"to": str(town.deputy.pk), "moves_tasks": "on", "seen": seen}
    answer = desk.post(address, sent)
    page = answer.content.decode()
    incident.refresh_from_db()
    assert answer.status_code == 409 and incident.adviser == other
    assert f'value="{town.deputy.pk}" selected' in page and "Tweede Adviseur" in page, "what was chosen, and who has it"
    sent["seen"] = re.search(r'name="seen" value="([^"]+)"', page)[1]
    assert desk.post(address, sent).status_code == 302
    incident.refresh_from_db()
    assert incident.adviser == town.deputy
