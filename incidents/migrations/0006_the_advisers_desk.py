"""The adviser's desk: people, reactions, letters, police, aftercare, damage, links."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import vpdportal.encryption


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_the_advisers_desk"),
        ("incidents", "0005_kinds_and_contacts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Breach",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("happened_at", models.DateTimeField()),
                ("words", vpdportal.encryption.EncryptedTextField()),
                ("is_police_told", models.BooleanField(default=False)),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-happened_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="calendar_feed",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField()),
                ("used_on", models.DateField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="CareMoment",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("first", "First care, the same day"),
                            ("reception", "Reception talk"),
                            ("follow_up_1", "Follow-up talk after two weeks"),
                            ("follow_up_2", "Follow-up talk after six to eight weeks"),
                            ("symptoms", "How it goes after four weeks"),
                            ("closing", "Closing talk after three months"),
                            ("extra", "Extra moment"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "care_for",
                    models.CharField(
                        choices=[
                            ("affected", "person hit"),
                            ("witness", "witness"),
                            ("relative", "relative"),
                            ("team", "team"),
                        ],
                        default="affected",
                        max_length=10,
                    ),
                ),
                ("name", vpdportal.encryption.EncryptedTextField()),
                ("contact", vpdportal.encryption.EncryptedTextField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("planned", "planned"),
                            ("accepted", "accepted"),
                            ("move_asked", "another moment asked for"),
                            ("declined", "declined"),
                            ("held", "held"),
                            ("cancelled", "no longer needed"),
                        ],
                        default="planned",
                        max_length=10,
                    ),
                ),
                ("planned_at", models.DateTimeField(null=True)),
                ("place", vpdportal.encryption.EncryptedTextField()),
                ("wish", vpdportal.encryption.EncryptedTextField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("revision", models.PositiveIntegerField(default=0)),
            ],
            options={
                "ordering": ["planned_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="CaseLink",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("same_event", "the same event"),
                            ("same_perpetrator", "the same perpetrator"),
                            ("follows", "follows from it"),
                            ("related", "has to do with it"),
                        ],
                        max_length=16,
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="CaseWords",
            fields=[
                (
                    "incident",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="words",
                        serialize=False,
                        to="incidents.incident",
                    ),
                ),
                ("digests", models.JSONField(default=list)),
            ],
        ),
        migrations.CreateModel(
            name="DamageLine",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "of",
                    models.CharField(
                        choices=[("victim", "person hit"), ("organisation", "organisation")], max_length=14
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("goods", "clothes, glasses, jewellery or other things"),
                            ("medical", "medical costs, own risk included"),
                            ("travel", "travel to police, doctor or psychologist"),
                            ("household", "help in the household"),
                            ("immaterial", "compensation for suffering (smartengeld)"),
                            ("legal", "legal aid"),
                            ("earnings", "loss of earnings"),
                            ("vehicle", "vehicle"),
                            ("building", "building or furniture"),
                            ("pay", "pay during sick leave and return to work"),
                            ("advance", "what was paid to the person hit"),
                            ("other", "other costs"),
                        ],
                        max_length=12,
                    ),
                ),
                ("words", vpdportal.encryption.EncryptedTextField()),
                ("amount", models.PositiveIntegerField()),
                (
                    "route",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("mediation", "mediation by police or public prosecutor"),
                            ("joining", "joining the criminal case (voegen)"),
                            ("civil", "civil claim"),
                            ("cession", "claim handed to the employer (cessie)"),
                            ("recourse", "recourse of the employer (regres)"),
                            ("fund", "Schadefonds Geweldsmisdrijven"),
                            ("insurance", "insurance"),
                            ("none", "not recovered, with reason"),
                        ],
                        max_length=12,
                    ),
                ),
                ("claimed", models.PositiveIntegerField(default=0)),
                ("claimed_on", models.DateField(null=True)),
                ("recovered", models.PositiveIntegerField(default=0)),
                ("recovered_on", models.DateField(null=True)),
                ("is_finished", models.BooleanField(default=False)),
                ("remark", vpdportal.encryption.EncryptedTextField()),
                ("at", models.DateTimeField()),
                ("revision", models.PositiveIntegerField(default=0)),
            ],
            options={
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Involvement",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("perpetrator", "perpetrator"),
                            ("affected", "person hit"),
                            ("witness", "witness"),
                            ("relative", "relative"),
                        ],
                        max_length=12,
                    ),
                ),
                ("remark", vpdportal.encryption.EncryptedTextField()),
                ("at", models.DateTimeField()),
                ("informed_on", models.DateField(null=True)),
                ("delayed_until", models.DateField(null=True)),
                (
                    "delay_ground",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("police", "The police ask to wait"),
                            ("safety", "It would bring someone in danger"),
                            ("inquiry", "It would spoil an inquiry that is going on"),
                            ("address", "There is no address yet"),
                        ],
                        max_length=10,
                    ),
                ),
                ("delay_reason", vpdportal.encryption.EncryptedTextField(null=True)),
            ],
            options={
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("invitation", "Invitation to a talk"),
                            ("warning", "Written warning"),
                            ("conditions", "Contact conditions"),
                            ("pause", "Service paused"),
                            ("ban", "Building ban"),
                            ("ban_end", "End of a measure"),
                            ("avg14", "About the data that are kept (AVG 14)"),
                            ("damage", "Claim for damages"),
                            ("outcome", "Outcome for the reporter"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "draft"), ("sent", "sent"), ("withdrawn", "withdrawn")],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("sent_on", models.DateField(null=True)),
                (
                    "sent_by",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("post", "by post"),
                            ("registered", "by registered post"),
                            ("hand", "handed over"),
                            ("portal", "by the message box of the organisation"),
                            ("email", "by secured e-mail"),
                        ],
                        max_length=10,
                    ),
                ),
            ],
            options={
                "ordering": ["-made_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="LetterTemplate",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("invitation", "Invitation to a talk"),
                            ("warning", "Written warning"),
                            ("conditions", "Contact conditions"),
                            ("pause", "Service paused"),
                            ("ban", "Building ban"),
                            ("ban_end", "End of a measure"),
                            ("avg14", "About the data that are kept (AVG 14)"),
                            ("damage", "Claim for damages"),
                            ("outcome", "Outcome for the reporter"),
                        ],
                        max_length=12,
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("content", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("is_withdrawn", models.BooleanField(default=False)),
            ],
            options={
                "ordering": ["kind", "-version"],
            },
        ),
        migrations.CreateModel(
            name="LetterVersion",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("template_name", models.CharField(max_length=60)),
                ("sealed_values", vpdportal.encryption.EncryptedTextField()),
                ("is_brought", models.BooleanField(default=False)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-number"],
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("person", "person"), ("business", "business or organisation")],
                        default="person",
                        max_length=10,
                    ),
                ),
                (
                    "relation",
                    models.CharField(
                        choices=[
                            ("citizen", "Resident or client"),
                            ("business", "Business"),
                            ("colleague", "Colleague"),
                            ("office_holder", "Office holder"),
                            ("relative_of_client", "Relative of a client"),
                            ("unknown", "Not known"),
                        ],
                        default="unknown",
                        max_length=20,
                    ),
                ),
                ("is_minor", models.BooleanField(null=True)),
                ("sealed_name", vpdportal.encryption.EncryptedTextField()),
                ("sealed_identifiers", vpdportal.encryption.EncryptedTextField()),
                ("sealed_address", vpdportal.encryption.EncryptedTextField()),
                ("sealed_note", vpdportal.encryption.EncryptedTextField()),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["created_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="PersonKey",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("name_birth", "name and date of birth"),
                            ("email", "e-mail address"),
                            ("phone", "telephone number"),
                            ("client", "client or case number"),
                            ("account", "name on social media"),
                            ("address", "postcode and house number"),
                            ("plate", "number plate"),
                        ],
                        max_length=12,
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="PersonOpening",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("handle", "To handle this case"),
                            ("contact", "To prepare a contact with this person"),
                            ("review", "To review a running measure"),
                            ("request", "To answer a request of this person about own data"),
                            ("correct", "To correct what is kept"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reason", vpdportal.encryption.EncryptedTextField()),
                ("at", models.DateTimeField()),
                ("until", models.DateTimeField()),
            ],
            options={
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="PoliceSheet",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(choices=[("aangifte", "aangifte"), ("notice", "notice (melding)")], max_length=10),
                ),
                (
                    "filed_by",
                    models.CharField(
                        choices=[("employer", "the organisation"), ("victim", "the person hit, accompanied")],
                        default="employer",
                        max_length=10,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "being prepared"),
                            ("filed", "filed"),
                            ("not_filed", "not filed, with reason"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=0)),
                ("sealed_answers", vpdportal.encryption.EncryptedTextField()),
                ("is_vpt_code_asked", models.BooleanField(default=False)),
                ("is_under_number", models.BooleanField(default=False)),
                ("evidence", models.JSONField(default=list)),
                ("made_at", models.DateTimeField()),
                ("filed_on", models.DateField(null=True)),
                ("police_number", vpdportal.encryption.EncryptedTextField()),
                ("contact", vpdportal.encryption.EncryptedTextField()),
                ("why_not", vpdportal.encryption.EncryptedTextField()),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("inquiry", "being investigated"),
                            ("dismissed", "dismissed (sepot)"),
                            ("penalty_order", "penalty order (strafbeschikking)"),
                            ("convicted", "convicted"),
                            ("acquitted", "acquitted"),
                            ("mediated", "mediated"),
                            ("unknown", "no word of it"),
                        ],
                        max_length=14,
                    ),
                ),
                ("outcome_on", models.DateField(null=True)),
                ("outcome_words", vpdportal.encryption.EncryptedTextField()),
            ],
            options={
                "ordering": ["made_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Reaction",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("talk", "Incident talk"),
                            ("verbal", "Verbal warning"),
                            ("warning", "Written warning"),
                            ("conditions", "Contact conditions"),
                            ("pause", "Service paused"),
                            ("ban", "Building ban"),
                            ("civil_order", "Civil order"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("proposed", "waits for signature"),
                            ("signed", "signed, not yet given"),
                            ("active", "running"),
                            ("done", "given"),
                            ("ended", "ended"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=0)),
                ("conduct_on", models.DateField()),
                ("conduct", vpdportal.encryption.EncryptedTextField()),
                (
                    "hearing",
                    models.CharField(
                        choices=[
                            ("heard", "Heard: what they said stands below"),
                            ("invited", "Invited, but did not come or answer"),
                            ("later", "Not yet: they can tell their side when they get the letter"),
                            ("not_safe", "Not heard, because it was not safe"),
                        ],
                        max_length=10,
                    ),
                ),
                ("hearing_words", vpdportal.encryption.EncryptedTextField()),
                ("proportionality", vpdportal.encryption.EncryptedTextField()),
                ("core_services", vpdportal.encryption.EncryptedTextField()),
                ("scope", vpdportal.encryption.EncryptedTextField()),
                ("instruction", vpdportal.encryption.EncryptedTextField()),
                ("override_reason", vpdportal.encryption.EncryptedTextField()),
                ("starts_on", models.DateField(null=True)),
                ("ends_on", models.DateField(null=True)),
                ("drafted_at", models.DateTimeField()),
                ("proposed_at", models.DateTimeField(null=True)),
                ("seconded_at", models.DateTimeField(null=True)),
                ("signed_at", models.DateTimeField(null=True)),
                ("signer_remark", vpdportal.encryption.EncryptedTextField()),
                ("police_told_at", models.DateTimeField(null=True)),
                ("given_at", models.DateTimeField(null=True)),
                (
                    "end_kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("expired", "the term ended"),
                            ("early", "ended early"),
                            ("replaced", "followed by another measure"),
                            ("annulled", "taken back after a complaint or by a court"),
                        ],
                        max_length=10,
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True)),
                ("end_reason", vpdportal.encryption.EncryptedTextField()),
                ("reviewed_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["drafted_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="RestrictionCheck",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("reason", vpdportal.encryption.EncryptedTextField()),
                ("has_hit", models.BooleanField()),
            ],
            options={
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="SavedList",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=60)),
                ("page", models.CharField(max_length=20)),
                ("filters", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.AddField(
            model_name="incident",
            name="adviser",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="incident",
            name="evaluation",
            field=vpdportal.encryption.EncryptedTextField(null=True),
        ),
        migrations.AddField(
            model_name="incident",
            name="merged_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="incident",
            name="merged_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="incident",
            name="merged_into",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged_from",
                to="incidents.incident",
            ),
        ),
        migrations.AddField(
            model_name="incident",
            name="severity_judged_upon",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="incident",
            name="touched_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="measure",
            name="adaptation",
            field=vpdportal.encryption.EncryptedTextField(null=True),
        ),
        migrations.AddField(
            model_name="measure",
            name="hold_until",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="measure",
            name="own_due_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="task",
            name="about",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="task",
            name="kind",
            field=models.CharField(
                choices=[
                    ("menu", "from the menu"),
                    ("sign", "Sign a measure, or send it back"),
                    ("second_look", "Look at a measure with a second pair of eyes"),
                    ("review", "Review a running measure"),
                    ("talk", "Have a talk for aftercare"),
                    ("look_again", "Look again at a measure that was put off"),
                    ("lesson", "Carry out a lesson for prevention"),
                    ("own", "Own task"),
                ],
                default="menu",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="words",
            field=vpdportal.encryption.EncryptedTextField(null=True),
        ),
        migrations.AlterField(
            model_name="incident",
            name="status",
            field=models.CharField(
                choices=[
                    ("received", "received"),
                    ("in_progress", "in progress"),
                    ("closed", "closed"),
                    ("merged", "joined with another report"),
                ],
                default="received",
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="measure",
            name="status",
            field=models.CharField(
                choices=[
                    ("proposed", "proposed"),
                    ("taken", "chosen"),
                    ("held", "put off"),
                    ("declined", "not chosen"),
                ],
                default="proposed",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="task",
            name="code",
            field=models.CharField(blank=True, max_length=12),
        ),
        migrations.AlterField(
            model_name="task",
            name="measure",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="tasks", to="incidents.measure"
            ),
        ),
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
                ],
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(
                condition=models.Q(("status__in", ["closed", "merged"]), _negated=True),
                fields=["organisation", "touched_at"],
                name="incident_gone_quiet",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("merged_at__isnull", False), ("merged_into__isnull", False), ("status", "merged")),
                    models.Q(
                        models.Q(("status", "merged"), _negated=True),
                        ("merged_at__isnull", True),
                        ("merged_into__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="incident_merged_into_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(("merged_into", models.F("id")), _negated=True),
                name="incident_not_merged_into_itself",
            ),
        ),
        migrations.AddConstraint(
            model_name="measure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_by__isnull", False), ("hold_until__isnull", False), ("status", "held")),
                    models.Q(models.Q(("status", "held"), _negated=True), ("hold_until__isnull", True)),
                    _connector="OR",
                ),
                name="measure_put_off_until_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "menu"), ("measure__isnull", False), models.Q(("code", ""), _negated=True)),
                    models.Q(models.Q(("kind", "menu"), _negated=True), ("code", ""), ("measure__isnull", True)),
                    _connector="OR",
                ),
                name="task_from_the_menu_or_not",
            ),
        ),
        migrations.AddField(
            model_name="breach",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="breach",
            name="organisation",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="accounts.organisation"),
        ),
        migrations.AddField(
            model_name="caremoment",
            name="incident",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="care", to="incidents.incident"
            ),
        ),
        migrations.AddField(
            model_name="caremoment",
            name="organisation",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="accounts.organisation"),
        ),
        migrations.AddField(
            model_name="caremoment",
            name="task",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="care", to="incidents.task"
            ),
        ),
        migrations.AddField(
            model_name="caremoment",
            name="user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="caselink",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="caselink",
            name="one",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="links_from", to="incidents.incident"
            ),
        ),
        migrations.AddField(
            model_name="caselink",
            name="organisation",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="accounts.organisation"),
        ),
        migrations.AddField(
            model_name="caselink",
            name="other",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="links_to", to="incidents.incident"
            ),
        ),
        migrations.AddField(
            model_name="casewords",
            name="organisation",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="accounts.organisation"),
        ),
        migrations.AddField(
            model_name="damageline",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="damageline",
            name="incident",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="damage_lines", to="incidents.incident"
            ),
        ),
        migrations.AddField(
            model_name="damageline",
            name="organisation",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="accounts.organisation"),
        ),
        migrations.AddField(
            model_name="involvement",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="involvement",
            name="incident",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="involvements", to="incidents.incident"
            ),
        ),
        migrations.AddField(
            model_name="involvement",
            name="organisation",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="accounts.organisation"),
        ),
        migrations.AddField(
            model_name="letter",
            name="incident",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="letters", to="incidents.incident"
            ),
        ),
        migrations.AddField(
            model_name="letter",
            name="made_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="letter",
            name="marked_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="letter",
            name="organisation",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="accounts.organisation"),
        ),
        migrations.AddField(
            model_name="lettertemplate",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="lettertemplate",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="letter_templates", to="accounts.organisation"
            ),
        ),
        migrations.AddField(
            model_name="letterversion",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="letterversion",
            name="letter",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="incidents.letter"
            ),
        ),
        migrations.AddField(
            model_name="letterversion",
            name="organisation",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="accounts.organisation"),
        ),
        migrations.AddField(
            model_name="letterversion",
            name="template",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="incidents.lettertemplate"
            ),
        ),
        migrations.AddField(
            model_name="person",
            name="created_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="person",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="persons", to="accounts.organisation"
            ),
        ),
        migrations.AddField(
            model_name="letter",
            name="person",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="letters", to="incidents.person"
            ),
        ),
        migrations.AddField(
            model_name="involvement",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="involvements", to="incidents.person"
            ),
        ),
        migrations.AddField(
            model_name="caremoment",
            name="person",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="incidents.person"
            ),
        ),
        migrations.AddField(
            model_name="personkey",
            name="organisation",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="accounts.organisation"),
        ),
        migrations.AddField(
            model_name="personkey",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="keys", to="incidents.person"
            ),
        ),
        migrations.AddField(
            model_name="personopening",
            name="incident",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="incidents.incident"
            ),
        ),
        migrations.AddField(
            model_name="personopening",
            name="organisation",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="accounts.organisation"),
        ),
        migrations.AddField(
            model_name="personopening",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="openings", to="incidents.person"
            ),
        ),
        migrations.AddField(
            model_name="personopening",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="policesheet",
            name="incident",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="police_sheets", to="incidents.incident"
            ),
        ),
        migrations.AddField(
            model_name="policesheet",
            name="made_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="policesheet",
            name="organisation",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="accounts.organisation"),
        ),
        migrations.AddField(
            model_name="reaction",
            name="drafted_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="reaction",
            name="follows",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="followed_by",
                to="incidents.reaction",
            ),
        ),
        migrations.AddField(
            model_name="reaction",
            name="incident",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="reactions", to="incidents.incident"
            ),
        ),
        migrations.AddField(
            model_name="reaction",
            name="measure",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="reactions", to="incidents.measure"
            ),
        ),
        migrations.AddField(
            model_name="reaction",
            name="organisation",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="accounts.organisation"),
        ),
        migrations.AddField(
            model_name="reaction",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="reactions", to="incidents.person"
            ),
        ),
        migrations.AddField(
            model_name="reaction",
            name="second",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="reaction",
            name="signer",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="letter",
            name="reaction",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="letters", to="incidents.reaction"
            ),
        ),
        migrations.AddField(
            model_name="breach",
            name="reaction",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="breaches", to="incidents.reaction"
            ),
        ),
        migrations.AddField(
            model_name="restrictioncheck",
            name="organisation",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="accounts.organisation"),
        ),
        migrations.AddField(
            model_name="restrictioncheck",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="savedlist",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="saved_lists", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="caselink",
            constraint=models.UniqueConstraint(fields=("one", "other"), name="case_link_once"),
        ),
        migrations.AddConstraint(
            model_name="caselink",
            constraint=models.CheckConstraint(
                condition=models.Q(("one", models.F("other")), _negated=True), name="case_link_of_two"
            ),
        ),
        migrations.AddConstraint(
            model_name="lettertemplate",
            constraint=models.UniqueConstraint(
                fields=("organisation", "kind", "version"), name="letter_template_version_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="letterversion",
            constraint=models.UniqueConstraint(fields=("letter", "number"), name="letter_version_once"),
        ),
        migrations.AddIndex(
            model_name="involvement",
            index=models.Index(fields=["person", "role"], name="involvement_of_person"),
        ),
        migrations.AddConstraint(
            model_name="involvement",
            constraint=models.UniqueConstraint(fields=("incident", "person", "role"), name="involved_once_in_a_role"),
        ),
        migrations.AddConstraint(
            model_name="involvement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("delay_ground", ""), ("delayed_until__isnull", True)),
                    models.Q(("delayed_until__isnull", False), models.Q(("delay_ground", ""), _negated=True)),
                    _connector="OR",
                ),
                name="involvement_delay_has_a_ground",
            ),
        ),
        migrations.AddConstraint(
            model_name="caremoment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", False), ("status__in", ["held", "cancelled"])),
                    models.Q(
                        models.Q(("status__in", ["held", "cancelled"]), _negated=True), ("ended_at__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="care_ended_at_a_moment",
            ),
        ),
        migrations.AddIndex(
            model_name="personkey",
            index=models.Index(fields=["organisation", "digest"], name="person_by_key"),
        ),
        migrations.AddConstraint(
            model_name="personkey",
            constraint=models.UniqueConstraint(fields=("person", "digest"), name="person_key_once"),
        ),
        migrations.AddIndex(
            model_name="personopening",
            index=models.Index(fields=["person", "user", "until"], name="opening_that_runs"),
        ),
        migrations.AddConstraint(
            model_name="policesheet",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("filed_on__isnull", False), ("status", "filed")),
                    models.Q(models.Q(("status", "filed"), _negated=True), ("filed_on__isnull", True)),
                    _connector="OR",
                ),
                name="police_sheet_filed_on_a_day",
            ),
        ),
        migrations.AddIndex(
            model_name="reaction",
            index=models.Index(
                condition=models.Q(("status", "active")), fields=["organisation", "ends_on"], name="reaction_running"
            ),
        ),
        migrations.AddIndex(
            model_name="reaction",
            index=models.Index(fields=["person", "status"], name="reaction_of_person"),
        ),
        migrations.AddConstraint(
            model_name="reaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ("conditions", "pause", "ban", "civil_order")), _negated=True),
                    models.Q(("status__in", ["signed", "active"]), _negated=True),
                    models.Q(("ends_on__isnull", False), ("starts_on__isnull", False)),
                    _connector="OR",
                ),
                name="reaction_restriction_has_an_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="reaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_on__isnull", True),
                    models.Q(("ends_on__gte", models.F("starts_on")), ("starts_on__isnull", False)),
                    _connector="OR",
                ),
                name="reaction_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="reaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", False), ("status", "ended")),
                    models.Q(models.Q(("status", "ended"), _negated=True), ("ended_at__isnull", True)),
                    _connector="OR",
                ),
                name="reaction_ended_at_a_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="reaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("second__isnull", True),
                    models.Q(("second", models.F("drafted_by")), _negated=True),
                    _connector="OR",
                ),
                name="reaction_second_is_someone_else",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sent_on__isnull", False), ("status", "sent"), models.Q(("sent_by", ""), _negated=True)),
                    models.Q(models.Q(("status", "sent"), _negated=True), ("sent_by", ""), ("sent_on__isnull", True)),
                    _connector="OR",
                ),
                name="letter_sent_on_a_day",
            ),
        ),
        migrations.AddIndex(
            model_name="restrictioncheck",
            index=models.Index(fields=["user", "at"], name="check_of_person_by_day"),
        ),
        migrations.AddConstraint(
            model_name="savedlist",
            constraint=models.UniqueConstraint(fields=("user", "page", "name"), name="saved_list_named_once"),
        ),
        migrations.AlterField(
            model_name="news",
            name="kind",
            field=models.CharField(
                choices=[
                    ("received", "Your report has come in"),
                    ("about_you", "Someone reported something that happened to you"),
                    ("message", "There is a message"),
                    ("question", "There is a question for you"),
                    ("witness_asked", "You are asked to tell what you saw"),
                    ("closed", "It is done: read what was done"),
                    ("added", "Something was added to the report"),
                    ("reopened", "The case was opened again"),
                    ("care", "There is something about a talk with you"),
                ],
                max_length=20,
            ),
        ),
    ]
