"""New migrations leave the program that still serves alone: what would stop it is refused, with what to do instead."""

from typing import Any

import pytest
from django.db import migrations, models
from django.db.models.functions import Now

from tests.upgrade.beside import newer_than, troubles_of
from vpdportal.database.indexes import AddIndexWhileServing
from vpdportal.row_level_security import OwnRows

# The last ones that are not held to this: for those one stops the portal. Never raise a number to get past a refusal.
LANDED = {"accounts": 7, "audit": 4, "demo": 1, "guidance": 3, "incidents": 16}
# What no rule can judge, by `app.migration`: why it does no harm while the old program serves.
REVIEWED: dict[str, str] = {}


def test_each_new_migration_may_run_while_the_old_program_serves():
    found = {name: troubles_of(migration, state) for name, migration, state in newer_than(LANDED)}
    troubled = {name: troubles for name, troubles in found.items() if troubles}
    unexplained = {name: troubles for name, troubles in troubled.items() if name not in REVIEWED}
    assert not unexplained, "\n".join(f"{name}: {one}" for name, troubles in unexplained.items() for one in troubles)
    assert REVIEWED.keys() <= troubled.keys(), "a reason that is needed no more"


def test_the_rules_would_have_stopped_what_landed_before():
    """They are no dead letter: of the migrations before, for which the portal was stopped, many break them."""
    found = {name: troubles_of(migration, state) for name, migration, state in newer_than({})}
    assert any("the old program still asks for it" in one for troubles in found.values() for one in troubles)
    assert any("nobody can write meanwhile" in one for troubles in found.values() for one in troubles)


CASE = "incident"
PLAIN: Any = models.CharField(max_length=9)
TABLE = migrations.CreateModel("thing", [("id", models.BigAutoField(primary_key=True))])


@pytest.mark.parametrize(
    ("operations", "said"),
    [
        ([migrations.AddField(CASE, "x", models.CharField(max_length=9, default=""))], "rows without it"),
        ([migrations.AddField(CASE, "x", models.CharField(max_length=9, db_default=""))], ""),
        ([migrations.AddField(CASE, "x", models.CharField(max_length=9, null=True))], ""),
        ([migrations.AddField(CASE, "x", models.DateTimeField(db_default=Now()))], "written anew"),
        ([migrations.AddField(CASE, "x", models.IntegerField(null=True, db_index=True))], "AddIndexWhileServing"),
        (
            [migrations.AddField(CASE, "x", models.ForeignKey("accounts.User", models.PROTECT, null=True))],
            "AddIndexWhileServing",
        ),
        (
            [
                migrations.AddField(
                    CASE, "x", models.ForeignKey("accounts.User", models.PROTECT, null=True, db_index=False)
                )
            ],
            "",
        ),
        ([migrations.RemoveField(CASE, "story")], "still asks for it"),
        ([migrations.RenameField(CASE, "story", "tale")], "still asks for it"),
        ([migrations.DeleteModel("witness")], "still asks for it"),
        (
            [migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField(CASE, "story")])],
            "",
        ),
        ([migrations.AlterField("note", "at", models.CharField(max_length=9))], "written anew"),
        ([migrations.AlterField("note", "at", models.DateTimeField(null=True))], ""),
        ([migrations.AlterField("note", "at", models.DateTimeField(help_text="x"))], ""),
        ([migrations.AddIndex(CASE, models.Index(fields=["occurred_at"], name="x"))], "nobody can write"),
        ([AddIndexWhileServing(CASE, models.Index(fields=["occurred_at"], name="x"))], ""),
        ([migrations.AddConstraint(CASE, models.CheckConstraint(condition=models.Q(pk=1), name="x"))], "all rows"),
        ([migrations.RunPython(migrations.RunPython.noop)], "REVIEWED"),
        ([migrations.RunSQL("SELECT 1")], "REVIEWED"),
        ([TABLE, migrations.RunPython(OwnRows("incidents_thing").lock)], ""),
        ([TABLE, migrations.AddIndex("thing", models.Index(fields=["id"], name="x"))], ""),
        ([TABLE, migrations.RunPython(OwnRows("incidents_incident").lock)], "REVIEWED"),
    ],
)
def test_what_is_refused_and_what_is_not(operations: list[Any], said: str):
    [*_, (_name, _migration, state)] = list(newer_than({}))
    migration = migrations.Migration("9999_x", "incidents")
    migration.operations, migration.atomic = operations, not isinstance(operations[0], AddIndexWhileServing)
    troubles = " ".join(troubles_of(migration, state))
    assert said in troubles if said else not troubles


def test_an_index_inside_a_transaction_is_refused():
    [*_, (_name, _migration, state)] = list(newer_than({}))
    migration = migrations.Migration("9999_x", "incidents")
    migration.operations = [AddIndexWhileServing(CASE, models.Index(fields=["occurred_at"], name="x"))]
    assert "in a migration of its own" in " ".join(troubles_of(migration, state))


@pytest.mark.django_db(transaction=True)
def test_an_index_is_made_also_where_a_try_broke_off(transactional_db: None):
    from django.db import connection  # noqa: PLC0415

    [*_, (_name, _migration, state)] = list(newer_than({}))
    operation = AddIndexWhileServing(CASE, models.Index(fields=["occurred_at"], name="try_ix"))
    after = state.clone()
    operation.state_forwards("incidents", after)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("CREATE INDEX try_ix ON incidents_incident (id)")  # what a try that broke off leaves

    def indexes() -> str:
        with connection.cursor() as cursor:
            found = connection.introspection.get_constraints(cursor, "incidents_incident")
        return str(found.get("try_ix", {}).get("columns"))

    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("incidents", editor, state, after)
    assert indexes() == "['occurred_at']"
    with connection.schema_editor(atomic=False) as editor:
        operation.database_backwards("incidents", editor, after, state)
    assert indexes() == "None"
