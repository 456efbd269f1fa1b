"""What only a demonstration keeps."""

import uuid

from django.db import models

from vpdportal.accounts.models import User


class ClockShift(models.Model):
    """How far the demonstration's clock runs ahead; one row, read by web and worker alike."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    ahead = models.DurationField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="demo_one_clock")]

    def __str__(self) -> str:
        return str(self.ahead)


class Past(models.Model):
    """So many reports of before are still to be written, as seen from the moment at which the demonstration began."""

    started_at = models.DateTimeField()
    reports = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return str(self.reports)


class MailboxMessage(models.Model):
    """A mail that would have gone out."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    message_id = models.CharField(max_length=120)
    sent_at = models.DateTimeField()
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    body = models.TextField()

    class Meta:
        ordering = ["-sent_at", "-id"]

    def __str__(self) -> str:
        return self.subject


class DemoPerson(models.Model):
    """Someone a visitor can become with one click, in the order of the story."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return str(self.user)
