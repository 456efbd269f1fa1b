"""What a report says of itself."""

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


class Helped(models.TextChoices):
    """The one question back at the end."""

    YES = "yes", _("Yes")
    PARTLY = "partly", _("Partly")
    NO = "no", _("No")
