"""A measure that is about the team names the case in which the team's task runs."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incidents", "0002_words_of_the_card")]

    operations = [
        migrations.AddField(
            "measure",
            "runs_in",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="incidents.incident",
            ),
        ),
    ]
