from django.db import migrations

from vpdportal.row_level_security import OwnRows

TABLES = (OwnRows("guidance_menucard"), OwnRows("guidance_menudraft"))


class Migration(migrations.Migration):
    dependencies = [("guidance", "0002_card_as_document")]

    operations = [migrations.RunPython(table.lock, table.unlock) for table in TABLES]
