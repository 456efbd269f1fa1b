"""A request has a term of its own too: copies go soon, and later who asked; that there was one stays, as a number."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from guidance.deadlines import add_months
from incidents.data_request_rows import LIMITS
from incidents.models import DataPiece, DataRequest
from incidents.vocabulary import DataRequestStatus
from vpdportal.audit.chain import record

COPIES_STAY = timedelta(days=90)  # [OWN] long enough to fetch the answer, and to object within six weeks
MONTHS_KEPT = 24  # [OWN] so that a complaint about how it was answered can be met
ENDED = (DataRequestStatus.DECIDED, DataRequestStatus.WITHDRAWN)
EMPTIED = ("name", "contact", "words", "extension_reason", "decision", "user", "person", "forgotten_at")


def let_answers_go(*, now: datetime) -> int:
    """For the hourly tidying. Gives the number of requests of which something went."""
    return sum(_forget(pk, now) for pk in _past(now))


def _past(now: datetime) -> list[UUID]:
    copies = DataPiece.objects.filter(request=OuterRef("pk"))
    has_copies = Q(Exists(copies), decided_at__lt=now - COPIES_STAY)
    is_old = Q(created_at__lt=_begin_of_memory(now), forgotten_at__isnull=True)
    # A limit that holds has to know of whom.
    ended = DataRequest.objects.filter(has_copies | is_old, ~LIMITS, status__in=ENDED)
    return list(ended.values_list("pk", flat=True))


def _begin_of_memory(now: datetime) -> datetime:
    local = timezone.localtime(now)
    day = add_months(local.date(), -MONTHS_KEPT)
    return local.replace(year=day.year, month=day.month, day=day.day)


def _forget(pk: UUID, now: datetime) -> int:
    with transaction.atomic():
        request = DataRequest.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
        ended_at = request.ended_at or request.decided_at or request.created_at
        gone, _kinds = request.pieces.all().delete() if ended_at < now - COPIES_STAY else (0, {})
        is_old = ended_at < _begin_of_memory(now) and request.forgotten_at is None
        if is_old:
            request.name = request.contact = request.words = ""
            request.extension_reason = request.decision = None
            request.user = request.person = None
            request.forgotten_at = now
            request.save(update_fields=EMPTIED)
        if not gone and not is_old:
            return 0
        record(
            action="data_request.let_go",
            now=now,
            actor_id=None,
            organisation_id=request.organisation_id,
            object_type="data_request",
            object_id=request.pk,
            fields=["person" if is_old else "copies"],
        )
    return 1
