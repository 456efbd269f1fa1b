"""What there was to count in one month of one organisation. Nothing else counts; figures.py says what is what.

A set number of queries, each over the rows of this organisation and this month (counted_work.py, counted_norms.py,
counted_help.py, and the reports here).
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from guidance.vocabulary import Channel, Severity
from incidents.models import Incident
from incidents.overview.breakdowns import NO_LOCATION
from incidents.overview.counted_help import answers, first_contacts, lead_times, reactions_that_held
from incidents.overview.counted_norms import norm_shares
from incidents.overview.counted_work import prevention, stocks, sums, work
from incidents.overview.counts import Counts, Table
from incidents.overview.periods import Period
from incidents.overview.scope import Scope
from incidents.vocabulary import DayPart, ReportKind
from vpdportal.accounts.models import Organisation

PARTS = list(DayPart)
HOURS_IN_PART = 24 // len(PARTS)
Row = tuple[Any, ...]


class Columns(NamedTuple):
    """Of a report what is counted, in the order of the query."""

    kind: str = "kind"
    severity: str = "severity"
    behaviour: str = "main_behaviour"
    channel: str = "channel"
    target_group: str = "target_group"
    department: str = "department"
    location: str = "location"
    occurred_at: str = "occurred_at"


def count_month(
    organisation: Organisation, month: Period, *, without: Iterable[UUID] = (), until: datetime | None = None
) -> Counts:
    """Everything of a month, exactly. `without`: ids of cases that are left out; `until`: now, where it still runs.

    Raises ValueError for a period that is no month: longer ones are the sum of theirs.
    """
    if len(month.months) > 1:
        raise ValueError(month.code)
    scope = Scope(organisation, month, frozenset(without), until)
    reports, near_misses = _reports(scope)
    severe = [row for row in reports if row.severity >= Severity.THREATENING]
    return Counts(
        numbers={"reports": len(reports), "near_misses": near_misses, "severe": len(severe), **work(scope)},
        stocks=stocks(scope),
        shares={**norm_shares(scope), "helped": answers(scope), "no_repeat": reactions_that_held(scope)},
        tables={**_tables(reports, severe), "prevention": prevention(scope)},
        spreads={"lead_time": lead_times(scope), "first_contact": first_contacts(scope)},
        sums=sums(scope),
    )


def _reports(scope: Scope) -> tuple[list[Any], int]:
    """The reports of incidents, and how many near misses came in."""
    came_in = scope.rows(Incident.objects.counted(), "pk").filter(scope.during("reported_at"))
    rows = [Columns(*row) for row in came_in.order_by().values_list(*Columns())]
    reports = [row for row in rows if row.kind == ReportKind.INCIDENT]
    return reports, len(rows) - len(reports)


def _tables(reports: list[Any], severe: list[Any]) -> dict[str, Table]:
    """The reports by every breakdown: category → how many."""
    zone = timezone.get_current_timezone()
    local = [timezone.localtime(row.occurred_at, zone) for row in reports]
    return {
        "severity": _table(row.severity for row in reports),
        "behaviour": _table(row.behaviour for row in reports),
        "channel": _table(row.channel for row in reports),
        "target_group": _table(row.target_group for row in reports),
        "online": _table(row.behaviour for row in reports if row.channel == Channel.SOCIAL_MEDIA),
        "department": _table(row.department for row in reports),
        "department_severe": _table(row.department for row in severe),
        "location": _table(row.location or NO_LOCATION for row in reports),
        "weekday": _table(moment.isoweekday() for moment in local),
        "day_part": _table(PARTS[moment.hour // HOURS_IN_PART].value for moment in local),
    }


def _table(values: Iterable[Any]) -> Table:
    return dict(Counter(map(str, values)))
