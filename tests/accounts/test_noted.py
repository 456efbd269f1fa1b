"""Signing in is written down for the officer of each organisation of the person, and never what was typed."""

from typing import Any

from django.test import Client
from django.urls import reverse

from tests import clock
from tests.signing_in import english, give_app, give_code, give_password, sign_in_strongly
from tests.world import PASSWORD, Place, make_user
from vpdportal.accounts.roles import Role
from vpdportal.audit.models import AuditEvent


def noted(action: str) -> list[Any]:
    return list(AuditEvent.objects.filter(action=action).values_list("organisation_id", "actor_id", "object_id"))


def test_signing_in_and_out_is_written_down_once(strictly: None, town: Place):
    client, person = english(), town.employee
    give_password(client, person)
    assert noted("sign_in.done") == [(town.organisation.pk, person.pk, person.pk)]
    client.post(reverse("sign_out"))
    assert noted("sign_in.out") == [(town.organisation.pk, person.pk, person.pk)]
    client.post(reverse("sign_out"))
    assert len(noted("sign_in.out")) == 1 and not noted("sign_in.failed")


def test_each_organisation_of_the_person_hears_of_it(strictly: None, town: Place, other_town: Place):
    other_town.join(town.employee, Role.EMPLOYEE)
    give_password(english(), town.employee)
    assert {place for place, _by, _whose in noted("sign_in.done")} == {
        town.organisation.pk, other_town.organisation.pk,
    }  # fmt: skip


def test_a_wrong_password_is_of_the_account_and_of_nobody_who_did_it(strictly: None, town: Place):
    give_password(english(), town.employee, "verkeerd-wachtwoord")
    assert noted("sign_in.failed") == [(town.organisation.pk, None, town.employee.pk)]
    assert not noted("sign_in.done")


def test_an_unknown_address_stands_in_the_installation_only(strictly: None, town: Place):
    client = english()
    client.post(reverse("sign_in"), {"username": "niemand@voorbeeld.invalid", "password": PASSWORD})
    give_password(client, make_user(), "verkeerd-wachtwoord")
    assert [place for place, _by, _whose in noted("sign_in.failed")] == [None, None]
    rows = str(list(AuditEvent.objects.values_list("action", "object_type", "fields")))
    assert "niemand" not in rows and "verkeerd" not in rows


def test_a_known_and_an_unknown_address_ask_as_much_of_the_database(
    strictly: None, town: Place, django_assert_num_queries: Any
):
    """So the time that it takes tells nothing."""
    give_password(english(), town.employee, "fout")
    english().post(reverse("sign_in"), {"username": "niemand@voorbeeld.invalid", "password": "fout"})
    numbers = []
    for address in (town.employee.email, "niemand@voorbeeld.invalid"):
        client = english()
        with django_assert_num_queries(200, exact=False) as counted:
            client.post(reverse("sign_in"), {"username": address, "password": "fout"})
        numbers.append(len(counted))
    assert abs(numbers[0] - numbers[1]) <= 1, numbers


def test_a_wrong_second_step_is_written_down_and_is_no_signing_in(strictly: None, town: Place):
    client = english()
    give_app(town.employee)
    give_password(client, town.employee)
    give_code(client, "000000")
    assert noted("sign_in.second_failed") == [(town.organisation.pk, None, town.employee.pk)]
    assert not noted("sign_in.done")


def test_showing_again_who_one_is(strictly: None, town: Place):
    client = sign_in_strongly(town.employee)
    assert len(noted("sign_in.done")) == 1 and not noted("sign_in.again")
    client.post(reverse("sign_in_again"), {"again-password": PASSWORD})
    assert noted("sign_in.again") == [(town.organisation.pk, town.employee.pk, town.employee.pk)]
    assert noted("factor.added") == [(town.organisation.pk, town.employee.pk, town.employee.pk)]


def test_a_session_that_is_over_is_written_down_once(strictly: None, town: Place):
    client: Client = english()
    give_password(client, town.employee)
    client.get(reverse("home"))
    clock.move(minutes=31)
    for _turn in range(2):
        assert client.get(reverse("home")).status_code in {200, 302}
    assert noted("sign_in.over") == [(town.organisation.pk, None, town.employee.pk)]


def test_own_sessions_that_are_ended_stand_in_the_own_organisation(strictly: None, town: Place):
    first, second = english(), english()
    for client in (first, second):
        give_password(client, town.employee)
        client.get(reverse("home"))
    second.post(reverse("my_sessions_end_others"))
    assert noted("session.others_ended") == [(town.organisation.pk, town.employee.pk, town.employee.pk)]
