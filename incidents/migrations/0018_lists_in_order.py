"""The list of all cases in order of the last change and of severity without sorting all, and what the desk must see."""

from django.db import migrations, models

from vpdportal.database.indexes import AddIndexWhileServing


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("incidents", "0017_way_in")]
    operations = [
        AddIndexWhileServing(
            model_name="incident",
            index=models.Index(
                fields=["organisation", "touched_at", "reported_at", "id"], name="incident_last_changed"
            ),
        ),
        AddIndexWhileServing(
            model_name="incident",
            index=models.Index(fields=["organisation", "severity", "reported_at", "id"], name="incident_by_severity"),
        ),
        AddIndexWhileServing(
            model_name="news",
            index=models.Index(
                fields=["organisation", "incident"],
                name="news_unseen_by_desk",
                condition=models.Q(kind__in=("added", "reopened"), seen_at__isnull=True),
            ),
        ),
    ]
