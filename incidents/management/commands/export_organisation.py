"""manage.py export_organisation: all of one organisation in one file, to leave with or to move."""

import time
from getpass import getpass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.actions.moving.manifest import MoveRefused
from incidents.actions.moving.writing import export_organisation
from vpdportal import clock
from vpdportal.accounts.models import Organisation

SHORTEST = 20  # signs: of it depends everything that stands in the file


class Command(BaseCommand):
    help = (
        "Write all of one organisation to a new file: rows as JSON, files as they came in, and how to read them. It is "
        "encrypted with a passphrase (the format of age), and written down in the organisation's audit log."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the short name of the organisation")
        parser.add_argument("--to", type=Path, required=True, help="a new file, such as town.zip.age")
        parser.add_argument(
            "--passphrase-file", type=Path, help="a file with the passphrase; without it you are asked twice"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        began, organisation = time.monotonic(), Organisation.objects.filter(slug=options["slug"]).first()
        if organisation is None:
            raise CommandError(f"There is no organisation with the short name {options['slug']}.")
        passphrase = passphrase_of(options["passphrase_file"], is_new=True)
        try:
            made = export_organisation(
                organisation=organisation, to=options["to"], passphrase=passphrase, now=clock.now()
            )
        except MoveRefused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            f"{sum(part.number for part in made.rows.values())} rows and {len(made.files)} files of {organisation} in "
            f"{time.monotonic() - began:.1f} s: {options['to']}\ncontent {made.digest}"
        )


def passphrase_of(file: Path | None, *, is_new: bool) -> str:
    """From a file, or asked, a new one twice; without what is blank around it. Raises CommandError.

    A new one is refused when it is too short to protect anything.
    """
    found = _passphrase_in(file) if file else _asked("Passphrase: ")
    if is_new and len(found) < SHORTEST:
        raise CommandError(f"The passphrase is too short: use {SHORTEST} characters or more, such as six words.")
    if is_new and not file and _asked("The same passphrase again: ") != found:
        raise CommandError("These are two different passphrases. Nothing was written.")
    return found


def _passphrase_in(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig").strip()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{file} is no text in UTF-8. Save the passphrase as plain text, in UTF-8.") from error


def _asked(question: str) -> str:
    try:
        return getpass(question).strip()
    except EOFError as error:
        raise CommandError("There is nobody to ask for the passphrase. Use --passphrase-file.") from error
