"""What the desk keeps for itself: how cases hang together, lists to come back to, the calendar feed."""

import uuid

from django.db import models
from django.db.models import F, Q

from incidents.models.incident import Incident
from incidents.vocabulary import LinkKind
from vpdportal.accounts.models import Organisation, User


class CaseLink(models.Model):
    """That two cases of one organisation have to do with each other. One row for both directions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    one = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="links_from")
    other = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="links_to")
    kind = models.CharField(max_length=16, choices=LinkKind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="case_link_once"),
            models.CheckConstraint(condition=~Q(one=F("other")), name="case_link_of_two"),
        ]

    def __str__(self) -> str:
        return self.kind


class SavedList(models.Model):
    """Filters that someone wants to come back to. Holds no words that were searched for."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_lists")
    name = models.CharField(max_length=60)
    page = models.CharField(max_length=20)  # the name of the address it belongs to
    filters = models.JSONField(default=dict)  # name of the filter → values, as the address has them
    at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["user", "page", "name"], name="saved_list_named_once")]

    def __str__(self) -> str:
        return self.name


class CaseWords(models.Model):
    """The words of a case as keyed hashes, to be searched where the database can (ADR 15)."""

    incident = models.OneToOneField(Incident, on_delete=models.CASCADE, primary_key=True, related_name="words")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    digests = models.JSONField(default=list)

    def __str__(self) -> str:
        return str(self.incident_id)


class CalendarFeed(models.Model):
    """A person's secret address of deadlines. Only the hash of the secret is kept; a new one ends the old one."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="calendar_feed")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    used_on = models.DateField(null=True)

    def __str__(self) -> str:
        return str(self.user_id)
