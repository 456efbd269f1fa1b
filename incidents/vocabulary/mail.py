"""What people hear of, and when."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class NewsKind(models.TextChoices):
    """What a person hears of a case once, besides tasks. On the page only: a mail says that there is something."""

    RECEIVED = "received", _("Your report has come in")
    ABOUT_YOU = "about_you", _("Someone reported something that happened to you")
    MESSAGE = "message", _("There is a message")
    QUESTION = "question", _("There is a question for you")
    WITNESS_ASKED = "witness_asked", _("You are asked to tell what you saw")
    CLOSED = "closed", _("It is done: read what was done")
    ADDED = "added", _("Something was added to the report")
    REOPENED = "reopened", _("The case was opened again")
    CARE = "care", _("There is something about a talk with you")


class NoticeStep(models.TextChoices):
    """When a task speaks up (handbook 11.1). The days after the deadline are numbered by their date."""

    ASSIGNED = "assigned", _("new task")
    HALFWAY = "halfway", _("half of the time has passed")
    DAY_BEFORE = "day_before", _("one day left")
    DEADLINE = "deadline", _("the deadline is now")
    OVERDUE = "overdue", _("too late")
    ESCALATED = "escalated", _("three days too late")


class MailStatus(models.TextChoices):
    WAITING = "waiting", _("waiting")
    SENT = "sent", _("sent")
    CANCELLED = "cancelled", _("no longer needed")
    FAILED = "failed", _("failed")
