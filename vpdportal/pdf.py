"""Pages on paper: PDF/UA-1, tagged for people who read with their ears, from the same HTML as the screen.

WeasyPrint is optional (the extra `pdf`), needs the system's Pango, and takes a second and 50 MB to load. So it is
loaded at the first document and not with the portal.
"""

import ctypes
import ctypes.util
import importlib
import importlib.util
import logging
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

from django.conf import settings
from django.contrib.staticfiles import finders

logging.getLogger("weasyprint").setLevel(logging.ERROR)  # not each step of each page, nor what CSS is for screens only

VARIANT = "pdf/ua-1"
LIBRARIES = ("gobject-2.0", "pango-1.0", "harfbuzz", "fontconfig", "pangoft2-1.0")  # WeasyPrint does not load without
DEBIAN_PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-dejavu-core")
REMEDY = (
    "No PDF can be made: Pango or WeasyPrint is missing. "
    f"On Debian and Ubuntu: sudo apt install {' '.join(DEBIAN_PACKAGES)}; WeasyPrint itself is the extra `pdf`."
)


class PdfUnavailable(Exception):
    """WeasyPrint or a library it needs is not on this machine. The text says how to mend that."""


@cache
def is_available() -> bool:
    """Whether WeasyPrint and the Pango libraries can be loaded. Looked at once, without the cost of WeasyPrint."""
    return importlib.util.find_spec("weasyprint") is not None and all(map(_can_load, LIBRARIES))


def as_pdf(html: str, *, language: str, title: str, stylesheets: Iterable[str] = ()) -> bytes:
    """The document as a PDF. Nothing is fetched: no address, no file, no data URL; what asks for one is left out.

    `html` is a whole page or a fragment, and goes in as it is: escape what people wrote. `language` (such as "nl") and
    `title` win over those in `html`. `stylesheets` are names under static/, such as "portal/paper.css"; other CSS
    stands in `html`. Raises PdfUnavailable; ValueError for an empty language or title, which PDF/UA forbids;
    FileNotFoundError for a stylesheet that is not there; SuspiciousFileOperation for one outside static/.
    """
    if not language.strip() or not title.strip():
        raise ValueError("A PDF needs a language and a title: a screen reader says them first.")
    styles = [_read_static(name) for name in stylesheets]
    weasyprint = _load_weasyprint()
    closed = importlib.import_module("weasyprint.urls").URLFetcher(allowed_protocols=())
    options = {"url_fetcher": closed, "base_url": settings.PORTAL_URL}  # a relative link must lead home from paper too
    document = weasyprint.HTML(string=html, **options)
    _name(document.etree_element, language, title)
    return document.write_pdf(
        pdf_variant=VARIANT,
        stylesheets=[weasyprint.CSS(string=style, **options) for style in styles],
        finisher=_say_scopes,
    )


def _load_weasyprint() -> ModuleType:
    if not is_available():  # a try would print a page of advice of its own
        raise PdfUnavailable(REMEDY)
    try:
        return importlib.import_module("weasyprint")
    except (ImportError, OSError) as error:
        raise PdfUnavailable(REMEDY) from error


def _can_load(library: str) -> bool:
    try:
        ctypes.CDLL(ctypes.util.find_library(library) or library)
    except OSError:
        return False
    return True


def _read_static(name: str) -> str:
    found = finders.find(name)
    if found is None:
        raise FileNotFoundError(f"There is no static/{name}.")
    return Path(found).read_text(encoding="utf-8")


def _say_scopes(_document: Any, made: Any) -> None:
    """Say of each heading of a table whether it is of a column or of a row.

    WeasyPrint names the headings of each cell, which is as good by PDF/UA (7.5), but fewer readers follow that.
    """
    elements = {part.reference: part for part in made.objects if getattr(part, "get", None) and part.get("S")}
    for element in elements.values():
        if element["S"] == "/TH" and "A" in element:
            row = elements[element["P"]]
            is_of_column = elements[row["P"]]["S"] == "/THead"
            element["A"]["Scope"] = "/Column" if is_of_column else "/Row"


def _name(root: ElementTree.Element, language: str, title: str) -> None:
    root.set("lang", language)
    head = root.find("head")
    assert head is not None  # the parser makes one where there is none
    for old in head.findall("title"):
        head.remove(old)
    named = ElementTree.Element("title")
    named.text = title
    head.insert(0, named)
