"""The rows of the audit trail. Triggers in the first migration refuse every change and removal, on both databases."""

import uuid

from django.db import models


class AuditEvent(models.Model):
    """One thing that was seen or done. Holds codes, ids and names of fields; never a text that someone wrote.

    Persons and objects are plain ids: this floor knows no other, and an event outlives what it tells of.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation_id = models.UUIDField(null=True)  # null: of the installation, or of a person without an organisation
    position = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor_id = models.UUIDField(null=True)  # null: the portal itself
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=40)
    object_id = models.UUIDField(null=True)
    fields = models.JSONField(default=list)  # names of fields or codes
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["-at", "-position"]
        constraints = [
            models.UniqueConstraint(fields=["organisation_id", "position"], name="audit_one_event_a_position"),
        ]
        indexes = [
            models.Index(fields=["organisation_id", "-position"], name="audit_newest_first"),
            models.Index(fields=["object_id", "-at"], name="audit_of_one_object"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type}"


class ChainHead(models.Model):
    """Where an organisation's chain ends. Its row is the lock that gives positions one by one."""

    chain = models.CharField(primary_key=True, max_length=36)  # the organisation's id, or "installation"
    position = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return self.chain
