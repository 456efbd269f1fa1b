"""Letting go of people outside the organisation: when no case holds on to them any more, nobody knows who it was."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from incidents.actions.keeping.parts import IS_PERPETRATOR
from incidents.models import DataRequest, DestroyedPart, Involvement, Person, PersonKey, PersonOpening
from incidents.vocabulary import KeptPart

COLUMNS = ("sealed_name", "sealed_identifiers", "sealed_address", "sealed_note", "destroyed_at")


def let_persons_go(reports: Collection[UUID], now: datetime) -> int:
    """Let go of those of these reports whom no part of any case holds any more. Gives how many.

    In the caller's transaction, which has written which parts are destroyed. Who did it is held by that part of each
    case, everyone else by the part of who it happened to. Not who asked about it meanwhile: loose.py takes those later.
    """
    mine = Involvement.objects.filter(incident__in=reports).values("person")
    return sum(let_go(person, now) for person in _free().filter(pk__in=mine))


def let_go_of_loose(organisation_id: UUID, before: datetime, now: datetime) -> int:
    """Let go of records made before that moment that no case holds. Gives how many. In the caller's transaction."""
    loose = _free().filter(organisation=organisation_id, created_at__lt=before)
    return sum(let_go(person, now) for person in loose)


def _free() -> QuerySet[Person]:
    """Whom no part of any case holds and no request either; to be held by the caller's transaction."""
    held = _holding(Involvement.objects.filter(person=OuterRef("pk")))
    asked = DataRequest.objects.holding_back().filter(person=OuterRef("pk"))
    free = Person.objects.filter(~Exists(held), ~Exists(asked), destroyed_at__isnull=True)
    return free.select_for_update(of=("self",), no_key=True)


def _holding(involvements: QuerySet[Involvement]) -> QuerySet[Involvement]:
    """Those of which the part that holds the person is still there, or came back since it was destroyed."""
    gone = DestroyedPart.objects.filter(
        incident=OuterRef("incident"), destruction__at__gte=OuterRef("incident__touched_at")
    )
    of_perpetrator = Exists(gone.filter(part=KeptPart.PERPETRATOR))
    of_victim = Exists(gone.filter(part=KeptPart.VICTIM))
    return involvements.filter((IS_PERPETRATOR & ~of_perpetrator) | (~IS_PERPETRATOR & ~of_victim))


def let_go(person: Person, now: datetime) -> int:
    """Empty a record that the caller holds; gives 1. Of the request about it the link stays, which leads to nobody."""
    PersonKey.objects.filter(person=person).delete()
    PersonOpening.objects.filter(person=person).delete()
    person.sealed_name = person.sealed_identifiers = person.sealed_address = person.sealed_note = ""
    person.destroyed_at = now
    person.save(update_fields=COLUMNS)
    return 1
