"""Numbers of several tables in one row, so that a page asks once for all of them."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, ExpressionWrapper, IntegerField, QuerySet, Subquery

from incidents.models import Heartbeat


class CountOf(Subquery):
    """How many rows a queryset has, as one value of another query."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


class _Beside(ExpressionWrapper):
    """A value that hangs on no table, beside an aggregate: then there is one row, also over a table without rows."""

    contains_aggregate = True


def in_one_row(values: Mapping[str, Any]) -> dict[str, Any]:
    """These expressions, which name no column of an outer query, in one query of their own."""
    return beside(Heartbeat.objects.all(), {"beats": Count("pk")}, values)


def beside(rows: QuerySet[Any], aggregates: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Aggregates of some rows, and expressions that name no column of an outer query, in one query."""
    standing = {name: _Beside(value, output_field=value.output_field) for name, value in values.items()}
    return dict(rows.aggregate(**aggregates, **standing))
