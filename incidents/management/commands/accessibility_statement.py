"""docs/toegankelijkheidsverklaring.md, from what was measured: `manage.py accessibility_statement > FILE`."""

from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation

from vpdportal.accessibility import Statement, measured

WIDTH = 120
OPENING = """<!-- Made by `manage.py accessibility_statement`; its words stand in vpdportal/accessibility.py. -->
# Toegankelijkheidsverklaring

Dit is de tekst van de pagina /toegankelijkheid/ in het portaal, zoals een nieuwe installatie die toont. Uw organisatie
vult het adres in met `ACCESSIBILITY_CONTACT`, en de dag van het onderzoek met `ACCESSIBILITY_RESEARCH_ON`
([configuration.md](configuration.md))."""


class Command(BaseCommand):
    help = "Write the accessibility statement in Dutch, from vpdportal/accessibility.json."

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("nl"):
            self.stdout.write("\n".join(_lines()))


def _lines() -> Iterator[str]:
    """As on the day on which it was measured: the page in the portal knows today."""
    statement = Statement(today=measured().day, address="https://vpd.example.org")
    yield OPENING
    for section in statement.sections():
        yield from ("", f"## {section.title}")
        if section.sentences:
            yield from ("", *wrap(" ".join(section.sentences), WIDTH, break_long_words=False, break_on_hyphens=False))
        if section.points:
            yield from ("", *(f"- {point}" for point in section.points))
