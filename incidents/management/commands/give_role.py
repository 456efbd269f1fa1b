"""manage.py give_role: for who runs the portal, where an organisation has nobody who could agree with a role."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from incidents.actions.giving_roles import give_role_as_installation
from vpdportal import clock
from vpdportal.accounts.actions import AccountsError
from vpdportal.accounts.models import Organisation
from vpdportal.accounts.roles import Role

WITH_DEPARTMENT = (Role.EMPLOYEE, Role.MANAGER)  # those are given in the portal, by one administrator


class Command(BaseCommand):
    help = (
        "Give someone a role without a second person: for the first people of an organisation, and when only one "
        "administrator is left. It stands in the audit log, and advisers and the data protection officer hear of it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organisation", required=True, help="short name in addresses, for example veenwoude")
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", required=True, help="used when there is no account with this address yet")
        parser.add_argument("--role", required=True, choices=[role for role in Role if role not in WITH_DEPARTMENT])
        parser.add_argument("--until", type=date.fromisoformat, help="last day, as 2027-01-31")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = Organisation.objects.filter(slug=options["organisation"]).first()
        if organisation is None:
            raise CommandError(f"There is no organisation with the short name {options['organisation']!r}.")
        try:
            validate_email(options["email"])
            membership = give_role_as_installation(
                email=options["email"],
                name=options["name"],
                organisation=organisation,
                role=Role(options["role"]),
                ends_on=options["until"],
                now=clock.now(),
            )
        except (AccountsError, ValidationError) as error:
            message = "; ".join(error.messages) if isinstance(error, ValidationError) else str(error)
            raise CommandError(message) from error
        self.stdout.write(f"{membership.user.email} is now {membership.role} of {organisation.name}.")
