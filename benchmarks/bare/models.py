"""A report of eight fields with what hangs under it, and nothing else."""

from django.conf import settings
from django.db import models


class Report(models.Model):
    reference = models.CharField(max_length=20)
    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    place = models.CharField(max_length=100)
    kind = models.CharField(max_length=20)
    severity = models.PositiveSmallIntegerField()
    story = models.TextField()
    wants_help = models.BooleanField()
    contact = models.CharField(max_length=100, blank=True)
    weapon = models.BooleanField()

    def __str__(self) -> str:
        return self.reference


class Step(models.Model):
    report = models.ForeignKey(Report, on_delete=models.CASCADE)
    what = models.CharField(max_length=40)
    due_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.what
