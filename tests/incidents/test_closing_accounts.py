"""Nobody whose account is closed leaves anything behind, and no organisation is left without a VPD adviser."""

from typing import Any

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.test import Client
from django.urls import reverse

from incidents.actions.closing_accounts import close_account_of
from incidents.actions.handing_over import hand_over_all
from incidents.models import Task
from incidents.tasks import tidy
from tests import clock
from tests.at_once import at_once
from tests.world import PASSWORD, Place, make_incident, make_place, make_user, open_task
from vpdportal.accounts.access import memberships_at
from vpdportal.accounts.actions import LastAdviser
from vpdportal.accounts.models import Membership, Organisation, User
from vpdportal.accounts.roles import Role
from vpdportal.audit.models import AuditEvent


@pytest.fixture
def admin(town: Place, as_user: Any) -> Client:
    client: Client = as_user(town.administrator)
    client.cookies["vpd_language"] = "en"
    return client


def address(town: Place, person: User, part: str = "") -> str:
    return reverse(f"administration_person{part}", args=[town.organisation.slug, person.pk])


def close(client: Client, town: Place, person: User) -> tuple[int, str]:
    """The status of the answer, and what the page says."""
    response = client.post(address(town, person, "_close"))
    text = response.content.decode().replace("&#x27;", "'")
    return response.status_code, text


def is_open(person: User) -> bool:
    return User.objects.get(pk=person.pk).is_active


def test_a_closed_account_can_do_nothing_any_more(town: Place, admin: Client, as_user: Any):
    session = as_user(town.support)
    link = default_token_generator.make_token(town.support)
    assert session.get(reverse("my_tasks")).status_code == 200
    assert close(admin, town, town.support)[0] == 302 and not is_open(town.support)
    assert session.get(reverse("my_tasks")).status_code == 302
    signing_in = {"username": town.support.email, "password": PASSWORD}
    assert Client().post(reverse("sign_in"), signing_in).status_code == 200
    closed = User.objects.get(pk=town.support.pk)
    assert not closed.has_usable_password() and not default_token_generator.check_token(closed, link)
    assert not memberships_at(clock.now()).filter(user=town.support).exists()
    event = AuditEvent.objects.get(action="account.closed")
    assert (event.actor_id, event.object_id, event.organisation_id) == (
        town.administrator.pk,
        town.support.pk,
        town.organisation.pk,
    )
    assert close(admin, town, town.support)[0] == 302
    assert AuditEvent.objects.filter(action="account.closed").count() == 1, "a second click changes nothing"


def test_what_ended_stays_ended_when_it_is_opened_again(town: Place, admin: Client, as_user: Any):
    session = as_user(town.support)
    close(admin, town, town.support)
    listed = reverse("administration_people", args=[town.organisation.slug])
    assert address(town, town.support) not in admin.get(listed).content.decode()
    assert address(town, town.support) in admin.get(listed, {"closed": 1}).content.decode()
    assert "This account is closed" in admin.get(address(town, town.support)).content.decode()
    for _twice in range(2):
        assert admin.post(address(town, town.support, "_open")).status_code == 302
    assert is_open(town.support) and AuditEvent.objects.filter(action="account.opened").count() == 1
    assert memberships_at(clock.now()).filter(user=town.support).exists()
    assert session.get(reverse("my_tasks")).status_code == 302, "the session of before stays ended"
    assert as_user(User.objects.get(pk=town.support.pk)).get(reverse("my_tasks")).status_code == 200
    assert address(town, town.support) in admin.get(listed).content.decode()
    assert address(town, town.support) not in admin.get(listed, {"closed": 1}).content.decode()


def test_a_closed_account_gets_no_role(town: Place, admin: Client):
    close(admin, town, town.support)
    data = {"email": town.support.email, "name": "X", "role": "legal"}
    response = admin.post(reverse("administration_role_new", args=[town.organisation.slug]), data)
    assert response.status_code == 400 and "Open it again first" in response.content.decode()
    admin.post(address(town, town.support, "_open"))
    response = admin.post(reverse("administration_role_new", args=[town.organisation.slug]), data)
    assert response.status_code == 302


