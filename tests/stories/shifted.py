"""What the processes of the fault tests run on: the portal's own settings with a clock that the tests set.

`DJANGO_SETTINGS_MODULE` names this module. The time is that of the machine plus what stands in the file that
`CLOCK_FILE` names, so that it is office hours on a working day whenever the tests run, and pauses need no waiting.
"""

import os
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

from vpdportal.settings import *  # noqa: F403

CLOCK = "tests.stories.shifted.now"


def now() -> datetime:
    return timezone.now() + timedelta(seconds=float(Path(os.environ["CLOCK_FILE"]).read_text()))
