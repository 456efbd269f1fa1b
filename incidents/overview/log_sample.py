"""Each month a sample of the audit log, for the data protection officer to look at and sign (ADR 33).

Who is in it follows from the seal of the last event of the month: nobody chooses, and nobody knows before the month is
over. All that matters most is in it anyway: openings in need, files that left, roles, and days on which someone opened
very many cases.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Min, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from incidents.actions.reminders.alarms import write_alarms
from incidents.actions.reminders.offices import Offices
from incidents.models import Alarm, LogReview
from incidents.overview.periods import Period
from incidents.overview.releases import first_working_day
from incidents.vocabulary import AlarmKind, PeriodKind
from incidents.vocabulary.audit import LOG_EXPORTED, OPENED_IN_NEED, VIEWED, WORDS, Act
from vpdportal.accounts.access import memberships_at
from vpdportal.accounts.models import Organisation
from vpdportal.accounts.roles import RIGHTS, Right, Role
from vpdportal.audit.chain import record
from vpdportal.audit.models import AuditEvent

VIEWS = 20  # [OWN] an hour's work once a month
MANY_CASES = 40  # [OWN] different cases opened by one person on one day: more than the work of a desk
OLDEST = 12  # months that are caught up with
AGAIN = timedelta(days=14)  # [OWN] unsigned for so long: the officer hears of it again, and so on
ALWAYS = (
    OPENED_IN_NEED,
    "cases.exported",
    "rows.exported",
    LOG_EXPORTED,
    "guessing.stopped",
    *(action for action in WORDS[Act.ROLES] if action.startswith(("role.", "emergency."))),
)
OFFICERS = [role for role in Role if Right.DECIDE_PRIVACY in RIGHTS[role]]


def review_due(*, now: datetime) -> int:
    """Draw the samples that are due, in every organisation, and tell officers of what they did not sign.

    Gives how many are new. Safe to run at any time and any number at once.
    """
    made = 0
    for organisation in Organisation.objects.all():
        for month in _months_due(organisation, now):
            made += draw(organisation=organisation, month=month, now=now)
        _remind(organisation, now)
    return made


def draw(*, organisation: Organisation, month: Period, now: datetime) -> bool:
    """Keep the sample of one month, unless there is one or nothing happened; gives whether it was made now."""
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        found = LogReview.objects.filter(organisation=organisation, year=month.year, month=month.number)
        positions = [] if found.exists() else sample(organisation, month)
        if not positions:
            return False
        review = LogReview.objects.create(
            organisation=organisation, year=month.year, month=month.number, positions=positions, made_at=now
        )
        record(
            action="audit.sampled",
            now=now,
            actor_id=None,
            organisation_id=organisation.pk,
            object_type="logreview",
            object_id=review.pk,
            fields=[month.code, f"rows:{len(positions)}"],
        )
        _tell(organisation, now)
    return True


def sample(organisation: Organisation, month: Period) -> list[int]:
    """The positions in the sample of this month, in order. The same log always gives the same sample."""
    events = events_of(organisation, month)
    last = events.order_by("-position").values_list("hash", flat=True).first()
    if last is None:
        return []
    views = events.filter(action=VIEWED).order_by("position").values_list("position", "actor_id")
    always = events.filter(action__in=ALWAYS).values_list("position", flat=True)
    busy = [first for _day, _actor, _cases, first in busy_days(events)]
    return sorted({*always, *busy, *spread(views, last)})


def spread(views: Iterable[tuple[int, UUID | None]], seal: str) -> list[int]:
    """Up to VIEWS positions, in an order that follows from the seal: first one of each person, then a second, ..."""
    by_person: dict[UUID | None, list[int]] = defaultdict(list)
    for position, actor in sorted(views, key=lambda view: _lot(seal, view[0])):
        by_person[actor].append(position)
    turns = ((turn, _lot(seal, position), position) for own in by_person.values() for turn, position in enumerate(own))
    return [position for _turn, _drawn, position in sorted(turns)[:VIEWS]]


def busy_days(events: QuerySet[AuditEvent]) -> list[tuple[date, UUID, int, int]]:
    """Local day, person, number of cases and first position, where someone opened more than MANY_CASES on one day."""
    days = events.filter(action=VIEWED).order_by().annotate(day=TruncDate("at")).values("day", "actor_id")
    counted = days.filter(actor_id__isnull=False).annotate(
        cases=Count("object_id", distinct=True), first=Min("position")
    )
    many = counted.filter(cases__gt=MANY_CASES).order_by("day", "actor_id")
    rows: Any = many.values_list("day", "actor_id", "cases", "first")
    return list(rows)


def events_of(organisation: Organisation, month: Period) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(organisation_id=organisation.pk, at__gte=month.start, at__lt=month.end)


def month_of(review: LogReview) -> Period:
    return Period(PeriodKind.MONTH, review.year, review.month)


def _lot(seal: str, position: int) -> str:
    return hashlib.sha256(f"{seal}:{position}".encode()).hexdigest()


def _months_due(organisation: Organisation, now: datetime) -> Iterable[Period]:
    """The ended months since the last sample, the oldest first; only the last month where there was none."""
    this_month = Period.month_of(now)
    newest = LogReview.objects.filter(organisation=organisation).order_by("-year", "-month").first()
    since = month_of(newest).start if newest else this_month.shifted(-2).start
    office = Offices({organisation.pk}, ()).office_of(organisation.pk)
    for step in range(-OLDEST, 0):
        month = this_month.shifted(step)
        if month.start > since and first_working_day(month.shifted(1), office) <= timezone.localdate(now):
            yield month


def _remind(organisation: Organisation, now: datetime) -> None:
    """Once each fourteen days while a sample is not signed."""
    before = now - AGAIN
    waiting = LogReview.objects.filter(organisation=organisation, signed_at__isnull=True, made_at__lte=before)
    if not waiting.exists():
        return
    told = Alarm.objects.filter(organisation=organisation, kind=AlarmKind.LOG_REVIEW).order_by("-day").first()
    if told is None or told.day <= timezone.localdate(before):
        _tell(organisation, now)


def _tell(organisation: Organisation, now: datetime) -> None:
    officers = memberships_at(now).filter(organisation=organisation, role__in=OFFICERS)
    people = {(organisation.pk, pk) for pk in officers.values_list("user", flat=True)}
    write_alarms(people=people, kind=AlarmKind.LOG_REVIEW, now=now)
