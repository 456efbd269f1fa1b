"""The end of a request: made ready by who handles it, decided by the data protection officer; never one person."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from incidents.actions.data_requests.requests import NotNow, keep, locked, move, note
from incidents.actions.refusals import ReasonNeeded, Refused
from incidents.models import DataRequest
from incidents.vocabulary import DataRequestKind, DataRequestStatus, PieceDecision
from vpdportal.accounts.models import User


class WhoIsIt(Refused):
    message = _("First check who asks: data that go to someone else cannot be taken back (AVG 12, sixth paragraph).")


class NotAllLookedAt(Refused):
    message = _("There are pieces that nobody looked at yet. Look at each of them, or follow the proposal.")


class NotCollected(Refused):
    message = _("First collect what is kept of this person.")


class NobodyLinked(Refused):
    message = _(
        "No record is linked, so nothing could be done with it. Look for one. Is there none, then refuse, and say in "
        "the answer that nothing is kept by which this person can be found."
    )


class OwnWork(Refused):
    message = _("You made this answer ready yourself. Someone else has to decide on it.")


def make_ready(
    *, request: DataRequest, is_granted: bool, decision: str, seen: int | None, by: User, now: datetime
) -> None:
    """Lay the answer before the data protection officer. `decision`: in words, for who asks; needed but for access.

    Raises WhoIsIt, NotCollected, NotAllLookedAt, NobodyLinked, ReasonNeeded, NotNow, ChangedMeanwhile.
    """
    with transaction.atomic():
        fresh = locked(request, seen)
        if fresh.identity_checked_at is None:
            raise WhoIsIt
        if fresh.is_for_access:
            _refuse_unfinished(fresh)
        elif is_granted and fresh.user_id is None and fresh.person_id is None:
            raise NobodyLinked
        if not decision.strip() and not (fresh.is_for_access and is_granted):
            raise ReasonNeeded
        move(fresh, DataRequestStatus.READY)
        fresh.is_granted, fresh.decision = is_granted, decision.strip()
        fresh.ready_by, fresh.ready_at = by, now
        keep(fresh, "status", "is_granted", "decision", "ready_by", "ready_at")
        note(fresh, "data_request.ready", by, now, fields=["granted" if is_granted else "refused"])


def send_back(*, request: DataRequest, by: User, now: datetime) -> None:
    """Not yet: who handles it looks again. Raises NotNow."""
    with transaction.atomic():
        fresh = locked(request)
        if fresh.status != DataRequestStatus.READY:
            raise NotNow
        move(fresh, DataRequestStatus.REVIEWING)
        fresh.ready_by = fresh.ready_at = None
        keep(fresh, "status", "ready_by", "ready_at")
        note(fresh, "data_request.sent_back", by, now)


def decide(*, request: DataRequest, seen: int | None, by: User, now: datetime) -> None:
    """Decide as it was laid before: from now on who asked may have the answer. Raises OwnWork, NotNow,
    ChangedMeanwhile, NotAllLookedAt.
    """
    with transaction.atomic():
        fresh = locked(request, seen)
        if fresh.status != DataRequestStatus.READY:
            raise NotNow
        if by.pk in {fresh.ready_by_id, fresh.user_id}:
            raise OwnWork
        if fresh.is_for_access:
            _refuse_unfinished(fresh)
        move(fresh, DataRequestStatus.DECIDED)
        fresh.decided_by, fresh.decided_at = by, now
        keep(fresh, "status", "decided_by", "decided_at")
        note(fresh, "data_request.decided", by, now, fields=["granted" if fresh.is_granted else "refused"])


def _refuse_unfinished(request: DataRequest) -> None:
    pieces = request.pieces.values_list("decision", flat=True)
    if not pieces and (request.user_id or request.person_id):
        raise NotCollected
    if PieceDecision.OPEN in pieces:
        raise NotAllLookedAt


def how_to_carry_out(request: DataRequest) -> str:
    """What someone still does by hand after a request was granted; empty where the page has a form for it."""
    return str(BY_HAND.get(DataRequestKind(request.kind), "")) if request.is_granted else ""


BY_HAND = {
    DataRequestKind.OBJECTION: _("Stop what the objection is about, and end the measures that rest on it."),
    DataRequestKind.ACCESS: _("Hand over the file, and the files that are listed in it, to the person."),
}
