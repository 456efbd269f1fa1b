"""How the image serves pages. WEB_PROCESSES and WEB_THREADS change how many at once."""

import gc
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # for the form of the log

bind = "0.0.0.0:8000"
workers = int(os.environ.get("WEB_PROCESSES", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))  # a slow upload or a PDF holds up nobody
worker_class = "gthread"
worker_tmp_dir = "/dev/shm"  # its heartbeat is a file: never on a disk that may be slow
control_socket_disable = True
timeout = 60
graceful_timeout = 30  # a rolling restart lets each request end
max_requests, max_requests_jitter = 10_000, 1_000
preload_app = True  # its processes share the code of the portal in memory; no line to the database is open by then


def when_ready(_server: Any) -> None:
    """What is loaded stays: looking through it for what is dead takes time, and copies it into each process."""
    gc.collect()
    gc.freeze()


# Its own few lines in the form of the portal's, and without what they quote. A line for each request: LOG_REQUESTS.
_form = "JsonFormatter" if os.environ.get("LOG_FORMAT") == "json" else "PlainFormatter"
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": f"vpdportal.logs.{_form}"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "gunicorn.error": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "gunicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
    },
}
