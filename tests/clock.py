"""The clock of the tests: it stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # a Tuesday, 10:00 in Amsterdam
moment = START


def now() -> datetime:
    return moment


def set_to(when: datetime) -> datetime:
    global moment  # noqa: PLW0603
    moment = when
    return moment


def move(**span: float) -> datetime:
    return set_to(moment + timedelta(**span))
