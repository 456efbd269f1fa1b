"""One's own figures beside those of all organisations of this installation that take part together (handbook 9.1).

What is told: one figure of all participants together; never a list, a least or a most, how many or who takes part.
It is made from `Release.shown` alone, so from what management of each participant saw, and only for who takes part.

What someone could learn by laying these figures beside others, and why that is too little [OWN], ADR 28:

- *A participant that knows its own* can take it out of the sum. What is left is of four others at least, and none of
  them may be more than half of what is left when any other one is taken out (`is_mixed`), in people and in cases.
- *Two that work together* are left with a sum of three, known to the rounding only: a rate is told in steps of 0.5 for
  each 100 people, which is 0.25 for each 100 people of all participants together in either direction. What is told of
  the three is nothing that points at a person: at the most the rate of an organisation.
- *Someone joins between two periods*: the difference would be about the one that came. So who takes part is fixed for
  a calendar year; who chooses it during a year takes part from the first of January on. A quarter, the others and the
  year are of the same participants, and two years differ in much more than in who takes part.
- *Someone leaves*: from the next calendar year on, and what was told stays as it was (`Release.is_compared`).
- *A release that comes late*, because it was held back, would do the same. So nothing is told before SETTLED days after
  the end of the period, and what was fixed later never counts: then the figure stays the same while nobody leaves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from uuid import UUID

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from incidents.models import OverviewPlan, Release
from incidents.overview.disclosure import WIDE
from incidents.overview.figures import FIGURES, Nature, of_nature
from incidents.overview.periods import Period
from incidents.overview.reading import Overview
from incidents.overview.shown import Share, Shown
from incidents.overview.told import Told
from incidents.overview.wording import percent_of, percent_text, share_text
from incidents.vocabulary import PeriodKind
from vpdportal.tenancy import everywhere

LEAST = 5  # participants
STEPS = 2  # of a rate, in each 1 for 100 people: told in 0.5
PERCENTS = 5  # per cent are told in fives
SETTLED = timedelta(days=14)  # after the end of a period, in which every participant has fixed it


class Standing(Enum):
    """Why there is no comparison, or that there is one."""

    NOT_CHOSEN = "not_chosen"
    NEXT_YEAR = "next_year"  # it is chosen, and counts from a later year on
    TOO_EARLY = "too_early"
    TOO_FEW = "too_few"  # or one of them is so large that it would be recognised
    TOLD = "told"


@dataclass(frozen=True)
class PeerRow:
    """A figure in words: one's own (may be that it is not told), and of all participants together."""

    title: str
    own: str
    together: str


@dataclass(frozen=True)
class Peers:
    standing: Standing
    rows: tuple[PeerRow, ...] = ()
    from_day: date | None = None  # where it is too early: when it is told

    @property
    def is_told(self) -> bool:
        return self.standing == Standing.TOLD

    @property
    def sentences(self) -> list[str]:
        """How to read it, or why there is nothing."""
        if self.standing == Standing.NOT_CHOSEN:
            return [_("Your organisation does not take part. It can choose to, in the settings for overviews.")]
        if self.standing == Standing.NEXT_YEAR:
            return [_("Your organisation took no part in this year: who takes part is fixed for a calendar year.")]
        if self.from_day is not None:
            day = date_format(self.from_day, "j F Y")
            return [_("This is told from %(day)s on, when all participants have fixed the period.") % {"day": day}]
        if self.standing == Standing.TOO_FEW:
            return [_("Not told: fewer than five take part, or one of them is so large that it could be recognised.")]
        return [
            _("Of at least five organisations. What is told is rounded, and never of one of them."),
            _("More reports can mean that more happens, or that more is reported."),
        ]


def peers_of(overview: Overview, plan: OverviewPlan, now: datetime) -> Peers | None:
    """Of a quarter or a year that was fixed; None for a month. At most one query, however many take part."""
    period = overview.period
    if period.kind == PeriodKind.MONTH or overview.is_running:
        return None
    texts = _texts(period)
    if overview.organisation.pk not in texts:
        return Peers(Standing.NEXT_YEAR if plan.shares_benchmark else Standing.NOT_CHOSEN)
    if now < period.end + SETTLED:
        return Peers(Standing.TOO_EARLY, from_day=period.shifted(1).first_day + SETTLED)
    in_time = [Shown.from_json(text) for made_at, text in texts.values() if made_at < period.end + SETTLED]
    rows = tuple(_rows(overview.shown, in_time))
    return Peers(Standing.TOLD, rows) if rows else Peers(Standing.TOO_FEW)


