"""National figures as they were published (handbook 4.3, national.toml), beside an organisation's own.

A figure stands there only where there is one of its own that it can stand beside, with why it does or does not compare.
A survey counts people, so it stands beside a survey, and never beside the number of reports.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guidance.menu import Source, Text
from guidance.menu_pieces import read_source, read_text
from guidance.vocabulary import Behaviour, Channel
from incidents.models import OverviewPlan
from incidents.overview.disclosure import WIDE
from incidents.overview.reading import Overview
from incidents.overview.wording import percent_of, percent_text, share_text, told_text
from incidents.vocabulary import PeriodKind

FILE = Path(__file__).with_name("national.toml")
GROUPS = {
    "civil_servants": gettext_lazy("Civil servants"),
    "office_holders": gettext_lazy("Office holders"),
    "municipality": gettext_lazy("One municipality"),
}


@dataclass(frozen=True)
class Published:
    """Of one year (0: not known). Two values where sources differ."""

    year: int
    values: tuple[int, ...]


@dataclass(frozen=True)
class National:
    """`beside` names what of one's own stands beside it; `is_percent`, else a number; `is_about`: said as about."""

    code: str
    beside: str
    group: str
    said: tuple[Published, ...]
    sources: tuple[Source, ...]
    title: Text
    asked: Text
    compares: Text
    is_percent: bool
    is_about: bool = False

    @property
    def group_label(self) -> Any:
        return GROUPS[self.group]

    @property
    def newest(self) -> Published:
        return self.said[-1]

    @property
    def said_text(self) -> str:
        """ "3% (2014), 16% (2020)"."""
        return ", ".join(self._words(one) for one in self.said)

    def _words(self, one: Published) -> str:
        values = [percent_text(value) if self.is_percent else number_format(value) for value in one.values]
        words = _("%(one)s or %(other)s") % {"one": values[0], "other": values[1]} if values[1:] else values[0]
        if self.is_about:
            words = _("about %(number)s") % {"number": words}
        return f"{words} ({one.year})" if one.year else words


@dataclass(frozen=True)
class Beside:
    """A national figure, and what stands beside it of one's own, in words."""

    national: National
    own: str


@cache
def national_figures() -> Mapping[str, National]:
    """By code, in the order in which they are shown. Raises KeyError and ValueError for what cannot be."""
    return {raw["code"]: _figure(raw) for raw in _file()["figure"]}


@cache
def source_of(key: str) -> Source:
    """A source of the figures by its key in the handbook. Raises KeyError."""
    return read_source(_file()["source"][key], key)


@cache
def _file() -> Mapping[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def _figure(raw: Mapping[str, Any]) -> National:
    return National(
        code=raw["code"],
        beside=raw["beside"],
        group=raw["group"],
        said=tuple(Published(one["year"], tuple(one["values"])) for one in raw["said"]),
        sources=tuple(map(source_of, raw["sources"])),
        title=read_text(raw["title"]),
        asked=read_text(raw["asked"]),
        compares=read_text(raw["compares"]),
        is_percent=raw["unit"] == "percent",
        is_about=raw.get("is_about", False),
    )


def national_beside(overview: Overview, plan: OverviewPlan) -> list[Beside]:
    """Those that have something of one's own beside them; in quarters and years, because a month has too few."""
    if overview.period.kind == PeriodKind.MONTH:
        return []
    owns = {figure: OWN[figure.beside](overview, plan) for figure in national_figures().values()}
    return [Beside(figure, own) for figure, own in owns.items() if own]


def is_whole_year(overview: Overview) -> bool:
    """A year of which every month was kept: in the year in which the portal came into use too little came in."""
    return overview.period.kind == PeriodKind.YEAR and set(overview.period.months) <= set(overview.others)


# --- one's own, in words; empty where there is nothing to compare ---


def _survey(_overview: Overview, plan: OverviewPlan) -> str:
    if plan.survey_year is None or plan.survey_percent is None:
        return ""
    values = {"percent": percent_text(plan.survey_percent), "year": plan.survey_year}
    return _("%(percent)s in your own survey of %(year)s") % values


def _line(breakdown: str, key: str) -> Callable[[Overview, OverviewPlan], str]:
    """Of a line of a breakdown: which part it is of all reports, on a wide enough base."""

    def own(overview: Overview, _plan: OverviewPlan) -> str:
        whole = overview.shown.numbers.get("reports")
        lines = overview.shown.tables.get(breakdown) or ()
        told = next((line.told for line in lines if line.key == key), None)
        if told is None or whole is None or whole.low < WIDE:
            return ""
        percent = percent_of(told, whole)
        if percent is None:
            return _("%(part)s of %(whole)s reports") % {"part": told_text(told), "whole": told_text(whole)}
        return _("%(percent)s of the reports") % {"percent": percent_text(percent)}

    return own


def _aangifte(overview: Overview, _plan: OverviewPlan) -> str:
    share = overview.shown.shares.get("aangifte")
    if share is None or share[1].low < WIDE:
        return ""
    percent = percent_of(*share)
    cases = share_text(share)
    if percent is None:
        return _("%(cases)s suspected offences") % {"cases": cases}
    return _("%(percent)s: %(cases)s suspected offences") % {"percent": percent_text(percent), "cases": cases}


def _of_a_year(code: str) -> Callable[[Overview, OverviewPlan], str]:
    """A number of a whole year: a quarter has no year beside it."""

    def own(overview: Overview, _plan: OverviewPlan) -> str:
        told = overview.shown.numbers.get(code)
        return told_text(told) if told and is_whole_year(overview) else ""

    return own


OWN: Mapping[str, Callable[[Overview, OverviewPlan], str]] = {
    "survey": _survey,
    "social_media": _line("channel", Channel.SOCIAL_MEDIA),
    "physical": _line("behaviour", Behaviour.PHYSICAL_VIOLENCE),
    "aangifte": _aangifte,
    "reports": _of_a_year("reports"),
    "severe": _of_a_year("severe"),
}
