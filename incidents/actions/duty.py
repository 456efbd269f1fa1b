"""Who acts on a case: the adviser on duty, but never someone who is kept out of it."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from incidents.models import Exclusion, Incident
from incidents.need_to_know import shut_to
from vpdportal.accounts.access import duty_adviser, memberships_at
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import DESK_ROLES, Role

SEES_BY_ROLE = (*DESK_ROLES, Role.MANAGER)


def kept_out(incident: Incident) -> set[UUID]:
    """The people for whom this case does not exist."""
    return kept_out_of({incident.pk})[incident.pk]


def kept_out_of(incidents: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """For each of these cases the people for whom it does not exist. One query, whatever their number."""
    found: dict[UUID, set[UUID]] = {incident: set() for incident in incidents}
    for incident, user in Exclusion.objects.filter(incident__in=found).values_list("incident_id", "user_id"):
        found[incident].add(user)
    return found


def out_of_sight_of(incidents: Collection[UUID], now: datetime) -> dict[UUID, set[UUID]]:
    """For each of these cases who must hear nothing of it: who is kept out, and who works here but not on this one.

    Who works on a restricted case is said once, by `shut_to`. One query; where one of the cases is restricted another
    one, and one for each person at the desk there.
    """
    found: dict[UUID, set[UUID]] = {incident: set() for incident in incidents}
    shut: dict[UUID, UUID] = {}
    cases = Incident.objects.filter(Q(is_restricted=True) | Q(exclusions__isnull=False), pk__in=found).order_by()
    for case, organisation, is_restricted, user in cases.values_list(
        "pk", "organisation", "is_restricted", "exclusions__user"
    ):
        if user:
            found[case].add(user)
        if is_restricted:
            shut[case] = organisation
    if not shut:
        return found
    roles = memberships_at(now).filter(organisation__in=set(shut.values()), role__in=SEES_BY_ROLE)
    for person in User.objects.filter(pk__in=roles.values("user")):
        hidden = Incident.objects.filter(shut_to(person, "pk", now), pk__in=shut)
        for case in hidden.values_list("pk", flat=True):
            found[case].add(person.pk)
    return found


def on_duty(incident: Incident, now: datetime) -> User | None:
    """Who gets what has to be done in this case now: who handles it, or while that person is absent who stands in.

    Of a report that was joined with another one: who handles that. None when there is nobody.
    """
    handled = incident.merged_into or incident
    return duty_adviser(incident.organisation_id, now, without=kept_out(incident), first=handled.adviser_id)


def handlers_of(incident: Incident, now: datetime) -> set[UUID]:
    """Whose work this case is: who handles it and, while that person is away, who stands in."""
    stands_in = on_duty(incident, now)
    return {pk for pk in (incident.adviser_id, stands_in.pk if stands_in else None) if pk}
