"""What the log of the machine may hold: no words of anyone, no address that is a secret, and one event a line (ADR 33).

The text of an error may hold what someone typed, or a whole row. So an error is told by its class and by where it
happened; a request by its method and the pattern of its address. Whoever reads the log finds it by the number that the
person saw on the screen.
"""

import json
import logging
import secrets
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Any

NUMBER_LENGTH = 10  # of hexadecimal digits: nobody guesses another one's, and it can be read out on the phone
LONGEST = 2000  # of one line, in characters
SECURITY, REQUEST, TASKS = "django.security", "django.request", "celery.app.trace"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")  # anything else is what a stranger typed
GUNICORN = "gunicorn.error"
QUOTES_WHO_ASKED = ("Error handling request", "Invalid request from")  # gunicorn: whole addresses, of page and network

FORMATS = {"plain": "vpdportal.logs.PlainFormatter", "json": "vpdportal.logs.JsonFormatter"}

_request: ContextVar[str] = ContextVar("vpdportal.logs.request", default="")


def logging_as(form: str) -> dict[str, Any]:
    """Django's LOGGING, with lines in this form (of FORMATS)."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": FORMATS[form]}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            "django.server": {"level": "WARNING"},
            "django.request": {"level": "ERROR"},
            # Proves later that the audit log is whole, so whatever the level that a worker is started with.
            "vpdportal.audit.anchor": {"level": "INFO"},
            "botocore": {"level": "WARNING"},  # at INFO each process says where it found its key
            "fido2": {"level": "WARNING"},  # at INFO it writes down the number of each new passkey
        },
    }


class PlainFormatter(logging.Formatter):
    """One line for each event, then where an error happened. Nothing that steers a screen or begins a line anew.

    Times are UTC: on the night that the clock goes back no hour stands there twice.
    """

    converter = time.gmtime  # type: ignore[assignment]
    default_time_format, default_msec_format = "%Y-%m-%dT%H:%M:%S", "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        head = f"{self.formatTime(record)} {record.levelname} {record.name} {message_of(record)}"
        line = harmless(head)[:LONGEST]
        if record.exc_info and record.exc_info[0]:
            line += "".join(f"\n    {one}" for one in where(record.exc_info))
        return line


class JsonFormatter(PlainFormatter):
    """The same in JSON, one object a line, for machines that collect logs.

    `at`, `level`, `logger`, `message`; `request`: the number of the request that was being answered; `error`: as in
    plain form, a list; and what a line says in numbers of its own, such as `status` and `ms`.
    """

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "at": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": harmless(message_of(record))[:LONGEST],
        }
        if number := _request.get():
            said["request"] = number
        if record.exc_info and record.exc_info[0]:
            said["error"] = where(record.exc_info)
        return json.dumps(getattr(record, "facts", {}) | said)


@contextmanager
def of_request(number: str) -> Iterator[None]:
    """What is logged inside belongs to this request."""
    token = _request.set(number)
    try:
        yield
    finally:
        _request.reset(token)


def message_of(record: logging.LogRecord) -> str:
    """What a record says, without what it may quote."""
    request = getattr(record, "request", None)
    if record.name.startswith(SECURITY):  # its text is that of the error, with the host or the cookie in it
        return f"refused: {record.name.removeprefix(SECURITY).strip('.') or 'request'}"
    if record.name.startswith(REQUEST) and request is not None:
        status = getattr(record, "status_code", "-")
        return f"{status} {method_of(request)} {route_of(request)} number={number_of(request)}"
    if record.name == TASKS and record.levelno >= logging.WARNING:  # quotes the error and what the task was given
        return f"task {getattr(record, 'data', {}).get('name', '-')} failed"
    message = record.getMessage()
    if record.name == GUNICORN:
        message = next((words for words in QUOTES_WHO_ASKED if message.startswith(words)), message)
    if record.exc_info and record.exc_info[1] is not None:
        for quoted in (repr(record.exc_info[1]), str(record.exc_info[1])):
            message = message.replace(quoted, "…") if quoted else message
    return message


def method_of(request: Any) -> str:
    return request.method if request.method in METHODS else "other"


def route_of(request: Any) -> str:
    """The pattern of the address: some addresses are themselves a secret, such as that of a calendar."""
    found = getattr(request, "resolver_match", None)
    return f"/{found.route}" if found else "(no page)"


def number_of(request: Any) -> str:
    """The number of this request, the same on the screen when it fails and in the log."""
    if not getattr(request, "failure_number", ""):
        request.failure_number = secrets.token_hex(NUMBER_LENGTH // 2)
    return str(request.failure_number)


def where(
    error: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
) -> list[str]:
    """The classes of an error and of what led to it, each with the places it came through; never its text."""
    lines: list[str] = []
    one: BaseException | None = error[1]
    seen: set[int] = set()
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        kind = type(one)
        lines.append(f"{'from ' if lines else ''}{kind.__module__}.{kind.__qualname__}")
        frames = traceback.extract_tb(one.__traceback__)
        lines += [harmless(f"  {frame.filename}:{frame.lineno} in {frame.name}") for frame in frames]
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return lines


def harmless(text: str) -> str:
    """Signs that are not printed, such as those that end a line or colour a screen, written out as codes."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in text)
