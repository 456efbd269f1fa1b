"""The time that passes while a round works: told once, and counted on from there."""

from datetime import datetime, timedelta
from time import monotonic


class Watch:
    """`now` moves on from the moment that was given, whatever is done to the clock of the machine meanwhile."""

    def __init__(self, started_at: datetime) -> None:
        self.started_at = started_at
        self._started = monotonic()

    @property
    def now(self) -> datetime:
        return self.started_at + self.elapsed

    @property
    def elapsed(self) -> timedelta:
        return timedelta(seconds=monotonic() - self._started)
