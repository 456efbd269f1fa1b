"""People who are no users of the portal, and what links them to a case."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PersonKind(models.TextChoices):
    PERSON = "person", _("person")
    BUSINESS = "business", _("business or organisation")


class InvolvedAs(models.TextChoices):
    """As what a person has to do with a case."""

    PERPETRATOR = "perpetrator", _("perpetrator")
    AFFECTED = "affected", _("person hit")
    WITNESS = "witness", _("witness")
    RELATIVE = "relative", _("relative")


class IdentifierKind(models.TextChoices):
    """By what a person is known again. Never a citizen service number (BSN), nor anything about health or belief."""

    NAME_BIRTH = "name_birth", _("name and date of birth")
    EMAIL = "email", _("e-mail address")
    PHONE = "phone", _("telephone number")
    CLIENT = "client", _("client or case number")
    ACCOUNT = "account", _("name on social media")
    ADDRESS = "address", _("postcode and house number")
    PLATE = "plate", _("number plate")


class OpeningPurpose(models.TextChoices):
    """Why someone opens what is known of a person (handbook 7.2: every view is logged)."""

    HANDLE = "handle", _("To handle this case")
    CONTACT = "contact", _("To prepare a contact with this person")
    REVIEW = "review", _("To review a running measure")
    REQUEST = "request", _("To answer a request of this person about own data")
    CORRECT = "correct", _("To correct what is kept")


class DelayGround(models.TextChoices):
    """Why a person is not yet told that data are kept (handbook 7.2, AVG 14)."""

    POLICE = "police", _("The police ask to wait")
    SAFETY = "safety", _("It would bring someone in danger")
    INQUIRY = "inquiry", _("It would spoil an inquiry that is going on")
    ADDRESS = "address", _("There is no address yet")
