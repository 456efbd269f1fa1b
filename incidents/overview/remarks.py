"""What stands out in a period, as plain sentences: only where the numbers carry it, and only from what was told.

A count differs when chance alone would give such a difference less than once in a hundred overviews. Reports are taken
to come in independently (Poisson); of two counts over times of known length the first is then binomial in their sum, a
test that needs no large numbers. As many comparisons are made in one overview, each must be rarer by their number
(Bonferroni). Of a rounded number the end is taken that makes the difference smallest. So a sentence can be checked by
everyone who reads the table, and says nothing that the table does not.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import exp, fsum, lgamma, log
from typing import Any

from django.utils.translation import gettext as _

from incidents.overview.reading import NumberRow, Overview, ShareRow, label_of
from incidents.overview.shown import Shown
from incidents.overview.told import FEW, Told
from incidents.overview.wording import share_text, told_text
from incidents.vocabulary import PeriodKind

CHANCE = 0.01
MOST = 5  # sentences
MOST_NORMS = 2  # of them, where there are changes to tell
BEFORE = {PeriodKind.MONTH: 12, PeriodKind.QUARTER: 4, PeriodKind.YEAR: 1}  # periods of its kind to compare with


@dataclass(frozen=True)
class Compared:
    """A count of this period (`is_now`) beside the sum over `spans` periods before it."""

    words: str
    is_now: Told
    before: Told
    spans: int

    @property
    def rises(self) -> float:
        """How likely so many, or more, would be if nothing had changed; with the rounding against it."""
        return at_least(self.is_now.low, self.before.high, self.spans)

    @property
    def falls(self) -> float:
        return at_most(self.is_now.high, self.before.low, self.spans)


def at_least(count: int, before: int, spans: int) -> float:
    """The chance of `count` or more in one period, given `before` in `spans` earlier ones, when nothing changed."""
    whole = count + before
    return fsum(_chance(k, whole, spans) for k in range(count, whole + 1))


def at_most(count: int, before: int, spans: int) -> float:
    """The chance of `count` or fewer."""
    return fsum(_chance(k, count + before, spans) for k in range(count + 1))


def _chance(k: int, whole: int, spans: int) -> float:
    """That just `k` of all fall in this period. By logarithms: the factors themselves are too large for a float."""
    ways = lgamma(whole + 1) - lgamma(k + 1) - lgamma(whole - k + 1)
    return exp(ways + (whole - k) * log(spans) - whole * log(spans + 1))


def remarks_of(overview: Overview) -> list[str]:
    """At most MOST sentences: what asks for something first, then what changed. In the language that is active."""
    missed, changes = list(_missed_norms(overview)), list(_changes(overview))
    room = max(MOST - len(changes), MOST_NORMS)  # norms have a table of their own
    return [*missed[:room], *changes][:MOST]


def is_compared(overview: Overview) -> bool:
    """Whether there was enough before it to compare with."""
    return bool(_earlier(overview))


# --- norms ---


def _missed_norms(overview: Overview) -> Iterator[str]:
    for row in (*overview.stocks, *overview.work):
        if row.is_met is False:
            yield _number_sentence(row)
    for share in overview.shares:
        if share.is_met is False:
            yield _share_sentence(share)


def _number_sentence(row: NumberRow) -> str:
    return _("%(title)s: %(number)s; the norm is %(norm)s.") % {
        "title": row.figure.title,
        "number": told_text(row.told),
        "norm": row.figure.norm_text,
    }


def _share_sentence(row: ShareRow) -> str:
    return _("%(title)s: %(share)s; the norm is %(norm)s.") % {
        "title": row.figure.title,
        "share": share_text(row.share),
        "norm": row.figure.norm_text,
    }


# --- changes ---


def _changes(overview: Overview) -> Iterator[str]:
    """What rose or fell, the least likely first."""
    compared = list(_comparisons(overview))
    if not compared:
        return
    limit = CHANCE / (2 * len(compared))
    found: list[tuple[float, str]] = []
    for one in compared:
        if one.rises < limit and one.is_now.low >= FEW:
            found.append((one.rises, _("More %(what)s than in %(before)s.") % _values(one, overview)))
        elif one.falls < limit:
            found.append((one.falls, _("Fewer %(what)s than in %(before)s.") % _values(one, overview)))
    yield from (sentence for _chance, sentence in sorted(found))


def _values(one: Compared, overview: Overview) -> dict[str, Any]:
    """The words of a comparison, with both numbers so that everyone can see it."""
    single, several = {
        PeriodKind.MONTH: (_("the month before"), _("the %(count)s months before")),
        PeriodKind.QUARTER: (_("the quarter before"), _("the %(count)s quarters before")),
        PeriodKind.YEAR: (_("the year before"), ""),
    }[overview.period.kind]
    spans = several % {"count": one.spans} if one.spans > 1 else single
    numbers = _("%(before)s (%(now)s; then %(then)s in all)")
    return {
        "what": one.words,
        "before": numbers % {"before": spans, "now": told_text(one.is_now), "then": told_text(one.before)},
    }


def _comparisons(overview: Overview) -> Iterator[Compared]:
    earlier = _earlier(overview)
    if not earlier:
        return
    for code, words in (("reports", _("reports")), ("severe", _("reports of severity 3 or 4"))):
        yield from _compare(words, overview.shown.numbers.get(code), [one.numbers.get(code) for one in earlier])
    for code, pattern in (
        ("behaviour", "%(part)s"),
        ("channel", _("reports “%(part)s”")),
        ("online", _("%(part)s on social media")),
        ("target_group", _("reports of %(part)s")),
    ):
        lines = overview.shown.tables.get(code)
        for line in lines or ():
            before = [_line_of(shown.tables.get(code), line.key) for shown in earlier]
            label = label_of(code, line)
            words = pattern % {"part": label[:1].lower() + label[1:]}
            yield from _compare(words, line.told, before)


def _compare(words: str, is_now: Told | None, before: list[Told | None]) -> Iterator[Compared]:
    """Where it was told in each of the periods; without any number told on either side there is nothing to say."""
    told = [one for one in before if one is not None]
    if is_now is None or len(told) != len(before) or not (is_now.value or any(one.value for one in told)):
        return
    low, high = sum(one.low for one in told), sum(one.high for one in told)
    value = sum(round(one.drawn) for one in told)
    yield Compared(words, is_now, Told(value, low, high), len(told))


def _line_of(lines: Iterable[Any] | None, key: str) -> Told | None:
    return next((line.told for line in lines or () if line.key == key), None)


def _earlier(overview: Overview) -> list[Shown]:
    """The periods before it, in one row without a gap, at most a year's worth.

    Without those in which the portal came into use: in half of a period half as much comes in.
    """
    months = {period for period in overview.others if period.kind == PeriodKind.MONTH}
    whole = months - {min(months, key=lambda month: month.start, default=None)}
    found = []
    for step in range(1, BEFORE[overview.period.kind] + 1):
        period = overview.period.shifted(-step)
        if period not in overview.others or not set(period.months) <= whole:
            break
        found.append(overview.others[period].shown)
    return found
