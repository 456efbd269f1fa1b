"""What is written along the way: timeline and notes."""

import uuid

from django.db import models

from guidance.cards import item_at
from incidents.models.incident import Incident
from incidents.vocabulary import TimelineKind
from vpdportal.accounts.models import Organisation, User
from vpdportal.encryption import sealed_text


class TimelineEntry(models.Model):
    """One thing that happened in a case: a code and, where it is about a menu item, the item's code."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="timeline")
    at = models.DateTimeField()
    kind = models.CharField(max_length=20, choices=TimelineKind.choices)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    code = models.CharField(max_length=12, blank=True)
    step = models.PositiveSmallIntegerField(default=0)
    menu_version = models.CharField(max_length=40, blank=True)  # the card whose words the item had then

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["incident", "-at"], name="timeline_newest_first")]

    def __str__(self) -> str:
        return self.kind

    @property
    def item_title(self) -> str:
        if not self.code:
            return ""
        return item_at(self.organisation_id, self.menu_version, self.code).step_title(self.step)


class Note(models.Model):
    """An adviser's internal note. Never shown to reporter, manager or management."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="notes")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = sealed_text()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return str(self.id)
