"""Reporting in a real browser as a person in a hurry does it: how long it takes, what it weighs, what is kept."""

import random
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test.testcases import LiveServerThread

from incidents.actions.drafts import ChangedElsewhere
from incidents.models import Draft, Incident
from tests import clock
from tests.look.test_pages_in_browser import fill_what_happened
from tests.world import PASSWORD, STEPS, Place, make_place

pytestmark = pytest.mark.browser

# A person: people type some 36 to 38 words a minute on a phone (3 to 4 characters a second), take about a second to
# read and tap one of a few choices, and look round a new page before they begin. Their time is added up, not waited
# for; the network and the server take real time.
CHARACTERS = 4.0  # a second
JITTER = 0.3  # of the time of one character, either way
CHOOSE = 1.2  # seconds to read a choice and tap it, or to find a button and press it
LOOK_ROUND = 2.5  # seconds on a page that is new
READ_SUMMARY = 10.0  # seconds to go over all that will be sent
# A telephone on a slow 4G line, as Lighthouse has it.
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}

FULL, SHORT = 180, 45  # seconds
FIRST_PAGE = 60_000  # bytes over the line
STORY = (
    "Een man wilde direct geld. Toen ik zei dat het nog niet kon, begon hij te schelden. Hij sloeg op de balie en "
    "zei: ik weet waar jij woont. Een collega kwam erbij en toen ging hij weg."
)
FEW_WORDS = "Man schold en zei: ik krijg je nog wel."


@pytest.fixture
def town(committed: None) -> Place:
    return make_place("Vlinderwaard")


@pytest.fixture
def served(committed: None, settings: Any) -> Iterator[str]:
    """The portal as it is served in use, static files by WhiteNoise; gives its address."""
    settings.ALLOWED_HOSTS = ["localhost"]
    settings.MEDIA_URL = "/no-media/"  # the test server gives out its working folder at the default one
    server = LiveServerThread("localhost", lambda application: application)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    assert server.error is None
    yield f"http://localhost:{server.port}"
    server.terminate()


@pytest.fixture
def open_page(chromium: Any, served: str, town: Place) -> Iterator[Any]:
    """A phone on which the employee is signed in, unless told otherwise."""
    contexts = []

    def opening(width: int = 360, is_signed_in: bool = True, language: str = "nl") -> Any:
        context = chromium.new_context(
            viewport={"width": width, "height": 780}, locale="nl-NL", timezone_id="Europe/Amsterdam", base_url=served
        )
        context.add_cookies([{"name": "vpd_language", "value": language, "url": served}])
        contexts.append(context)
        page = context.new_page()
        if is_signed_in:
            sign_in(page, town)
        return page

    yield opening
    for context in contexts:
        context.close()


