"""manage.py demo_fill: make the demonstration's people and reports, unless they are there."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.overview.releases import release_due
from vpdportal import clock
from vpdportal.demo.fill import TOWN_REPORTS, fill


class Command(BaseCommand):
    help = "Fill the demonstration. What is there already is kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reports", type=int, default=TOWN_REPORTS, help="how many reports in the larger one")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is not a demonstration. Set DEMO=1 to fill one.")
        is_new = fill(now=clock.now(), reports=options["reports"])
        release_due(now=clock.now())
        self.stdout.write(
            "The demonstration is filled." if is_new else "The demonstration was there; its data is kept."
        )
