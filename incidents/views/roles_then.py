"""As what someone did something: the role they held then, not the one they hold now."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from vpdportal.accounts.models import Membership
from vpdportal.accounts.roles import Role

# Of someone who held several, the one by which a case is opened.
BY_WEIGHT = (
    *(Role.ADVISER, Role.DEPUTY, Role.SUPPORT, Role.LEGAL, Role.MANAGER),
    *(Role.AUDITOR, Role.ADMINISTRATOR, Role.MANAGEMENT, Role.ANALYST, Role.EMPLOYEE),
)


class RolesThen:
    """The roles of these people in one organisation, whenever they held them. One query."""

    def __init__(self, organisation_id: UUID, people: Iterable[UUID | None]) -> None:
        self._held: dict[UUID, list[Membership]] = defaultdict(list)
        rows = Membership.objects.filter(organisation=organisation_id, user__in={one for one in people if one})
        for row in rows.order_by("starts_on", "id"):
            self._held[row.user_id].append(row)

    def at(self, person: UUID | None, moment: datetime) -> Role | None:
        """None for the portal itself, and for someone who held no role in the organisation then."""
        day = timezone.localdate(moment)
        rows = self._held.get(person, []) if person else []
        held = {Role(row.role) for row in rows if row.holds_on(day)}
        return next((role for role in BY_WEIGHT if role in held), None)
