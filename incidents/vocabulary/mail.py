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


TELLS_DESK = (NewsKind.ADDED, NewsKind.REOPENED)  # of what people of a case hear, what the desk must see too


class NoticeStep(models.TextChoices):
    """When a task speaks up (handbook 11.1). The days after the deadline are numbered by their date."""

    ASSIGNED = "assigned", _("new task")
    HALFWAY = "halfway", _("half of the time has passed")
    DAY_BEFORE = "day_before", _("one day left")
    DEADLINE = "deadline", _("the deadline is now")
    OVERDUE = "overdue", _("too late")
    ESCALATED = "escalated", _("too late for long")
    HANDED_OVER = "handed_over", _("someone else has this task now")


class MailKind(models.TextChoices):
    DIGEST = "digest", _("everything that is open, once a day")
    AT_ONCE = "at_once", _("what cannot wait")
    PASSWORD = "password", _("a link to choose a password")


class MailTrouble(models.TextChoices):
    """Whose fault it is that a mail did not go out; the next step hangs on it."""

    SERVER = "server", _("the mail server does not answer or refuses to work for the portal")
    ADDRESS = "address", _("the mail server says that this address does not exist")
    LATER = "later", _("the mail server asks to try again later for this address")
    MESSAGE = "message", _("the mail server refuses this mail")


class Beat(models.TextChoices):
    """What the machine room writes down of itself."""

    SWEEP = "sweep", _("the last whole round of the reminders")
    MAIL = "mail", _("the last mail that the mail server took")
    MAIL_FAILING = "mail_failing", _("since when the mail server takes nothing")
    RETENTION = "retention", _("the last day on which was destroyed what was due")


class AlarmKind(models.TextChoices):
    """What someone must hear of an organisation: what only people can mend, and that an overview is there."""

    NO_ADVISER = "no_adviser", _("Nobody is there to act on reports")
    LATE_UNHEARD = "late_unheard", _("A task is too late for long, and nobody else can hear of it")
    MAIL_REFUSED = "mail_refused", _("Mail to someone does not arrive")
    OVERVIEW_READY = "overview_ready", _("A new overview is there")
    OVERVIEW_HELD = "overview_held", _("A new overview could not be shown yet")
    GLASS_BROKEN = "glass_broken", _("A restricted case was opened in need")
    ROLE_PROPOSED = "role_proposed", _("A role waits for your agreement")
    ROLE_GIVEN = "role_given", _("Someone was given a role that opens much")
    LOG_REVIEW = "log_review", _("The sample of the audit log waits for you")
    RETENTION_CHOSEN = "retention_chosen", _("A term for keeping waits for your agreement")
    RETENTION_DUE = "retention_due", _("Data will be destroyed within 30 days")
    RETENTION_FAILED = "retention_failed", _("Data that had to be destroyed could not be")
    DATA_REQUEST_DUE = "data_request_due", _("A request about personal data is nearly too late")
    EMERGENCY_SIGN_IN = "emergency_sign_in", _("Someone signed in with an emergency account")


class MailStatus(models.TextChoices):
    WAITING = "waiting", _("waiting")
    SENT = "sent", _("sent")
    CANCELLED = "cancelled", _("no longer needed")
    FAILED = "failed", _("failed")
