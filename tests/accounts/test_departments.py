"""Departments as a tree: where one may stand, how it is shown, and two people who move at once."""

import uuid
from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from tests import clock
from tests.at_once import at_once
from tests.shown import opened
from tests.world import Place
from vpdportal.accounts.actions import DepartmentMisplaced, DepartmentNameTaken, save_department
from vpdportal.accounts.departments import MOST_LEVELS, beneath, fault_of_place, in_tree_order
from vpdportal.accounts.models import Department, Organisation
from vpdportal.audit.models import AuditEvent

SLUG = ["vlinderwaard"]


def unit(name: str, parent: Department | None = None) -> Department:
    return Department(name=name, parent_id=parent.pk if parent else None)


def shown(departments: list[Department]) -> list[tuple[str, int]]:
    return [(placed.department.name, placed.level) for placed in in_tree_order(departments)]


def test_each_stands_right_after_what_it_is_part_of():
    town = unit("Stad")
    desk, field = unit("Balie", town), unit("Buiten", town)
    parking = unit("Parkeren", field)
    alone = unit("Aanpak")
    order = [("Aanpak", 1), ("Stad", 1), ("Balie", 2), ("Buiten", 2), ("Parkeren", 3)]
    for rows in permutations([town, desk, field, parking]):
        found = dict(shown([alone, *rows]))
        assert found == dict(order), "whatever the order in which they came"
    assert shown([alone, desk, field, parking, town]) == order
    assert in_tree_order([alone, desk, field, parking, town])[-1].above == (town, field)
    assert beneath(town.pk, [town, desk, field, parking, alone]) == {desk.pk, field.pk, parking.pk}
    assert beneath(alone.pk, [alone, town]) == set() and in_tree_order([]) == []


@given(st.lists(st.integers(min_value=-1, max_value=9), min_size=1, max_size=10))
def test_none_disappears_whatever_is_part_of_what(parents: list[int]):
    """Rings and parents that are not there too."""
    rows = [unit(str(number)) for number in range(len(parents))]
    for row, parent in zip(rows, parents, strict=True):
        row.parent_id = None if parent < 0 else rows[parent].pk if parent < len(rows) else uuid.uuid4()
    placed = in_tree_order(rows)
    assert sorted(one.department.name for one in placed) == sorted(row.name for row in rows)
    for one in placed:
        chain = [*one.above, one.department]
        assert all(below.parent_id == higher.pk for higher, below in zip(chain, chain[1:], strict=False))


def chain_of(length: int) -> list[Department]:
    rows = [unit("1")]
    for number in range(2, length + 1):
        rows.append(unit(str(number), rows[-1]))
    return rows


def test_where_a_department_may_stand():
    rows = chain_of(3)
    first, second, third = rows
    other = unit("Los")
    every = [*rows, other]

    def fault(department: Department, parent: Department | None) -> str:
        moved = Department(pk=department.pk, parent_id=parent.pk if parent else None)
        return fault_of_place(moved, every)

    assert fault(third, None) == fault(third, first) == fault(first, other) == fault(unit("Nieuw"), third) == ""
    assert "part of itself" in english(fault, first, first)
    for below in (second, third):
        assert "is itself part of this one" in english(fault, first, below)
    assert "not there any more" in english(fault, first, unit("Elders"))


def english(act: Callable[..., str], *args: Any) -> str:
    with translation.override("en"):
        return act(*args)


@pytest.mark.parametrize(("height", "depth"), [(1, 4), (2, 3), (4, 1)])
def test_at_most_five_levels_with_all_that_moves_along(height: int, depth: int):
    stays, moves = chain_of(depth), chain_of(height)
    moved = Department(pk=moves[0].pk, parent_id=stays[-1].pk)
    assert fault_of_place(moved, [*stays, *moves]) == ""
    deeper = [*moves, unit("Te diep", moves[-1])]
    assert "5" in fault_of_place(moved, [*stays, *deeper])
    assert height + depth == MOST_LEVELS


