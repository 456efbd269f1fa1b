"""The two rows that keeping and destroying leave in a case. They are not something that happened in it: no term counts
from them, so the case is not marked as touched."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from incidents.models import TimelineEntry
from incidents.vocabulary import TimelineKind
from vpdportal.accounts.models import User
from vpdportal.audit.chain import record


def note_keeping(
    *,
    incident: UUID,
    organisation: UUID,
    kind: TimelineKind,
    action: str,
    by: User | None,
    now: datetime,
    fields: Iterable[str] = (),
) -> None:
    """For the people of the case what it was, for the audit also which part (`fields`). `by`: None for the portal."""
    TimelineEntry.objects.create(organisation_id=organisation, incident_id=incident, at=now, kind=kind, by=by)
    record(
        action=action,
        now=now,
        actor_id=by.pk if by else None,
        organisation_id=organisation,
        object_type="incident",
        object_id=incident,
        fields=fields,
    )
