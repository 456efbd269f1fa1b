"""When something last happened in the cases that were there; and the index of words, where the database can.

Apart from the tables: PostgreSQL changes no table whose rows were changed in the same transaction.
"""

from django.db import migrations, models
from django.db.models.functions import Coalesce


def touched_when_something_last_happened(apps, schema_editor):
    incidents, entries = (apps.get_model("incidents", name) for name in ("Incident", "TimelineEntry"))
    last = entries.objects.filter(incident=models.OuterRef("pk")).order_by("-at").values("at")[:1]
    incidents.objects.update(touched_at=Coalesce(models.Subquery(last), models.F("reported_at")))


def index_words(apps, schema_editor):
    """Words are searched where the database has an index for it (ADR 15)."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE INDEX case_words_by_digest ON incidents_casewords USING gin (digests jsonb_path_ops)"
        )


def unindex_words(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX case_words_by_digest")


class Migration(migrations.Migration):
    dependencies = [("incidents", "0006_the_advisers_desk")]

    operations = [
        migrations.RunPython(touched_when_something_last_happened, migrations.RunPython.noop),
        migrations.RunPython(index_words, unindex_words),
    ]
