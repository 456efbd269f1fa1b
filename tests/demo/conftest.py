"""The demonstration, filled as `make demo` does, with fewer reports."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from vpdportal import clock as product_clock
from vpdportal.demo.fill import fill

DEMO = {
    "DEMO": True,
    "CLOCK": "vpdportal.demo.clock.shifted_now",
    "EMAIL_BACKEND": "vpdportal.demo.mailbox.MailboxBackend",
}
CHEAP = {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"]}  # as `standing_clock` has it


@pytest.fixture
def demo_mode(settings: Any, db: None) -> None:
    for name, value in DEMO.items():
        setattr(settings, name, value)


@contextmanager
def filled(reports: int, now: datetime | None = None) -> Iterator[None]:
    """Filled once, as that takes long; each test goes on from there, and what it does is rolled back."""
    with transaction.atomic():
        with override_settings(**DEMO, **CHEAP):
            assert fill(now=now or product_clock.now(), reports=reports) is True
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def filled_demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), filled(reports=40):
        yield


@pytest.fixture(scope="module")
def filled_desk(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), filled(reports=2):
        yield


@pytest.fixture
def demo(filled_demo: None, demo_mode: None) -> None:
    """Every test of the module that asks for it finds the same; one that wants an empty database stands elsewhere."""


@pytest.fixture
def desk(filled_desk: None, demo_mode: None) -> None:
    """Hardly anything but the cases of the adviser's desk."""
