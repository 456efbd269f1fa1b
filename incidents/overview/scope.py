"""The rows of one month of one organisation, without cases that someone may not know of."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from incidents.overview.periods import Period
from vpdportal.accounts.models import Organisation


@dataclass(frozen=True)
class Scope:
    """`without`: ids of cases that are left out of everything. `until`: the moment up to which a month has run."""

    organisation: Organisation
    month: Period
    without: frozenset[UUID] = frozenset()
    until: datetime | None = None

    @property
    def start(self) -> datetime:
        return self.month.start

    @property
    def end(self) -> datetime:
        return min(self.month.end, self.until or self.month.end)

    @property
    def last_day(self) -> date:
        """The last day of it, today where it still runs."""
        return min(self.month.last_day, timezone.localdate(self.end)) if self.until else self.month.last_day

    def rows(self, rows: Any, path: str = "incident") -> QuerySet[Any]:
        """Of these the ones of the organisation; `path` leads from a row to its case."""
        found: QuerySet[Any] = rows.filter(organisation=self.organisation)
        return found.exclude(**{f"{path}__in": self.without}) if self.without else found

    def during(self, moment: str) -> Q:
        """That a moment lies in the month."""
        return Q(**{f"{moment}__gte": self.start, f"{moment}__lt": self.end})

    def days(self, day: str) -> Q:
        """That a day lies in the month."""
        return Q(**{f"{day}__gte": self.month.first_day, f"{day}__lte": self.last_day})
