"""Who does something in a benchmark: people of one organisation, each signed in with a browser of their own."""

from uuid import uuid4

from django.conf import settings
from django.urls import reverse

from benchmarks.asking import Browser
from benchmarks.month_rows import Town
from benchmarks.policies import signed_in
from incidents.views.keeping import OWNER
from tests.world import STEPS, report_data
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Role

SEEN = "999999999"  # all that is kept, as a page has that was opened just now


class People:
    """Signed in at the portal, by role."""

    def __init__(self, town: Town) -> None:
        self.town, self.department = town, town.organisation.departments.all()[0].pk
        self.keys = {role: signed_in(user).session.session_key for role, user in town.people.items()}

    def browser(self, port: int, role: Role) -> Browser:
        return Browser(port, {settings.SESSION_COOKIE_NAME: str(self.keys[role])})

    def reporter(self, port: int) -> "Reporter":
        return Reporter(self.browser(port, Role.EMPLOYEE), self, self.town.people[Role.EMPLOYEE])


class Reporter:
    """Someone who writes one report after the other."""

    def __init__(self, browser: Browser, people: People, user: User) -> None:
        self.browser, self._ready = browser, list[tuple[str, dict[str, object], bytes]]()
        self._first = {"organisation": people.town.organisation.pk, "owner": OWNER.sign(str(user.pk))}
        self._fields = {**report_data(), "department": people.department, "seen": SEEN, "go": "next"}

    def write(self) -> None:
        """All steps of a report as a browser sends them, to its number."""
        self.prepare()
        self.send()

    def prepare(self, number: int = 1) -> None:
        """So many reports up to the button that sends them."""
        for _number in range(number):
            key, browser = uuid4(), self.browser
            start = {**self._first, "key": key, "is_safe_now": "yes"}
            browser.post(reverse("report"), start, browser.get(reverse("report")))
            for step in STEPS[1:-1]:
                address = reverse("report_step", args=[key, step])
                browser.post(address, self._fields, browser.get(address))
            address = reverse("report_step", args=[key, STEPS[-1]])
            self._ready.append((address, self._fields, browser.get(address)))

    def send(self) -> None:
        """Press the button of one that was prepared: the report, its advice, tasks, notices and audit are written."""
        self.browser.post(*self._ready.pop())


class BareReporter:
    """The same at the baseline: a form of eight fields, three rows."""

    FIELDS = {
        "place": "Balie", "kind": "threat", "severity": 2, "story": "Hij begon te schelden.", "wants_help": "on",
        "contact": "", "weapon": "on", "reference": "B",
    }  # fmt: skip

    def __init__(self, browser: Browser) -> None:
        self.browser, self._ready = browser, list[bytes]()

    def write(self) -> None:
        self.prepare()
        self.send()

    def prepare(self, number: int = 1) -> None:
        self._ready += [self.browser.get("/form/") for _number in range(number)]

    def send(self) -> None:
        self.browser.post("/form/", self.FIELDS, self._ready.pop())


def others_like(browser: Browser, number: int) -> list[Browser]:
    """So many more browsers of the same person."""
    return [Browser(browser.port, dict(browser.cookies)) for _number in range(number)]
