"""How much of what happens is reported: an indication, from a survey beside the reports of a year (handbook 9.1).

A survey counts people, a register counts reports; so nothing is measured here, and every sentence says so. That of what
surveys show only 5 to 10 per cent reaches the municipal register is from [S22]; the way of estimating is ours [OWN].
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from guidance.menu import Source
from incidents.models import OverviewPlan
from incidents.overview.disclosure import WIDE
from incidents.overview.national import is_whole_year, national_figures, source_of
from incidents.overview.reading import Overview
from incidents.overview.told import FEW, Told
from incidents.overview.wording import percent_text, told_text

TEN = 10
REGISTER = "S22"


@dataclass(frozen=True)
class Gap:
    """`people` who will have met aggression, in fives; `in_ten` of them reported at most, None where more reports came
    in than that. `is_indication`: by the national figure, because there is no survey of one's own.
    """

    people: int
    in_ten: int | None
    is_indication: bool
    sentences: tuple[str, ...]
    sources: tuple[Source, ...]


def gap_of(overview: Overview, plan: OverviewPlan) -> Gap | None:
    """Of a whole year whose reports were told; None where so few people would be meant that it says nothing."""
    reports = overview.shown.numbers.get("reports")
    if not is_whole_year(overview) or reports is None:
        return None
    national = national_figures()["met_by_civil_servants"]
    percent = plan.survey_percent or national.newest.values[0]
    met = overview.shown.staff * percent / 100
    if met < WIDE:
        return None
    people = round(met / FEW) * FEW
    in_ten = ceil(TEN * reports.high / met)
    gap = in_ten if in_ten < TEN else None
    said = _own_survey(overview, plan, people) if plan.survey_percent else _national(overview, people)
    return Gap(
        people=people,
        in_ten=gap,
        is_indication=not plan.survey_percent,
        sentences=(*said, *_reports(overview, reports, gap)),
        sources=(*(() if plan.survey_percent else national.sources[:1]), source_of(REGISTER)),
    )


def _own_survey(overview: Overview, plan: OverviewPlan, people: int) -> Iterator[str]:
    yield _(
        "In your own survey of %(year)s %(percent)s of the people said that they met aggression. Of the %(staff)s "
        "people in your organisation that is about %(people)s."
    ) % _values(overview, people, plan.survey_year or 0, plan.survey_percent or 0)
    if plan.survey_year != overview.period.year:
        yield _("The survey and the reports are of different years.")


def _national(overview: Overview, people: int) -> Iterator[str]:
    newest = national_figures()["met_by_civil_servants"].newest
    yield _(
        "Only an indication, because there is no survey of your own: nationally %(percent)s of civil servants said "
        "that they met aggression (%(year)s). Of the %(staff)s people in your organisation that would be about "
        "%(people)s."
    ) % _values(overview, people, newest.year, newest.values[0])


def _values(overview: Overview, people: int, year: int, percent: int) -> dict[str, str]:
    return {
        "year": str(year),
        "percent": percent_text(percent),
        "staff": number_format(overview.shown.staff, force_grouping=True),
        "people": number_format(people, force_grouping=True),
    }


def _reports(overview: Overview, reports: Told, in_ten: int | None) -> Iterator[str]:
    yield _("Reports in %(year)s: %(reports)s.") % {"year": overview.period.year, "reports": told_text(reports)}
    if in_ten is None:
        yield _("That is about as many as there are people, or more: no gap can be seen from this.")
    else:
        yield _("If each report came from another person, at most %(number)s in 10 of them reported.") % {
            "number": in_ten
        }
    yield _(
        "It is no measurement: a survey counts people, one person may report several times, and reports of one event "
        "that were joined count once."
    )
    yield _("Of the incidents that surveys show, only 5 to 10 per cent came into the municipal register (GIR).")