# --- the page ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def admin(town: Place, as_user: Any) -> Client:
    client: Client = as_user(town.administrator)
    client.cookies["vpd_language"] = "en"
    return client


def add(client: Client, name: str, parent: Department | None = None) -> Any:
    data = {"name": name, "headcount": "12", "is_active": "on", "parent": str(parent.pk) if parent else ""}
    return client.post(reverse("administration_department_new", args=SLUG), data)


def change(client: Client, department: Department, parent: Department | None, **more: Any) -> Any:
    data = {"name": department.name, "headcount": "7", "is_active": "on", "parent": str(parent.pk) if parent else ""}
    return client.post(reverse("administration_department", args=[*SLUG, department.pk]), {**data, **more})


def test_a_part_is_kept_and_the_page_shows_the_tree(town: Place, admin: Client):
    assert add(admin, "Aan de balie", town.department).status_code == 302
    desk = Department.objects.get(name="Aan de balie")
    assert desk.parent == town.department
    event = AuditEvent.objects.get(action="department.saved")
    assert (event.object_id, event.actor_id) == (desk.pk, town.administrator.pk)
    add(admin, "Zwaaipost", desk)
    page = admin.get(reverse("administration", args=SLUG)).content.decode()
    places = [page.index(f">{name}<") for name in ("Publiekszaken", "Aan de balie", "Zwaaipost")]
    assert places == sorted(places), "not by name: under what it is part of"
    assert 'Zwaaipost<span class="sr-only">, part of Aan de balie</span>' in page
    assert page.count('<span class="soft" aria-hidden="true">– </span>') == 3


def test_the_list_offers_no_place_that_cannot_be(town: Place, admin: Client):
    add(admin, "Balie", town.department)
    desk = Department.objects.get(name="Balie")
    Department.objects.filter(pk=desk.pk).update(is_active=False)
    page = admin.get(reverse("administration_department", args=[*SLUG, town.department.pk])).content.decode()
    assert str(desk.pk) not in page, "it is part of this one"
    page = admin.get(reverse("administration_department_new", args=SLUG)).content.decode()
    assert "– Balie (not in use)" in page
    assert "Without the people of departments that are part of it." in page


def test_a_ring_is_refused_in_words_and_nothing_typed_is_lost(town: Place, admin: Client):
    add(admin, "Balie", town.department)
    desk = Department.objects.get(name="Balie")
    for wrong in (town.department, desk):
        response = change(admin, town.department, wrong, headcount="4321")
        page = response.content.decode()
        assert response.status_code == 400 and 'value="4321"' in page
        assert "part of itself" in page or "is itself part of this one" in page
    town.department.refresh_from_db()
    assert (town.department.parent, town.department.headcount) == (None, 40)
    assert change(admin, desk, None).status_code == 302, "beside it"
    assert change(admin, town.department, desk).status_code == 302


@pytest.mark.parametrize("parent", ["x", "\x00", "00000000-0000-4000-8000-000000000000"])
def test_what_is_no_department_is_refused(town: Place, admin: Client, parent: str):
    data = {"name": "Balie", "headcount": "12", "is_active": "on", "parent": parent}
    assert admin.post(reverse("administration_department_new", args=SLUG), data).status_code == 400
    assert not Department.objects.filter(name="Balie").exists()


def test_a_department_of_elsewhere_is_no_place(town: Place, other_town: Place, admin: Client):
    assert add(admin, "Balie", other_town.department).status_code == 400
    assert add(admin, "Balie", town.department).status_code == 302


def test_one_that_is_not_in_use_can_stay_what_others_are_part_of(town: Place, admin: Client):
    add(admin, "Balie", town.department)
    desk = Department.objects.get(name="Balie")
    assert change(admin, town.department, None, is_active="").status_code == 302
    assert change(admin, desk, town.department).status_code == 302
    page = admin.get(reverse("administration", args=SLUG)).content.decode()
    assert "part of Publiekszaken" in page and "not in use" in page


