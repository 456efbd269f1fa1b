"""The machine room of the fault tests: PostgreSQL, a broker and a mail server of their own, which may all fail."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests import prepared
from tests.conftest import need
from tests.services import Postgres, Valkey, own_postgres, valkey
from tests.smtp import MailServer
from tests.stories.machine import Machine
from tests.stories.reminders import EMPTY, FILLED, Figures, Reminders, connected, copy_of, fill

SMTP_TIMEOUT = "15"  # seconds, of the workers: more than a busy machine takes to answer


@pytest.fixture(scope="session")
def own_server(django_db_blocker: Any) -> Iterator[Postgres]:
    """With a filled database to make copies of. Not the server of the other tests: this one may be stopped."""
    if connection.vendor != "postgresql":
        need("", "services")
    with own_postgres() as server:
        prepared.fill(server)
        server.create(FILLED, template=EMPTY)
        with django_db_blocker.unblock(), connected(server.url(FILLED)):
            fill()
        yield server


@pytest.fixture
def post() -> Iterator[MailServer]:
    server = MailServer()
    yield server
    server.stop()


@pytest.fixture
def broker() -> Iterator[Valkey]:
    need("CELERY_BROKER_URL", "services")
    with valkey() as server:
        yield server


@pytest.fixture
def reminders(own_server: Postgres, post: MailServer, tmp_path: Path, django_db_blocker: Any) -> Iterator[Reminders]:
    """Hundreds of reminders in an own database, to which the ORM of the test is connected."""
    with django_db_blocker.unblock(), copy_of(FILLED, own_server, post, tmp_path) as reminders:
        yield reminders


@pytest.fixture
def room(reminders: Reminders, tmp_path: Path) -> Iterator[Callable[..., Machine]]:
    """Machines on the database of the reminders, each with the broker it is told."""
    machines: list[Machine] = []

    def make(broker: str, **more: str) -> Machine:
        folder = tmp_path / f"machine{len(machines)}"
        folder.mkdir()
        settings = {
            "EMAIL_TIMEOUT": SMTP_TIMEOUT,
            "DJANGO_SETTINGS_MODULE": "tests.stories.shifted",
            "CLOCK_FILE": str(reminders.time.file),
        }
        machine = Machine(
            folder, database=reminders.database, broker=broker, mail=reminders.mail.url, **(settings | more)
        )
        machines.append(machine)
        return machine

    yield make
    for machine in machines:
        machine.end()


@pytest.fixture
def machine(room: Callable[..., Machine], broker: Valkey) -> Machine:
    return room(broker.url)


@pytest.fixture
def figures(record_property: Callable[[str, object], None], request: pytest.FixtureRequest) -> Figures:
    """Writes down what a test counted, in its report and in its output (`pytest -rP` shows it)."""

    def write(**counted: object) -> None:
        for name, value in counted.items():
            record_property(name, value)
        words = ", ".join(f"{name} {value}" for name, value in counted.items())
        sys.stdout.write(f"{request.node.name}: {words}\n")

    return write
