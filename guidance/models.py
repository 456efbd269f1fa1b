"""The organisation's menu card: versions that are published and never change after."""

import uuid

from django.db import models

from vpdportal.accounts.models import Organisation, User


class MenuCard(models.Model):
    """One published version of an organisation's choices."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="menu_cards")
    number = models.PositiveIntegerField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["organisation", "number"], name="menu_card_one_a_number")]

    def __str__(self) -> str:
        return f"{self.organisation} {self.number}"


class CardItem(models.Model):
    """Whether one item of the menu is on, in one version."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    card = models.ForeignKey(MenuCard, on_delete=models.CASCADE, related_name="items")
    code = models.CharField(max_length=12)
    is_on = models.BooleanField(default=True)

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["card", "code"], name="card_item_once")]

    def __str__(self) -> str:
        return self.code
