"""The first sheet of an overview: what management reads in ten minutes, chosen from all that is told."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from incidents.overview.breakdowns import BREAKDOWNS, Breakdown
from incidents.overview.figures import FIGURES, Figure
from incidents.overview.reading import Corrected, Overview, ShareRow, Table
from incidents.overview.told import Told
from incidents.overview.wording import share_text, told_text

NUMBERS = ("reports", "severe", "overdue_tasks", "running", "talks_held")
SHARE = "told_back"
BARS = ("behaviour", "channel")


@dataclass(frozen=True)
class Card:
    """One of the six figures. `now`: what it would be now, where it was corrected since."""

    figure: Figure
    text: str
    is_number: bool
    before: str
    a_year_ago: str
    note: str = ""
    is_met: bool | None = None
    now: str = ""


def cards(overview: Overview) -> list[Card]:
    """The six figures, each with the period before and the same one a year ago in words."""
    return [*(_number_card(overview, code) for code in NUMBERS), _share_card(overview.share(SHARE))]


def _number_card(overview: Overview, code: str) -> Card:
    row = overview.number(code)
    return Card(
        figure=row.figure,
        text=told_text(row.told),
        is_number=row.told is not None and row.told.is_exact,
        before=_beside(row.before),
        a_year_ago=_beside(row.a_year_ago),
        note=_note(overview, code),
        is_met=row.is_met,
        now=_now(overview, code),
    )


def _share_card(row: ShareRow) -> Card:
    before, a_year_ago = (share_text(share) if share else "" for share in (row.before, row.a_year_ago))
    text = share_text(row.share)
    return Card(row.figure, text, is_number=False, before=before, a_year_ago=a_year_ago, is_met=row.is_met)


def _beside(told: Told | None) -> str:
    return told_text(told) if told else ""


def _note(overview: Overview, code: str) -> str:
    if code != "running":
        return ""
    return _("of these ending in the month after: %(number)s") % {"number": told_text(overview.number("ending").told)}


def _now(overview: Overview, code: str) -> str:
    """Only of a month: of longer periods several months may have been corrected, which the list says."""
    mine: list[Corrected] = [one for one in overview.corrections if one.figure.code == code and one.told]
    return told_text(mine[-1].told) if len(mine) == 1 and mine[0].month == overview.period else ""


def norms(overview: Overview) -> list[ShareRow]:
    """The shares with a norm."""
    return [row for row in overview.shares if row.figure.norm_text]


def kept_a_year_ago(overview: Overview) -> tuple[int, int]:
    """Of how many of the months from January on something was kept a year ago, and how many months those are."""
    months = overview.months_a_year_ago
    return sum(month in overview.others for month in months), len(months)


def other_tables(overview: Overview) -> list[Table]:
    """Every breakdown but those that stand on the first sheet."""
    return [table for table in overview.tables if table.breakdown.code not in BARS]


def not_told(overview: Overview) -> list[Breakdown]:
    """Breakdowns of which there is no table, neither of this period nor of a longer one."""
    told = {table.breakdown.code for table in overview.tables}
    return [one for code, one in BREAKDOWNS.items() if code not in told]


def defined() -> Sequence[Figure | Breakdown]:
    """Everything that has a definition, in the order of the page."""
    return [*FIGURES.values(), *BREAKDOWNS.values()]


def beginning(overview: Overview) -> str:
    """That a quarter or year holds fewer months, as nothing was kept here before; else empty."""
    if overview.kept_from is None:
        return ""
    return _("From %(month)s on: before that month nothing was kept in this portal.") % {
        "month": overview.kept_from.label
    }
