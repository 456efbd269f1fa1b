"""The demonstration's clock: the machine's time and a shift that people can move forward, never back."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from vpdportal.demo.models import ClockShift


def shifted_now() -> datetime:
    """The moment of the demonstration, aware."""
    ahead = ClockShift.objects.values_list("ahead", flat=True).first()
    return timezone.now() + (ahead or timedelta())


def move_clock(by: timedelta) -> None:
    """Let everything happen as if `by` had passed. Raises ValueError for a step back: what happened has happened."""
    if by < timedelta():
        raise ValueError("the clock of the demonstration moves forward only")
    with transaction.atomic():
        shift, _is_new = ClockShift.objects.select_for_update().get_or_create(pk=1, defaults={"ahead": timedelta()})
        shift.ahead += by
        shift.save(update_fields=["ahead"])