def sign_in(page: Any, town: Place) -> None:
    page.goto("/inloggen/?next=/over-deze-menukaart/")
    page.fill("#id_username", town.employee.email)
    page.fill("#id_password", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/over-deze-menukaart/")


def begin(page: Any) -> None:
    """To the step in which one tells what happened."""
    page.goto("/melden/")
    page.click('form[action="/melden/"] .button--primary')
    page.wait_for_url("**/gebeurd/")


def press(page: Any, go: str) -> None:
    with page.expect_navigation():
        page.click(f'.buttons button[name="go"][value="{go}"]')


def kept_story() -> str:
    """What the server holds of the story."""
    draft = Draft.objects.get()
    return "".join(draft.content.answers.get("story", []))


def wait_until_kept(text: str) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end and kept_story() != text:
        time.sleep(0.05)
    assert kept_story() == text


def wait_until_signed_out(page: Any) -> None:
    """Ending the session goes on its own way while the other page comes, and may arrive after it."""
    end = time.monotonic() + 10
    while time.monotonic() < end and "/inloggen/" not in page.request.get("/melden/").url:
        time.sleep(0.05)


class Hurried:
    """Someone who reports, and the seconds it takes."""

    def __init__(self, page: Any) -> None:
        self.page, self.seconds = page, 0.0
        self.chance = random.Random(1)  # noqa: S311  the same person each time
        line = page.context.new_cdp_session(page)
        line.send("Network.enable")
        line.send("Network.emulateNetworkConditions", SLOW)
        with self.timed():
            page.goto("/melden/")
        self.seconds += LOOK_ROUND

    def timed(self) -> Any:
        return _Timed(self)

    def choose(self, name: str, *values: str) -> None:
        for value in values:
            self.seconds += CHOOSE
            self.page.check(f'input[name="{name}"][value="{value}"]')

    def select(self, name: str, value: str) -> None:
        self.seconds += 2 * CHOOSE  # open it, then choose
        self.page.select_option(f'select[name="{name}"]', value)

    def write(self, name: str, text: str) -> None:
        self.seconds += CHOOSE
        self.seconds += sum(self.chance.uniform(1 - JITTER, 1 + JITTER) / CHARACTERS for _ in text)
        self.page.fill(f'[name="{name}"]', text)

    def unfold(self, selector: str) -> None:
        self.seconds += CHOOSE
        self.page.click(selector)

    def press(self, selector: str, then: float = LOOK_ROUND) -> None:
        self.seconds += CHOOSE
        with self.timed(), self.page.expect_navigation():
            self.page.click(selector)
        self.seconds += then

    def go(self, wish: str, then: float = LOOK_ROUND) -> None:
        self.press(f'.buttons button[name="go"][value="{wish}"]', then)


class _Timed:
    def __init__(self, person: Hurried) -> None:
        self.person = person

    def __enter__(self) -> None:
        self.began = time.monotonic()

    def __exit__(self, *_: Any) -> None:
        self.person.seconds += time.monotonic() - self.began


def test_a_short_report_takes_less_than_45_seconds(open_page: Any):
    person = Hurried(open_page())
    person.press('form[action="/melden/"] .button--primary')
    person.choose("behaviours", "verbal_abuse")
    person.write("story", FEW_WORDS)
    person.write("hour", "08:30")
    person.choose("channel", "counter")
    person.go("check", LOOK_ROUND)
    person.go("send", 0)
    assert Incident.objects.get().story == FEW_WORDS
    print(f"short report: {person.seconds:.0f} s")  # noqa: T201  a figure for the release
    assert person.seconds <= SHORT


def test_a_full_report_takes_less_than_three_minutes(open_page: Any):
    person = Hurried(open_page())
    person.choose("is_safe_now", "yes")
    person.press('form[action="/melden/"] .button--primary')
    person.choose("behaviours", "verbal_abuse", "threat", "vandalism")
    person.select("main_behaviour", "threat")
    person.choose("weapon", "no")
    person.choose("threat_to_life", "no")
    person.write("story", STORY)
    person.write("hour", "08:30")
    person.choose("channel", "counter")
    person.write("place", "balie 3")
    person.go("next")
    person.choose("perpetrator_known", "yes")
    person.write("perpetrator_description", "Klant, zaak 1234, rode jas")
    person.select("relation", "citizen")
    person.unfold("details.fold summary")
    person.choose("perpetrator_knows_victims_name", "yes")
    person.choose("perpetrator_group", "no")
    person.choose("next_contact_planned", "yes")
    person.write("witnesses", "1")
    person.go("next")
    person.choose("wants_support", "yes")
    person.write("contact", "06-00000000")
    person.choose("feedback_wish", "call")
    person.choose("injury", "no")
    person.choose("complaints", "no")
    person.choose("damage", "no")
    person.choose("worked_alone", "no")
    person.choose("actions_taken", "stopped", "colleagues")
    person.go("next", READ_SUMMARY)
    person.choose("may_manager_see", "no")
    person.go("send", 0)
    incident = Incident.objects.get()
    assert incident.story == STORY and incident.facts.behaviours == ("threat", "verbal_abuse", "vandalism")
    assert incident.facts.witnesses == 1 and incident.contact == "06-00000000"
    print(f"full report: {person.seconds:.0f} s")  # noqa: T201  a figure for the release
    assert person.seconds <= FULL


def test_the_first_page_is_light_and_asks_nothing_of_others(open_page: Any, served: str):
    page = open_page()
    weights: dict[str, float] = {}
    addresses: dict[str, str] = {}
    line = page.context.new_cdp_session(page)
    line.on("Network.requestWillBeSent", lambda event: addresses.update({event["requestId"]: event["request"]["url"]}))
    line.on("Network.loadingFinished", lambda event: weights.update({event["requestId"]: event["encodedDataLength"]}))
    line.send("Network.enable")
    line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.goto("/melden/", wait_until="networkidle")
    seen = {urlsplit(addresses[one]).path: int(size) for one, size in weights.items() if size}
    print(f"first page: {sum(weights.values()):.0f} bytes, {seen}")  # noqa: T201  a figure for the release
    assert {"/melden/", *(f"/static/{name}" for name in ("nlds/portal.css", "portal/writing.js"))} <= seen.keys()
    assert sum(weights.values()) <= FIRST_PAGE
    hosts = {urlsplit(address).netloc for address in addresses.values() if not address.startswith("data:")}
    assert hosts == {urlsplit(served).netloc}


def tab_to(page: Any, selector: str) -> None:
    for _press in range(120):
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {selector}")


def test_the_keyboard_alone_sends_a_report(open_page: Any):
    page = open_page(width=1280)
    page.goto("/melden/")
    tab_to(page, '[name="is_safe_now"]')
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    assert page.is_checked('[name="is_safe_now"][value="no"]')
    page.keyboard.press("ArrowLeft")
    tab_to(page, 'form[action="/melden/"] .button--primary')
    page.keyboard.press("Enter")
    page.wait_for_url("**/gebeurd/")
    tab_to(page, '[name="behaviours"][value="verbal_abuse"]')
    page.keyboard.press("Space")
    tab_to(page, '[name="story"]')
    page.keyboard.type(FEW_WORDS)
    tab_to(page, '[name="hour"]')
    page.keyboard.type("0830")
    if not page.input_value('[name="hour"]'):
        page.keyboard.type("A")  # a clock of twelve hours asks for the half of the day
    tab_to(page, '[name="channel"]')
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    tab_to(page, '[name="place"]')
    page.keyboard.type("kamer 3")
    page.keyboard.press("Enter")
    page.wait_for_url("**/wie/")  # Enter goes on, never back
    tab_to(page, '[name="witness_names"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/nodig/")
    tab_to(page, '.buttons [name="go"][value="next"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/controle/")
    tab_to(page, '[name="go"][value="send"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/melding/*/")
    incident = Incident.objects.get()
    assert (incident.story, incident.place, incident.facts.channel) == (FEW_WORDS, "kamer 3", "interview_room")
    assert incident.facts.ongoing_threat is False


def test_enter_goes_on_where_something_is_still_missing(open_page: Any):
    page = open_page()
    begin(page)
    page.goto(page.url.replace("gebeurd", "controle"))
    page.click("details.fold summary")
    page.focus('[name="kept_out_email"]')
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith("/controle/") and page.locator("#errors").count() == 1


@pytest.mark.parametrize("language", ["nl", "en"])
def test_nothing_scrolls_sideways_at_400_percent(open_page: Any, language: str):
    page = open_page(width=320, language=language)
    beyond = {}

    def look(where: str) -> None:
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        beyond[where] = max(width, 0)

    begin(page)
    press(page, "next")
    look("error")
    fill_what_happened(page, story="w" * 1000, place="p" * 200)
    for step in STEPS[1:]:
        look(step)
        press(page, "send" if step == "controle" else "next")
    look("receipt")
    page.goto("/melden/")
    look("start")
    assert set(beyond.values()) == {0}, beyond


def test_what_is_typed_survives_a_browser_that_dies(open_page: Any):
    page = open_page()
    begin(page)
    first = page.locator("#kept").inner_text()
    clock.set_to(clock.START + timedelta(minutes=5))
    page.fill('[name="story"]', FEW_WORDS)
    wait_until_kept(FEW_WORDS)
    page.get_by_text(first).wait_for(state="detached")  # it says the new time
    page.context.close()
    page = open_page()
    page.goto("/melden/")
    page.click(".panel--accent .what a")
    page.wait_for_url("**/gebeurd/")
    assert page.input_value('[name="story"]') == FEW_WORDS


def test_who_types_on_and_on_loses_ten_seconds_at_most(open_page: Any):
    page = open_page()
    page.clock.install(time=clock.START)
    begin(page)
    page.clock.pause_at(clock.START + timedelta(hours=1))  # from here on time passes only where the test says so
    letters = "abcdefghijklmnopqrst"
    for letter in letters:  # half a second between two keys, and never a pause
        page.type('[name="story"]', letter)
        page.clock.run_for(500)
    end = time.monotonic() + 10
    while time.monotonic() < end and not kept_story():
        time.sleep(0.05)
    assert letters.startswith(kept_story()) and len(kept_story()) >= 15


def test_without_a_connection_the_page_stays_and_says_so(open_page: Any):
    page = open_page()
    begin(page)
    words = page.get_attribute("#kept", "data-offline")
    page.context.set_offline(True)
    fill_what_happened(page, story=FEW_WORDS)
    page.get_by_text(words).wait_for()
    page.click('.buttons [name="go"][value="next"]')
    page.wait_for_timeout(300)
    assert page.input_value('[name="story"]') == FEW_WORDS and kept_story() == ""
    page.context.set_offline(False)
    wait_until_kept(FEW_WORDS)
    page.get_by_text(words).wait_for(state="detached")
    press(page, "next")
    assert page.url.endswith("/wie/")


def test_two_tabs_lose_nothing(open_page: Any):
    page = open_page()
    begin(page)
    other = page.context.new_page()
    other.goto(page.url)
    page.fill('[name="story"]', "Uit het eerste tabblad.")
    wait_until_kept("Uit het eerste tabblad.")
    fill_what_happened(other, story="Uit het tweede tabblad.")
    other.get_by_text(str(ChangedElsewhere.message)).wait_for()
    assert kept_story() == "Uit het eerste tabblad.", "nothing is written over unasked"
    press(other, "next")
    assert "Uit het eerste tabblad." in other.locator(".message--warning").inner_text()
    assert other.input_value('[name="story"]') == "Uit het tweede tabblad."
    press(other, "next")
    assert other.url.endswith("/wie/") and kept_story() == "Uit het tweede tabblad."


def test_back_and_reload_show_what_was_typed(open_page: Any):
    page = open_page()
    begin(page)
    fill_what_happened(page, story=FEW_WORDS)
    press(page, "next")
    page.go_back()
    assert page.input_value('[name="story"]') == FEW_WORDS
    page.fill('[name="story"]', FEW_WORDS + " En nog iets.")
    page.reload()  # without waiting: the page keeps it as it goes
    wait_until_kept(FEW_WORDS + " En nog iets.")
    page.reload()
    assert page.input_value('[name="story"]') == FEW_WORDS + " En nog iets."
    press(page, "next")
    press(page, "back")
    assert page.input_value('[name="story"]') == FEW_WORDS + " En nog iets."


@pytest.mark.parametrize("how", ["click", "escape"])
def test_quick_exit_leaves_nothing(open_page: Any, how: str):
    page = open_page()
    begin(page)
    page.fill('[name="story"]', FEW_WORDS)
    wait_until_kept(FEW_WORDS)
    held, said = [], []

    def hold(route: Any) -> None:
        held.append(route)

    page.route("https://www.rijksoverheid.nl/**", hold)
    page.on("console", lambda line: line.text.startswith("left:") and said.append(line.text))
    page.evaluate(
        "() => { for (const one of ['click', 'keydown'])"
        " document.addEventListener(one, () => console.log(`left: ${document.body.innerHTML}`)); }"
    )
    if how == "click":
        box = page.locator(".quick-exit").bounding_box()
        page.mouse.click(box["x"] + 20, box["y"] + 20)
    else:
        for _press in range(3):
            page.keyboard.press("Escape")
    for _moment in range(100):
        if held and said[-1:] == ["left: "]:  # each is told by a way of its own
            break
        page.wait_for_timeout(50)
    assert said[-1] == "left: ", "nothing to read, also while the other page is still on its way"
    held[0].fulfill(body="elders", content_type="text/html")
    page.wait_for_url("https://www.rijksoverheid.nl/")
    wait_until_signed_out(page)
    page.go_back()
    assert page.locator("#id_password").count() == 1, "the sign-in page"
    assert FEW_WORDS not in page.content()
    assert kept_story() == FEW_WORDS, "the draft waits for its author"


@pytest.mark.parametrize("how", ["click", "escape"])
def test_quick_exit_keeps_what_was_just_typed(open_page: Any, how: str):
    page = open_page()
    begin(page)
    page.route("https://www.rijksoverheid.nl/**", lambda route: route.fulfill(body="elders", content_type="text/html"))
    page.fill('[name="story"]', FEW_WORDS)
    if how == "click":
        page.evaluate("document.querySelector('.quick-exit').click()")
    else:
        for _press in range(3):
            page.keyboard.press("Escape")
    page.wait_for_url("https://www.rijksoverheid.nl/")
    wait_until_kept(FEW_WORDS)
    wait_until_signed_out(page)
    page.goto("/melden/")
    assert page.locator("#id_password").count() == 1, "and the session has ended"


@pytest.mark.parametrize("status", [200, 413, 500])
def test_a_page_in_place_of_an_answer_blocks_no_button(open_page: Any, status: int):
    page = open_page()
    begin(page)

    def answer(route: Any) -> None:
        if "application/json" in route.request.headers["accept"]:
            route.fulfill(status=status, body="<!doctype html>?", content_type="text/html")
        else:
            route.continue_()

    page.route("**/gebeurd/", answer)
    fill_what_happened(page, story=FEW_WORDS)
    word = page.get_attribute("#kept", "data-much" if status == 413 else "data-failed")
    page.get_by_text(word).wait_for()
    press(page, "next")
    assert page.url.endswith("/wie/") and kept_story() == FEW_WORDS


def test_a_double_click_sends_once(open_page: Any):
    page = open_page()
    begin(page)
    fill_what_happened(page, story=FEW_WORDS)
    press(page, "check")
    page.dblclick('[name="go"][value="send"]')
    page.wait_for_url("**/melding/*/")
    assert Incident.objects.count() == 1 and Draft.objects.count() == 0
