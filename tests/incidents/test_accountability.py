"""The sheets by which an organisation accounts for itself: filled from the settings that hold, answered by itself."""

from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client
from django.urls import reverse

from incidents.models import PrivacyAnswer, RetentionTerm
from incidents.overview.accountability_facts import roles_table
from incidents.overview.accountability_questions import QUESTIONS, Sheet, questions_of
from incidents.views.accountability import answers_of, mark_of_answers
from tests import clock
from tests.world import Place
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import NEEDS_TWO, Role
from vpdportal.audit.models import AuditEvent


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["vpd_language"] = "en"
    return client


def page(client: Client, town: Place, sheet: str = "register") -> str:
    answer = client.get(reverse("accountability_sheet", args=[town.organisation.slug, sheet]))
    assert answer.status_code == 200
    return answer.content.decode()


def save(client: Client, town: Place, seen: str | None = None, sheet: str = "register", **texts: str) -> Any:
    codes = [question.code for question in questions_of(Sheet(sheet))]
    known = answers_of(town.organisation)
    data = {"seen": mark_of_answers(known, codes) if seen is None else seen, "writer": "", **texts}
    return client.post(reverse("accountability_answer", args=[town.organisation.slug, sheet]), data)


@pytest.mark.parametrize("sheet", Sheet.values)
def test_the_settings_that_hold_stand_on_every_sheet(town: Place, settings: Any, sheet: str):
    client = browser(town.auditor)
    before = page(client, town, sheet)
    assert "not agreed yet" in before and settings.EMAIL_HOST in before
    assert settings.FIELD_KEYS.partition(":")[0] in before
    assert settings.FIELD_KEYS.split(":")[1].split(",")[0] not in before  # the name of a key, never the key
    RetentionTerm.objects.create(
        organisation=town.organisation,
        part="perpetrator",
        months=13,
        chosen_by=town.administrator,
        chosen_at=clock.now(),
        agreed_by=town.auditor,
        agreed_at=clock.now(),
        holds_from=clock.now().date(),
    )
    town.organisation.password_sign_in = "emergency"
    town.organisation.save(update_fields=["password_sign_in"])
    settings.CLAMD_ADDRESS = ""
    settings.SESSION_IDLE_SECONDS = 17 * 60
    after = page(client, town, sheet)
    assert "13 months" in after and "13 months" not in before
    assert "emergency accounts only" in after and "emergency accounts only" not in before
    assert "after 17 minutes" in after and "none: files are marked" in after
    assert "starting point" in after


def test_a_role_that_always_needs_a_second_factor_is_told_so(town: Place):
    data = {"password_sign_in": "everyone", "second_factor_roles": ["manager"]}
    client = browser(town.administrator)
    assert client.post(reverse("sign_in_plan", args=[town.organisation.slug]), data).status_code == 302
    town.organisation.refresh_from_db()
    rows = roles_table(town.organisation, clock.now()).rows
    told = {row.cells[0].text for row in rows if row.cells[2].text == "ja"}
    assert told == {str(role.label) for role in (*NEEDS_TWO, Role.MANAGER)}


def test_the_administrator_answers_and_everyone_reads(town: Place):
    client = browser(town.administrator)
    assert save(client, town, controller="Het college, <b>Raadhuisplein</b>").status_code == 302
    kept = PrivacyAnswer.objects.get()
    assert (kept.question, kept.changed_by) == ("controller", town.administrator)
    for role in ("auditor", "management", "adviser"):
        text = page(browser(town.people[role]), town)
        assert "Het college, &lt;b&gt;" in text and "Save the answers" not in text
    event = AuditEvent.objects.get(action="privacy.answered")
    assert event.fields == ["controller"]
    assert save(client, town, controller="Het college, <b>Raadhuisplein</b>").status_code == 302
    assert AuditEvent.objects.filter(action="privacy.answered").count() == 1  # nothing was different


def test_two_at_once_write_over_nothing(town: Place):
    client = browser(town.administrator)
    save(client, town, controller="Eerst")
    answer = save(client, town, seen="", controller="Tweede", health="Geen")
    assert answer.status_code == 409 and "Tweede" in answer.content.decode()
    assert PrivacyAnswer.objects.get().text == "Eerst"
    assert save(client, town, controller="Tweede", health="Geen").status_code == 302


def test_too_long_comes_back(town: Place):
    answer = save(browser(town.administrator), town, controller="a" * 5001)
    assert answer.status_code == 400 and "a" * 5001 in answer.content.decode()
    assert not PrivacyAnswer.objects.exists()


@pytest.mark.parametrize("sheet", Sheet.values)
def test_as_a_text(town: Place, sheet: str):
    client = browser(town.management)
    PrivacyAnswer.objects.create(
        organisation=town.organisation,
        question=questions_of(Sheet(sheet))[0].code,
        text="Ons eigen antwoord & meer",
        changed_by=town.administrator,
        changed_at=clock.now(),
    )
    got = client.get(reverse("accountability_file", args=[town.organisation.slug, sheet, "odt"]))
    assert got.status_code == 200
    with ZipFile(BytesIO(got.content)) as file:
        text = file.read("content.xml").decode()
    assert "Ons eigen antwoord &amp; meer" in text and "Roles and rights" in text
    assert AuditEvent.objects.filter(action="privacy.sheet_taken", fields=[sheet]).count() == 1


def test_as_paper(town: Place, pango: None):
    got = browser(town.auditor).get(reverse("accountability_file", args=[town.organisation.slug, "dpia", "pdf"]))
    assert got.status_code == 200 and got.content.startswith(b"%PDF")


def test_who_comes_where(town: Place, other_town: Place):
    slug = town.organisation.slug
    addresses = [
        reverse("accountability", args=[slug]),
        reverse("accountability_sheet", args=[slug, "register"]),
        reverse("accountability_file", args=[slug, "register", "odt"]),
    ]
    for address in addresses:
        assert Client().get(address).status_code == 302
        assert browser(other_town.auditor).get(address).status_code == 404
        for role in ("employee", "manager", "support", "deputy", "legal", "analyst"):
            assert browser(town.people[role]).get(address).status_code == 403
        for role in ("adviser", "management", "administrator", "auditor"):
            assert browser(town.people[role]).get(address).status_code == 200
    for role in ("adviser", "management", "auditor", "employee"):
        assert save(browser(town.people[role]), town, controller="x").status_code == 403
    assert save(browser(other_town.administrator), town, controller="x").status_code == 404
    assert not PrivacyAnswer.objects.exists()
    assert browser(town.auditor).get(reverse("accountability_sheet", args=[slug, "anders"])).status_code == 404
    assert browser(town.auditor).get(reverse("accountability_file", args=[slug, "dpia", "exe"])).status_code == 404


def test_each_question_has_a_code_of_its_own_that_fits():
    codes = [question.code for question in QUESTIONS]
    assert len(codes) == len(set(codes)) and all(len(code) <= 40 for code in codes)
    assert {question.sheet for question in QUESTIONS} == set(Sheet)


@pytest.mark.parametrize("answers", [0, 3])
def test_the_page_asks_as_much_with_answers_as_without(town: Place, answers: int, django_assert_num_queries: Any):
    client = browser(town.auditor)
    for question in questions_of(Sheet.DPIA)[:answers]:
        PrivacyAnswer.objects.create(
            organisation=town.organisation,
            question=question.code,
            text="Zo",
            changed_by=town.administrator,
            changed_at=clock.now(),
        )
    page(client, town, "dpia")
    with django_assert_num_queries(7):
        page(client, town, "dpia")
