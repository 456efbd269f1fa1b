"""What was fixed for management may be sealed with another key; all else of it still never changes (ADR 32)."""

from django.db import migrations

from incidents.models.append_only import FIXED


def _renew(apps, schema_editor):
    for one in FIXED:
        one.unlock(apps, schema_editor)
        one.lock(apps, schema_editor)


class Migration(migrations.Migration):
    dependencies = [("incidents", "0013_row_level_security")]

    operations = [migrations.RunPython(_renew, migrations.RunPython.noop)]
