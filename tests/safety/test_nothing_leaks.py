"""A word typed into each text field of each form is found nowhere but in its column (T27; ASVS 14.2.1, 16.2.5).

Not in mails, sessions, cookies, addresses, logs or what goes over the broker; and readable in the database only where
an organisation writes about itself. tests/vpdportal/test_canaries.py does the same for columns, files and stories.
"""

import ast
import inspect
import json
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.urls import resolve, reverse

from incidents import tasks
from incidents.actions.reminders.sweep import sweep
from tests import clock
from tests.access.rights import GET
from tests.access.test_rights import browser_of, no_pdf, scene  # noqa: F401  fixtures
from tests.vpdportal.test_canaries import found_in, logged, programs, whole_database  # noqa: F401  fixtures
from vpdportal.celery import app

ROOT = Path(__file__).resolve().parents[2]
WHO = (
    "adviser",
    "employee",
    "administrator",
    "auditor",
    "management",
    "manager",
    "support",
    "legal",
    "deputy",
    "analyst",
)
TYPED = {"", "text", "search", "email", "tel", "url"}
NEVER_SENT = ("sign_out", "set_language", "demo_", "my_session", "factor_", "password_", "offline_")
# What an organisation writes about itself, as it stands on its own pages; by the name of the address.
HOUSE = {
    *("administration_details", "administration_department", "administration_department_new", "accountability_answer"),
    *("card_item", "card_item_new", "location", "location_new", "location_many", "saved_list_keep"),
}


class Fields(HTMLParser):
    """The forms of a page that are sent by POST: where each goes, its fields, and which of them one types in."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str], set[str]]] = []
        self._select, self._is_post = "", False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._is_post = given.get("method", "").lower() == "post"
            if self._is_post:
                self.forms.append((given.get("action", ""), {}, set()))
        if self._is_post:
            self._add(tag, given)

    def _add(self, tag: str, given: dict[str, str]) -> None:
        _action, values, typed = self.forms[-1]
        name, kind, value = (given.get(part, "") for part in ("name", "type", "value"))
        if tag == "textarea" or (tag == "input" and kind in TYPED):
            typed.add(name)
        elif tag == "input" and kind not in {"submit", "file"}:
            values.setdefault(name, value or "on" * (kind == "checkbox"))
        elif tag == "select":
            self._select = name
        elif tag == "option" and value:
            values.setdefault(self._select, value)


def pages(scene: dict[str, Any]) -> Iterator[tuple[Any, str, str]]:  # noqa: F811
    """Every page once, with its forms, in the browser of someone who may see it."""
    for name in GET:
        who = next((one for one in WHO if GET[name][one] == "200"), None)
        if who:
            client, here = browser_of(scene["people"][who]), reverse(name, args=scene["addresses"].get(name, []))
            response = client.get(here)
            if not response.streaming and response["Content-Type"].startswith("text/html"):
                yield client, here, response.content.decode()


def type_everywhere(scene: dict[str, Any], words: dict[str, str]) -> tuple[str, str]:  # noqa: F811
    """Fill in every form once, a word of its own in each field. Gives the addresses it led to, and the cookies."""
    led_to, cookies, done = [], [], set()
    for client, here, html in pages(scene):
        reader = Fields()
        reader.feed(html)
        for action, values, typed in reader.forms:
            target = urljoin(here, action)
            name = resolve(urlsplit(target).path).url_name or ""
            if typed and not name.startswith(NEVER_SENT) and (name, frozenset(typed)) not in done:
                done.add((name, frozenset(typed)))
                own = {field: words.setdefault(f"{name}.{field}", f"kanarie{len(words):04d}q") for field in typed}
                led_to.append(client.post(target, {**values, **own}).headers.get("Location", ""))
        cookies.append(client.cookies.output())
    return "\n".join(led_to), "\n".join(cookies)


@pytest.mark.once
def test_every_word_stays_where_it_was_typed(
    whole_database: Callable[[], bytes],  # noqa: F811
    scene: dict[str, Any],  # noqa: F811
    no_pdf: None,  # noqa: F811
    logged: Any,  # noqa: F811
):
    words: dict[str, str] = {}
    led_to, cookies = type_everywhere(scene, words)
    for _round in range(3):
        sweep(now=clock.now())
        clock.move(hours=25)
    tasks.tidy()
    told = {
        "mails": "\n".join(one.message().as_string() for one in mail.outbox),
        "sessions": str([session.get_decoded() for session in Session.objects.all()]),
        "cookies": cookies,
        "addresses": led_to,
        "log": logged.getvalue(),
    }
    assert len(words) >= 150 and len(mail.outbox) >= 5 and "installation" in told["log"]
    found = {place: found_in(text.encode(), words) - {"administration_details.name"} for place, text in told.items()}
    assert found == dict.fromkeys(told, set())
    readable = {name.split(".")[0] for name in found_in(whole_database(), words)}
    assert readable <= HOUSE and "administration_details" in readable, "it was kept, so it could be found"


def test_a_word_in_a_log_or_a_mail_would_be_found():
    """The negative control of the search itself."""
    assert found_in(b"INFO kanarie0007q sent", {"a.b": "kanarie0007q", "c.d": "kanarie0008q"}) == {"a.b"}


def test_nothing_that_was_typed_can_go_over_the_broker():
    """A task takes nothing, nobody gives one anything, and what the clock sends is empty."""
    ours = [task for name, task in app.tasks.items() if name.startswith("incidents.")]
    assert len(ours) >= 3
    assert {
        task.name: inspect.signature(task.run).parameters for task in ours if inspect.signature(task.run).parameters
    } == {}
    assert [name for name, one in app.conf.beat_schedule.items() if one.get("args") or one.get("kwargs")] == []
    assert [call for path in sources() for call in calls_that_send(path.read_text())] == []
    with app.connection_for_write() as connection, app.amqp.producer_pool.acquire(block=True) as producer:
        sent = ours[0].apply_async(producer=producer, queue="canaries")
        with connection.SimpleQueue("canaries") as queue:
            message = queue.get(timeout=5)
    assert sent.id and message.payload[:2] == [[], {}] and json.dumps(message.payload)


def sources() -> list[Path]:
    return [path for folder in ("incidents", "vpdportal", "guidance") for path in sorted((ROOT / folder).rglob("*.py"))]


def calls_that_send(source: str) -> list[str]:
    """Calls that put a message on the broker."""
    found = [
        node.func.attr
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    return [name for name in found if name in {"delay", "apply_async", "send_task"}]


def test_a_call_that_sends_is_found():
    assert calls_that_send("sweep.delay(story=1)\napp.send_task('x')\nlater.apply_async()") == [
        "delay",
        "send_task",
        "apply_async",
    ]
