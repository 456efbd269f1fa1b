"""Cases of an earlier registration are brought in from a sheet (ADR 37); each organisation reaches its own only."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import vpdportal.encryption
from vpdportal.row_level_security import OwnRows

TABLES = (OwnRows("incidents_caseimport"), OwnRows("incidents_importblock"), OwnRows("incidents_importedcase"))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_row_level_security"),
        ("incidents", "0016_limits_that_end"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="timelineentry",
            name="kind",
            field=models.CharField(
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
                    ("statement_added", "Something was added to the report"),
                    ("evidence_added", "A file was added"),
                    ("evidence_removed", "A file was taken away: the virus scanner found something in it"),
                    ("message_sent", "A message was sent"),
                    ("question_asked", "A question was asked"),
                    ("question_answered", "A question was answered"),
                    ("support_asked", "Support was asked for"),
                    ("witness_asked", "A witness was asked to tell what happened"),
                    ("affected_linked", "The person hit can follow the report"),
                    ("visibility_changed", "Who may see the report was changed"),
                    ("helped_answered", "The reporter said whether it helped"),
                    ("reopened", "The case was opened again"),
                    ("became_incident", "The near miss was made an incident"),
                    ("assigned", "The case was given to an adviser"),
                    ("measure_held", "A measure was put off"),
                    ("measure_adapted", "A measure was adapted"),
                    ("task_added", "A task was added"),
                    ("merged", "The report was joined with another one about the same event"),
                    ("unmerged", "The report was taken apart again from another one"),
                    ("linked", "The case was linked with another one"),
                    ("unlinked", "The link with another case was taken away"),
                    ("person_linked", "A person was linked to the case"),
                    ("person_unlinked", "A person was taken off the case"),
                    ("person_informed", "A person was told that data about them are kept"),
                    ("informing_delayed", "Telling a person that data are kept was put off"),
                    ("reaction_drafted", "A reaction was drafted"),
                    ("reaction_changed", "A reaction was changed"),
                    ("reaction_proposed", "A reaction was laid before who signs it"),
                    ("reaction_sent_back", "A reaction was sent back"),
                    ("reaction_seconded", "A second person agreed with a reaction"),
                    ("reaction_signed", "A reaction was signed"),
                    ("police_told", "The police were told of a measure"),
                    ("reaction_started", "A reaction was given"),
                    ("reaction_extended", "A measure was followed by a longer one"),
                    ("reaction_ended", "A measure was ended"),
                    ("reaction_withdrawn", "A drafted reaction was withdrawn"),
                    ("reaction_reviewed", "A measure was reviewed"),
                    ("breached", "A measure was broken"),
                    ("letter_made", "A letter was made"),
                    ("letter_changed", "A letter was changed"),
                    ("letter_sent", "A letter was sent"),
                    ("letter_withdrawn", "A letter was withdrawn"),
                    ("police_sheet", "The police sheet was changed"),
                    ("police_filed", "The police were told, or an aangifte was made"),
                    ("police_outcome", "What the police or the court did was written down"),
                    ("care_planned", "A moment of aftercare was planned"),
                    ("care_moved", "A moment of aftercare was moved"),
                    ("care_held", "A moment of aftercare was held"),
                    ("care_accepted", "A moment of aftercare was accepted"),
                    ("care_declined", "A moment of aftercare was declined"),
                    ("care_asked", "Aftercare was asked for"),
                    ("damage_changed", "The damage was changed"),
                    ("evaluated", "The case was evaluated"),
                    ("restricted", "The case was closed to the rest of the desk"),
                    ("unrestricted", "The case was opened to the desk again"),
                    ("opened_in_need", "Someone else of the desk opened the case in need"),
                    ("kept_longer", "Destroying was put off"),
                    ("legally_held", "The case was held for a legal matter"),
                    ("stay_lifted", "What held back destroying was lifted"),
                    ("part_destroyed", "A part of the case was destroyed"),
                    ("imported", "The case was brought in from an earlier registration"),
                ],
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="CaseImport",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("read", "read, nothing is brought in yet"),
                            ("running", "being brought in"),
                            ("done", "brought in"),
                            ("undone", "undone"),
                        ],
                        default="read",
                        max_length=10,
                    ),
                ),
                ("name", vpdportal.encryption.EncryptedTextField()),
                ("sealed_columns", vpdportal.encryption.EncryptedTextField()),
                ("mapping", models.JSONField(default=dict)),
                ("takes_unknown_words", models.BooleanField(default=False)),
                ("rows_read", models.PositiveIntegerField(default=0)),
                ("rows_wrong", models.PositiveIntegerField(default=0)),
                ("rows_known", models.PositiveIntegerField(default=0)),
                ("rows_done", models.PositiveIntegerField(default=0)),
                ("started_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.department",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="imports", to="accounts.organisation"
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="ImportBlock",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("sealed_rows", vpdportal.encryption.EncryptedTextField(null=True)),
                ("problems", models.JSONField(default=list)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "of",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="blocks", to="incidents.caseimport"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="accounts.organisation"),
                ),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="ImportedCase",
            fields=[
                (
                    "incident",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="imported",
                        serialize=False,
                        to="incidents.incident",
                    ),
                ),
                ("row", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
                (
                    "of",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="cases", to="incidents.caseimport"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="accounts.organisation"),
                ),
            ],
            options={
                "ordering": ["row"],
            },
        ),
        migrations.AddIndex(
            model_name="caseimport",
            index=models.Index(condition=models.Q(("status", "running")), fields=["at"], name="import_running"),
        ),
        migrations.AddConstraint(
            model_name="caseimport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "undone"), ("undone_at__isnull", False), ("undone_by__isnull", False)),
                    models.Q(
                        models.Q(("status", "undone"), _negated=True),
                        ("undone_at__isnull", True),
                        ("undone_by__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="import_undone_by_someone",
            ),
        ),
        migrations.AddConstraint(
            model_name="importblock",
            constraint=models.UniqueConstraint(fields=("of", "number"), name="import_block_once"),
        ),
        migrations.AddConstraint(
            model_name="importedcase",
            constraint=models.UniqueConstraint(fields=("organisation", "digest"), name="imported_once"),
        ),
        *(migrations.RunPython(table.lock, table.unlock) for table in TABLES),
    ]
