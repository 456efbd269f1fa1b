"""What an administrator does, in a browser: the organisation, its people, how they sign in; full, empty and refused."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from tests import clock
from tests.look.stops import Walk
from tests.look.visitor import LOOKS, Visitor
from tests.signing_in import give_app
from tests.world import Place, make_place, make_user
from vpdportal.accounts.actions import save_organisation
from vpdportal.accounts.models import Department, Membership, Organisation, User
from vpdportal.accounts.role_proposals import agree_with_role, propose_role, refuse_role
from vpdportal.accounts.roles import Role

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("committed")]
LONG = "Wilhelmina-Anna-Margaretha van Oudshoorn-van Nieuwkerk-Schoonhoven tot Verzonnen-Fictiedorp 🙂"
NUMBERS = ["name", "postal_address", "emergency_instruction", "confidant", "support_contact", "data_officer"]
DEPARTMENT = "Afdeling-met-een-heel-lange-naam-voor-bedrijfsmaatschappelijke-ondersteuning 🌷"


@pytest.fixture
def town(committed: None) -> Place:
    """Full: long words, a tree of departments, 300 people, a role that waits, one refused, an emergency account."""
    town = make_place("Vlinderwaard")
    fill_organisation(town)
    above = town.department
    for name in (DEPARTMENT, "Team Balie", "Team Zonder Gebruik"):
        above = Department.objects.create(organisation=town.organisation, name=name, headcount=12, parent=above)
    Department.objects.filter(pk=above.pk).update(is_active=False)
    people = User.objects.bulk_create(
        User(email=f"p{number}@vlinderwaard.invalid", name=f"Persoon {number:03}") for number in range(300)
    )
    held = {"organisation": town.organisation, "role": Role.EMPLOYEE, "starts_on": localdate(clock.now())}
    Membership.objects.bulk_create(Membership(user=one, department=town.department, **held) for one in people)
    User.objects.filter(pk=town.employee.pk).update(name=LONG, mail_refused_at=clock.now())
    User.objects.filter(pk=town.legal.pk).update(is_active=False)
    fill_proposals(town, people[:3])
    return town


def fill_organisation(town: Place) -> None:
    found: Organisation = town.organisation
    found.name = "Gemeente Vlinderwaard en Omstreken aan de Verzonnen Rivier"
    found.postal_address = "Postbus 1000\n9999 ZZ Vlinderwaard"
    found.emergency_instruction = "Ga naar de veilige kamer achter de balie, doe de deur op slot en bel de beveiliging."
    found.confidant = "Vera Verzonnen, 06-11111111, vertrouwenspersoon@vlinderwaard-en-omstreken.invalid"
    found.support_contact = "06-22222222 (dag en nacht)"
    found.data_officer = "fg@vlinderwaard.invalid"
    save_organisation(organisation=found, by=town.administrator, changed=NUMBERS, now=clock.now())


def fill_proposals(town: Place, people: list[User]) -> None:
    waits, agreed, refused = people
    today = localdate(clock.now())
    common: dict[str, Any] = {"organisation": town.organisation, "starts_on": today, "now": clock.now()}
    User.objects.filter(pk=waits.pk).update(name=LONG)
    for one, role, last in (
        (waits, Role.DEPUTY, today + timedelta(days=90)),
        (agreed, Role.ADVISER, None),
        (refused, Role.ANALYST, None),
    ):
        asked = propose_role(user=one, role=role, ends_on=last, by=town.administrator, **common)
        if one != waits:
            decide = agree_with_role if one == agreed else refuse_role
            decide(proposal=asked, by=town.auditor, now=clock.now())


@pytest.fixture
def bare() -> Place:
    """An organisation of one administrator, with nothing settled yet."""
    found = Organisation.objects.create(name="Leeg", slug="leeg", kind="municipality", reference_prefix="LG")
    place = Place(found, Department(organisation=found), {"administrator": make_user("Alleen Beheerder")})
    place.join(place.administrator, Role.ADMINISTRATOR)
    return place


@pytest.fixture
def walk(live_server: Any, chromium: Any, width: int, language: str, with_axe: bool) -> Iterator[Walk]:
    walk = Walk(Visitor(chromium, live_server.url, width, language, with_axe=with_axe))
    yield walk
    walk.end()


@LOOKS
def test_the_organisation_full_and_with_mistakes(walk: Walk, town: Place):
    slug, page = town.organisation.slug, walk.page
    walk.visitor.sign_in(town.administrator.email)
    walk.open(reverse("administration", args=[slug]), "administration")
    walk.open(reverse("administration_people", args=[slug]), "people")
    walk.open(reverse("administration_people", args=[slug]) + "?closed=1", "closed accounts")
    walk.open(reverse("administration_details", args=[slug]), "details")
    page.fill("main [name=name]", "")
    walk.press("details, with mistakes")
    walk.open(reverse("administration_department", args=[slug, town.department.pk]), "a department")
    page.fill("main [name=headcount]", "-3")
    walk.press("a department, with mistakes")
    walk.open(reverse("administration_role_new", args=[slug]), "give a role")
    walk.press("give a role, with mistakes")
    walk.open(reverse("sign_in_plan", args=[slug]), "how people sign in")
    page.check("main [name=password_sign_in][value=emergency]")
    walk.press("how people sign in, refused")
    walk.open(reverse("administration_unused", args=[slug]), "unused accounts")
    walk.open(reverse("role_proposals", args=[slug]), "roles that open much")


@LOOKS
def test_one_person(walk: Walk, town: Place):
    slug = town.organisation.slug
    give_app(town.manager)
    walk.visitor.sign_in(town.administrator.email)
    for role in ("employee", "manager", "adviser", "legal", "administrator"):
        person = town.people[role]
        walk.open(reverse("administration_person", args=[slug, person.pk]), f"{role}")
        walk.open(reverse("administration_person_sign_in", args=[slug, person.pk]), f"{role}, signing in")
    walk.open(reverse("administration_person_sign_in", args=[slug, town.manager.pk]))
    walk.press(
        "an emergency account",
        f'form[action$="{reverse("administration_person_emergency", args=[slug, town.manager.pk])}"] button',
    )
    walk.open(reverse("sign_in_plan", args=[slug]), "how people sign in, with an emergency account")


@LOOKS
def test_an_organisation_with_nothing_yet(walk: Walk, bare: Place):
    slug = bare.organisation.slug
    walk.visitor.sign_in(bare.administrator.email)
    for name in ("administration", "administration_people", "administration_unused", "role_proposals", "sign_in_plan"):
        walk.open(reverse(name, args=[slug]), f"{name}, empty")
    walk.open(reverse("administration_people", args=[slug]) + "?closed=1", "closed accounts, empty")


@LOOKS
def test_the_address_for_a_calendar(walk: Walk, town: Place):
    walk.visitor.sign_in(town.adviser.email)
    walk.open(reverse("calendar_feed"), "no address yet")
    walk.press("the address")
    walk.open(reverse("calendar_feed"), "there is an address")
    walk.open(reverse("my_mails"), "mails and days of who has tasks")
