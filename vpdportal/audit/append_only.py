"""The triggers that let the trail only grow: each change or removal of an event is refused by the database itself."""

from typing import Any

POSTGRESQL = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_auditevent
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
"""
POSTGRESQL_BACK = "DROP TRIGGER audit_append_only ON audit_auditevent; DROP FUNCTION audit_refuse();"
SQLITE = [
    f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit_auditevent "
    "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
    for verb in ("UPDATE", "DELETE")
]
SQLITE_BACK = ["DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"]


def lock(_apps: Any, schema_editor: Any) -> None:
    """Make the triggers (the signature is that of a migration's RunPython)."""
    for statement in [POSTGRESQL] if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def unlock(_apps: Any, schema_editor: Any) -> None:
    """Take the triggers away again."""
    for statement in [POSTGRESQL_BACK] if schema_editor.connection.vendor == "postgresql" else SQLITE_BACK:
        schema_editor.execute(statement)
