"""A statement says in a column of its own what it is; until now the first line of its sealed text did.

And how the reporter is to be reached is kept apart from what the person hit gave.
"""

from django.db import migrations, models

from vpdportal.encryption import EncryptedTextField

KINDS = [
    ("addition", "addition"),
    ("correction", "correction"),
    ("saw_nothing", "saw nothing of it"),
    ("rather_not", "would rather not tell"),
]
MARKED = {f"[{kind}]": kind for kind, _label in KINDS[1:]}


def to_column(apps, schema_editor):
    for statement in apps.get_model("incidents", "Statement").objects.iterator():
        first, _line, rest = statement.text.partition("\n")
        if first in MARKED:
            statement.kind, statement.text = MARKED[first], rest
            statement.save(update_fields=["kind", "text"])


def to_first_line(apps, schema_editor):
    for statement in apps.get_model("incidents", "Statement").objects.exclude(kind="addition").iterator():
        statement.text = f"[{statement.kind}]\n{statement.text}"
        statement.save(update_fields=["text"])


class Migration(migrations.Migration):
    dependencies = [("incidents", "0004_reporting_in_steps")]

    operations = [
        migrations.AddField("incident", "reporter_contact", EncryptedTextField(null=True)),
        migrations.AddField("statement", "kind", models.CharField(choices=KINDS, default="addition", max_length=12)),
        migrations.RunPython(to_column, to_first_line),
        migrations.AlterField(
            "evidence",
            "scan",
            models.CharField(
                choices=[
                    ("not_scanned", "not scanned for viruses"),
                    ("held_back", "waits for the virus scanner"),
                    ("clean", "scanned, no virus found"),
                    ("taken_away", "taken away: the virus scanner found something in it"),
                ],
                default="not_scanned",
                max_length=12,
            ),
        ),
    ]
