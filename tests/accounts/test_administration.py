"""The administrator's pages: people, roles and departments; and what may not happen."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import clock
from tests.shown import opened, sent_by
from tests.world import Place, make_user
from vpdportal.accounts.models import Department, Membership, Organisation, User
from vpdportal.accounts.roles import NEEDS_TWO, Role

SLUG = ["vlinderwaard"]
DESK = {
    "postal_address": "Postbus 1\n1234 AB Vlinderwaard",
    "second_eyes_from": 2,
    "quiet_after_days": 10,
    "ends_soon_days": 21,
    "data_officer": "fg@vlinderwaard.invalid",
    "processing_ground": "een wettelijke plicht (artikel 6, eerste lid, onder c, van de AVG)",
}


def english(client: Client) -> Client:
    client.cookies["vpd_language"] = "en"
    return client


def test_giving_and_ending_a_role(town: Place, as_user: Any):
    client = as_user(town.administrator)
    data = {"email": "Nieuw@Vlinderwaard.invalid", "name": "Nieuwe Naam 🌷", "role": "support"}
    assert client.post(reverse("administration_role_new", args=SLUG), data).status_code == 302
    new = User.objects.get(email="nieuw@vlinderwaard.invalid")
    assert "Nieuwe Naam 🌷" in client.get(reverse("administration_people", args=SLUG)).content.decode()
    assert as_user(new).get(reverse("my_tasks")).status_code == 200
    assert not new.has_usable_password()
    old = Membership.objects.get(user=town.legal)
    client.post(reverse("administration_role_end", args=[*SLUG, old.pk]))
    old.refresh_from_db()
    assert old.ends_on is not None


def test_the_last_adviser_stays(town: Place, as_user: Any):
    only = Membership.objects.get(user=town.adviser)
    address = reverse("administration_role_end", args=[*SLUG, only.pk])
    page = as_user(town.administrator).post(address, follow=True).content.decode()
    only.refresh_from_db()
    assert only.ends_on is None and "enige VPD-adviseur" in page


def test_the_last_administrator_stays(town: Place, as_user: Any):
    own = Membership.objects.get(user=town.administrator)
    address = reverse("administration_role_end", args=[*SLUG, own.pk])
    page = as_user(town.administrator).post(address, follow=True).content.decode()
    own.refresh_from_db()
    assert own.ends_on is None and "enige beheerder" in page
    town.join(make_user("Tweede Beheerder"), Role.ADMINISTRATOR)
    as_user(town.administrator).post(address)
    own.refresh_from_db()
    assert own.ends_on is not None


def test_a_role_with_a_last_day_can_be_ended_sooner(town: Place, as_user: Any):
    """A deputy always has a last day."""
    client, today = as_user(town.administrator), timezone.localdate(clock.now())
    role = Membership.objects.get(user=town.deputy)
    Membership.objects.filter(pk=role.pk).update(ends_on=today + timedelta(days=80))
    people, end = reverse("administration_people", args=SLUG), reverse("administration_role_end", args=[*SLUG, role.pk])
    assert end in client.get(people).content.decode()
    client.post(end)
    role.refresh_from_db()
    assert role.ends_on == today and end not in client.get(people).content.decode()


def test_a_role_that_ended_twice_on_a_day_can_be_given_for_that_day(town: Place, as_user: Any):
    client, who, new = (
        as_user(town.administrator),
        make_user("Tim Proef"),
        reverse("administration_role_new", args=SLUG),
    )
    data = {"email": who.email, "name": who.name, "role": "support"}
    for _time in range(2):
        client.post(new, data)
        role = Membership.objects.get(user=who, ends_on=None)
        client.post(reverse("administration_role_end", args=[*SLUG, role.pk]))
    today = timezone.localdate(clock.now()).isoformat()
    assert client.post(new, {**data, "ends_on": today}).status_code == 302
    assert Membership.objects.filter(user=who).count() == 2, "it is one of those"


def test_who_controls_is_not_who_is_controlled(town: Place, as_user: Any):
    data = {"email": town.adviser.email, "name": "X", "role": "auditor"}
    response = as_user(town.administrator).post(reverse("administration_role_new", args=SLUG), data)
    assert response.status_code == 400 and not Membership.objects.filter(user=town.adviser, role="auditor").exists()


@pytest.mark.parametrize(
    "change",
    [
        {"email": "geen adres"},
        {"name": ""},
        {"role": "koning"},
        {"role": "employee"},
        {"role": "deputy"},
        {"role": "deputy", "ends_on": "2027-11-24"},
        {"ends_on": "2026-11-01"},
    ],
)
def test_a_wrong_role_form_keeps_what_was_typed(town: Place, as_user: Any, change: dict[str, str]):
    data = {"email": "nieuw@vlinderwaard.invalid", "name": "Nieuwe Naam", "role": "support", "phone": "06-77", **change}
    response = as_user(town.administrator).post(reverse("administration_role_new", args=SLUG), data)
    assert response.status_code == 400 and "06-77" in response.content.decode()
    assert not User.objects.filter(email="nieuw@vlinderwaard.invalid").exists()


def test_a_role_of_another_organisation_cannot_be_ended(town: Place, other_town: Place, as_user: Any):
    theirs = Membership.objects.get(user=other_town.legal)
    response = as_user(town.administrator).post(reverse("administration_role_end", args=[*SLUG, theirs.pk]))
    theirs.refresh_from_db()
    assert response.status_code == 404 and theirs.ends_on is None


def test_departments(town: Place, as_user: Any):
    client, address = as_user(town.administrator), reverse("administration_department_new", args=SLUG)
    assert client.post(address, {"name": "Kabinet", "headcount": "12", "is_active": "on"}).status_code == 302
    assert client.post(address, {"name": "kabinet", "headcount": "1"}).status_code == 400
    kabinet = Department.objects.get(name="Kabinet")
    client.post(reverse("administration_department", args=[*SLUG, kabinet.pk]), {"name": "Kabinet", "headcount": "13"})
    kabinet.refresh_from_db()
    assert (kabinet.headcount, kabinet.is_active) == (13, False)
    assert "Kabinet" not in as_user(town.employee).get(reverse("report")).content.decode()


def test_the_numbers_to_call_stand_on_the_start_page(town: Place, as_user: Any):
    data = {"name": "Vlinderwaard", "internal_alarm": "7777", "support_contact": "Team, 06-1", **DESK}
    as_user(town.administrator).post(reverse("administration_details", args=SLUG), data)
    page = as_user(town.employee).get("/").content.decode()
    assert "7777" in page and "Team, 06-1" in page


def test_who_guards_privacy_and_on_which_ground_is_settled_here(town: Place, as_user: Any):
    client, details = as_user(town.administrator), reverse("administration_details", args=SLUG)
    assert client.post(details, {"name": "Vlinderwaard", **DESK}).status_code == 302
    town.organisation.refresh_from_db()
    page = client.get(reverse("administration", args=SLUG)).content.decode()
    assert town.organisation.processing_ground == DESK["processing_ground"] in page
    assert town.organisation.data_officer == DESK["data_officer"] in page
    without = {"name": "Vlinderwaard", **DESK, "data_officer": "", "processing_ground": ""}
    assert client.post(details, without).status_code == 400, "a ground there must be"
    without["processing_ground"] = "een taak van algemeen belang"
    assert client.post(details, without).status_code == 302


def test_an_old_page_does_not_put_back_the_number_that_someone_else_changed(town: Place, as_user: Any):
    address = reverse("administration_details", args=SLUG)
    client = english(as_user(town.administrator))
    assert client.post(address, {**opened(client, address), **DESK}).status_code == 302
    old = opened(client, address)
    assert client.post(address, {**old, "internal_alarm": "9999"}).status_code == 302
    answer = client.post(address, {**old, "confidant": "Noor, 1234"})
    page = answer.content.decode()
    assert answer.status_code == 409 and "Someone else changed this" in page and "Kept now: 9999." in page
    assert "Noor, 1234" in page, "what was typed stays"
    assert Organisation.objects.get().internal_alarm == "9999"
    assert client.post(address, sent_by(answer.context["form"])).status_code == 302, "once it was shown, it may"
    assert Organisation.objects.get().confidant == "Noor, 1234"


def test_an_old_page_does_not_put_back_how_people_sign_in(town: Place, as_user: Any):
    address = reverse("sign_in_plan", args=SLUG)
    client = english(as_user(town.administrator))
    old = opened(client, address)
    assert "adviser" not in old["second_factor_roles"], "of whom it is not asked"
    more = [*old["second_factor_roles"], "employee"]
    assert client.post(address, {**old, "second_factor_roles": more}).status_code == 302
    answer = client.post(address, {**old, "second_factor_roles": ["manager"]})
    assert answer.status_code == 409 and "Kept now: Employee, Manager, " in answer.content.decode()
    assert set(Organisation.objects.get().second_factor_roles) == {*more, *NEEDS_TWO}


def test_posting_what_the_form_does_not_have_changes_nothing(town: Place, as_user: Any):
    data = {"name": "Vlinderwaard", "slug": "gekaapt", "is_demo": "on", "reference_prefix": "ZZ"}
    as_user(town.administrator).post(reverse("administration_details", args=SLUG), data)
    town.organisation.refresh_from_db()
    assert (town.organisation.slug, town.organisation.is_demo, town.organisation.reference_prefix) == (
        "vlinderwaard", False, "VW",
    )  # fmt: skip


@pytest.mark.parametrize(("page", "number"), [("administration", 7), ("administration_people", 5)])
def test_the_page_asks_the_same_however_many_people(
    town: Place, as_user: Any, django_assert_num_queries: Any, page: str, number: int
):
    for _time in range(2):
        client = as_user(town.administrator)
        with django_assert_num_queries(number):
            client.get(reverse(page, args=SLUG))
        town.join(make_user("Nog Iemand"), "support")
