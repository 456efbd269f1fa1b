"""Whether a .docx that someone brings can be kept and opened safely, and the text that stands in it.

A .docx is an archive of XML files. What runs (macros), hides another file (OLE), reaches out to another machine when it
is opened (a template, a picture or a field elsewhere), or unpacks to far more than it weighs is refused, not mended.
"""

import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError

from docx import Document
from lxml import etree

from incidents.actions.letter_refusals import (
    DocxHasMacros,
    DocxHasObjects,
    DocxHasTraces,
    DocxLocked,
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
TRACES = tuple(W + name for name in ("ins", "del", "moveFrom", "moveTo", "commentReference"))
PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)

Parts = dict[str, bytes]


def checked_docx(content: bytes) -> Parts:
    """The parts of a .docx that is safe to keep and open. Raises DocxRefused with what is wrong."""
    parts = _unpacked(content)
    trees = {name: _parsed(part) for name, part in parts.items() if _is_xml(name)}
    _refuse_what_runs(parts, trees)
    for name, tree in trees.items():
        if name.lower().endswith(".rels"):
            _refuse_reaching_out(tree)
        elif name.startswith("word/"):
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
        if name.startswith("word/") and _is_xml(name) and "/_rels/" not in name:
            for paragraph in _parsed(part).iter(W + "p"):
                yield name, "".join(_own_text(paragraph))


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
    return name.lower().endswith((".xml", ".rels", ".svg", ".vml"))


def _parsed(part: bytes) -> Any:
    try:
        root = etree.fromstring(part, PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DocxRefused from error
    if root.getroottree().docinfo.doctype or root.getroottree().docinfo.internalDTD is not None:
        raise DocxRefused  # no word processor writes one; entities could grow without end
    return root


def _refuse_what_runs(parts: Parts, trees: dict[str, Any]) -> None:
    kinds = {
        str(found.get("PartName", "")).lstrip("/"): str(found.get("ContentType", ""))
        for found in trees["[Content_Types].xml"]
    }
    said = [*parts, *kinds.values(), *(str(found.get("ContentType", "")) for found in trees["[Content_Types].xml"])]
    if any(MACROS.search(name) for name in said):
        raise DocxHasMacros
    if any(OBJECTS.search(name) for name in said):
        raise DocxHasObjects
    if kinds.get("word/document.xml") != MAIN:
        raise DocxRefused


def _refuse_reaching_out(relationships: Any) -> None:
    for one in relationships:
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
        word = code.strip().strip('"').partition(" ")[0].upper()
        if word in REACHING:
            raise DocxReachesOut(word)
    if next(tree.iter(W + "altChunk", W + "object", W + "control", W + "subDoc"), None) is not None:
        raise DocxHasObjects


def _field_codes(tree: Any) -> Iterator[str]:
    """The code of each field. It may be cut over many runs, and a field may stand within the code of another."""
    running: list[str] = []
    for element in tree.iter(W + "fldSimple", W + "fldChar", W + "instrText"):
        if element.tag == W + "fldSimple":
            yield str(element.get(W + "instr", ""))
        elif element.tag == W + "instrText":
            if not running:
                running.append("")
            running[-1] += element.text or ""
        elif element.get(W + "fldCharType") == "begin":
            running.append("")
        elif element.get(W + "fldCharType") == "end" and running:
            yield running.pop()
    yield from running


def _refuse_pictures_elsewhere(drawing: Any) -> None:
    for element in drawing.iter():
        for name, value in element.attrib.items():
            if name.rpartition("}")[2] == "href" and not value.startswith(("#", "data:")):
                raise DocxReachesOut(value)
