"""What a code of a column is called, in the language of now."""

from functools import cache
from typing import Any

from django.db import models


class Labelled(models.Model):
    """Rows whose `get_…_display` looks up one label.

    Django's own translates all labels of the column for each one that it gives: a list of 25 cases spent a sixth of its
    time on that (docs/performance.md).
    """

    class Meta:
        abstract = True

    def _get_FIELD_display(self, field: Any) -> Any:  # noqa: N802  as Django calls it
        value = getattr(self, field.attname)
        label = _labels(field).get(value, value)
        return label if label is None else str(label)


@cache
def _labels(field: Any) -> dict[Any, Any]:
    """Code → label, which is translated only when it is written down."""
    return dict(field.flatchoices)