def test_long_and_odd_names(town: Place, admin: Client):
    above, name = town.department, ""
    for level in range(4):
        name = f"<script>🌷 {level} " + "n" * 60
        assert add(admin, name, above).status_code == 302
        above = Department.objects.get(name=name)
    assert add(admin, "Zesde", above).status_code == 400
    page = admin.get(reverse("administration", args=SLUG)).content.decode()
    assert "<script>🌷" not in page and "&lt;script&gt;🌷 3" in page


@pytest.mark.parametrize("departments", [1, 8])
def test_the_pages_ask_the_same_however_many_departments(
    town: Place, admin: Client, django_assert_num_queries: Any, departments: int
):
    for number in range(departments):
        town.organisation.departments.create(name=f"Team {number}", parent=town.department)
    with django_assert_num_queries(7):
        admin.get(reverse("administration", args=SLUG))
    with django_assert_num_queries(5):
        admin.get(reverse("administration_department", args=[*SLUG, town.department.pk]))


def test_it_is_judged_again_where_it_is_saved(town: Place, admin: Client):
    """A second administrator who had the form open before the first one moved something."""
    desk = town.organisation.departments.create(name="Balie")
    opened = Department.objects.get(pk=town.department.pk)
    opened.parent = desk
    assert change(admin, desk, town.department).status_code == 302
    with pytest.raises(DepartmentMisplaced):
        save_department(department=opened, by=town.administrator, now=clock.now())
    assert Department.objects.get(pk=town.department.pk).parent is None


def test_the_page_says_that_someone_moved_it_meanwhile(town: Place, admin: Client, monkeypatch: pytest.MonkeyPatch):
    """The form found it right, and by the time it is saved it is not."""
    desk = town.organisation.departments.create(name="Balie")
    lock = Organisation.objects.select_for_update

    def moved_before_the_lock(**options: Any) -> Any:
        Department.objects.filter(pk=desk.pk).update(parent=town.department)
        return lock(**options)

    monkeypatch.setattr(Organisation.objects, "select_for_update", moved_before_the_lock)
    response = change(admin, town.department, desk, headcount="4321")
    page = response.content.decode()
    assert response.status_code == 409 and "is itself part of this one" in page and 'value="4321"' in page
    assert Department.objects.get(pk=town.department.pk).headcount == 40


def test_an_old_page_does_not_put_back_how_many_people_it_has(town: Place, admin: Client):
    """By which small numbers are hidden."""
    address = reverse("administration_department", args=[*SLUG, town.department.pk])
    old = opened(admin, address)
    assert admin.post(address, {**old, "headcount": "7"}).status_code == 302
    answer = admin.post(address, {**old, "name": "Burgerzaken"})
    page = answer.content.decode()
    assert answer.status_code == 409 and "Kept now: 7." in page and "Burgerzaken" in page
    assert Department.objects.get(pk=town.department.pk).headcount == 7


def test_a_name_that_was_taken_after_the_form_looked_is_refused(town: Place):
    mine = Department(organisation=town.organisation, name="Balie")
    Department.objects.create(organisation=town.organisation, name="balie")
    with pytest.raises(DepartmentNameTaken):
        save_department(department=mine, by=town.administrator, now=clock.now())


def test_two_at_once_make_no_ring(committed: None, town: Place):
    desk = town.organisation.departments.create(name="Balie")

    def put(one: Department, under: Department) -> None:
        mine = Department.objects.get(pk=one.pk)
        mine.parent = under
        save_department(department=mine, by=town.administrator, now=clock.now())

    raised = at_once(lambda: put(desk, town.department), lambda: put(town.department, desk))
    assert [type(error) for error in raised] == [DepartmentMisplaced]
    assert Department.objects.filter(parent__isnull=True).count() == 1
