"""manage.py verify: whether all that the portal keeps is there, whole, readable, and served."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError, connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse

from incidents.actions.kept_files import kept_files
from incidents.actions.lookup_keys import stale_persons
from vpdportal.accounts.models import Organisation
from vpdportal.accounts.signing_in.secrets_anew import unreadable_secrets
from vpdportal.audit import chain
from vpdportal.sealed_columns import sealed_tables

MOST_LINES = 20


def _looked_at(name: str, check: Callable[[], Iterator[str]]) -> Iterator[str]:
    """What a check found, also when it breaks: the other checks have something to say too."""
    try:
        yield from check()
    except Exception as error:
        yield f"{name}: it could not be looked at further ({type(error).__name__})"


class Command(BaseCommand):
    help = (
        "Open every sealed value and file, walk the audit trail of every organisation, look for rows that point at "
        "nothing, and ask for the first page. Changes nothing. Run it after each restore, and each month."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        began, found = time.monotonic(), []
        for name, check in (
            ("program and database", self._migrations),
            ("references", self._references),
            ("audit trail", self._chains),
            ("sealed values", self._values),
            ("sealed files", self._files),
            ("persons", self._persons),
            ("first page", self._page),
        ):
            wrong = list(_looked_at(name, check))
            self.stdout.write(f"{name}: {f'{len(wrong)} wrong' if wrong else 'right'}")
            found += wrong
        for line in found[:MOST_LINES]:
            self.stderr.write(line)
        if found:
            raise CommandError(f"{len(found)} things are not as they were kept.")
        self.stdout.write(f"All is there, in {time.monotonic() - began:.1f} s.")

    def _migrations(self) -> Iterator[str]:
        executor = MigrationExecutor(connection)
        for migration, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes()):
            yield f"migration {migration} is not applied: run manage.py migrate"

    def _references(self) -> Iterator[str]:
        try:
            connection.check_constraints()
        except IntegrityError as error:
            yield f"a row points at nothing: {str(error).splitlines()[0]}"

    def _chains(self) -> Iterator[str]:
        for organisation_id in [None, *Organisation.objects.values_list("pk", flat=True)]:
            verdict = chain.verify(organisation_id)
            if not verdict.is_whole:
                yield f"audit trail of {organisation_id or 'the installation'} breaks at {verdict.broken_at}"

    def _values(self) -> Iterator[str]:
        for table in sealed_tables():
            yield from map(str, table.unreadable())
        yield from map(str, unreadable_secrets())

    def _files(self) -> Iterator[str]:
        yield from (str(trouble) for file in kept_files() if (trouble := file.trouble()))

    def _persons(self) -> Iterator[str]:
        yield from (f"person {pk} is not found with this LOOKUP_KEY" for pk in stale_persons())

    def _page(self) -> Iterator[str]:
        host = next((name for name in settings.ALLOWED_HOSTS if "*" not in name), "localhost").lstrip(".")
        status = Client(headers={"host": host}).get(reverse("sign_in"), secure=True).status_code
        if status != 200:
            yield f"the page to sign in answers {status}"
