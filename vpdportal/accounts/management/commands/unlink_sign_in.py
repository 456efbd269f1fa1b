"""manage.py unlink_sign_in: someone's account at the identity provider was made anew."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from vpdportal import clock
from vpdportal.accounts.models import User
from vpdportal.accounts.signing_in.single_sign_on.unlinking import unlink


class Command(BaseCommand):
    help = "Let go of the identity provider of an account: at the next sign-in it is linked again, by its address."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].lower()).first()
        if user is None:
            raise CommandError("There is no account with this address.")
        if not unlink(user=user, now=clock.now()):
            raise CommandError("This account is not linked to an identity provider.")
        self.stdout.write("Unlinked. Let this person sign in now, and look in the audit log that it was them.")
