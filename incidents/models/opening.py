"""Looks that others look back at: a closed case opened in need, and the monthly sample of the log."""

import uuid

from django.db import models
from django.db.models import F, Q

from incidents.models.incident import Incident
from vpdportal.accounts.models import Organisation, User
from vpdportal.encryption import sealed_text


class CaseOpening(models.Model):
    """A restricted case opened in need by someone of the desk, for an hour; the data protection officer is told."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="openings")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = sealed_text()
    opened_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    judged_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    judged_at = models.DateTimeField(null=True)  # when the officer looked whether it was right
    was_in_order = models.BooleanField(null=True)
    judgement = sealed_text(null=True)

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("opened_at")), name="opening_ends_after_start"),
            models.CheckConstraint(
                condition=Q(judged_at__isnull=True, judged_by__isnull=True, was_in_order__isnull=True)
                | Q(judged_at__isnull=False, judged_by__isnull=False, was_in_order__isnull=False),
                name="opening_judged_by_someone",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "ends_at"], name="opening_of_person"),
            models.Index(fields=["organisation", "-opened_at"], name="opening_newest_first"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class LogReview(models.Model):
    """The sample of one month of the audit trail that the data protection officer looks at and signs."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    year = models.PositiveSmallIntegerField()
    month = models.PositiveSmallIntegerField()
    positions = models.JSONField(default=list)  # of the events in the sample
    made_at = models.DateTimeField()
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    remark = sealed_text(null=True)

    class Meta:
        ordering = ["-year", "-month"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "year", "month"], name="log_review_once_a_month"),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True, signed_by__isnull=True)
                | Q(signed_at__isnull=False, signed_by__isnull=False),
                name="log_review_signed_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}-{self.month}"
