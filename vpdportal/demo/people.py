"""Who a visitor of the demonstration can become."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vpdportal.accounts.access import memberships_at
from vpdportal.accounts.models import User
from vpdportal.demo.models import DemoPerson


@dataclass(frozen=True)
class Persona:
    """A person with a line that says what they are and where."""

    user: User
    description: str


def people_to_become(now: datetime) -> list[Persona]:
    """The people of the story, in its order. Two queries."""
    people = [row.user for row in DemoPerson.objects.select_related("user")]
    lines: dict[UUID, dict[str, None]] = {person.pk: {} for person in people}
    memberships = memberships_at(now).filter(user__in=lines, organisation__is_demo=True)
    for membership in memberships.select_related("organisation").order_by("organisation__name", "role"):
        lines[membership.user_id][f"{membership.get_role_display()}, {membership.organisation.name}"] = None
    return [Persona(person, "; ".join(lines[person.pk])) for person in people]
