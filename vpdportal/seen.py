"""What a page showed of what it changes, so that an old page does not put back what someone else changed since."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

CHANGED_SINCE = _(
    "Someone else changed this after you opened this page. Where yours differs, what is kept now stands beside it. "
    "Save again to put yours in its place."
)


def mark_of(part: Any) -> str:
    """A short mark of something as it was shown, to notice that someone else changed it since."""
    return hashlib.sha256(json.dumps(part, sort_keys=True, default=str).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Seen:
    """These columns of a row, and the mark of what a page showed in them.

    Without a mark nothing was shown, so nothing can be old: a command, or a page of before this was asked.
    """

    columns: tuple[str, ...]
    mark: str = ""

    @classmethod
    def of(cls, row: Model, columns: Collection[str]) -> "Seen":
        stored = {field.name: field.attname for field in row._meta.concrete_fields}
        return cls(tuple(columns), mark_of({name: getattr(row, stored[name]) for name in columns}))

    def is_old(self, row: Model) -> bool:
        """Whether something else stands in these columns of the row, which the caller holds, than was shown."""
        return bool(self.mark) and self.mark != Seen.of(row, self.columns).mark
