"""A paper of parts and lines as a .docx, with real headings and a language, so that it can be read with the ears."""

import re
from io import BytesIO
from typing import Any

from docx import Document
from docx.oxml.ns import qn
from docx.shared import Pt

from incidents.police_sheet import PAPER_LANGUAGE, Part

# What XML cannot hold: someone may have pasted it from elsewhere.
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_docx(parts: list[Part], *, title: str, author: str) -> bytes:
    """The parts under headings, each line as its label and its text. `title` also names the document."""
    document: Any = Document()
    _set_language(document)
    document.core_properties.title = clean(title)[:255]
    document.core_properties.author = clean(author)[:255]
    document.core_properties.language = PAPER_LANGUAGE
    document.core_properties.comments = ""
    document.add_heading(clean(title), level=1)
    for part in parts:
        document.add_heading(clean(part.title), level=2)
        for label, text in part.lines:
            paragraph = document.add_paragraph()
            paragraph.add_run(f"{clean(label)}: ").bold = True
            paragraph.add_run(clean(text))
    made = BytesIO()
    document.save(made)
    return made.getvalue()


def clean(text: str) -> str:
    return UNWRITABLE.sub("", text)


def _set_language(document: Any) -> None:
    style = document.styles["Normal"]
    style.font.size = Pt(11)
    properties = style.element.get_or_add_rPr()
    language = properties.makeelement(qn("w:lang"), {qn("w:val"): "nl-NL", qn("w:eastAsia"): "nl-NL"})
    properties.append(language)
