"""Cutting off the beginning of a chain whose term has passed, so that what is left still proves itself.

One transaction: first an event with the position and hash of the last one that goes, then the removal; the database
refuses it the other way round. After it a line in the log of the machine, beside the anchors.
"""

from collections.abc import Collection
from datetime import datetime
from functools import partial
from logging import getLogger
from uuid import UUID

from django.db import transaction

from vpdportal.audit.append_only import CUT
from vpdportal.audit.chain import chain_of, record
from vpdportal.audit.cuts import Cut
from vpdportal.audit.models import AuditEvent

log = getLogger("vpdportal.audit.anchor")


def last_to_go(organisation_id: UUID | None, before: datetime, held: Collection[UUID] = ()) -> AuditEvent | None:
    """The last event of the beginning of this chain that is older than `before`; None where nothing goes.

    It stops before the first event about one of `held`, whatever the age of what comes after it.
    """
    events = AuditEvent.objects.filter(organisation_id=organisation_id).order_by("position")
    stops = [events.filter(at__gte=before).first()]
    if held:
        stops.append(events.filter(object_id__in=held).first())
    first = min((one.position for one in stops if one), default=None)
    older = events if first is None else events.filter(position__lt=first)
    return older.filter(at__lt=before).last()


def cut(*, organisation_id: UUID | None, before: datetime, held: Collection[UUID], now: datetime) -> int:
    """Cut off what is older than `before`, up to the first event about one of `held`. Gives how many events went.

    Raises DatabaseError for what is not five years old. The caller holds what it holds already: the head of the chain
    is locked last.
    """
    with transaction.atomic():
        last = last_to_go(organisation_id, before, held)
        if last is None:
            return 0
        record(
            action=CUT,
            now=now,
            actor_id=None,
            organisation_id=organisation_id,
            object_type="organisation",
            object_id=organisation_id,
            fields=[f"position:{last.position}", f"hash:{last.hash}"],
        )
        gone, _by_model = AuditEvent.objects.filter(
            organisation_id=organisation_id, position__lte=last.position
        ).delete()
        made = Cut(chain_of(organisation_id), last.position, last.hash, now)
        transaction.on_commit(partial(log.info, "%s", made))
    return gone
