"""Reports that were typed without signal: the lock for a device, and taking in what the device kept."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from incidents.actions.refusals import Refused
from incidents.models import OfflineKey
from incidents.models.draft import Answers
from vpdportal.accounts.models import User
from vpdportal.one_way import WillNotOpen, new_lock, open_lock

KEPT_FOR = timedelta(days=90)  # after this nothing that still waits on a device can be opened any more
MOST = 400_000  # characters of one sealed report


class NotForYou(Refused):
    message = _("This was typed under another sign-in. Only that person can send it.")


class NotYourOrganisation(Refused):
    message = _(
        "You cannot report for this organisation any more, so it was not sent. It stays on this device. Call your VPD "
        "adviser or your administrator."
    )


class NotReadable(Refused):
    message = _("What this device kept cannot be read. Please report it again, or call your VPD adviser.")


@dataclass(frozen=True)
class Typed:
    """What a device kept: the key of its report, and the answers by field."""

    key: UUID
    answers: Answers


def give_lock(*, to: User, now: datetime) -> tuple[OfflineKey, str]:
    """A new lock for a device of this person: its row, and the public half for the device."""
    private, public = new_lock()
    return OfflineKey.objects.create(user=to, created_at=now, private=private), public


def open_typed(*, parcel: dict[str, Any], by: User) -> Typed:
    """What this person typed on a device of theirs. Raises NotForYou, NotReadable."""
    try:
        lock, key = UUID(str(parcel.get("lock"))), UUID(str(parcel.get("key")))
    except ValueError as error:
        raise NotReadable from error
    found = OfflineKey.objects.filter(pk=lock, user=by).first()
    if found is None:
        raise NotForYou
    try:
        content = open_lock(
            found.private,
            ephemeral=str(parcel.get("ephemeral", "")),
            nonce=str(parcel.get("nonce", "")),
            sealed=str(parcel.get("sealed", ""))[:MOST],
            bound_to=f"{lock} {key}",
        )
        return Typed(key, _answers_in(json.loads(content)))
    except (WillNotOpen, ValueError, RecursionError) as error:
        raise NotReadable from error


def remove_old_locks(*, now: datetime) -> int:
    """Remove locks of which the device has long had a newer one; gives their number."""
    removed, _per_kind = OfflineKey.objects.filter(created_at__lt=now - KEPT_FOR).delete()
    return removed


def _answers_in(content: Any) -> Answers:
    """The answers, when they have the form of answers. Raises ValueError."""
    if not isinstance(content, dict) or not all(isinstance(values, list) for values in content.values()):
        raise ValueError("no answers")
    return {_whole(name): [_whole(value) for value in values] for name, values in content.items()}


def _whole(text: Any) -> str:
    """The text without half signs, which can be neither kept nor shown."""
    return str(text).encode(errors="replace").decode()
