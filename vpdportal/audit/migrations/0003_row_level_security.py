from django.db import migrations

from vpdportal.row_level_security import OwnRows

TABLES = (
    # Of the installation, or of a person without an organisation: anyone's act may be noted, and nobody's page reads it.
    OwnRows("audit_auditevent", anyone_adds="organisation_id IS NULL"),
    OwnRows("audit_chainhead", column="chain", kind="text", everyones="chain = 'installation'"),  # holds numbers only
)


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]

    operations = [migrations.RunPython(table.lock, table.unlock) for table in TABLES]
