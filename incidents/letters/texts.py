"""The texts of the letters that ship, from the .toml files beside this one."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from incidents.letter_kinds import REACHES_PERPETRATOR
from incidents.vocabulary import LetterKind

FOLDER = Path(__file__).parent
SHIPPED = "2026-11-29"  # change it with the texts: it stands with each letter that was made of them


@dataclass(frozen=True)
class LetterText:
    """One letter: what it is about, and its paragraphs with fields in them, marked as frame.toml says."""

    kind: LetterKind
    subject: str
    paragraphs: tuple[str, ...]


@cache
def text_of(kind: LetterKind) -> LetterText:
    """The whole letter, head and closing included. Raises KeyError for a line "@name" that frame.toml does not have."""
    frame, own = _read("frame"), _read(kind)
    lines = [*_lines(frame["head"]), f"# Onderwerp: {own['subject']}", "{{ aanhef }}"]
    lines += _lines(frame["about"]) if kind in REACHES_PERPETRATOR else []
    for line in _lines(own["text"]):
        lines += _lines(frame[line[1:]]) if line.startswith("@") else [line]
    return LetterText(LetterKind(kind), own["subject"], (*lines, *_lines(frame["closing"])))


def _read(name: str) -> dict[str, str]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]
