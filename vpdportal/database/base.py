"""A connection to PostgreSQL that brings the session's scope up to date before each query.

What really stands in the session is remembered here, and forgotten whenever the database may have undone it: a rollback
takes a setting back that was made after the point that it goes back to.
"""

from collections.abc import Callable
from typing import Any

from django.db.backends.postgresql import base

from vpdportal import tenancy

FAILED = base.Database.extensions.TRANSACTION_STATUS_INERROR  # type: ignore[attr-defined]
SET = "SELECT set_config('vpd.everywhere', %s, false), set_config('vpd.organisations', %s, false)"


class DatabaseWrapper(base.DatabaseWrapper):  # type: ignore[misc]  # Django's has no types
    """Before each query: the scope of here and now, when it is not what this session has."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session_scope: tenancy.Scope | None = None  # None: not known
        self.execute_wrappers = [self._in_scope]

    def init_connection_state(self) -> None:
        self.session_scope = None
        super().init_connection_state()

    def create_cursor(self, name: str | None = None) -> Any:
        cursor = super().create_cursor(name)
        return cursor if name is None else ScopedCursor(cursor, self)

    def hold(self, scope: tenancy.Scope) -> None:
        """Make the session's scope this one; in a transaction that failed nothing can be said, nor asked."""
        if scope == self.session_scope or self.needs_rollback or self.connection is None:
            return
        if self._has_failed():
            return
        self.session_scope = None  # until the database has said yes
        with self.wrap_database_errors, self.connection.cursor() as cursor:
            cursor.execute(SET, ["on" if scope.is_everywhere else "off", _array(scope)])
        self.session_scope = scope

    def _in_scope(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        self.hold(tenancy.present())
        return execute(sql, params, many, context)

    def _has_failed(self) -> bool:
        return self.connection is not None and self.connection.info.transaction_status == FAILED

    def _commit(self) -> None:
        if self._has_failed():  # an error that was passed over: the database makes a rollback of it
            self.session_scope = None
        super()._commit()  # type: ignore[misc]

    def _rollback(self) -> None:
        self.session_scope = None
        super()._rollback()  # type: ignore[misc]

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]
        self.session_scope = None


class ScopedCursor:
    """A cursor on the server: what it gives later is still of the scope in which it was opened."""

    def __init__(self, cursor: Any, database: DatabaseWrapper) -> None:
        self._cursor, self._database = cursor, database
        self._scope = tenancy.present()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def execute(self, *args: Any) -> Any:
        self._scope = tenancy.present()
        return self._cursor.execute(*args)

    def fetchone(self) -> Any:
        self._database.hold(self._scope)
        return self._cursor.fetchone()

    def fetchmany(self, *args: Any) -> Any:
        self._database.hold(self._scope)
        return self._cursor.fetchmany(*args)

    def fetchall(self) -> Any:
        self._database.hold(self._scope)
        return self._cursor.fetchall()

    def __iter__(self) -> Any:
        while rows := self.fetchmany():
            yield from rows


def _array(scope: tenancy.Scope) -> str:
    return "{" + ",".join(sorted(map(str, scope.organisations))) + "}"
