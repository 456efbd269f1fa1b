"""An overview as a document: one A4 that can be read alone, then everything, each figure with its definition."""

from collections.abc import Sequence

from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from incidents.overview import reading
from incidents.overview.charts import bar_chart, line_chart
from incidents.overview.document import Document, Section, Table, Tile
from incidents.overview.document_tables import (
    A_YEAR_AGO,
    BEFORE,
    breakdown_table,
    corrections_table,
    definitions_table,
    earlier_titles,
    met_words,
    numbers_table,
    shares_table,
    time_and_money_table,
    trend_table,
)
from incidents.overview.periods import Period
from incidents.overview.reading import NumberRow, Overview, ShareRow
from incidents.overview.sheet import BARS, Card, beginning, cards, norms, not_told
from incidents.overview.wording import told_text
from incidents.vocabulary import PeriodKind

PAGE_ONE = ("reports", "severe", "near_misses", "overdue_tasks", "running", "ending", "talks_held")
MARK = 12  # digits of the digest that stand on paper: enough to lay them beside the audit trail


def document_of(overview: Overview, remarks: Sequence[str]) -> Document:
    """For paper and spreadsheets, in the language that is active. `remarks` are sentences on what stands out."""
    sections = [
        _summary(overview, remarks),
        Section(_("Norms"), tables=(shares_table(_("Norms"), norms(overview), overview.period),), is_page_one=True),
        *detail_sections(overview),
        Section(_("Definitions"), tables=(definitions_table(_("Definitions")),)),
    ]
    return Document(
        title=_("Overview of %(period)s") % {"period": overview.period.label},
        subtitle=overview.organisation.name,
        language=get_language() or "nl",
        mark=mark_of(overview),
        made_at=overview.fixed.made_at,
        warning=warning_of(overview),
        notes=tuple(notes_of(overview)),
        sections=tuple(sections),
    )


def _summary(overview: Overview, remarks: Sequence[str]) -> Section:
    lessons = [_lesson(row.label, told_text(row.told)) for row in overview.lessons]
    return Section(
        _("In short"),
        paragraphs=(number_sentence(overview.number("near_misses"), overview.period.kind),),
        tiles=tuple(_tile(card, overview.period) for card in cards(overview)),
        tables=(numbers_table(_("In short"), map(overview.number, PAGE_ONE), overview.period),),
        parts=(
            bullets_or(_("What stands out"), remarks, _("Nothing that the numbers carry.")),
            bullets_or(_("Prevention that was carried out most"), lessons, _("Too few to tell.")),
        ),
        is_page_one=True,
    )


def _tile(card: Card, period: Period) -> Tile:
    """A figure with the ones before it; a norm says in words whether it is met."""
    earlier = zip(earlier_titles(period), (card.before, card.a_year_ago), strict=False)
    notes = [f"{title}: {text}" for title, text in earlier if text]
    if card.figure.norm_text:
        met = met_words(card.figure, card.is_met)
        notes.append(_("Norm: %(norm)s. Met: %(met)s") % {"norm": card.figure.norm_text, "met": met})
    if card.now:
        notes.append(_("Counted now: %(number)s") % {"number": card.now})
    return Tile(str(card.figure.title), card.text, tuple(filter(None, (card.note, *notes))))


def number_sentence(row: NumberRow, kind: PeriodKind) -> str:
    """A figure as a sentence, beside the ones before where they were told."""
    parts = [f"{row.figure.title}: {told_text(row.told)}"]
    if row.before:
        parts.append(f"{str(BEFORE[kind]).lower()}: {told_text(row.before)}")
    if row.a_year_ago and kind in A_YEAR_AGO:
        parts.append(f"{str(A_YEAR_AGO[kind]).lower()}: {told_text(row.a_year_ago)}")
    return "; ".join(parts) + "."


def bullets_or(title: str, bullets: Sequence[str], else_said: str) -> Section:
    """A part with bullets, else with a sentence that there are none."""
    return Section(title, bullets=tuple(bullets)) if bullets else Section(title, (else_said,))


