"""Choosing a password by mail: for a new account and a forgotten one, without telling who has an account."""

import re
from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from incidents.actions.reminders.sweep import sweep
from incidents.models import Mail
from tests import clock
from tests.world import PASSWORD, Place
from vpdportal.accounts.actions import invite_person
from vpdportal.accounts.models import Membership, Organisation, User
from vpdportal.audit.models import AuditEvent

NEW = "twaalf blauwe tulpen"


def link_for(client: Client, email: str) -> str:
    assert client.post(reverse("password_ask"), {"email": email}).status_code == 302
    sweep(now=clock.now())  # the mail goes through the queue
    (message,) = mail.outbox
    found = re.search(r"http://testserver(/wachtwoord/\S+)", str(message.body))
    assert found is not None and message.to == [email.lower()]
    return found[1]


def choose(client: Client, link: str, password: str, again: str | None = None) -> Any:
    page = client.get(link, follow=True)
    address = page.redirect_chain[-1][0] if page.redirect_chain else link
    return client.post(address, {"new_password1": password, "new_password2": password if again is None else again})


def test_a_new_account_gets_its_password_and_signs_in(town: Place, client: Client):
    person = invite_person(email="nieuw@vlinderwaard.invalid", name="Nieuw")
    town.join(person, "support")
    link = link_for(client, "Nieuw@Vlinderwaard.invalid")
    assert choose(client, link, NEW)["Location"] == reverse("sign_in")
    assert client.post(reverse("sign_in"), {"username": person.email, "password": NEW})["Location"] == "/"
    assert AuditEvent.objects.filter(action="password.set", actor_id=person.pk).count() == 1
    assert (
        "eens gebruikt" in Client().get(link).content.decode() or "al gebruikt" in Client().get(link).content.decode()
    )


def test_an_unknown_address_gets_the_same_answer_and_no_mail(town: Place, client: Client):
    known = client.post(reverse("password_ask"), {"email": town.employee.email})
    unknown = client.post(reverse("password_ask"), {"email": "niemand@nergens.invalid"})
    assert known["Location"] == unknown["Location"] == reverse("password_asked")
    assert mail.outbox == [], "sending takes time, and time tells"
    sweep(now=clock.now())
    assert [message.to for message in mail.outbox] == [[town.employee.email]]
    assert not re.search("verbal|melding|employee Vlinderwaard", str(mail.outbox[0].body))


def test_who_asks_too_often_gets_the_same_answer_and_no_more_mails(town: Place, client: Client):
    for _try in range(8):
        assert client.post(reverse("password_ask"), {"email": town.employee.email}).status_code == 302
        sweep(now=clock.now())
    assert len(mail.outbox) == 5


def test_the_link_stands_nowhere_before_it_goes_out(town: Place, client: Client):
    client.post(reverse("password_ask"), {"email": town.employee.email})
    assert client.post(reverse("password_ask"), {"email": town.employee.email}).status_code == 302
    (waiting,) = Mail.objects.all()
    assert waiting.kind == "password" and waiting.recipient == town.employee


@pytest.mark.parametrize(
    ("password", "again"), [("kort", None), ("employee vlinderwaard", None), (NEW, "iets heel anders")]
)
def test_a_weak_or_mistyped_password_is_refused(town: Place, client: Client, password: str, again: str | None):
    response = choose(client, link_for(client, town.employee.email), password, again)
    assert response.status_code == 200 and 'id="errors"' in response.content.decode()
    assert Client().login(username=town.employee.email, password=PASSWORD)


PREDICTABLE = (
    *(
        "Welkom2026!!",
        "Welkom123456",
        "W3lk0m!!2026",
        "2026-Welkom-2026",
        "Password1234",
        "P@ssw0rd2026",
        "Qwertyuiop12",
    ),
    *("wachtwoordwachtwoord", "welkomwelkomwelkom", "Amsterdam2026", "Feyenoord1908", "Zomer2026!!!!", "November-2026"),
    *(
        "Gemeente2026!",
        "VPDportaal26",
        "aaaaaaaaaaaaaa",
        "abcabcabcabc",
        "123456789012",
        "210987654321",
        "abcdefghijklm",
    ),
    *("1212121212121", "111111111111x", "            x"),
)
UNLIKELY = (
    *(NEW, PASSWORD, "paard batterij nietje", "Correct-Horse-26", "tulp+fiets=Regen", "welkom in het gele huis"),
    *(
        "mijn zomer was nat",
        "😡 boze gans eet brood",
        "kXw8-2mQz-71Lp",
        "de 3 kraaien van Piet",
        "отличный длинный пароль",
    ),
)


@pytest.mark.parametrize("password", PREDICTABLE)
def test_a_long_password_that_is_guessed_first_is_refused(password: str):
    """ASVS 6.2.12: what people make of a rule of twelve signs."""
    with pytest.raises(ValidationError):
        validate_password(password)


@pytest.mark.parametrize("password", UNLIKELY)
def test_a_few_words_are_a_password(password: str):
    """The permission beside it: nothing that is hard to guess is refused."""
    validate_password(password)


def test_why_a_password_is_refused_is_said(town: Place, client: Client):
    client.cookies["vpd_language"] = "en"
    page = choose(client, link_for(client, town.employee.email), "Welkom2026!!").content.decode()
    assert "This password is easy to guess. Take a few words" in page


def test_a_new_password_ends_other_sessions(town: Place, as_user: Any, client: Client):
    elsewhere = as_user(town.employee)
    assert elsewhere.get("/").status_code == 200
    choose(client, link_for(client, town.employee.email), NEW)
    assert elsewhere.get("/").status_code == 302


def test_a_closed_account_gets_no_mail(town: Place, client: Client):
    town.employee.is_active = False
    town.employee.save()
    client.post(reverse("password_ask"), {"email": town.employee.email})
    sweep(now=clock.now())
    assert mail.outbox == []


ARGUMENTS = [
    "--name=Veenwoude", "--slug=veenwoude", "--kind=municipality", "--administrator-name=Beheer",
    "--administrator-email=beheer@veenwoude.invalid",
]  # fmt: skip


def test_the_first_organisation_and_its_administrator(db: None, client: Client):
    call_command("new_organisation", *ARGUMENTS, "--prefix=VN", f"--password={NEW}")
    organisation = Organisation.objects.get(slug="veenwoude")
    assert Membership.objects.get(organisation=organisation).role == "administrator"
    client.post(reverse("sign_in"), {"username": "beheer@veenwoude.invalid", "password": NEW})
    assert client.get(reverse("administration", args=["veenwoude"])).status_code == 200


def test_who_has_an_account_keeps_the_password(db: None):
    person = User.objects.create_user(email="beheer@veenwoude.invalid", name="Beheer", password=PASSWORD)
    call_command("new_organisation", *ARGUMENTS, "--prefix=VN", f"--password={NEW}")
    person.refresh_from_db()
    assert person.check_password(PASSWORD) and Membership.objects.get(user=person).role == "administrator"


@pytest.mark.parametrize("wrong", [["--prefix=veenwoude", f"--password={NEW}"], ["--prefix=VN", "--password=kort"]])
def test_a_wrong_first_organisation_says_why_and_leaves_nothing(db: None, wrong: list[str]):
    with pytest.raises(CommandError):
        call_command("new_organisation", *ARGUMENTS, *wrong)
    assert not Organisation.objects.exists()
