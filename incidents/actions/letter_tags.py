"""The fields in a template: which are there, whether only known and harmless ones, and what comes of it when filled.

Templates are Jinja in a .docx, by docxtpl. Of Jinja only {{ name }} and {% if name %} are let through, and what is
rendered runs in Jinja's sandbox without its functions and filters all the same.
"""

import re
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment
from lxml import etree

from incidents.actions.letter_docx import PARSER, Parts, checked_docx, paragraphs_of, properties_of
from incidents.actions.letter_refusals import (
    DocxUnpacksTooLarge,
    FieldsLeft,
    FieldsUnknown,
    TagNotClosed,
    TagRefused,
    TemplateBroken,
)
from incidents.letter_fields import examples_of, fields_of, nearest

TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}")
BRACES = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
VALUE = re.compile(r"\{\{\s*([^\W\d]\w*)\s*\}\}")
IF = re.compile(r"\{%(p?)\s+if\s+([^\W\d]\w*)\s*%\}|\{%()\s*if\s+([^\W\d]\w*)\s*%\}")
ELSE = re.compile(r"\{%(p?)\s+else\s*%\}|\{%()\s*else\s*%\}")
ENDIF = re.compile(r"\{%(p?)\s+endif\s*%\}|\{%()\s*endif\s*%\}")
HARMLESS = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.If)
RENDERED = re.compile(r"^word/(document|header\d*|footer\d*|footnotes)\.xml$")
MOST_TEXT = 1024 * 1024  # bytes of XML: a hundred pages, which take ten seconds to fill
FORBIDDEN_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class PlainEnvironment(SandboxedEnvironment):
    """Runs nothing but names and conditions on names, in whatever part of the file docxtpl found the source.

    The second lock: what the checks below and those of letter_docx should have refused cannot run either.
    """

    def __init__(self) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined)
        for offered in (self.globals, self.filters, self.tests):
            offered.clear()

    def from_string(self, source: Any, *args: Any, **kwargs: Any) -> Template:
        """The template of this source. Raises SecurityError, which is a TemplateError."""
        for node in self.parse(source).find_all(nodes.Node):
            is_plain_if = not isinstance(node, nodes.If) or (isinstance(node.test, nodes.Name) and not node.elif_)
            if not isinstance(node, HARMLESS) or not is_plain_if:
                raise SecurityError(type(node).__name__)
        return super().from_string(source, *args, **kwargs)


class StrictTemplate(DocxTemplate):
    """Refuses what is not well-formed when filled, which docxtpl mends by guessing: a condition half in a table."""

    def render_xml_part(self, *args: Any, **kwargs: Any) -> str:
        filled: str = super().render_xml_part(*args, **kwargs)
        etree.fromstring(filled.encode(), PARSER)
        return filled


@dataclass
class Reader:
    """Reads the tags of one part, in their order. `names`: the fields that it met."""

    names: set[str] = field(default_factory=set)
    open_ifs: list[tuple[str, int, bool]] = field(default_factory=list)  # tag, paragraph, stands alone

    def read(self, text: str, where: int) -> None:
        """One paragraph. Raises TagRefused and TagNotClosed."""
        tags = TAG.findall(text)
        rest = BRACES.search(TAG.sub("", text))
        if rest:
            raise TagNotClosed(text[max(0, text.find(rest[0]) - 5) :][:40], where)
        for tag in tags:
            self._take(tag, where, is_alone=text.strip() == tag)
        if self.open_ifs and not self.open_ifs[-1][2]:
            raise TagNotClosed(self.open_ifs[-1][0], where)

    def end(self) -> None:
        if self.open_ifs:
            raise TagNotClosed(*self.open_ifs[-1][:2])

    def _take(self, tag: str, where: int, *, is_alone: bool) -> None:
        if value := VALUE.fullmatch(tag):
            self.names.add(value[1])
        elif begin := IF.fullmatch(tag):
            is_paragraph = bool(begin[1])
            self._must_stand(tag, where, is_paragraph, is_alone)
            self.names.add(begin[2] or begin[4])
            self.open_ifs.append((tag, where, is_paragraph))
        elif found := ELSE.fullmatch(tag) or ENDIF.fullmatch(tag):
            is_paragraph = bool(found[1])
            self._must_stand(tag, where, is_paragraph, is_alone)
            if not self.open_ifs or self.open_ifs[-1][2] != is_paragraph:
                raise TagNotClosed(tag, where)
            if "endif" in tag:
                self.open_ifs.pop()
        else:
            raise TagRefused(tag, where)

    def _must_stand(self, tag: str, where: int, is_paragraph: bool, is_alone: bool) -> None:
        if is_paragraph and not is_alone:  # docxtpl drops the whole paragraph around it
            raise TagRefused(tag, where)


def checked_template(content: bytes, kind: str) -> set[str]:
    """The names of the fields in a template for this kind of letter.

    Raises DocxRefused: unsafe, a tag that is not let through, a field that this letter does not have, or a template of
    which no letter comes.
    """
    parts = checked_docx(content)
    if sum(len(part) for name, part in parts.items() if RENDERED.match(name)) > MOST_TEXT:
        raise DocxUnpacksTooLarge
    names = _names_in(parts)
    known = {one.name for one in fields_of(kind)}
    unknown = sorted(names - known)
    if unknown:
        raise FieldsUnknown((name, nearest(name, kind)) for name in unknown)
    for values in (examples_of(kind), examples_of(kind, names=())):
        refuse_fields_left(checked_docx(rendered(content, values)))
    return names


def refuse_fields_left(parts: Parts) -> None:
    """Raises FieldsLeft for a letter in which a field or a condition still stands."""
    left = [tag for _part, text in paragraphs_of(parts) for tag in TAG.findall(text)]
    braces = [text[:40] for _part, text in paragraphs_of(parts) if BRACES.search(TAG.sub("", text))]
    if left or braces:
        raise FieldsLeft(dict.fromkeys([*left, *braces]))


def rendered(content: bytes, values: dict[str, str]) -> bytes:
    """The letter of a template that was checked, filled with `values`. Raises TemplateBroken."""
    context = {name: plain(value) for name, value in values.items()}
    try:
        template = StrictTemplate(BytesIO(content))
        template.render(context, PlainEnvironment(), autoescape=True)
        properties = template.docx.core_properties
        properties.author = properties.last_modified_by = properties.comments = ""
        kept = BytesIO()
        template.save(kept)
    except (TemplateError, ValueError, KeyError, AttributeError, SyntaxError) as error:  # lxml's are SyntaxErrors
        raise TemplateBroken from error
    return kept.getvalue()


def plain(text: str) -> str:
    """The text without what XML cannot hold, with one kind of line end."""
    return FORBIDDEN_IN_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).replace("\t", " ")


def has_tag(text: str) -> bool:
    """Whether braces of a template stand in it."""
    return bool(BRACES.search(text))


def _names_in(parts: Parts) -> set[str]:
    names: set[str] = set()
    readers: dict[str, Reader] = {}
    for where, (part, text) in enumerate(paragraphs_of(parts), 1):
        if RENDERED.match(part):
            readers.setdefault(part, Reader()).read(text, where)
        elif found := BRACES.search(text):  # a part that docxtpl does not fill
            raise TagRefused(text[found.start() :], where)
    for reader in readers.values():
        reader.end()
        names |= reader.names
    for said in properties_of(parts):  # docxtpl would fill the properties of the file too
        if found := BRACES.search(said):
            raise TagRefused(said[found.start() :], 0)
    return names
