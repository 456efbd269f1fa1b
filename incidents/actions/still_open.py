"""What is still open in a case that someone wants to close, by what it is about. One query.

Some of it stops the closing, because nobody could end it afterwards; the rest a person may leave as it is, having
seen it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from incidents.actions.tasks import RUNS_ON
from incidents.letter_kinds import MEASURES
from incidents.models import (
    CareMoment,
    DamageLine,
    Incident,
    Involvement,
    Letter,
    Measure,
    Message,
    News,
    PoliceSheet,
    Reaction,
    Task,
)
from incidents.vocabulary import (
    CareStatus,
    InvolvedAs,
    LetterStatus,
    MeasureStatus,
    NewsKind,
    OpenPoint,
    PoliceOutcome,
    PoliceStatus,
    ReactionStatus,
    TaskStatus,
)

STOPS = frozenset({OpenPoint.TASKS, OpenPoint.REACTIONS})
GIVEN = (ReactionStatus.ACTIVE, ReactionStatus.DONE, ReactionStatus.ENDED)


@dataclass(frozen=True)
class Point:
    """One kind of thing that is still open, and how many there are."""

    code: OpenPoint
    count: int

    @property
    def stops(self) -> bool:
        """Whether the case cannot be closed with it."""
        return self.code in STOPS


def still_open(incident: Incident, today: date) -> list[Point]:
    """What is still open, first what stops the closing. `today`: the local day."""
    wanted = dict(_rows(today))
    numbers = Incident.objects.filter(pk=incident.pk).values_list(*map(_number, wanted.values())).get()
    counts: dict[OpenPoint, int] = dict(zip(wanted, numbers, strict=True))
    counts[OpenPoint.SEVERITY] = int(incident.severity_confirmed_at is None and not incident.is_near_miss)
    found = [Point(code, counts[code]) for code in OpenPoint if counts[code]]
    return sorted(found, key=lambda point: not point.stops)


def _rows(today: date) -> Iterator[tuple[OpenPoint, models.QuerySet[Any]]]:
    def of(model: type[models.Model], **those: Any) -> models.QuerySet[Any]:
        return model._default_manager.filter(incident=OuterRef("pk"), **those)

    yield OpenPoint.TASKS, of(Task, status=TaskStatus.OPEN).exclude(kind__in=RUNS_ON)
    yield OpenPoint.REACTIONS, of(Reaction, status__in=(ReactionStatus.PROPOSED, ReactionStatus.SIGNED))
    yield OpenPoint.DRAFTS, of(Reaction, status=ReactionStatus.DRAFT)
    yield OpenPoint.RUNNING, of(Reaction, status=ReactionStatus.ACTIVE)
    undecided = (MeasureStatus.PROPOSED, MeasureStatus.HELD)
    yield OpenPoint.ADVICE, of(Measure, status__in=undecided, is_still_advised=True, waits_for=[], runs_in=None)
    yield OpenPoint.LETTERS, of(Letter, status=LetterStatus.DRAFT)
    given = Reaction.objects.filter(incident=OuterRef("pk"), kind__in=MEASURES, status__in=GIVEN)
    yield OpenPoint.WITHOUT_LETTER, given.filter(given_at__isnull=False).with_letter().filter(is_letter_sent=False)
    without_end = Q(status=PoliceStatus.DRAFT) | Q(status=PoliceStatus.FILED, outcome__in=("", PoliceOutcome.INQUIRY))
    yield OpenPoint.POLICE, of(PoliceSheet).filter(without_end)
    to_come = (CareStatus.PLANNED, CareStatus.ACCEPTED, CareStatus.MOVE_ASKED)
    yield OpenPoint.CARE, of(CareMoment, status__in=to_come)
    yield OpenPoint.DAMAGE, of(DamageLine, is_finished=False)
    yield OpenPoint.QUESTIONS, of(Message, is_question=True, answer=None)
    yield OpenPoint.MESSAGES, of(Message, is_from_desk=False, seen_at=None)
    yield OpenPoint.ADDITIONS, of(News, kind=NewsKind.ADDED, seen_at=None)
    not_told = Q(delayed_until=None) | Q(delayed_until__lt=today)
    yield OpenPoint.INFORMING, of(Involvement, role=InvolvedAs.PERPETRATOR, informed_on=None).filter(not_told)


def _number(rows: models.QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().values("incident").annotate(number=models.Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)
