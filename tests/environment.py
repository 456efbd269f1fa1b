"""The settings of the tests, in the environment before Django reads it. A pytest plugin: pyproject loads it first."""

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="vpd-test-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)

DEFAULTS = {
    "SECRET_KEY": "tests-only-" + "x" * 50,
    "FIELD_KEYS": "test:dGVzdHMtb25seS1rZXktb2YtMzItYnl0ZXMtISEhISE=",
    "LOOKUP_KEY": "dGVzdHMtb25seS1rZXktZm9yLWxvb2tpbmctdXAhISE=",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "PORTAL_URL": "http://testserver",
    "DATABASE_URL": f"sqlite:///{_folder}/portal.sqlite3",
    "CELERY_BROKER_URL": "memory://",
    "EVIDENCE_DIR": f"{_folder}/evidence",
    "EMAIL_URL": "memorymail://",
    "DEFAULT_FROM_EMAIL": "portaal@voorbeeld.invalid",
    "DJANGO_ALLOW_ASYNC_UNSAFE": "1",  # the browser's driver runs a loop in the same thread
}
for _name, _value in DEFAULTS.items():
    os.environ.setdefault(_name, _value)
os.environ.pop("DEMO", None)
