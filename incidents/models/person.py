"""People outside the organisation: known again by keyed hashes, opened for a purpose, linked to cases by role."""

import json
import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from guidance.vocabulary import Relation
from incidents.models.incident import Incident
from incidents.querysets import PersonQuerySet
from incidents.vocabulary import DelayGround, IdentifierKind, InvolvedAs, OpeningPurpose, PersonKind
from vpdportal.accounts.models import Organisation, User
from vpdportal.encryption import sealed_text
from vpdportal.labels import Labelled

Identifiers = dict[str, list[str]]  # code of IdentifierKind → as typed


class Person(Labelled):
    """Someone outside the organisation. Who it is stands sealed; nothing plain says anything about the person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="persons")
    kind = models.CharField(max_length=10, choices=PersonKind.choices, default=PersonKind.PERSON)
    relation = models.CharField(max_length=20, choices=Relation.choices, default=Relation.UNKNOWN)
    is_minor = models.BooleanField(null=True)
    sealed_name = sealed_text()
    sealed_identifiers = sealed_text()
    sealed_address = sealed_text()  # where a letter goes; of a minor: the parents'
    destroyed_at = models.DateTimeField(null=True)  # from then on nobody knows who it was
    sealed_note = sealed_text()  # such as how to speak with this person; never a diagnosis
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar[Any] = PersonQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def identifiers(self) -> Identifiers:
        found: Identifiers = json.loads(self.sealed_identifiers or "{}")
        return found

    @identifiers.setter
    def identifiers(self, identifiers: Identifiers) -> None:
        self.sealed_identifiers = json.dumps({kind: values for kind, values in identifiers.items() if values})


class PersonKey(models.Model):
    """One identifier as a keyed hash (incidents/person_keys.py): found without being read."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="keys")
    kind = models.CharField(max_length=12, choices=IdentifierKind.choices)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "digest"], name="person_key_once")]
        indexes = [models.Index(fields=["organisation", "digest"], name="person_by_key")]

    def __str__(self) -> str:
        return self.kind


class Involvement(Labelled):
    """What a person has to do with a case, "as reported"; and that they were told that it is kept (AVG 14)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="involvements")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="involvements")
    role = models.CharField(max_length=12, choices=InvolvedAs.choices)
    remark = sealed_text()  # what this person did or saw, in a few words
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    informed_on = models.DateField(null=True)
    delayed_until = models.DateField(null=True)
    delay_ground = models.CharField(max_length=10, choices=DelayGround.choices, blank=True)
    delay_reason = sealed_text(null=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "person", "role"], name="involved_once_in_a_role"),
            models.CheckConstraint(
                condition=Q(delayed_until__isnull=True, delay_ground="")
                | (Q(delayed_until__isnull=False) & ~Q(delay_ground="")),
                name="involvement_delay_has_a_ground",
            ),
        ]
        indexes = [models.Index(fields=["person", "role"], name="involvement_of_person")]

    def __str__(self) -> str:
        return f"{self.role} {self.incident_id}"


class PersonOpening(models.Model):
    """That someone opened a person's record, and why: without a running one the record stays shut."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="openings")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    incident = models.ForeignKey(Incident, on_delete=models.SET_NULL, null=True, related_name="+")
    purpose = models.CharField(max_length=10, choices=OpeningPurpose.choices)
    reason = sealed_text()
    at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["person", "user", "until"], name="opening_that_runs")]

    def __str__(self) -> str:
        return self.purpose

    def is_running(self, now: datetime) -> bool:
        return self.at <= now < self.until


class RestrictionCheck(models.Model):
    """That someone of the organisation asked whether something runs against a person: asked, answered, counted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    reason = sealed_text()
    has_hit = models.BooleanField()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["user", "at"], name="check_of_person_by_day")]

    def __str__(self) -> str:
        return str(self.id)
