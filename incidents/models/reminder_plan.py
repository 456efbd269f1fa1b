"""When an organisation works, and which reminders it wants."""

from datetime import time, timedelta

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guidance.office import MONDAY_TO_FRIDAY, Office
from guidance.reminders import Steps
from guidance.vocabulary import ClosedDay
from vpdportal.accounts.models import Organisation


class ReminderPlan(models.Model):
    """The choices of one organisation; without a row the defaults hold (handbook 11.1 [OWN]).

    That a task is new, that it ends now and, each day, that it is too late cannot be switched off: those are the
    promise that nobody is forgotten.
    """

    organisation = models.OneToOneField(
        Organisation, on_delete=models.CASCADE, primary_key=True, related_name="reminder_plan"
    )
    opens_at = models.TimeField(_("the office opens at"), default=time(9, 0))
    closes_at = models.TimeField(_("the office closes at"), default=time(17, 0))
    works_on = models.CharField(
        _("working days"),
        max_length=7,
        default=MONDAY_TO_FRIDAY,
        validators=[RegexValidator(r"^(?=.)1?2?3?4?5?6?7?$", _("Choose at least one day."))],
    )  # as date.isoweekday() counts
    digest_at = models.TimeField(_("the one mail of the day goes out at"), default=time(8, 30))
    quiet_from = models.TimeField(_("no mail from"), default=time(19, 0))
    quiet_until = models.TimeField(_("no mail until"), default=time(7, 0))
    halfway = models.BooleanField(_("remind when half of the time has passed"), default=True)
    hours_before = models.PositiveSmallIntegerField(
        _("hours before the end of the term"),
        default=24,
        validators=[MinValueValidator(4), MaxValueValidator(120)],
    )
    escalate_days = models.PositiveSmallIntegerField(
        _("days too late until others hear of it"), default=3, validators=[MinValueValidator(1), MaxValueValidator(14)]
    )
    to_deputy = models.BooleanField(_("then tell the deputy VPD adviser"), default=True)
    to_manager = models.BooleanField(_("then tell the manager of the department"), default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(opens_at__lt=models.F("closes_at")), name="plan_opens_before_closing"),
            models.CheckConstraint(condition=Q(to_deputy=True) | Q(to_manager=True), name="plan_tells_someone"),
            models.CheckConstraint(
                condition=Q(hours_before__gte=4, hours_before__lte=120), name="plan_hours_before_4_to_120"
            ),
            models.CheckConstraint(
                condition=Q(escalate_days__gte=1, escalate_days__lte=14), name="plan_escalates_in_1_to_14_days"
            ),
        ]

    def __str__(self) -> str:
        return str(self.organisation_id)

    def office(self, fifth_of_may: ClosedDay) -> Office:
        return Office(
            opens=self.opens_at,
            closes=self.closes_at,
            digest_at=self.digest_at,
            quiet_from=self.quiet_from,
            quiet_until=self.quiet_until,
            days=self.works_on,
            fifth_of_may=fifth_of_may,
        )

    @property
    def steps(self) -> Steps:
        return Steps(halfway=self.halfway, before=timedelta(hours=self.hours_before))

    @property
    def escalates_after(self) -> timedelta:
        return timedelta(days=self.escalate_days)
