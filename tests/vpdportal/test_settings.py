"""The start: a missing variable stops it and says what to do; a demonstration refuses to be production."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environment import DEFAULTS

ROOT = Path(__file__).resolve().parent.parent.parent
REQUIRED = [
    "SECRET_KEY", "FIELD_KEYS", "LOOKUP_KEY", "ALLOWED_HOSTS", "PORTAL_URL", "EVIDENCE_DIR",
    "DEFAULT_FROM_EMAIL", "CELERY_BROKER_URL", "DATABASE_URL", "EMAIL_URL",
]  # fmt: skip


def start(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if name not in DEFAULTS and name != "DEMO"}
    return subprocess.run(
        [sys.executable, "manage.py", *(command or ("check",))],
        cwd=ROOT, env=plain | environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_variable_stops_the_start_and_says_what_to_do(name: str):
    done = start({key: value for key, value in DEFAULTS.items() if key != name})
    assert done.returncode == 1
    assert f"{name} is not set. " in done.stderr.splitlines()[-1]


def test_all_variables_start_it():
    assert start(DEFAULTS).returncode == 0


def test_an_address_of_a_scanner_that_is_none_stops_the_start():
    assert start({**DEFAULTS, "CLAMD_ADDRESS": "clamav:3310"}).returncode == 0
    refused = start({**DEFAULTS, "CLAMD_ADDRESS": "clamav"})
    assert refused.returncode == 1 and "CLAMD_ADDRESS is 'clamav'. Set it to" in refused.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "change",
    [
        {"ALLOWED_HOSTS": "vpd.example.org"},
        {"PORTAL_URL": "https://vpd.example.org"},
        {"DATABASE_URL": "postgres://portal@db.example.org/portal"},
        {"EMAIL_URL": "smtp://mail.example.org:25"},
        {"EVIDENCE_URL": "s3://evidence"},
        {"CELERY_BROKER_URL": "redis://redis.example.org/0"},
        {"FIELD_KEYS": "k1:dGVzdHMtb25seS1rZXktb2YtMzItYnl0ZXMtISEhISE="},
        {"LOOKUP_KEY": "a2V5LW9mLXNvbWVvbmUtd2hvLWhhcy1yZWFsLWRhdGE="},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_demonstration_refuses_what_looks_like_production(tmp_path: Path, change: dict[str, str]):
    demo = {"DEMO": "1", "DEMO_DIR": str(tmp_path)}
    assert start(demo).returncode == 0
    refused = start({**demo, **change})
    assert refused.returncode == 1 and "DEMO is on, but" in refused.stderr.splitlines()[-1]


def test_production_settings_are_safe():
    secure = {
        **DEFAULTS,
        "DJANGO_ALLOW_ASYNC_UNSAFE": "",
        "PORTAL_URL": "https://vpd.example.org",
        "ALLOWED_HOSTS": "vpd.example.org",
        "FIELD_KEYS": "k1:9v1nZ3mJm1o8iVw1cJ0gk2Qb4cU5n2b7r3c8xk0yqUE=",
        "LOOKUP_KEY": "u3Xq7oY3B8mJm1o8iVw1cJ0gk2Qb4cU5n2b7r3c8xkE=",
    }
    code = (
        "import django; django.setup(); from django.conf import settings as s;"
        "print(s.DEBUG, s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS)"
    )
    done = start(secure, "shell", "--no-imports", "-c", code)
    assert done.stdout.strip().splitlines()[-1] == "False __Host-vpd_session True True 31536000"
    assert "no issues" in start(secure, "check", "--deploy", "--fail-level", "WARNING").stdout
