"""The reaction to the perpetrator, fair: what it is, where it stands, how it ended (handbook 3)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReactionKind(models.TextChoices):
    TALK = "talk", _("Incident talk")
    VERBAL = "verbal", _("Verbal warning")
    WARNING = "warning", _("Written warning")
    CONDITIONS = "conditions", _("Contact conditions")
    PAUSE = "pause", _("Service paused")
    BAN = "ban", _("Building ban")
    CIVIL_ORDER = "civil_order", _("Civil order")


# What takes something away from someone, and so always ends (handbook 3.3: open-ended measures are the weak spot).
RESTRICTING = (ReactionKind.CONDITIONS, ReactionKind.PAUSE, ReactionKind.BAN, ReactionKind.CIVIL_ORDER)
# The item of the menu that each comes from.
MENU_CODES = {
    ReactionKind.VERBAL: "R04",
    ReactionKind.TALK: "R05",
    ReactionKind.WARNING: "R06",
    ReactionKind.CONDITIONS: "R07",
    ReactionKind.PAUSE: "R08",
    ReactionKind.BAN: "R09",
    ReactionKind.CIVIL_ORDER: "R17",
}
REVIEW_CODE = "R23"  # the item that asks to look at it again


class ReactionStatus(models.TextChoices):
    DRAFT = "draft", _("draft")
    PROPOSED = "proposed", _("waits for signature")
    SIGNED = "signed", _("signed, not yet given")
    ACTIVE = "active", _("running")
    DONE = "done", _("given")
    ENDED = "ended", _("ended")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Hearing(models.TextChoices):
    """Whether the other side was heard."""

    HEARD = "heard", _("Heard: what they said stands below")
    INVITED = "invited", _("Invited, but did not come or answer")
    LATER = "later", _("Not yet: they can tell their side when they get the letter")
    NOT_SAFE = "not_safe", _("Not heard, because it was not safe")


class EndKind(models.TextChoices):
    EXPIRED = "expired", _("the term ended")
    EARLY = "early", _("ended early")
    REPLACED = "replaced", _("followed by another measure")
    ANNULLED = "annulled", _("taken back after a complaint or by a court")
