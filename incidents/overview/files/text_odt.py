"""The same text in the open format of public bodies (ODT): real headings, header rows, a language, and no person."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from odfdo import Document as Odf
from odfdo import Element

from incidents.overview.document import Column, Document, Table
from incidents.overview.files.blocks import Block, Line, LineKind, text_blocks
from incidents.overview.files.cells import quoted, saved, xml_text
from incidents.overview.files.properties import locale_of, name_odf
from incidents.overview.files.widths import ON_PAPER, widths_of

LEVELS = {LineKind.TITLE: 1, LineKind.CHAPTER: 2, LineKind.HEADING: 3}
HEAD, NUMBER, BOX, SHADED, WARNING, CAPTION = "TableHead", "TableNumber", "Box", "Shaded", "Warning", "TableCaption"
SMALL = '<style:text-properties fo:font-size="9pt"/>'
SMALL_BOLD = '<style:text-properties fo:font-size="9pt" fo:font-weight="bold"/>'
BORDER = 'fo:border="0.5pt solid #888888" fo:padding="0.1cm"'
TO_THE_RIGHT = '<style:paragraph-properties fo:text-align="end"/>'
STYLES = {
    ("paragraph", HEAD): SMALL_BOLD,
    ("paragraph", f"{HEAD}{NUMBER}"): TO_THE_RIGHT + SMALL_BOLD,
    ("paragraph", "TableText"): SMALL,
    ("paragraph", NUMBER): TO_THE_RIGHT + SMALL,
    ("paragraph", CAPTION): '<style:paragraph-properties fo:keep-with-next="always" fo:margin-top="0.3cm"/>'
    '<style:text-properties fo:font-weight="bold"/>',
    ("paragraph", WARNING): '<style:text-properties fo:font-weight="bold" fo:color="#9b1c1c"/>',
    ("table-cell", BOX): f"<style:table-cell-properties {BORDER}/>",
    ("table-cell", SHADED): f'<style:table-cell-properties {BORDER} fo:background-color="#e8eef3"/>',
    ("table-row", "Whole"): '<style:table-row-properties fo:keep-together="always"/>',
}


BULLETS = (
    '<text:list-style style:name="Bullets"><text:list-level-style-bullet text:level="1" text:bullet-char="•">'
    '<style:list-level-properties text:list-level-position-and-space-mode="label-alignment">'
    '<style:list-level-label-alignment text:label-followed-by="listtab" text:list-tab-stop-position="0.6cm" '
    'fo:text-indent="-0.6cm" fo:margin-left="0.6cm"/></style:list-level-properties>'
    "</text:list-level-style-bullet></text:list-style>"
)
FONT = "Liberation Sans"
HEADINGS = {1: "20pt", 2: "14pt", 3: "11.5pt"}


def as_odt(document: Document) -> bytes:
    """The whole document as a text."""
    file = Odf("text")
    name_odf(file, document)
    _dress(file, document)
    file.body.clear()
    for is_list, blocks in groupby(text_blocks(document), _is_bullet):
        for xml in [_list(blocks)] if is_list else map(_block, blocks):
            file.body.append(Element.from_tag(xml))
    return saved(file)


def _is_bullet(block: Block) -> bool:
    return isinstance(block, Line) and block.kind == LineKind.BULLET


def _list(lines: Any) -> str:
    items = "".join(
        f'<text:list-item><text:p text:style-name="Text_20_body">{xml_text(line.text)}</text:p></text:list-item>'
        for line in lines
    )
    return f'<text:list text:style-name="Bullets">{items}</text:list>'


def _block(block: Block) -> str:
    if isinstance(block, Table):
        return _table(block)
    if block.kind in LEVELS:
        level = LEVELS[block.kind]
        heading = f'text:style-name="Heading_20_{level}" text:outline-level="{level}"'
        return f"<text:h {heading}>{xml_text(block.text)}</text:h>"
    style = {LineKind.CAPTION: CAPTION, LineKind.WARNING: WARNING}.get(block.kind, "Text_20_body")
    return f'<text:p text:style-name="{style}">{xml_text(block.text)}</text:p>'


def _table(table: Table) -> str:
    columns = "".join(
        f'<table:table-column table:style-name="Wide{width}"/>' for width in widths_of([table], *ON_PAPER)
    )
    head = _row(table.columns, [column.title for column in table.columns], is_head=True)
    rows = "".join(_row(table.columns, [cell.text for cell in row.cells]) for row in table.rows)
    return (
        f"<table:table table:name={quoted(table.title)}>{columns}"
        f"<table:table-header-rows>{head}</table:table-header-rows>{rows}</table:table>"
    )


def _row(columns: tuple[Column, ...], texts: list[str], *, is_head: bool = False) -> str:
    cells = "".join(_cells(columns, texts, is_head))
    return f'<table:table-row table:style-name="Whole">{cells}</table:table-row>'


def _cells(columns: tuple[Column, ...], texts: list[str], is_head: bool) -> Iterator[str]:
    box = SHADED if is_head else BOX
    for column, text in zip(columns, texts, strict=True):
        words = (HEAD if is_head else "") + (NUMBER if column.is_number else "") or "TableText"
        yield (
            f'<table:table-cell table:style-name="{box}" office:value-type="string">'
            f'<text:p text:style-name="{words}">{xml_text(text)}</text:p></table:table-cell>'
        )


def _dress(file: Odf, document: Document) -> None:
    """Styles of the tables; language; and on each page which document it is."""
    content: Any = file.get_part("content.xml")
    own = content.get_element("//office:automatic-styles")
    own.append(Element.from_tag(BULLETS))
    for width in range(ON_PAPER[0], ON_PAPER[1] + 3):
        wide = f'<style:table-column-properties style:rel-column-width="{width}*"/>'
        own.append(
            Element.from_tag(f'<style:style style:name="Wide{width}" style:family="table-column">{wide}</style:style>')
        )
    for (family, name), properties in STYLES.items():
        own.append(
            Element.from_tag(f'<style:style style:name="{name}" style:family="{family}">{properties}</style:style>')
        )
    styles: Any = file.get_part("styles.xml")
    language, country = locale_of(document).split("-")
    for text in styles.get_elements("//style:default-style/style:text-properties"):
        text.set_attribute("fo:language", language)
        text.set_attribute("fo:country", country)
        text.set_attribute("style:font-name", FONT)
        text.set_attribute("fo:font-size", "10.5pt")
    for numbers in styles.get_elements("//text:outline-style"):
        numbers.delete()  # headings have none
    for number, size in HEADINGS.items():
        for text in styles.get_elements(f"//style:style[@style:name='Heading_20_{number}']/style:text-properties"):
            text.set_attribute("fo:font-size", size)
            text.set_attribute("fo:font-style", "normal")
    page = styles.get_element("//style:page-layout")
    page.append(Element.from_tag("<style:header-style/>"))
    page.append(Element.from_tag("<style:footer-style/>"))
    master = styles.get_element("//style:master-page")
    if document.warning:
        master.append(Element.from_tag(f"<style:header><text:p>{xml_text(document.warning)}</text:p></style:header>"))
    foot = f"{document.subtitle} · {document.mark} · "
    master.append(
        Element.from_tag(f"<style:footer><text:p>{xml_text(foot)}<text:page-number/></text:p></style:footer>")
    )
