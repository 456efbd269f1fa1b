"""What a migration may do while the program of before still serves: it knows nothing of the new columns, and waits for
every lock. What is refused here is done in two releases: first add, and later, when nothing asks for it, take away.
"""

from collections.abc import Iterator
from typing import Any

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import connection, models
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models.expressions import Value

from vpdportal.database.indexes import AddIndexWhileServing

OURS = {"accounts", "audit", "demo", "guidance", "incidents"}
# They only say something new to Django, or hold the table for the blink of an eye.
HARMLESS = (
    operations.AlterModelOptions, operations.AlterModelManagers, operations.AlterModelTableComment,
    operations.RemoveIndex, operations.RemoveConstraint, operations.RenameIndex,
    AddConstraintNotValid, ValidateConstraint,
)  # fmt: skip
TAKES_AWAY = (
    operations.RemoveField, operations.DeleteModel, operations.RenameField, operations.RenameModel,
    operations.AlterModelTable, operations.AlterUniqueTogether,
)  # fmt: skip


def number_of(name: str) -> int:
    return int(name.partition("_")[0])


def newer_than(landed: dict[str, int]) -> Iterator[tuple[str, Migration, ProjectState]]:
    """The migrations that came after these numbers, each with how things are before it."""
    loader = MigrationLoader(None)
    for (app, name), migration in sorted(loader.disk_migrations.items()):
        if app in OURS and number_of(name) > landed.get(app, 0):
            yield f"{app}.{name}", migration, loader.project_state((app, name), at_end=False)


def troubles_of(migration: Migration, state: ProjectState) -> list[str]:
    """What would stop the old program, or stop people for as long as a large table takes; a sentence each."""
    made: set[str] = set()
    troubles = []
    for operation in migration.operations:
        trouble = _judge(operation, migration, state, made)
        if trouble:
            troubles.append(f"{operation.describe()}: {trouble}")
        operation.state_forwards(migration.app_label, state)
    return troubles


def _judge(operation: Operation, migration: Migration, state: ProjectState, made: set[str]) -> str:
    if isinstance(operation, operations.SeparateDatabaseAndState):
        return "; ".join(filter(None, (_judge(one, migration, state, made) for one in operation.database_operations)))
    if isinstance(operation, operations.CreateModel):
        made.add(operation.name_lower)
        return ""
    if isinstance(operation, HARMLESS) or getattr(operation, "model_name_lower", "") in made:
        return ""
    if isinstance(operation, TAKES_AWAY):
        return "the old program still asks for it"
    if isinstance(operation, operations.AddField):
        return _added(operation.field)
    if isinstance(operation, operations.AlterField):
        return _altered(operation, migration.app_label, state)
    if isinstance(operation, operations.AddIndex):
        is_safe = isinstance(operation, AddIndexWhileServing) and not migration.atomic
        return "" if is_safe else "nobody can write meanwhile; use AddIndexWhileServing in a migration of its own"
    if isinstance(operation, operations.AddConstraint):
        return "all rows are read while nobody can write, and the old program may break it"
    if isinstance(operation, operations.RunPython) and _is_of_new_table(operation, migration.app_label, made):
        return ""
    return "only a person can say what it does: look at it, and give the reason in REVIEWED"


def _added(field: Any) -> str:
    if field.many_to_many:
        return ""
    if isinstance(field, models.GeneratedField):
        return "the table is written anew, while nobody can read it"
    if field.unique or field.db_index:
        return "an index is made while nobody can read; add it without, and then AddIndexWhileServing"
    default = getattr(field, "db_default", models.NOT_PROVIDED)
    if default is not models.NOT_PROVIDED:
        is_fixed = isinstance(default, Value) or not hasattr(default, "resolve_expression")
        return "" if is_fixed else "the table is written anew, while nobody can read it"
    return "" if field.null else "the old program makes rows without it; let it be NULL, or give it db_default"


def _altered(operation: operations.AlterField, app: str, state: ProjectState) -> str:
    before = state.apps.get_model(app, operation.model_name)._meta.get_field(operation.name)
    after_state = state.clone()
    operation.state_forwards(app, after_state)
    after = after_state.apps.get_model(app, operation.model_name)._meta.get_field(operation.name)
    editor = connection.schema_editor(collect_sql=True)
    if not editor._field_should_be_altered(before, after):
        return ""
    same_kind = before.get_internal_type() == after.get_internal_type()
    same_index = (before.unique, before.db_index) == (after.unique, after.db_index)
    wider = before.max_length == after.max_length or (
        after.max_length is not None and before.max_length is not None and after.max_length > before.max_length
    )
    if same_kind and same_index and wider and not before.is_relation and (after.null or not before.null):
        return ""
    return "the table may be written anew or read as a whole, while nobody can read it"


def _is_of_new_table(operation: operations.RunPython, app: str, made: set[str]) -> bool:
    """Whether it is the method of one table (a policy, a trigger), and that table is made by this migration."""
    table = getattr(getattr(operation.code, "__self__", None), "table", None)
    return table in {f"{app}_{name}" for name in made}
