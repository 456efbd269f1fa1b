"""Whether the audit log is whole: every chain, beside the anchors of the installation and those of a file."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from vpdportal import clock
from vpdportal.audit.anchors import (
    Anchor,
    all_chains,
    anchors_in,
    kept_anchors,
    present_anchors,
    that_do_not_fit,
    verdict_of,
)


class Command(BaseCommand):
    help = (
        "Walks every chain of the audit log. Exit code 1 when one is broken or does not fit an anchor. "
        "With --anchor: prints one line for each chain, to keep outside this machine. "
        "With --against FILE: compares with such lines, or with a log that holds them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--anchor", action="store_true", help="only print how far each chain goes")
        parser.add_argument("--against", metavar="FILE", help="compare with anchors that were kept earlier")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["anchor"]:
            for anchor in present_anchors(clock.now()):
                self.stdout.write(str(anchor))
            return
        anchors = _from_file(options["against"]) if options["against"] else []
        began, number, broken = time.monotonic(), 0, 0
        for chain in all_chains():
            verdict = verdict_of(chain)
            number += verdict.events
            if not verdict.is_whole:
                broken += 1
                self.stderr.write(f"{chain}: broken at event {verdict.broken_at}")
        strange = that_do_not_fit([*kept_anchors(), *anchors])
        for anchor in strange:
            self.stderr.write(f"{anchor.chain}: event {anchor.position} is not what it was at {anchor.at}")
        seconds = time.monotonic() - began
        self.stdout.write(f"{number} events in {seconds:.1f} s, {number / max(seconds, 0.001):.0f} a second")
        if broken or strange:
            raise CommandError("The audit log was changed. Keep this machine as it is and tell your security officer.")
        self.stdout.write("The audit log is whole." + (f" {len(anchors)} anchors fit." if anchors else ""))


def _from_file(path: str) -> list[Anchor]:
    """Raises CommandError for a file that cannot be read or holds no anchor: that proves nothing."""
    try:
        with Path(path).open(encoding="utf-8", errors="replace") as file:
            anchors = list(anchors_in(file))
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from None
    if not anchors:
        raise CommandError(f"{path} holds no anchor.")
    return anchors
