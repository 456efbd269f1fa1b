"""manage.py index_words: make the index of words (again) for the cases that there are."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from incidents.actions.words import can_search_words, index_words
from incidents.models import Incident

# What the words stand in; other sealed columns are not read.
READ = ("organisation", "story", "place", "perpetrator_description")


class Command(BaseCommand):
    help = (
        "Index the words of all cases, so that they can be searched (on PostgreSQL). Stopped halfway, it says with "
        "which --after it goes on; --missing does only the cases that have no index yet."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=200, help="cases in one transaction")
        parser.add_argument("--after", type=UUID, help="id of the last case that was done")
        parser.add_argument("--missing", action="store_true", help="only cases without an index")

    def handle(self, *args: Any, **options: Any) -> None:
        if not can_search_words():
            raise CommandError("This database cannot search words: there is nothing to index. PostgreSQL can.")
        last, done = options["after"], 0
        while batch := self._batch(last, options["batch"], options["missing"]):
            with transaction.atomic():
                for pk in batch:
                    # The case is held, as by who adds words to it: what is added meanwhile is not missed.
                    rows = Incident.objects.select_for_update(of=("self",), no_key=True).only(*READ)
                    if incident := rows.filter(pk=pk).first():
                        index_words(incident)
            last, done = batch[-1], done + len(batch)
            self.stdout.write(f"{done} cases, to go on from here: --after {last}")
        self.stdout.write(f"Done: {done} cases.")

    def _batch(self, after: UUID | None, size: int, is_missing_only: bool) -> list[UUID]:
        cases = Incident.objects.order_by("pk")
        if after:
            cases = cases.filter(pk__gt=after)
        if is_missing_only:
            cases = cases.filter(words__isnull=True)
        return list(cases.values_list("pk", flat=True)[: max(1, size)])
