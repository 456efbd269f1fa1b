"""What a letter says, also one that was changed in a word processor: how a value is found in its text again."""

import re

from incidents.actions.letter_docx import checked_docx, paragraphs_of
from incidents.actions.letter_files import read_letter
from incidents.models import LetterVersion


def text_of(version: LetterVersion) -> str:
    """All its text, squeezed. Raises LetterCannotBeOpened, DocxRefused.

    Where a line breaks says nothing, but between two digits: there a sign keeps two numbers apart.
    """
    paragraphs = [squeezed(text) for _part, text in paragraphs_of(checked_docx(read_letter(version)))]
    return re.sub(r"(?<!\d)¶|¶(?!\d)", "", "¶".join(paragraphs))


def stands_in(text: str, part: str) -> bool:
    """Whether this stands in that text (both squeezed), with its numbers whole: 14 november is not 4 november."""
    before, after = (r"(?<!\d)" if part[:1].isdigit() else "", r"(?!\d)" if part[-1:].isdigit() else "")
    return re.search(before + re.escape(part) + after, text) is not None


def squeezed(text: str) -> str:
    """Without its white space."""
    return "".join(text.split())
