"""What can still be open when a case is closed."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OpenPoint(models.TextChoices):
    """In the order in which the page of closing shows them."""

    TASKS = "tasks", _("Open tasks")
    REACTIONS = "reactions", _("Measures that wait for a signature, or were signed and not given yet")
    SEVERITY = "severity", _("The severity was not confirmed")
    ADVICE = "advice", _("Advice that nobody decided on, or that was put off")
    DRAFTS = "drafts", _("Drafted measures that were not laid before anyone")
    RUNNING = "running", _("Measures against someone that still run")
    LETTERS = "letters", _("Letters that were not sent")
    WITHOUT_LETTER = "without_letter", _("Measures that were given, of which no letter was marked as sent")
    POLICE = "police", _("Police sheets that were not filed, or have no outcome yet")
    CARE = "care", _("Moments of aftercare that are still to come")
    DAMAGE = "damage", _("Damage that is not finished")
    QUESTIONS = "questions", _("Questions without an answer")
    MESSAGES = "messages", _("Messages that nobody of the desk has read")
    ADDITIONS = "additions", _("Additions that nobody of the desk has seen")
    INFORMING = "informing", _("People who were not told that data about them are kept (AVG 14)")
