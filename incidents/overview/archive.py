"""What was fixed, found again: for management as it was told, for the adviser exactly. Two queries, and one more."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from incidents.models import Correction, Incident, Release
from incidents.need_to_know import hidden_from
from incidents.overview.corrections import period_of
from incidents.overview.counting import count_month
from incidents.overview.counts import Counts, added, less
from incidents.overview.exactly import exactly
from incidents.overview.figures import FIGURES
from incidents.overview.periods import Period
from incidents.overview.reading import TREND, Corrected, Fixed, Overview
from incidents.overview.setting import Setting, setting_of
from incidents.overview.shown import Shown
from incidents.overview.told import Told
from incidents.vocabulary import CorrectionReason, PeriodKind
from vpdportal.accounts.models import Organisation, User

MOMENT = timedelta(microseconds=1)  # what came in just now is in it
YEARS = TREND[PeriodKind.YEAR]


def newest_period(organisation: Organisation) -> Period | None:
    """The last month that was fixed."""
    row = Release.objects.filter(organisation=organisation, kind=PeriodKind.MONTH).order_by("-year", "-number").first()
    return period_of(row) if row else None


def read(organisation: Organisation, period: Period) -> Overview | None:
    """A period as it was told to management; None where it was not fixed."""
    rows = _releases(organisation, period).defer("sealed_exact")
    return _overview(organisation, period, {period_of(row): _fixed(row) for row in rows})


def read_exactly(organisation: Organisation, period: Period, user: User, now: datetime) -> Overview | None:
    """For who may see exact figures: a fixed period, or the month that still runs. None where there is neither.

    As management sees it, where its exact figures went because their term had passed. A case that does not exist for
    this person is in none of the numbers; beside them stands then no other period, and no correction.
    """
    setting = setting_of(organisation)
    cases = Incident.objects.filter(hidden_from(user, "pk", now), organisation=organisation)
    hidden = set(cases.values_list("pk", flat=True))
    rows = {period_of(row): row for row in _releases(organisation, period)}
    if period in rows and rows[period].sealed_exact is None:
        told = _overview(organisation, period, {one: _fixed(row) for one, row in rows.items()})
        return replace(told, has_lost_exact=True) if told else None
    if hidden:  # then others would be counted anew too, many times over
        rows = {one: row for one, row in rows.items() if one == period}
    others = {one: _fixed_exactly(organisation, row, setting, hidden) for one, row in rows.items()}
    if period == Period.month_of(now) and period not in others:
        load = partial(_running, organisation, period, setting, hidden, now)
        others[period] = Fixed(period, None, load)
    overview = _overview(organisation, period, others, is_exact_view=True)
    return replace(overview, corrections=()) if overview and hidden else overview


def _releases(organisation: Organisation, period: Period) -> Any:
    return Release.objects.filter(organisation=organisation, year__gt=period.year - YEARS, year__lte=period.year + 1)


def _overview(
    organisation: Organisation, period: Period, fixed: dict[Period, Fixed], is_exact_view: bool = False
) -> Overview | None:
    if period not in fixed:
        return None
    after = period.shifted(1)
    return Overview(
        organisation=organisation,
        fixed=fixed[period],
        others=fixed,
        corrections=_corrections(organisation, period, is_exact_view),
        is_exact_view=is_exact_view,
        later=after if after in fixed else None,
    )


def _fixed(row: Release) -> Fixed:
    return Fixed(period_of(row), row.made_at, partial(Shown.from_json, row.shown), row.digest)


def _corrections(organisation: Organisation, period: Period, is_exact_view: bool) -> list[Corrected]:
    """Of its months, each with the newest look, unless that found again what was fixed."""
    numbers = [month.number for month in period.months]
    rows = Correction.objects.filter(
        organisation=organisation,
        release__kind=PeriodKind.MONTH,
        release__year=period.year,
        release__number__in=numbers,
    ).select_related("release")
    newest = {(row.release.number, row.figure): row for row in rows.order_by("found_at")}
    found = []
    for row in newest.values():
        has_exact = is_exact_view and row.sealed_exact is not None
        told = Told.exact(json.loads(row.sealed_exact)) if has_exact else Told.from_json(json.loads(row.shown))
        if not row.is_as_fixed:
            reasons = tuple(CorrectionReason(code).label for code in row.reasons)
            found.append(Corrected(FIGURES[row.figure], told, reasons, row.found_at, period_of(row.release)))
    return found


def _fixed_exactly(organisation: Organisation, row: Release, setting: Setting, hidden: set[UUID]) -> Fixed:
    if row.sealed_exact is None:
        return _fixed(row)

    def load() -> Shown:
        exact = Counts.from_json(row.sealed_exact)
        if hidden:
            exact = less(exact, _hidden_counts(organisation, period_of(row), hidden))
        return exactly(exact, setting)

    loading: Callable[[], Shown] = load
    return Fixed(period_of(row), row.made_at, loading, row.digest)


def _hidden_counts(organisation: Organisation, period: Period, hidden: set[UUID]) -> Counts:
    """What cases that someone is kept out of add to a period, as they stand now."""
    whole = added(count_month(organisation, month) for month in period.months)
    return less(whole, added(count_month(organisation, month, without=hidden) for month in period.months))


def _running(organisation: Organisation, month: Period, setting: Setting, hidden: set[UUID], now: datetime) -> Shown:
    return exactly(count_month(organisation, month, without=hidden, until=now + MOMENT), setting)
