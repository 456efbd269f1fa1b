"""manage.py demo_fill: make the demonstration's tables, people and reports, unless they are there."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.overview.releases import release_due
from vpdportal import clock
from vpdportal.demo.fill import TOWN_REPORTS, fill, write_past
from vpdportal.demo.tables import lay_tables


class Command(BaseCommand):
    help = "Fill the demonstration. What is there already is kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reports", type=int, default=TOWN_REPORTS, help="how many reports in the larger one")
        parser.add_argument("--at-first", type=int, help="how many of these now; the others by --past")
        parser.add_argument("--past", action="store_true", help="only write the reports that were left for later")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is not a demonstration. Set DEMO=1 to fill one.")
        if options["past"]:
            self._say(write_past(), "The past is written.", "There was no past to write.")
        else:
            lay_tables()
            call_command("migrate", verbosity=0)
            call_command("check", databases=["default"], stdout=self.stdout)
            is_new = fill(now=clock.now(), reports=options["reports"], at_first=options["at_first"])
            self._say(is_new, "The demonstration is filled.", "The demonstration was there; its data is kept.")
        if options["past"] or options["at_first"] is None:
            release_due(now=clock.now())

    def _say(self, is_so: bool, yes: str, no: str) -> None:
        self.stdout.write(yes if is_so else no)
