"""A database with which the second lock between organisations, or what was promised to be kept, would be gone."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, Warning
from django.db import DatabaseError, connection, models
from django.db.migrations.recorder import MigrationRecorder

from vpdportal.clock import system_now
from vpdportal.row_level_security import POLICY

APART = timedelta(seconds=60)  # T39
MIGRATION = "row_level_security"  # ends the name of the migrations that make the policies
NOT_MIGRATED = "safe_start.W001"
# No column is called organisation_id, and yet each row is of one.
GUARDED_TOO = ("accounts.Organisation", "audit.ChainHead")


def check_database(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Errors of the database's role, policies, settings and clock. On SQLite only the checks of the demo remain."""
    if not databases or connection.vendor != "postgresql":
        return []
    try:
        return [*_role(), *_policies(), *_commits(), *_time(), *_pooler()]
    except DatabaseError as error:
        return [Error("The database does not answer.", hint=type(error).__name__, id="safe_start.E009")]


def guarded_models() -> list[type[models.Model]]:
    """The models whose rows are of an organisation: their tables must have a policy."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.label in GUARDED_TOO
        or any(field.attname == "organisation_id" for field in model._meta.concrete_fields)
    ]


def _role() -> Iterator[CheckMessage]:
    [(is_superuser, bypasses)] = _rows("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
    if is_superuser or bypasses:
        yield Error(
            "The database role passes row-level security by: it is a superuser, or has BYPASSRLS.",
            hint="Use a role for the portal alone: CREATE ROLE portal LOGIN NOSUPERUSER NOBYPASSRLS.",
            id="safe_start.E002",
        )


def _policies() -> Iterator[CheckMessage]:
    """Each guarded table enforces a policy, also on its owner. Before the migration that makes them: a warning."""
    found = _rows(
        "SELECT relname, relrowsecurity AND relforcerowsecurity AND EXISTS "
        "(SELECT 1 FROM pg_policy WHERE polrelid = pg_class.oid AND polname = %s) "
        "FROM pg_class WHERE relkind = 'r' AND pg_table_is_visible(oid)",
        [POLICY],
    )
    enforced = dict(found)
    applied = {app for app, name in MigrationRecorder(connection).applied_migrations() if name.endswith(MIGRATION)}
    for model in guarded_models():
        table, app = model._meta.db_table, model._meta.app_label
        if enforced.get(table, True):  # a table that is not there yet comes with the migrations
            continue
        text, hint = f"The table {table} does not enforce row-level security.", "Run `manage.py migrate`."
        if app in applied:
            hint = "Somebody took it away. Look who can change tables; docs/adr/0031 says how it must be."
            yield Error(text, hint=hint, id="safe_start.E003")
        else:
            yield Warning(text, hint=hint, id=NOT_MIGRATED)


def _commits() -> Iterator[CheckMessage]:
    if _rows("SHOW synchronous_commit") == [("off",)]:
        yield Error(
            "synchronous_commit is off: a report that was received may be gone after a power cut.",
            hint="Set it to on, in postgresql.conf or for the role.",
            id="safe_start.E004",
        )


def _time() -> Iterator[CheckMessage]:
    [(there,)] = _rows("SELECT clock_timestamp()")
    if abs(system_now() - there) > APART:
        yield Error(
            "The clocks of this machine and of the database are more than a minute apart.",
            hint="Deadlines of 48 hours hang on it: keep both with NTP.",
            id="safe_start.E005",
        )


def _pooler() -> Iterator[CheckMessage]:
    """A pooler gives a process number of its own at the start: in its sessions others go on where we stopped."""
    [(number,)] = _rows("SELECT pg_backend_pid()")
    assert connection.connection is not None  # it answered just now
    if number != connection.connection.info.backend_pid:
        yield Error(
            "Between the portal and the database stands a pooler, such as PgBouncer.",
            hint="Row-level security hangs on settings of a session. Connect to PostgreSQL itself (ADR 31).",
            id="safe_start.E006",
        )


def _rows(sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
