"""The queue of reminders. It lives here, in the database; Celery only looks at it each minute."""

import uuid

from django.db import models
from django.db.models import Q

from incidents.models.task import Task
from incidents.vocabulary import MailStatus, NoticeStep
from vpdportal.accounts.models import Organisation, User


class Mail(models.Model):
    """One mail to one person about one or more tasks. Its id is the Message-ID: a second copy is seen as the same.

    Claimed by a lease, sent, then recorded. Delivery is at least once: a double only when the process dies between
    the mail server's yes and the record.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=MailStatus.choices, default=MailStatus.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    claim = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=80, blank=True)  # the kind of error, never its text

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status=MailStatus.WAITING, finished_at__isnull=True)
                | (~Q(status=MailStatus.WAITING) & Q(finished_at__isnull=False)),
                name="mail_finished_at_a_moment",
            )
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], name="mail_waiting", condition=Q(status=MailStatus.WAITING)),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Notice(models.Model):
    """That a person must hear of a task at a moment. Unique, so planning twice is planning once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="notices")
    step = models.CharField(max_length=12, choices=NoticeStep.choices)
    day = models.DateField()  # the local day of due_at: the step after the deadline comes back each day
    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    due_at = models.DateTimeField()
    mail = models.ForeignKey(Mail, on_delete=models.SET_NULL, null=True, related_name="notices")
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["task", "step", "day", "recipient"], name="notice_once"),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], name="notice_waiting", condition=Q(mail__isnull=True, cancelled_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.task_id}"


class Heartbeat(models.Model):
    """When a piece of the machine room last did its round."""

    name = models.CharField(primary_key=True, max_length=20)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
