"""The secrets of second factors when a key changes: counted by key, sealed with the newest, and opened to see."""

import base64
import binascii
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction

from vpdportal.accounts.signing_in.sealing import place_of
from vpdportal.encryption import SealBroken, keyring, open_seal, seal
from vpdportal.sealed_columns import Unreadable
from vpdportal.sealed_files import key_of

NAMES = ("secret", "seed")  # in `data`: of a code on a telephone, and of the recovery codes


def secrets_by_key() -> "Counter[str]":
    """How many secrets stand under each key of FIELD_KEYS; under "" those of a key that is not there."""
    found: Counter[str] = Counter()
    for factor in Authenticator.objects.iterator():
        for name in _sealed_in(factor):
            key_id = _key_id(factor, name)
            found[key_id if key_id in keyring(settings.FIELD_KEYS) else ""] += 1
    return found


def seal_secrets_anew() -> tuple[int, list[Unreadable]]:
    """Bring every secret under the newest key, one row a transaction; gives how many, and what did not open."""
    newest, done, broken = next(iter(keyring(settings.FIELD_KEYS))), 0, []
    for pk in Authenticator.objects.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            factor = Authenticator.objects.select_for_update().filter(pk=pk).first()
            old = [name for name in _sealed_in(factor) if _key_id(factor, name) != newest] if factor else []
            for name in old:
                try:
                    content = seal(_open(factor, name), place=place_of(factor.user_id))
                except SealBroken as error:
                    broken.append(Unreadable("second factor", pk, str(error)))
                    continue
                factor.data[name] = base64.b64encode(content).decode()
                factor.save(update_fields=["data"])
                done += 1
    return done, broken


def unreadable_secrets() -> Iterator[Unreadable]:
    """Open every secret; gives those that do not open."""
    for factor in Authenticator.objects.order_by("pk").iterator():
        for name in _sealed_in(factor):
            try:
                _open(factor, name)
            except SealBroken as error:
                yield Unreadable("second factor", factor.pk, str(error))


def _sealed_in(factor: Any) -> list[str]:
    return [name for name in NAMES if factor.data.get(name)]


def _raw(factor: Any, name: str) -> bytes:
    try:
        return base64.b64decode(factor.data[name], validate=True)
    except (binascii.Error, ValueError) as error:
        raise SealBroken("unknown form") from error


def _key_id(factor: Any, name: str) -> str:
    try:
        return key_of(BytesIO(_raw(factor, name)))
    except SealBroken:
        return ""


def _open(factor: Any, name: str) -> bytes:
    return open_seal(_raw(factor, name), place=place_of(factor.user_id))
