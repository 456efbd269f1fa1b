"""Which mails a person may leave off, and the address in such a mail that does so without signing in (RFC 8058).

That a task is new, that it ends and that it is too late cannot be left off: nobody would hear of it otherwise.
"""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.urls import reverse

from vpdportal.accounts.actions import save_mail_choices
from vpdportal.accounts.models import User

# Choice in an address → column of User.
OPTIONAL = {"halfway": "wants_halfway_mail", "news": "wants_news_mail", "overview": "wants_overview_mail"}
SIGNER = Signer(salt="vpdportal.unsubscribe", sep=".")


class UnknownToken(Exception):
    """This address was not made by this portal, or its person has no account any more."""


def unsubscribe_address(user: User, choice: str) -> str:
    """The whole address that leaves off a kind of mail (a key of OPTIONAL, else KeyError). It holds an id, no name.

    The same in each mail, and it does not grow old: a mail of a year ago must still be able to stop the next one.
    """
    if choice not in OPTIONAL:
        raise KeyError(choice)
    token = SIGNER.sign(f"{choice}-{user.pk.hex}")
    return settings.PORTAL_URL + reverse("unsubscribe", args=[token])


def read_token(token: str) -> tuple[User, str]:
    """Whose mail this address is about, and which kind. Raises UnknownToken."""
    try:
        choice, _dash, key = SIGNER.unsign(token).partition("-")
        user = User.objects.filter(pk=UUID(key), is_active=True).first()
    except (BadSignature, ValueError):
        raise UnknownToken from None
    if user is None or choice not in OPTIONAL:
        raise UnknownToken
    return user, choice


def unsubscribe(*, token: str, now: datetime) -> tuple[User, str]:
    """Leave off what the address is about. A second time changes nothing. Raises UnknownToken.

    Nobody is named in the audit trail: who has the mail need not be signed in.
    """
    user, choice = read_token(token)
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if getattr(user, OPTIONAL[choice]):
            setattr(user, OPTIONAL[choice], False)
            save_mail_choices(user=user, changed=[OPTIONAL[choice]], by=None, now=now)
    return user, choice
