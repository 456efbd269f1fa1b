"""manage.py take_factor: for who runs the portal, where there is no data protection officer to ask."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from vpdportal import clock
from vpdportal.accounts.models import Organisation, User
from vpdportal.accounts.signing_in.factors import take_away_factors


class Command(BaseCommand):
    help = (
        "Take away the second step of someone who lost it, after you have made sure who asks. It stands in the audit "
        "log, and the person is told by mail."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organisation", required=True, help="short name in addresses, for example veenwoude")
        parser.add_argument("--email", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = Organisation.objects.filter(slug=options["organisation"]).first()
        user = User.objects.filter(email=options["email"].lower(), memberships__organisation=organisation).first()
        if organisation is None or user is None:
            raise CommandError("There is nobody with this address in an organisation with this short name.")
        number = take_away_factors(user=user, organisation=organisation, by=None, now=clock.now())
        self.stdout.write(f"{number} taken away; the next sign-in asks to set it up anew.")
