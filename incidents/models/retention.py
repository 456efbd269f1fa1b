"""How long each part of a case is kept, what stays longer and why, and what was destroyed."""

import uuid

from django.db import models
from django.db.models import F, Q

from incidents.models.incident import Incident
from incidents.vocabulary import KeptPart, StayKind
from vpdportal.accounts.models import Organisation, User
from vpdportal.encryption import sealed_text


class RetentionTerm(models.Model):
    """A term that someone of the organisation chose for one part, and from when it holds once the officer agreed.

    Rows are added, never changed but for the agreement: the newest that holds on a day counts.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="retention_terms")
    part = models.CharField(max_length=20, choices=KeptPart.choices)
    months = models.PositiveSmallIntegerField()
    chosen_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    chosen_at = models.DateTimeField()
    agreed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    agreed_at = models.DateTimeField(null=True)
    holds_from = models.DateField(null=True)  # known when agreed: a change never holds at once

    class Meta:
        ordering = ["part", "-chosen_at"]
        constraints = [
            models.CheckConstraint(condition=Q(months__gte=1, months__lte=360), name="retention_1_to_360_months"),
            models.CheckConstraint(
                condition=Q(agreed_at__isnull=True, agreed_by__isnull=True, holds_from__isnull=True)
                | Q(agreed_at__isnull=False, agreed_by__isnull=False, holds_from__isnull=False),
                name="retention_agreed_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(agreed_by__isnull=True) | ~Q(agreed_by=F("chosen_by")), name="retention_agreed_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part} {self.months}"


class RetentionStay(models.Model):
    """Why a case, or one part of it, is kept longer than its term: put off for a while, or held for the law."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="stays")
    kind = models.CharField(max_length=10, choices=StayKind.choices)
    part = models.CharField(max_length=20, choices=KeptPart.choices, blank=True)  # empty: all of it
    until = models.DateField()  # put off until; of a hold: when to look again, it does not end by itself
    reason = sealed_text()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    lifted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at", "id"]
        indexes = [
            models.Index(fields=["incident"], name="stay_of_case", condition=Q(lifted_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.kind


class Destruction(models.Model):
    """One round of destroying: the certificate, without content. `counts`: number of rows and files by kind."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="destructions")
    number = models.PositiveIntegerField()  # in the organisation, from 1
    at = models.DateTimeField()
    terms = models.JSONField(default=dict)  # part → months that held
    counts = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)  # SHA-256 over what it says, also in the audit trail

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["organisation", "number"], name="destruction_number_once")]

    def __str__(self) -> str:
        return str(self.number)


class DestroyedPart(models.Model):
    """That a part of a case is gone, and in which round."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="destroyed_parts")
    part = models.CharField(max_length=20, choices=KeptPart.choices)
    destruction = models.ForeignKey(Destruction, on_delete=models.PROTECT, related_name="parts")

    class Meta:
        ordering = ["part"]
        constraints = [models.UniqueConstraint(fields=["incident", "part"], name="part_destroyed_once")]

    def __str__(self) -> str:
        return self.part
