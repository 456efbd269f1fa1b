"""The letters that ship, as .docx files: an example that works, and a beginning for the organisation's own."""

from datetime import datetime
from functools import cache
from io import BytesIO
from typing import Any

from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from incidents.letters.texts import text_of
from incidents.vocabulary import LetterKind

FONT = "Arial"
BLACK = RGBColor(0x11, 0x11, 0x11)
STYLES = {"# ": "Heading 1", "## ": "Heading 2", "- ": "List Bullet", "| ": "No Spacing"}
MADE = datetime(2026, 11, 1)  # noqa: DTZ001  of the file's own properties, which have no zone


@cache
def shipped_docx(kind: LetterKind) -> bytes:
    """The letter of this kind as it ships: A4, readable for who hears it, with fields and no person in it."""
    text = text_of(kind)
    document = Document()
    _dress(document)
    for line in text.paragraphs:
        mark = next((mark for mark in STYLES if line.startswith(mark)), "")
        document.add_paragraph(line.removeprefix(mark), style=STYLES.get(mark))
    properties = document.core_properties
    properties.author = properties.last_modified_by = properties.comments = properties.keywords = ""
    properties.title, properties.language = text.subject, "nl-NL"
    properties.created = properties.modified = MADE
    kept = BytesIO()
    document.save(kept)
    return kept.getvalue()


def _dress(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin = section.bottom_margin = Cm(2.2)
    sizes = {"Normal": 10.5, "No Spacing": 10.5, "List Bullet": 10.5, "Heading 1": 13, "Heading 2": 11}
    for name, size in sizes.items():
        style = document.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = FONT, Pt(size), BLACK
        fonts = style.element.rPr.rFonts
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):  # a font of the theme would win
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:hAnsi"), FONT)
        style.paragraph_format.space_after = Pt(0 if name == "No Spacing" else 6)
    document.styles["Heading 1"].paragraph_format.space_before = Pt(12)
    document.styles["Heading 2"].paragraph_format.space_before = Pt(10)
    _speak_dutch(document.styles)


def _speak_dutch(styles: Any) -> None:
    """A screen reader and a spelling check read it as Dutch."""
    settings = styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}")
    for old in settings.findall(qn("w:lang")):
        settings.remove(old)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "nl-NL")
    settings.append(language)
