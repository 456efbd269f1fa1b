"""A desk, building or vehicle of the organisation, with a code that opens the report form with the place filled in."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guidance.vocabulary import Channel
from incidents.vocabulary import LocationKind
from vpdportal.accounts.models import Department, Organisation


class Location(models.Model):
    """Where people of an organisation work. `code` is on the poster and in the short link; it is no secret."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="locations")
    department = models.ForeignKey(
        Department, verbose_name=_("department"), on_delete=models.PROTECT, null=True, blank=True
    )
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=10, choices=LocationKind.choices, default=LocationKind.BUILDING)
    channel = models.CharField(_("where or how"), max_length=30, choices=Channel.choices, default=Channel.COUNTER)
    code = models.CharField(max_length=8, unique=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="location_named_once"),
            models.CheckConstraint(condition=~Q(code=""), name="location_has_a_code"),
        ]

    def __str__(self) -> str:
        return self.name
