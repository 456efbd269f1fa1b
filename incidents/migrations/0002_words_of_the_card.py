"""Measures, tasks and timeline rows name the card whose words and terms they carry.

Menu 2026.2 has the words of 2026.1 in a richer form, so rows of the first are told to read the second.
"""

from django.db import migrations, models
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Concat, Substr

OLD, NEW = "2026.1", "2026.2"


def to_new(apps, schema_editor):
    _rename(apps, OLD, NEW)
    measures = apps.get_model("incidents", "Measure").objects.filter(pk=OuterRef("measure"))
    apps.get_model("incidents", "Task").objects.update(menu_version=Subquery(measures.values("menu_version")[:1]))
    incidents = apps.get_model("incidents", "Incident").objects.filter(pk=OuterRef("incident"))
    rows = apps.get_model("incidents", "TimelineEntry").objects.exclude(code="")
    rows.update(menu_version=Subquery(incidents.values("menu_version")[:1]))


def to_old(apps, schema_editor):
    _rename(apps, NEW, OLD)


def _rename(apps, old, new):
    for name in ("Incident", "Measure"):
        rows = apps.get_model("incidents", name).objects.filter(menu_version__startswith=old)
        rows.update(menu_version=Concat(Value(new), Substr(F("menu_version"), len(old) + 1)))


class Migration(migrations.Migration):
    dependencies = [("incidents", "0001_initial")]

    operations = [
        migrations.AddField("measure", "months_from", models.PositiveSmallIntegerField(null=True)),
        migrations.AddField("measure", "months_to", models.PositiveSmallIntegerField(null=True)),
        migrations.AddConstraint(
            "measure",
            models.CheckConstraint(
                condition=Q(months_from__isnull=True, months_to__isnull=True)
                | Q(months_from__gte=1, months_to__gte=F("months_from")),
                name="measure_months_in_order",
            ),
        ),
        migrations.AddField(
            "task", "menu_version", models.CharField(default="", max_length=40), preserve_default=False
        ),
        migrations.AddField(
            "timelineentry",
            "menu_version",
            models.CharField(blank=True, max_length=40, default=""),
            preserve_default=False,
        ),
        migrations.AlterField(
            "timelineentry",
            "kind",
            models.CharField(
                choices=[
                    ("reported", "The report came in"),
                    ("advised", "The menu was asked for advice"),
                    ("card_renewed", "The newest menu card was taken over"),
                    ("facts_added", "Facts were added"),
                    ("severity_confirmed", "The severity was confirmed"),
                    ("lowering_asked", "Someone asked to lower the severity; a second person has to confirm it"),
                    ("measure_taken", "A measure was chosen"),
                    ("measure_declined", "A measure was not chosen"),
                    ("task_done", "A task was done"),
                    ("task_declined", "A task was not done"),
                    ("task_handed_over", "A task was handed over"),
                    ("note_added", "A note was added"),
                    ("closed", "The case was closed"),
                ],
                max_length=20,
            ),
        ),
        migrations.RunPython(to_new, to_old),
    ]
