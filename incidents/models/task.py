"""Something one person has to do before a moment."""

import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from guidance.cards import item_at
from guidance.menu import Item
from incidents.models.incident import Incident
from incidents.models.measure import Measure
from incidents.querysets import TaskQuerySet
from incidents.vocabulary import CARE_CODES, TaskKind, TaskStatus
from vpdportal.accounts.models import Organisation, User
from vpdportal.encryption import sealed_text
from vpdportal.labels import Labelled

BY_CLOCK: list[Any] = [
    models.F("due_at").asc(nulls_last=True),
    "id",
]  # what is due first stands first; without a moment, last
ENDING = ["status", "reason", "finished_at", "finished_by"]  # the columns in which stands that and how it ended


class Task(Labelled):
    """One step of one measure, or (another `kind`) what the desk or a step of the work asks of one person.

    `due_at` may be empty: "before the next contact" has no moment.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="tasks")
    kind = models.CharField(max_length=12, choices=TaskKind.choices, default=TaskKind.MENU)
    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, null=True, related_name="tasks")
    code = models.CharField(max_length=12, blank=True)
    step = models.PositiveSmallIntegerField(default=0)  # which of the item's steps, from 0
    menu_version = models.CharField(max_length=40)  # the card whose words it carries
    words = sealed_text(null=True)  # what is asked, where it does not come from the menu
    about = models.UUIDField(null=True)  # the id of what it is about: a reaction, a moment of aftercare
    assignee = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="tasks")
    assigned_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    is_on_hold = models.BooleanField(default=False)  # the police ask to wait: no reminder, not late
    status = models.CharField(max_length=10, choices=TaskStatus.choices, default=TaskStatus.OPEN)
    finished_at = models.DateTimeField(null=True)
    finished_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reason = sealed_text()  # why it was not done, or a remark

    objects: ClassVar[Any] = TaskQuerySet.as_manager()

    class Meta:
        ordering = BY_CLOCK
        constraints = [
            models.UniqueConstraint(fields=["measure", "step"], name="task_one_a_step"),
            models.CheckConstraint(
                condition=(Q(kind=TaskKind.MENU, measure__isnull=False) & ~Q(code=""))
                | (~Q(kind=TaskKind.MENU) & Q(measure__isnull=True, code="")),
                name="task_from_the_menu_or_not",
            ),
            models.CheckConstraint(
                condition=Q(status=TaskStatus.OPEN, finished_at__isnull=True, finished_by__isnull=True)
                | (~Q(status=TaskStatus.OPEN) & Q(finished_at__isnull=False, finished_by__isnull=False)),
                name="task_finished_by_someone",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation", "due_at"], name="task_open_by_deadline", condition=Q(status=TaskStatus.OPEN)
            ),
            models.Index(fields=["organisation", "code", "due_at"], name="task_of_norm"),
            models.Index(
                fields=["organisation", "finished_at"], name="task_by_end", condition=Q(finished_at__isnull=False)
            ),
            models.Index(
                fields=["assignee", "due_at"], name="task_open_of_person", condition=Q(status=TaskStatus.OPEN)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code or self.kind}.{self.step}"

    @property
    def is_from_menu(self) -> bool:
        return self.kind == TaskKind.MENU

    @property
    def is_talk(self) -> bool:
        """Whether it is a talk of aftercare, from the menu or added."""
        return self.kind == TaskKind.TALK or self.code in CARE_CODES.values()

    @property
    def item(self) -> Item | None:
        """The item of the menu, as it stood on the card that advised it; None where it comes from elsewhere."""
        return item_at(self.organisation_id, self.menu_version, self.code) if self.is_from_menu else None

    @property
    def title(self) -> str:
        """What is asked, in the language of the screen: the step's own name where the item has several."""
        if self.item:
            return self.item.step_title(self.step)
        return self.words or str(self.get_kind_display())

    def take_end_back(self) -> None:
        """As it was before it ended. The caller saves ENDING, and plans its notices."""
        self.status, self.reason, self.finished_at, self.finished_by = TaskStatus.OPEN, "", None, None

    def is_overdue(self, now: datetime) -> bool:
        return self.status == TaskStatus.OPEN and not self.is_on_hold and self.due_at is not None and self.due_at < now
