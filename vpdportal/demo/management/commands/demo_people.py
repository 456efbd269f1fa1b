"""manage.py demo_people: who one can be in the demonstration."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation

from vpdportal import clock
from vpdportal.demo.people import people_to_become


class Command(BaseCommand):
    help = "List the people of the demonstration."

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("nl"):
            for person in people_to_become(clock.now()):
                self.stdout.write(f"  {person.user.name:<20} {person.description}")
