"""A colleague is found by a whole name without going through all people of the installation."""

from django.db import migrations, models
from django.db.models.functions import Upper

from vpdportal.database.indexes import AddIndexWhileServing


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0007_row_level_security")]
    operations = [
        AddIndexWhileServing(model_name="user", index=models.Index(Upper("name"), name="user_by_name")),
    ]
