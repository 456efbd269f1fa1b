"""Letters, and what goes to the police."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class LetterKind(models.TextChoices):
    INVITATION = "invitation", _("Invitation to a talk")
    WARNING = "warning", _("Written warning")
    CONDITIONS = "conditions", _("Contact conditions")
    PAUSE = "pause", _("Service paused")
    BAN = "ban", _("Building ban")
    BAN_END = "ban_end", _("End of a measure")
    AVG14 = "avg14", _("About the data that are kept (AVG 14)")
    DAMAGE = "damage", _("Claim for damages")
    OUTCOME = "outcome", _("Outcome for the reporter")


class LetterStatus(models.TextChoices):
    DRAFT = "draft", _("draft")
    SENT = "sent", _("sent")
    WITHDRAWN = "withdrawn", _("withdrawn")


class SentBy(models.TextChoices):
    """How a letter went, outside the portal."""

    POST = "post", _("by post")
    REGISTERED = "registered", _("by registered post")
    HAND = "hand", _("handed over")
    PORTAL = "portal", _("by the message box of the organisation")
    EMAIL = "email", _("by secured e-mail")


class PoliceKind(models.TextChoices):
    AANGIFTE = "aangifte", _("aangifte")
    NOTICE = "notice", _("notice (melding)")


class FiledBy(models.TextChoices):
    EMPLOYER = "employer", _("the organisation")
    VICTIM = "victim", _("the person hit, accompanied")


class PoliceStatus(models.TextChoices):
    DRAFT = "draft", _("being prepared")
    FILED = "filed", _("filed")
    NOT_FILED = "not_filed", _("not filed, with reason")


class PoliceOutcome(models.TextChoices):
    INQUIRY = "inquiry", _("being investigated")
    DISMISSED = "dismissed", _("dismissed (sepot)")
    PENALTY_ORDER = "penalty_order", _("penalty order (strafbeschikking)")
    CONVICTED = "convicted", _("convicted")
    ACQUITTED = "acquitted", _("acquitted")
    MEDIATED = "mediated", _("mediated")
    UNKNOWN = "unknown", _("no word of it")
