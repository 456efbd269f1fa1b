"""manage.py rotate_lookup_key: after a change of LOOKUP_KEY, make anew by what persons and words are found."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from incidents.actions.lookup_keys import is_found, rehash, stale_persons
from incidents.actions.words import can_search_words
from incidents.models import Person
from vpdportal.encryption import SealBroken

BATCH = 200


class Command(BaseCommand):
    help = (
        "Make the hashes of all persons and words anew with the present LOOKUP_KEY, from what stands sealed. Stop the "
        "portal before: until this is done, persons are not known again. Stopped halfway, run it again. With --check "
        "it only tells how many persons are not found with this key."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only count")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            self._rehash()
            if can_search_words():
                call_command("index_words", stdout=self.stdout)
        if left := sum(1 for _pk in stale_persons()):
            raise CommandError(f"Not ready: {left} persons are not found with this LOOKUP_KEY.")
        self.stdout.write("Ready: every person is found with this LOOKUP_KEY.")

    def _rehash(self) -> None:
        last, done = None, 0
        while pks := self._batch(last):
            with transaction.atomic():
                for person in Person.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=pks):
                    if not is_found(person):
                        self._try(person)
            last, done = pks[-1], done + len(pks)
            self.stdout.write(f"{done} persons")

    def _try(self, person: Person) -> None:
        """One that does not open keeps no other from being found."""
        try:
            rehash(person)
        except SealBroken:
            self.stderr.write(f"person {person.pk} does not open")

    def _batch(self, after: Any) -> list[Any]:
        persons = Person.objects.order_by("pk")
        if after:
            persons = persons.filter(pk__gt=after)
        return list(persons.values_list("pk", flat=True)[:BATCH])
