"""What the log of the machine holds: a number for each failure, no line that someone forged, nobody's words (T38)."""

import logging
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.test import Client, override_settings
from django.urls import path, reverse

from incidents.views import failures
from tests.world import Place
from vpdportal.logs import PlainFormatter, harmless, message_of

CANARY = "kanarie@voorbeeld.invalid"
STEERING = "\r\n2026-01-01 ERROR forged\x1b[31m\u2028\x00\u202e\x85"


@login_not_required
def broken(request: HttpRequest, secret: str) -> None:
    try:
        raise KeyError(CANARY)
    except KeyError as error:
        raise ValueError(f"{CANARY} {STEERING} {request.POST}") from error


urlpatterns = [path("stuk/<str:secret>/", broken)]
handler500 = "incidents.views.failures.server_error"


def lines(caplog: pytest.LogCaptureFixture) -> str:
    """As the portal writes it."""
    formatter = PlainFormatter()
    return "\n".join(formatter.format(record) for record in caplog.records)


def record_of(message: str, *args: Any, name: str = "vpdportal", **more: Any) -> logging.LogRecord:
    record = logging.LogRecord(name, logging.ERROR, __file__, 1, message, args, None)
    record.__dict__.update(more)
    return record


@override_settings(ROOT_URLCONF=__name__)
def test_a_failure_has_a_number_on_the_screen_and_in_the_log(db: None, caplog: pytest.LogCaptureFixture):
    """With these addresses not even the page of failures can be made: its links lead nowhere."""
    client = Client(raise_request_exception=False)
    numbers = []
    for _turn in range(2):
        caplog.clear()
        response = client.post(f"/stuk/{CANARY}/", {"story": CANARY})
        assert response.status_code == 500
        (record,) = [one for one in caplog.records if one.name == "django.request"]
        number = record.request.failure_number  # type: ignore[attr-defined]
        assert number in response.content.decode() and f"number={number}" in lines(caplog)
        numbers.append(number)
        assert "kanarie" not in lines(caplog) and "kanarie" not in response.content.decode()
        assert "POST /stuk/<str:secret>/" in lines(caplog)
        assert "builtins.ValueError" in lines(caplog) and "from builtins.KeyError" in lines(caplog)
    assert numbers[0] != numbers[1]


def test_the_page_of_failures_shows_the_number(town: Place, as_user: Any, rf: Any):
    request = rf.get("/")
    request.user, request.now = town.employee, None
    response = failures.server_error(request)
    assert response.status_code == 500 and request.failure_number in response.content.decode()


def test_no_line_can_be_forged(caplog: pytest.LogCaptureFixture):
    written = PlainFormatter().format(record_of("someone typed %s", STEERING))
    assert len(written.splitlines()) == 1 and written.isprintable()
    plain = logging.Formatter("%(message)s").format(record_of("someone typed %s", STEERING))
    assert len(plain.splitlines()) > 1, "without the portal's own formatter it would be"
    assert harmless("\ud800") == "\\ud800" and harmless("één €") == "één €"


def test_a_host_that_is_not_ours_is_not_quoted(db: None, caplog: pytest.LogCaptureFixture):
    response = Client().get("/", HTTP_HOST="kwaad.invalid")
    assert response.status_code == 400
    assert "kwaad" in str([record.getMessage() for record in caplog.records]), "Django quotes it"
    assert "kwaad" not in lines(caplog) and "refused: DisallowedHost" in lines(caplog)


def test_a_task_that_fails_is_named_and_its_error_is_not_quoted():
    record = record_of(
        "Task %(name)s raised unexpected: %(exc)s", {"name": "incidents.tasks.sweep", "exc": CANARY},
        name="celery.app.trace", data={"name": "incidents.tasks.sweep", "exc": CANARY},
    )  # fmt: skip
    assert message_of(record) == "task incidents.tasks.sweep failed"


def test_an_error_that_is_logged_is_told_by_its_class():
    try:
        raise RuntimeError(CANARY)
    except RuntimeError as error:
        record = record_of(f"not sent: {error}", exc_info=(type(error), error, error.__traceback__))
    written = PlainFormatter().format(record)
    assert "RuntimeError" in written and "test_logs.py" in written and CANARY not in written


def test_what_is_typed_at_sign_in_stands_in_no_log(strictly: None, town: Place, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.DEBUG):
        Client().post(reverse("sign_in"), {"username": CANARY, "password": "kanarie-wachtwoord"})
        Client().post(reverse("sign_in"), {"username": town.employee.email, "password": "kanarie-wachtwoord"})
    ours = [record for record in caplog.records if not record.name.startswith("django.db")]
    assert "kanarie" not in "\n".join(PlainFormatter().format(record) for record in ours)
    assert town.employee.email not in "\n".join(PlainFormatter().format(record) for record in ours)


def test_the_portal_writes_its_log_so(settings: Any):
    formatters = settings.LOGGING["formatters"]
    assert {one["formatter"] for one in settings.LOGGING["handlers"].values()} == set(formatters)
    assert all(one["()"] == "vpdportal.logs.PlainFormatter" for one in formatters.values())


def test_times_are_utc():
    """In the second 02:30 of the night that the clock goes back."""
    record = record_of("een")
    record.created, record.msecs = 1792891800.25, 250.0
    assert PlainFormatter().format(record).startswith("2026-10-25T01:30:00.250Z ERROR vpdportal ")


def test_anchors_are_logged_by_a_worker_that_logs_little():
    """Celery sets the level of the root logger to what the worker was started with."""
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.WARNING)
    try:
        assert logging.getLogger("vpdportal.audit.anchor").isEnabledFor(logging.INFO)
        assert not logging.getLogger("vpdportal.audit").isEnabledFor(logging.INFO)
    finally:
        root.setLevel(before)
