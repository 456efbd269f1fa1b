"""What the menu advised for one incident, and what was decided about it."""

import uuid

from django.db import models
from django.db.models import F, Q

from guidance.cards import card_at, item_at
from guidance.differences import months_text
from guidance.explaining import reason_text
from guidance.menu import Item
from guidance.vocabulary import Phase, Strength
from incidents.models.incident import Incident
from incidents.vocabulary import MeasureStatus
from vpdportal.accounts.models import Organisation, User
from vpdportal.encryption import sealed_text
from vpdportal.labels import Labelled


class Measure(Labelled):
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
    menu_version = models.CharField(max_length=40)  # the card whose words and terms hold for it
    months_from = models.PositiveSmallIntegerField(null=True)  # what restricts someone: how long, as suggested
    months_to = models.PositiveSmallIntegerField(null=True)
    advised_at = models.DateTimeField()
    runs_in = models.ForeignKey(  # about the team, and another case of the team has the task already
        Incident, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    is_still_advised = models.BooleanField(default=True)  # false: facts that came later took the reason away
    status = models.CharField(max_length=10, choices=MeasureStatus.choices, default=MeasureStatus.PROPOSED)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reason = sealed_text()  # why it is not done, or not now
    hold_until = models.DateField(null=True)  # put off by a person: the day on which it is looked at again
    adaptation = sealed_text(null=True)  # what is done another way than the menu says
    own_due_at = models.DateTimeField(null=True)  # the term that a person gave it

    class Meta:
        ordering = ["phase", "code"]
        indexes = [
            models.Index(
                fields=["organisation", "due_at"],
                name="measure_with_own_term",
                condition=Q(own_due_at__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["incident", "code"], name="measure_advised_once"),
            models.CheckConstraint(
                condition=~Q(status=MeasureStatus.DECLINED) | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="measure_declined_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(status=MeasureStatus.HELD, hold_until__isnull=False, decided_by__isnull=False)
                | (~Q(status=MeasureStatus.HELD) & Q(hold_until__isnull=True)),
                name="measure_put_off_until_a_day",
            ),
            models.CheckConstraint(
                condition=Q(months_from__isnull=True, months_to__isnull=True)
                | Q(months_from__gte=1, months_to__gte=F("months_from")),
                name="measure_months_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def item(self) -> Item:
        """The item as it stood on the card that advised it."""
        return item_at(self.organisation_id, self.menu_version, self.code)

    @property
    def waits_for_titles(self) -> list[str]:
        return [item_at(self.organisation_id, self.menu_version, code).title for code in self.waits_for]

    @property
    def can_be_chosen(self) -> bool:
        """Not yet decided on, and not waiting for something that must be held first: that brings it by itself."""
        return self.status in {MeasureStatus.PROPOSED, MeasureStatus.HELD} and not (
            self.waits_for and self.item.follows_done
        )

    @property
    def reason_for_advice(self) -> str:
        """The because and where it comes from, as a sentence in the language of the screen."""
        return reason_text(self.because, self.item, card_at(self.organisation_id, self.menu_version).every)

    @property
    def months_label(self) -> str:
        """How long a restriction is suggested to last ("3 to 6 months"), else empty."""
        return months_text((self.months_from, self.months_to)) if self.months_from and self.months_to else ""
