"""The numbers of a period as they were fixed for management, what was corrected since, and how they are told."""

import uuid
from calendar import monthrange
from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incidents.vocabulary import PeriodKind
from vpdportal.accounts.models import Organisation
from vpdportal.encryption import sealed_text


class Release(models.Model):
    """One period of one organisation, fixed. The database itself refuses to change or remove a row (ADR 24).

    `shown` is what management sees, after disclosure; the exact figures are sealed, for the adviser, and go when their
    term has passed (ADR 34). Both are canonical JSON; `digest` is the SHA-256 of `shown` and stands in the audit trail
    too.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="releases")
    kind = models.CharField(max_length=8, choices=PeriodKind.choices)
    year = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()  # of the month or the quarter; of a year always 1
    made_at = models.DateTimeField()
    shown = models.TextField()
    digest = models.CharField(max_length=64)
    is_compared = models.BooleanField(default=False)  # takes part in the comparison between organisations
    sealed_exact = sealed_text(null=True)

    class Meta:
        ordering = ["-year", "kind", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "kind", "year", "number"], name="release_once"),
            models.CheckConstraint(
                condition=Q(kind=PeriodKind.MONTH, number__gte=1, number__lte=12)
                | Q(kind=PeriodKind.QUARTER, number__gte=1, number__lte=4)
                | Q(kind=PeriodKind.YEAR, number=1),
                name="release_of_a_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.year}-{self.number}"

    @property
    def last_day(self) -> date:
        """Of the period."""
        month = self.number * {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.YEAR: 12}[PeriodKind(self.kind)]
        return date(self.year, month, monthrange(self.year, month)[1])


class Correction(models.Model):
    """That a figure of a fixed period would be counted otherwise now, and why. The fixed figure stays.

    `figure` is a code of incidents.overview.figures; `shown` what management sees of the new value, as in a release.
    `is_as_fixed`: this look found again what was fixed, so nothing differs any more.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="corrections")
    figure = models.CharField(max_length=30)
    found_at = models.DateTimeField()
    reasons = models.JSONField(default=list)  # codes of CorrectionReason
    shown = models.TextField()
    is_as_fixed = models.BooleanField(default=False)
    sealed_exact = sealed_text(null=True)

    class Meta:
        ordering = ["found_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["release", "figure", "found_at"], name="correction_once_a_look"),
        ]

    def __str__(self) -> str:
        return f"{self.figure} {self.release_id}"


class OverviewPlan(models.Model):
    """How numbers are told in one organisation; without a row the defaults hold. All [OWN], handbook 7.2 and 9.

    A change holds for what is fixed after it.
    """

    organisation = models.OneToOneField(
        Organisation, on_delete=models.CASCADE, primary_key=True, related_name="overview_plan"
    )
    exact_from_staff = models.PositiveIntegerField(
        _("totals of the whole organisation are exact from this number of people"),
        default=250,
        validators=[MinValueValidator(100), MaxValueValidator(1_000_000)],
    )
    smallest_team = models.PositiveSmallIntegerField(
        _("smallest department that is shown, in people"),
        default=10,
        validators=[MinValueValidator(10), MaxValueValidator(500)],
    )
    round_to = models.PositiveSmallIntegerField(
        _("round other numbers to"), default=5, choices=[(5, _("fives")), (10, _("tens"))]
    )
    shares_benchmark = models.BooleanField(_("compare with other organisations in this portal"), default=False)
    shares_benchmark_since = models.DateField(null=True)  # takes part in the calendar years after it
    survey_year = models.PositiveSmallIntegerField(
        _("year of your own survey"),
        null=True,
        blank=True,
        validators=[MinValueValidator(2000), MaxValueValidator(2100)],
    )
    survey_percent = models.PositiveSmallIntegerField(
        _("per cent who met aggression in that year"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    export_months = models.PositiveSmallIntegerField(
        _("longest period that an analyst may take out, in months"),
        default=12,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(exact_from_staff__gte=100), name="overview_exact_from_100"),
            models.CheckConstraint(condition=Q(smallest_team__gte=10), name="overview_teams_from_10"),
            models.CheckConstraint(condition=Q(round_to__in=[5, 10]), name="overview_rounds_to_5_or_10"),
            models.CheckConstraint(
                condition=Q(survey_year__isnull=True, survey_percent__isnull=True)
                | Q(survey_year__isnull=False, survey_percent__isnull=False),
                name="overview_survey_has_a_year",
            ),
            models.CheckConstraint(
                condition=Q(shares_benchmark=False) | Q(shares_benchmark_since__isnull=False),
                name="overview_compares_since_a_day",
            ),
        ]

    def __str__(self) -> str:
        return str(self.organisation_id)
