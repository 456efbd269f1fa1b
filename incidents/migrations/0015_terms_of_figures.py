"""Exact figures behind fixed months may go when their term has passed, and whether a look found again what was fixed
stands in a column of its own: it has to be known after they went (ADR 34)."""

import json

from django.db import migrations, models

import vpdportal.encryption
from incidents.models.append_only import FIXED


def unlock(apps, schema_editor):
    """What only grows is opened while its table is changed: SQLite makes the table anew, and its triggers with it."""
    for one in FIXED:
        one.unlock(apps, schema_editor)


def lock(apps, schema_editor):
    for one in FIXED:
        one.lock(apps, schema_editor)


def say_what_is_as_fixed(apps, schema_editor):
    rows = apps.get_model("incidents", "Correction").objects.select_related("release")
    for row in rows.iterator(chunk_size=200):
        if json.loads(row.sealed_exact) == json.loads(row.release.sealed_exact)["numbers"].get(row.figure):
            rows.filter(pk=row.pk).update(is_as_fixed=True)


class Migration(migrations.Migration):
    dependencies = [("incidents", "0014_sealed_upkeep")]

    operations = [
        migrations.RunPython(unlock, lock),
        migrations.AlterField(
            model_name="release", name="sealed_exact", field=vpdportal.encryption.EncryptedTextField(null=True)
        ),
        migrations.AlterField(
            model_name="correction", name="sealed_exact", field=vpdportal.encryption.EncryptedTextField(null=True)
        ),
        migrations.AddField(model_name="correction", name="is_as_fixed", field=models.BooleanField(default=False)),
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
                ],
                max_length=20,
            ),
        ),
        migrations.RunPython(say_what_is_as_fixed, migrations.RunPython.noop),
        migrations.RunPython(lock, unlock),
    ]
