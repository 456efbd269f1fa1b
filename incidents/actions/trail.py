"""The two rows that every action leaves: one for the people of the case, one for the audit."""

from collections.abc import Iterable
from datetime import datetime

from incidents.models import Incident, TimelineEntry
from incidents.vocabulary import TimelineKind
from vpdportal.accounts.models import User
from vpdportal.audit.chain import record


def note_in_trail(
    *,
    incident: Incident,
    kind: TimelineKind,
    by: User | None,
    now: datetime,
    code: str = "",
    step: int = 0,
    fields: Iterable[str] = (),
    is_new: bool = False,
) -> None:
    """Write the timeline row and the audit row of one change. `fields` are names of fields or codes, never text.

    `is_new`: the case is stored in this same transaction, touched at `now` already.
    """
    if not is_new:
        Incident.objects.filter(pk=incident.pk).update(touched_at=now)
    TimelineEntry.objects.create(
        organisation_id=incident.organisation_id,
        incident=incident,
        at=now,
        kind=kind,
        by=by,
        code=code,
        step=step,
        menu_version=incident.menu_version if code else "",
    )
    record(
        action=f"incident.{kind}",
        now=now,
        actor_id=by.pk if by else None,
        organisation_id=incident.organisation_id,
        object_type="incident",
        object_id=incident.pk,
        fields=[*([code] if code else []), *fields],
    )


def record_view(*, incident: Incident, by: User, now: datetime, part: str = "case") -> None:
    """Write that someone looked, before the page is shown: no row, no page."""
    record(
        action="incident.viewed",
        now=now,
        actor_id=by.pk,
        organisation_id=incident.organisation_id,
        object_type="incident",
        object_id=incident.pk,
        fields=[part],
    )
