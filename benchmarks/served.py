"""What the portal is served with for a benchmark: as in use, with no limits on how often, at the time of the rows."""

import os
from datetime import datetime, timedelta

from django.utils import timezone

from tests.attacks.attacked import *  # noqa: F403

CLOCK = "benchmarks.served.now"
SHIFT = timedelta(seconds=float(os.environ.get("CLOCK_SHIFT", "0")))


def now() -> datetime:
    return timezone.now() + SHIFT
