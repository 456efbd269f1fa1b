"""The round of each day, in a quiet hour: tell the desks what comes in sight, destroy what is due, forget who left."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils import timezone

from incidents.actions.keeping.accounts import forget_leavers
from incidents.actions.keeping.destroying import Outcome, destroy_due
from incidents.actions.keeping.warnings import warn_desks
from incidents.models import Heartbeat
from incidents.vocabulary import Beat

log = logging.getLogger(__name__)

QUIET_UNTIL = 6  # local hour: before it nobody waits for the database
MISSED = timedelta(hours=48)  # a machine that is off at night does it by day


def run_of_today(*, now: datetime) -> Outcome | None:
    """Do the round unless it was done today; None when it is not the time for it. For the hourly tidying.

    Telling and forgetting stop nothing where they fail, so that it is seen that the round was done.
    """
    last = Heartbeat.objects.filter(name=Beat.RETENTION).values_list("at", flat=True).first()
    if last is not None:
        is_done = timezone.localdate(last) >= timezone.localdate(now)
        is_quiet = timezone.localtime(now).hour < QUIET_UNTIL
        if is_done or not (is_quiet or now - last >= MISSED):
            return None
    is_told = _try(warn_desks, now)
    outcome = destroy_due(now=now)
    is_forgotten = _try(forget_leavers, now)
    outcome.failed += (not is_told) + (not is_forgotten)
    Heartbeat.objects.update_or_create(
        name=Beat.RETENTION,
        defaults={"at": now, "counts": {"destroyed": outcome.destroyed, "failed": outcome.failed}},
    )
    return outcome


def _try(step: Callable[..., int], now: datetime) -> bool:
    """Whether this step came to its end."""
    try:
        step(now=now)
    except Exception:
        log.exception("a step of the round of each day broke off: %s", step.__name__)
        return False
    return True
