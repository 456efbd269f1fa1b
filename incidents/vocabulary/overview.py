"""The numbers for management: over which period, and why a fixed one is not what would be counted now."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PeriodKind(models.TextChoices):
    MONTH = "month", _("month")
    QUARTER = "quarter", _("quarter")
    YEAR = "year", _("year")


class CorrectionReason(models.TextChoices):
    """What was done since a month was fixed, to the reports that came in then."""

    JOINED = "joined", _("a report was joined with another one about the same event")
    TAKEN_APART = "taken_apart", _("reports that were joined were taken apart")
    SEVERITY = "severity", _("a severity was judged anew")
    BECAME_INCIDENT = "became_incident", _("a near miss turned out to be an incident")
    FACTS = "facts", _("facts were added or mended")
    IMPORTED = "imported", _("older cases were brought in from an earlier registration")
    GONE = "gone", _("reports were removed, or there is another reason")
    OTHER = "other", _("another reason")


class DayPart(models.TextChoices):
    """Of the local clock [OWN]."""

    NIGHT = "night", _("Night, 0 to 6 hours")
    MORNING = "morning", _("Morning, 6 to 12 hours")
    AFTERNOON = "afternoon", _("Afternoon, 12 to 18 hours")
    EVENING = "evening", _("Evening, 18 to 24 hours")
