"""Bringing files in a real browser: at once, with progress, and back from whatever goes wrong."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from incidents.models import Draft, Evidence
from tests import files
from tests.incidents.evidence import begin
from tests.look.visitor import Visitor
from tests.world import Place

pytestmark = pytest.mark.browser
PATIENCE = 20_000  # milliseconds


class Page:
    """The step of a report to which files are brought."""

    def __init__(self, visitor: Visitor, draft: Draft) -> None:
        self.visitor, self.page, self.draft = visitor, visitor.page, draft
        self.page.set_default_timeout(PATIENCE)
        visitor.go(reverse("report_step", args=[draft.pk, "gebeurd"]))

    def choose(self, **chosen: bytes) -> None:
        given = [
            {"name": name.replace("_", "."), "mimeType": "application/octet-stream", "buffer": content}
            for name, content in chosen.items()
        ]
        self.page.set_input_files("#id_evidence", given)

    def row(self, name: str) -> Any:
        return self.page.locator("[data-files] li", has_text=name.replace("_", "."))

    def kept(self, name: str) -> Any:
        return self.row(name).locator("a[href]")

    def spoken(self) -> str:
        return str(self.page.locator("[data-say]").inner_text())


@pytest.fixture
def visitor(live_server: Any, chromium: Any, committed: None, town: Place) -> Iterator[Visitor]:
    arrived = Visitor(chromium, live_server.url, 360, "en")
    arrived.sign_in(town.employee.email)
    yield arrived
    arrived.context.close()


@pytest.fixture
def page(visitor: Visitor, town: Place) -> Page:
    return Page(visitor, begin(town))


def names() -> set[str]:
    return {kept.name for kept in Evidence.objects.all()}


def test_a_file_is_kept_as_soon_as_it_is_chosen_and_can_be_taken_back(page: Page):
    assert page.page.locator("[data-add]").is_hidden(), "no button is needed"
    page.choose(foto_jpg=files.picture("JPEG"), dans_gif=b"GIF89a", leeg_png=b"")
    page.kept("foto_jpg").wait_for()
    assert "photo or screenshot" in page.row("foto_jpg").inner_text()
    assert "Save it as JPG" in page.row("dans_gif").locator("[role=alert]").inner_text()
    assert "empty" in page.row("leeg_png").locator("[role=alert]").inner_text()
    assert "Kept: foto.jpg" in page.spoken() and names() == {"foto.jpg"}
    assert page.visitor.faults() == []
    assert not page.row("dans_gif").locator("[data-again]").is_visible(), "again would be refused again"
    page.row("dans_gif").locator("[data-stop]").click()
    page.row("leeg_png").locator("[data-stop]").click()
    page.choose(nog_een_jpg=files.picture("JPEG"))
    page.kept("foto_jpg").or_(page.kept("nog_een_jpg")).first.wait_for()
    page.page.locator("[data-files] progress").wait_for(state="detached")
    assert page.page.locator("[data-files] li").count() == 1, "the same content stands there once"
    page.page.locator("[data-drop]").click()
    page.page.locator("[data-files] li").wait_for(state="detached")
    assert "Removed: " in page.spoken() and page.page.locator("[data-files]").is_hidden()
    assert page.page.evaluate("document.activeElement.id") == "id_evidence" and names() == set()


def test_what_was_kept_stands_there_after_a_reload(page: Page):
    page.choose(brief_pdf=files.pdf())
    page.kept("brief_pdf").wait_for()
    page.page.reload()
    assert page.kept("brief_pdf").is_visible() and "PDF" in page.row("brief_pdf").inner_text()
    page.page.locator("[data-drop]").click()
    page.page.locator("[data-files] li").wait_for(state="detached")
    assert names() == set()


def test_progress_is_shown_and_one_can_stop(page: Page):
    line = page.page.context.new_cdp_session(page.page)
    line.send("Network.enable")
    slow = {"offline": False, "latency": 20, "downloadThroughput": 10_000_000, "uploadThroughput": 150_000}
    line.send("Network.emulateNetworkConditions", slow)
    page.choose(film_mp4=files.mp4(media=bytes(600_000)), brief_pdf=files.pdf())
    page.row("film_mp4").get_by_text("% sent").wait_for()
    progress = page.row("film_mp4").locator("progress")
    assert progress.get_attribute("aria-label") == "film.mp4" and progress.get_attribute("max") == "100"
    assert "Waits for its turn" in page.row("brief_pdf").inner_text()
    assert page.visitor.faults() == []
    page.row("film_mp4").locator("[data-stop]").press("Enter")
    page.kept("brief_pdf").wait_for()
    assert page.row("film_mp4").count() == 0 and names() == {"brief.pdf"}


def test_a_broken_connection_can_be_tried_again(page: Page):
    page.page.context.set_offline(True)
    page.page.wait_for_function("fetch(location).then(() => false, () => true)")  # what was asked first may overtake it
    page.choose(brief_pdf=files.pdf())
    alert = page.row("brief_pdf").locator("[role=alert]")
    assert "connection broke off" in alert.inner_text()
    assert page.visitor.faults() == []
    page.page.context.set_offline(False)
    page.row("brief_pdf").locator("[data-again]").click()
    page.kept("brief_pdf").wait_for()
    assert names() == {"brief.pdf"}


def test_who_is_signed_out_meanwhile_hears_what_to_do(page: Page):
    cookies = page.page.context.cookies()
    page.page.context.clear_cookies(name="vpd_session")
    page.choose(brief_pdf=files.pdf())
    assert "You are signed out" in page.row("brief_pdf").locator("[role=alert]").inner_text()
    page.page.context.add_cookies(cookies)
    page.row("brief_pdf").locator("[data-again]").click()
    page.kept("brief_pdf").wait_for()


def test_the_form_waits_for_files_that_are_still_on_their_way(page: Page):
    line = page.page.context.new_cdp_session(page.page)
    line.send("Network.enable")
    slow = {"offline": False, "latency": 20, "downloadThroughput": 10_000_000, "uploadThroughput": 150_000}
    line.send("Network.emulateNetworkConditions", slow)
    page.page.fill('textarea[name="story"]', "Hij gooide een stoel.")
    page.choose(film_mp4=files.mp4(media=bytes(300_000)))
    page.row("film_mp4").get_by_text("% sent").wait_for()
    with page.page.expect_navigation(url=lambda address: address.endswith("/")):
        page.page.click('button[name="go"][value="later"]')
        assert "the files go first" in page.spoken()
    assert names() == {"film.mp4"}
    assert Draft.objects.get(pk=page.draft.pk).content.answers["story"] == ["Hij gooide een stoel."]


def test_a_pasted_screenshot_is_kept(page: Page):
    page.page.evaluate(
        """(bytes) => {
          const pasted = new DataTransfer();
          pasted.items.add(new File([new Uint8Array(bytes)], "scherm.png", { type: "image/png" }));
          document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: pasted, bubbles: true }));
        }""",
        list(files.picture()),
    )
    page.kept("scherm_png").wait_for()
    assert names() == {"scherm.png"}


def test_without_scripts_the_form_brings_and_takes_back(live_server: Any, chromium: Any, committed: None, town: Place):
    draft = begin(town)
    visitor = Visitor(chromium, live_server.url, 360, "en")
    visitor.sign_in(town.employee.email)
    context = chromium.new_context(java_script_enabled=False, storage_state=visitor.context.storage_state())
    plain = context.new_page()
    plain.goto(live_server.url + reverse("report_step", args=[draft.pk, "gebeurd"]))
    plain.fill('textarea[name="story"]', "Hij gooide een stoel.")
    given = {"name": "brief.pdf", "mimeType": "application/pdf", "buffer": files.pdf()}
    plain.set_input_files("#id_evidence", [given, {**given, "name": "dans.gif", "buffer": b"GIF89a"}])
    plain.get_by_role("button", name="Keep the chosen files").click()
    assert "dans.gif: This kind of picture" in plain.locator("#errors").inner_text()
    assert plain.input_value('textarea[name="story"]') == "Hij gooide een stoel." and names() == {"brief.pdf"}
    plain.click('button[name="remove_file"]')
    assert plain.locator("[data-files]").is_hidden() and names() == set()
    assert plain.input_value('textarea[name="story"]') == "Hij gooide een stoel."
    for one in (context, visitor.context):
        one.close()
