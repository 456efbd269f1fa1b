"""manage.py import_organisation: bring in what export_organisation made, here or of another portal."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.actions.moving.manifest import MoveRefused
from incidents.actions.moving.reading import import_organisation
from incidents.management.commands.export_organisation import passphrase_of
from vpdportal import clock


class Command(BaseCommand):
    help = (
        "Bring in all of one organisation, whole or not at all, and seal it with the keys of this portal. People who "
        "have an account here by the same address or key keep it. Stop the portal that it comes from first."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="what manage.py export_organisation made")
        parser.add_argument("--passphrase-file", type=Path, help="a file with the passphrase; without it you are asked")

    def handle(self, *args: Any, **options: Any) -> None:
        began, passphrase = time.monotonic(), passphrase_of(options["passphrase_file"], is_new=False)
        try:
            moved = import_organisation(source=options["file"], passphrase=passphrase, now=clock.now())
        except MoveRefused as refused:
            raise CommandError(str(refused)) from refused
        made = moved.manifest
        self.stdout.write(
            f"{made.organisation['name']}: {sum(part.number for part in made.rows.values())} rows and "
            f"{len(made.files)} files in {time.monotonic() - began:.1f} s\ncontent {made.digest}\n"
            f"{len(moved.known)} accounts and mails were here already. People sign in as new ones here: set passwords, "
            "or the organisation's own sign-in. Now run: manage.py verify."
        )
        for name in moved.codes:
            self.stdout.write(f"The code of this place was taken; hang up a new poster: {name}")
