"""The words for states. The field's own codes (behaviour, channel, severity ...) stand in guidance.vocabulary."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CaseStatus(models.TextChoices):
    RECEIVED = "received", _("received")
    IN_PROGRESS = "in_progress", _("in progress")
    CLOSED = "closed", _("closed")


class FeedbackWish(models.TextChoices):
    """How the reporter wants to hear what was done."""

    PORTAL = "portal", _("I will look on this page")
    CALL = "call", _("Call me")
    TALK = "talk", _("Talk with me")


class MeasureStatus(models.TextChoices):
    PROPOSED = "proposed", _("proposed")
    TAKEN = "taken", _("chosen")
    DECLINED = "declined", _("not chosen")


class TaskStatus(models.TextChoices):
    OPEN = "open", _("open")
    DONE = "done", _("done")
    DECLINED = "declined", _("not done, with reason")


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


class TimelineKind(models.TextChoices):
    REPORTED = "reported", _("The report came in")
    ADVISED = "advised", _("The menu was asked for advice")
    CARD_RENEWED = "card_renewed", _("The newest menu card was taken over")
    FACTS_ADDED = "facts_added", _("Facts were added")
    SEVERITY_CONFIRMED = "severity_confirmed", _("The severity was confirmed")
    LOWERING_ASKED = "lowering_asked", _("Someone asked to lower the severity; a second person has to confirm it")
    MEASURE_TAKEN = "measure_taken", _("A measure was chosen")
    MEASURE_DECLINED = "measure_declined", _("A measure was not chosen")
    TASK_DONE = "task_done", _("A task was done")
    TASK_DECLINED = "task_declined", _("A task was not done")
    TASK_HANDED_OVER = "task_handed_over", _("A task was handed over")
    NOTE_ADDED = "note_added", _("A note was added")
    CLOSED = "closed", _("The case was closed")


# What the reporter sees on the status page; the rest is the adviser's work in progress.
SHOWN_TO_REPORTER = frozenset(
    {TimelineKind.REPORTED, TimelineKind.SEVERITY_CONFIRMED, TimelineKind.TASK_DONE, TimelineKind.CLOSED}
)
