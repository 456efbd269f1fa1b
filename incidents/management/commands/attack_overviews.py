"""What can be worked out from everything that was told to management? Nothing, or the command fails and says what."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.models import Release
from incidents.overview.attack_on import leaks_of
from incidents.overview.releases import releases_of
from incidents.overview.setting import setting_of
from vpdportal.accounts.models import Organisation

MOST_LINES = 20


class Command(BaseCommand):
    help = (
        "Tries to work out small numbers from all overviews that were fixed, year by year, with linear programs. Runs "
        "by itself before each overview is fixed; run it by hand after a restore or a change of the program."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organisation", help="short name in addresses; without it all organisations")

    def handle(self, *args: Any, **options: Any) -> None:
        organisations = Organisation.objects.order_by("slug")
        if options["organisation"]:
            organisations = organisations.filter(slug=options["organisation"])
            if not organisations:
                raise CommandError(f"There is no organisation “{options['organisation']}”.")
        found = sum(self._attack(organisation) for organisation in organisations)
        if found:
            raise CommandError(f"{found} numbers can be worked out too closely. Do not show these overviews any more.")
        self.stdout.write("Nothing could be worked out.")

    def _attack(self, organisation: Organisation) -> int:
        found, setting = 0, setting_of(organisation)
        years = Release.objects.filter(organisation=organisation).order_by("year").values_list("year", flat=True)
        for year in years.distinct():
            past = releases_of(organisation, year)
            leaks = leaks_of(past, setting)
            self.stdout.write(f"{organisation.slug} {year}: {len(past)} overviews, {len(leaks)} leaks")
            for leak in leaks[:MOST_LINES]:
                self.stdout.write(f"  {leak.secret.name}: between {leak.low} and {leak.high}")
            found += len(leaks)
        return found
