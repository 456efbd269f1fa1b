"""Whose password it is."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from vpdportal import clock
from vpdportal.accounts.models import User
from vpdportal.accounts.signing_in.passwords import may_sign_in_here


class PortalBackend(AuthenticationBackend):  # type: ignore[misc]
    """By the one address that an account has: what a provider says of addresses (allauth's own table) counts not.

    An unknown address costs as much time as a known one (allauth hashes the password all the same). Who may not sign
    in here, or not any more, is answered like who mistyped.
    """

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        found = User.objects.filter(email=email.lower()).first()
        checked: User | None = self._check_password(found, password)
        return checked if checked and may_sign_in_here(checked, clock.now()) else None

    @classmethod
    def _stash_user(cls, user: Any) -> None:
        """Closed accounts are not told apart."""
