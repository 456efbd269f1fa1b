"""A table that only grows: each change or removal of a row is refused by the database itself, on both databases."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class AppendOnly:
    """The triggers of one table. `name` begins their names; `message` is what the database says when it refuses."""

    table: str
    name: str
    message: str

    def lock(self, _apps: Any, schema_editor: Any) -> None:
        """Make the triggers (the signature is that of a migration's RunPython)."""
        is_postgresql = schema_editor.connection.vendor == "postgresql"
        for statement in self._postgresql() if is_postgresql else self._sqlite():
            schema_editor.execute(statement)

    def unlock(self, _apps: Any, schema_editor: Any) -> None:
        """Take the triggers away again."""
        is_postgresql = schema_editor.connection.vendor == "postgresql"
        for statement in self._postgresql_back() if is_postgresql else self._sqlite_back():
            schema_editor.execute(statement)

    def _postgresql(self) -> Iterator[str]:
        yield (
            f"CREATE FUNCTION {self.name}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN RAISE EXCEPTION '{self.message}'; END $$"
        )
        yield (
            f"CREATE TRIGGER {self.name}_append_only BEFORE UPDATE OR DELETE ON {self.table} "
            f"FOR EACH ROW EXECUTE FUNCTION {self.name}_refuse()"
        )

    def _postgresql_back(self) -> Iterator[str]:
        yield f"DROP TRIGGER {self.name}_append_only ON {self.table}"
        yield f"DROP FUNCTION {self.name}_refuse()"

    def _sqlite(self) -> Iterator[str]:
        for verb in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER {self.name}_no_{verb.lower()} BEFORE {verb} ON {self.table} "
                f"BEGIN SELECT RAISE(ABORT, '{self.message}'); END"
            )

    def _sqlite_back(self) -> Iterator[str]:
        yield f"DROP TRIGGER {self.name}_no_update"
        yield f"DROP TRIGGER {self.name}_no_delete"
