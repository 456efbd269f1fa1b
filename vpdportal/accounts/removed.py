"""Who stands in the place of a person whose data were destroyed, and accounts of people who left long ago."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator

from vpdportal.accounts.models import User

DOMAIN = "gewist.invalid"
ADDRESS = f"iemand@{DOMAIN}"
# Stored, so Dutch.
NAME = "Gewiste persoon"
LEFT = "Oud-medewerker"


def removed_person() -> User:
    """The one account for everyone who was removed: rows that are counted keep pointing at someone, at nobody."""
    user, is_new = User.objects.get_or_create(email=ADDRESS, defaults={"name": NAME, "is_active": False})
    if is_new:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


def forget_account(user: User) -> None:
    """Empty who it was, of an account that is closed. In the caller's transaction. What they did stays, by its id."""
    user.name, user.email, user.phone, user.works_on = LEFT, f"{user.pk.hex}@{DOMAIN}", "", ""
    user.set_unusable_password()
    user.save(update_fields=["name", "email", "phone", "works_on", "password"])
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
