"""Whether a .docx that someone brings can be kept and opened safely, and the text that stands in it.

A .docx is an archive of XML files. What runs (macros), hides another file (OLE), reaches out to another machine when it
is opened (a template, a picture or a field elsewhere), or unpacks to far more than it weighs is refused, not mended.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError

from docx import Document
from lxml import etree

from incidents.actions.letter_refusals import (
    DocxFieldRefused,
    DocxHasMacros,
    DocxHasObjects,
    DocxHasTraces,
    DocxLinkRefused,
    DocxLocked,
    DocxOddlyBuilt,
    DocxReachesOut,
    DocxRefused,
    DocxTooLarge,
    DocxUnpacksTooLarge,
)

MOST_BYTES = 2 * 1024 * 1024
MOST_UNPACKED = 20 * 1024 * 1024  # bytes of all parts together
MOST_RATIO = 150  # unpacked to packed; real letters reach 20
SMALL = 1024 * 1024  # bytes of one part: what is smaller may be as dense as it likes
MOST_PARTS = 500
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
NEEDED = ("[Content_Types].xml", "_rels/.rels", "word/document.xml")
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # also what a password makes of a .docx
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MACROS = re.compile(r"vba(project|data)|macroenabled|/activex/|keymapcustomizations|toolbars", re.IGNORECASE)
OBJECTS = re.compile(
    r"/embeddings/|oleobject|activex|afchunk|/subdocument|\.(exe|dll|js|vbs|html?|mht)$", re.IGNORECASE
)
HYPERLINK = re.compile(r"/hyperlink$", re.IGNORECASE)
HARMLESS_ADDRESS = re.compile(r"^(https?://|mailto:|tel:)", re.IGNORECASE)
# Codes of fields with which a word processor fetches something when it opens or prints the document.
REACHING = {"INCLUDEPICTURE", "INCLUDETEXT", "INCLUDE", "DDE", "DDEAUTO", "LINK", "IMPORT", "RD", "DATABASE", "EMBED"}
# Codes that letters need, and of which a word processor makes the text from the document itself. Not those that give
# away who wrote it or where it was kept (AUTHOR, USERNAME, FILENAME), ask something (ASK, FILLIN), run or print.
FIELDS = {
    *("PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "DATE", "TIME", "CREATEDATE", "SAVEDATE", "PRINTDATE", "NUMWORDS"),
    *("HYPERLINK", "REF", "PAGEREF", "NOTEREF", "STYLEREF", "TOC", "TC", "SEQ", "LISTNUM", "AUTONUM", "AUTONUMLGL"),
    *("IF", "COMPARE", "QUOTE", "SYMBOL", "ADVANCE", "EQ", "SHAPE", "=", "TITLE", "SUBJECT", "DOCPROPERTY"),
    *("FORMTEXT", "FORMCHECKBOX", "FORMDROPDOWN", "AUTONUMOUT"),
}
NESTED = "\ufffc"  # stands in a code where the outcome of another field comes
OUTCOME = "\ufffb"  # stands where a code ends and what shows begins
FIELD_WORD = re.compile(rf'[\s"]*([A-Za-z]+{NESTED}?|=)')
LINK_PIECE = re.compile(r'\\(?P<switch>[A-Za-z*@#])|"(?P<quoted>(?:[^"\\]|\\.)*)"?|(?P<bare>[^\s"]+)')
SWITCHES_WITH_TEXT = {"l", "o", "t", "*"}  # where in the document, the tip, the window, the look
ODD_NAME = re.compile(r"[\\%:\x00-\x1f]|^/|//|\.(/|$)")
XML_TYPE = re.compile(r"[+/]xml\s*(;|$)", re.IGNORECASE)
TEXT_TYPE = re.compile(r"\.(header|footer|footnotes|endnotes|comments)\+xml", re.IGNORECASE)
TEXT_RELATION = re.compile(r"/(header|footer|footnotes|endnotes|comments)$", re.IGNORECASE)
PROPERTIES = re.compile(r"^docProps/core\.xml$|\.psmdcp$")  # the latter by tools that are no word processor
RELS_OF = re.compile(r"^(|.*/)_rels/[^/]*\.rels$", re.IGNORECASE)
FIELD_PIECES = tuple(W + name for name in ("fldSimple", "fldChar", "instrText", "delInstrText", "t"))
TRACES = tuple(W + name for name in ("ins", "del", "moveFrom", "moveTo", "commentReference"))
PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)

Parts = dict[str, bytes]


def checked_docx(content: bytes) -> Parts:
    """The parts of a .docx that is safe to keep and open. Raises DocxRefused with what is wrong."""
    parts = _unpacked(content)
    trees = {name: _parsed(part) for name, part in parts.items() if _is_xml(name)}
    _refuse_what_runs(parts, trees)
    _refuse_hidden_parts(parts, trees)
    for name, tree in trees.items():
        if name.lower().endswith(".rels"):
            _refuse_reaching_out(tree)
        else:
            _refuse_reaching_fields(tree)
            if next(tree.iter(*TRACES), None) is not None:
                raise DocxHasTraces
        if name.lower().endswith(".svg"):
            _refuse_pictures_elsewhere(tree)
    try:
        Document(BytesIO(content))
    except Exception as error:  # a foreign reader says in many ways that it does not understand
        raise DocxRefused from error
    return parts


def paragraphs_of(parts: Parts) -> Iterator[tuple[str, str]]:
    """The text of each paragraph, with the part that it stands in: body, heads, feet and notes."""
    for name, part in parts.items():
        if _is_xml(name) and not name.lower().endswith(".rels"):
            for paragraph in _parsed(part).iter(W + "p"):
                yield name, "".join(_own_text(paragraph))


def properties_of(parts: Parts) -> Iterator[str]:
    """Each text in the properties of the file: its title, who made it."""
    for name, part in parts.items():
        if PROPERTIES.search(name):
            yield from (str(text) for text in _parsed(part).itertext())


def _own_text(paragraph: Any) -> Iterator[str]:
    """The text of the paragraph without that of a text box that hangs in it."""
    for child in paragraph:
        if child.tag == W + "t":
            yield child.text or ""
        elif child.tag in {W + "br", W + "tab", W + "cr"}:
            yield " "
        elif child.tag != W + "p":
            yield from _own_text(child)


def _unpacked(content: bytes) -> Parts:
    if len(content) > MOST_BYTES:
        raise DocxTooLarge
    if content.startswith(OLD_OFFICE):
        raise DocxLocked
    try:
        with ZipFile(BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _refuse_bombs(entries)
            parts = {entry.filename: archive.read(entry) for entry in entries}  # never more than its size says
    except (BadZipFile, ZlibError, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise DocxRefused from error
    if len({name.lower() for name in parts}) != len(entries) or not all(name in parts for name in NEEDED):
        raise DocxRefused
    return parts


def _refuse_bombs(entries: Iterable[ZipInfo]) -> None:
    entries = list(entries)
    is_dense = any(e.file_size > SMALL and e.file_size > MOST_RATIO * max(e.compress_size, 1) for e in entries)
    if is_dense or len(entries) > MOST_PARTS or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise DocxUnpacksTooLarge


def _is_xml(name: str) -> bool:
    return name.lower().endswith((".xml", ".rels", ".svg", ".vml", ".psmdcp"))


def _parsed(part: bytes) -> Any:
    try:
        root = etree.fromstring(part, PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DocxRefused from error
    if root.getroottree().docinfo.doctype or root.getroottree().docinfo.internalDTD is not None:
        raise DocxRefused  # no word processor writes one; entities could grow without end
    return root


def _refuse_what_runs(parts: Parts, trees: dict[str, Any]) -> None:
    types = trees["[Content_Types].xml"]
    said = [*parts, *(str(found.get("ContentType", "")) for found in types.iter("{*}*"))]
    if any(MACROS.search(name) for name in said):
        raise DocxHasMacros
    if any(OBJECTS.search(name) for name in said):
        raise DocxHasObjects
    if _type_of("word/document.xml", types) != MAIN:
        raise DocxRefused


def _type_of(name: str, types: Any) -> str:
    """The content type of a part, which is what readers go by, whatever its name. Raises DocxOddlyBuilt."""
    ending = name.rpartition(".")[2]
    for attribute, wanted in (("PartName", f"/{name}"), ("Extension", ending)):
        found = [one for one in types.iter("{*}*") if str(one.get(attribute, "")).casefold() == wanted.casefold()]
        if len(found) > 1:
            raise DocxOddlyBuilt
        if found:
            return str(found[0].get("ContentType", ""))
    return ""


def _refuse_hidden_parts(parts: Parts, trees: dict[str, Any]) -> None:
    """What is read as text must be called so that the checks see it: readers go by types and relationships."""
    for name in parts:
        kind = _type_of(name, trees["[Content_Types].xml"])
        text = TEXT_TYPE.search(kind)
        is_hidden = XML_TYPE.search(kind) and not _is_xml(name)
        if ODD_NAME.search(name) or is_hidden or (text and not _is_called(text[1], name)):
            raise DocxOddlyBuilt
    for name, tree in trees.items():
        if name.lower().endswith(".rels"):
            _refuse_odd_relations(name, tree)


def _refuse_odd_relations(name: str, relationships: Any) -> None:
    place = RELS_OF.search(name)
    if place is None:
        raise DocxOddlyBuilt
    for one in relationships.iter("{*}*"):
        kind, target = str(one.get("Type", "")).lower(), str(one.get("Target", ""))
        reached = posixpath.normpath(posixpath.join("/", place[1], target)).lstrip("/")
        text = TEXT_RELATION.search(kind)
        if (
            (text and not _is_called(text[1], reached))
            or (kind.endswith("/officedocument") and reached != "word/document.xml")
            or (kind.endswith("/core-properties") and not PROPERTIES.search(reached))
        ):
            raise DocxOddlyBuilt


def _is_called(kind: str, name: str) -> bool:
    return bool(re.fullmatch(rf"word/(glossary/)?{kind.lower()}[0-9]*\.xml", name))


def _refuse_reaching_out(relationships: Any) -> None:
    for one in relationships.iter("{*}*"):
        kind, target = str(one.get("Type", "")), str(one.get("Target", ""))
        is_outside = str(one.get("TargetMode", "")).lower() == "external"
        if is_outside and HYPERLINK.search(kind) and HARMLESS_ADDRESS.match(target):
            continue
        if OBJECTS.search(kind):
            raise DocxHasObjects
        if MACROS.search(kind):
            raise DocxHasMacros
        if is_outside or ":" in target or target.startswith(("\\", "//")):
            raise DocxReachesOut(kind.rpartition("/")[2] or target)


def _refuse_reaching_fields(tree: Any) -> None:
    for code in _field_codes(tree):
        found = FIELD_WORD.match(code)
        word = found[1].upper() if found else code.strip()
        if word in REACHING:
            raise DocxReachesOut(word)
        if word not in FIELDS:
            raise DocxFieldRefused(word)
        if found and word == "HYPERLINK":
            _refuse_link(code[found.end() :])
    if next(tree.iter(W + "altChunk", W + "object", W + "control", W + "subDoc"), None) is not None:
        raise DocxHasObjects


def _refuse_link(code: str) -> None:
    """What follows HYPERLINK: an address, or a place in the document itself (\\l)."""
    addresses, places, switch = [], 0, ""
    for piece in LINK_PIECE.finditer(code):
        if piece["switch"]:
            switch = piece["switch"].lower()
            places += switch == "l"
            continue
        if switch not in SWITCHES_WITH_TEXT:
            addresses.append(piece["quoted"] if piece["bare"] is None else piece["bare"])
        switch = ""
    for address in addresses:
        if address and not address.startswith("#") and not HARMLESS_ADDRESS.match(address):
            raise DocxLinkRefused(address)
    if not addresses and not places:
        raise DocxLinkRefused(code.strip() or "HYPERLINK")


def _field_codes(tree: Any) -> Iterator[str]:
    """The code of each field. It may be cut over many runs, and a field may stand within the code of another."""
    running: list[str] = []
    for element in tree.iter(*FIELD_PIECES):
        if element.tag == W + "fldSimple":
            yield str(element.get(W + "instr", ""))
        elif element.tag == W + "fldChar":
            yield from _at_mark(str(element.get(W + "fldCharType")), running)
        elif element.tag != W + "t":
            running[-1:] = [running[-1] + (element.text or "") if running else element.text or ""]
        elif element.text and running and OUTCOME not in running[-1]:
            raise DocxOddlyBuilt  # plain text within a code: readers do not agree whether it is part of it
    yield from (code.replace(OUTCOME, "") for code in running)


def _at_mark(kind: str, running: list[str]) -> Iterator[str]:
    if kind == "begin":
        if running and OUTCOME not in running[-1]:
            running[-1] += NESTED
        running.append("")
    elif kind == "separate" and running:
        running[-1] += OUTCOME
    elif kind == "end" and running:
        yield running.pop().replace(OUTCOME, "")


def _refuse_pictures_elsewhere(drawing: Any) -> None:
    for element in drawing.iter():
        for name, value in element.attrib.items():
            if name.rpartition("}")[2] == "href" and not value.startswith(("#", "data:")):
                raise DocxReachesOut(value)
