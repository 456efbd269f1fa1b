"""Writing an event and proving that none was changed.

Positions are given under the lock of the chain's head: a database sequence is drawn before the lock and forks.
"""

import hashlib
import json
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from vpdportal.audit.cuts import cuts_of
from vpdportal.audit.models import AuditEvent, ChainHead
from vpdportal.tenancy import reaching

START, INSTALLATION = "0" * 64, "installation"
# What the hash of an event is made of, in this order.
SEALED = (
    "previous_hash",
    "id",
    "organisation_id",
    "position",
    "at",
    "actor_id",
    "action",
    "object_type",
    "object_id",
    "fields",
)


@dataclass(frozen=True)
class Verdict:
    """What `verify` found: `is_whole`, the number of events read, and the position of the first break."""

    is_whole: bool
    events: int
    broken_at: int | None = None


def record(
    *,
    action: str,
    now: datetime,
    actor_id: UUID | None,
    organisation_id: UUID | None,
    object_type: str,
    object_id: UUID | None = None,
    fields: Iterable[str] = (),
) -> AuditEvent:
    """Append one event to the organisation's chain, in the caller's transaction when there is one.

    `action` is a code such as "incident.viewed"; `fields` are names of fields or codes, never their text. It is
    written whoever is at work: a sign-in that fails is of a stranger, who reaches no organisation (ADR 31).
    """
    chain = chain_of(organisation_id)
    reach = reaching(organisation_id) if organisation_id else nullcontext()
    # An event that cannot be written undoes what it tells of.
    with reach, transaction.atomic(savepoint=False):
        heads = ChainHead.objects.select_for_update()
        head = heads.filter(chain=chain).first()
        if head is None:
            ChainHead.objects.get_or_create(chain=chain)
            head = heads.get(chain=chain)
        event = AuditEvent(
            organisation_id=organisation_id,
            position=head.position + 1,
            at=now,
            actor_id=actor_id,
            action=action,
            object_type=object_type,
            object_id=object_id,
            fields=sorted(fields),
            previous_hash=head.hash,
        )
        event.hash = digest(event)
        event.save(force_insert=True)
        head.position, head.hash = event.position, event.hash
        head.save(update_fields=["position", "hash"])
    return event


def times_today(*, action: str, actor_id: UUID, organisation_id: UUID, now: datetime) -> int:
    """How often this person did this since local midnight, in this organisation.

    Only the newest end of the chain is read: back to the last event of the day before.
    """
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(now), time()))
    events = AuditEvent.objects.filter(organisation_id=organisation_id)
    before = events.filter(at__lt=midnight).order_by("-position").values("position")[:1]
    today = events.filter(position__gt=Coalesce(Subquery(before), 0), at__lte=now)
    return today.filter(action=action, actor_id=actor_id).count()


def digest(event: AuditEvent) -> str:
    """SHA-256 over the event and the hash before it, in one canonical form (UTC, fixed order), as 64 hex digits."""
    return _digest(tuple(getattr(event, column) for column in SEALED))


def _digest(values: tuple[Any, ...]) -> str:
    """Of the columns of SEALED, in that order."""
    *before, at, actor, action, object_type, object_id, fields = values
    parts = [*map(str, before), _canonical(at), str(actor), action, object_type, str(object_id), *fields]
    return hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()


def _canonical(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def verify(organisation_id: UUID | None) -> Verdict:
    """Walk the chain of one organisation (None: of the installation) and compare it with its head.

    It begins at its first event, or behind the last cut that it tells of itself (ADR 34). Columns are read and no
    models are made: a hundred thousand events take seconds.
    """
    cuts = cuts_of(organisation_id, chain_of(organisation_id))
    count, expected = (cuts[-1].position, cuts[-1].hash) if cuts else (0, START)
    began = count
    rows = AuditEvent.objects.filter(organisation_id=organisation_id).order_by("position")
    for sealed_by, *values in rows.values_list("hash", *SEALED).iterator(chunk_size=2000):
        count += 1
        previous_hash, _id, _organisation, position = values[:4]
        if position != count or previous_hash != expected or sealed_by != _digest(tuple(values)):
            return Verdict(is_whole=False, events=count - began, broken_at=count)
        expected = sealed_by
    head = ChainHead.objects.filter(chain=chain_of(organisation_id)).first()
    is_whole = (head.position, head.hash) == (count, expected) if head else count == 0
    return Verdict(is_whole=is_whole, events=count - began, broken_at=None if is_whole else count + 1)


def chain_of(organisation_id: UUID | None) -> str:
    """The name of a chain: the id of its organisation, or that it is of the installation."""
    return str(organisation_id or INSTALLATION)
