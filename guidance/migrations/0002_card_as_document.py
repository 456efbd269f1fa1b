"""A card becomes one document, with words, terms, own items and a ladder; and there is a draft to work on."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def rows_to_documents(apps, schema_editor):
    for card in apps.get_model("guidance", "MenuCard").objects.all():
        off = sorted(card.items.filter(is_on=False).values_list("code", flat=True))
        card.changes = {
            "items": {code: {"is_on": False} for code in off},
            "own": [],
            "ladder": [],
            "closed_day": "lustrum",
        }
        card.save(update_fields=["changes"])


def documents_to_rows(apps, schema_editor):
    """What was off comes back as rows. Own words, terms, items, ladder and drafts have no place in the older form: then
    it stops rather than lose them."""
    rows = apps.get_model("guidance", "CardItem").objects
    if apps.get_model("guidance", "MenuDraft").objects.exists():
        raise RuntimeError("There are drafts of menu cards: publish them or throw them away first.")
    for card in apps.get_model("guidance", "MenuCard").objects.all():
        changes = card.changes
        only_off = all(set(change) <= {"is_on"} for change in changes.get("items", {}).values())
        if not only_off or changes.get("own") or changes.get("ladder") or changes.get("closed_day") != "lustrum":
            raise RuntimeError(f"Menu card {card.pk} says more than on and off; the older form would lose that.")
        for code, change in card.changes.get("items", {}).items():
            rows.create(organisation_id=card.organisation_id, card=card, code=code, is_on=change.get("is_on", True))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("guidance", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("menucard", "changes", models.JSONField(default=dict)),
        migrations.RunPython(rows_to_documents, migrations.RunPython.noop),
        migrations.CreateModel(
            name="MenuDraft",
            fields=[
                (
                    "organisation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="menu_draft",
                        serialize=False,
                        to="accounts.organisation",
                    ),
                ),
                ("based_on", models.PositiveIntegerField()),
                ("revision", models.PositiveIntegerField(default=1)),
                ("changes", models.JSONField(default=dict)),
                ("changed_at", models.DateTimeField()),
                (
                    "changed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={"ordering": ["organisation"]},
        ),
        migrations.RunPython(migrations.RunPython.noop, documents_to_rows),
        migrations.DeleteModel("CardItem"),
    ]
