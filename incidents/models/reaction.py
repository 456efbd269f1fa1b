"""A reaction to the perpetrator: what for, after hearing whom, who signed, until when; and what became of it."""

import uuid
from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.timezone import localdate

from incidents.models.incident import Incident
from incidents.models.measure import Measure
from incidents.models.person import Person
from incidents.querysets import ReactionQuerySet
from incidents.vocabulary import RESTRICTING, EndKind, Hearing, ReactionKind, ReactionStatus
from vpdportal.accounts.models import Organisation, User
from vpdportal.encryption import sealed_text
from vpdportal.labels import Labelled


class Reaction(Labelled):
    """One reaction in one case. What restricts someone always ends (handbook 3.3, 3.4)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="reactions")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="reactions")
    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, null=True, related_name="reactions")
    kind = models.CharField(max_length=12, choices=ReactionKind.choices)
    status = models.CharField(max_length=10, choices=ReactionStatus.choices, default=ReactionStatus.DRAFT)
    revision = models.PositiveIntegerField(default=0)  # a form that began from an older one writes over nothing

    conduct_on = models.DateField()  # the day of the conduct it answers: concrete and recent [S46]
    conduct = sealed_text()
    hearing = models.CharField(max_length=10, choices=Hearing.choices)
    hearing_words = sealed_text()  # their side, or why they were not heard
    proportionality = sealed_text()  # why this, and not less
    core_services = sealed_text()  # what stays available [S42]
    scope = sealed_text()  # which buildings, channels, people or conditions
    instruction = sealed_text()  # for the desk: what to do when this person comes; no story
    override_reason = sealed_text()  # why, where the menu says another way (R26)
    starts_on = models.DateField(null=True)  # as signed; it holds from `holds_from`
    ends_on = models.DateField(null=True)  # the last day

    drafted_at = models.DateTimeField()
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    signer = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    second = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    seconded_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    signer_remark = sealed_text()  # also why it was sent back
    police_told_at = models.DateTimeField(null=True)
    given_at = models.DateTimeField(null=True)
    end_kind = models.CharField(max_length=10, choices=EndKind.choices, blank=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = sealed_text()
    reviewed_at = models.DateTimeField(null=True)
    follows = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="followed_by")

    objects: ClassVar[Any] = ReactionQuerySet.as_manager()

    class Meta:
        ordering = ["drafted_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind__in=RESTRICTING)
                | ~Q(status__in=[ReactionStatus.SIGNED, ReactionStatus.ACTIVE])
                | Q(starts_on__isnull=False, ends_on__isnull=False),
                name="reaction_restriction_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=False, ends_on__gte=F("starts_on")),
                name="reaction_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(status=ReactionStatus.ENDED, ended_at__isnull=False)
                | (~Q(status=ReactionStatus.ENDED) & Q(ended_at__isnull=True)),
                name="reaction_ended_at_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(second__isnull=True) | ~Q(second=F("drafted_by")), name="reaction_second_is_someone_else"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation", "ends_on"], name="reaction_running", condition=Q(status=ReactionStatus.ACTIVE)
            ),
            models.Index(fields=["person", "status"], name="reaction_of_person"),
        ]

    def __str__(self) -> str:
        return self.kind

    @property
    def restricts(self) -> bool:
        return self.kind in RESTRICTING

    @property
    def holds_from(self) -> date | None:
        """The first day on which it holds: as it was signed, and never before it was given."""
        if self.starts_on is None or self.given_at is None:
            return self.starts_on
        return max(self.starts_on, localdate(self.given_at))

    @property
    def was_given_later(self) -> bool:
        """Whether it was given after the first day that was signed."""
        return self.holds_from != self.starts_on

    def is_running_on(self, day: date) -> bool:
        """Whether it holds on this day: given, begun, and not past its last day."""
        if self.status != ReactionStatus.ACTIVE or not self.holds_from or not self.ends_on:
            return False
        return self.holds_from <= day <= self.ends_on


class Breach(models.Model):
    """That a running measure was broken."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    reaction = models.ForeignKey(Reaction, on_delete=models.CASCADE, related_name="breaches")
    happened_at = models.DateTimeField()
    words = sealed_text()
    is_police_told = models.BooleanField(default=False)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-happened_at", "-id"]

    def __str__(self) -> str:
        return str(self.id)