def _lesson(label: str, number: str) -> str:
    return _("%(measure)s (%(number)s)") % {"measure": label, "number": number}


def detail_sections(overview: Overview) -> list[Section]:
    """All that was told, table by table."""
    found = [trend_section(overview), work_section(overview)]
    found += [_breakdown_section(table) for table in overview.tables]
    if overview.corrections:
        text = _("What was fixed stays as it was. Counted now, these would be different.")
        found.append(Section(_("Corrected since"), paragraphs=(text,), tables=(corrections_table(overview),)))
    return found


def _breakdown_section(table: reading.Table) -> Section:
    drawn = drawn_table(table)
    return Section(drawn.title, tables=(drawn,), sheet=str(table.breakdown.title))


def trend_section(overview: Overview) -> Section:
    drawing = line_chart(overview.trend)
    trend = trend_table(overview, None if drawing.is_empty else drawing)
    headlines = numbers_table(_("Reports"), overview.headlines, overview.period)
    return Section(_("Reports over time"), tuple(year_sentences(overview)), tables=(headlines, trend))


def work_section(overview: Overview) -> Section:
    period = overview.period
    work = numbers_table(_("What was done"), overview.work, period)
    stocks = numbers_table(_("How it stood at the end"), overview.stocks, period)
    others = shares_table(_("Shares without a norm"), without_norm(overview), period)
    return Section(_("Work and restrictions"), tables=(work, stocks, others, time_and_money_table(overview)))


def without_norm(overview: Overview) -> list[ShareRow]:
    return [row for row in overview.shares if row not in norms(overview)]


def drawn_table(table: reading.Table) -> Table:
    """A breakdown, with its bars where it has them."""
    has_bars = table.breakdown.code in BARS and table.told_rows
    return breakdown_table(table, bar_chart(table) if has_bars else None)


def year_sentences(overview: Overview) -> list[str]:
    """The year so far, and reports for each hundred people; nothing where it cannot be told."""
    found = []
    if overview.year_to_date:
        found.append(
            _("Reports since the first of January of %(year)s: %(number)s.")
            % {"year": overview.period.year, "number": told_text(overview.year_to_date)}
        )
    if overview.year_to_date_before:
        found.append(
            _("In the same months of %(year)s: %(number)s.")
            % {"year": overview.period.year - 1, "number": told_text(overview.year_to_date_before)}
        )
    if overview.rate is not None:
        rate = number_format(overview.rate, decimal_pos=1)
        found.append(_("Reports for each 100 people in this period: %(rate)s.") % {"rate": rate})
    return found


def notes_of(overview: Overview) -> list[str]:
    """How to read the numbers, and what is not there."""
    found = [*filter(None, [beginning(overview)]), _("A report counts in the month in which it came in.")]
    if overview.is_running:
        found.append(_("This month is still running: the numbers change until it ends."))
    if overview.has_lost_exact:
        found.append(_("The exact figures of this period were destroyed, because their term had ended."))
    if not overview.is_exact_view:
        found.append(
            _(
                "Parts are rounded to %(base)s, and “fewer than %(base)s” may also be none: a small number could point "
                "at a person."
            )
            % {"base": overview.shown.base}
        )
        missing = [str(one.title) for one in not_told(overview)]
        if missing:
            found.append(
                _("Not shown, because there are too few reports or the period is too short: %(titles)s.")
                % {"titles": ", ".join(missing)}
            )
    return found


def mark_of(overview: Overview) -> str:
    made_at = overview.fixed.made_at
    if made_at is None:
        return _("Not fixed yet")
    return _("Fixed on %(day)s, mark %(mark)s") % {
        "day": date_format(localtime(made_at), "j F Y"),
        "mark": overview.fixed.digest[:MARK],
    }


def warning_of(overview: Overview) -> str:
    return _("Exact figures, not to pass on") if overview.is_exact_view else ""
