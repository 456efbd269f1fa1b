from django.db import migrations

from vpdportal.row_level_security import OwnRows

TABLES = (
    OwnRows("accounts_organisation", column="id"),
    OwnRows("accounts_department"),
    OwnRows("accounts_membership"),
    OwnRows("accounts_absence"),
    OwnRows("accounts_roleproposal"),
)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_cache_table")]

    operations = [migrations.RunPython(table.lock, table.unlock) for table in TABLES]
