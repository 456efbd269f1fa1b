"""Rows of an overview as tables: for paper in words, for a spreadsheet with numbers to count on beside them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.overview import reading
from incidents.overview.breakdowns import BREAKDOWNS
from incidents.overview.charts import TREND_TITLES
from incidents.overview.document import Cell, Chart, ChartKind, Column, Row, Table
from incidents.overview.figures import FIGURES, Figure
from incidents.overview.periods import Period
from incidents.overview.reading import NumberRow, Overview, PartRow, ShareRow
from incidents.overview.sheet import BARS
from incidents.overview.shown import Share
from incidents.overview.told import Told
from incidents.overview.wording import euros_text, percent_text, share_text, told_text
from incidents.vocabulary import PeriodKind

BEFORE = {
    PeriodKind.MONTH: gettext_lazy("The month before"),
    PeriodKind.QUARTER: gettext_lazy("The quarter before"),
    PeriodKind.YEAR: gettext_lazy("The year before"),
}
A_YEAR_AGO = {
    PeriodKind.MONTH: gettext_lazy("The same month a year ago"),
    PeriodKind.QUARTER: gettext_lazy("The same quarter a year ago"),
}
Extras = tuple[Cell, Cell, Cell]


def numbers_table(title: Any, rows: Iterable[NumberRow], period: Period) -> Table:
    """Each figure beside the one before and the one a year ago, with its norm where one of them has a norm."""
    found = list(rows)
    has_norm = any(row.figure.norm is not None for row in found)
    norms = (Column(_("Norm"), True), Column(_("Norm met"))) if has_norm else ()
    return Table(
        str(title),
        (Column(_("Figure")), Column(period.label, True), *_earlier_columns(period), *norms, *_extra_columns()),
        tuple(
            Row(
                (
                    Cell(str(row.figure.title)),
                    told_cell(row.told),
                    *_earlier(told_cell, row, period),
                    *((Cell(str(row.figure.norm_text)), Cell(met_text(row))) if has_norm else ()),
                    *_extras(row.told),
                )
            )
            for row in found
        ),
    )


def shares_table(title: Any, rows: Iterable[ShareRow], period: Period) -> Table:
    """How many of those that had to, with the norm where one of them has a norm."""
    found = list(rows)
    has_norm = any(row.figure.norm_text for row in found)
    norms = (Column(_("Norm")), Column(_("Norm met"))) if has_norm else ()
    columns = (Column(_("Figure")), Column(period.label, True), Column(_("Per cent"), True), *norms)
    return Table(
        str(title),
        (*columns, *_earlier_columns(period), *_share_extra_columns()),
        tuple(
            Row(
                (
                    Cell(str(row.figure.title)),
                    Cell(share_text(row.share)),
                    Cell(percent_text(row.percent), row.percent),
                    *((Cell(str(row.figure.norm_text)), Cell(met_text(row))) if has_norm else ()),
                    *_earlier(_share_cell, row, period),
                    *_share_extras(row.share),
                )
            )
            for row in found
        ),
    )


def trend_table(overview: Overview, drawing: Any = None) -> Table:
    """Reports by period, the oldest first. What is drawn of few is the middle of what it may be, of nothing nothing."""
    rows = tuple(
        Row((Cell(period.label), told_cell(told), *_extras(told), _drawn(told))) for period, told in overview.trend
    )
    columns = (Column(_("Period")), Column(str(FIGURES["reports"].title), True), *_extra_columns())
    chart = Chart(ChartKind.LINE, len(columns), len(rows), _line_text(overview), drawing)
    columns = (*columns, Column(_("As drawn"), True, True))
    return Table(str(TREND_TITLES[overview.period.kind]), columns, rows, chart)


def _line_text(overview: Overview) -> str:
    return _("Line of the number of reports. First: %(first)s. Last: %(last)s.") % {
        "first": _point_text(overview.trend[0]),
        "last": _point_text(overview.trend[-1]),
    }


def _point_text(point: tuple[Period, Told | None]) -> str:
    return f"{point[0].label} {told_text(point[1])}"


def breakdown_table(table: reading.Table, drawing: Any = None) -> Table:
    """Every line of the fixed grid; where it has bars the longest first.

    The period stands in the title: it may be longer than that of the overview.
    """
    is_units = table.breakdown.code.startswith("department")
    columns = [Column(_("Part")), Column(_("How many"), True), Column(_("Per cent"), True)]
    columns += [Column(str(BEFORE[table.period.kind]), True)]
    columns += [Column(_("People"), True)] if is_units else []
    lines, chart = list(table.rows), None
    if table.breakdown.code in BARS and table.told_rows:
        lines = [*table.told_rows, *(row for row in lines if row not in table.told_rows)]
        chart = Chart(ChartKind.BARS, 1, len(table.told_rows), _bars_text(table), drawing)
    rows = tuple(_part_row(row, is_units) for row in lines)
    return Table(f"{table.breakdown.title}, {table.period.label}", (*columns, *_extra_columns()), rows, chart)


def _part_row(row: PartRow, is_units: bool) -> Row:
    told = told_cell(row.told)
    if row.told is None and row.counts_with:
        told = Cell(_("counts with %(name)s") % {"name": row.counts_with})
    people = (Cell(number_format(row.people) if row.people else "", row.people or None),) if is_units else ()
    return Row(
        (
            Cell("› " * row.level + row.label),
            told,
            Cell(percent_text(row.percent), row.percent),
            told_cell(row.before) if row.told is not None else Cell(""),
            *people,
            *_extras(row.told),
        ),
        is_few=not is_units and row.told is not None and not row.told.value,
    )


def _bars_text(table: reading.Table) -> str:
    parts = [f"{row.label} {told_text(row.told)}" for row in table.told_rows]
    return _("Bars: %(parts)s.") % {"parts": ", ".join(parts)}


def definitions_table(title: str) -> Table:
    """What each figure and breakdown is, with its norm and where that comes from."""
    columns = (Column(_("Figure")), Column(_("Definition")), Column(_("Norm")), Column(_("Source")))
    figures = [(one.title, one.definition, one.norm_text, one.source) for one in FIGURES.values()]
    parts = [(one.title, one.definition, "", "OWN") for one in BREAKDOWNS.values()]
    return Table(title, columns, words_rows([*figures, *parts]))


def words_rows(rows: Iterable[Sequence[Any]]) -> tuple[Row, ...]:
    return tuple(Row(tuple(Cell(str(text)) for text in row)) for row in rows)


def time_and_money_table(overview: Overview) -> Table:
    columns = (Column(_("Figure")), Column(overview.period.label, True))
    medians = [_amount_row(one, number, _plain(number)) for one, number in overview.medians]
    sums = [_amount_row(one, euros, euros_text(euros)) for one, euros in overview.sums]
    return Table(_("Time and money"), columns, (*medians, *sums))


def _amount_row(figure: Figure, number: int | None, text: str) -> Row:
    return Row((Cell(str(figure.title)), Cell(text, number)))


def _plain(number: int | None) -> str:
    return _("not shown") if number is None else number_format(number, force_grouping=True)


def corrections_table(overview: Overview) -> Table:
    """What would be counted otherwise now. What was fixed stands as it was."""
    columns = (Column(_("Figure")), Column(_("Period")), Column(_("As it would be told now"), True))
    rows = tuple(
        Row(
            (
                Cell(str(one.figure.title)),
                Cell(one.month.label),
                told_cell(one.told),
                Cell("; ".join(str(reason) for reason in one.reasons)),
                Cell(date_format(localtime(one.found_at), "j F Y")),
                *_extras(one.told),
            )
        )
        for one in overview.corrections
    )
    more = (Column(_("Reason")), Column(_("Found on")), *_extra_columns())
    return Table(_("Corrected since it was fixed"), (*columns, *more), rows)


# --- cells ---


def told_cell(told: Told | None) -> Cell:
    return Cell(told_text(told), told.value if told else None)


def _share_cell(share: Share | None) -> Cell:
    return Cell(share_text(share))


def met_text(row: NumberRow | ShareRow) -> str:
    return met_words(row.figure, row.is_met)


def met_words(figure: Figure, is_met: bool | None) -> str:
    """Whether a norm is met, in words; nothing without a norm."""
    if figure.norm is None:
        return ""
    return {True: _("yes"), False: _("no"), None: _("cannot be told")}[is_met]


def earlier_titles(period: Period) -> list[str]:
    """With what it is compared: of a year the one before is the one a year ago."""
    titles = [BEFORE[period.kind], *([A_YEAR_AGO[period.kind]] if period.kind in A_YEAR_AGO else [])]
    return [str(title) for title in titles]


def _earlier_columns(period: Period) -> list[Column]:
    return [Column(title, True) for title in earlier_titles(period)]


def _earlier(cell: Callable[[Any], Cell], row: NumberRow | ShareRow, period: Period) -> list[Cell]:
    return [cell(one) for one in (row.before, row.a_year_ago)[: len(_earlier_columns(period))]]


def _extra_columns() -> tuple[Column, ...]:
    return (
        Column(_("How the number is told"), is_extra=True),
        Column(_("At least"), True, True),
        Column(_("At most"), True, True),
    )


def _extras(told: Told | None) -> Extras:
    if told is None:
        return Cell(""), Cell(""), Cell("")
    return Cell(how_text(told)), _bound(told.low), _bound(told.high)


def _share_extra_columns() -> list[Column]:
    bounds = (_("Met: at least"), _("Met: at most"), _("Of: at least"), _("Of: at most"))
    return [
        *(Column(text, True, True) for text in (_("Met"), _("Of"))),
        Column(_("How the number is told"), is_extra=True),
        *(Column(text, True, True) for text in bounds),
    ]


def _share_extras(share: Share | None) -> list[Cell]:
    if share is None:
        return [Cell("")] * 7
    met, of = share
    bounds = [_bound(number) for told in share for number in (told.low, told.high)]
    return [told_cell(met), told_cell(of), Cell(how_text(met if not met.is_exact else of)), *bounds]


def how_text(told: Told) -> str:
    if told.is_exact:
        return _("exact")
    return told_text(told) if told.is_few else _("rounded")


def _bound(number: int) -> Cell:
    return Cell(str(number), number)


def _drawn(told: Told | None) -> Cell:
    return Cell("") if told is None else Cell(f"{told.drawn:g}", told.drawn)
