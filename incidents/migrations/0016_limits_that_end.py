"""A limit on the use of data that was granted ends by someone, and it shows whether who asked was forgotten (ADR 35)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0015_terms_of_figures"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="datarequest",
            name="ended_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="datarequest",
            name="ended_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="datarequest",
            name="forgotten_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name="datarequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_at__isnull", True), ("ended_by__isnull", True))
                | models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                name="data_request_ended_by_someone",
            ),
        ),
    ]
