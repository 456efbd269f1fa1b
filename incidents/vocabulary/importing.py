"""Cases of an earlier registration: what a column can mean, what can be wrong in a row, where bringing in stands."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportStatus(models.TextChoices):
    READ = "read", _("read, nothing is brought in yet")
    RUNNING = "running", _("being brought in")
    DONE = "done", _("brought in")
    UNDONE = "undone", _("undone")


class ImportField(models.TextChoices):
    """What a column of the sheet can be. The order is that of the page and of the example sheet."""

    NUMBER = "number", _("Number in the earlier registration")
    OCCURRED_ON = "occurred_on", _("Day on which it happened")
    OCCURRED_TIME = "occurred_time", _("Time at which it happened")
    REPORTED_ON = "reported_on", _("Day of the report")
    CLOSED_ON = "closed_on", _("Day of closing")
    KIND = "kind", _("Incident or near miss")
    BEHAVIOUR = "behaviour", _("Behaviour")
    SEVERITY = "severity", _("Severity, 1 to 4")
    CHANNEL = "channel", _("Channel or place")
    TARGET_GROUP = "target_group", _("Work of the person hit")
    MOTIVE = "motive", _("Motive")
    PERPETRATOR_KNOWN = "perpetrator_known", _("Perpetrator known, yes or no")
    INJURY = "injury", _("Injury, yes or no")
    WEAPON = "weapon", _("Weapon, yes or no")
    DAMAGE = "damage", _("Damage, yes or no")
    DEPARTMENT = "department", _("Department")
    PLACE = "place", _("Place, in words")
    STORY = "story", _("What happened, in words")
    AFFECTED_NAME = "affected_name", _("Name of the person hit")
    PERPETRATOR = "perpetrator", _("Description of the perpetrator")
    OUTCOME = "outcome", _("What was done, in words")
    REMARK = "remark", _("Remark for the desk")


class ImportProblem(models.TextChoices):
    """What is wrong with a cell, and how to mend it."""

    MISSING = "missing", _("This cell is empty. Fill it in.")
    NO_DAY = "no_day", _("This is no day. Write it as 31-12-2025.")
    NO_TIME = "no_time", _("This is no time. Write it as 14:30.")
    AHEAD = "ahead", _("This day is still to come. Check the year.")
    TOO_OLD = "too_old", _("This is before 1990. Check the year.")
    BEFORE_EVENT = "before_event", _("This day is before the day on which it happened. Check both.")
    BEFORE_REPORT = "before_report", _("This day is before the day of the report. Check both.")
    UNKNOWN_WORD = "unknown_word", _("The portal does not know this word. Use a word of the example sheet.")
    NO_SEVERITY = "no_severity", _("This is no severity. Write 1, 2, 3 or 4.")
    NO_YES_NO = "no_yes_no", _("This is no yes or no. Write yes, no, or leave it empty.")
    NO_DEPARTMENT = "no_department", _("There is no department with this name. Choose one for these rows, or add it.")
    TOO_LONG = "too_long", _("This text is too long. Make it shorter.")
    TWICE = "twice", _("This number stands in an earlier row too. Give each row its own number.")
