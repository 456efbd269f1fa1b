"""What the handbook calls by bold words is a text of the portal in Dutch, and its links and pictures are there."""

import re
from functools import cache
from pathlib import Path

import polib
import pytest
from django.utils import translation
from PIL import Image

from guidance.menu_file import load_menu
from tests.handbook.camera import WORDS
from tests.handbook.pages import (
    BOLD,
    HANDBOOK,
    IMAGE,
    PICTURES,
    ROOT,
    Picture,
    pictures,
    plain,
    texts,
    words_of_the_screen,
)
from tests.translations.extract import CATALOGUE
from tests.translations.test_plain_words import faults, sentences

MOST = 80_000  # bytes of one picture
TOGETHER = 2_000_000
LEAST = 8  # signs around what is filled in, so that a pattern says something
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)#]+)[^)]*\)")
UNSEEN = re.compile(r"<span class=.sr-only.*?</span>|<[^>]+>")
LINKED = re.compile(r"\[([^\]]*)\]\([^)]*\)")
BLOCKS = re.compile(r"\n\s*\n|\n(?=\s*[-*] |\s*\d+\. |\||#)")
MARKS = re.compile(r"^[#\s*-]+|^\s*\d+\. ")  # before a heading or a point of a list
PLACE = re.compile(r"%\(\w+\)[sd]")
# Said in the handbook, and put together by the page from parts.
NAMES = {"nederlands", "english", "pdf"}
PAGES = sorted(texts())


@cache
def portal() -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """The texts of the portal in Dutch: those that stand as they are, and those in which something is filled in.

    Of the last also what stands before it: a page may mark that part by itself.
    """
    catalogue = polib.pofile(str(CATALOGUE))
    said = {text for entry in catalogue for text in (entry.msgstr, *entry.msgstr_plural.values()) if text}
    with translation.override("nl"):
        said |= {str(item.title) for item in load_menu().items.values()}
    found = {_known(UNSEEN.sub("", text).replace("%%", "%")) for text in said}
    filled = [text for text in found if PLACE.search(text) and len(PLACE.sub("", text)) >= LEAST]
    begun = {_known(PLACE.split(text)[0]) for text in filled}
    fixed = frozenset(
        {text for text in found if not PLACE.search(text)} | {text for text in begun if len(text) >= LEAST}
    )
    return fixed, tuple(re.compile(".+".join(map(re.escape, PLACE.split(text)))) for text in sorted(filled))


def _known(text: str) -> str:
    return plain(text).lower().rstrip(".:")


def is_said(words: str) -> bool:
    """A text as a whole, or whole sentences of one."""
    fixed, filled = portal()
    wanted = _known(words)
    if wanted in fixed | NAMES or any(one.fullmatch(wanted) for one in filled):
        return True
    return any(wanted in re.split(r"(?<=[.?!]) ", text) or text.startswith(f"{wanted}. ") for text in fixed)


@pytest.mark.parametrize("page", PAGES)
def test_what_stands_in_bold_stands_in_the_portal(page: str):
    assert [words for words in words_of_the_screen(texts()[page]) if not is_said(words)] == []


def test_other_words_are_found():
    assert not is_said("Deze knop is er niet")
    assert not is_said("Kiez")
    assert is_said("Kiezen") and is_said("Niet veilig? Bel 112.")


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str):
    links = [link for link in LINK.findall(texts()[page]) if not link.startswith(("https://", "mailto:"))]
    assert [link for link in links if not (HANDBOOK / link).exists()] == []


def test_every_picture_is_there_and_used_once_with_words_for_who_cannot_see_it():
    shown = [found for text in texts().values() for found in IMAGE.findall(text)]
    assert sorted(target for _words, target in shown) == sorted(f"beelden/{one.file}" for one in pictures())
    assert sorted(one.file for one in pictures()) == sorted(path.name for path in PICTURES.glob("*"))
    assert all(len(words.split()) >= 6 for words, _target in shown)


@pytest.mark.parametrize("picture", pictures(), ids=lambda picture: picture.file)
def test_a_picture_is_small_and_holds_the_words_on_it(picture: Picture):
    path = PICTURES / picture.file
    assert path.stat().st_size <= MOST
    with Image.open(path) as image:
        image.load()
        assert image.format == "PNG" and image.info[WORDS] and image.height <= picture.height


def test_all_pictures_together_are_small():
    assert sum(path.stat().st_size for path in PICTURES.glob("*.png")) <= TOGETHER


@pytest.mark.parametrize("picture", pictures(), ids=lambda picture: picture.file)
def test_words_of_a_picture_stand_in_bold_on_its_page(picture: Picture):
    """The page that shows the picture speaks of what one sees on it."""
    page = next(text for text in texts().values() if f"beelden/{picture.file}" in text)
    bold = {_known(words) for words in words_of_the_screen(page)}
    assert picture.words and [words for words in picture.words if _known(words) not in bold] == []


@pytest.mark.parametrize("page", PAGES)
def test_it_is_plain_dutch(page: str):
    """Level B1, as what people who report read: the words of the screen count as one."""
    text = LINKED.sub(r"\1", IMAGE.sub("", BOLD.sub("X", texts()[page])))
    blocks = [cell for line in BLOCKS.split(text) for cell in line.strip().strip("|").split("|")]
    assert faults([one for block in blocks for one in sentences(MARKS.sub("", block), page)]) == []


def test_the_project_links_the_handbook():
    assert "docs/handleiding/README.md" in Path(ROOT / "README.md").read_text(encoding="utf-8")


def test_the_handbook_says_u_and_one_word_for_one_thing():
    wrong = re.compile(r"\b(u heeft|heeft u|jij|je|jouw)\b|(?<!\()passkey", re.IGNORECASE)
    assert {page: wrong.findall(text) for page, text in texts().items() if wrong.search(text)} == {}