# --- what is open -----------------------------------------------------------------------------------------------------


def test_with_work_open_it_stays_open_and_says_how_much(town: Place, admin: Client):
    incident = make_incident(town, story="kanarie")
    town.join(make_user("Tweede Adviseur"), Role.ADVISER)
    number = Task.objects.unfinished().filter(assignee=town.adviser).count()
    status, page = close(admin, town, town.adviser)
    assert status == 409 and is_open(town.adviser)
    assert f"still wait for this person: tasks {number}, cases 1." in page
    assert reverse("hand_over_of", args=[town.organisation.slug, town.adviser.pk]) in page
    assert incident.reference not in page and "kanarie" not in page
    hand_over_all(
        person=town.adviser, organisation=town.organisation, to=town.deputy, by=town.administrator, now=clock.now()
    )
    assert close(admin, town, town.adviser)[0] == 302 and not is_open(town.adviser)


def test_what_waits_for_a_signature_names_who_takes_it_back(town: Place, admin: Client):
    task = open_task(make_incident(town), "R01")
    Task.objects.filter(pk=task.pk).update(kind="sign", code="", measure=None, assignee=town.management)
    status, page = close(admin, town, town.management)
    assert status == 409 and is_open(town.management)
    assert "1 measure waits for this person's signature" in page and f"Ask {town.adviser.name} for that." in page
    assert "still wait for this person: tasks" not in page
    Task.objects.filter(pk=task.pk).update(assignee=town.legal)
    assert close(admin, town, town.management)[0] == 302


def test_of_elsewhere_it_says_only_that_something_is_open(town: Place, other_town: Place, admin: Client):
    """Someone had a role elsewhere, and what waits there was not given back yet."""
    Membership.objects.create(
        organisation=other_town.organisation,
        user=town.support,
        role=Role.SUPPORT,
        starts_on="2020-01-01",
        ends_on="2026-11-23",
    )
    incident = make_incident(other_town)
    Task.objects.filter(pk=open_task(incident, "N02").pk).update(assignee=town.support)
    status, page = close(admin, town, town.support)
    assert status == 409 and is_open(town.support)
    assert "Something is still open in an organisation that you do not administer." in page
    assert other_town.organisation.name not in page and incident.reference not in page
    tidy()
    assert close(admin, town, town.support)[0] == 302, "who is on duty there has it now"


def test_an_administrator_of_both_sees_both(town: Place, other_town: Place, admin: Client, as_user: Any):
    other_town.join(town.administrator, Role.ADMINISTRATOR)
    other_town.join(town.support, Role.SUPPORT)
    for place in (town, other_town):
        Task.objects.filter(pk=open_task(make_incident(place), "N02").pk).update(assignee=town.support)
    status, page = close(as_user(town.administrator), town, town.support)
    assert status == 409
    for place in (town, other_town):
        assert reverse("hand_over_of", args=[place.organisation.slug, town.support.pk]) in page
    Task.objects.filter(assignee=town.support).update(assignee=town.deputy)
    assert close(as_user(town.administrator), town, town.support)[0] == 302
    noted = set(AuditEvent.objects.filter(action="account.closed").values_list("organisation_id", flat=True))
    assert noted == {town.organisation.pk, other_town.organisation.pk}


def test_a_task_that_is_given_at_the_same_moment_is_given_back(town: Place, admin: Client):
    incident = make_incident(town)
    close(admin, town, town.support)
    task = open_task(incident, "N02")
    Task.objects.filter(pk=task.pk).update(assignee=town.support)
    tidy()
    task.refresh_from_db()
    assert task.assignee == town.adviser


# --- who may be closed, and by whom -----------------------------------------------------------------------------------


def test_the_last_adviser_stays_open(town: Place, admin: Client):
    status, page = close(admin, town, town.adviser)
    assert status == 409 and "This is the only VPD adviser." in page and is_open(town.adviser)
    second = make_user("Tweede Adviseur")
    town.join(second, Role.ADVISER)
    User.objects.filter(pk=second.pk).update(is_active=False)
    assert close(admin, town, town.adviser)[0] == 409, "someone with a closed account is no adviser"
    User.objects.filter(pk=second.pk).update(is_active=True)
    Membership.objects.filter(user=second).update(ends_on="2026-12-31")
    assert close(admin, town, town.adviser)[0] == 409, "one who leaves is not enough"
    Membership.objects.filter(user=second).update(ends_on=None)
    assert close(admin, town, town.adviser)[0] == 302
    ending = reverse("administration_role_end", args=[town.organisation.slug, Membership.objects.get(user=second).pk])
    admin.post(ending)
    assert Membership.objects.get(user=second).ends_on is None, "the closed one does not count here either"


