"""Who, besides roles, has something to do with one case: who must not see it, who saw it happen, what they told."""

import uuid

from django.db import models

from incidents.models.incident import Incident
from incidents.vocabulary import StatementBy, StatementKind
from vpdportal.accounts.models import Organisation, User
from vpdportal.encryption import sealed_text


class Exclusion(models.Model):
    """A person for whom this case does not exist, whatever role they hold (design of access, R1)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="exclusions")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["incident", "user"], name="exclusion_once")]

    def __str__(self) -> str:
        return str(self.id)


class Witness(models.Model):
    """A colleague who saw it, and is asked to tell. Sees what it is about and the own words, nothing else."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="witnesses")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [models.UniqueConstraint(fields=["incident", "user"], name="witness_asked_once")]

    def __str__(self) -> str:
        return str(self.id)


class Statement(models.Model):
    """What someone added to a report after it was sent. Added, never rewritten."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="statements")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    given_as = models.CharField(max_length=10, choices=StatementBy.choices)
    form_key = models.UUIDField()  # of the form it came with: a double click adds once
    kind = models.CharField(max_length=12, choices=StatementKind.choices, default=StatementKind.ADDITION)
    text = sealed_text()  # empty where the kind says enough

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["by", "form_key"], name="statement_sent_once")]

    def __str__(self) -> str:
        return str(self.id)
