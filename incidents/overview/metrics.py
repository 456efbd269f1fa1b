"""The machine room in numbers, in the text format of Prometheus. They say nothing of anybody."""

from collections.abc import Iterator

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from incidents.overview.machine_room import CODES, MachineRoom, Waiting

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
NEVER = float("inf")  # so that "older than" is true of what never was


def metrics_of(room: MachineRoom, waiting: Waiting) -> bytes:
    """All numbers as text, of type CONTENT_TYPE."""
    registry = CollectorRegistry()
    registry.register(_MachineRoomCollector(room, waiting))
    return bytes(generate_latest(registry))


class _MachineRoomCollector(Collector):
    def __init__(self, room: MachineRoom, waiting: Waiting) -> None:
        self.room, self.waiting = room, waiting

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, (meaning, value) in self._numbers().items():
            yield GaugeMetricFamily(f"vpd_{name}", meaning, value=value)
        did = GaugeMetricFamily("vpd_sweep_did", "What the last whole round of the reminders did.", labels=["what"])
        for what, number in self.room.counts.items():
            did.add_metric([what], number)
        yield did
        wrong = GaugeMetricFamily("vpd_trouble", "1 where this is wrong, as the portal judges it.", labels=["trouble"])
        codes = self.room.codes
        for code in CODES:
            wrong.add_metric([code.replace(" ", "_")], code in codes)
        yield wrong

    def _numbers(self) -> dict[str, tuple[str, float]]:
        room, oldest = self.room, self.waiting.oldest_at
        age = (room.now - room.swept_at).total_seconds() if room.swept_at else NEVER
        failing = (room.now - room.failing_since).total_seconds() if room.failing_since else 0
        waited = (room.now - oldest).total_seconds() if oldest else 0
        return {
            "sweep_age_seconds": ("Since the last whole round of the reminders; +Inf when there was none.", age),
            "waiting": ("Reminders, news and mails that wait to go out.", self.waiting.number),
            "waiting_oldest_seconds": ("How long the oldest of these waits.", waited),
            "mails_failed": ("Mails that were given up.", room.failed),
            "mail_failing_seconds": ("How long the mail server takes no mail; 0 while it works.", failing),
        }
