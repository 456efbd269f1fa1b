"""Does it help? What came after reactions, how soon the desk answers, what is to be learned, and where it happens.

Only what was told, and only what it carries: nothing here says that one thing was the cause of another.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from incidents.overview.breakdowns import NO_LOCATION
from incidents.overview.figures import FIGURES
from incidents.overview.reading import Overview, ShareRow, label_of
from incidents.overview.shown import REST, Line
from incidents.overview.told import FEW
from incidents.overview.wording import percent_text, share_text, told_text
from incidents.vocabulary import PeriodKind

EARLIER = 4  # periods before this one of which a median is told beside it


@dataclass(frozen=True)
class Passage:
    """Sentences under a heading; `note` is how to read them."""

    title: str
    sentences: tuple[str, ...]
    note: str = ""


def helps(overview: Overview) -> list[Passage]:
    """In the language that is active."""
    return [_after(overview), _contact(overview), _lessons(overview), _where_and_when(overview)]


def _after(overview: Overview) -> Passage:
    sentences = [_share(overview.share("no_repeat")), _share(overview.share("helped"))]
    if overview.period.kind == PeriodKind.YEAR:
        sentences.append(_said(FIGURES["repeat_persons"].title, told_text(overview.number("repeat_persons").told)))
    note = _("This does not show that a measure was the cause: a person may also stay away, or do it unreported.")
    return Passage(_("After a reaction"), tuple(sentences), note)


def _said(title: object, text: str) -> str:
    return _("%(title)s: %(text)s.") % {"title": title, "text": text}


def _share(row: ShareRow) -> str:
    """With what it was before, where both were told."""
    text = share_text(row.share)
    if row.percent is not None:
        text = f"{text} ({percent_text(row.percent)})"
    if row.share and row.before:
        text = _("%(now)s; in the period before %(before)s") % {"now": text, "before": share_text(row.before)}
    return _said(row.figure.title, text)


def _contact(overview: Overview) -> Passage:
    title = FIGURES["first_contact"].title
    hours = overview.shown.medians.get("first_contact")
    if hours is None:
        return Passage(_("First contact"), (_said(title, _("too few cases")),))
    sentences = [_said(title, str(hours))]
    earlier = _medians_before(overview)
    if len(earlier) == 1:
        sentences.append(_("In the period before: %(hours)s.") % {"hours": earlier[0]})
    elif earlier:
        words = ", ".join(str(one) for one in earlier)
        sentences.append(_("In the periods before, the oldest first: %(hours)s.") % {"hours": words})
    return Passage(_("First contact"), tuple(sentences), _("The middle one: half of the reporters waited longer."))


def _medians_before(overview: Overview) -> list[int]:
    """Without a gap, the oldest first: what lies before a period that was not told is no part of a trend."""
    found: list[int] = []
    for step in range(1, EARLIER + 1):
        fixed = overview.others.get(overview.period.shifted(-step))
        hours = fixed.shown.medians.get("first_contact") if fixed else None
        if hours is None:
            break
        found.insert(0, hours)
    return found


def _lessons(overview: Overview) -> Passage:
    rows = [overview.number(code) for code in ("lessons_new", "lessons_done", "lessons_open")]
    return Passage(_("Lessons"), tuple(_said(row.figure.title, told_text(row.told)) for row in rows))


def _where_and_when(overview: Overview) -> Passage:
    sentences = tuple(_highest(overview))
    if not sentences:
        nothing = _("Of no location, day or part of the day is it certain that it has the most reports.")
        return Passage(_("Where and when"), (nothing,))
    return Passage(_("Where and when"), sentences, _("It may also be where, or when, most people are at work."))


def _highest(overview: Overview) -> Iterator[str]:
    patterns = {
        "location": _("Of the locations that were named, “%(part)s” has the most reports: %(number)s (%(period)s)."),
        "weekday": _("Of the days of the week, %(part)s has the most reports: %(number)s (%(period)s)."),
        "day_part": _("Of the parts of the day, “%(part)s” has the most reports: %(number)s (%(period)s)."),
    }
    for code, pattern in patterns.items():
        table = overview.table(code)
        if table is None:
            continue
        fixed = overview.fixed if table.period == overview.period else overview.others[table.period]
        line = standing_out(fixed.shown.tables[code] or ())
        if line is not None:
            values = {"part": label_of(code, line), "number": told_text(line.told), "period": table.period.label}
            yield pattern % values


def standing_out(lines: Sequence[Line]) -> Line | None:
    """The line that has the most whatever the rounding hides: its least is above what any other can be at most.

    None where there is no such line, or one of them is not told.
    """
    named = [line for line in lines if line.key not in {NO_LOCATION, REST}]
    told = [line.told for line in named if line.told is not None]
    if len(told) != len(named) or not told:
        return None
    top = max(named, key=lambda line: line.told.low if line.told else 0)
    others = [line.told.high for line in named if line is not top and line.told]
    assert top.told is not None
    return top if top.told.low >= FEW and top.told.low > max(others, default=0) else None
