"""What an organisation settles for its desk: its address, the second pair of eyes, when a case is quiet."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="organisation",
            name="data_officer",
            field=models.CharField(
                blank=True,
                help_text="In letters, for questions about privacy: a function with an address or a number, and no name.",
                max_length=200,
                verbose_name="data protection officer: how to reach",
            ),
        ),
        migrations.AddField(
            model_name="organisation",
            name="ends_soon_days",
            field=models.PositiveSmallIntegerField(
                default=30,
                validators=[django.core.validators.MinValueValidator(7), django.core.validators.MaxValueValidator(90)],
                verbose_name="days in which a measure ends soon",
            ),
        ),
        migrations.AddField(
            model_name="organisation",
            name="postal_address",
            field=models.TextField(
                blank=True,
                help_text="On letters, and as the address that the police and the court use in place of a home address.",
                max_length=300,
                verbose_name="postal address",
            ),
        ),
        migrations.AddField(
            model_name="organisation",
            name="processing_ground",
            field=models.CharField(
                default="een taak van algemeen belang (artikel 6, eerste lid, onder e, van de AVG)",
                help_text="In Dutch, as it follows on “Wij mogen dit op grond van”. Settle it with your data protection officer and your lawyer.",
                max_length=200,
                verbose_name="ground for keeping data of perpetrators",
            ),
        ),
        migrations.AddField(
            model_name="organisation",
            name="quiet_after_days",
            field=models.PositiveSmallIntegerField(
                default=14,
                validators=[django.core.validators.MinValueValidator(3), django.core.validators.MaxValueValidator(90)],
                verbose_name="days until a case has gone quiet",
            ),
        ),
        migrations.AddField(
            model_name="organisation",
            name="second_eyes_from",
            field=models.PositiveSmallIntegerField(
                default=3,
                help_text="From this severity someone else agrees with a measure before it is signed.",
                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(4)],
                verbose_name="second pair of eyes from severity",
            ),
        ),
        migrations.AddConstraint(
            model_name="organisation",
            constraint=models.CheckConstraint(
                condition=models.Q(("second_eyes_from__gte", 1), ("second_eyes_from__lte", 4)),
                name="organisation_second_eyes_1_to_4",
            ),
        ),
    ]
