"""A table that only grows: each change or removal of a row is refused by the database itself, on both databases.

One thing may be written again: a sealed column, so that its key can be changed (ADR 32). What stands in it can only be
the same, for no other value was ever sealed for that row; anything else does not open. It may also become nothing, when
its term has passed, and then stays nothing (ADR 34).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class AppendOnly:
    """The triggers of one table. `name` begins their names; `message` is what the database says when it refuses.

    `sealed`: the sealed columns, which may be sealed with another key, or emptied. `may_go`: by vendor of the database,
    a condition (SQL, of OLD) of rows that may be removed.
    """

    table: str
    name: str
    message: str
    sealed: tuple[str, ...] = ()
    may_go: Mapping[str, str] = field(default_factory=dict)

    def lock(self, _apps: Any, schema_editor: Any) -> None:
        """Make the triggers (the signature is that of a migration's RunPython)."""
        is_postgresql = schema_editor.connection.vendor == "postgresql"
        for statement in self._postgresql() if is_postgresql else self._sqlite(schema_editor.connection):
            schema_editor.execute(statement, params=None)

    def unlock(self, _apps: Any, schema_editor: Any) -> None:
        """Take the triggers away again."""
        is_postgresql = schema_editor.connection.vendor == "postgresql"
        for statement in self._postgresql_back() if is_postgresql else self._sqlite_back():
            schema_editor.execute(statement, params=None)

    def _postgresql(self) -> Iterator[str]:
        same = "FALSE"
        if self.sealed:
            names = ", ".join(f"'{name}'" for name in self.sealed)
            stays_empty = "".join(f" AND (OLD.{name} IS NOT NULL OR NEW.{name} IS NULL)" for name in self.sealed)
            same = (
                "TG_OP = 'UPDATE' AND NEW IS DISTINCT FROM OLD "
                f"AND to_jsonb(NEW) - ARRAY[{names}] = to_jsonb(OLD) - ARRAY[{names}]{stays_empty}"
            )
        may_go = self.may_go.get("postgresql", "FALSE")
        yield (
            f"CREATE FUNCTION {self.name}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN IF {same} THEN RETURN NEW; END IF; "
            f"IF TG_OP = 'DELETE' THEN IF {may_go} THEN RETURN OLD; END IF; END IF; "
            f"RAISE EXCEPTION '{self.message}'; END $$"
        )
        yield (
            f"CREATE TRIGGER {self.name}_append_only BEFORE UPDATE OR DELETE ON {self.table} "
            f"FOR EACH ROW EXECUTE FUNCTION {self.name}_refuse()"
        )

    def _postgresql_back(self) -> Iterator[str]:
        yield f"DROP TRIGGER {self.name}_append_only ON {self.table}"
        yield f"DROP FUNCTION {self.name}_refuse()"

    def _sqlite(self, connection: Any) -> Iterator[str]:
        refuse = f"BEGIN SELECT RAISE(ABORT, '{self.message}'); END"
        may_go = f" WHEN NOT ({self.may_go['sqlite']})" if "sqlite" in self.may_go else ""
        yield f"CREATE TRIGGER {self.name}_no_update BEFORE UPDATE{self._others(connection)} ON {self.table} {refuse}"
        yield f"CREATE TRIGGER {self.name}_no_delete BEFORE DELETE ON {self.table}{may_go} {refuse}"
        for column in self.sealed:
            yield (
                f"CREATE TRIGGER {self.name}_{column}_stays_empty BEFORE UPDATE OF {column} ON {self.table} "
                f"WHEN OLD.{column} IS NULL AND NEW.{column} IS NOT NULL {refuse}"
            )

    def _others(self, connection: Any) -> str:
        if not self.sealed:
            return ""
        with connection.cursor() as cursor:
            columns = [one.name for one in connection.introspection.get_table_description(cursor, self.table)]
        others = (connection.ops.quote_name(name) for name in columns if name not in self.sealed)
        return f" OF {', '.join(others)}"

    def _sqlite_back(self) -> Iterator[str]:
        """Of an installation that was made before the last of these, too."""
        for end in ("no_update", "no_delete", *(f"{column}_stays_empty" for column in self.sealed)):
            yield f"DROP TRIGGER IF EXISTS {self.name}_{end}"
