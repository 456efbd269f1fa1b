"""Who acts on a case: the adviser on duty, but never someone who is kept out of it."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from incidents.models import Exclusion, Incident
from vpdportal.accounts.access import duty_adviser
from vpdportal.accounts.models import User


def kept_out(incident: Incident) -> set[UUID]:
    """The people for whom this case does not exist."""
    return kept_out_of({incident.pk})[incident.pk]


def kept_out_of(incidents: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """For each of these cases the people for whom it does not exist. One query, whatever their number."""
    found: dict[UUID, set[UUID]] = {incident: set() for incident in incidents}
    for incident, user in Exclusion.objects.filter(incident__in=found).values_list("incident_id", "user_id"):
        found[incident].add(user)
    return found


def on_duty(incident: Incident, now: datetime) -> User | None:
    """Who gets what has to be done in this case now: who handles it, or while that person is absent who stands in.

    Of a report that was joined with another one: who handles that. None when there is nobody.
    """
    handled = incident.merged_into or incident
    return duty_adviser(incident.organisation_id, now, without=kept_out(incident), first=handled.adviser_id)
