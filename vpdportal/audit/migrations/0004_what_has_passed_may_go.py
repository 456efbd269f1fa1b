"""Events that are past their term may go, and only behind an event that says so (ADR 34)."""

from django.db import migrations

from vpdportal.audit.append_only import lock, unlock


def _renew(apps, schema_editor):
    unlock(apps, schema_editor)
    lock(apps, schema_editor)


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_row_level_security")]

    operations = [migrations.RunPython(_renew, migrations.RunPython.noop)]
