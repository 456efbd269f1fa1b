"""A document as a .docx that one goes on writing in: real headings, header rows, a language, no name of a person."""

import io
from typing import Any

from docx import Document as new_docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from incidents.overview.document import Document, Table
from incidents.overview.files.blocks import LineKind, text_blocks
from incidents.overview.files.cells import clean
from incidents.overview.files.properties import locale_of
from incidents.overview.files.widths import ON_PAPER, widths_of

STYLES = {
    LineKind.TITLE: "Heading 1",
    LineKind.WARNING: "Intense Quote",
    LineKind.CHAPTER: "Heading 2",
    LineKind.HEADING: "Heading 3",
    LineKind.CAPTION: "Caption",
    LineKind.TEXT: "Normal",
    LineKind.BULLET: "List Bullet",
}
SIZES = {"Normal": 10.5, "List Bullet": 10.5, "Heading 1": 20, "Heading 2": 14, "Heading 3": 11.5, "Caption": 10}
FONT, BLACK, SHADE = "Arial", RGBColor(0x11, 0x11, 0x11), "E8EEF3"
SMALL = Pt(9)


def as_docx(document: Document) -> bytes:
    """The whole document as a text."""
    file: Any = new_docx()
    _dress(file, locale_of(document))
    _name(file, document)
    _foot(file.sections[0], f"{document.subtitle} · {document.mark}", document.warning)
    for block in text_blocks(document):
        if isinstance(block, Table):
            _table(file, block)
        else:
            file.add_paragraph(clean(block.text), style=STYLES[block.kind])
    made = io.BytesIO()
    file.save(made)
    return made.getvalue()


def _name(file: Any, document: Document) -> None:
    properties = file.core_properties
    properties.title, properties.language = clean(document.title)[:255], locale_of(document)
    properties.subject = clean(document.subtitle)[:255]
    properties.author = properties.last_modified_by = properties.comments = properties.keywords = ""
    if document.made_at:
        properties.created = properties.modified = document.made_at.replace(tzinfo=None)


def _dress(file: Any, locale: str) -> None:
    section = file.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin = section.bottom_margin = Cm(2.2)
    for name, size in SIZES.items():
        style = file.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = FONT, Pt(size), BLACK
        fonts = style.element.rPr.rFonts
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):  # a font of the theme would win
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:hAnsi"), FONT)
    file.styles["Normal"].paragraph_format.space_after = Pt(6)
    file.styles["Heading 1"].paragraph_format.space_after = Pt(6)
    file.styles["Caption"].paragraph_format.keep_with_next = True
    for language in file.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), locale)


def _foot(section: Any, text: str, warning: str) -> None:
    """Which document it is, and the number of the page; on top of each page the warning, where there is one."""
    paragraph = section.footer.paragraphs[0]
    paragraph.add_run(f"{clean(text)} · ").font.size = SMALL
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)
    if warning:
        section.header.paragraphs[0].add_run(clean(warning)).bold = True


def _table(file: Any, table: Table) -> None:
    section = file.sections[0]
    width = section.page_width - section.left_margin - section.right_margin
    signs = widths_of([table], *ON_PAPER)
    made = file.add_table(rows=1, cols=len(table.columns), style="Table Grid")
    made.autofit = False
    _fill(made.rows[0], [column.title for column in table.columns], table, is_head=True)
    for row in table.rows:
        _fill(made.add_row(), [cell.text for cell in row.cells], table)
    for number, column in enumerate(made.columns):
        column.width = width * signs[number] // sum(signs)
        for cell in column.cells:
            cell.width = column.width
    file.add_paragraph()  # a table that touches the next one becomes one with it


def _fill(row: Any, texts: list[str], table: Table, *, is_head: bool = False) -> None:
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if is_head:
        properties.append(OxmlElement("w:tblHeader"))
    for cell, text, column in zip(row.cells, texts, table.columns, strict=True):
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(1)
        if column.is_number:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        run = paragraph.add_run(clean(text))
        run.font.size, run.bold = SMALL, is_head
        if is_head:
            _shade(cell)


def _shade(cell: Any) -> None:
    shade = OxmlElement("w:shd")
    for name, value in {"val": "clear", "color": "auto", "fill": SHADE}.items():
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)
