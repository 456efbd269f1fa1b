"""A document from the top down, as lines and tables one after the other: what every writer goes through."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from incidents.overview.document import Document, Section, Table


class LineKind(Enum):
    TITLE = "title"  # of the document, or of a sheet
    WARNING = "warning"
    CHAPTER = "chapter"
    HEADING = "heading"  # in a chapter
    CAPTION = "caption"  # of a table that is called otherwise than what it stands under
    TEXT = "text"
    BULLET = "bullet"


@dataclass(frozen=True)
class Line:
    kind: LineKind
    text: str


Block = Line | Table


def sheet_blocks(document: Document, section: Section) -> Iterator[Block]:
    """One section as a sheet of its own. How to read the numbers stands on the first one only."""
    if document.warning:
        yield Line(LineKind.WARNING, document.warning)
    yield Line(LineKind.TITLE, section.title)
    yield Line(LineKind.TEXT, f"{document.subtitle}. {document.title}. {document.mark}.")
    if section is document.sections[0]:
        yield from _lines(LineKind.TEXT, document.notes)
    yield from _section_blocks(section)


def text_blocks(document: Document) -> Iterator[Block]:
    """The whole document as a text; tables as on paper."""
    if document.warning:
        yield Line(LineKind.WARNING, document.warning)
    yield Line(LineKind.TITLE, document.title)
    yield from _lines(LineKind.TEXT, (f"{document.subtitle}.", f"{document.mark}.", *document.notes))
    for section in document.sections:
        yield Line(LineKind.CHAPTER, section.title)
        for block in _section_blocks(section):
            yield block.on_paper if isinstance(block, Table) else block


def _section_blocks(section: Section) -> Iterator[Block]:
    yield from _lines(LineKind.TEXT, section.paragraphs)
    yield from _lines(LineKind.BULLET, section.bullets)
    for table in section.tables:
        if table.title != section.title:
            yield Line(LineKind.CAPTION, table.title)
        yield table
    for part in section.parts:
        yield Line(LineKind.HEADING, part.title)
        yield from _section_blocks(part)


def _lines(kind: LineKind, texts: Iterable[str]) -> Iterator[Line]:
    return (Line(kind, text) for text in texts)