def _texts(period: Period) -> dict[UUID, tuple[datetime, str]]:
    """By organisation: what was told of this period by who takes part in its year, and when it was fixed."""
    found = Release.objects.filter(**period.row(), is_compared=True).order_by("pk")
    rows = found.values_list("organisation", "made_at", "shown")
    with everywhere():  # what their managements saw, of who takes part; the page tells one figure of all together
        return {organisation: (made_at, text) for organisation, made_at, text in rows}


def _rows(own: Shown, all_shown: Sequence[Shown]) -> Iterable[PeerRow]:
    pairs = [(told, shown.staff) for shown in all_shown if (told := shown.numbers.get("reports")) and shown.staff > 0]
    rate = together_rate(pairs)
    if rate is not None:
        title = _("Reports for each 100 people")
        yield PeerRow(title, _own_rate(own), _("about %(number)s") % {"number": _rate_text(rate)})
    yield from _percent_row(_("Severity 3 or 4, of the reports"), _severe(own), map(_severe, all_shown))
    for figure in of_nature(Nature.SHARE):
        if FIGURES[figure.code].norm is not None:
            shares = [shown.shares.get(figure.code) for shown in all_shown]
            yield from _percent_row(str(figure.title), own.shares.get(figure.code), shares)


def together_rate(pairs: Sequence[tuple[Told, int]]) -> float | None:
    """Reports for each 100 people of all together, in halves; None where it could be of one, or of few reports.

    `pairs`: the reports and the people of each.
    """
    reports = [told.drawn for told, _staff in pairs]
    staff = [people for _told, people in pairs]
    if not is_mixed(staff) or not is_mixed(reports) or sum(reports) < WIDE:
        return None
    return round(STEPS * 100 * sum(reports) / sum(staff)) / STEPS


def together_percent(shares: Iterable[Share | None]) -> int | None:
    """Per cent of all cases together, in fives; None where it could be of one, or on too small a base."""
    told = [share for share in shares if share is not None]
    of = [whole.drawn for _met, whole in told]
    if not is_mixed(of) or sum(of) < WIDE:
        return None
    percent = 100 * sum(met.drawn for met, _whole in told) / sum(of)
    return min(100, round(percent / PERCENTS) * PERCENTS)


def is_mixed(sizes: Sequence[float]) -> bool:
    """Whether there are enough, and none is more than half of what is left when any other one is taken out."""
    if len(sizes) < LEAST:
        return False
    largest, second = sorted(sizes, reverse=True)[:2]
    return largest > 0 and 2 * largest <= sum(sizes) - second


def _severe(shown: Shown) -> Share | None:
    """As a share of the reports: told exactly, or rounded on so many that the rounding matters little."""
    severe, reports = shown.numbers.get("severe"), shown.numbers.get("reports")
    if severe is None or reports is None:
        return None
    is_exact = severe.is_exact and reports.is_exact
    return (severe, reports) if is_exact or reports.low >= WIDE else None


def _percent_row(title: str, own: Share | None, shares: Iterable[Share | None]) -> Iterable[PeerRow]:
    together = together_percent(shares)
    if together is not None:
        percent = percent_of(*own) if own else None
        said = share_text(own) if percent is None else percent_text(percent)
        yield PeerRow(title, said, _("about %(number)s") % {"number": percent_text(together)})


def _own_rate(own: Shown) -> str:
    """As exactly as one's own total was told."""
    told = own.numbers.get("reports")
    if told is None or not own.staff:
        return _("not shown")
    if told.is_few:
        return _("fewer than %(number)s") % {"number": _rate_text((told.high + 1) * 100 / own.staff)}
    rate = _rate_text(100 * told.drawn / own.staff)
    return rate if told.is_exact else _("about %(number)s") % {"number": rate}


def _rate_text(rate: float) -> str:
    return number_format(round(rate, 1), decimal_pos=1)
