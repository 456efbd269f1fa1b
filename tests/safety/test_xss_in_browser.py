"""Pages full of payloads in a real browser, with our own scripts at work: nothing runs, nothing is fetched (T13)."""

import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.safestring import mark_safe

from tests.access.test_rights import browser_of, no_pdf, scene  # noqa: F401  fixtures
from tests.safety.test_xss import poison
from tests.supply_chain import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.once]
ADDRESS = "http://testserver"
PAGES = {
    "adviser": ["case", "case_timeline", "case_people", "case_messages", "case_facts_edit", "letter", "work_list"],
    "employee": ["home", "report_status", "messages", "report_step", "report_add"],
    "administrator": ["administration", "administration_people", "card_edit", "locations", "letter_templates"],
}  # fmt: skip


class Window:
    """A browser whose every request is answered with what the portal gave; notes what happened that should not."""

    def __init__(self, chromium: Any, client: Client) -> None:
        self.client, self.faults = client, []
        self.context = chromium.new_context()
        self.page = self.context.new_page()
        self.page.route(re.compile(".*"), self._answer)
        self.page.on("dialog", self._dialog)
        self.page.on("console", self._said)

    def _answer(self, route: Any) -> None:
        """The page that was asked of the portal before, or a static file; the browser's driver must not ask itself."""
        path = route.request.url.removeprefix(ADDRESS)
        static = ROOT / path.lstrip("/").partition("?")[0]
        if path == self.path:
            route.fulfill(status=200, headers=self.headers, body=self.body)
        elif path.startswith("/static/") and static.is_file():
            route.fulfill(path=static)
        elif path.startswith("/"):
            route.fulfill(status=404)
        else:
            self.faults.append(f"fetched {path}")
            route.abort()

    def _dialog(self, dialog: Any) -> None:
        self.faults.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _said(self, message: Any) -> None:
        if "Content Security Policy" in message.text or "Trusted" in message.text:
            self.faults.append(message.text[:160])

    def open(self, path: str) -> list[str]:
        """What went wrong on the page, after everything on it was unfolded, pointed at and given the focus."""
        self.faults.clear()
        response = self.client.get(path)
        self.path, self.body, self.headers = path, response.content, dict(response.headers)
        self.page.goto(ADDRESS + path)
        self.page.evaluate(
            "document.querySelectorAll('details').forEach((one) => { one.open = true; });"
            "document.querySelectorAll('a, input, textarea, select, button, img').forEach((one) => {"
            " one.focus(); one.dispatchEvent(new MouseEvent('mouseover', {bubbles: true})); })"
        )
        self.page.wait_for_timeout(100)
        strange = self.page.evaluate(
            "[...document.querySelectorAll('iframe, object, embed, base, [onerror], [onload]'),"
            " ...document.querySelectorAll('script:not([src^=\"/static/\"])')]"
            ".map((one) => one.outerHTML.slice(0, 80))"
        )
        return [*self.faults, *strange]


@pytest.mark.parametrize("who", PAGES)
def test_nothing_runs(scene: dict[str, Any], no_pdf: None, chromium: Any, who: str):  # noqa: F811
    poison()
    window, faults, shown = Window(chromium, browser_of(scene["people"][who])), {}, 0
    for name in PAGES[who]:
        if found := window.open(reverse(name, args=scene["addresses"].get(name, []))):
            faults[name] = found[:3]
        shown += "kanarie" in window.page.content()
    window.context.close()
    assert faults == {} and shown >= 3


def test_a_page_that_trusts_is_found(scene: dict[str, Any], chromium: Any, monkeypatch: pytest.MonkeyPatch):  # noqa: F811
    """The negative control: without escaping new elements come in, and our policy stops what they would do."""
    poison()
    monkeypatch.setattr("django.template.base.conditional_escape", mark_safe)
    window = Window(chromium, browser_of(scene["people"]["adviser"]))
    found = window.open(reverse("case", args=scene["addresses"]["case"]))
    window.context.close()
    assert any("Content Security Policy" in one for one in found) and not any("dialog" in one for one in found)


def test_without_our_policy_it_would_run(scene: dict[str, Any], chromium: Any, monkeypatch: pytest.MonkeyPatch):  # noqa: F811
    """The control of the browser itself: neither escaped nor with a policy, a dialog comes."""
    monkeypatch.setattr(
        "incidents.views.start.render", lambda *_args: HttpResponse("<img src=/none onerror=alert('kanarie')>")
    )
    client = browser_of(scene["people"]["employee"])
    window = Window(chromium, client)
    assert any("Content Security Policy" in one for one in window.open("/"))
    plain = client.get

    def without_policy(path: str) -> Any:
        response = plain(path)
        response.headers.pop("Content-Security-Policy", None)
        return response

    monkeypatch.setattr(client, "get", without_policy)
    assert "dialog kanarie" in window.open("/")
    window.context.close()
