"""manage.py advise FILE: facts of one incident in, the menu's advice out.

Needs no database, unless it is asked what an organisation's own card says.
"""

import json
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone, translation

from guidance.advice import advise
from guidance.answer import answer_of
from guidance.card import Card
from guidance.cards import card_for
from guidance.deadlines import Moments
from guidance.facts import Facts, FactsError
from vpdportal import clock
from vpdportal.accounts.models import Organisation

EARLIEST, LATEST = 2000, 2100  # years that an incident of today can be about


class Command(BaseCommand):
    # What the police ask to wait with stands apart under "on_hold": it is no advice for now.
    help = "Print the menu's advice for the facts of one incident (JSON in, JSON out)."
    requires_system_checks: list[str] = []  # type: ignore[assignment]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="a JSON file with facts, or - for standard input")
        parser.add_argument("--incident-at", help="moment of the incident, ISO 8601")
        parser.add_argument("--reported-at", help="moment of the report, ISO 8601 (default: now)")
        parser.add_argument("--organisation", help="answer by the card that this organisation published (its slug)")
        parser.add_argument("--language", choices=["nl", "en"], default="nl")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            facts = Facts.from_dict(_read(options["file"]))
        except FactsError as error:
            raise CommandError(str(error), returncode=2) from error
        reported_at = _moment(options["reported_at"], "--reported-at") or clock.system_now()
        passed = timedelta(days=facts.days_until_report or 0)
        told = _moment(options["incident_at"], "--incident-at")
        if told and facts.days_until_report is None:
            facts = replace(facts, days_until_report=max(0, (reported_at - told).days))
        card = _card_of(options["organisation"]) if options["organisation"] else Card.default()
        advised = advise(facts, card, Moments(told or reported_at - passed, reported_at))
        with translation.override(options["language"]):
            self.stdout.write(json.dumps(answer_of(advised), ensure_ascii=False, indent=1))


def _read(name: str) -> Any:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        return json.loads(text)
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}.", returncode=2) from error
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{name} is not JSON: {error}", returncode=2) from error


def _card_of(slug: str) -> Card:
    """The card that this organisation published last."""
    try:
        organisation = Organisation.objects.filter(slug=slug).first()
        if organisation is None:
            raise CommandError(f"--organisation: there is none with the slug {slug!r}.", returncode=2)
        return card_for(organisation)
    except DatabaseError as error:
        raise CommandError(f"--organisation: the database cannot be read: {error}", returncode=2) from error


def _moment(text: str | None, option: str) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{option}: give a moment such as 2026-11-24T09:00+01:00.", returncode=2) from error
    if not EARLIEST <= moment.year <= LATEST:
        raise CommandError(f"{option}: give a year from {EARLIEST} to {LATEST}.", returncode=2)
    return moment if moment.tzinfo else timezone.make_aware(moment)
