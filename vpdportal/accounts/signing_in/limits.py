"""How often something may be tried (settings: ACCOUNT_RATE_LIMITS), counted by allauth in the shared cache."""

from allauth.core.internal import ratelimit
from django.http import HttpRequest

from vpdportal.accounts.models import User
from vpdportal.accounts.signing_in.known_devices import device_for


def key_for(request: HttpRequest, what: str, email: str) -> str:
    """What attempts are counted under: apart for a device that the owner of the address used before."""
    return f"{what}:{device_for(request, email)}:{email.lower()}"


def count_code(request: HttpRequest, user: User) -> ratelimit.RateLimitUsage | None:
    """Count an attempt at the second step; None when there were too many. Roll it back when the code was right."""
    usage: ratelimit.RateLimitUsage | None = ratelimit.consume(
        request, app="allauth.account", action="login_failed", key=key_for(request, "second", user.email)
    )
    return usage


def count_password_again(request: HttpRequest, user: User) -> ratelimit.RateLimitUsage | None:
    """The same for the password of who is signed in already."""
    usage: ratelimit.RateLimitUsage | None = ratelimit.consume(
        request, app="allauth.account", action="reauthenticate", user=user
    )
    return usage


def may_begin(request: HttpRequest) -> bool:
    """Count that someone sends the sign-in page, by address of the network; False when there are too many."""
    return ratelimit.consume(request, app="allauth.account", action="login") is not None


def may_ask_password(request: HttpRequest, email: str) -> bool:
    """Count that someone asks for a link to choose a password, also for an address that nobody has."""
    asked = ratelimit.consume(request, app="allauth.account", action="reset_password", key=email)
    return asked is not None
