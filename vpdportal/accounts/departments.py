"""Departments as a tree: which is part of which. Pure: over the departments of one organisation, however they came."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from vpdportal.accounts.models import Department

MOST_LEVELS = 5  # [OWN]


@dataclass(frozen=True)
class Placed:
    """A department and those that it is part of, the highest first."""

    department: Department
    above: tuple[Department, ...] = ()

    @property
    def level(self) -> int:
        """1 for what is part of nothing."""
        return len(self.above) + 1


def in_tree_order(departments: Sequence[Department]) -> list[Placed]:
    """Each department once, right after what it is part of; beside each other in the order in which they came.

    What is part of something that is not among them stands at the top. So does one of a ring, which may not be stored
    but must not make anything disappear either.
    """
    parts: dict[UUID | None, list[Department]] = defaultdict(list)
    known = {department.pk for department in departments}
    for department in departments:
        parts[department.parent_id if department.parent_id in known else None].append(department)
    found: dict[UUID, Placed] = {}

    def place(department: Department, above: tuple[Department, ...]) -> None:
        if department.pk not in found:
            found[department.pk] = Placed(department, above)
            for part in parts[department.pk]:
                place(part, (*above, department))

    for department in (*parts[None], *departments):
        place(department, ())
    return list(found.values())


def beneath(department: UUID, departments: Sequence[Department]) -> set[UUID]:
    """What is part of this department, at whatever level; without itself."""
    placed = in_tree_order(departments)
    return {one.department.pk for one in placed if department in {above.pk for above in one.above}}


def fault_of_place(department: Department, departments: Sequence[Department]) -> str:
    """Why `department.parent_id` cannot be; empty when it can. `departments`: all as stored, of its organisation.

    Asked by the form, and again where it is saved: two people may move departments at once.
    """
    parent = department.parent_id
    if parent is None:
        return ""
    if parent == department.pk:
        return str(_("A department cannot be part of itself. Choose another one."))
    levels = {one.department.pk: one.level for one in in_tree_order(departments)}
    if parent not in levels:
        return str(_("This department is not there any more. Choose another one."))
    under = beneath(department.pk, departments)
    if parent in under:
        return str(_("That department is itself part of this one. Choose another one, or move that one first."))
    height = max((levels[pk] - levels[department.pk] for pk in under), default=0)
    if levels[parent] + 1 + height > MOST_LEVELS:
        text = _("Departments go at most %(number)s levels deep. Choose one that stands higher.")
        return str(text) % {"number": MOST_LEVELS}
    return ""
