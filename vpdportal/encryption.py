"""Text that is unreadable in the database, its dumps and its backups.

AES-256-GCM. A sealed value is `version byte, length of key id, key id, 12 bytes nonce, ciphertext`. The table, the
column and the row's primary key are authenticated with it: a value copied to another row or column does not open.
Keys come from `settings.FIELD_KEYS`; the first one seals, all of them open.
"""

import base64
import binascii
import os
from collections.abc import Callable
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models.query_utils import DeferredAttribute

VERSION = 1
NONCE_BYTES = 12


class SealBroken(Exception):
    """A sealed value does not open: changed, moved from another row, or its key is gone."""


@cache
def keyring(text: str) -> dict[str, AESGCM]:
    """Keys by id, newest first, from `id:base64,id:base64`. Raises ImproperlyConfigured when one is malformed."""
    keys: dict[str, AESGCM] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        key_id, _, encoded = part.partition(":")
        try:
            raw = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError) as error:
            raise ImproperlyConfigured(f"FIELD_KEYS: key {key_id!r} is not base64.") from error
        if not key_id or len(key_id.encode()) > 255 or len(raw) != 32:
            raise ImproperlyConfigured(f"FIELD_KEYS: key {key_id!r} must be `id:base64 of exactly 32 bytes`.")
        keys[key_id] = AESGCM(raw)
    if not keys:
        raise ImproperlyConfigured("FIELD_KEYS holds no key. Write it as `id:base64 of 32 bytes`.")
    return keys


def seal(content: bytes, *, place: str) -> bytes:
    """`content` sealed with the newest key, so that it opens only at `place` (for example "incident.story.<pk>")."""
    key_id, key = next(iter(keyring(settings.FIELD_KEYS).items()))
    nonce = os.urandom(NONCE_BYTES)
    return beginning_under(key_id) + nonce + key.encrypt(nonce, content, place.encode())


def beginning_under(key_id: str) -> bytes:
    """How every value begins that is sealed with this key: by it, the database itself can count and find them."""
    name = key_id.encode()
    return bytes([VERSION, len(name)]) + name


def open_seal(sealed: bytes, *, place: str) -> bytes:
    """The content sealed for `place`. Raises SealBroken."""
    if len(sealed) < 2 or sealed[0] != VERSION:
        raise SealBroken("unknown form")
    start = 2 + sealed[1]
    key = keyring(settings.FIELD_KEYS).get(sealed[2:start].decode(errors="replace"))
    if key is None:
        raise SealBroken("its key is not in FIELD_KEYS")
    nonce, ciphertext = sealed[start : start + NONCE_BYTES], sealed[start + NONCE_BYTES :]
    try:
        return key.decrypt(nonce, ciphertext, place.encode())
    except InvalidTag as error:
        raise SealBroken("changed, or not of this row") from error


class SealedAttribute(DeferredAttribute):
    """Opens the value at first reading, so that a list which does not show it never decrypts it."""

    field: "EncryptedTextField"

    def __get__(self, instance: models.Model | None, cls: type | None = None) -> Any:
        if instance is None:
            return self
        value = instance.__dict__.get(self.field.attname)
        if self.field.attname not in instance.__dict__:
            value = super().__get__(instance, cls)
        if isinstance(value, bytes):
            value = open_seal(value, place=self.field.place(instance)).decode()
            instance.__dict__[self.field.attname] = value
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.BinaryField):
    """Text, sealed in its column and bound to its row. The row's primary key must be known before it is saved."""

    descriptor_class = SealedAttribute

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("editable", True)
        super().__init__(*args, **kwargs)

    def get_internal_type(self) -> str:
        return "BinaryField"

    def place(self, instance: models.Model) -> str:
        return self.place_of(instance.pk)

    def place_of(self, pk: Any) -> str:
        """To what a value of this column is bound, in the row with this primary key."""
        return f"{self.model._meta.db_table}.{self.column}.{pk}"

    def from_db_value(self, value: Any, *_: Any) -> bytes | None:
        return None if value is None else bytes(value)

    def to_python(self, value: Any) -> Any:
        return value

    def get_default(self) -> Any:
        return None if self.null else ""

    def pre_save(self, model_instance: models.Model, add: bool) -> bytes | None:
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, bytes):
            return value
        return seal(str(value).encode(), place=self.place(model_instance))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if isinstance(value, str):
            raise TypeError(f"{self.name} is bound to its row: save the row instead of updating or filtering by text.")
        return super().get_db_prep_value(value, connection, prepared)

    def value_to_string(self, obj: models.Model) -> str:
        return base64.b64encode(self.pre_save(obj, False) or b"").decode()

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        return name, path, args, kwargs


def sealed_text(**options: Any) -> Any:
    """An EncryptedTextField, typed as the text it is when read: `str`."""
    factory: Callable[..., Any] = EncryptedTextField
    return factory(**options)
