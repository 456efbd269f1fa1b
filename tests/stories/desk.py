"""A person at a browser who works on a case: each page is looked at, each button is pressed as people press it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.urls import reverse

from tests.look.visitor import sideways
from tests.world import PASSWORD
from vpdportal.accounts.models import User

ITSELF = "one => one === document.activeElement"
SAME_GROUP = (
    "one => document.activeElement.type === 'radio' && document.activeElement.name === one.name"
    " && document.activeElement.form === one.form"
)
MOST_STOPS = 900  # of the Tab key on one page; the menu of a case has many


class Person:
    """Someone who is signed in. What went wrong on any page they saw is in `faults`."""

    def __init__(self, chromium: Any, address: str, user: User, *, width: int, language: str) -> None:
        self.user, self.address, self.language = user, address, language
        self.context = chromium.new_context(
            viewport={"width": width, "height": 900}, locale="nl-NL", timezone_id="Europe/Amsterdam", base_url=address
        )
        self.context.add_cookies([{"name": "vpd_language", "value": language, "url": address}])
        self.page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.faults: list[str] = []
        self.seen: list[str] = []
        self.is_by_keyboard = False
        self.page.on("console", lambda line: line.type == "error" and self.faults.append(f"console: {line.text}"))
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self._sign_in()

    def _sign_in(self) -> None:
        self.go(reverse("sign_in"))
        form = self.page.locator("main form:has([name=password])")
        self.write(form, username=self.user.email, password=PASSWORD)
        self.press(form.locator("button"))

    # --- going somewhere -----------------------------------------------------------------------------------

    def go(self, path: str) -> None:
        self._look_at(self.page.goto(path))

    def follow(self, path: str) -> None:
        """Press the link to this address, on the page as it stands."""
        self.press(self.page.locator(f'a[href="{path}"]').first)

    def press(self, target: Any) -> None:
        """Press a link or a button that leads to a page."""
        with self.page.expect_navigation() as came:
            self.activate(target)
        self._look_at(came.value)

    def activate(self, target: Any) -> None:
        self.unfold(target)
        if self.is_by_keyboard:
            self.reach(target)
            self.page.keyboard.press("Enter")
        else:
            target.click()

    def _look_at(self, answer: Any) -> None:
        """Each page answers with 200, and stays within the screen."""
        where = self.page.url.removeprefix(self.address)
        self.seen.append(where)
        assert answer is not None and answer.status == 200, f"{where}: {answer and answer.status}\n{self.complaints()}"
        assert self.page.get_attribute("html", "lang") == self.language
        self.faults += [f"{where}: {fault}" for fault in sideways(self.page)]

    def text(self) -> str:
        return str(self.page.inner_text("main"))

    def complaints(self) -> str:
        """What a page that did not take something says about it."""
        said = self.page.locator('main [role="alert"], .message, .errors, [id$="_error"]').all_inner_texts()
        return "\n".join(said) or self.text()[:2000]

    def has(self, selector: str) -> bool:
        return bool(self.page.locator(selector).count())

    # --- filling in ----------------------------------------------------------------------------------------

    def form(self, name: str, *args: Any, do: str = "") -> Any:
        """The form that sends to this address; with a button of this value, where there are several."""
        path = reverse(name, args=args)
        found = self.page.locator(f'form[action="{path}"]')
        if do:
            found = found.filter(has=self.page.locator(f'button[value="{do}"]'))
        return found.first

    def own_form(self, do: str = "") -> Any:
        """The form of a page that sends to itself."""
        found = self.page.locator('main form[method="post"]:not([action])')
        return (found.filter(has=self.page.locator(f'button[value="{do}"]')) if do else found).first

    def write(self, form: Any, **answers: Any) -> None:
        """Fill in fields by name: a text, the value of a choice, a list of ticks, or whether it is ticked."""
        for name, value in answers.items():
            fields = form.locator(f'[name="{name}"]:not([type="hidden"])')
            self.unfold(fields.first)
            kind = fields.first.evaluate("one => one.type")
            if isinstance(value, bool):
                assert kind == "checkbox" and value
                self.tick(fields.first)
            elif kind in {"radio", "checkbox"}:
                for one in [value] if isinstance(value, str | int) else value:
                    self.tick(form.locator(f'[name="{name}"][value="{one}"]'))
            elif kind == "select-one":
                fields.first.select_option(str(value))
            else:
                self.type(fields.first, str(value))

    def tick(self, target: Any) -> None:
        self.unfold(target)
        if self.is_by_keyboard:
            self._tick_by_keyboard(target)
            assert target.is_checked()
        else:
            target.check()

    def type(self, target: Any, text: str) -> None:
        if self.is_by_keyboard:
            self.reach(target)
            self.page.keyboard.type(_as_pressed(target, text))
            assert target.input_value() == text
        else:
            target.fill(text)

    def send(self, form: Any, do: str = "", **answers: Any) -> None:
        """Fill in a form and press its button (`do`: the value of the button)."""
        self.write(form, **answers)
        self.press(form.locator(f'button[value="{do}"]' if do else "button").first)

    def unfold(self, target: Any) -> None:
        """Open what the target is folded in."""
        folded = target.locator("xpath=ancestor::details[not(@open)]")
        while folded.count():
            summary = folded.first.locator("xpath=./summary")
            if self.is_by_keyboard:
                self.reach(summary)
                self.page.keyboard.press("Enter")
            else:
                summary.click()

    # --- by keyboard ---------------------------------------------------------------------------------------

    @contextmanager
    def keyboard_alone(self) -> Iterator[None]:
        """Only Tab, Enter, Space, arrows within a choice, and letters; the mouse rests."""
        self.is_by_keyboard = True
        yield
        self.is_by_keyboard = False

    def _tick_by_keyboard(self, target: Any) -> None:
        """A tick with Space. Of choices that exclude each other Tab reaches one; arrows go on from there."""
        if target.is_checked():
            return
        is_radio = target.evaluate("one => one.type === 'radio'")
        self.reach(target, SAME_GROUP if is_radio else ITSELF)
        self.page.keyboard.press("Space")
        while is_radio and not target.is_checked():
            self.page.keyboard.press("ArrowDown")

    def reach(self, target: Any, is_there: str = ITSELF) -> None:
        """Press Tab until the target (or one of its group) has the focus."""
        wanted = target.element_handle()
        for _stop in range(MOST_STOPS):
            if wanted.evaluate(is_there):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"not to be reached with the Tab key: {target}")

    # --- papers --------------------------------------------------------------------------------------------

    def download(self, path: str) -> bytes:
        """Press the link to a file, and keep it."""
        with self.page.expect_download() as came:
            self.activate(self.page.locator(f'a[href="{path}"]').first)
        return bytes(came.value.path().read_bytes())

    def fetch(self, path: str) -> bytes:
        """A file to which the page links and that a browser shows by itself."""
        assert self.has(f'a[href="{path}"]')
        answer = self.context.request.get(self.address + path)
        assert answer.status == 200
        return bytes(answer.body())


def _as_pressed(target: Any, text: str) -> str:
    """The keys for a text. A day goes in as this browser shows it: month, day, year."""
    if target.evaluate("one => one.type") != "date":
        return text
    year, month, day = text.split("-")
    return f"{month}{day}{year}"
