"""Letters from the organisation's own templates, kept with the case as they were sent; and the sheet for the police."""

import json
import uuid
from typing import Any

from django.db import models
from django.db.models import Q

from incidents.models.incident import Incident
from incidents.models.person import Person
from incidents.models.reaction import Reaction
from incidents.vocabulary import (
    FiledBy,
    LetterKind,
    LetterStatus,
    PoliceKind,
    PoliceOutcome,
    PoliceStatus,
    SentBy,
)
from vpdportal.accounts.models import Organisation, User
from vpdportal.encryption import sealed_text
from vpdportal.labels import Labelled


class LetterTemplate(models.Model):
    """A .docx of the organisation with fields in it. Each upload is a version; the newest one is used."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="letter_templates")
    kind = models.CharField(max_length=12, choices=LetterKind.choices)
    version = models.PositiveIntegerField()
    content = models.BinaryField()  # the .docx; holds fields and no person
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    is_withdrawn = models.BooleanField(default=False)  # the shipped one is used again

    class Meta:
        ordering = ["kind", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "kind", "version"], name="letter_template_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.version}"


class Letter(Labelled):
    """One letter of a case. Its text stands in versions; the one that was sent never changes again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="letters")
    kind = models.CharField(max_length=12, choices=LetterKind.choices)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="letters")
    reaction = models.ForeignKey(Reaction, on_delete=models.PROTECT, null=True, related_name="letters")
    status = models.CharField(max_length=10, choices=LetterStatus.choices, default=LetterStatus.DRAFT)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    sent_on = models.DateField(null=True)
    sent_by = models.CharField(max_length=10, choices=SentBy.choices, blank=True)
    marked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(status=LetterStatus.SENT, sent_on__isnull=False) & ~Q(sent_by=""))
                | (~Q(status=LetterStatus.SENT) & Q(sent_on__isnull=True, sent_by="")),
                name="letter_sent_on_a_day",
            )
        ]

    def __str__(self) -> str:
        return self.kind


class LetterVersion(models.Model):
    """A letter as it stood: the values of its fields and the .docx made of them (or brought back from Word)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    template = models.ForeignKey(LetterTemplate, on_delete=models.PROTECT, null=True, related_name="+")  # null: shipped
    template_name = models.CharField(max_length=60)  # such as "ban 3", or "ban shipped 2026-11"
    sealed_values = sealed_text()
    is_brought = models.BooleanField(default=False)  # changed in a word processor and brought back
    size = models.PositiveIntegerField()  # bytes of the .docx, before sealing
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["letter", "number"], name="letter_version_once")]

    def __str__(self) -> str:
        return f"{self.letter_id} {self.number}"

    @property
    def values(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.sealed_values or "{}")
        return found

    @values.setter
    def values(self, values: dict[str, str]) -> None:
        self.sealed_values = json.dumps(values)

    @property
    def path(self) -> str:
        """Where the sealed .docx stands in the evidence store."""
        return f"{self.organisation_id}/letters/{self.id}"


class PoliceSheet(models.Model):
    """What goes to the police, prepared here: an aangifte or a notice; then its number and what became of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="police_sheets")
    kind = models.CharField(max_length=10, choices=PoliceKind.choices)
    filed_by = models.CharField(max_length=10, choices=FiledBy.choices, default=FiledBy.EMPLOYER)
    status = models.CharField(max_length=10, choices=PoliceStatus.choices, default=PoliceStatus.DRAFT)
    revision = models.PositiveIntegerField(default=0)
    sealed_answers = sealed_text()  # the seven W's and what else the sheet holds, by name of the field
    is_vpt_code_asked = models.BooleanField(default=False)
    is_under_number = models.BooleanField(default=False)
    evidence = models.JSONField(default=list)  # ids of the files that go along
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    filed_on = models.DateField(null=True)
    police_number = sealed_text()  # of the police report (PV or mutation)
    contact = sealed_text()  # of the police
    why_not = sealed_text()
    outcome = models.CharField(max_length=14, choices=PoliceOutcome.choices, blank=True)
    outcome_on = models.DateField(null=True)
    outcome_words = sealed_text()

    class Meta:
        ordering = ["made_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status=PoliceStatus.FILED, filed_on__isnull=False)
                | (~Q(status=PoliceStatus.FILED) & Q(filed_on__isnull=True)),
                name="police_sheet_filed_on_a_day",
            )
        ]

    def __str__(self) -> str:
        return self.kind

    @property
    def answers(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.sealed_answers or "{}")
        return found

    @answers.setter
    def answers(self, answers: dict[str, Any]) -> None:
        self.sealed_answers = json.dumps(answers)
