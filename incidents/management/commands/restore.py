"""manage.py restore: fill an empty database and an empty store of files from a backup."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from vpdportal.backup import BackupRefused, check_backup, restore_backup
from vpdportal.dumps import DumpFailed


class Command(BaseCommand):
    help = (
        "Read a backup whole, hold it against its manifest, and make the portal again in an empty database. Stopped "
        "halfway, run it again. Then: manage.py migrate, and manage.py verify. With --check it only reads."
    )
    requires_system_checks = []  # they ask the database, which is empty

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="what manage.py backup made")
        parser.add_argument("--check", action="store_true", help="only tell whether this backup is whole")
        parser.add_argument("--programs", default="", help="the folder of pg_restore")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        use = check_backup if options["check"] else restore_backup
        try:
            found = use(options["folder"], programs=options["programs"])
        except (BackupRefused, DumpFailed) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"Not {'looked at' if options['check'] else 'restored'}: {error}.") from error
        done = "whole" if options["check"] else "restored"
        self.stdout.write(
            f"{done}: {sum(found.rows.values())} rows and {len(found.files)} files of {found.made_at} in "
            f"{time.monotonic() - began:.1f} s. {'' if options['check'] else 'Now run: manage.py migrate, verify.'}"
        )
