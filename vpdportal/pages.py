"""Pages of a list that grows: what comes under the last row of the page before, never so many rows on.

However far one goes, a page costs what the first one costs: the database begins at the row that the address names
(row-wise comparison, in the order of the list), where OFFSET reads all that came before. No list is counted to its
end. The mark of a page is signed: an address that was made up, or is of another list, gives the first page.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.db import connections
from django.db.models import F, Func, Model, Q, QuerySet, TextField, Value
from django.db.models.expressions import OrderBy
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual

COUNTED = 1000  # rows; of more, a page says no more than that there are more
LONGEST = 2000  # letters of a mark
FORWARD, BACK = "after", "before"


@dataclass(frozen=True)
class Count:
    """How many rows there are. `is_more`: there are more than `number`."""

    number: int
    is_more: bool = False


@dataclass(frozen=True)
class Key:
    """One column that a list is sorted by. `nulls`: where rows without a value stand; "" where all have one."""

    name: str
    is_down: bool
    nulls: str
    field: Any

    def turned(self) -> "Key":
        other = {"first": "last", "last": "first", "": ""}[self.nulls]
        return Key(self.name, not self.is_down, other, self.field)

    def order(self) -> OrderBy:
        nulls: dict[str, Any] = {f"nulls_{self.nulls}": True} if self.nulls else {}
        return F(self.name).desc(**nulls) if self.is_down else F(self.name).asc(**nulls)


class Page:
    """A part of a list. `previous` and `next`: the marks of the pages beside it, empty where there is none."""

    def __init__(self, rows: "QuerySet[Any]", shown: list[Any], previous: str, following: str) -> None:
        self._rows = rows
        self.object_list = shown
        self.previous, self.next = previous, following

    def __iter__(self) -> Iterator[Any]:
        return iter(self.object_list)

    def __len__(self) -> int:
        return len(self.object_list)

    @cached_property
    def count(self) -> Count:
        """How many rows the whole list has. Asked only where there is more than this page."""
        return counted(self._rows) if self.previous or self.next else Count(len(self.object_list))


def counted(rows: "QuerySet[Any]", most: int = COUNTED) -> Count:
    """The number of rows, up to `most`. One query, that reads no more than that.

    SQLite reads them all: to have the cut-off list within a question is one level too deep for its parser, and it
    serves one small organisation.
    """
    every = rows.order_by()
    is_small = connections[rows.db].vendor == "sqlite"
    found = every.count() if is_small else every.values("pk")[: most + 1].count()
    return Count(min(found, most), found > most)


def page_of(rows: "QuerySet[Any]", mark: str | None, size: int, hides: Collection[str] = ()) -> Page:
    """The page of this mark; the first one without a mark, or with one that is not ours.

    `rows` are in an order that ends in something of which no two rows have the same, such as the id. `hides`: columns
    of the order that may not stand in an address, such as a name; they are read from the row that the mark names.
    """
    reader = _Reader(rows, size, hides)
    return reader.page(mark or "")


class _Reader:
    def __init__(self, rows: "QuerySet[Any]", size: int, hides: Collection[str]) -> None:
        self._rows, self._size = rows, size
        self._keys = _keys_of(rows)
        self._is_hidden = any(key.name in hides for key in self._keys)
        names = "".join(f"{'-' * key.is_down}{key.name}," for key in self._keys)
        self._signer = Signer(salt=f"page of {rows.model._meta.label} by {names}")

    def page(self, mark: str) -> Page:
        way, values = self._read(mark)
        if values is not None and way == FORWARD and (found := self._beyond(self._keys, values)):
            return self._made(found[: self._size], has_previous=True, has_next=len(found) > self._size)
        if values is not None and way == BACK:
            found = self._beyond([key.turned() for key in self._keys], values)
            if len(found) > self._size:
                return self._made(found[: self._size][::-1], has_previous=True, has_next=True)
        first = list(self._rows[: self._size + 1])
        return self._made(first[: self._size], has_previous=False, has_next=len(first) > self._size)

    def _beyond(self, keys: list[Key], values: list[Any]) -> list[Any]:
        """The rows after this one in this order, and one more than a page holds if it is there."""
        return list(self._rows.filter(_after(keys, values)).order_by(*(key.order() for key in keys))[: self._size + 1])

    def _made(self, shown: list[Any], *, has_previous: bool, has_next: bool) -> Page:
        previous = self._write(BACK, shown[0]) if has_previous else ""
        return Page(self._rows, shown, previous, self._write(FORWARD, shown[-1]) if has_next else "")

    def _write(self, way: str, row: Any) -> str:
        values = [row.pk] if self._is_hidden else [_value_of(row, key.name) for key in self._keys]
        return self._signer.sign_object([way, *map(_as_text, values)])

    def _read(self, mark: str) -> tuple[str, list[Any] | None]:
        try:
            way, *texts = self._signer.unsign_object(mark) if len(mark) < LONGEST else [""]
        except (BadSignature, ValueError):  # not ours, or cut off
            return "", None
        if self._is_hidden and texts:
            names = [key.name for key in self._keys]
            row = self._rows.model._base_manager.filter(pk=texts[0]).values_list(*names).first()
            return way, list(row) if row else None
        return way, [key.field.to_python(text) for key, text in zip(self._keys, texts, strict=True)] if texts else None


class _Row(Func):
    """Several columns or values as one, compared as the words of a dictionary are."""

    template = "(%(expressions)s)"
    output_field = TextField()


def _after(keys: list[Key], values: list[Any]) -> Q:
    """The rows that come after the one with these values, as few comparisons as the directions allow."""
    first, rest = keys[0], keys[1:]
    if first.nulls:
        return _after_or_null(keys, values)
    alike = [first]
    for key in rest:
        if key.is_down != first.is_down or key.nulls:
            break
        alike.append(key)
    left, right = _row(alike, values)
    beyond = Q(LessThan(left, right) if first.is_down else GreaterThan(left, right))
    if not (later := keys[len(alike) :]):
        return beyond
    # The bound around it is what an index can begin at; what stands inside only leaves out a few of the first rows.
    from_here = Q(LessThanOrEqual(left, right) if first.is_down else GreaterThanOrEqual(left, right))
    return from_here & (beyond | (Q(Exact(left, right)) & _after(later, values[len(alike) :])))


def _after_or_null(keys: list[Key], values: list[Any]) -> Q:
    first, value = keys[0], values[0]
    is_null = Q(**{f"{first.name}__isnull": True})
    if value is None:
        same = is_null & _after(keys[1:], values[1:])
        return same if first.nulls == "last" else same | ~is_null
    beyond = Q(**{f"{first.name}__{'lt' if first.is_down else 'gt'}": value})
    same = Q(**{first.name: value}) & _after(keys[1:], values[1:])
    return beyond | same | is_null if first.nulls == "last" else beyond | same


def _row(keys: list[Key], values: list[Any]) -> tuple[Any, Any]:
    columns = [F(key.name) for key in keys]
    given = [Value(value, output_field=key.field) for key, value in zip(keys, values, strict=False)]
    return (_Row(*columns), _Row(*given)) if len(keys) > 1 else (columns[0], given[0])


def _keys_of(rows: "QuerySet[Any]") -> list[Key]:
    return [_key(rows, one) for one in (rows.query.order_by or rows.model._meta.ordering)]


def _key(rows: "QuerySet[Any]", asked: Any) -> Key:
    if isinstance(asked, str):
        name, is_down, nulls = asked.removeprefix("-"), asked.startswith("-"), ""
    else:
        name, is_down = asked.expression.name, asked.descending
        nulls = "last" if asked.nulls_last else "first" if asked.nulls_first else ""
    return Key(name, is_down, nulls, _field_of(rows, name))


def _field_of(rows: "QuerySet[Any]", name: str) -> Any:
    if name in rows.query.annotations:
        return rows.query.annotations[name].output_field
    model: Any = rows.model
    for part in name.split("__"):
        field = model._meta.pk if part == "pk" else model._meta.get_field(part)
        model = field.related_model
    return field


def _value_of(row: Model, name: str) -> Any:
    value: Any = row
    for part in name.split("__"):
        value = getattr(value, part)
    return value


def _as_text(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
