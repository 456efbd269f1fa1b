"""The hashes by which persons are found, held against what stands sealed; made anew after another LOOKUP_KEY."""

from collections.abc import Iterator
from uuid import UUID

from incidents.actions.person_search import digests_by_kind
from incidents.models import Person, PersonKey
from vpdportal.encryption import SealBroken


def is_found(person: Person) -> bool:
    """Whether the hashes of this person are those of its identifiers, with the present key: no more and no less.

    Of one that does not open nobody knows: it is not found.
    """
    try:
        wanted = digests_by_kind(person.identifiers, person.organisation_id)
    except SealBroken:
        return False
    return {key.digest: key.kind for key in person.keys.all()} == wanted


def stale_persons() -> Iterator[UUID]:
    """The persons who are not found with the present key."""
    for person in Person.objects.order_by("pk").prefetch_related("keys").iterator(chunk_size=500):
        if not is_found(person):
            yield person.pk


def rehash(person: Person) -> None:
    """Make the hashes of this person anew. In the caller's transaction, which holds the person's row.

    Raises SealBroken, and changes nothing then.
    """
    wanted = digests_by_kind(person.identifiers, person.organisation_id)
    person.keys.all().delete()
    PersonKey.objects.bulk_create(
        PersonKey(organisation_id=person.organisation_id, person=person, kind=kind, digest=digest)
        for digest, kind in wanted.items()
    )
