"""Aftercare, damage, and how cases hang together."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CareKind(models.TextChoices):
    """The rhythm of handbook 5.2."""

    FIRST = "first", _("First care, the same day")
    RECEPTION = "reception", _("Reception talk")
    FOLLOW_UP_1 = "follow_up_1", _("Follow-up talk after two weeks")
    FOLLOW_UP_2 = "follow_up_2", _("Follow-up talk after six to eight weeks")
    SYMPTOMS = "symptoms", _("How it goes after four weeks")
    CLOSING = "closing", _("Closing talk after three months")
    EXTRA = "extra", _("Extra moment")


# The item of the menu that each belongs to.
CARE_CODES = {
    CareKind.FIRST: "N01",
    CareKind.RECEPTION: "N02",
    CareKind.FOLLOW_UP_1: "N03",
    CareKind.FOLLOW_UP_2: "N04",
    CareKind.SYMPTOMS: "N05",
    CareKind.CLOSING: "N06",
}


class CareFor(models.TextChoices):
    AFFECTED = "affected", _("person hit")
    WITNESS = "witness", _("witness")
    RELATIVE = "relative", _("relative")
    TEAM = "team", _("team")


class CareStatus(models.TextChoices):
    PLANNED = "planned", _("planned")
    ACCEPTED = "accepted", _("accepted")
    MOVE_ASKED = "move_asked", _("another moment asked for")
    DECLINED = "declined", _("declined")
    HELD = "held", _("held")
    CANCELLED = "cancelled", _("no longer needed")


class DamageOf(models.TextChoices):
    VICTIM = "victim", _("person hit")
    ORGANISATION = "organisation", _("organisation")


class DamageKind(models.TextChoices):
    """Handbook 2.6."""

    GOODS = "goods", _("clothes, glasses, jewellery or other things")
    MEDICAL = "medical", _("medical costs, own risk included")
    TRAVEL = "travel", _("travel to police, doctor or psychologist")
    HOUSEHOLD = "household", _("help in the household")
    IMMATERIAL = "immaterial", _("compensation for suffering (smartengeld)")
    LEGAL = "legal", _("legal aid")
    EARNINGS = "earnings", _("loss of earnings")
    VEHICLE = "vehicle", _("vehicle")
    BUILDING = "building", _("building or furniture")
    PAY = "pay", _("pay during sick leave and return to work")
    ADVANCE = "advance", _("what was paid to the person hit")
    OTHER = "other", _("other costs")


class DamageRoute(models.TextChoices):
    MEDIATION = "mediation", _("mediation by police or public prosecutor")
    JOINING = "joining", _("joining the criminal case (voegen)")
    CIVIL = "civil", _("civil claim")
    CESSION = "cession", _("claim handed to the employer (cessie)")
    RECOURSE = "recourse", _("recourse of the employer (regres)")
    FUND = "fund", _("Schadefonds Geweldsmisdrijven")
    INSURANCE = "insurance", _("insurance")
    NONE = "none", _("not recovered, with reason")


class LinkKind(models.TextChoices):
    SAME_EVENT = "same_event", _("the same event")
    SAME_PERPETRATOR = "same_perpetrator", _("the same perpetrator")
    FOLLOWS = "follows", _("follows from it")
    RELATED = "related", _("has to do with it")
