"""The second step: asked of every role that needs it, on every way in, and its codes work once (T10)."""

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from tests.accounts.test_password import NEW, choose, link_for
from tests.signing_in import (
    SECRET,
    code_of,
    english,
    give_app,
    give_code,
    give_password,
    hidden_fields,
    is_signed_in,
    let_proof_age,
    sign_in_strongly,
)
from tests.world import PASSWORD, Place, make_incident
from vpdportal.accounts.models import Organisation, User
from vpdportal.accounts.signing_in.factor_views import in_fours
from vpdportal.accounts.signing_in.sealing import open_secret, seal_secret, secrets_of
from vpdportal.accounts.signing_in.single_sign_on.marks import STRONG
from vpdportal.audit.models import AuditEvent
from vpdportal.encryption import SealBroken

pytestmark = pytest.mark.usefixtures("strictly")
PAGE = "/mijn-mails/"


def weak(user: User) -> Client:
    """Signed in with a password and nothing else."""
    client = english()
    assert give_password(client, user).status_code == 302 and is_signed_in(client)
    return client


def test_who_needs_a_second_step_gets_nothing_without_it(town: Place):
    client = weak(town.adviser)
    incident = make_incident(town)
    for address in ("/", reverse("my_mails"), reverse("case", args=[incident.pk]), reverse("report")):
        assert client.get(address)["Location"] == reverse("my_sign_in"), address
    page = client.get(reverse("my_sign_in"))
    assert page.status_code == 200 and "Set up a second step" in page.content.decode()
    assert client.get("/", headers={"accept": "application/json"}).status_code == 403
    assert client.post(reverse("sign_out")).status_code == 302


def test_who_needs_none_goes_on(town: Place):
    assert weak(town.employee).get("/").status_code == 200


def test_off_in_a_demonstration(town: Place, settings: Any):
    settings.STRICT_SIGN_IN = False
    assert weak(town.adviser).get(PAGE).status_code == 200


def test_a_role_that_is_given_meanwhile_counts_at_the_next_request(town: Place):
    client = weak(town.employee)
    assert client.get(PAGE).status_code == 200
    town.join(town.employee, "support")
    assert client.get("/")["Location"] == reverse("my_sign_in")
    Organisation.objects.update(second_factor_roles=["adviser"])
    assert client.get(PAGE).status_code == 200, "the organisation settles which roles"


def test_setting_up_an_app_opens_the_portal_and_ends_other_sessions(
    town: Place, django_capture_on_commit_callbacks: Any
):
    client, elsewhere = weak(town.adviser), weak(town.adviser)
    for one in (client, elsewhere):
        one.get(reverse("my_sign_in"))
    page = client.get(reverse("factor_app")).content.decode()
    secret = page.split("<code>")[1].split("</code>")[0].replace(" ", "")
    wrong = client.post(reverse("factor_app"), {"code": "000000"})
    assert wrong.status_code == 400 and not Authenticator.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post(reverse("factor_app"), {"code": code_of(secret)})
    assert done.status_code == 200 and done.content.decode().count("<li><code>") == 10
    assert client.get(PAGE).status_code == 200
    assert not is_signed_in(elsewhere)
    assert [message.to for message in mail.outbox] == [[town.adviser.email]]
    assert AuditEvent.objects.get(action="factor.added").fields == ["totp"]


def test_an_app_is_asked_for_at_each_sign_in(town: Place):
    give_app(town.employee)
    client = english()
    assert give_password(client, town.employee)["Location"] == reverse("mfa_authenticate")
    assert not is_signed_in(client)
    assert client.get("/").status_code == 302 and client.get(reverse("my_sign_in")).status_code == 302
    assert give_code(client, "000000").status_code == 400 and not is_signed_in(client)
    assert give_code(client, code_of())["Location"] == reverse("home") and is_signed_in(client)


def test_where_one_was_going_is_where_one_comes(town: Place):
    give_app(town.adviser)
    client = english()
    give_password(client, town.adviser, next=reverse("my_mails"))
    assert give_code(client, code_of())["Location"] == reverse("my_mails")


def test_a_code_works_once(town: Place):
    give_app(town.adviser)
    code = code_of()
    first, second = english(), english()
    for client in (first, second):
        give_password(client, town.adviser)
    assert give_code(first, code).status_code == 302
    refused = give_code(second, code)
    assert refused.status_code == 400 and not is_signed_in(second)
    assert give_code(second, code_of(later=1)).status_code == 302, "the control: the next code"


def test_a_recovery_code_works_once_in_its_place(town: Place):
    codes = give_app(town.adviser)
    for expected in (302, 400):
        client = english()
        give_password(client, town.adviser)
        assert give_code(client, codes[3]).status_code == expected
    client = english()
    give_password(client, town.adviser)
    assert give_code(client, codes[4]).status_code == 302
    assert client.get(PAGE).status_code == 200


