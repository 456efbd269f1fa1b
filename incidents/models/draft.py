"""A report that is being written: theirs alone, sealed, kept for 14 days after the last word."""

import json
import uuid
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from django.db import models

from incidents.models.location import Location
from incidents.vocabulary import ReportKind
from vpdportal.accounts.models import Organisation, User
from vpdportal.encryption import sealed_text

KEPT_FOR = timedelta(days=14)
Answers = dict[str, list[str]]  # as typed, right or wrong: name of the field → its values


@dataclass
class Content:
    """What a draft holds. `earlier`: what another tab wrote and this one wrote over, until the author has seen it."""

    answers: Answers = field(default_factory=dict)
    written_at: dict[str, int] = field(default_factory=dict)  # name of the field → revision of its last change
    written_by: dict[str, str] = field(default_factory=dict)  # name of the field → the page that changed it last
    earlier: Answers = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)  # the steps that were passed

    def changed_elsewhere(self, fresh: Answers, seen: int, page: str) -> list[str]:
        """The fields that another page changed after revision `seen` into something that `fresh` would lose."""
        return [
            name
            for name, values in fresh.items()
            if self.written_at.get(name, 0) > seen
            and self.written_by.get(name) != page
            and is_lost(self.answers.get(name, []), values)
        ]

    def set_aside(self, names: list[str], fresh: Answers) -> None:
        """Keep the stored values of `names` to be shown; what was set aside before for these fields has been seen."""
        kept = {name: self.answers[name] for name in names}
        self.earlier = {name: values for name, values in self.earlier.items() if name not in fresh} | kept

    def put(self, fresh: Answers, revision: int, page: str) -> None:
        for name, values in fresh.items():
            if self.answers.get(name) != values:
                self.answers[name] = values
                self.written_at[name], self.written_by[name] = revision, page


def is_lost(stored: list[str], fresh: list[str]) -> bool:
    """Whether the stored values would be gone: not when they are the same, or a text that the new one goes on from."""
    if stored == fresh or not any(stored):
        return False
    return not (len(stored) == len(fresh) == 1 and fresh[0].startswith(stored[0]))


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
    sealed_content = sealed_text()

    class Meta:
        ordering = ["-saved_at", "id"]
        indexes = [
            models.Index(fields=["author", "-saved_at"], name="draft_of_author"),
            models.Index(fields=["saved_at"], name="draft_by_age"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def content(self) -> Content:
        return Content(**json.loads(self.sealed_content)) if self.sealed_content else Content()

    @content.setter
    def content(self, content: Content) -> None:
        self.sealed_content = json.dumps(asdict(content))
