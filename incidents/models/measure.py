"""What the menu advised for one incident, and what was decided about it."""

import uuid

from django.db import models
from django.db.models import Q

from guidance.explaining import because_text
from guidance.menu import Item, load_menu
from guidance.vocabulary import Phase, Strength
from incidents.models.incident import Incident
from incidents.vocabulary import MeasureStatus
from vpdportal.accounts.models import Organisation, User
from vpdportal.encryption import sealed_text


class Measure(models.Model):
    """One item of the menu, advised with its reason; taken or declined by a person with a name and a reason."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="measures")
    code = models.CharField(max_length=12)
    phase = models.CharField(max_length=12, choices=Phase.choices)
    strength = models.CharField(max_length=6, choices=Strength.choices)
    due_at = models.DateTimeField(null=True)
    is_late_report = models.BooleanField(default=False)  # the term counts from the report, which came after it
    is_on_hold = models.BooleanField(default=False)  # the police ask to wait
    because = models.JSONField(default=list)
    waits_for = models.JSONField(default=list)  # codes: no task until one of these is taken or held
    menu_version = models.CharField(max_length=40)
    advised_at = models.DateTimeField()
    is_still_advised = models.BooleanField(default=True)  # false: facts that came later took the reason away
    status = models.CharField(max_length=10, choices=MeasureStatus.choices, default=MeasureStatus.PROPOSED)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reason = sealed_text()

    class Meta:
        ordering = ["phase", "code"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "code"], name="measure_advised_once"),
            models.CheckConstraint(
                condition=~Q(status=MeasureStatus.DECLINED) | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="measure_declined_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def item(self) -> Item:
        return load_menu().items[self.code]

    @property
    def waits_for_titles(self) -> list[str]:
        return [load_menu().items[code].title for code in self.waits_for]

    @property
    def can_be_chosen(self) -> bool:
        """Not yet decided, and not waiting for something that must be held first: that brings it by itself."""
        return self.status == MeasureStatus.PROPOSED and not (self.waits_for and self.item.follows_done)

    @property
    def reason_for_advice(self) -> str:
        """The because, as a sentence in the language of the screen."""
        return because_text(self.because)
