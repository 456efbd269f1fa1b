"""Writing down that an overview left the portal as a file."""

from datetime import datetime
from uuid import UUID

from vpdportal.accounts.models import Organisation, User
from vpdportal.audit.chain import record


def note_file_taken(
    *, organisation: Organisation, period: str, kind: str, is_exact: bool, by: User, now: datetime
) -> None:
    """`period` and `kind` are codes: "2026-11", "xlsx"."""
    user_id: UUID = by.pk
    record(
        action="overview.file",
        now=now,
        actor_id=user_id,
        organisation_id=organisation.pk,
        object_type="organisation",
        object_id=organisation.pk,
        fields=[period, kind, *(["exact"] if is_exact else [])],
    )
