"""The lock for what is typed without signal: the device can only close it, the server opens it after sign-in."""

import uuid

from django.db import models

from vpdportal.accounts.models import User
from vpdportal.encryption import sealed_text


class OfflineKey(models.Model):
    """A key pair of one person on one device. The device gets the public half; the private half never leaves here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    private = sealed_text()  # PEM

    class Meta:
        ordering = ["-created_at", "id"]
        indexes = [models.Index(fields=["user", "-created_at"], name="offline_key_of_user")]

    def __str__(self) -> str:
        return str(self.id)