def test_the_last_administrator_that_lasts_stays_open(town: Place, admin: Client, as_user: Any):
    second = make_user("Tweede Beheerder")
    town.join(second, Role.ADMINISTRATOR)
    Membership.objects.filter(user=second).update(ends_on="2026-12-31")
    client = as_user(second)
    client.cookies["vpd_language"] = "en"
    status, page = close(client, town, town.administrator)
    assert status == 409 and "This is the only administrator." in page and is_open(town.administrator)
    Membership.objects.filter(user=second).update(ends_on=None)
    assert close(client, town, town.administrator)[0] == 302


def test_the_last_emergency_account_stays_open(town: Place, admin: Client):
    User.objects.filter(pk=town.support.pk).update(is_emergency_account=True)
    Organisation.objects.filter(pk=town.organisation.pk).update(password_sign_in="emergency")
    status, page = close(admin, town, town.support)
    assert status == 409 and "This is the last emergency account." in page and is_open(town.support)
    User.objects.filter(pk=town.manager.pk).update(is_emergency_account=True)
    assert close(admin, town, town.support)[0] == 302


def test_no_one_closes_their_own_account(town: Place, admin: Client):
    status, page = close(admin, town, town.administrator)
    assert status == 409 and "Ask another administrator." in page and is_open(town.administrator)
    assert (
        address(town, town.administrator, "_close") not in admin.get(address(town, town.administrator)).content.decode()
    )


def test_who_has_a_role_elsewhere_is_not_this_administrator_s_to_close(town: Place, other_town: Place, admin: Client):
    there = other_town.join(town.support, Role.EMPLOYEE)
    status, page = close(admin, town, town.support)
    assert status == 409 and is_open(town.support)
    assert "a role in an organisation that you do not administer" in page and other_town.organisation.name not in page
    there.ends_on = "2026-11-23"
    there.save()
    assert close(admin, town, town.support)[0] == 302
    there.ends_on = None
    there.save()
    assert admin.post(address(town, town.support, "_open")).status_code == 409 and not is_open(town.support)


def test_a_role_elsewhere_that_is_to_begin_counts_too(town: Place, other_town: Place, admin: Client):
    there = other_town.join(town.support, Role.EMPLOYEE)
    Membership.objects.filter(pk=there.pk).update(starts_on="2027-01-01")
    assert close(admin, town, town.support)[0] == 409 and is_open(town.support)
    Membership.objects.filter(pk=there.pk).update(starts_on="2020-01-01", ends_on="2026-11-23")
    assert close(admin, town, town.support)[0] == 302
    Membership.objects.filter(pk=there.pk).update(starts_on="2027-01-01", ends_on="2027-02-01")
    assert admin.post(address(town, town.support, "_open")).status_code == 409 and not is_open(town.support)
    Membership.objects.filter(pk=there.pk).delete()
    assert admin.post(address(town, town.support, "_open")).status_code == 302 and is_open(town.support)


@pytest.mark.django_db(transaction=True)
def test_of_two_advisers_who_are_closed_at_once_one_stays(committed: None):
    town = make_place("Vlinderwaard")
    second, other = make_user("Tweede Adviseur"), make_user("Tweede Beheerder")
    town.join(second, Role.ADVISER)
    town.join(other, Role.ADMINISTRATOR)
    raised = at_once(
        lambda: close_account_of(person=town.adviser, by=town.administrator, now=clock.now()),
        lambda: close_account_of(person=second, by=other, now=clock.now()),
    )
    assert [type(error) for error in raised] == [LastAdviser]
    assert User.objects.filter(pk__in=[town.adviser.pk, second.pk], is_active=True).count() == 1
