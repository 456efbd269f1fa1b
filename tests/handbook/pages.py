"""The handbook as tests read it: its pages, the words of the screen in them, and the pictures it asks for."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HANDBOOK = ROOT / "docs/handleiding"
PICTURES = HANDBOOK / "beelden"
BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
REMARK = re.compile(r"<!--.*?-->", re.DOTALL)


@dataclass(frozen=True)
class Picture:
    """One picture, as docs/handleiding/beelden.toml describes it."""

    file: str
    role: str
    address: str
    state: str
    words: tuple[str, ...]  # of the screen, as the handbook says them: they stand on this page
    part: str = ".site-head, .site-nav, main"  # CSS; what of the page is shown
    width: int = 1280  # pixels of the window
    height: int = 800  # pixels of the picture at most


@cache
def pictures() -> tuple[Picture, ...]:
    known = tomllib.loads((HANDBOOK / "beelden.toml").read_text(encoding="utf-8"))["picture"]
    return tuple(Picture(**{**one, "words": tuple(one["words"])}) for one in known)


def texts() -> dict[str, str]:
    """The pages by name, without the remarks that say where something comes from."""
    return {path.name: REMARK.sub("", path.read_text(encoding="utf-8")) for path in sorted(HANDBOOK.glob("*.md"))}


def plain(text: str) -> str:
    return " ".join(text.split())


def words_of_the_screen(text: str) -> list[str]:
    """What stands in bold: in the handbook that is what stands on the screen."""
    return [plain(found) for found in BOLD.findall(text)]
