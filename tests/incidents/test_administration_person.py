"""The administrator's page of one person: away, working days, and an address to which mail arrives."""

from datetime import timedelta
from smtplib import SMTPDataError
from typing import Any

import pytest
from django.core import mail as post
from django.core.mail.backends.base import BaseEmailBackend
from django.test import Client
from django.urls import reverse
from django.utils.translation import get_language

from tests import clock
from tests.world import Place, make_incident, make_user
from vpdportal.accounts.models import Absence, Membership, User
from vpdportal.accounts.roles import Role
from vpdportal.audit.models import AuditEvent

WEEK = {"first_day": "2026-12-07", "back_on": "2026-12-14"}


@pytest.fixture
def admin(town: Place, as_user: Any) -> Client:
    client: Client = as_user(town.administrator)
    client.cookies["vpd_language"] = "en"
    return client


def address(town: Place, person: User, part: str = "", *more: Any) -> str:
    return reverse(f"administration_person{part}", args=[town.organisation.slug, person.pk, *more])


def events(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action))


def test_the_page_is_reached_from_the_list_and_shows_the_roles(town: Place, admin: Client):
    town.join(town.support, Role.LEGAL)
    Membership.objects.filter(user=town.support, role=Role.LEGAL).update(ends_on="2025-01-31")
    listed = admin.get(reverse("administration_people", args=[town.organisation.slug])).content.decode()
    assert address(town, town.support) in listed
    page = admin.get(address(town, town.support)).content.decode()
    assert "Collegial support team" in page and "since 1 January 2020" in page and "ended on 31 January 2025" in page


def test_what_happened_is_nowhere_on_it(town: Place, admin: Client):
    incident = make_incident(town, story="kanarie")
    page = admin.get(address(town, town.adviser)).content.decode()
    assert "cases 1" in page and incident.reference not in page and "kanarie" not in page


# --- away -------------------------------------------------------------------------------------------------------------


def test_someone_fell_ill(town: Place, admin: Client):
    assert admin.post(address(town, town.adviser, "_away"), WEEK).status_code == 302
    planned = Absence.objects.get()
    assert (planned.user, planned.organisation) == (town.adviser, town.organisation)
    assert events("absence.planned")[0].actor_id == town.administrator.pk
    assert "7 December 2026" in admin.get(address(town, town.adviser)).content.decode()
    response = admin.post(address(town, town.adviser, "_away"), WEEK)
    page = response.content.decode()
    assert response.status_code == 409 and "is planned already" in page and 'value="2026-12-07"' in page
    assert admin.post(address(town, town.adviser, "_back", planned.pk)).status_code == 302
    assert not Absence.objects.exists() and events("absence.cancelled")


def test_days_that_cannot_be_are_a_400_with_what_was_typed(town: Place, admin: Client):
    response = admin.post(address(town, town.adviser, "_away"), {**WEEK, "back_on": "2026-12-01"})
    assert response.status_code == 400 and 'value="2026-12-01"' in response.content.decode()
    assert not Absence.objects.exists()


def test_an_absence_of_elsewhere_or_of_another_is_not_cancelled_here(town: Place, other_town: Place, admin: Client):
    other_town.join(town.adviser, Role.ADVISER)
    span = {"starts_at": clock.now(), "ends_at": clock.now() + timedelta(days=3)}
    elsewhere = Absence.objects.create(user=town.adviser, organisation=other_town.organisation, **span)
    here = Absence.objects.create(user=town.adviser, organisation=town.organisation, **span)
    assert admin.post(address(town, town.adviser, "_back", elsewhere.pk)).status_code == 404
    assert admin.post(address(town, town.deputy, "_back", here.pk)).status_code == 404
    assert admin.post(address(town, town.adviser, "_back", here.pk)).status_code == 302
    assert list(Absence.objects.all()) == [elsewhere]


# --- working days -----------------------------------------------------------------------------------------------------


def test_the_working_days_of_someone(town: Place, admin: Client):
    assert admin.post(address(town, town.adviser, "_days"), {"works_on": ["5", "1"]}).status_code == 302
    assert User.objects.get(pk=town.adviser.pk).works_on == "15"
    event = events("mails.chosen")[0]
    assert (event.organisation_id, event.actor_id, event.object_id) == (
        town.organisation.pk,
        town.administrator.pk,
        town.adviser.pk,
    )
    assert event.fields == ["works_on"]
    assert admin.post(address(town, town.adviser, "_days"), {"works_on": ["9"]}).status_code == 400
    assert admin.post(address(town, town.adviser, "_days"), {}).status_code == 302
    assert User.objects.get(pk=town.adviser.pk).works_on == ""