def test_new_recovery_codes_end_the_old_ones(town: Place):
    old = give_app(town.adviser)
    client = sign_in_strongly(town.adviser)
    page = client.post(reverse("factor_codes")).content.decode()
    assert page.count("<li><code>") == 10 and in_fours(old[0]) not in page
    new = page.split("<li><code>")[1].split("</code>")[0]
    for code, expected in ((old[0], 400), (new, 302)):
        other = english()
        give_password(other, town.adviser)
        assert give_code(other, code).status_code == expected


def test_a_second_step_without_a_first_leads_back(town: Place):
    give_app(town.adviser)
    client = english()
    assert client.get(reverse("mfa_authenticate"))["Location"] == reverse("sign_in")
    assert give_code(client, code_of())["Location"] == reverse("sign_in") and not is_signed_in(client)


def test_a_new_password_by_mail_skips_nothing(town: Place, client: Client):
    give_app(town.adviser)
    mail.outbox.clear()
    choose(client, link_for(client, town.adviser.email), NEW)
    assert not is_signed_in(client)
    assert give_password(client, town.adviser, NEW)["Location"] == reverse("mfa_authenticate")
    assert not is_signed_in(client)


def test_what_was_typed_comes_through_the_second_step(town: Place):
    """A session that ended while someone wrote a note: password, code, and the words are there again."""
    incident = make_incident(town)
    give_app(town.adviser)
    address = reverse("case_note", args=[incident.pk])
    client = english()
    typed = client.post(address, {"text": "Kanarie in een kooi", "writer": "x"})
    assert typed.status_code == 200
    data = {**hidden_fields(typed.content.decode()), "username": town.adviser.email, "password": PASSWORD}
    second = client.post(address, data)
    page = second.content.decode()
    assert second.status_code == 200 and "Kanarie in een kooi" in page and PASSWORD not in page
    assert not is_signed_in(client)
    wrong = client.post(address, {**hidden_fields(page), "second-code": "000000"})
    assert wrong.status_code == 400 and "Kanarie in een kooi" in wrong.content.decode()
    client.post(address, {**hidden_fields(page), "second-code": code_of()})
    assert is_signed_in(client)


def test_a_form_of_who_is_held_back_comes_along(town: Place):
    incident = make_incident(town)
    client = weak(town.adviser)
    held = client.post(reverse("case_note", args=[incident.pk]), {"text": "Kanarie in een kooi"})
    assert held.status_code == 403
    assert hidden_fields(held.content.decode())["text"] == "Kanarie in een kooi"


def test_a_provider_that_asked_for_more_is_enough(town: Place):
    client = weak(town.adviser)
    assert client.get("/").status_code == 302
    session = client.session
    session[STRONG] = str(town.adviser.pk)
    session.save()
    assert client.get(PAGE).status_code == 200
    client.post(reverse("sign_out"))
    assert STRONG not in client.session


def test_who_has_a_factor_and_did_not_use_it_is_asked_for_it(town: Place):
    client = weak(town.adviser)
    give_app(town.adviser)  # meanwhile, elsewhere; it ends other sessions only of those that a list knows
    answer = client.get(reverse("my_mails"))
    if not is_signed_in(client):
        return
    assert answer["Location"].startswith(reverse("sign_in_again") + "?strong=1")
    by_password = client.post(answer["Location"], {"again-password": PASSWORD})
    assert by_password.status_code == 400 and client.get("/").status_code == 302
    client.post(answer["Location"], {"again-code": code_of()})
    assert client.get(PAGE).status_code == 200


def test_the_only_factor_stays_while_a_role_needs_it(town: Place):
    client = sign_in_strongly(town.adviser)
    client.post(reverse("factor_app_gone"))
    assert Authenticator.objects.filter(user=town.adviser, type="totp").exists()
    free = sign_in_strongly(town.employee)
    free.post(reverse("factor_app_gone"))
    assert not Authenticator.objects.filter(user=town.employee).exists(), "recovery codes go with it"


def test_changing_factors_asks_again_who_one_is(town: Place):
    client = sign_in_strongly(town.employee)
    let_proof_age(client)
    assert client.get(reverse("factor_app"))["Location"].startswith(reverse("sign_in_again"))
    for name in ("factor_app_gone", "factor_codes"):
        assert "again-code" in client.post(reverse(name)).content.decode()
    assert Authenticator.objects.filter(user=town.employee).count() == 2


def test_secrets_are_sealed_and_bound_to_their_owner(town: Place):
    give_app(town.adviser)
    client = english()
    give_password(client, town.employee)
    page = client.get(reverse("factor_app")).content.decode()
    new = page.split("<code>")[1].split("</code>")[0].replace(" ", "")
    stored = json.dumps([one.data for one in Authenticator.objects.all()])
    assert SECRET not in stored and new not in json.dumps(dict(client.session))
    kept = Authenticator.objects.get(user=town.adviser, type="totp").data["secret"]
    with secrets_of(town.adviser):
        assert open_secret(kept) == SECRET
    with secrets_of(town.employee), pytest.raises(SealBroken):
        open_secret(kept)
    with pytest.raises(SealBroken):
        seal_secret("of nobody")


