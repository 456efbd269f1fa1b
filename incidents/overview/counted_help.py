"""Does it help? Answers of reporters, what happened after a reaction, and how long things took."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import TruncDate

from incidents.models import Incident, Involvement, Message, Reaction, Task
from incidents.overview.counted_work import GIVEN
from incidents.overview.figures import CONTACT_STEP, FEEDBACK, HALF_A_YEAR
from incidents.overview.scope import Scope
from incidents.vocabulary import CaseStatus, Helped, InvolvedAs, ReportKind, TaskStatus

HOUR = timedelta(hours=1)


def answers(scope: Scope) -> tuple[int, int]:
    """Who said yes, of who answered in the month whether it helped."""
    answered = scope.rows(Incident.objects, "pk").filter(scope.during("helped_at")).exclude(was_helped="")
    found = answered.aggregate(yes=Count("pk", filter=Q(was_helped=Helped.YES)), of=Count("pk"))
    return found["yes"], found["of"]


def reactions_that_held(scope: Scope) -> tuple[int, int]:
    """Of the reactions of half a year ago: after how many the same person did nothing in that half year."""
    span = timedelta(days=HALF_A_YEAR)
    again = (
        scope.rows(Involvement.objects)
        .filter(
            person=OuterRef("person"),
            role=InvolvedAs.PERPETRATOR,
            incident__kind=ReportKind.INCIDENT,
            incident__occurred_at__gt=OuterRef("given_at"),
            incident__occurred_at__lte=OuterRef("given_at") + span,
        )
        .exclude(incident__status=CaseStatus.MERGED)
    )
    given = scope.rows(Reaction.objects).filter(
        status__in=GIVEN, given_at__gte=scope.start - span, given_at__lt=scope.end - span
    )
    found = given.annotate(is_again=Exists(again)).aggregate(calm=Count("pk", filter=Q(is_again=False)), of=Count("pk"))
    return found["calm"], found["of"]


def lead_times(scope: Scope) -> dict[int, int]:
    """Calendar days from report to closing → how many cases, of those that were closed in the month.

    Not of cases from an earlier registration, which often says nothing of their closing (ADR 37).
    """
    closed = scope.rows(Incident.objects, "pk").filter(scope.during("closed_at"), imported__isnull=True).order_by()
    days = closed.values_list(TruncDate("reported_at"), TruncDate("closed_at")).annotate(cases=Count("pk"))
    found: Counter[int] = Counter()
    for first, last, cases in days:
        found[(last - first).days] += cases
    return dict(found)


def first_contacts(scope: Scope) -> dict[int, int]:
    """Whole hours from report to first contact → how many cases, of the first contacts that fell in the month."""
    calls = scope.rows(Task.objects).filter(code=FEEDBACK, step=CONTACT_STEP, status=TaskStatus.DONE)
    words = scope.rows(Message.objects).filter(is_from_desk=True, person=F("incident__reporter"))
    moments = ((calls, "finished_at"), (words, "at"))
    now = [row for rows, moment in moments for row in _pairs(rows.filter(scope.during(moment)), moment)]
    cases = {pk for pk, _at in now}
    before = {"incident__in": cases}
    earlier = {
        pk
        for rows, moment in moments
        for pk, _at in _pairs(rows.filter(**before, **{f"{moment}__lt": scope.start}), moment)
    }
    first: dict[UUID, datetime] = {}
    for pk, at in now:
        if pk not in earlier:
            first[pk] = min(at, first.get(pk, at))
    reported = dict(Incident.objects.filter(pk__in=first).values_list("pk", "reported_at"))
    return dict(Counter(max(0, (at - reported[pk]) // HOUR) for pk, at in first.items()))


def _pairs(rows: Any, moment: str) -> Iterable[tuple[UUID, datetime]]:
    found: Iterable[tuple[UUID, datetime]] = rows.order_by().values_list("incident", moment)
    return found
