"""manage.py new_organisation: the first step of a real installation."""

import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from vpdportal import clock
from vpdportal.accounts.actions import (
    AccountsError,
    NewOrganisation,
    create_organisation,
    give_role,
    invite_person,
    set_password,
)
from vpdportal.accounts.models import OrganisationKind
from vpdportal.accounts.roles import Role


class Command(BaseCommand):
    help = "Make an organisation and its functional administrator, who adds the others in the portal."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True)
        parser.add_argument("--slug", required=True, help="short name in addresses, for example veenwoude")
        parser.add_argument("--kind", required=True, choices=OrganisationKind.values)
        parser.add_argument("--prefix", required=True, help="two or three capitals before a report's number")
        parser.add_argument("--administrator-name", required=True)
        parser.add_argument("--administrator-email", required=True)
        parser.add_argument("--password", help="asked for when left out, which keeps it out of the shell's history")

    def handle(self, *args: Any, **options: Any) -> None:
        password = options["password"] or getpass.getpass("Password of the administrator: ")
        now = clock.now()
        details = NewOrganisation(
            name=options["name"],
            slug=options["slug"],
            kind=options["kind"],
            reference_prefix=options["prefix"],
        )
        try:
            validate_password(password)
            with transaction.atomic():
                organisation = create_organisation(details=details, is_demo=False, now=now)
                person = invite_person(email=options["administrator_email"], name=options["administrator_name"])
                give_role(
                    user=person,
                    organisation=organisation,
                    role=Role.ADMINISTRATOR,
                    starts_on=timezone.localdate(now),
                    by=None,
                    now=now,
                )
                has_own = person.has_usable_password()
                if not has_own:
                    set_password(user=person, password=password, by=None, now=now)
        except (AccountsError, ValidationError) as error:
            message = "; ".join(error.messages) if isinstance(error, ValidationError) else str(error)
            raise CommandError(message) from error
        own = ", with the password that this account had already," if has_own else ""
        self.stdout.write(f"{organisation.name} is made; {person.email} can sign in{own} and add people.")
