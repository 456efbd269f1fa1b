"""A quarter or a year as a text for board and works council, ready to be edited: figures in sentences, and questions.

What the portal cannot know it asks; each question says that it is one, and has a place for the answer.
"""

from collections.abc import Iterator, Sequence

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from incidents.overview.context import Context
from incidents.overview.document import Column, Document, Section, Table
from incidents.overview.document_tables import definitions_table, met_text, shares_table, words_rows
from incidents.overview.helping import Passage
from incidents.overview.overview_document import (
    bullets_or,
    drawn_table,
    mark_of,
    notes_of,
    number_sentence,
    trend_section,
    warning_of,
    work_section,
)
from incidents.overview.reading import Overview, ShareRow
from incidents.overview.sheet import norms
from incidents.overview.wording import share_text
from incidents.vocabulary import PeriodKind

PREVENTION = "prevention"


def report_of(overview: Overview, remarks: Sequence[str], context: Context) -> Document:
    """Of a quarter or a year, in the language that is active. `remarks` are sentences on what stands out."""
    return Document(
        title=_title(overview.period.kind),
        subtitle=f"{overview.organisation.name}, {overview.period.label}",
        language=get_language() or "nl",
        mark=mark_of(overview),
        made_at=overview.fixed.made_at,
        warning=warning_of(overview),
        sections=(
            _introduction(overview),
            _in_short(overview, remarks),
            trend_section(overview),
            _what_happened(overview),
            _help(overview),
            work_section(overview),
            _prevention(overview),
            _questions(overview),
            _context(context),
            Section(_("Annex: definitions"), tables=(definitions_table(_("Annex: definitions")),)),
        ),
    )


def _title(kind: PeriodKind) -> str:
    if kind == PeriodKind.YEAR:
        return _("Yearly report on aggression and violence")
    return _("Quarterly report on aggression and violence")


def _introduction(overview: Overview) -> Section:
    values = {"name": overview.organisation.name, "period": overview.period.label}
    return Section(
        _("Introduction"),
        paragraphs=(
            _(
                "This text tells board and works council about the aggression that employees of %(name)s met, and "
                "about what was done for them. It is about one period: %(period)s. It names no persons and no single "
                "cases."
            )
            % values,
            _(
                "The portal wrote it from the numbers that were fixed for this period, which never change. Edit it, "
                "answer the questions in it, and leave out what your reader does not need."
            ),
            *notes_of(overview),
        ),
    )


def _in_short(overview: Overview, remarks: Sequence[str]) -> Section:
    kind = overview.period.kind
    sentences = [number_sentence(row, kind) for row in overview.headlines]
    return Section(
        _("In short"),
        paragraphs=tuple(sentences),
        parts=(bullets_or(_("What stands out"), remarks, _("Nothing that the numbers carry.")),),
    )


def _what_happened(overview: Overview) -> Section:
    """All breakdowns but the one that has a chapter of its own."""
    title = _("What happened, and where")
    tables = [drawn_table(table) for table in overview.tables if table.breakdown.code != PREVENTION]
    if not tables:
        return Section(title, (_("There are too few reports to tell parts of them."),))
    return Section(title, parts=tuple(Section(table.title, tables=(table,)) for table in tables))


def _help(overview: Overview) -> Section:
    return Section(
        _("How soon help and reaction came"),
        paragraphs=tuple(_norm_sentence(row) for row in norms(overview) if row.share),
        tables=(shares_table(_("Norms"), norms(overview), overview.period),),
    )


def _norm_sentence(row: ShareRow) -> str:
    values = {
        "title": row.figure.title,
        "share": share_text(row.share),
        "norm": row.figure.norm_text,
        "met": met_text(row),
    }
    if row.figure.norm is None:
        return _("%(title)s: %(share)s.") % values
    return _("%(title)s: %(share)s. The norm is %(norm)s. Norm met: %(met)s.") % values


def _prevention(overview: Overview) -> Section:
    table = overview.table(PREVENTION)
    if table is None:
        text = _("Too few measures for prevention were carried out in this period to tell which were carried out most.")
        return Section(_("Measures for prevention that were carried out most"), paragraphs=(text,))
    names = [row.label for row in overview.lessons]
    text = _("These measures were carried out most in this period: %(names)s.") % {"names": "; ".join(names)}
    return Section(
        _("Measures for prevention that were carried out most"),
        paragraphs=(text,) if names else (),
        tables=(drawn_table(table),),
    )


def _questions(overview: Overview) -> Section:
    """Marked, so that nobody sends the text on with a question that stood open unseen."""
    mark, blank = _("Question for the board:"), _("Answer: [to be filled in]")
    return Section(
        _("Questions for the board and the works council"),
        paragraphs=(_("Each of these needs an answer before the text goes further."),),
        bullets=tuple(f"{mark} {question} {blank}" for question in _asked(overview)),
    )


def _asked(overview: Overview) -> Iterator[str]:
    for row in overview.shares:
        if row.is_met is False:
            yield _("“%(title)s” was met in %(share)s; the norm is %(norm)s. What is needed to meet it?") % {
                "title": row.figure.title,
                "share": share_text(row.share),
                "norm": row.figure.norm_text,
            }
    for number in (*overview.work, *overview.stocks):
        if number.is_met is False:
            yield _("“%(title)s” is above the norm of %(norm)s. What is needed to change that?") % {
                "title": number.figure.title,
                "norm": number.figure.norm_text,
            }
    yield _("Which measures for prevention will we take, who does that, and when is it ready?")
    yield _("Do the risk inventory (RI&E) and its plan still fit what was reported?")
    yield _("How many employees met aggression and did not report it, and how will we find out?")
    yield _("What is the advice of the works council?")


def _context(context: Context) -> Section:
    """What stands around the numbers; every part says itself whether and how it compares."""
    parts = [_national(context), _gap(context), _peers(context), *map(_passage, context.helps)]
    return Section(_("Context"), parts=tuple(part for part in parts if part))


def _national(context: Context) -> Section | None:
    if not context.besides:
        return None
    title = _("National figures")
    columns = [_("Figure"), _("Nationally"), _("Here"), _("Does it compare?"), _("Source")]
    rows = [
        (
            f"{one.national.title} ({one.national.group_label})",
            one.national.said_text,
            one.own,
            one.national.compares,
            "; ".join(str(source.title) for source in one.national.sources),
        )
        for one in context.besides
    ]
    return Section(title, tables=(Table(title, tuple(map(Column, columns)), words_rows(rows)),))


def _gap(context: Context) -> Section | None:
    return Section(_("Not everything is reported"), context.gap.sentences) if context.gap else None


def _peers(context: Context) -> Section | None:
    if context.peers is None or not context.peers.is_told:
        return None
    title = _("Beside other organisations in this portal")
    columns = (Column(_("Figure")), Column(_("Here")), Column(_("All who take part, together")))
    rows = words_rows((row.title, row.own, row.together) for row in context.peers.rows)
    return Section(title, tuple(context.peers.sentences), tables=(Table(title, columns, rows),))


def _passage(passage: Passage) -> Section:
    return Section(passage.title, tuple(filter(None, (*passage.sentences, passage.note))))
