"""manage.py backup: everything in one folder, from which the portal can be made again. Never the keys."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from vpdportal import clock
from vpdportal.backup import BackupRefused, make_backup
from vpdportal.dumps import DumpFailed


class Command(BaseCommand):
    help = (
        "Write the database, the sealed files and a manifest to a new folder, while the portal runs. Keep FIELD_KEYS, "
        "LOOKUP_KEY and the file of identity providers elsewhere: they are not in it (docs/backup.md)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="a new folder")
        parser.add_argument("--programs", default="", help="the folder of pg_dump and pg_restore")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        try:
            made = make_backup(options["folder"], now=clock.now(), programs=options["programs"])
        except (BackupRefused, DumpFailed) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"No backup: {error}. Mend that, and make it in a new folder.") from error
        self.stdout.write(
            f"{sum(made.rows.values())} rows of {len(made.rows)} tables and {len(made.files)} files, "
            f"{made.size / 1e6:.1f} MB in {time.monotonic() - began:.1f} s: {options['folder']}"
        )
