"""The words for states. The field's own codes (behaviour, channel, severity ...) stand in guidance.vocabulary."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReportKind(models.TextChoices):
    INCIDENT = "incident", _("incident")
    NEAR_MISS = "near_miss", _("near miss")


class ReporterIs(models.TextChoices):
    """Who tells it: the person hit, or someone for that person (handbook 6.1: also through a designated third)."""

    SELF = "self", _("It happened to me")
    COLLEAGUE = "colleague", _("I report it for a colleague")
    MANAGER = "manager", _("I report it as manager, for someone of my department")
    COUNTER = "counter", _("I report it for someone who told it at the counter, the control room or by telephone")
    WITNESS = "witness", _("I saw it happen to someone else")


class CaseStatus(models.TextChoices):
    RECEIVED = "received", _("received")
    IN_PROGRESS = "in_progress", _("in progress")
    CLOSED = "closed", _("closed")


class FeedbackWish(models.TextChoices):
    """How the reporter wants to hear what was done."""

    PORTAL = "portal", _("I will look on this page")
    CALL = "call", _("Call me")
    TALK = "talk", _("Talk with me")


class ActionTaken(models.TextChoices):
    """What was done at once (handbook 6.2, field 20)."""

    CALLED_112 = "called_112", _("called 112")
    ALARM = "alarm", _("pressed the alarm")
    SECURITY = "security", _("called security or the emergency response team (BHV)")
    STOPPED = "stopped", _("ended the talk or the service")
    LEFT = "left", _("went away to be safe")
    COLLEAGUES = "colleagues", _("got help from colleagues")


class Helped(models.TextChoices):
    """The one question back at the end."""

    YES = "yes", _("Yes")
    PARTLY = "partly", _("Partly")
    NO = "no", _("No")


class LocationKind(models.TextChoices):
    BUILDING = "building", _("desk, room or building")
    VEHICLE = "vehicle", _("vehicle")
    OUTSIDE = "outside", _("place outside")


class StatementBy(models.TextChoices):
    """As what someone adds to a report."""

    REPORTER = "reporter", _("reporter")
    AFFECTED = "affected", _("person hit")
    WITNESS = "witness", _("witness")


class StatementKind(models.TextChoices):
    """What kind of words were added."""

    ADDITION = "addition", _("addition")
    CORRECTION = "correction", _("correction")
    SAW_NOTHING = "saw_nothing", _("saw nothing of it")
    RATHER_NOT = "rather_not", _("would rather not tell")


class ScanResult(models.TextChoices):
    """What the virus scanner said of a file. A file in which it finds something is not kept."""

    NOT_SCANNED = "not_scanned", _("not scanned for viruses")
    HELD_BACK = "held_back", _("waits for the virus scanner")
    CLEAN = "clean", _("scanned, no virus found")
    TAKEN_AWAY = "taken_away", _("taken away: the virus scanner found something in it")


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
    STATEMENT_ADDED = "statement_added", _("Something was added to the report")
    EVIDENCE_ADDED = "evidence_added", _("A file was added")
    EVIDENCE_REMOVED = "evidence_removed", _("A file was taken away: the virus scanner found something in it")
    MESSAGE_SENT = "message_sent", _("A message was sent")
    QUESTION_ASKED = "question_asked", _("A question was asked")
    QUESTION_ANSWERED = "question_answered", _("A question was answered")
    SUPPORT_ASKED = "support_asked", _("Support was asked for")
    WITNESS_ASKED = "witness_asked", _("A witness was asked to tell what happened")
    AFFECTED_LINKED = "affected_linked", _("The person hit can follow the report")
    VISIBILITY_CHANGED = "visibility_changed", _("Who may see the report was changed")
    HELPED_ANSWERED = "helped_answered", _("The reporter said whether it helped")
    REOPENED = "reopened", _("The case was opened again")
    BECAME_INCIDENT = "became_incident", _("The near miss was made an incident")
