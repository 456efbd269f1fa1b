"""Words between the desk and one person of a case, and what a person has to hear of a case."""

import uuid

from django.db import models
from django.db.models import Q

from incidents.models.incident import Incident
from incidents.models.notice import Mail
from incidents.vocabulary import TELLS_DESK, NewsKind
from vpdportal.accounts.models import Organisation, User
from vpdportal.encryption import sealed_text


class Message(models.Model):
    """One message. `person` is whose thread it is (reporter, person hit, witness): nobody else of them reads it.

    A question from the desk may ask for facts (`asks`, dotted names); the answer points back to it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="messages")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    is_from_desk = models.BooleanField()
    form_key = models.UUIDField()  # of the form it came with: a double click sends once
    text = sealed_text()
    is_question = models.BooleanField(default=False)
    asks = models.JSONField(default=list)  # dotted names of facts
    answers = models.OneToOneField("self", on_delete=models.CASCADE, null=True, related_name="answer")
    seen_at = models.DateTimeField(null=True)  # when the other side first had it on the screen

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["by", "form_key"], name="message_sent_once"),
            models.CheckConstraint(
                condition=Q(is_question=False) | Q(is_from_desk=True), name="message_question_comes_from_the_desk"
            ),
        ]
        indexes = [
            models.Index(fields=["incident", "person", "at"], name="message_of_thread"),
            models.Index(fields=["organisation", "at"], name="message_of_desk", condition=Q(is_from_desk=True)),
            models.Index(
                fields=["organisation", "at"],
                name="message_unseen_by_desk",
                condition=Q(seen_at__isnull=True, is_from_desk=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class News(models.Model):
    """That a person must hear of something in a case, once. Goes out in the same mails as the notices of tasks."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="news")
    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=NewsKind.choices)
    about = models.UUIDField()  # the id of what it tells of: told once
    due_at = models.DateTimeField()
    mail = models.ForeignKey(Mail, on_delete=models.SET_NULL, null=True, related_name="news")
    cancelled_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [models.UniqueConstraint(fields=["recipient", "kind", "about"], name="news_once")]
        indexes = [
            models.Index(
                fields=["due_at"], name="news_waiting", condition=Q(mail__isnull=True, cancelled_at__isnull=True)
            ),
            models.Index(fields=["recipient", "incident"], name="news_unseen", condition=Q(seen_at__isnull=True)),
            models.Index(
                fields=["organisation", "incident"],
                name="news_unseen_by_desk",
                condition=Q(seen_at__isnull=True, kind__in=TELLS_DESK),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.incident_id}"