def test_an_app_of_someone_else_opens_nothing(town: Place):
    give_app(town.adviser)
    Authenticator.objects.filter(user=town.adviser, type="totp").update(user=town.employee)
    client = english()
    give_password(client, town.employee)
    client.raise_request_exception = False
    assert give_code(client, code_of()).status_code >= 400 and not is_signed_in(client)


@pytest.mark.parametrize(("whose", "by"), [("manager", "administrator"), ("adviser", "auditor")])
def test_someone_else_takes_a_lost_factor_away(
    town: Place, whose: str, by: str, django_capture_on_commit_callbacks: Any
):
    owner = town.people[whose]
    person, other = sign_in_strongly(owner), sign_in_strongly(town.people[by])
    address = reverse("administration_person_factor", args=[town.organisation.slug, owner.pk])
    with django_capture_on_commit_callbacks(execute=True):
        other.post(address)
    assert not Authenticator.objects.filter(user=owner).exists()
    assert [message.to for message in mail.outbox] == [[owner.email]]
    assert AuditEvent.objects.get(action="factor.taken").organisation_id == town.organisation.pk
    assert not is_signed_in(person)
    own = reverse("administration_person_factor", args=[town.organisation.slug, town.people[by].pk])
    other.post(own)
    assert Authenticator.objects.filter(user=town.people[by]).exists(), "never one's own"
    assert weak(owner).get("/")["Location"] == reverse("my_sign_in")


@pytest.mark.parametrize(("whose", "by"), [("adviser", "administrator"), ("manager", "auditor")])
def test_an_administrator_alone_gets_into_no_role_that_opens_much(town: Place, whose: str, by: str):
    owner = town.people[whose]
    give_app(owner)
    other = sign_in_strongly(town.people[by])
    page = other.get(reverse("administration_person_sign_in", args=[town.organisation.slug, owner.pk]))
    assert (
        page.status_code == 200
        and reverse("administration_person_factor", args=[town.organisation.slug, owner.pk])
        not in page.content.decode()
    )
    other.post(reverse("administration_person_factor", args=[town.organisation.slug, owner.pk]))
    assert Authenticator.objects.filter(user=owner).exists()


def test_no_organisation_does_without_it_for_a_role_that_opens_much(town: Place):
    Organisation.objects.filter(pk=town.organisation.pk).update(second_factor_roles=[])
    assert weak(town.adviser).get("/")["Location"] == reverse("my_sign_in")
    assert weak(town.manager).get("/").status_code == 200


def test_who_runs_the_portal_takes_a_factor_away_by_a_command(town: Place):
    give_app(town.auditor)
    call_command("take_factor", email=town.auditor.email, organisation=town.organisation.slug)
    assert not Authenticator.objects.filter(user=town.auditor).exists()
    assert AuditEvent.objects.get(action="factor.taken").actor_id is None


def test_not_of_who_also_belongs_elsewhere(town: Place, other_town: Place):
    other_town.join(town.adviser, "employee")
    give_app(town.adviser)
    sign_in_strongly(town.auditor).post(
        reverse("administration_person_factor", args=[town.organisation.slug, town.adviser.pk])
    )
    assert Authenticator.objects.filter(user=town.adviser).exists()


def test_who_may_take_a_factor_away(town: Place, other_town: Place, settings: Any, as_user: Any):
    settings.STRICT_SIGN_IN = False
    give_app(town.adviser)
    for name, data in (("administration_person_factor", {}), ("administration_person_emergency", {"is": "yes"})):
        address = reverse(name, args=[town.organisation.slug, town.adviser.pk])
        assert as_user(other_town.administrator).post(address, data).status_code == 404
        assert as_user(town.adviser).post(address, data).status_code == 403
        assert Client().post(address, data).status_code == 302
    assert Authenticator.objects.filter(user=town.adviser).exists()
    town.adviser.refresh_from_db()
    assert not town.adviser.is_emergency_account


def test_pages_of_factors_ask_few_questions(town: Place, django_assert_max_num_queries: Any):
    client = sign_in_strongly(town.adviser)
    for number in range(3):
        with django_assert_max_num_queries(12):
            assert client.get(reverse("my_sign_in")).status_code == 200
        Authenticator.objects.create(user=town.adviser, type="webauthn", data={"name": "", "credential": number})


def test_ten_wrong_codes_stop_and_a_known_device_goes_on(town: Place):
    known = sign_in_strongly(town.adviser)
    known.post(reverse("sign_out"))
    thief = english()
    give_password(thief, town.adviser)
    answers = [give_code(thief, f"{number:06}").content.decode() for number in range(12)]
    assert sum("tried too often" in page for page in answers) == 2
    assert give_code(thief, code_of(later=1)).status_code == 400, "not even the right one"
    give_password(known, town.adviser)
    assert give_code(known, code_of(later=1)).status_code == 302 and is_signed_in(known)
