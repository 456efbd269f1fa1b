"""Files that came with a report or were added to it."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from incidents.evidence_kinds import KINDS, Kind
from incidents.models.incident import Incident
from incidents.vocabulary import ScanResult
from vpdportal.accounts.models import Organisation, User
from vpdportal.encryption import sealed_text
from vpdportal.labels import Labelled


class Evidence(Labelled):
    """A file, sealed on disk. Without an incident it waits for the report that it will come with."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, null=True, related_name="evidence")
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    form_key = models.UUIDField()  # the idempotency key of the form it came with
    received_at = models.DateTimeField()
    name = sealed_text()
    content_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()  # bytes, before sealing
    sha256 = models.CharField(max_length=64)  # of the content as received
    scan = models.CharField(max_length=12, choices=ScanResult.choices, default=ScanResult.NOT_SCANNED)
    has_view_copy = models.BooleanField(default=False)  # a copy of a picture without the data that a camera adds

    class Meta:
        ordering = ["received_at", "id"]
        indexes = [
            models.Index(
                fields=["uploaded_by", "form_key"], name="evidence_waiting", condition=Q(incident__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def path(self) -> str:
        """Where the sealed file stands in the evidence store."""
        return f"{self.organisation_id}/{self.id}"

    @property
    def view_path(self) -> str:
        """Where the sealed copy for looking at stands."""
        return f"{self.organisation_id}/{self.id}.view"

    @property
    def kind(self) -> Kind:
        return KINDS[self.content_type]

    @property
    def kind_word(self) -> Any:
        """What kind of file it is, as people say it."""
        return self.kind.word

    @property
    def is_picture_without_copy(self) -> bool:
        return self.kind.is_picture and not self.has_view_copy and not self.is_taken_away

    @property
    def is_held_back(self) -> bool:
        """Whether nobody opens it until the scanner has seen it. Where the scanner was given up it is only marked."""
        return self.scan == ScanResult.HELD_BACK and bool(settings.CLAMD_ADDRESS)

    @property
    def is_taken_away(self) -> bool:
        """Whether the scanner found something later, so that only the row is left."""
        return self.scan == ScanResult.TAKEN_AWAY
