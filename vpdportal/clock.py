"""The one clock of the portal. Views, tasks and commands ask it at their edge; everything below is told `now`.

`settings.CLOCK` names the function that answers, so that a demonstration can move time for web and worker alike.
"""

from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string


def now() -> datetime:
    """The present moment of the portal, aware, in UTC."""
    moment: datetime = import_string(settings.CLOCK)()
    return moment


def system_now() -> datetime:
    """The machine's own time: the clock of every real installation."""
    return timezone.now()
