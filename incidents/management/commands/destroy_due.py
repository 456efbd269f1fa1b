"""manage.py destroy_due: destroy what is due now, or (--dry-run) only say what that would be."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from incidents.actions.keeping.destroying import destroy_due
from incidents.actions.keeping.due import goes_now
from incidents.actions.keeping.figures import figures_due
from incidents.actions.keeping.old_log import log_due
from incidents.vocabulary import KeptPart
from vpdportal import clock
from vpdportal.accounts.models import Organisation


class Command(BaseCommand):
    help = (
        "Destroy every part of every case of which the term has ended and that nothing keeps, and what is past its "
        "term of exact figures and of the log. With --dry-run nothing is changed: each line is a part that would go. "
        "Safe to stop and to run again. What fails stops nothing else, and the command ends with an error."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        if options["dry_run"]:
            for organisation in Organisation.objects.order_by("slug"):
                for line in _would_go(organisation, now):
                    self.stdout.write(f"{organisation.slug} {line}")
            return
        outcome = destroy_due(now=now)
        self.stdout.write(f"{outcome.destroyed} parts destroyed, {outcome.failed} failed")
        if outcome.failed:
            raise CommandError("Not all of it went: the log says per part what stood in the way. It is tried each day.")


def _would_go(organisation: Organisation, now: datetime) -> Iterator[str]:
    for part in goes_now(organisation, now):
        yield f"{part.reference} {part.part}"
    for figures in figures_due(organisation, timezone.localdate(now)):
        yield f"{figures.period} {KeptPart.EXACT_FIGURES}"
    if last := log_due(organisation, now):
        yield f"{last.position} {KeptPart.AUDIT}"
