"""Where a chain begins, once what had passed its term was cut off: each cut is an event of the chain itself.

It holds the position and the hash of the last event that went. So the event after it, which holds that hash as the one
before it, still fits, and the cut cannot be changed without breaking the chain. Whether it took what was too young, the
anchors say (`that_do_not_fit`).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from vpdportal.audit.append_only import CUT, LEAST_YEARS
from vpdportal.audit.models import AuditEvent

YOUNG = timedelta(days=365 * LEAST_YEARS)  # what is younger is in no cut, whatever the leap years


@dataclass(frozen=True)
class Cut:
    """At `at` the events of this chain up to `position` went; the last of them had this hash."""

    chain: str
    position: int
    hash: str
    at: datetime

    def __str__(self) -> str:
        return f"{self.chain} cut {self.position} {self.hash} {self.at.astimezone(UTC):%FT%TZ}"

    def took_too_young(self, position: int, at: datetime) -> bool:
        """Whether it took something younger than five years, where it is known that at `at` the chain was so long."""
        return position < self.position and at > self.at - YOUNG


def cuts_of(organisation_id: UUID | None, chain: str) -> list[Cut]:
    """The cuts that the chain tells of, the oldest first. One that says no position or hash is none."""
    events = AuditEvent.objects.filter(organisation_id=organisation_id, action=CUT).order_by("position")
    found = []
    for at, fields in events.values_list("at", "fields"):
        told = told_by(fields)
        if {"position", "hash"} <= told.keys() and told["position"].isdigit():
            found.append(Cut(chain, int(told["position"]), told["hash"], at))
    return found


def told_by(fields: list[str]) -> dict[str, str]:
    """What stands in the fields of an event as `name:value`."""
    return dict(field.split(":", 1) for field in fields if ":" in field)
