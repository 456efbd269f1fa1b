"""A sheet of an earlier registration that is brought in: its rows until then, and which cases came of it."""

import uuid

from django.db import models
from django.db.models import Q

from incidents.models.incident import Incident
from incidents.vocabulary import ImportStatus
from vpdportal.accounts.models import Department, Organisation, User
from vpdportal.encryption import sealed_text


class CaseImport(models.Model):
    """One sheet that someone of the desk brought. `mapping`: field (ImportField) → number of the column, from 0."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="imports")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=ImportStatus.choices, default=ImportStatus.READ)
    name = sealed_text()  # of the file
    sealed_columns = sealed_text()  # the headings, as a JSON list
    mapping = models.JSONField(default=dict)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, related_name="+")  # of other rows
    takes_unknown_words = models.BooleanField(default=False)  # then they become "something else"
    rows_read = models.PositiveIntegerField(default=0)
    rows_wrong = models.PositiveIntegerField(default=0)  # left out, as they stood when they were judged last
    rows_known = models.PositiveIntegerField(default=0)  # left out: they were brought in before
    rows_done = models.PositiveIntegerField(default=0)  # became a case
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status=ImportStatus.UNDONE, undone_at__isnull=False, undone_by__isnull=False)
                | (~Q(status=ImportStatus.UNDONE) & Q(undone_at__isnull=True, undone_by__isnull=True)),
                name="import_undone_by_someone",
            ),
        ]
        indexes = [models.Index(fields=["at"], name="import_running", condition=Q(status=ImportStatus.RUNNING))]

    def __str__(self) -> str:
        return str(self.id)


class ImportBlock(models.Model):
    """Some rows of the sheet, sealed until they are brought in. `problems`: [row, field, what is wrong]."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    of = models.ForeignKey(CaseImport, on_delete=models.CASCADE, related_name="blocks")
    number = models.PositiveIntegerField()  # from 0
    sealed_rows = sealed_text(null=True)  # a JSON list of [number on the sheet, cells]
    problems = models.JSONField(default=list)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["of", "number"], name="import_block_once")]

    def __str__(self) -> str:
        return str(self.number)


class ImportedCase(models.Model):
    """That a case was brought in, from which row. `digest`: by it the same row is known again (actions.importing)."""

    incident = models.OneToOneField(Incident, on_delete=models.CASCADE, primary_key=True, related_name="imported")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    of = models.ForeignKey(CaseImport, on_delete=models.CASCADE, related_name="cases")
    row = models.PositiveIntegerField()  # number on the sheet
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["row"]
        constraints = [models.UniqueConstraint(fields=["organisation", "digest"], name="imported_once")]

    def __str__(self) -> str:
        return str(self.incident_id)
