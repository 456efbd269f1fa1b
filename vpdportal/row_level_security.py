"""The policies that hold each row against the scope of a query (ADR 31). On SQLite there are none.

FORCE holds the owner of the tables to them too: the portal's own role usually is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

POLICY, INSERT_POLICY = "vpd_own_organisation", "vpd_installation"
# In subqueries, so that the settings are read once a query and not once a row. A setting that was taken back is ''.
_EVERYWHERE = "(SELECT current_setting('vpd.everywhere', true)) = 'on'"
_OWN = "(SELECT NULLIF(current_setting('vpd.organisations', true), '')::{kind}[])::{kind}[]"


@dataclass(frozen=True)
class OwnRows:
    """The policy of one table: a row may be read, made, changed and removed where its organisation is in scope.

    `column` holds the organisation's id, and `kind` is its type. `everyones`: a condition (SQL) of rows that hold
    nothing of an organisation and are everyone's. `anyone_adds`: a condition of rows that anyone may make and nobody
    read by it.
    """

    table: str
    column: str = "organisation_id"
    kind: str = "uuid"
    everyones: str = ""
    anyone_adds: str = ""

    def lock(self, _apps: Any, schema_editor: Any) -> None:
        """Make the policy (the signature is that of a migration's RunPython)."""
        self._each(self._statements(), schema_editor)

    def unlock(self, _apps: Any, schema_editor: Any) -> None:
        """Take the policy away again."""
        self._each(self._statements_back(), schema_editor)

    def _each(self, statements: Iterator[str], schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            for statement in statements:
                schema_editor.execute(statement, params=None)

    def _statements(self) -> Iterator[str]:
        holds = f"{_EVERYWHERE} OR {self.column} = ANY ({_OWN.format(kind=self.kind)})"
        if self.everyones:
            holds += f" OR {self.everyones}"
        yield f"ALTER TABLE {self.table} ENABLE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {self.table} FORCE ROW LEVEL SECURITY"
        yield f"CREATE POLICY {POLICY} ON {self.table} USING ({holds}) WITH CHECK ({holds})"
        if self.anyone_adds:
            yield f"CREATE POLICY {INSERT_POLICY} ON {self.table} FOR INSERT WITH CHECK ({self.anyone_adds})"

    def _statements_back(self) -> Iterator[str]:
        if self.anyone_adds:
            yield f"DROP POLICY {INSERT_POLICY} ON {self.table}"
        yield f"DROP POLICY {POLICY} ON {self.table}"
        yield f"ALTER TABLE {self.table} NO FORCE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {self.table} DISABLE ROW LEVEL SECURITY"
