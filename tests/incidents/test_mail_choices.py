"""Which mails a person wants, and leaving one off by the address in the mail, without signing in."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.signing import Signer
from django.test import Client
from django.urls import reverse

from incidents.actions.reminders.mail_choices import OPTIONAL, unsubscribe_address
from incidents.models import Notice, Task
from tests import clock
from tests.shown import opened, sent_by
from tests.world import Place, make_incident, open_task
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Role
from vpdportal.audit.models import AuditEvent

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def again(person: User) -> User:
    return User.objects.get(pk=person.pk)


def path_of(person: User, choice: str) -> str:
    address = unsubscribe_address(person, choice)
    assert address.startswith("http") and person.email not in address
    return address[address.index("/afmelden/") :]


def english(client: Client) -> Client:
    client.cookies["vpd_language"] = "en"
    return client


# --- the own page -----------------------------------------------------------------------------------------------------


def test_days_language_and_mails_are_kept(town: Place, as_user: Any):
    client = english(as_user(town.adviser))
    data = {"works_on": ["4", "1", "2"], "language": "en", "wants_news_mail": "on"}
    assert client.post(reverse("my_mails"), data).status_code == 302
    person = again(town.adviser)
    kept = (person.works_on, person.language, person.wants_halfway_mail, person.wants_news_mail)
    assert kept == ("124", "en", False, True)
    event = AuditEvent.objects.get(action="mails.chosen")
    assert (event.actor_id, event.object_id) == (person.pk, person.pk)
    assert event.fields == ["language", "wants_halfway_mail", "works_on"]
    page = client.get(reverse("my_mails")).content.decode()
    assert len(re.findall(r'name="works_on"[^>]*checked', page)) == 3
    client.post(reverse("my_mails"), data)
    assert AuditEvent.objects.filter(action="mails.chosen").count() == 1, "nothing changed"


def test_an_old_page_does_not_bring_back_a_mail_that_was_left_off(town: Place, as_user: Any):
    client, address = english(as_user(town.adviser)), reverse("my_mails")
    old = opened(client, address)
    Client().post(path_of(town.adviser, "halfway"), ONE_CLICK)
    answer = client.post(address, {**old, "language": "en"})
    assert answer.status_code == 409 and "Kept now: No." in answer.content.decode()
    assert not again(town.adviser).wants_halfway_mail and again(town.adviser).language == "nl"
    assert client.post(address, sent_by(answer.context["form"])).status_code == 302, "once it was shown, it may"
    employee = as_user(town.employee)  # who is asked less
    assert employee.post(address, opened(employee, address)).status_code == 302


def test_no_days_means_all_days_of_the_office(town: Place, as_user: Any):
    User.objects.filter(pk=town.adviser.pk).update(works_on="1")
    data = {"language": "nl", "wants_halfway_mail": "on", "wants_news_mail": "on"}
    assert as_user(town.adviser).post(reverse("my_mails"), data).status_code == 302
    assert again(town.adviser).works_on == ""


def test_other_days_move_the_reminders_that_wait(town: Place, as_user: Any):
    task = open_task(make_incident(town), "N02")
    Task.objects.filter(pk=task.pk).update(due_at=clock.now() + timedelta(days=6))
    before = Notice.objects.filter(task=task, step="day_before").values_list("due_at", flat=True).first()
    data = {"works_on": ["1", "2"], "language": "nl", "wants_halfway_mail": "on", "wants_news_mail": "on"}
    as_user(town.adviser).post(reverse("my_mails"), data)
    days = {
        notice.due_at.isoweekday() for notice in Notice.objects.filter(task=task, step__in=("halfway", "day_before"))
    }
    assert days and days <= {1, 2} and before is not None


@pytest.mark.parametrize("days", [["8"], ["1", "x"], ["1;drop"], ["\x00"]])
def test_a_day_that_is_none_is_refused(town: Place, as_user: Any, days: list[str]):
    data = {"works_on": days, "language": "nl"}
    response = as_user(town.adviser).post(reverse("my_mails"), data)
    assert response.status_code == 400 and again(town.adviser).works_on == ""


def test_an_employee_is_not_asked_about_tasks(town: Place, as_user: Any):
    client = english(as_user(town.employee))
    page = client.get(reverse("my_mails")).content.decode()
    assert "something to read in my report" in page
    assert "half of the time" not in page and "On which days" not in page and "A new task." not in page
    data = {"language": "nl", "works_on": ["1"], "wants_halfway_mail": ""}
    assert client.post(reverse("my_mails"), data).status_code == 302
    person = again(town.employee)
    assert (person.works_on, person.wants_halfway_mail, person.wants_news_mail) == ("", True, False)


@pytest.mark.parametrize("role", ["adviser", "management", "auditor"])
def test_who_sees_overviews_may_ask_for_a_mail_about_new_ones(town: Place, as_user: Any, role: str):
    client = english(as_user(town.people[role]))
    page = client.get(reverse("my_mails")).content.decode()
    assert "mail when a new overview is there" in page.lower() and "A link, and nothing else: no numbers." in page
    assert not again(town.people[role]).wants_overview_mail, "nobody is asked to read what they did not ask for"
    assert client.post(reverse("my_mails"), {"language": "nl", "wants_overview_mail": "on"}).status_code == 302
    assert again(town.people[role]).wants_overview_mail
    assert "wants_overview_mail" in AuditEvent.objects.get(action="mails.chosen").fields


@pytest.mark.parametrize("role", ["employee", "manager", "support", "deputy", "legal", "administrator", "analyst"])
def test_who_sees_no_overviews_is_not_asked_about_them(town: Place, as_user: Any, role: str):
    client = english(as_user(town.people[role]))
    assert "overview" not in client.get(reverse("my_mails")).content.decode().split("<main")[1]
    client.post(reverse("my_mails"), {"language": "nl", "wants_overview_mail": "on"})
    assert not again(town.people[role]).wants_overview_mail


def test_it_says_what_cannot_be_switched_off(town: Place, as_user: Any):
    page = english(as_user(town.support)).get(reverse("my_mails")).content.decode()
    assert "A task that is too late: on each working day, until it is done." in page
    assert "About a serious report (severity 3 and 4): every day." in page and "You cannot switch these off." in page


def test_without_a_role_there_is_no_page_and_no_link_to_it(town: Place, as_user: Any):
    client = as_user(town.employee)
    assert reverse("my_mails") in client.get(reverse("home")).content.decode()
    town.organisation.memberships.filter(user=town.employee).delete()
    assert client.get(reverse("my_mails")).status_code == 403
    assert reverse("my_mails") not in client.get(reverse("home")).content.decode()


@pytest.mark.parametrize("with_absences", [0, 3])
def test_the_page_asks_as_little_of_the_database_as_it_can(
    town: Place, as_user: Any, django_assert_num_queries: Any, with_absences: int
):
    client = as_user(town.adviser)
    for _number in range(with_absences):
        make_incident(town)
    with django_assert_num_queries(4):
        client.get(reverse("my_mails"))


# --- mail that does not arrive ----------------------------------------------------------------------------------------


def test_every_page_says_that_mail_does_not_arrive(town: Place, as_user: Any, django_assert_num_queries: Any):
    client = english(as_user(town.support))
    assert "does not arrive" not in client.get(reverse("menu_about")).content.decode()
    User.objects.update(mail_refused_at=clock.now())
    with django_assert_num_queries(3):
        page = client.get(reverse("menu_about")).content.decode()
    assert f"Mail to {town.support.email} does not arrive. Your reminders go to a colleague." in page
    page = english(as_user(town.employee)).get(reverse("home")).content.decode()
    assert f"Mail to {town.employee.email} does not arrive. Tell your administrator." in page
    assert "does not arrive" not in english(Client()).get(reverse("sign_in")).content.decode()


# --- leaving a mail off -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("choice", list(OPTIONAL))
@pytest.mark.parametrize("data", [ONE_CLICK, {}])
def test_the_address_in_a_mail_switches_that_mail_off(town: Place, choice: str, data: dict[str, str]):
    User.objects.update(wants_overview_mail=True)  # the one that is off until someone asks for it
    stranger = english(Client(enforce_csrf_checks=True))
    page = stranger.get(path_of(town.adviser, choice)).content.decode()
    assert "Switch this mail off" in page
    for secret in (town.adviser.email, town.adviser.name):
        assert secret not in page
    assert getattr(again(town.adviser), OPTIONAL[choice]), "looking changes nothing"
    for _twice in range(2):
        response = stranger.post(path_of(town.adviser, choice), data)
        assert response.status_code == 200 and "This mail is off" in response.content.decode()
    person = again(town.adviser)
    assert [name for name in OPTIONAL.values() if not getattr(person, name)] == [OPTIONAL[choice]]
    event = AuditEvent.objects.get(action="mails.chosen")
    assert (event.actor_id, event.object_id, event.fields) == (None, person.pk, [OPTIONAL[choice]])
    assert getattr(again(town.deputy), OPTIONAL[choice])


def test_a_head_request_and_other_verbs_change_nothing(town: Place):
    path = path_of(town.adviser, "news")
    assert Client().head(path).status_code == 200 and Client().put(path).status_code == 405
    assert again(town.adviser).wants_news_mail


def test_an_address_that_is_not_ours_does_nothing(town: Place):
    person = town.adviser
    good = path_of(person, "news").strip("/").split("/")[1]
    forged = Signer(salt="vpdportal.unsubscribe", sep=".")
    wrong = [
        good[:-1],
        good.replace("news", "halfway"),
        "x",
        Signer(sep=".").sign(f"news-{person.pk.hex}"),
        forged.sign(f"deadline-{person.pk.hex}"),
        forged.sign(f"is_active-{person.pk.hex}"),
        forged.sign("news-nobody"),
        forged.sign("news-" + "0" * 32),
    ]
    for token in wrong:
        for method in ("get", "post"):
            response = getattr(english(Client()), method)(reverse("unsubscribe", args=[token]))
            assert response.status_code == 404 and "This address does not work" in response.content.decode(), token
    assert english(Client()).post(reverse("unsubscribe", args=[good])).status_code == 200
    assert AuditEvent.objects.filter(action="mails.chosen").count() == 1


def test_a_closed_account_has_nothing_to_leave_off(town: Place):
    path = path_of(town.adviser, "news")
    assert Client().get(path).status_code == 200
    User.objects.filter(pk=town.adviser.pk).update(is_active=False)
    assert Client().get(path).status_code == Client().post(path).status_code == 404


def test_it_speaks_the_language_of_the_mail_unless_another_was_chosen(town: Place):
    User.objects.filter(pk=town.adviser.pk).update(language="en")
    path = path_of(town.adviser, "news")
    page = Client().get(path)
    assert 'lang="en"' in page.content.decode() and page["Content-Language"] == "en"
    dutch = Client()
    dutch.cookies["vpd_language"] = "nl"
    assert '<html lang="nl"' in dutch.get(path).content.decode()


def test_only_what_may_be_left_off_has_an_address(town: Place):
    with pytest.raises(KeyError):
        unsubscribe_address(town.adviser, "overdue")


def test_someone_with_two_roles_is_asked_once(town: Place, other_town: Place, as_user: Any):
    other_town.join(town.employee, Role.SUPPORT)
    page = english(as_user(town.employee)).get(reverse("my_mails")).content.decode()
    assert "On which days do you work?" in page
