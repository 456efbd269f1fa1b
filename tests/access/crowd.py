"""Very many of everything that can grow: copies of the rows of a scene, so that a new table takes part by itself."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from graphlib import TopologicalSorter
from typing import Any
from uuid import UUID, uuid4

from django.apps import apps
from django.db import DatabaseError, models, transaction

from guidance.models import MenuCard
from incidents.models import Incident, LetterTemplate, RetentionTerm
from tests import clock
from vpdportal.accounts.models import Department, Membership, Organisation, RoleProposal, User
from vpdportal.accounts.roles import Role
from vpdportal.audit.chain import record

OURS = ("accounts", "guidance", "incidents", "usersessions")
# What a body has tens of however long it works, so that it may stand whole in a choice or a table.
FEW = {
    Organisation: "the question is how one of them grows",
    Department: "the choice of each form",
    RetentionTerm: "what an organisation decides about a part, a few times in its life",
    RoleProposal: "of the few who manage the portal; what was decided is paged",
    LetterTemplate: "a version of a letter, as often as its words change",
    MenuCard: "a version of the menu, as often as it changes",
}
OF_PEOPLE = (Membership,)  # more of these means more people
FEW_ROLES = {*Role} - {Role.EMPLOYEE, Role.MANAGER}  # who works at the desk or manages the portal: tens
COPIED = 6  # rows of a table, those of the case first
# Part of what may be there once, and of a list that is fixed: codes of the menu, months, kinds.
FIXED = {"code", "starts_on", "year", "month", "step", "part", "source", "kind", "figure"}


class Crowd:
    """Each row gets `number` copies: beside it, or under copies of its parents where it may be there but once."""

    def __init__(self, case: Incident, number: int) -> None:
        self.case, self.number = case, number
        self.copies: dict[tuple[type[models.Model], Any], list[Any]] = {}
        self.grown: dict[str, int] = {}

    def grow(self) -> None:
        for model in parents_first():
            rows = [row for row in model._base_manager.all() if self._may_be_many(row)]
            for row in sorted(rows, key=self._place)[:COPIED]:
                self._grow(model, row)
        self._look()

    def _place(self, row: Any) -> tuple[Any, ...]:
        """Those of the case first, and the case itself; then in an order that is the same each time."""
        is_of_case = self.case.pk in {row.pk, getattr(row, "incident_id", None)}
        said = [str(getattr(row, name, "")) for name in ("is_restricted", "kind", "code", "step", "name", "email")]
        return not is_of_case, said[0] != "True", *said[1:]

    def _may_be_many(self, row: Any) -> bool:
        if isinstance(row, User):
            return row.memberships.filter(organisation=self.case.organisation_id).exclude(role__in=FEW_ROLES).exists()
        if isinstance(row, Membership) and row.role in FEW_ROLES:
            return False
        return getattr(row, "organisation_id", self.case.organisation_id) == self.case.organisation_id

    def _grow(self, model: type[models.Model], row: Any) -> None:
        parents = [
            field
            for field in model._meta.concrete_fields
            if field.is_relation and (field.related_model, getattr(row, field.attname)) in self.copies
        ]
        beside = [] if model in OF_PEOPLE else [[]]
        for under in (*beside, *([one] for one in parents), parents):
            made = [self._copy(model, row, number, under) for number in range(self.number)]
            try:
                with transaction.atomic():
                    model._base_manager.bulk_create(made)
            except DatabaseError:
                continue
            self.copies[model, row.pk] = [one.pk for one in made]
            self.grown[model.__name__] = self.grown.get(model.__name__, 0) + self.number
            return

    def _copy(self, model: type[models.Model], row: Any, number: int, under: list[Any]) -> Any:
        once, values = once_only(model), {}
        for field in model._meta.concrete_fields:
            value = getattr(row, field.attname)
            if field in under:
                value = self.copies[field.related_model, value][number]
            elif not field.is_relation and (field.primary_key or field.name in once):
                value = another(field, value, number)
            values[field.attname] = value
        return model(**values)

    def _look(self) -> None:
        """The log: as many looks at the case, each by someone else on a day of its own."""
        lookers = self.copies[User, self.case.reporter_id]
        for number, looker in enumerate(lookers):
            record(
                action="incident.viewed",
                now=clock.now() + timedelta(days=number),
                actor_id=looker,
                organisation_id=self.case.organisation_id,
                object_type="incident",
                object_id=self.case.pk,
                fields=["case"],
            )


def parents_first() -> Iterator[type[models.Model]]:
    ours = [one for one in apps.get_models() if one._meta.app_label in OURS and one not in FEW]
    above = {
        one: {field.related_model for field in one._meta.concrete_fields if field.is_relation} & set(ours) - {one}
        for one in ours
    }
    yield from TopologicalSorter(above).static_order()  # type: ignore[misc]


def once_only(model: type[models.Model]) -> set[str]:
    """The plain columns of which a value, or a value beside others, may be there but once."""
    found = {field.name for field in model._meta.concrete_fields if field.unique}
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            found |= set(constraint.fields)
    return {name for name in found if not model._meta.get_field(name).is_relation} - FIXED


def another(field: Any, value: Any, number: int) -> Any:
    """A value of its own for each copy."""
    if isinstance(field, models.AutoField) or value is None:
        return None
    if isinstance(value, UUID):
        return uuid4()
    if isinstance(value, datetime):
        return value - timedelta(minutes=number + 1)
    if isinstance(value, date):
        return value - timedelta(days=number + 1)
    if isinstance(value, int):
        return value + 1000 + number
    return f"{number}-{value}"[: field.max_length or 200]
