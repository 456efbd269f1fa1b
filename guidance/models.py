"""The organisation's menu card: versions that are published and never change after, and one draft to work on."""

import uuid

from django.db import models

from guidance.changes import Changes
from vpdportal.accounts.models import Organisation, User


class MenuCard(models.Model):
    """One published version of what an organisation made of the menu. `changes` is the document of card.Changes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="menu_cards")
    number = models.PositiveIntegerField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    changes = models.JSONField(default=dict)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["organisation", "number"], name="menu_card_one_a_number")]

    def __str__(self) -> str:
        return f"{self.organisation} {self.number}"

    def read_changes(self) -> Changes:
        return Changes.from_data(self.changes)


class MenuDraft(models.Model):
    """What the administrators are working on, one an organisation. `revision` goes up with every change."""

    organisation = models.OneToOneField(
        Organisation, primary_key=True, on_delete=models.CASCADE, related_name="menu_draft"
    )
    based_on = models.PositiveIntegerField()  # the number of the version it began from, 0: the menu as it ships
    revision = models.PositiveIntegerField(default=1)
    changes = models.JSONField(default=dict)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["organisation"]

    def __str__(self) -> str:
        return f"{self.organisation} {self.revision}"

    def read_changes(self) -> Changes:
        return Changes.from_data(self.changes)
