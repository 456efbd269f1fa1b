"""Who someone is, as an identity provider says it: the same from OpenID Connect and from SAML."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.utils.translation import gettext_lazy as _

from vpdportal.accounts.models import User
from vpdportal.sign_in_file import Provider

LONGEST_NAME = User._meta.get_field("name").max_length or 0
LONGEST_ADDRESS = User._meta.get_field("email").max_length or 0

VERIFIED = ("email_verified", "xms_edov")  # the standard, and Entra ID's own


class Refusal(models.TextChoices):
    """Why someone whom the provider knows does not come in: the code for the audit trail, the text for the page."""

    NO_ROLE = (
        "no_role",
        _("Your organisation gave you no role in this portal. Ask your administrator for one, then sign in again."),
    )
    ADDRESS_TAKEN = (
        "address_taken",
        _(
            "There is an account with your address already, and it is not certain that it is yours. Sign in as you did "
            "before. Does that not work? Ask your administrator."
        ),
    )
    ADDRESS_UNKNOWN = (
        "address_unknown",
        _(
            "Your organisation did not tell your work e-mail address, or one that it does not vouch for. Ask your "
            "administrator to look at it."
        ),
    )
    ACCOUNT_CLOSED = "account_closed", _("This account is closed. Ask your administrator.")
    LAST_ADVISER = (
        "last_adviser",
        _(
            "Your organisation ended your role of VPD adviser, and there is no other one yet. First someone else has "
            "to become VPD adviser. Tell your administrator."
        ),
    )
    ROLES_COLLIDE = (
        "roles_collide",
        _(
            "Your organisation gives you two roles that do not go together: who controls may not be who is controlled. "
            "Tell your administrator."
        ),
    )
    TOO_MANY_GROUPS = (
        "too_many_groups",
        _(
            "You are in so many groups that your organisation's sign-in does not name them any more. Tell your "
            "administrator: it should send only the groups of this portal."
        ),
    )
    NOT_SET_UP = (
        "not_set_up",
        _("This way to sign in was not set up completely. Tell your administrator."),
    )
    OTHER_PERSON = (
        "other_person",
        _("This is the account of someone else than who is signed in here. Choose your own account and try again."),
    )
    NOT_AGAIN = (
        "not_again",
        _(
            "Your organisation's sign-in did not ask you for your password or code again. Try it once more, or prove "
            "in another way that it is you."
        ),
    )


class NotLetIn(Exception):
    """Someone whom the provider knows does not come in."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class Identity:
    """`subject` is who it is and never changes; all else may. `email` is empty when it is not the provider's to say."""

    subject: str
    email: str
    name: str
    groups: frozenset[str]
    is_strong: bool  # whether a second factor was proved


def identity_of(subject: str, claims: Mapping[str, Any], provider: Provider) -> Identity:
    """From claims whose origin was checked. Raises NotLetIn when groups are left out of them.

    Entra ID leaves them out of who is in more than 200, and says where to ask instead (`_claim_names`).
    """
    elsewhere = claims.get("_claim_names")
    if provider.manages_roles and (
        (isinstance(elsewhere, Mapping) and provider.roles_claim in elsewhere) or claims.get("hasgroups")
    ):
        raise NotLetIn(Refusal.TOO_MANY_GROUPS)
    return Identity(
        subject=subject,
        email=_address(claims, provider),
        name=_name(claims, provider),
        groups=frozenset(_texts(claims.get(provider.roles_claim))),
        is_strong=bool(provider.strong_claim)
        and not set(_texts(claims.get(provider.strong_claim))).isdisjoint(provider.strong_values),
    )


def _address(claims: Mapping[str, Any], provider: Provider) -> str:
    """Empty when there is none, when the provider has no say about it, or says itself that it did not verify it."""
    given = _texts(claims.get(provider.email_claim))
    address = given[0].strip().lower() if given else ""
    is_refuted = any(str(claims.get(claim, "true")).lower() in {"false", "0"} for claim in VERIFIED)
    if is_refuted or not provider.speaks_of(address) or len(address) > LONGEST_ADDRESS:
        return ""
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address


def _name(claims: Mapping[str, Any], provider: Provider) -> str:
    """On one line, and of signs that a database holds."""
    given = _texts(claims.get(provider.name_claim))
    text = given[0].encode("utf-8", "ignore").decode().replace("\0", "") if given else ""
    return " ".join(text.split())[:LONGEST_NAME].strip()


def _texts(value: Any) -> list[str]:
    """A claim as a list: ADFS sends one value as it is, and several as a list."""
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, str)]
