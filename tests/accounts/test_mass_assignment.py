"""What the forms for oneself change, and nothing beside it, whatever is sent along (T07)."""

from typing import Any

import pytest
from django.db.models import Model
from django.urls import reverse

from tests.world import PASSWORD, Place
from vpdportal.accounts.models import Department, Membership, Organisation, RoleProposal, User
from vpdportal.accounts.roles import Role

# What each form for oneself may change of a person; the rest of every row stays.
OWN = {
    "my_mails": {"works_on", "language", "wants_halfway_mail", "wants_news_mail", "wants_overview_mail"},
    "absence": set[str](),
    "set_language": set[str](),
    "my_sessions_end_others": set[str](),
    "sign_out": set[str](),
}
MODELS: tuple[type[Model], ...] = (User, Membership, Organisation, Department, RoleProposal)


def everything(town: Place) -> dict[str, list[str]]:
    """Every field of every row about people and rights, under each name that a form or a formset could give it."""
    values: dict[str, Any] = {
        "role": Role.ADVISER,
        "organisation": town.organisation.pk,
        "organisation_id": town.organisation.pk,
        "user": town.employee.pk,
        "department": town.department.pk,
        "email": "gekaapt@elders.invalid",
        "name": "Gekaapt",
        "password": "md5$x$x",
        "groups": "1",
        "user_permissions": "1",
        "is_superuser": "on",
        "is_staff": "on",
        "ends_on": "2030-01-01",
        "starts_on": "2020-01-01",
        "phone": "06-99",
    }
    fields = [field for model in MODELS for field in model._meta.get_fields()]
    names = {one for field in fields for one in (field.name, getattr(field, "attname", field.name))} | set(values)
    sent = {name: str(values.get(name, "on")) for name in names}
    return {prefix + name: [value] for name, value in sent.items() for prefix in ("", "user-", "form-0-")}


def rows() -> dict[tuple[type[Model], Any], dict[str, Any]]:
    return {(model, row["id"]): row for model in MODELS for row in model._default_manager.values()}


@pytest.mark.parametrize("name", sorted(OWN))
@pytest.mark.parametrize("role", ["employee", "adviser", "management", "administrator"])
def test_a_form_for_oneself_changes_what_it_shows_and_nothing_else(town: Place, as_user: Any, name: str, role: str):
    before = rows()
    person = town.people[role]
    client = as_user(person)
    form = {"language": ["en"], "works_on": ["1", "2"], "first_day": ["2026-12-01"], "day_back": ["2026-12-03"]}
    response = client.post(reverse(name), {**everything(town), **form})
    assert response.status_code in {200, 302, 400, 403}
    after = rows()
    changed = {
        (key, column)
        for key in before.keys() | after.keys()
        for column in after.get(key, before.get(key, {}))
        if before.get(key, {}).get(column) != after.get(key, {}).get(column)
    }
    allowed = {((User, person.pk), column) for column in (*OWN[name], "last_login")}
    assert changed <= allowed, f"{name} changed {sorted(column for _key, column in changed - allowed)}"
    if name == "my_mails" and response.status_code == 302:
        assert ((User, person.pk), "language") in changed, "the form itself works"


def test_signing_in_and_choosing_a_password_change_nothing_else_either(town: Place, client: Any):
    before = rows()
    for name in ("sign_in", "password_ask"):
        data = {**everything(town), "username": [town.employee.email], "email": [town.employee.email]}
        client.post(reverse(name), {**data, "password": [PASSWORD]})
    after = rows()
    assert before.keys() == after.keys()
    for key, row in before.items():
        same = {column: value for column, value in row.items() if column != "last_login"}
        assert same == {column: after[key][column] for column in same}, key


def test_the_administrators_own_forms_give_nobody_a_right(town: Place, as_user: Any):
    """Details of the organisation, a department, the days of someone, an address: none of them touches a role."""
    before = {key: row for key, row in rows().items() if key[0] in {Membership, RoleProposal}}
    client, slug = as_user(town.administrator), town.organisation.slug
    person = [slug, town.support.pk]
    for name, args in (
        ("administration_details", [slug]),
        ("administration_department_new", [slug]),
        ("administration_department", [slug, town.department.pk]),
        ("administration_person_days", person),
        ("administration_person_address", person),
        ("administration_person_away", person),
    ):
        client.post(reverse(name, args=args), everything(town))
    assert before == {key: row for key, row in rows().items() if key[0] in {Membership, RoleProposal}}
    support = User.objects.get(pk=town.support.pk)
    assert (support.is_active, support.is_emergency_account, support.name) == (True, False, town.support.name)
    assert Organisation.objects.get(slug=slug).is_demo is False
