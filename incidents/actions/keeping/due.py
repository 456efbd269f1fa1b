"""When each part of each case goes, and what still keeps it: one definition, for the page, the mail and destroying.

The term of who did it counts from the last of: the closing of the case, of every other case of the same person, and
the end of every measure against them. Every other term counts from the closing. Nothing goes within 30 days of anything
that happened in the case. Who it happened to goes last, because every other part names that person too.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.actions.keeping.parts import OF_CASE
from incidents.actions.keeping.situation import (
    Case,
    Situation,
    could_go,
    situation_of_case,
    situation_of_cases,
)
from incidents.actions.keeping.terms import Terms, terms_of
from incidents.vocabulary import KeptPart, StayKind
from vpdportal.accounts.models import Organisation

QUIET = timedelta(days=30)  # [OWN] after anything that happened in the case
ORDER = {part: index for index, part in enumerate(OF_CASE)}
AHEAD = timedelta(days=30)  # [OWN] how long before it goes the desk is shown it


class WaitsFor(models.TextChoices):
    """Why a part does not go yet, although its term may have ended."""

    TERM = "term", _("the term is not agreed yet")
    OPEN_TASK = "open_task", _("there is an open task")
    MEASURE = "measure", _("a measure against this person runs or waits")
    SAME_PERSON = "same_person", _("the same person is in a case that is open")
    REQUEST = "request", _("someone asked about their own data")
    LEGAL_HOLD = "legal_hold", _("it is held for a legal matter")
    OTHER_PARTS = "other_parts", _("other parts of the case go first")


@dataclass(frozen=True)
class Due:
    """One part of one case. `on`: the first day on which it may go; None where no term was agreed."""

    case: UUID
    reference: str
    part: KeptPart
    on: date | None
    waits_for: tuple[WaitsFor, ...] = ()
    put_off_until: date | None = None
    shown_from: date | None = None  # the day on which it came in sight of the desk

    def goes_on(self, day: date) -> bool:
        """Whether it is destroyed on this day."""
        return self.on is not None and self.on <= day and not self.waits_for


def due_of_cases(organisation: Organisation, mains: Collection[UUID], now: datetime) -> list[Due]:
    """Every part that is still there of these cases, as far as they are closed; what goes first first. Six queries."""
    return _due_of_cases(terms_of(organisation), mains, now)


def _due_of_cases(terms: Terms, mains: Collection[UUID], now: datetime) -> list[Due]:
    if not mains:
        return []
    situation, today = situation_of_cases(mains), timezone.localdate(now)
    cases = [situation.cases[pk] for pk in mains if pk in situation.cases]
    found = [one for case in cases for one in _parts(case, situation, terms, today)]
    return sorted(found, key=lambda one: (one.on or date.max, one.reference, ORDER[one.part]))


def _due_until(organisation: Organisation, terms: Terms, now: datetime, last: date) -> list[Due]:
    """Every part that goes on that day at the last, or would. Reads the cases of which it can be so, and no others."""
    closed_before = {part: _start_of(day) for part in OF_CASE if (day := terms.latest_begin(part, last))}
    found = _due_of_cases(terms, could_go(organisation, closed_before), now)
    return [one for one in found if one.on is not None and one.on <= last]


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def due_of_case(organisation: Organisation, main: UUID, now: datetime) -> tuple[Case | None, list[Due]]:
    """One case and its parts that are still there, none while it is open. Four queries.

    `main`: the key of the case, not of a report that joined it.
    """
    situation = situation_of_case(main)
    case = situation.of(main)
    if case is None:
        return None, []
    return case, list(_parts(case, situation, terms_of(organisation), timezone.localdate(now)))


def goes_now(organisation: Organisation, now: datetime) -> list[Due]:
    """What is destroyed when destroying runs now: the dry run and the real one ask the same."""
    today = timezone.localdate(now)
    return [one for one in _due_until(organisation, terms_of(organisation), now, today) if one.goes_on(today)]


def in_sight(organisation: Organisation, now: datetime, terms: Terms | None = None) -> list[Due]:
    """What goes within 30 days, and what would have gone and is kept by something."""
    return _due_until(organisation, terms or terms_of(organisation), now, timezone.localdate(now) + AHEAD)


def _parts(case: Case, situation: Situation, terms: Terms, today: date) -> Iterator[Due]:
    before: list[Due] = []
    if case.closed_at is None:
        return
    for part in OF_CASE:
        if not case.is_gone(part):
            one = _one(case, part, situation, terms, today, before)
            before.append(one)
            yield one


def _one(case: Case, part: KeptPart, situation: Situation, terms: Terms, today: date, before: list[Due]) -> Due:
    others = [situation.cases[pk] for pk in case.others] if part == KeptPart.PERPETRATOR else []
    on = terms.end_of(part, _begin(case, part, others), today)
    waits = list(_waits(case, part, others))
    if on is None:
        waits.insert(0, WaitsFor.TERM)
        return Due(case.pk, case.reference, part, None, tuple(waits))
    put_off = [
        stay.until for stay in case.running_stays() if stay.kind == StayKind.POSTPONED and stay.part in ("", part)
    ]
    until = max((day for day in put_off if day > on), default=None)
    on = max([on, timezone.localdate(case.touched_at) + QUIET, *put_off])
    if part == KeptPart.VICTIM and before:
        on = max([on, *(one.on for one in before if one.on)])
        if any(one.waits_for or one.on is None for one in before):
            waits.append(WaitsFor.OTHER_PARTS)
    shown_from = max(on - AHEAD, terms.agreed_on(part) or on)
    return Due(case.pk, case.reference, part, on, tuple(waits), until, min(shown_from, on))


def _begin(case: Case, part: KeptPart, others: list[Case]) -> date:
    """The day from which the term counts; of a closed case."""
    assert case.closed_at is not None
    moments = [case.closed_at]
    if part == KeptPart.PERPETRATOR:
        moments += case.ends
        for other in others:
            moments += [*other.ends, *([other.closed_at] if other.closed_at else [])]
    return timezone.localdate(max(moments))


def _waits(case: Case, part: KeptPart, others: list[Case]) -> Iterator[WaitsFor]:
    if case.has_open_task:
        yield WaitsFor.OPEN_TASK
    if case.has_running or any(other.has_running for other in others):
        yield WaitsFor.MEASURE
    if any(other.closed_at is None for other in others):
        yield WaitsFor.SAME_PERSON
    if case.has_request:
        yield WaitsFor.REQUEST
    if any(stay.kind == StayKind.LEGAL_HOLD and stay.part in ("", part) for stay in case.running_stays()):
        yield WaitsFor.LEGAL_HOLD
