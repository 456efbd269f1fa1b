"""A question that is written once says, filled in, to the letter what Django would write for it now."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, models
from django.db.models import Exists, OuterRef, Value
from django.db.models.sql import Query

from incidents import data_request_rows, need_to_know, querysets
from incidents.models import Incident, Task
from incidents.need_to_know import rows_of
from tests.world import Place, make_incident
from vpdportal.written_once import ALIAS, Question

pytestmark = pytest.mark.django_db
SOMEONE = UUID("5f0c2a9e-3f0a-4d38-9b1b-6f1d7d1f3c11")
QUESTIONS = {
    one.name: one
    for one in (
        *(need_to_know.KEPT_OUT, need_to_know.SHUT, need_to_know.NOT_FOR),
        *(data_request_rows.ASKED, data_request_rows.LIMITED),
        *querysets.NUMBERS.values(),
        *querysets.UNREAD.values(),
    )
}
# Every day of the week, and both halves of the year: of summer and winter time.
MOMENTS = [datetime(2026, month, 2, 23, 30, tzinfo=UTC) + timedelta(days=day) for month in (1, 7) for day in range(7)]


def compiled(expression: Any) -> tuple[str, list[Any]]:
    query = Query(Incident)
    query.get_initial_alias()
    text, params = query.get_compiler(connection=connection).compile(expression.resolve_expression(query))
    return text, list(params)


@pytest.mark.parametrize("name", QUESTIONS)
def test_it_is_what_django_writes(name: str):
    question = QUESTIONS[name]
    for moment in MOMENTS:
        given = (SOMEONE, moment)[: len(question.marks[0])]
        text, params = compiled(question.here(*given))
        wanted, its_params = compiled(question.ask(*given))
        assert text == ALIAS.sub(rf"{question.name}_\1", wanted) and params == its_params


def test_it_may_be_asked_within_itself_and_of_a_row_that_leads_there(town: Place):
    """The tables within have names of their own, so none hides another one."""
    mine, other = make_incident(town), make_incident(town)
    need_to_know.rows_of("Exclusion").create(
        organisation=town.organisation, incident=mine, user=town.deputy, by=town.adviser, at=mine.reported_at
    )
    kept_out = need_to_know.kept_out_from(town.deputy, "incident")
    assert set(Task.objects.filter(kept_out).values_list("incident", flat=True)) == {mine.pk}
    nested = rows_of("Task").filter(need_to_know.kept_out_from(town.deputy, "incident"), incident=OuterRef("pk"))
    found = Incident.objects.filter(Exists(nested), need_to_know.kept_out_from(town.deputy, "pk"))
    assert list(found) == [mine]
    assert list(Incident.objects.filter(~need_to_know.kept_out_from(town.deputy, "pk"))) == [other]


def asked(ask: Callable[..., Any], columns: tuple[str, ...] = ("pk",)) -> Question:
    def filled(now: datetime) -> list[Value]:
        return [Value(now, models.DateTimeField())]

    marks = tuple((datetime(year, 3, 3, tzinfo=UTC),) for year in (2200, 2201))
    return Question("planted", "incidents.Incident", ask, filled, marks, columns)


def test_a_value_that_would_stay_for_ever_is_found():
    """The negative control: yesterday is made of what is given, and nobody fills it in."""

    def ask(now: datetime) -> Exists:
        return Exists(rows_of("Task").filter(incident=OuterRef("pk"), due_at__gt=now - timedelta(days=1)))

    with pytest.raises(ValueError, match="stay for ever"):
        compiled(asked(ask).here(MOMENTS[0]))


def test_a_column_that_was_not_named_is_found():
    def ask(now: datetime) -> Exists:
        return Exists(rows_of("Task").filter(assignee=OuterRef("adviser"), due_at__gt=now))

    with pytest.raises(ValueError, match="more columns"):
        compiled(asked(ask).here(MOMENTS[0]))


def test_nothing_is_asked_about_nobody():
    """Django would ask for rows without a person, and so say that nobody is kept out of what is nobody's."""
    with pytest.raises(ValueError, match=re.escape("kept_out is asked about nobody")):
        need_to_know.KEPT_OUT.here(None)
