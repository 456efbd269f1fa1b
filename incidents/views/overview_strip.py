"""The strip above an overview: month, quarter or year, earlier and later, and every other period that was fixed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from incidents.overview.periods import Period
from incidents.overview.reading import Overview
from incidents.vocabulary import PeriodKind

EXACT = "?exact=1"


@dataclass(frozen=True)
class Step:
    """A period that one can go to."""

    label: str
    url: str
    is_current: bool = False


@dataclass(frozen=True)
class Strip:
    """`kinds`: this period, or the one nearest to it, as month, quarter and year. `years`: the newest first."""

    kinds: list[Step]
    earlier: Step | None
    later: Step | None
    years: list[tuple[int, list[Step]]]


def strip_of(overview: Overview, now: datetime) -> Strip:
    return _Strips(overview, now).strip()


class _Strips:
    def __init__(self, overview: Overview, now: datetime) -> None:
        self.overview, self.this_month = overview, Period.month_of(now)
        self.fixed = {one for one in overview.others if one != self.this_month}

    def strip(self) -> Strip:
        found = [(kind, self._nearest(kind)) for kind in PeriodKind]
        kinds = [self._step(period, str(kind.label).capitalize()) for kind, period in found if period]
        return Strip(kinds, self._beside(self.overview.earlier), self._beside(self._later()), list(self._years()))

    def _nearest(self, kind: PeriodKind) -> Period | None:
        """This period itself; else the newest of that kind that had ended with it, else the first one after it."""
        here = self.overview.period
        if kind == here.kind:
            return here
        mine = sorted((one for one in self.fixed if one.kind == kind), key=lambda one: one.end)
        ended = [one for one in mine if one.end <= here.end]
        return (ended[-1:] or mine[:1] or [None])[0]  # type: ignore[list-item]

    def _later(self) -> Period | None:
        after = self.overview.period.shifted(1)
        is_running = self.overview.is_exact_view and after == self.this_month
        return after if is_running else self.overview.later

    def _beside(self, period: Period | None) -> Step | None:
        return self._step(period, period.label) if period else None

    def _years(self) -> Iterator[tuple[int, list[Step]]]:
        for year in sorted({one.year for one in self.fixed}, reverse=True):
            mine = [one for one in self.fixed if one.year == year]
            mine.sort(key=lambda one: (list(PeriodKind).index(one.kind), one.number))
            yield year, [self._step(one, _whole_year(one)) for one in mine]

    def _step(self, period: Period, label: str) -> Step:
        url = reverse("overview", args=[self.overview.organisation.slug, period.code])
        return Step(label, url + EXACT * self.overview.is_exact_view, period == self.overview.period)


def _whole_year(period: Period) -> str:
    is_year = period.kind == PeriodKind.YEAR
    return _("the whole of %(year)s") % {"year": period.year} if is_year else period.label
