"""Before a sensitive step one shows again who one is; what was typed comes along and is sent (R8)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.signing_in import (
    code_of,
    give_app,
    hidden_fields,
    let_proof_age,
    sign_in_strongly,
)
from tests.world import PASSWORD, Place
from vpdportal.accounts.models import Organisation
from vpdportal.accounts.roles import NEEDS_TWO

pytestmark = pytest.mark.usefixtures("strictly")


@pytest.fixture
def administrator(town: Place) -> Client:
    return sign_in_strongly(town.administrator)


def plan(town: Place) -> str:
    return reverse("sign_in_plan", args=[town.organisation.slug])


CHOICE = {"password_sign_in": "everyone", "second_factor_roles": ["manager", "legal"]}


def roles_of(town: Place) -> list[str]:
    """Those that were chosen: not the ones that always need a second step."""
    kept = Organisation.objects.get(pk=town.organisation.pk).second_factor_roles
    return [role for role in kept if role not in NEEDS_TWO]


def test_just_signed_in_is_enough(town: Place, administrator: Client):
    assert administrator.get(plan(town)).status_code == 200
    assert administrator.post(plan(town), CHOICE).status_code == 302
    assert roles_of(town) == CHOICE["second_factor_roles"]


def test_after_five_minutes_a_page_asks_first(town: Place, administrator: Client):
    let_proof_age(administrator, 299 - 30)
    assert administrator.get(plan(town)).status_code == 200, "the control: just within"
    let_proof_age(administrator, 60)
    way = administrator.get(plan(town))["Location"]
    assert way.startswith(reverse("sign_in_again"))
    assert administrator.post(way, {"again-password": "iets anders", "next": plan(town)}).status_code == 400
    assert administrator.get(plan(town)).status_code == 302
    assert administrator.post(way, {"again-password": PASSWORD, "next": plan(town)})["Location"] == plan(town)
    assert administrator.get(plan(town)).status_code == 200


def test_a_form_is_asked_on_the_spot_and_sent_after(town: Place, administrator: Client):
    let_proof_age(administrator)
    asked = administrator.post(plan(town), CHOICE)
    page = asked.content.decode()
    assert asked.status_code == 200 and "Is it still you?" in page
    assert roles_of(town) != CHOICE["second_factor_roles"]
    kept = {**hidden_fields(page), "second_factor_roles": CHOICE["second_factor_roles"]}
    wrong = administrator.post(plan(town), {**kept, "again-password": "iets anders"})
    assert wrong.status_code == 400 and hidden_fields(wrong.content.decode()) == hidden_fields(page)
    assert "iets anders" not in wrong.content.decode() and roles_of(town) != CHOICE["second_factor_roles"]
    assert administrator.post(plan(town), {**kept, "again-password": PASSWORD}).status_code == 302
    assert roles_of(town) == CHOICE["second_factor_roles"]


def test_every_value_of_a_name_comes_along(town: Place, administrator: Client):
    let_proof_age(administrator)
    page = administrator.post(plan(town), CHOICE).content.decode()
    assert page.count('name="second_factor_roles"') == 2


def test_a_code_proves_it_and_works_once(town: Place, administrator: Client):
    let_proof_age(administrator)
    code = code_of(later=1)
    assert administrator.post(plan(town), {**CHOICE, "again-code": code}).status_code == 302
    let_proof_age(administrator)
    assert administrator.post(plan(town), {**CHOICE, "again-code": code}).status_code == 400


def test_an_empty_answer_is_no_proof(town: Place, administrator: Client):
    let_proof_age(administrator)
    for data in (
        {"again-password": ""},
        {"again-code": " "},
        {"again-credential": "null"},
        {"again-credential": "[1]"},
    ):
        assert administrator.post(plan(town), {**CHOICE, **data}).status_code == 400, data
    assert roles_of(town) != CHOICE["second_factor_roles"]


def test_the_password_of_someone_else_is_no_proof(town: Place, administrator: Client):
    town.employee.set_password("van de medewerker zelf")
    town.employee.save()
    let_proof_age(administrator)
    assert administrator.post(plan(town), {**CHOICE, "again-password": "van de medewerker zelf"}).status_code == 400


def test_ten_wrong_passwords_stop(town: Place, administrator: Client):
    let_proof_age(administrator)
    for number in range(10):
        administrator.post(plan(town), {**CHOICE, "again-password": f"mis {number}"})
    assert "tried too often" in administrator.post(plan(town), {"again-password": PASSWORD}).content.decode()


def test_next_stays_in_the_portal(town: Place, administrator: Client):
    for target in ("https://kwaad.invalid/", "//kwaad.invalid/", "javascript:alert(1)"):
        answer = administrator.post(reverse("sign_in_again"), {"again-password": PASSWORD, "next": target})
        assert answer["Location"] == reverse("home")


def test_a_script_hears_it_too(town: Place, administrator: Client):
    let_proof_age(administrator)
    answer = administrator.post(plan(town), CHOICE, headers={"accept": "application/json"})
    assert answer.status_code == 403 and answer.json() == {"error": "sign_in_again"}


def test_a_stranger_is_asked_to_sign_in_as_ever(town: Place):
    assert Client().get(plan(town))["Location"].startswith(reverse("sign_in"))
    assert Client().get(reverse("sign_in_again"))["Location"].startswith(reverse("sign_in"))


def test_off_in_a_demonstration(town: Place, settings: Any, as_user: Any):
    settings.STRICT_SIGN_IN = False
    assert as_user(town.administrator).post(plan(town), CHOICE).status_code == 302


def test_a_password_that_may_not_be_used_is_not_asked(town: Place):
    """Where the organisation's own sign-in counts, its people prove it there, or with a factor."""
    give_app(town.administrator)
    client = sign_in_strongly(town.administrator)
    Organisation.objects.update(password_sign_in="emergency")
    let_proof_age(client)
    page = client.post(plan(town), CHOICE).content.decode()
    assert "again-code" in page and "again-password" not in page
    assert client.post(plan(town), {**CHOICE, "again-password": PASSWORD}).status_code == 400


def test_each_address_that_changes_much_asks(town: Place):
    """The sensitive acts of R8 that are part of signing in; other parts have their own."""
    person = [town.organisation.slug, town.adviser.pk]
    client = sign_in_strongly(town.administrator)
    let_proof_age(client)
    for name, args in (
        ("sign_in_plan", person[:1]),
        ("administration_person_factor", person),
        ("administration_person_emergency", person),
        ("factor_app", []),
        ("factor_passkey", []),
        ("factor_codes", []),
        ("factor_app_gone", []),
    ):
        assert "Is it still you?" in client.post(reverse(name, args=args)).content.decode(), name
