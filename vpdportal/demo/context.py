"""What the demonstration's bar shows on every page. Empty outside a demonstration."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from vpdportal.demo.models import Past
from vpdportal.demo.people import people_to_become


def demo(request: HttpRequest) -> dict[str, Any]:
    """`demo`: the moment of the clock, the people one can become, and whether their past is still being written."""
    now = getattr(request, "now", None)
    if not settings.DEMO or now is None:
        return {}
    return {"demo": {"now": now, "people": people_to_become(now), "has_past_to_come": Past.objects.exists()}}
