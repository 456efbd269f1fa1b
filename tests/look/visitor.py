"""A person at a browser, and what they look for on a page: what axe finds, and whether it scrolls sideways."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.look.results import note
from tests.world import PASSWORD

# axe looks at both widths and at both languages; that the Dutch words fit on a phone is seen on the same page.
LOOKS = pytest.mark.parametrize(
    ("width", "language", "with_axe"), [(1280, "nl", True), (360, "en", True)], ids=["1280-nl", "360-en"]
)
PHONE = 360  # pixels wide


class Visitor:
    """A person at a browser."""

    def __init__(
        self, chromium: Any, address: str, width: int, language: str, *, with_axe: bool = True, **options: Any
    ) -> None:
        """`options`: of the browser's context, such as java_script_enabled."""
        self.address, self.with_axe = address, with_axe
        self.context = chromium.new_context(viewport={"width": width, "height": 800}, bypass_csp=True, **options)
        self.context.add_cookies([{"name": "vpd_language", "value": language, "url": address}])
        self.page = self.context.new_page()

    def sign_in(self, email: str) -> None:
        self.go("/inloggen/")
        self.page.fill("#id_username", email)
        self.page.fill("#id_password", PASSWORD)
        with self.page.expect_navigation():
            self.page.click("main button")

    def go(self, path: str) -> int:
        """Open the page; gives the status of the answer."""
        status: int = self.page.goto(self.address + path).status
        return status

    def faults(self) -> list[str]:
        found = faults_of(self.page) if self.with_axe else sideways(self.page)
        return found + on_a_phone(self.page)


def faults_of(page: Any) -> list[str]:
    """What axe finds, and whether it scrolls sideways, on the page as it stands now."""
    answer = Axe().run(page).response
    note(page, answer)
    found = [f"{violation['id']}: {violation['nodes'][0]['html'][:120]}" for violation in answer["violations"]]
    return found + sideways(page)


def sideways(page: Any) -> list[str]:
    beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"scrolls sideways by {beyond}"] if beyond > 0 else []


def on_a_phone(page: Any) -> list[str]:
    """Whether the same page scrolls sideways when it is as narrow as a phone; it is as wide as before afterwards."""
    before = page.viewport_size
    if before["width"] <= PHONE:
        return []
    page.set_viewport_size({**before, "width": PHONE})
    page.wait_for_function(f"window.innerWidth === {PHONE}")
    found = sideways(page)
    page.set_viewport_size(before)
    return [f"on a phone: {fault}" for fault in found]


def unfold(page: Any) -> None:
    """Everything that is folded away is in sight."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
