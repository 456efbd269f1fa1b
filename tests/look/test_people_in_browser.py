"""The pages about people, days and mail in a browser: full, empty, refused and with mistakes."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from incidents.actions.reminders.mail_choices import OPTIONAL, unsubscribe_address
from incidents.models import Task
from tests import clock
from tests.look.visitor import LOOKS, Visitor, unfold
from tests.world import Place, make_incident, make_place, make_user
from vpdportal.accounts.actions import plan_absence
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Role

pytestmark = pytest.mark.browser
LONG = "Wilhelmina-Anna-Margaretha van Oudshoorn-van Nieuwkerk-Schoonhoven tot Verzonnen-Fictiedorp 🙂"
ADDRESS = "een.heel.lang.adres.dat.niemand.heeft.en.dat.niet.past@verzonnen-bestaat-niet-vlinderwaard.invalid"


@pytest.fixture
def town(committed: None) -> Place:
    """Where mail does not reach the adviser, who has a long name, is away soon and has work waiting."""
    town, other = make_place("Vlinderwaard"), make_place("Elders", prefix="EL")
    User.objects.filter(pk=town.adviser.pk).update(name=LONG, email=ADDRESS, mail_refused_at=clock.now())
    town.adviser.refresh_from_db()
    make_incident(town)
    to_sign = Task.objects.filter(code="R01")
    to_sign.update(kind="sign", code="", measure=None, assignee=town.adviser)
    town.join(make_user("Tweede Adviseur"), Role.ADVISER)
    other.join(town.deputy, Role.DEPUTY)
    span = {"starts_at": clock.now() + timedelta(days=1), "ends_at": clock.now() + timedelta(days=9)}
    plan_absence(user=town.adviser, organisation=town.organisation, by=town.adviser, now=clock.now(), **span)
    User.objects.filter(pk=town.legal.pk).update(is_active=False)
    return town


def pages_of(town: Place) -> dict[str, list[str]]:
    slug = town.organisation.slug
    people = (town.adviser, town.deputy, town.legal, town.employee, town.administrator)
    return {
        "administrator": [
            reverse("reminder_plan", args=[slug]),
            reverse("overview_plan", args=[slug]),
            reverse("administration", args=[slug]),
            reverse("administration_people", args=[slug]),
            reverse("administration_people", args=[slug]) + "?closed=1",
            *(reverse("administration_person", args=[slug, person.pk]) for person in people),
            reverse("my_mails"),
        ],
        "adviser": [reverse("my_mails"), reverse("absence"), reverse("work_list")],
        "manager": [reverse("absence"), reverse("my_tasks")],
        "employee": [reverse("my_mails")],
    }


@LOOKS
def test_every_page(live_server: Any, chromium: Any, town: Place, width: int, language: str, with_axe: bool):
    faults = {}
    for role, paths in pages_of(town).items():
        visitor = Visitor(chromium, live_server.url, width, language, with_axe=with_axe)
        visitor.sign_in(town.people[role].email)
        for path in paths:
            assert visitor.go(path) == 200, path
            unfold(visitor.page)
            if found := visitor.faults():
                faults[f"{role} {path}"] = found
        visitor.context.close()
    assert faults == {}


@LOOKS
def test_leaving_a_mail_off(live_server: Any, chromium: Any, town: Place, width: int, language: str, with_axe: bool):
    visitor = Visitor(chromium, live_server.url, width, language, with_axe=with_axe)
    for choice in OPTIONAL:
        address = unsubscribe_address(town.adviser, choice)
        visitor.go(address[address.index("/afmelden/") :])
        assert visitor.faults() == []
        with visitor.page.expect_navigation():
            visitor.page.click("main form .button--primary")
        assert visitor.faults() == []
    assert visitor.go("/afmelden/onbekend/") == 404
    assert visitor.faults() == []
    visitor.context.close()


@LOOKS
def test_forms_with_mistakes_and_what_is_refused(
    live_server: Any, chromium: Any, town: Place, width: int, language: str, with_axe: bool
):
    slug, person = town.organisation.slug, town.adviser
    visitor = Visitor(chromium, live_server.url, width, language, with_axe=with_axe)
    visitor.sign_in(town.administrator.email)
    page, faults = visitor.page, {}

    def send(path: str, action: str, state: str) -> None:
        with page.expect_navigation():
            page.click(f'main form[action="{action}"] button' if action else "main form[novalidate] .button--primary")
        assert page.locator("#errors, .message--error").count() >= 1, state
        if found := visitor.faults():
            faults[state] = found

    plan = reverse("reminder_plan", args=[slug])
    visitor.go(plan)
    for name, value in {"closes_at": "08:00", "hours_before": "1", "escalate_days": "99"}.items():
        page.fill(f'[name="{name}"]', value)
    for name in ("to_deputy", "to_manager"):
        page.uncheck(f'[name="{name}"]')
    send(plan, "", "reminders, mistakes")
    visitor.go(plan)
    page.fill('[name="digest_at"]', "08:00")
    page.evaluate("document.querySelector('[name=seen]').value = 'x'")
    page.fill('[name="hours_before"]', "30")
    send(plan, "", "reminders, changed meanwhile")
    assert page.locator(".field--invalid").count() == 2
    one = reverse("administration_person", args=[slug, person.pk])
    for part, field, value in (("_away", "back_on", "2020-01-01"), ("_address", "email", "geen adres")):
        visitor.go(one)
        unfold(page)
        page.fill(f'[name="{field}"]', value)
        send(one, reverse(f"administration_person{part}", args=[slug, person.pk]), part)
        assert page.locator(f'[name="{field}"]').is_visible(), "the form with the mistake is unfolded"
    second = User.objects.get(name="Tweede Adviseur")
    visitor.go(reverse("administration_person", args=[slug, second.pk]))
    task = Task.objects.filter(kind="menu", assignee=person).first()
    assert task is not None
    Task.objects.filter(pk=task.pk).update(assignee=second)
    send(one, reverse("administration_person_close", args=[slug, second.pk]), "closing, refused")
    visitor.context.close()
    assert faults == {}
