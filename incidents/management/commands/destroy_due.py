"""manage.py destroy_due: destroy what is due now, or (--dry-run) only say what that would be."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from incidents.actions.keeping.destroying import destroy_due
from incidents.actions.keeping.due import goes_now
from vpdportal import clock
from vpdportal.accounts.models import Organisation


class Command(BaseCommand):
    help = (
        "Destroy every part of every case of which the term has ended and that nothing keeps. With --dry-run nothing "
        "is changed: each line is a part that would go. Safe to stop and to run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        if options["dry_run"]:
            for organisation in Organisation.objects.order_by("slug"):
                for one in goes_now(organisation, now):
                    self.stdout.write(f"{organisation.slug} {one.reference} {one.part}")
            return
        outcome = destroy_due(now=now)
        self.stdout.write(f"{outcome.destroyed} parts destroyed, {outcome.failed} failed")
