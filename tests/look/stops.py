"""A walk through pages in a browser: what stands on each stop, with a name to find it by when something is wrong."""

from typing import Any

from tests.look.visitor import Visitor, sideways, unfold

WORDS = "((one) => (one.labels?.[0] ?? one).innerText?.replace(/\\s+/g, ' ').trim() ?? '')(document.activeElement)"
NARROW = 320  # pixels; a page enlarged to 400 % on an ordinary screen is as wide (WCAG 1.4.10)


class Walk:
    """A visitor, and the faults of all pages where they stopped."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.page = visitor, visitor.page
        self.faults: dict[str, list[str]] = {}

    def open(self, path: str, name: str = "", *, status: int = 200) -> None:
        """Open the page, with all that is folded, and look at it."""
        found = self.visitor.go(path)
        assert found == status, f"{path}: {found}"
        unfold(self.page)
        self.look(name or path)

    def press(self, name: str, selector: str = "main .button--primary") -> None:
        """Press a button, and look at the page that it brings."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()
        self.look(name)

    def look(self, name: str) -> None:
        found = self.visitor.faults()
        size = self.page.viewport_size
        if size["width"] > NARROW:
            self.page.set_viewport_size({**size, "width": NARROW})
            found += [f"{fault} at {NARROW} pixels" for fault in sideways(self.page)]
            self.page.set_viewport_size(size)
        if found:
            self.faults[name] = found

    def end(self) -> None:
        self.visitor.context.close()
        assert self.faults == {}


def tabbed(page: Any, most: int = 80) -> list[str]:
    """The words of all that the Tab key comes to from the top of the page, until it begins again."""
    reached: list[str] = []
    page.evaluate("document.activeElement.blur()")
    for _stop in range(most):
        page.keyboard.press("Tab")
        words = page.evaluate(WORDS)
        if page.evaluate("document.activeElement === document.body") or (reached and words == reached[0]):
            break
        reached.append(words)
    return reached
