"""What a session knows of the provider with which its person signed in. Gone when they sign out."""

from allauth.account.internal.flows.login import get_authentication_records
from django.http import HttpRequest

from vpdportal.accounts.models import User

# Holds the id of whom the provider proved a second factor: in one browser another person may sign in halfway.
STRONG = "vpd_strong_until_signed_out"


def mark_strength(request: HttpRequest, user: User, is_strong: bool) -> None:
    """Write down whether the provider proved a second factor of this person."""
    if is_strong:
        request.session[STRONG] = str(user.pk)
    else:
        request.session.pop(STRONG, None)


def provider_proved_second_factor(request: HttpRequest, user: User | None = None) -> bool:
    """Whether a provider did so in this session, of this person (None: of who is signed in)."""
    who = user or request.user
    return who.pk is not None and request.session.get(STRONG) == str(who.pk)


def signed_in_with(request: HttpRequest) -> str:
    """The id of the provider with which this person signed in last; empty when that was another way."""
    records = get_authentication_records(request, request.user)  # type: ignore[arg-type]
    used = [record.get("provider", "") for record in records if record.get("method") == "socialaccount"]
    return str(used[-1]) if used else ""
