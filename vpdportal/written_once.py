"""A question about a row of a query whose SQL is written once in a process, and filled in from then on.

Django writes the text of a query anew each time. For a question of many parts that stands in almost every query, such
as who may know of a case, that takes longer than the database needs to answer it (docs/performance.md), and gives the
same text each time. Here Django writes it the first time, with marks for what differs.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connections
from django.db.models import BooleanField, Expression, F, Field, Value
from django.db.models.sql import Query

ALIAS = re.compile(r"(?<![\w\"'])([T-Z][A-Z]?\d+)\b")  # how Django calls the tables within a question
PLACE = re.compile(r"%%|%s")


@dataclass(frozen=True)
class Question:
    """What is asked of a row of `model` ("app.Model"). `name`: for the tables in it, so that one may stand in another.

    `ask(*given)` says it as an expression that needs no brackets, over `OuterRef`s of that row; `filled(*given)` makes
    each value in it that differs, with its field. `marks`: two of `given`, whose values stand nowhere else in the
    question, to find their places by: what differs between the two and is not `filled` is an error. `columns`: the
    fields of the row that it refers to.
    """

    name: str
    model: str
    ask: Callable[..., Any]
    filled: Callable[..., Sequence[Value]] = tuple
    marks: tuple[tuple[Any, ...], tuple[Any, ...]] = ((), ())
    columns: tuple[str, ...] = ("pk",)
    answer: "Field[Any, Any]" = BooleanField()

    def of(self, path: str, *given: Any) -> "WrittenOnce":
        """The answer about the row whose key is at the end of `path`, from the row of a query."""
        return WrittenOnce(self, {"pk": path}, *given)

    def here(self, *given: Any) -> "WrittenOnce":
        """The answer about each row of a query of `model`."""
        return WrittenOnce(self, {name: name for name in self.columns}, *given)


class WrittenOnce(Expression):
    """The answer to a question, as any other expression of a query; see `Question.of`.

    Raises ValueError for a value that is None: Django would write another question for it.
    """

    def __init__(self, question: Question, paths: Mapping[str, str], *given: Any) -> None:
        super().__init__(output_field=question.answer)
        self.question, self.filled = question, question.filled(*given)
        if any(value.value is None for value in self.filled):
            raise ValueError(f"{question.name} is asked about nobody: a value that fills it is None.")
        self.columns: list[Any] = [F(paths[name]) for name in question.columns]

    def get_source_expressions(self) -> list[Any]:
        return self.columns

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        self.columns = list(exprs)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        columns = [compiler.compile(column) for column in self.columns]
        values = [_prepared(value, connection) for value in self.filled]
        sql, params = "", []
        for piece in _written(self.question, connection.alias):
            sql += piece.text
            params += [values[place] if isinstance(place, int) else place.value for place in piece.places]
            if piece.column is not None:
                text, its_params = columns[piece.column]
                sql += text
                params += its_params
        return sql, tuple(params)


@dataclass(frozen=True)
class Piece:
    """Text without a column of the row. `places`: what fills it, the number of a given value or one that never differs.

    `column`: the number of the one that comes after it.
    """

    text: str
    places: tuple[int | Value, ...]
    column: int | None


@cache
def _written(question: Question, alias: str) -> tuple[Piece, ...]:
    """Raises ValueError for a question that says less of itself than there is to fill in."""
    one, other = (_pieces(question, alias, given) for given in question.marks)
    if one != other:
        raise ValueError(f"{question.name} holds a value that differs and is not filled in: it would stay for ever.")
    return one


def _pieces(question: Question, alias: str, given: tuple[Any, ...]) -> tuple[Piece, ...]:
    connection, model = connections[alias], apps.get_model(question.model)
    marks = [_prepared(value, connection) for value in question.filled(*given)]
    query = Query(model)
    row = query.get_initial_alias()
    asked = question.ask(*given).resolve_expression(query)
    text, found = query.get_compiler(connection=connection).compile(asked)
    text = ALIAS.sub(rf"{question.name}_\1", text)
    quoted = connection.ops.quote_name
    names = [quoted(_column(model, name)) for name in question.columns]
    pieces = re.split(rf"{re.escape(quoted(row))}\.({'|'.join(map(re.escape, names))})", text)
    written, left = [], list(found)
    for piece, name in zip(pieces[::2], [*pieces[1::2], None], strict=True):
        count = PLACE.findall(piece).count("%s")
        places = tuple(marks.index(one) if one in marks else Value(one) for one in left[:count])
        left = left[count:]
        written.append(Piece(piece, places, None if name is None else names.index(name)))
    if left or any(f"{quoted(row)}." in piece.text for piece in written):
        raise ValueError(f"{question.name} refers to more columns of its row than it says.")
    return tuple(written)


def _column(model: Any, name: str) -> str:
    column: str = (model._meta.pk if name == "pk" else model._meta.get_field(name)).column
    return column


def _prepared(value: Value, connection: Any) -> Any:
    """A value as the database takes it."""
    return value.output_field.get_db_prep_value(value.value, connection, prepared=False)
