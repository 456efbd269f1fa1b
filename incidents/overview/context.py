"""What stands around the numbers of a period: national figures, the reporting gap, other organisations, and what helps.

One structure for the page, paper and files; nothing here knows more than the texts of releases and the settings.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from incidents.models import OverviewPlan
from incidents.overview.gap import Gap, gap_of
from incidents.overview.helping import Passage, helps
from incidents.overview.national import Beside, national_beside
from incidents.overview.peers import Peers
from incidents.overview.reading import Overview
from incidents.vocabulary import PeriodKind


@dataclass(frozen=True)
class Context:
    """`is_longer`: of a quarter or a year; a month has too few reports to be compared with anything outside."""

    is_longer: bool
    is_year: bool
    besides: Sequence[Beside]
    gap: Gap | None
    peers: Peers | None
    helps: Sequence[Passage]


def context_of(overview: Overview, plan: OverviewPlan, peers: Peers | None) -> Context:
    """In the language that is active. `peers` of incidents.overview.peers, which asks the database."""
    kind = overview.period.kind
    return Context(
        is_longer=kind != PeriodKind.MONTH,
        is_year=kind == PeriodKind.YEAR,
        besides=national_beside(overview, plan),
        gap=gap_of(overview, plan),
        peers=peers,
        helps=helps(overview),
    )
