"""A log for machines: one JSON object a line, the number of the request in each, nobody's words, no whole address."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path, reverse

from tests.environment import DEFAULTS
from tests.world import Place
from vpdportal.logs import JsonFormatter, PlainFormatter

ROOT = Path(__file__).resolve().parent.parent.parent
CANARY = "kanarie@voorbeeld.invalid"
STEERING = "\r\n{}\x1b[31m\u2028\x00\u202e\x85\ud800"
log = logging.getLogger("tests.halfway")


@login_not_required
def broken(request: HttpRequest, secret: str) -> HttpResponse:
    log.warning("halfway")
    raise ValueError(f"{CANARY} {STEERING} {request.POST}")


@login_not_required
def whole(request: HttpRequest, secret: str) -> HttpResponse:
    log.warning("halfway")
    return HttpResponse("goed")


urlpatterns = [path("stuk/<str:secret>/", broken), path("goed/<str:secret>/", whole)]
handler500 = "incidents.views.failures.server_error"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a portal with LOG_FORMAT=json writes, line by line, each while it happens."""
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler = Kept()
    handler.setFormatter(JsonFormatter())
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    monkeypatch.setattr(logging.getLogger(), "level", logging.INFO)
    return lines


def told(lines: list[str], logger: str) -> list[dict[str, Any]]:
    assert all(len(line.splitlines()) == 1 for line in lines)
    return [one for one in map(json.loads, lines) if one["logger"] == logger]


@override_settings(ROOT_URLCONF=__name__, LOG_REQUESTS=True)
def test_each_request_is_one_line_with_the_number_that_is_everywhere(db: None, written: list[str]):
    client = Client(raise_request_exception=False)
    response = client.post(f"/goed/{CANARY}/?wie={CANARY}", {"story": CANARY})
    number = response["X-Request-ID"]
    (line,) = told(written, "vpdportal.request_log")
    assert line["ms"] >= 0 and line["at"].endswith("Z")
    expected = {"method": "POST", "route": "/goed/<str:secret>/", "status": 200, "level": "INFO", "request": number}
    assert expected.items() <= line.items()
    assert [one["request"] for one in told(written, "tests.halfway")] == [number]
    written.clear()

    response = client.get(f"/stuk/{CANARY}/")
    assert response["X-Request-ID"] != number
    number = response["X-Request-ID"]
    assert number in response.content.decode(), "the person can name it"
    (line,) = told(written, "vpdportal.request_log")
    assert line["status"] == 500 and line["request"] == number
    (failure,) = told(written, "django.request")
    assert failure["request"] == number and f"number={number}" in failure["message"]
    assert failure["error"][0] == "builtins.ValueError" and "test_request_log.py" in str(failure["error"])
    assert "kanarie" not in "\n".join(written)


def test_what_machines_ask_has_no_line_and_a_made_up_method_is_not_quoted(db: None, settings: Any, written: list[str]):
    settings.LOG_REQUESTS = True
    for address in (reverse("live"), "/static/nlds/portal.css"):
        Client().get(address)
    assert told(written, "vpdportal.request_log") == []
    Client().generic("KANARIE", "/kanarie/")
    (line,) = told(written, "vpdportal.request_log")
    assert line["method"] == "other" and "kanarie" not in "\n".join(written).lower()


def test_no_line_for_each_request_unless_it_is_wished(town: Place, as_user: Any, written: list[str], settings: Any):
    assert settings.LOG_REQUESTS is False
    assert as_user(town.employee).get(reverse("home"))["X-Request-ID"]
    assert told(written, "vpdportal.request_log") == []


def test_two_requests_never_share_a_number(db: None):
    assert len({Client().get(reverse("live"))["X-Request-ID"] for _turn in range(20)}) == 20
    given = Client().get(reverse("live"), headers={"X-Request-ID": "forged"})["X-Request-ID"]
    assert given != "forged", "what a stranger sends is no number of ours"


def test_nothing_forges_a_line_or_a_field():
    record = logging.LogRecord("vpdportal", logging.ERROR, __file__, 1, "someone typed %s", (STEERING,), None)
    record.facts = {"level": "DEBUG", "status": 200}  # type: ignore[attr-defined]
    line = JsonFormatter().format(record)
    assert line.isascii() and line.isprintable() and json.loads(line)["level"] == "ERROR"
    assert json.loads(line)["status"] == 200 and "request" not in json.loads(line)


@pytest.mark.parametrize("formatter", [PlainFormatter(), JsonFormatter()])
def test_gunicorn_quotes_no_address(formatter: logging.Formatter):
    for message, arguments in (
        ("Error handling request %s", (f"/agenda/{CANARY}/?q=geheim",)),
        (f"Invalid request from ip=192.0.2.7: {CANARY}", ()),
    ):
        record = logging.LogRecord("gunicorn.error", logging.WARNING, __file__, 1, message, arguments, None)
        line = formatter.format(record)
        assert "kanarie" not in line and "192.0" not in line and "geheim" not in line and message[:10] in line
    record = logging.LogRecord("gunicorn.error", logging.INFO, __file__, 1, "Booting worker with pid: %s", (7,), None)
    assert "Booting worker with pid: 7" in formatter.format(record)


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if name not in DEFAULTS and name != "DEMO"}
    code = "import django; django.setup(); import logging; logging.getLogger('een').warning('twee')"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
        env={**plain, **DEFAULTS, "DJANGO_SETTINGS_MODULE": "vpdportal.settings", **environment},
    )  # fmt: skip


def test_the_form_is_chosen_by_a_variable():
    assert json.loads(start(LOG_FORMAT="json").stderr)["message"] == "twee"
    assert start().stderr.endswith("WARNING een twee\n")
    refused = start(LOG_FORMAT="xml")
    assert refused.returncode == 1 and "LOG_FORMAT is 'xml'. Set it to plain or to json." in refused.stderr


def test_gunicorn_writes_its_own_lines_so():
    """Its configuration, read as gunicorn reads it."""
    for form, name in (("json", "JsonFormatter"), ("plain", "PlainFormatter")):
        code = "import runpy; print(runpy.run_path('deploy/gunicorn.conf.py')['logconfig_dict']['formatters']['line'])"
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
            env={**os.environ, "LOG_FORMAT": form},
        )  # fmt: skip
        assert name in done.stdout, done.stderr