@pytest.mark.parametrize("part", ["_days", "_away"])
@pytest.mark.parametrize("role", ["employee", "auditor", "analyst", "support"])
def test_who_has_no_tasks_here_has_no_days_here(town: Place, admin: Client, role: str, part: str):
    person = town.people[role]
    data = {**WEEK, "works_on": ["1"]}
    page = admin.get(address(town, person)).content.decode()
    has_tasks = role == "support"
    assert (address(town, person, part) in page) is has_tasks
    assert admin.post(address(town, person, part), data).status_code == (302 if has_tasks else 404)
    Membership.objects.filter(user=person).update(ends_on="2026-11-23")
    assert admin.post(address(town, person, part), data).status_code == 404, "the role has ended"
    assert admin.get(address(town, person)).status_code == 200


# --- mail -------------------------------------------------------------------------------------------------------------


def test_mail_that_does_not_arrive_is_shown_and_mended(town: Place, admin: Client):
    listed = reverse("administration_people", args=[town.organisation.slug])
    assert "mail does not arrive" not in admin.get(listed).content.decode()
    User.objects.filter(pk=town.adviser.pk).update(mail_refused_at=clock.now())
    assert "mail does not arrive" in admin.get(listed).content.decode()
    assert "does not arrive since" in admin.get(address(town, town.adviser)).content.decode()
    for _twice in range(2):
        assert admin.post(address(town, town.adviser, "_mended")).status_code == 302
    assert User.objects.get(pk=town.adviser.pk).mail_refused_at is None
    assert len(events("address.mended")) == 1
    assert "does not arrive since" not in admin.get(address(town, town.adviser)).content.decode()


def test_another_address_gets_the_mail_and_ends_nothing(town: Place, admin: Client, as_user: Any):
    session = as_user(town.adviser)
    User.objects.filter(pk=town.adviser.pk).update(mail_refused_at=clock.now())
    response = admin.post(address(town, town.adviser, "_address"), {"email": "Nieuw.Adres@Vlinderwaard.invalid"})
    assert response.status_code == 302
    person = User.objects.get(pk=town.adviser.pk)
    assert (person.email, person.mail_refused_at) == ("nieuw.adres@vlinderwaard.invalid", None)
    assert session.get(reverse("work_list")).status_code == 200
    event = events("address.changed")[0]
    assert event.fields == ["email"] and "invalid" not in str(event.__dict__)


@pytest.mark.parametrize("email", ["", "geen adres", "DEPUTY@vlinderwaard.invalid", "x" * 300 + "@x.invalid"])
def test_an_address_that_cannot_be_is_refused_and_stays_typed(town: Place, admin: Client, email: str):
    response = admin.post(address(town, town.adviser, "_address"), {"email": email})
    page = response.content.decode()
    assert response.status_code == 400 and f'value="{email}"' in page or not email
    assert User.objects.get(pk=town.adviser.pk).email == town.adviser.email
    assert f"<dd>{town.adviser.email}</dd>" in page, "what is kept is shown"


def test_who_has_a_role_elsewhere_keeps_the_address(town: Place, other_town: Place, admin: Client, as_user: Any):
    """Who has an address can choose a password by it: of someone elsewhere too, that is not for this administrator."""
    other_town.join(town.adviser, Role.ADVISER)
    assert address(town, town.adviser, "_address") not in admin.get(address(town, town.adviser)).content.decode()
    response = admin.post(address(town, town.adviser, "_address"), {"email": "van.mij@x.invalid"})
    assert response.status_code == 409 and other_town.organisation.name not in response.content.decode()
    assert User.objects.get(pk=town.adviser.pk).email == town.adviser.email
    other_town.join(town.administrator, Role.ADMINISTRATOR)
    again = as_user(town.administrator)
    assert again.post(address(town, town.adviser, "_address"), {"email": "van.mij@x.invalid"}).status_code == 302


# --- the old address hears of it --------------------------------------------------------------------------------------


class Refusing(BaseEmailBackend):
    """A mail server that quotes the address in its answer."""

    def send_messages(self, email_messages: Any) -> int:
        raise SMTPDataError(554, f"no mail for {email_messages[0].to[0]}".encode())


def change(client: Client, town: Place, person: User, commits: Any, to: str = "van.mij@x.invalid") -> Any:
    """Send another address, and let happen what waits until it is kept."""
    with commits(execute=True):
        return client.post(address(town, person, "_address"), {"email": to})


def test_the_old_address_hears_of_the_change(town: Place, admin: Client, django_capture_on_commit_callbacks: Any):
    User.objects.filter(pk=town.adviser.pk).update(language="en")
    change(admin, town, town.adviser, django_capture_on_commit_callbacks)
    (mail,) = post.outbox
    assert mail.to == [town.adviser.email] and "changed by an administrator" in mail.body
    assert "Not asked for by you? Tell your data protection officer or your manager." in mail.body
    said = f"{mail.subject} {mail.body}"
    for secret in (town.adviser.name, town.administrator.name, town.administrator.email, "van.mij", "http"):
        assert secret not in said


