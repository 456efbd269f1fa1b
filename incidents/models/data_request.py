"""What people ask about their own data (AVG 15-22), and what was collected to answer them."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from incidents.data_request_rows import LIMITING, DataRequestQuerySet
from incidents.models.person import Person
from incidents.vocabulary import (
    DataRequestKind,
    DataRequestStatus,
    DataSubject,
    PieceDecision,
    WithholdGround,
)
from vpdportal.accounts.models import Organisation, User
from vpdportal.encryption import sealed_text


class DataRequest(models.Model):
    """One request of one person, with its legal term. Who it is stands sealed; in mails and logs stands its number."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    reference = models.CharField(max_length=16)
    kind = models.CharField(max_length=14, choices=DataRequestKind.choices)
    subject = models.CharField(max_length=10, choices=DataSubject.choices)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")  # of an employee
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")  # of a citizen, if kept
    name = sealed_text()
    contact = sealed_text()
    words = sealed_text()  # what is asked
    received_on = models.DateField()
    due_on = models.DateField()
    extended_at = models.DateTimeField(null=True)
    extension_reason = sealed_text(null=True)
    identity_checked_at = models.DateTimeField(null=True)
    identity_checked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=10, choices=DataRequestStatus.choices, default=DataRequestStatus.RECEIVED)
    handler = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decision = sealed_text(null=True)  # in words, for the person
    ready_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    ready_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    is_granted = models.BooleanField(null=True)
    ended_at = models.DateTimeField(null=True)  # of a limit that was granted: from then on it holds no more
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    forgotten_at = models.DateTimeField(null=True)  # from then on nobody knows who asked
    created_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=0)

    objects: ClassVar[Any] = DataRequestQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "reference"], name="data_request_number_once"),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="data_request_decided_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="data_request_ended_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_finished(self) -> bool:
        return self.status in {DataRequestStatus.DECIDED, DataRequestStatus.WITHDRAWN}

    @property
    def is_for_access(self) -> bool:
        return self.kind == DataRequestKind.ACCESS

    @property
    def has_record(self) -> bool:
        """Whether there is a record of who asks that still says who it is."""
        return self.person is not None and self.person.destroyed_at is None

    @property
    def is_to_be_carried_out(self) -> bool:
        """Whether it was granted, so that something has to be done with what is kept."""
        return self.status == DataRequestStatus.DECIDED and bool(self.is_granted)

    @property
    def is_limiting(self) -> bool:
        """Whether the data may only be kept, and not be used, because of this one (AVG 18 and 21)."""
        return self.is_to_be_carried_out and self.kind in LIMITING and self.ended_at is None


class DataPiece(models.Model):
    """One thing that is kept about the person, as collected, and whether it is given, masked or withheld."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    request = models.ForeignKey(DataRequest, on_delete=models.CASCADE, related_name="pieces")
    source = models.CharField(max_length=60)  # model.column
    object_id = models.UUIDField()
    at = models.DateTimeField(null=True)  # of the row it comes from
    text = sealed_text()  # as it is kept
    given = sealed_text()  # as it will be given, with others masked
    decision = models.CharField(max_length=10, choices=PieceDecision.choices, default=PieceDecision.OPEN)
    ground = models.CharField(max_length=20, choices=WithholdGround.choices, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["source", "at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["request", "source", "object_id"], name="data_piece_once"),
        ]

    def __str__(self) -> str:
        return self.source

    @property
    def is_proposed_withheld(self) -> bool:
        """Whether the proposal, as long as nobody looked at it, is to withhold it: then a ground stands there."""
        return self.decision == PieceDecision.OPEN and bool(self.ground)


class PrivacyAnswer(models.Model):
    """The organisation's own answer to one question of its register, DPIA or sheet for the works council."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="privacy_answers")
    question = models.CharField(max_length=40)  # a code of the sheet
    text = models.TextField(max_length=5000)  # about the organisation, never about a person
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["question"]
        constraints = [models.UniqueConstraint(fields=["organisation", "question"], name="privacy_answer_once")]

    def __str__(self) -> str:
        return self.question
