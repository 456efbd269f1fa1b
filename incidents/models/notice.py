"""The queue of reminders. It lives here, in the database; Celery only looks at it each minute (ADR 22)."""

import uuid

from django.db import models
from django.db.models import Q

from incidents.models.task import Task
from incidents.vocabulary import AlarmKind, MailKind, MailStatus, MailTrouble, NoticeStep
from vpdportal.accounts.models import Organisation, User


class Mail(models.Model):
    """One mail to one person. Its id is the Message-ID: a second copy is seen as the same.

    Of the mails with everything that is open (`kind` digest) a person gets one a day; `day` is the local one.
    Claimed by a lease, sent, then recorded. Delivery is at least once: a double only when the process or the database
    dies, or the line drops, between the mail server's yes and the record.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=MailKind.choices, default=MailKind.AT_ONCE)
    day = models.DateField()
    status = models.CharField(max_length=10, choices=MailStatus.choices, default=MailStatus.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    claim = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=10, choices=MailTrouble.choices, blank=True)  # whose fault the last try was
    failure = models.CharField(max_length=80, blank=True)  # the kind of error and its number, never its text

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status=MailStatus.WAITING, finished_at__isnull=True)
                | (~Q(status=MailStatus.WAITING) & Q(finished_at__isnull=False)),
                name="mail_finished_at_a_moment",
            ),
            models.UniqueConstraint(
                fields=["recipient", "day"],
                name="mail_one_digest_a_day",
                condition=Q(kind=MailKind.DIGEST) & ~Q(status=MailStatus.CANCELLED),
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], name="mail_waiting", condition=Q(status=MailStatus.WAITING)),
            models.Index(fields=["recipient"], name="mail_failed", condition=Q(status=MailStatus.FAILED)),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Notice(models.Model):
    """That a person must hear of a task at a moment. Unique, so planning twice is planning once.

    `due_at` is the moment of the step; `send_at` the moment from which it may be mailed, by the hours of the office.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="notices")
    step = models.CharField(max_length=12, choices=NoticeStep.choices)
    day = models.DateField()  # the local day of due_at: the step after the deadline comes back each day
    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    due_at = models.DateTimeField()
    send_at = models.DateTimeField()
    mail = models.ForeignKey(Mail, on_delete=models.SET_NULL, null=True, related_name="notices")
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["task", "step", "day", "recipient"], name="notice_once"),
        ]
        indexes = [
            models.Index(
                fields=["send_at"], name="notice_to_send", condition=Q(mail__isnull=True, cancelled_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.task_id}"


class Alarm(models.Model):
    """That someone must hear of something of the whole organisation, such as danger. Once a day; goes out as a mail."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    kind = models.CharField(max_length=20, choices=AlarmKind.choices)
    day = models.DateField()
    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    send_at = models.DateTimeField()
    mail = models.ForeignKey(Mail, on_delete=models.SET_NULL, null=True, related_name="alarms")
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["send_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "kind", "day", "recipient"], name="alarm_once_a_day"),
        ]
        indexes = [
            models.Index(
                fields=["send_at"], name="alarm_to_send", condition=Q(mail__isnull=True, cancelled_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.organisation_id}"


class Heartbeat(models.Model):
    """When a piece of the machine room last did its round, and what came of it, in numbers (`counts`)."""

    name = models.CharField(primary_key=True, max_length=20)
    at = models.DateTimeField()
    counts = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.name
