"""A row as one line of JSON, and back. The same row gives the same line, in every portal and on each database."""

import json
from base64 import b64decode, b64encode
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from django.db import models

from incidents.actions.moving.kinds import Kind
from vpdportal.encryption import EncryptedTextField


def line_of(row: Any, kind: Kind) -> str:
    """By name of the column, in order. Sealed texts stand open in it: the file as a whole is sealed."""
    return dumped({field.attname: _plain(getattr(row, field.attname)) for field in kind.fields})


def row_of(line: str, kind: Kind) -> Any:
    """The row, not saved. Raises ValueError where it is not of this kind."""
    data = json.loads(line)
    fields = {field.attname: field for field in kind.fields}
    if not isinstance(data, dict) or data.keys() != fields.keys():
        raise ValueError(f"a row of {kind.label} has other columns")
    return kind.model(**{name: _value(fields[name], value) for name, value in data.items()})


def dumped(data: Any) -> str:
    """In one form only."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def schema_of(kind: Kind) -> dict[str, Any]:
    """What a line of this kind holds, as JSON Schema."""
    properties = {field.attname: _described(field) for field in kind.fields}
    return {
        "type": "object",
        "description": (kind.model.__doc__ or "").strip(),
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return b64encode(bytes(value)).decode()
    return value


def _value(field: Any, value: Any) -> Any:
    if value is None or isinstance(field, EncryptedTextField | models.JSONField):
        return value
    if isinstance(field, models.BinaryField):
        return b64decode(value)
    return field.to_python(value)


_TYPES: tuple[tuple[Any, dict[str, str]], ...] = (
    (EncryptedTextField, {"type": "string"}),
    (models.BinaryField, {"type": "string", "contentEncoding": "base64"}),
    ((models.UUIDField, models.ForeignKey), {"type": "string", "format": "uuid"}),
    (models.DateTimeField, {"type": "string", "format": "date-time"}),
    (models.DateField, {"type": "string", "format": "date"}),
    (models.TimeField, {"type": "string", "format": "time"}),
    (models.BooleanField, {"type": "boolean"}),
    (models.IntegerField, {"type": "integer"}),
    (models.JSONField, {}),
)


def _described(field: Any) -> dict[str, Any]:
    found: dict[str, Any] = dict(next((told for kinds, told in _TYPES if isinstance(field, kinds)), {"type": "string"}))
    if field.null and "type" in found:
        found["type"] = [found["type"], "null"]
    if field.is_relation:
        found["description"] = f"key of {field.related_model._meta.label}"
    elif isinstance(field, EncryptedTextField):
        found["description"] = "sealed in the database of the portal"
    if field.choices:
        found["enum"] = [value for value, _label in field.flatchoices] + ([None] if field.null else [])
        if field.blank and "" not in found["enum"]:
            found["enum"].append("")
    return found
