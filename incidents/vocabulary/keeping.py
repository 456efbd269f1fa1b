"""How long things are kept, and what people may ask about their own data."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class KeptPart(models.TextChoices):
    """What has a term of its own."""

    PERPETRATOR = "perpetrator", _("who did it: identity, description and what was decided about them")
    VICTIM = "victim", _("who it happened to: the story, contact and aftercare")
    EVIDENCE = "evidence", _("files that came with a report")
    MESSAGES = "messages", _("messages and notes")
    EXACT_FIGURES = "exact_figures", _("exact figures behind the overviews")
    AUDIT = "audit", _("the audit log")


class StayKind(models.TextChoices):
    POSTPONED = "postponed", _("put off")
    LEGAL_HOLD = "legal_hold", _("held for a legal matter")


class DataRequestKind(models.TextChoices):
    ACCESS = "access", _("access to their data")
    RECTIFICATION = "rectification", _("correction")
    ERASURE = "erasure", _("erasure")
    LIMITATION = "limitation", _("limiting what is done with it")
    OBJECTION = "objection", _("objection")


class DataSubject(models.TextChoices):
    EMPLOYEE = "employee", _("someone with an account")
    CITIZEN = "citizen", _("someone outside the organisation")


class DataRequestStatus(models.TextChoices):
    RECEIVED = "received", _("received")
    REVIEWING = "reviewing", _("being looked through")
    READY = "ready", _("waits for the data protection officer")
    DECIDED = "decided", _("decided")
    WITHDRAWN = "withdrawn", _("withdrawn")


class PieceDecision(models.TextChoices):
    OPEN = "open", _("not looked at yet")
    GIVEN = "given", _("given")
    MASKED = "masked", _("given with others masked")
    WITHHELD = "withheld", _("withheld")


class WithholdGround(models.TextChoices):
    """[OWN] Working positions on AVG 15(4) and UAVG 41; the data protection officer decides."""

    RIGHTS_OF_OTHERS = "rights_of_others", _("rights and freedoms of others (AVG 15, fourth paragraph)")
    SAFETY = "safety", _("safety of someone (UAVG 41, first paragraph, under i)")
    PROSECUTION = "prosecution", _("investigation and prosecution of offences (UAVG 41, first paragraph, under d)")
    INTERNAL = "internal", _("internal thoughts and measures that are still being prepared")
