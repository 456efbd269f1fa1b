"""The demonstration, filled as `make demo` does, with fewer reports."""

from typing import Any

import pytest

from vpdportal import clock as product_clock
from vpdportal.demo.fill import fill


@pytest.fixture
def demo_mode(settings: Any, db: None) -> None:
    settings.DEMO = True
    settings.CLOCK = "vpdportal.demo.clock.shifted_now"
    settings.EMAIL_BACKEND = "vpdportal.demo.mailbox.MailboxBackend"


@pytest.fixture
def demo(demo_mode: None) -> None:
    assert fill(now=product_clock.now(), reports=40) is True


@pytest.fixture
def desk(demo_mode: None) -> None:
    """Hardly anything but the cases of the adviser's desk."""
    assert fill(now=product_clock.now(), reports=2) is True
