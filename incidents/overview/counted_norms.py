"""How many of the terms that ended in a month were met (handbook 9.1)."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from incidents.models import Task
from incidents.overview.counted_work import filed
from incidents.overview.figures import (
    AANGIFTE,
    ASSESSMENT,
    FEEDBACK,
    FOLLOW_UPS,
    OUTCOME_STEP,
    POLICE,
    REACTION,
    RECEPTION,
)
from incidents.overview.scope import Scope
from incidents.vocabulary import CareStatus, CaseStatus, ReportKind, TaskStatus

CODES = (*ASSESSMENT, *REACTION, *POLICE, *RECEPTION, *FOLLOW_UPS, FEEDBACK)
DONE = frozenset({TaskStatus.DONE})
DONE_OR_DECLINED = frozenset({TaskStatus.DONE, TaskStatus.DECLINED})
Share = tuple[int, int]


class Step(NamedTuple):
    """A task whose term ended in the month. `due_at` is the term of the menu card, not one that a person gave it.

    `care`: how the moment of aftercare on it ended, where there is one.
    """

    incident: UUID
    code: str
    step: int
    status: str
    finished_at: datetime | None
    care: str | None
    due_at: datetime


def norm_shares(scope: Scope) -> dict[str, Share]:
    """Figure → (met, of how many)."""
    steps = list(_steps(scope))
    told = [one for one in steps if one.code != FEEDBACK or one.step == OUTCOME_STEP]
    with_offence = {one.incident for one in steps if one.code in POLICE}
    return {
        "assessed": _by_case(steps, ASSESSMENT, DONE),
        "reaction": _by_case(steps, REACTION, DONE),
        "police": _by_case(steps, POLICE, DONE),
        "aangifte": (len(with_offence & _aangiften(scope, with_offence)), len(with_offence)),
        "reception": _by_case(steps, RECEPTION, DONE_OR_DECLINED),
        "follow_up": _by_talk(steps, FOLLOW_UPS, DONE_OR_DECLINED),
        "told_back": _by_case(told, (FEEDBACK,), DONE),
    }


def _steps(scope: Scope) -> Iterable[Step]:
    """Without late reports, whose term had passed before anyone could act, and without what waits for the police."""
    tasks = (
        scope.rows(Task.objects)
        .filter(code__in=CODES, is_on_hold=False, measure__is_late_report=False)
        .filter(incident__kind=ReportKind.INCIDENT)
        .exclude(incident__status=CaseStatus.MERGED)
        .order_by()
    )
    columns = ("incident", "code", "step", "status", "finished_at", "care__status")
    usual = tasks.filter(scope.during("due_at"), measure__own_due_at__isnull=True).values_list(*columns, "due_at")
    given = tasks.filter(scope.during("measure__due_at"), measure__own_due_at__isnull=False)
    for row in (*usual, *given.values_list(*columns, "measure__due_at")):
        yield Step(*row)


def _is_met(step: Step, ends: Collection[str]) -> bool:
    """What the desk left out was not declined by the person."""
    if step.status == TaskStatus.DECLINED and step.care != CareStatus.DECLINED:
        return False
    return step.status in ends and step.finished_at is not None and step.finished_at <= step.due_at


def _by_case(steps: Iterable[Step], codes: Collection[str], ends: Collection[str]) -> Share:
    """Cases: met where one of these steps was."""
    cases: dict[UUID, bool] = {}
    for one in steps:
        if one.code in codes:
            cases[one.incident] = cases.get(one.incident, False) or _is_met(one, ends)
    return sum(cases.values()), len(cases)


def _by_talk(steps: Iterable[Step], codes: Collection[str], ends: Collection[str]) -> Share:
    mine = [one for one in steps if one.code in codes]
    return sum(_is_met(one, ends) for one in mine), len(mine)


def _aangiften(scope: Scope, cases: Collection[UUID]) -> set[UUID]:
    """Of these cases the ones with an aangifte before the end of the month."""
    tasks = scope.rows(Task.objects).filter(
        code__in=AANGIFTE, status=TaskStatus.DONE, finished_at__lt=scope.end, incident__in=cases
    )
    sheets = filed(scope).filter(incident__in=cases)
    return {*tasks.values_list("incident", flat=True), *sheets.values_list("incident", flat=True)}
