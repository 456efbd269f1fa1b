"""Aftercare as planned moments, and the damage. Of a talk only that it was held: never what was said."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from incidents.models.incident import Incident
from incidents.models.person import Person
from incidents.models.task import Task
from incidents.querysets import CareQuerySet
from incidents.vocabulary import CareFor, CareKind, CareStatus, DamageKind, DamageOf, DamageRoute
from vpdportal.accounts.models import Organisation, User
from vpdportal.encryption import sealed_text
from vpdportal.labels import Labelled


class CareMoment(Labelled):
    """One moment of aftercare for one person, with who gives it. Hangs on the task that asks for it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="care")
    task = models.OneToOneField(Task, on_delete=models.CASCADE, related_name="care")
    kind = models.CharField(max_length=12, choices=CareKind.choices)
    care_for = models.CharField(max_length=10, choices=CareFor.choices, default=CareFor.AFFECTED)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")  # who it is for, with account
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    name = sealed_text()  # who it is for, without account
    contact = sealed_text()
    status = models.CharField(max_length=10, choices=CareStatus.choices, default=CareStatus.PLANNED)
    planned_at = models.DateTimeField(null=True)
    place = sealed_text()
    wish = sealed_text()  # what the person asks: another moment, another contact
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=0)

    objects: ClassVar[Any] = CareQuerySet.as_manager()

    class Meta:
        ordering = ["planned_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=[CareStatus.HELD, CareStatus.CANCELLED], ended_at__isnull=False)
                | (~Q(status__in=[CareStatus.HELD, CareStatus.CANCELLED]) & Q(ended_at__isnull=True)),
                name="care_ended_at_a_moment",
            )
        ]

    def __str__(self) -> str:
        return self.kind


class DamageLine(Labelled):
    """One loss: of whom, how much (in cents), by which route it is claimed, and what came back."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="damage_lines")
    of = models.CharField(max_length=14, choices=DamageOf.choices)
    kind = models.CharField(max_length=12, choices=DamageKind.choices)
    words = sealed_text()
    amount = models.PositiveIntegerField()  # cents
    route = models.CharField(max_length=12, choices=DamageRoute.choices, blank=True)
    claimed = models.PositiveIntegerField(default=0)  # cents
    claimed_on = models.DateField(null=True)
    recovered = models.PositiveIntegerField(default=0)  # cents
    recovered_on = models.DateField(null=True)
    is_finished = models.BooleanField(default=False)  # nothing more is expected
    remark = sealed_text()
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.kind
