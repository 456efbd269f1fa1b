"""The style: small, without anything inline, and in a real browser readable for everyone at every width."""

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "static" / "nlds"
WIDTHS = (1280, 360, 320)
SMALLEST = 44  # pixels of a target
PRESSED = (
    "button, .button, .utrecht-button, .choice, summary, select, .file, .utrecht-textbox, .utrecht-textarea,"
    ".tabs a, .site-nav a, .pages a, .quick-exit"
)


def templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))


def test_style_and_font_take_less_than_half_of_what_the_first_page_may_weigh() -> None:
    style, font = (BUILT / "portal.css").read_bytes(), (BUILT / "figtree.woff2").read_bytes()
    assert len(gzip.compress(style)) + len(font) <= 27_000  # of 60,000 bytes (goal P11)


def test_what_goes_over_the_line_is_the_style_itself() -> None:
    assert gzip.decompress((BUILT / "portal.css.gz").read_bytes()) == (BUILT / "portal.css").read_bytes(), "make style"


def test_the_lock_names_no_registry() -> None:
    assert '"resolved"' not in (ROOT / "frontend" / "package-lock.json").read_text()


def test_no_design_tokens_of_a_proprietary_look_are_used() -> None:
    lock = (ROOT / "frontend" / "package-lock.json").read_text()
    assert "@nl-design-system-unstable/voorbeeld-design-tokens" in lock
    assert "@utrecht/design-tokens" not in lock and "rijkshuisstijl" not in lock.lower()


def test_templates_hold_nothing_that_the_content_security_policy_refuses() -> None:
    inline = re.compile(r"""\sstyle=|\son[a-z]+=["']|<style|<script(?![^>]*\ssrc=)|\|safe\b|javascript:""")
    found = {path.name: inline.findall(path.read_text()) for path in templates()}
    assert len(found) > 10
    assert not {name: hits for name, hits in found.items() if hits}


def test_every_class_that_a_template_writes_has_a_style() -> None:
    papers = sorted((ROOT / "static" / "portal").glob("*.css"))  # what is printed has a style of its own
    css = "".join(path.read_text() for path in (BUILT / "portal.css", *papers))
    styled = set(re.findall(r"\.([a-z][\w-]*)", css))
    written = {
        name
        for path in templates()
        for value in re.findall(r'class="([^"]*)"', re.sub(r"{{.*?}}", "", re.sub(r"{%.*?%}", " ", path.read_text())))
        for name in value.split()
    }
    assert {"button", "panel", "timeline"} <= written
    assert {name for name in written if not name.endswith("--")} - styled == set()


@pytest.fixture
def open_gallery(chromium: Any, live_server: Any) -> Any:
    """Opens the gallery at a width, in a state; the policy is set aside for axe alone."""
    contexts = []

    def open_at(width: int, state: str, **options: Any) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": 900}, bypass_csp=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{live_server.url}/gallery/{state}/")
        return page

    yield open_at
    for context in contexts:
        context.close()


browser = pytest.mark.browser
gallery = pytest.mark.urls("tests.look.gallery")


@browser
@gallery
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("state", ["new", "errors"])
def test_axe_finds_nothing_and_the_page_does_not_scroll_sideways(open_gallery: Any, width: int, state: str) -> None:
    page = open_gallery(width, state)
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


@browser
@gallery
@pytest.mark.parametrize("width", WIDTHS)
def test_what_one_presses_is_big_enough_for_a_thumb(open_gallery: Any, width: int) -> None:
    page = open_gallery(width, "new")
    small = page.evaluate(
        """([what, least]) => [...document.querySelectorAll(what)]
          .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
          .filter(([, box]) => box.height && (box.height < least || box.width < least))
          .map(([html, box]) => [html, box.height])""",
        [PRESSED, SMALLEST],
    )
    assert small == []


@browser
@gallery
def test_text_is_18_pixels_and_lines_stay_under_70_letters(open_gallery: Any) -> None:
    page = open_gallery(1280, "new")
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "18px"
    letters = page.evaluate(
        """() => [...document.querySelectorAll(".measured")].map((one) => {
          const lines = Math.round(one.getBoundingClientRect().height / parseFloat(getComputedStyle(one).lineHeight));
          return one.textContent.trim().length / lines; })"""
    )
    assert len(letters) == 4 and max(letters) <= 70, letters


@browser
@gallery
def test_the_keyboard_sees_where_it_is_and_the_first_stop_skips_to_the_content(open_gallery: Any) -> None:
    page = open_gallery(1280, "new")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    for selector in ("#id_name", ".button--primary", "#id_story", "summary"):
        page.locator(selector).first.focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outline")
        assert "solid 3px" in outline, selector


@browser
@gallery
def test_a_chosen_choice_is_seen_without_colours_too(open_gallery: Any) -> None:
    page = open_gallery(1280, "new", forced_colors="active")
    page.check("#id_behaviours_1")
    shape = "one => [getComputedStyle(one).appearance, getComputedStyle(one.parentElement).outlineStyle]"
    assert page.eval_on_selector("#id_behaviours_1", shape) == ["auto", "solid"]
    assert page.eval_on_selector("#id_behaviours_2", shape)[1] == "none"


@browser
@gallery
def test_nothing_moves_for_who_asked_for_that(open_gallery: Any) -> None:
    moving = "getComputedStyle(document.querySelector('.button')).transitionDuration"
    assert open_gallery(1280, "new", reduced_motion="reduce").evaluate(moving) == "0s"
    assert open_gallery(1280, "new", reduced_motion="no-preference").evaluate(moving) != "0s"


@browser
@gallery
def test_paper_leaves_out_what_one_presses(open_gallery: Any) -> None:
    page = open_gallery(1280, "new")
    page.emulate_media(media="print")
    assert not page.locator(".who").is_visible() and not page.locator(".quick-exit").is_visible()
    assert page.locator("h1").is_visible() and page.locator(".timeline").is_visible()
