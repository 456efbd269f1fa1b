"""People who go on whatever happens: they send the same form again until it is answered, and read pages in between.

What they were told is written down: a report counts as acknowledged when the portal led to its page. So one can ask
afterwards whether each of these is there, once.
"""

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from random import Random
from time import monotonic, sleep
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.conf import settings
from django.urls import reverse

from benchmarks.asking import Browser, NoAnswer
from benchmarks.people import SEEN
from benchmarks.policies import signed_in
from incidents.views.keeping import OWNER
from tests.world import STEPS, Place, report_data
from vpdportal.accounts.models import User

SECRET = "a" * 32  # of the form's token, as a cookie and in the form
AGAIN = 0.3  # seconds until the same form goes out again
PATIENCE = 120  # seconds that someone goes on with one report
# What a page of failure must say: what to do now.
CLEAR = (b"robeer het", b"opnieuw", b"ry again", b"end it again")


@dataclass
class Told:
    """What the people were told. Times are of time.monotonic()."""

    acknowledged: dict[UUID, tuple[str, float]] = field(default_factory=dict)  # key → where it led, when
    given_up: list[UUID] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    unclear: list[str] = field(default_factory=list)  # pages of failure that do not say what to do
    with_text: int = 0  # failures after which the typed text stood on the page
    without_text: int = 0  # and those after which it did not
    read: dict[str, list[tuple[float, float]]] = field(
        default_factory=lambda: defaultdict(list)
    )  # page → when, seconds

    def first_after(self, moment: float) -> float | None:
        """When the first report was acknowledged after this moment; None when none was."""
        later = [at for _where, at in list(self.acknowledged.values()) if at > moment]
        return min(later) if later else None


class Traffic:
    """Threads of people at one portal, from `start` until `stop`."""

    def __init__(self, port: int) -> None:
        self.port, self.told, self.is_over = port, Told(), threading.Event()
        self._threads: list[threading.Thread] = []

    def add_reporter(self, place: Place, pace: float = 0, pause: float = 0) -> None:
        """Who writes report after report, each at least `pace` seconds after the one before.

        `pause`: seconds that someone takes for a step, on average; then they do not all begin at once either.
        """
        user, chance = place.employee, Random(len(self._threads))  # noqa: S311
        browser = _browser(self.port, user)

        def think() -> None:
            if pause:
                self.is_over.wait(pause * chance.uniform(0.5, 1.5))

        self._add(lambda: self._report(browser, place, user, think), pace, chance if pause else None)

    def add_reader(self, user: User, pages: Iterable[tuple[str, str]], pace: float) -> None:
        """Who looks at these pages (name, address) in turn, `pace` seconds each on average."""
        browser, pages, chance = _browser(self.port, user), list(pages), Random(user.email)  # noqa: S311

        def read() -> None:
            name, address = chance.choice(pages)
            began = monotonic()
            status, _body = self._answer(browser, address, None)
            if status == HTTPStatus.OK:
                self.told.read[name].append((began, monotonic() - began))

        self._add(read, pace, chance, varies=0.5)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Everyone ends what they are at, a report too."""
        self.is_over.set()
        for thread in self._threads:
            thread.join()

    def _add(self, act: Callable[[], None], pace: float, chance: Random | None = None, varies: float = 0) -> None:
        def go_on() -> None:
            if chance:
                self.is_over.wait(chance.random() * pace)  # not all of them at once
            while not self.is_over.is_set():
                began = monotonic()
                act()
                rest = pace * (chance.uniform(1 - varies, 1 + varies) if chance else 1)
                self.is_over.wait(max(0, began + rest - monotonic()))

        self._threads.append(threading.Thread(target=go_on, daemon=True))

    def _report(self, browser: Browser, place: Place, user: User, think: Callable[[], None]) -> None:
        """One report to its number, step by step, each sent until it is answered; the page it leads to is opened."""
        key, end = uuid4(), monotonic() + PATIENCE
        fixed = {"key": key, "organisation": place.organisation.pk, "owner": OWNER.sign(str(user.pk))}
        story = f"Hij riep {key}."
        fields = {**report_data(story=story), "department": place.department.pk, "seen": SEEN, "go": "next"}
        address, sent = reverse("report"), {**fixed, "is_safe_now": "yes"}
        for step in STEPS[1:]:
            if not (led := self._until_led_on(browser, address, sent, end)):
                self.told.given_up.append(key)
                return
            self._answer(browser, led, None)
            think()
            address, sent = reverse("report_step", args=[key, step]), fields
        if led := self._until_led_on(browser, address, sent, end):
            self.told.acknowledged[key] = led, monotonic()
            self._answer(browser, led, None)
        else:
            self.told.given_up.append(key)

    def _until_led_on(self, browser: Browser, address: str, sent: dict[str, object], end: float) -> str:
        """Where it leads in the end; empty when the patience is."""
        while monotonic() < end:
            status, led = self._answer(browser, address, sent)
            if status in {HTTPStatus.FOUND, HTTPStatus.SEE_OTHER}:
                return led
            sleep(AGAIN)
        return ""

    def _answer(self, browser: Browser, address: str, sent: dict[str, object] | None) -> tuple[int, str]:
        """The status (0: no answer) and where it leads; what is wrong is written down."""
        method = "POST" if sent else "GET"
        body = urlencode({**sent, "csrfmiddlewaretoken": SECRET}, doseq=True).encode() if sent else None
        try:
            status, page, led = browser.ask(method, address, body)
        except NoAnswer:
            self.told.answers["no answer"] += 1
            return 0, ""
        self.told.answers[f"{method} {status}"] += 1
        if status >= HTTPStatus.BAD_REQUEST:
            self._look_at(method, status, page, sent)
        return status, led

    def _look_at(self, method: str, status: int, page: bytes, sent: dict[str, object] | None) -> None:
        if not any(words in page for words in CLEAR):
            self.told.unclear.append(f"{method} {status}: {page[:300]!r}")
        if sent and "story" in sent:
            is_there = str(sent["story"]).encode() in page
            self.told.with_text += is_there
            self.told.without_text += not is_there


def _browser(port: int, user: User) -> Browser:
    key = str(signed_in(user).session.session_key)
    return Browser(port, {settings.SESSION_COOKIE_NAME: key, settings.CSRF_COOKIE_NAME: SECRET})


def pages_for(place: Place, role: str) -> list[tuple[str, str]]:
    """What someone in this role looks at most."""
    overview = reverse("overview", args=[place.organisation.slug, "2026-11"])
    return {
        "adviser": [("work list", reverse("work_list")), ("list of all cases", reverse("case_list"))],
        "employee": [("start of an employee", reverse("home")), ("first page of a report", reverse("report"))],
        "management": [("a month", overview)],
    }[role]
