"""What a fixed month would be counted as now, and why: written beside it, as the month itself never changes."""

import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from guidance.vocabulary import Severity
from incidents.models import Correction, Incident, Release, TimelineEntry
from incidents.overview.counts import Counts
from incidents.overview.figures import FIGURES, Nature
from incidents.overview.periods import Period
from incidents.overview.shown import Shown
from incidents.overview.told import Told
from incidents.vocabulary import CorrectionReason, PeriodKind, ReportKind, TimelineKind
from vpdportal.accounts.models import Organisation
from vpdportal.encryption import SealBroken

log = logging.getLogger(__name__)

LOOKED_BACK = 24  # months
HEADLINES = ("reports", "near_misses", "severe")  # of the whole organisation; parts are never corrected one by one
REASONS = {
    TimelineKind.MERGED: CorrectionReason.JOINED,
    TimelineKind.UNMERGED: CorrectionReason.TAKEN_APART,
    TimelineKind.SEVERITY_CONFIRMED: CorrectionReason.SEVERITY,
    TimelineKind.BECAME_INCIDENT: CorrectionReason.BECAME_INCIDENT,
    TimelineKind.FACTS_ADDED: CorrectionReason.FACTS,
    TimelineKind.IMPORTED: CorrectionReason.IMPORTED,
}
_OF_ALL = {
    *(CorrectionReason.JOINED, CorrectionReason.TAKEN_APART, CorrectionReason.BECAME_INCIDENT),
    CorrectionReason.IMPORTED,
}
# Which reasons can have moved which figure.
MOVES = {
    "reports": _OF_ALL,
    "near_misses": _OF_ALL,
    "severe": set(CorrectionReason) - {CorrectionReason.GONE, CorrectionReason.OTHER},
}


@dataclass
class Now:
    """What a month counts now, and what was done to its reports since it was fixed."""

    numbers: dict[str, int] = field(default_factory=lambda: dict.fromkeys(HEADLINES, 0))
    reasons: set[CorrectionReason] = field(default_factory=set)


def look_again(*, organisation: Organisation, now: datetime) -> int:
    """Count the headlines of the fixed months anew, and write what differs. Gives how many corrections were written.

    In the caller's transaction, who holds the organisation.
    """
    first = Period.month_of(now).shifted(-LOOKED_BACK)
    releases = [
        row
        for row in Release.objects.filter(organisation=organisation, kind=PeriodKind.MONTH).order_by("year", "number")
        if period_of(row).start >= first.start
    ]
    found = _counted_now(organisation, first, releases)
    last_known = _last_known(releases)
    rows = [
        correction
        for release in releases
        if release.pk in last_known
        for correction in _differences(release, found[period_of(release)], last_known[release.pk], now)
    ]
    for row in rows:
        row.save(force_insert=True)
    return len(rows)


def period_of(release: Release) -> Period:
    return Period(PeriodKind(release.kind), release.year, release.number)


def _counted_now(organisation: Organisation, first: Period, releases: Iterable[Release]) -> dict[Period, Now]:
    found: dict[Period, Now] = defaultdict(Now)
    reports = Incident.objects.counted().filter(organisation=organisation, reported_at__gte=first.start).order_by()
    for reported_at, kind, severity in reports.values_list("reported_at", "kind", "severity"):
        numbers = found[Period.month_of(reported_at)].numbers
        if kind == ReportKind.NEAR_MISS:
            numbers["near_misses"] += 1
            continue
        numbers["reports"] += 1
        numbers["severe"] += severity >= Severity.THREATENING
    made = {period_of(release): release.made_at for release in releases}
    if not made:
        return found
    entries = TimelineEntry.objects.filter(
        organisation=organisation, kind__in=REASONS, at__gt=min(made.values()), incident__reported_at__gte=first.start
    )
    for reported_at, kind, at in entries.order_by().values_list("incident__reported_at", "kind", "at"):
        month = Period.month_of(reported_at)
        if month in made and at > made[month]:
            found[month].reasons.add(REASONS[TimelineKind(kind)])
    return found


def _last_known(releases: Iterable[Release]) -> dict[UUID, dict[str, int]]:
    """By release: the headlines as they were fixed, or as they were last corrected.

    One that does not open is left out: no month that is fixed waits for it.
    """
    known: dict[UUID, dict[str, int]] = {}
    for release in releases:
        with _left_out_where_broken(release.pk, known):
            exact = Counts.from_json(release.sealed_exact)
            known[release.pk] = {code: exact.numbers[code] for code in HEADLINES}
    for row in Correction.objects.filter(release__in=list(known)).order_by("found_at"):
        with _left_out_where_broken(row.release_id, known):
            figure = json.loads(row.sealed_exact)
            if row.release_id in known:
                known[row.release_id][row.figure] = figure
    return known


@contextmanager
def _left_out_where_broken(release_id: UUID, known: dict[UUID, dict[str, int]]) -> Iterator[None]:
    try:
        yield
    except SealBroken:
        log.error("the exact figures of release %s do not open: its corrections are not looked for", release_id)
        known.pop(release_id, None)


def _differences(release: Release, is_now: Now, known: dict[str, int], now: datetime) -> Iterable[Correction]:
    shown = Shown.from_json(release.shown)
    for code in HEADLINES:
        number = is_now.numbers[code]
        if number == known[code]:
            continue
        reasons = is_now.reasons & MOVES[code]
        if not reasons:
            reasons = {CorrectionReason.GONE if number < known[code] else CorrectionReason.OTHER}
        yield Correction(
            organisation_id=release.organisation_id,
            release=release,
            figure=code,
            found_at=now,
            reasons=sorted(reasons),
            shown=json.dumps(_told(shown, code, number)),
            is_as_fixed=number == Counts.from_json(release.sealed_exact).numbers[code],
            sealed_exact=json.dumps(number),
        )


def _told(shown: Shown, code: str, number: int) -> list[int | None] | None:
    """Exactly, where the whole organisation was told exactly; else only that it differs.

    Of a rounded number the step over an edge would say what it was.
    """
    before = shown.numbers.get(code)
    is_total = FIGURES[code].nature == Nature.TOTAL
    return Told.exact(number).to_json() if before and before.is_exact and is_total else None
