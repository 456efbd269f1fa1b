"""Holding several cases at once, always in the order of their keys, so that two who do so never wait for each other."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q

from incidents.models import Incident


def hold_cases(pks: Collection[UUID]) -> dict[UUID, Incident]:
    """The rows of these cases as they are now, held for this transaction."""
    rows = Incident.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=pks).order_by("pk")
    related = rows.select_related("organisation", "department", "reporter", "affected", "adviser")
    return {incident.pk: incident for incident in related}


def hold_joined(incident: Incident) -> dict[UUID, Incident]:
    """The case and the reports it is joined with, held; this case stands first.

    Asked again after the lock: whoever joined or took apart meanwhile held this row, and is ready by then.
    """
    pks = _joined(incident)
    while True:
        held = hold_cases(pks)
        pks = _joined(incident)
        if pks <= set(held):
            ordered = sorted(pks, key=lambda pk: pk != incident.pk)
            return {pk: held[pk] for pk in ordered}


def _joined(incident: Incident) -> set[UUID]:
    """The key of the case, of the one it went into, and of those that went into it or into the same one."""
    main = Incident.objects.filter(pk=incident.pk).values("merged_into")
    rows = Incident.objects.filter(
        Q(merged_into=incident.pk) | Q(pk__in=main) | Q(merged_into__isnull=False, merged_into__in=main)
    )
    return {incident.pk, *rows.values_list("pk", flat=True)}
