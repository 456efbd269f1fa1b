"""One report of aggression and the case that grows from it."""

import json
import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guidance.facts import Facts
from guidance.vocabulary import Behaviour, Channel, Motive, Severity, TargetGroup
from incidents.models.location import Location
from incidents.querysets import IncidentQuerySet
from incidents.vocabulary import CaseStatus, FeedbackWish, Helped, ReporterIs, ReportKind
from vpdportal.accounts.models import Department, Organisation, User
from vpdportal.encryption import sealed_text
from vpdportal.labels import Labelled


class Incident(Labelled):
    """What was reported. Plain columns are counted and filtered and say nothing about a person; the rest is sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="incidents")
    reference = models.CharField(max_length=16)
    idempotency_key = models.UUIDField()
    kind = models.CharField(max_length=10, choices=ReportKind.choices, default=ReportKind.INCIDENT)
    status = models.CharField(max_length=20, choices=CaseStatus.choices, default=CaseStatus.RECEIVED)

    reporter = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reported")
    reporter_is = models.CharField(max_length=10, choices=ReporterIs.choices, default=ReporterIs.SELF)
    affected = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="affected_by")
    department = models.ForeignKey(Department, on_delete=models.PROTECT)
    location = models.ForeignKey(Location, on_delete=models.SET_NULL, null=True, related_name="+")
    occurred_at = models.DateTimeField(_("when it happened"))
    reported_at = models.DateTimeField(_("reported"))

    main_behaviour = models.CharField(_("behaviour"), max_length=30, choices=Behaviour.choices)
    channel = models.CharField(_("channel"), max_length=30, choices=Channel.choices)
    target_group = models.CharField(_("target group"), max_length=30, choices=TargetGroup.choices)
    motive = models.CharField(_("motive"), max_length=20, choices=Motive.choices, blank=True)
    is_perpetrator_known = models.BooleanField(null=True)
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Severity.choices)
    severity_proposed = models.PositiveSmallIntegerField(choices=Severity.choices)
    severity_judged_upon = models.PositiveSmallIntegerField(null=True)  # what was proposed when someone confirmed it
    severity_confirmed_at = models.DateTimeField(null=True)
    severity_confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    lowering_asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    sealed_facts = sealed_text()
    # What was told beside the facts: guidance asks nothing of it, nobody counts it.
    sealed_details = sealed_text(null=True)
    story = sealed_text()
    place = sealed_text()
    affected_name = sealed_text()
    contact = sealed_text()
    reporter_contact = sealed_text(null=True)  # kept apart while `contact` is what the person hit gave
    perpetrator_description = sealed_text()
    severity_reason = sealed_text()
    outcome = sealed_text()  # what the reporter is told at closing

    may_manager_see = models.BooleanField(default=False)
    wants_support = models.BooleanField(default=False)
    feedback_wish = models.CharField(max_length=10, choices=FeedbackWish.choices, default=FeedbackWish.PORTAL)
    safety_feeling = models.PositiveSmallIntegerField(null=True)  # 1 (not safe at all) to 5 (quite safe)

    menu_version = models.CharField(max_length=40)
    adviser = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")  # who handles the case
    is_restricted = models.BooleanField(default=False)  # of the desk, only who handles it sees it (ADR 30)
    touched_at = models.DateTimeField()  # when something last happened in it
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged_from")
    merged_at = models.DateTimeField(null=True)
    merged_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    evaluation = sealed_text(null=True)  # of the desk, at closing
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    was_helped = models.CharField(max_length=10, choices=Helped.choices, blank=True)
    helped_at = models.DateTimeField(null=True)
    helped_remark = sealed_text(null=True)
    reopened_at = models.DateTimeField(null=True)

    statement_number: int  # only of a case that was read `with_numbers`
    card_number: int  # the same

    objects: ClassVar[Any] = IncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-reported_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "reference"], name="incident_number_once"),
            models.UniqueConstraint(fields=["reporter", "idempotency_key"], name="incident_sent_once"),
            models.CheckConstraint(condition=Q(severity__gte=1, severity__lte=4), name="incident_severity_1_to_4"),
            models.CheckConstraint(
                condition=Q(safety_feeling__isnull=True) | Q(safety_feeling__gte=1, safety_feeling__lte=5),
                name="incident_safety_feeling_1_to_5",
            ),
            models.CheckConstraint(
                condition=Q(status=CaseStatus.CLOSED, closed_at__isnull=False, closed_by__isnull=False)
                | (~Q(status=CaseStatus.CLOSED) & Q(closed_at__isnull=True, closed_by__isnull=True)),
                name="incident_closed_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(severity_confirmed_at__isnull=True, severity_confirmed_by__isnull=True)
                | Q(severity_confirmed_at__isnull=False, severity_confirmed_by__isnull=False),
                name="incident_severity_confirmed_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(status=CaseStatus.MERGED, merged_into__isnull=False, merged_at__isnull=False)
                | (~Q(status=CaseStatus.MERGED) & Q(merged_into__isnull=True, merged_at__isnull=True)),
                name="incident_merged_into_another",
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="incident_not_merged_into_itself"),
        ]
        indexes = [
            models.Index(fields=["organisation", "-reported_at", "-id"], name="incident_newest_first"),
            models.Index(fields=["organisation", "occurred_at"], name="incident_by_month"),
            models.Index(
                fields=["organisation", "closed_at"], name="incident_by_closing", condition=Q(closed_at__isnull=False)
            ),
            models.Index(fields=["organisation", "touched_at", "reported_at", "id"], name="incident_last_changed"),
            models.Index(fields=["organisation", "severity", "reported_at", "id"], name="incident_by_severity"),
            models.Index(fields=["department", "-reported_at"], name="incident_of_department"),
            models.Index(fields=["organisation"], name="incident_restricted", condition=Q(is_restricted=True)),
            models.Index(fields=["reporter", "-reported_at"], name="incident_of_reporter"),
            models.Index(fields=["affected", "-reported_at"], name="incident_of_affected"),
            models.Index(
                fields=["organisation", "touched_at"],
                name="incident_gone_quiet",
                condition=~Q(status__in=[CaseStatus.CLOSED, CaseStatus.MERGED]),
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_graver_than_judged(self) -> bool:
        """Whether what became known since someone confirmed the severity asks for a higher one."""
        return self.severity_proposed > max(self.severity, self.severity_judged_upon or self.severity_proposed)

    @property
    def facts(self) -> Facts:
        """What is known of it, as the menu asks for it."""
        return Facts.from_dict(json.loads(self.sealed_facts))

    @facts.setter
    def facts(self, facts: Facts) -> None:
        self.sealed_facts = json.dumps(facts.to_dict())

    @property
    def details(self) -> dict[str, str]:
        """What was told beside the facts, by the name of the form's field; only what was filled in."""
        found: dict[str, str] = json.loads(self.sealed_details or "{}")
        return found

    @details.setter
    def details(self, details: dict[str, str]) -> None:
        self.sealed_details = json.dumps({name: text for name, text in details.items() if text})

    @property
    def subject(self) -> str:
        """What it is called in lists: the behaviour, and that it was only nearly so."""
        behaviour: str = self.get_main_behaviour_display()
        if not self.is_near_miss:
            return behaviour
        return gettext("Near miss: %(behaviour)s") % {"behaviour": behaviour.lower()}

    @property
    def is_near_miss(self) -> bool:
        return self.kind == ReportKind.NEAR_MISS

    @property
    def is_closed(self) -> bool:
        """Whether nothing changes in it any more: ended, or joined with another report."""
        return self.status in {CaseStatus.CLOSED, CaseStatus.MERGED}

    @property
    def is_merged(self) -> bool:
        return self.status == CaseStatus.MERGED
