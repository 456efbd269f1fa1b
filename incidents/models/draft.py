"""A report that is being written: theirs alone, sealed, kept for 14 days after the last word."""

import json
import uuid
from datetime import timedelta

from django.db import models

from incidents.models.location import Location
from incidents.vocabulary import ReportKind
from vpdportal.accounts.models import Organisation, User
from vpdportal.encryption import sealed_text

KEPT_FOR = timedelta(days=14)
Answers = dict[str, list[str]]  # as typed, right or wrong: name of the field → its values


class Draft(models.Model):
    """What someone has typed so far. Its id becomes the idempotency key of the report: sent once, whatever happens.

    `revision` counts what was kept: a form that started from an older one does not silently write over a newer one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    author = models.ForeignKey(User, on_delete=models.CASCADE, related_name="drafts")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")  # fixed at the start
    location = models.ForeignKey(Location, on_delete=models.SET_NULL, null=True, related_name="+")  # of a short link
    kind = models.CharField(max_length=10, choices=ReportKind.choices, default=ReportKind.INCIDENT)
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=0)
    sealed_answers = sealed_text()

    class Meta:
        ordering = ["-saved_at", "id"]
        indexes = [
            models.Index(fields=["author", "-saved_at"], name="draft_of_author"),
            models.Index(fields=["saved_at"], name="draft_by_age"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def answers(self) -> Answers:
        found: Answers = json.loads(self.sealed_answers or "{}")
        return found

    @answers.setter
    def answers(self, answers: Answers) -> None:
        self.sealed_answers = json.dumps(answers)
