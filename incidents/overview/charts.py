"""A line of periods and bars of parts, as coordinates. Templates draw them as SVG; nothing is counted here.

What is told as "about 15" is drawn at 15, with a mark over all that it may be; what is not told leaves a gap.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from incidents.overview.periods import Period
from incidents.overview.reading import Table
from incidents.overview.told import Told
from incidents.overview.wording import percent_text, told_text
from incidents.vocabulary import PeriodKind

WIDTH, HEIGHT = 640, 216
LEFT, RIGHT, TOP, BOTTOM = 40, 20, 24, 46
FIRST = LEFT + 18  # of the first dot, clear of the scale
OVER, UNDER = 10, 18  # from a dot to its number
TOPS = (1, 2, 3, 4, 6, 8)  # a scale ends at one of these, times a power of ten

BARS_WIDTH = 340
BAR_STEP, BAR_HEIGHT, BAR_DOWN = 46, 20, 20  # from bar to bar; of a bar; from its label to it
LETTER = 7.2  # at most so wide is a letter of a number
PADDING = 8
LONGEST_LABEL = 44  # letters; the whole name stands in the table
TREND_TITLES = {
    PeriodKind.MONTH: _("Reports in 13 months"),
    PeriodKind.QUARTER: _("Reports in 9 quarters"),
    PeriodKind.YEAR: _("Reports in 5 years"),
}


@dataclass(frozen=True)
class Dot:
    """One period on the line. `y` is None where nothing is told; `high` and `low` are the ends of what it may be."""

    period: Period
    told: Told | None
    x: float
    y: float | None = None
    high: float | None = None
    low: float | None = None
    has_year: bool = False
    is_valley: bool = False  # both beside it are higher: its number stands under it, out of the way of the line

    @property
    def is_range(self) -> bool:
        return self.told is not None and not self.told.is_exact

    @property
    def is_few(self) -> bool:
        return self.told is not None and self.told.is_few

    @property
    def text(self) -> str:
        """Over the dot: "17", "±15" for about 15, "<5" for fewer than 5."""
        if self.told is None:
            return ""
        if self.told.value is None:
            return f"<{self.told.high + 1}"
        number = number_format(self.told.value, force_grouping=True)
        return number if self.told.is_exact else f"±{number}"

    @property
    def text_y(self) -> float:
        """Just over the dot and over all that it may be, or just under it."""
        over, under = self.high or 0, self.low or 0
        return round(under + UNDER if self.is_valley and under + UNDER < HEIGHT - BOTTOM else over - OVER, 1)


@dataclass(frozen=True)
class LineChart:
    """In a field of WIDTH x HEIGHT: dots, the pieces of line between those that are told, and the scale."""

    dots: tuple[Dot, ...]
    pieces: tuple[str, ...]
    scale: tuple[tuple[int, float], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT

    @property
    def is_empty(self) -> bool:
        return all(dot.y is None for dot in self.dots)

    @property
    def has_ranges(self) -> bool:
        return any(dot.is_range for dot in self.dots)


def line_chart(points: Sequence[tuple[Period, Told | None]]) -> LineChart:
    """A chart of the points, the oldest first. No line is drawn through what is not told."""
    top = _top_of_scale(max((max(told.high, round(told.drawn)) for _period, told in points if told), default=0))
    step = (WIDTH - FIRST - RIGHT) / max(1, len(points) - 1)
    dots = [
        _dot(period, told, round(FIRST + index * step, 1), top, is_first=not index)
        for index, (period, told) in enumerate(points)
    ]
    valleys = {
        index for index, three in enumerate(zip(dots, dots[1:], dots[2:], strict=False), 1) if _is_valley(*three)
    }
    dots = [replace(dot, is_valley=index in valleys) for index, dot in enumerate(dots)]
    scale = tuple((mark, _height(mark, top)) for mark in sorted({0, top // 2, top}))
    return LineChart(tuple(dots), tuple(_pieces(dots)), scale)


def _dot(period: Period, told: Told | None, x: float, top: int, *, is_first: bool) -> Dot:
    """The year stands under the first one, and under each first of a year."""
    has_year = period.kind != PeriodKind.YEAR and (is_first or period.number == 1)
    if told is None:
        return Dot(period, None, x, has_year=has_year)
    y, high, low = (_height(number, top) for number in (told.drawn, told.high, told.low))
    return Dot(period, told, x, y, high, low, has_year)


def _is_valley(before: Dot, dot: Dot, after: Dot) -> bool:
    """Further down in the field is a larger y."""
    return None not in (before.y, dot.y, after.y) and (dot.y or 0) > max(before.y or 0, after.y or 0)


def _pieces(dots: Sequence[Dot]) -> list[str]:
    pieces: list[list[str]] = [[]]
    for dot in dots:
        if dot.y is None:
            pieces.append([])
        else:
            pieces[-1].append(f"{dot.x},{dot.y}")
    return [" ".join(piece) for piece in pieces if len(piece) > 1]


def _height(number: float, top: int) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * number / top, 1)


def _top_of_scale(highest: int) -> int:
    """A round number that is not lower, and 10 at least."""
    power = 10
    while True:
        for first in TOPS:
            if highest <= first * power:
                return first * power
        power *= 10


@dataclass(frozen=True)
class Bar:
    """One part. `text` is the number in words and the per cent; inside the bar where it fits, else after it."""

    label: str
    text: str
    y: int
    length: float

    @property
    def is_inside(self) -> bool:
        return len(self.text) * LETTER + 2 * PADDING <= self.length

    @property
    def text_x(self) -> float:
        return PADDING if self.is_inside else round(self.length + PADDING, 1)

    @property
    def bar_y(self) -> int:
        return self.y + BAR_DOWN - 14

    @property
    def text_y(self) -> int:
        return self.bar_y + 15


@dataclass(frozen=True)
class BarChart:
    """Bars under each other, the longest first, in a field of BARS_WIDTH wide."""

    bars: tuple[Bar, ...]
    width: int = BARS_WIDTH
    bar_height: int = BAR_HEIGHT

    @property
    def height(self) -> int:
        return len(self.bars) * BAR_STEP


def bar_chart(table: Table) -> BarChart:
    """The parts of which there is a number, each as long as its number is to the highest one."""
    bars = []
    for index, row in enumerate(table.told_rows):
        words = [told_text(row.told), percent_text(row.percent)]
        length = BARS_WIDTH * (row.told.value or 0) / table.highest if row.told else 0
        label = in_short(row.label)
        bars.append(Bar(label, " · ".join(filter(None, words)), 14 + index * BAR_STEP, round(length, 1)))
    return BarChart(tuple(bars))


def in_short(label: str, longest: int = LONGEST_LABEL) -> str:
    """As much of a name as fits over a bar, on one line, and nothing that may not stand in an XML file."""
    plain = "".join(sign if unicodedata.category(sign) not in {"Cc", "Cs", "Cn"} else " " for sign in label)
    return plain if len(plain) <= longest else plain[: longest - 1].rstrip() + "…"


@dataclass(frozen=True)
class Drawn:
    """A table with its bars."""

    table: Table
    chart: BarChart

    @property
    def few_below(self) -> int:
        """Below which number the parts are that are not drawn."""
        return max((row.told.high + 1 for row in self.table.few_rows if row.told), default=0)

    @property
    def has_percents(self) -> bool:
        return any(row.percent is not None for row in self.table.rows)

    @property
    def before(self) -> Period:
        """With which period its numbers are compared."""
        return self.table.period.shifted(-1)


def drawn(table: Table) -> Drawn:
    return Drawn(table, bar_chart(table))