@pytest.mark.parametrize("language", ["nl", "en"])
def test_it_is_told_in_the_language_of_the_person(
    town: Place, admin: Client, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch, language: str
):
    User.objects.filter(pk=town.adviser.pk).update(language=language)
    spoken = []

    def listen(text: str) -> str:
        spoken.append(get_language())
        return text

    monkeypatch.setattr("vpdportal.accounts.person_actions.gettext", listen)
    change(admin, town, town.adviser, django_capture_on_commit_callbacks)
    assert spoken == [language, language]


@pytest.mark.parametrize("case", ["refused", "the same", "not kept", "taken"])
def test_nothing_is_told_where_it_does_not_arrive_or_nothing_changed(
    town: Place, admin: Client, django_capture_on_commit_callbacks: Any, case: str
):
    if case == "refused":
        User.objects.filter(pk=town.adviser.pk).update(mail_refused_at=clock.now())
    to = {"the same": town.adviser.email.upper(), "not kept": "x", "taken": town.deputy.email}.get(case, "n@x.invalid")
    response = change(admin, town, town.adviser, django_capture_on_commit_callbacks, to)
    assert response.status_code == (302 if case in {"refused", "the same"} else 400)
    assert post.outbox == []


def test_a_mail_server_that_fails_breaks_no_page(
    town: Place,
    admin: Client,
    django_capture_on_commit_callbacks: Any,
    settings: Any,
    caplog: pytest.LogCaptureFixture,
):
    settings.EMAIL_BACKEND = f"{Refusing.__module__}.Refusing"
    assert change(admin, town, town.adviser, django_capture_on_commit_callbacks).status_code == 302
    assert User.objects.get(pk=town.adviser.pk).email == "van.mij@x.invalid"
    assert "SMTPDataError" in caplog.text and town.adviser.email not in caplog.text


# --- who went away, and who is to come --------------------------------------------------------------------------------


def test_of_who_went_away_the_address_is_not_shown_and_not_changed(town: Place, admin: Client):
    person, role = town.support, Membership.objects.filter(user=town.support)
    for ends_on, is_here in ((None, True), ("2026-11-24", True), ("2026-11-23", False)):
        role.update(ends_on=ends_on)
        User.objects.filter(pk=person.pk).update(email="eerst@x.invalid", mail_refused_at=clock.now())
        page = admin.get(address(town, person)).content.decode()
        assert ("eerst@x.invalid" in page) is is_here, ends_on
        assert ("The address is shown only of who has a role here." in page) is not is_here
        for part in ("_mended", "_address"):
            assert (address(town, person, part) in page) is is_here
            response = admin.post(address(town, person, part), {"email": "later@x.invalid"})
            assert response.status_code == (302 if is_here else 404), part
    assert User.objects.get(pk=person.pk).email == "eerst@x.invalid"
    role.update(starts_on="2027-01-01", ends_on=None)
    assert "eerst@x.invalid" in admin.get(address(town, person)).content.decode(), "a role that is to begin"


def test_a_role_elsewhere_that_is_to_begin_counts_too(town: Place, other_town: Place, admin: Client):
    there = other_town.join(town.adviser, Role.ADVISER)
    Membership.objects.filter(pk=there.pk).update(starts_on="2027-01-01")
    data = {"email": "van.mij@x.invalid"}
    assert admin.post(address(town, town.adviser, "_address"), data).status_code == 409
    assert address(town, town.adviser, "_address") not in admin.get(address(town, town.adviser)).content.decode()
    Membership.objects.filter(pk=there.pk).update(starts_on="2020-01-01", ends_on="2026-11-24")
    assert admin.post(address(town, town.adviser, "_address"), data).status_code == 409, "until today"
    Membership.objects.filter(pk=there.pk).update(ends_on="2026-11-23")
    assert admin.post(address(town, town.adviser, "_address"), data).status_code == 302


# --- who may ----------------------------------------------------------------------------------------------------------


def test_only_people_of_the_own_organisation(town: Place, other_town: Place, admin: Client, as_user: Any):
    stranger = make_user()
    for person in (other_town.adviser, stranger):
        for part in ("_days", "_away", "_address", "_mended", "_close", "_open"):
            assert admin.post(address(town, person, part), WEEK).status_code == 404, part
        assert admin.get(address(town, person)).status_code == 404
    assert as_user(other_town.administrator).get(address(town, town.adviser)).status_code == 404
    assert as_user(town.adviser).get(address(town, town.adviser)).status_code == 403
    assert admin.get(address(town, town.adviser)).status_code == 200


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_asks_the_same_of_the_database(
    town: Place, admin: Client, django_assert_num_queries: Any, number: int
):
    for day in range(number):
        start = clock.now() + timedelta(days=10 * day)
        Absence.objects.create(
            user=town.adviser, organisation=town.organisation, starts_at=start, ends_at=start + timedelta(days=1)
        )
        make_incident(town)
    with django_assert_num_queries(9):
        admin.get(address(town, town.adviser))
