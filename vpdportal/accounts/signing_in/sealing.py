"""The secrets of second factors, unreadable in the database and bound to their owner.

allauth hands over the bare text, so who it belongs to is said beside it: `secrets_of(user)`. Without that nothing
opens and nothing is sealed.
"""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from vpdportal.accounts.models import User
from vpdportal.encryption import SealBroken, open_seal, seal

_whose: ContextVar[UUID | None] = ContextVar("vpdportal.second_factor", default=None)


@contextmanager
def secrets_of(user: User) -> Iterator[None]:
    """Inside, secrets are sealed for this person, and only theirs open."""
    token = _whose.set(user.pk)
    try:
        yield
    finally:
        _whose.reset(token)


def place_of(user_id: UUID) -> str:
    """What a secret of this person is bound to; as base64 in `data["secret"]` or `data["seed"]` of an Authenticator."""
    return f"mfa_authenticator.data.{user_id}"


def seal_secret(text: str) -> str:
    return base64.b64encode(seal(text.encode(), place=place_of(_owner()))).decode()


def open_secret(sealed: str) -> str:
    """Raises SealBroken for what was changed, or is of someone else."""
    return open_seal(base64.b64decode(sealed), place=place_of(_owner())).decode()


def _owner() -> UUID:
    owner = _whose.get()
    if owner is None:
        raise SealBroken("nobody said whose secret it is")
    return owner
