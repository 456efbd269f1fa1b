"""The grid of time in which numbers are told: calendar months, quarters and years, in local time. Nothing between."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.vocabulary import PeriodKind

MONTHS_IN = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.YEAR: 12}
CODES = {
    PeriodKind.MONTH: re.compile(r"(?P<year>[1-9]\d{3})-(?P<number>0[1-9]|1[0-2])"),
    PeriodKind.QUARTER: re.compile(r"(?P<year>[1-9]\d{3})-k(?P<number>[1-4])"),
    PeriodKind.YEAR: re.compile(r"(?P<year>[1-9]\d{3})"),
}
QUARTERS = {
    1: gettext_lazy("first quarter of %(year)s"),
    2: gettext_lazy("second quarter of %(year)s"),
    3: gettext_lazy("third quarter of %(year)s"),
    4: gettext_lazy("fourth quarter of %(year)s"),
}


@dataclass(frozen=True)
class Period:
    """A calendar month, quarter or year. `number` counts from 1; of a year it is always 1."""

    kind: PeriodKind
    year: int
    number: int = 1

    @classmethod
    def parse(cls, code: str) -> "Period":
        """From `code` as it stands in an address. Raises ValueError."""
        for kind, pattern in CODES.items():
            if found := pattern.fullmatch(code):
                return cls(kind, int(found["year"]), int(found.groupdict().get("number") or 1))
        raise ValueError(code)

    @classmethod
    def month_of(cls, moment: datetime) -> "Period":
        """The local month of an aware moment."""
        local = timezone.localtime(moment)
        return cls(PeriodKind.MONTH, local.year, local.month)

    @property
    def code(self) -> str:
        """As it stands in addresses and files: "2026-11", "2026-k4", "2026"."""
        ends = {PeriodKind.MONTH: f"-{self.number:02}", PeriodKind.QUARTER: f"-k{self.number}", PeriodKind.YEAR: ""}
        return f"{self.year:04}{ends[self.kind]}"

    @property
    def label(self) -> str:
        """In the language that is active: "November 2026", "fourth quarter of 2026", "2026"."""
        if self.kind == PeriodKind.MONTH:
            return date_format(self.first_day, "F Y")
        if self.kind == PeriodKind.QUARTER:
            return str(QUARTERS[self.number]) % {"year": self.year}
        return str(self.year)

    @property
    def short_label(self) -> str:
        """For the axis of a chart: "Nov", "Q4", "2026"."""
        if self.kind == PeriodKind.MONTH:
            return date_format(self.first_day, "M")
        if self.kind == PeriodKind.QUARTER:
            return _("Q%(number)s") % {"number": self.number}
        return str(self.year)

    @property
    def first_day(self) -> date:
        return date(self.year, (self.number - 1) * MONTHS_IN[self.kind] + 1, 1)

    @property
    def last_day(self) -> date:
        return date.fromordinal(self.shifted(1).first_day.toordinal() - 1)

    @property
    def start(self) -> datetime:
        """The first moment of it."""
        return timezone.make_aware(datetime.combine(self.first_day, datetime.min.time()))

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return self.shifted(1).start

    def shifted(self, steps: int) -> "Period":
        """The one so many steps of its own kind later; earlier where `steps` is negative."""
        in_year = 12 // MONTHS_IN[self.kind]
        index = self.year * in_year + self.number - 1 + steps
        return Period(self.kind, index // in_year, index % in_year + 1)

    @property
    def a_year_ago(self) -> "Period":
        return Period(self.kind, self.year - 1, self.number)

    @property
    def months(self) -> tuple["Period", ...]:
        """The months that it is the sum of, itself where it is one."""
        first = Period(PeriodKind.MONTH, self.year, self.first_day.month)
        return tuple(first.shifted(step) for step in range(MONTHS_IN[self.kind]))

    def row(self) -> dict[str, Any]:
        """By which columns its release is found."""
        return {"kind": self.kind, "year": self.year, "number": self.number}


def ended_by(month: Period) -> list[Period]:
    """What is complete when this month is: the month, and the quarter and the year that it closes."""
    found = [month]
    if month.number % 3 == 0:
        found.append(Period(PeriodKind.QUARTER, month.year, month.number // 3))
    if month.number == 12:  # noqa: PLR2004
        found.append(Period(PeriodKind.YEAR, month.year))
    return found
