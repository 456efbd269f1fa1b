"""Whose the rows of an export are: of its own organisation, and of nobody who is here already (ADR 37).

An organisation brings in what is its own. A row of another one, or one that points at it, would open what is here to
whoever made the file.
"""

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from incidents.actions.moving.kinds import Kind
from incidents.actions.moving.manifest import MoveRefused
from vpdportal.accounts.models import User


def refused(kind: Kind, key: Any, why: str) -> MoveRefused:
    return MoveRefused(f"{kind.label} {key} {why}. Nothing was brought in.")


def must_be_of(organisation_id: UUID, row: Any, kind: Kind) -> None:
    """Of a row with the organisation in a column of its own. Raises MoveRefused."""
    if kind.column and str(getattr(row, kind.column)) != str(organisation_id):
        raise refused(kind, row.pk, "is not of this organisation")


def must_hang_on(organisation_id: UUID, made: dict[Any, set[UUID]], every: list[Kind]) -> None:
    """Of people and mails that came in (`made`, by model): a row of the organisation points at each of them.

    Asked when all rows are there. Raises MoveRefused.
    """
    for kind in every:
        if kind.keys and (loose := made[kind.model] - kind.keys(organisation_id)):
            raise refused(kind, min(loose), "hangs on nothing of this organisation")


def must_point_inside(organisation_id: UUID, every: list[Kind]) -> None:
    """What rows of the organisation point at is of it too. Asked when all rows are there. Raises MoveRefused."""
    own = {kind.model: kind for kind in every if kind.column}
    for kind in own.values():
        for one in kind.fields:
            if one.related_model not in own:
                continue
            inside = own[one.related_model].of(organisation_id).filter(pk=OuterRef(one.attname))
            outside = kind.of(organisation_id).filter(~Exists(inside), **{f"{one.attname}__isnull": False})
            if row := outside.first():
                raise refused(
                    kind, row.pk, f"points at a {one.related_model._meta.label} that is not of this organisation"
                )


class Accounts:
    """Who had an account here before anything came in."""

    def __init__(self) -> None:
        self._found: dict[UUID | str, UUID] = {}
        self._taken: set[UUID] = set()
        for key, address in User.objects.order_by("pk").values_list("pk", "email"):
            self._found.setdefault(address.lower(), key)
            self._found |= {address: key, key: key}

    def of(self, person: User) -> UUID | None:
        """By the address, in capitals or not; else by the key, as someone with another address here.

        Raises MoveRefused where two people of the export would be one here.
        """
        by = (person.email, person.email.lower(), person.pk)
        here = next((self._found[one] for one in by if one in self._found), None)
        if here in self._taken:
            raise MoveRefused(
                f"Two people in the export are one account here, the one of {person.email}. Give one of them another "
                "address here first. Nothing was brought in."
            )
        if here:
            self._taken.add(here)
        return here
