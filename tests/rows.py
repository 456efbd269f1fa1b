"""How many rows a page asks of the database, on any database: counted as they are fetched, not as they are said."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db.backends.utils import CursorWrapper


class Fetched:
    """The rows that came from the database. `where`: each question with the rows it gave, in order."""

    def __init__(self) -> None:
        self.where: list[tuple[str, int]] = []

    def add(self, cursor: Any, rows: int) -> None:
        said = str(getattr(cursor, "vpd_said", ""))
        if self.where and self.where[-1][0] == said:
            self.where[-1] = (said, self.where[-1][1] + rows)
        else:
            self.where.append((said, rows))

    @property
    def rows(self) -> int:
        return sum(rows for _said, rows in self.where)

    @property
    def most(self) -> list[tuple[str, int]]:
        return sorted(self.where, key=lambda one: -one[1])[:3]


@contextmanager
def fetched_rows() -> Iterator[Fetched]:
    """Count the rows that are fetched meanwhile, in this process."""
    fetched = Fetched()

    def counted(name: str) -> Callable[..., Any]:
        def fetch(cursor: Any, *asked: Any) -> Any:
            with cursor.db.wrap_database_errors:
                found = getattr(cursor.cursor, name)(*asked)
            fetched.add(cursor, len(found) if name != "fetchone" else int(found is not None))
            return found

        return fetch

    def each(cursor: Any) -> Iterator[Any]:
        with cursor.db.wrap_database_errors:
            for row in cursor.cursor:
                fetched.add(cursor, 1)
                yield row

    execute = CursorWrapper._execute

    def said(cursor: Any, sql: Any, params: Any, *ignored: Any) -> Any:
        cursor.vpd_said = sql
        return execute(cursor, sql, params, *ignored)

    with pytest.MonkeyPatch.context() as patch:
        for name in ("fetchone", "fetchmany", "fetchall"):
            patch.setattr(CursorWrapper, name, counted(name), raising=False)
        patch.setattr(CursorWrapper, "__iter__", each)
        patch.setattr(CursorWrapper, "_execute", said)
        yield fetched
