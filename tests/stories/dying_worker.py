"""Celery workers that die by kill -9 at a step of the sweep that the test names. Run as a process of its own.

It reads a line of JSON for each worker and forks a real Celery worker (one process, no children) that takes one sweep
from the broker, so that a start costs no imports. Every statement, commit and connection of the database and every
word to and from the mail server is a step, named by what it is and by the line of the portal it comes from. A worker
writes the steps it passed in the file it is told, and kills itself before or after the n-th time of one of them.
"""

import json
import os
import re
import signal
import smtplib
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import django

WORDS = re.compile(r"(?is)^\s*(SELECT|INSERT|UPDATE|DELETE|SAVEPOINT|RELEASE|ROLLBACK|WITH|DECLARE)\b")
MESSAGE_ID = re.compile(rb"(?im)^Message-ID:\s*(<\S+>)")
TABLE = re.compile(r'(?is)\b(?:FROM|INTO|UPDATE)\s+"(\w+)"')
ROOMS = ("/incidents/", "/vpdportal/")
ROOT = str(Path(__file__).resolve().parent.parent.parent)


class Steps:
    """The steps of one sweep, counted, and the one to die at."""

    def __init__(self) -> None:
        self.is_on, self.plan = False, dict[str, Any]()
        self.passed: list[str] = []
        self.count: Counter[str] = Counter()
        self.unrecorded = ""  # the Message-ID that the mail server may have and of which the database does not know
        self.is_recorded = False  # whether it was told so, in a transaction that may still be open

    def around(self, label: str, work: Callable[[], Any]) -> Any:
        where = f"{label} @ {portal_line()}"
        self.at(f"before {where}")
        result = work()
        if self.is_recorded and not is_in_transaction():
            self.unrecorded, self.is_recorded = "", False
        self.at(f"after {where}")
        return result

    def at(self, step: str) -> None:
        if not self.is_on:
            return
        self.passed.append(step)
        self.count[step] += 1
        if step == self.plan.get("step") and self.count[step] == self.plan["time"]:
            self.end()

    def end(self) -> None:
        """Tell how far it came, and die as when the power goes."""
        story = {"passed": self.passed, "unrecorded": self.unrecorded}
        Path(self.plan["story"]).write_text(json.dumps(story))
        os.kill(os.getpid(), signal.SIGKILL)


steps = Steps()


def portal_line() -> str:
    """The nearest line of the portal's own code that led here."""
    frame = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(ROOT) and any(room in name[len(ROOT) :] for room in ROOMS):
            return f"{name[len(ROOT) + 1 :]}:{frame.f_lineno} {frame.f_code.co_name}"
        frame = frame.f_back  # type: ignore[assignment]
    return "nowhere"


def is_in_transaction() -> bool:
    from django.db import connection  # noqa: PLC0415  only after django.setup()

    return bool(connection.in_atomic_block)


# --- the database ---


def watch_database() -> None:
    from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: PLC0415
    from django.db.backends.signals import connection_created  # noqa: PLC0415

    def execute(run: Any, sql: Any, values: Any, many: bool, context: Any) -> Any:
        verb, table = WORDS.match(str(sql)), TABLE.search(str(sql))
        label = f"{verb[1].upper() if verb else 'statement'} {table[1] if table else ''}".strip()

        def told() -> Any:
            result = run(sql, values, many, context)
            steps.is_recorded |= label == "UPDATE incidents_mail" and "sent" in (values or ())
            return result

        return steps.around(label, told)

    def created(connection: Any, **_more: Any) -> None:
        connection.execute_wrappers.append(execute)

    connection_created.connect(created, weak=False)
    around(BaseDatabaseWrapper, "_commit", lambda *_: "commit")
    around(BaseDatabaseWrapper, "_rollback", lambda *_: "rollback")
    around(BaseDatabaseWrapper, "connect", lambda *_: "connect to the database")


# --- the mail server ---


def watch_mail() -> None:
    said = {"last": ""}

    def sent(words: Any) -> str:
        text = words if isinstance(words, str) else bytes(words).decode(errors="replace")
        said["last"] = "text" if said["last"] == "DATA" else text.split(" ")[0].split(":")[0].strip().upper()
        return f"send {said['last']}"

    def send(line: smtplib.SMTP, words: Any) -> None:
        label = sent(words)
        found = MESSAGE_ID.search(words) if label == "send text" else None

        def spoken() -> None:
            original(line, words)
            steps.unrecorded = found[1].decode() if found else steps.unrecorded

        steps.around(label, spoken)

    original, smtplib.SMTP.send = smtplib.SMTP.send, send  # type: ignore[method-assign]
    around(smtplib.SMTP, "getreply", lambda *_: f"answer to {said['last'] or 'connecting'}")
    around(smtplib.SMTP, "connect", lambda *_: "connect to the mail server")


def around(owner: type, name: str, label: Callable[..., str]) -> None:
    original = getattr(owner, name)

    def watched(self: Any, *values: Any, **named: Any) -> Any:
        return steps.around(label(self, *values), lambda: original(self, *values, **named))

    setattr(owner, name, watched)


# --- the negative control: a worker that does it in the wrong order ---


def mark_first() -> None:
    """Write each mail down as sent before it is sent."""
    from django.core.mail import EmailMessage  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from incidents.models import Mail  # noqa: PLC0415

    original = EmailMessage.message

    def message(self: EmailMessage, *values: Any, **named: Any) -> Any:
        pk = self.extra_headers["Message-ID"].strip("<>").partition("@")[0]
        with ExitStack() as unwatched:
            steps.is_on = False
            unwatched.callback(setattr, steps, "is_on", True)
            Mail.objects.filter(pk=pk).update(status="sent", finished_at=timezone.now(), claim=None, leased_until=None)
        return original(self, *values, **named)

    EmailMessage.message = message  # type: ignore[method-assign]


# --- the worker ---


def work(plan: dict[str, Any]) -> None:
    from celery.signals import task_postrun, task_prerun  # noqa: PLC0415

    from vpdportal.celery import app  # noqa: PLC0415

    def began(**_more: Any) -> None:
        steps.plan, steps.is_on = plan, True

    def ended(**_more: Any) -> None:
        steps.end()  # the sweep is done; the broker has not heard so yet

    task_prerun.connect(began, weak=False)
    task_postrun.connect(ended, weak=False)
    if plan.get("mark_first"):
        mark_first()
    app.worker_main(
        ["worker", "--pool", "solo", "--without-mingle", "--without-gossip", "--without-heartbeat", "-l", "WARNING"]
    )


def preload() -> None:
    """All that a worker would import and find out at its start, so that each fork has it."""
    import celery.bin.celery  # noqa: F401, PLC0415
    from celery.apps.worker import Worker  # noqa: PLC0415
    from django.core.checks import run_checks  # noqa: PLC0415
    from django.core.mail.utils import DNS_NAME  # noqa: PLC0415

    from vpdportal.celery import app  # noqa: PLC0415

    app.loader.import_default_modules()
    run_checks()
    Worker(app=app, pool="solo")
    str(DNS_NAME)


def main() -> None:
    django.setup()
    preload()
    watch_database()
    watch_mail()
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # Celery's banner is no answer
            work(json.loads(line))
            os._exit(1)
        _pid, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
