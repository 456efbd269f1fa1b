"""Looking through what was collected: each piece given, given with others masked, or withheld on a ground."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from incidents.actions.data_requests.requests import ChangedMeanwhile, NotNow, keep, locked, note
from incidents.actions.refusals import Refused
from incidents.masking import only_loses, without_hidden_signs
from incidents.models import DataPiece, DataRequest
from incidents.vocabulary import DataRequestStatus, PieceDecision, WithholdGround
from vpdportal.accounts.models import User
from vpdportal.seen import Seen


class GroundNeeded(Refused):
    message = _("Say on which ground it is withheld.")


class WordsAdded(Refused):
    message = _("What is given may only lose words. Take out what you added, or withhold the whole piece.")


class NothingLeft(Refused):
    message = _("Nothing is left of it. Then withhold it, with the ground.")


SHOWN = ("text", "given", "ground", "decision")  # of a piece: what someone decides upon


def give_piece(*, piece: DataPiece, given: str, seen: Seen, by: User, now: datetime) -> None:
    """Give it in these words: as it is kept, or with words taken out. `seen`: what the page showed of it (SHOWN).

    Raises WordsAdded, NothingLeft, NotNow, ChangedMeanwhile.
    """
    if not given.strip():
        raise NothingLeft
    with transaction.atomic():
        request, fresh = _locked(piece, seen)
        if not only_loses(fresh.text, given):
            raise WordsAdded
        fresh.given, fresh.ground = given, ""
        fresh.decision = _given_or_masked(fresh)
        _decided(request, fresh, by, now)


def withhold_piece(*, piece: DataPiece, ground: WithholdGround | str, seen: Seen, by: User, now: datetime) -> None:
    """Do not give it. `seen`: what the page showed of it (SHOWN). Raises GroundNeeded, NotNow, ChangedMeanwhile."""
    if ground not in WithholdGround.values:
        raise GroundNeeded
    with transaction.atomic():
        request, fresh = _locked(piece, seen)
        fresh.ground, fresh.decision = ground, PieceDecision.WITHHELD
        _decided(request, fresh, by, now)


def follow_proposals(*, request: DataRequest, pieces: list[UUID], by: User, now: datetime) -> int:
    """Decide on these pieces as proposed, where nobody decided yet; gives how many. Raises NotNow."""
    with transaction.atomic():
        fresh = locked(request)
        _refuse_unless_reviewing(fresh)
        rows = list(fresh.pieces.filter(pk__in=pieces, decision=PieceDecision.OPEN))
        for piece in rows:
            piece.decision = PieceDecision.WITHHELD if piece.ground else _given_or_masked(piece)
            piece.decided_by = by
            piece.save(update_fields=["decision", "decided_by"])
        if rows:
            keep(fresh)
            note(fresh, "data_request.reviewed", by, now, fields=[f"pieces_{len(rows)}"])
    return len(rows)


def _given_or_masked(piece: DataPiece) -> PieceDecision:
    is_whole = piece.given.split() == without_hidden_signs(piece.text).split()
    return PieceDecision.GIVEN if is_whole else PieceDecision.MASKED


def _locked(piece: DataPiece, seen: Seen) -> tuple[DataRequest, DataPiece]:
    request = locked(piece.request)
    _refuse_unless_reviewing(request)
    fresh = request.pieces.filter(pk=piece.pk).first()
    if fresh is None:  # collected again meanwhile
        raise NotNow
    if seen.is_old(fresh):
        raise ChangedMeanwhile
    return request, fresh


def _refuse_unless_reviewing(request: DataRequest) -> None:
    if request.status != DataRequestStatus.REVIEWING:
        raise NotNow


def _decided(request: DataRequest, piece: DataPiece, by: User, now: datetime) -> None:
    piece.decided_by = by
    piece.save(update_fields=["given", "ground", "decision", "decided_by"])
    keep(request)
    note(request, "data_request.reviewed", by, now, fields=[piece.source, piece.decision])
