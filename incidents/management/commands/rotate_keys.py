"""manage.py rotate_keys: bring all that is sealed under the newest key, so that an older one can be taken away."""

from collections import Counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.actions.kept_files import files_by_key, kept_files
from vpdportal.accounts.signing_in.secrets_anew import seal_secrets_anew, secrets_by_key
from vpdportal.encryption import keyring
from vpdportal.sealed_columns import BATCH, Unreadable, sealed_tables

ROUNDS = 3  # what people change meanwhile may be written under the old key by a process that still has it first
MOST_LINES = 20


class Command(BaseCommand):
    help = (
        "Seal every column, file and second factor anew with the first key of FIELD_KEYS. Stopped halfway, run it "
        "again: it goes on with what is left. Put the new key first in FIELD_KEYS and restart the portal before. Take "
        "the old key out when this says that all is ready (docs/keys.md)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only count what stands under which key")
        parser.add_argument("--batch", type=int, default=BATCH, help="rows in one transaction")

    def handle(self, *args: Any, **options: Any) -> None:
        broken: list[Unreadable] = []
        if not options["check"]:
            for _round in range(ROUNDS):
                broken = self._round(max(1, options["batch"]))
                if not self._left(under := self._count()):
                    break
        else:
            under = self._count()
        for one in broken[:MOST_LINES]:
            self.stderr.write(f"does not open: {one}")
        self._say(under)

    def _round(self, batch: int) -> list[Unreadable]:
        broken = []
        for table in sealed_tables():
            done = 0
            for rows, found in table.seal_anew(batch):
                done += rows
                broken += found
                self.stdout.write(f"{table.name}: {done} rows")
        sealed = 0
        for file in kept_files():
            is_sealed, trouble = file.seal_anew()
            sealed += is_sealed
            if trouble:
                broken.append(trouble)
        self.stdout.write(f"files: {sealed}")
        secrets, found = seal_secrets_anew()
        self.stdout.write(f"second factors: {secrets}")
        return broken + found

    def _count(self) -> "Counter[str]":
        under = sum((table.by_key() for table in sealed_tables()), Counter[str]())
        return under + files_by_key() + secrets_by_key()

    def _left(self, under: "Counter[str]") -> int:
        return sum(number for key_id, number in under.items() if key_id != next(iter(keyring(settings.FIELD_KEYS))))

    def _say(self, under: "Counter[str]") -> None:
        newest, *older = keyring(settings.FIELD_KEYS)
        for key_id in (newest, *older):
            self.stdout.write(f"under {key_id}: {under[key_id]}")
        if under[""]:
            self.stdout.write(f"under a key that is not in FIELD_KEYS, or gone: {under['']}")
        if left := self._left(under):
            raise CommandError(f"Not ready: {left} not under {newest}. Keep every key, and run this again.")
        self.stdout.write(f"Ready: all stands under {newest}. Older keys may be taken out of FIELD_KEYS.")
