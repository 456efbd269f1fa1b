"""Pages on paper: readable with the ears, and closed to the world outside."""

import importlib
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import SuspiciousFileOperation
from PIL import Image
from pypdf import PdfReader

import run
from vpdportal import pdf

ROOT = Path(__file__).resolve().parent.parent.parent
LETTER = """<h1>Terugkoppeling</h1><p>Beste collega, dit is er gedaan na uw melding in de één-loketbalie.</p>
<table><thead><tr><th scope="col">Maatregel</th><th scope="col">Vóór</th></tr></thead>
<tbody><tr><td>Aangifte namens de werkgever</td><td>4 november 2026</td></tr></tbody></table>"""
SECRET = "kanariewoord"


@pytest.fixture
def asked_anew() -> Iterator[None]:
    """Whether PDF is possible is looked at once in a process; here it may be looked at again."""
    pdf.is_available.cache_clear()
    yield
    pdf.is_available.cache_clear()


@pytest.fixture
def website() -> Iterator[tuple[str, list[str]]]:
    """The address of a server that answers everything, and what was asked of it."""
    asked: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/css" if self.path.endswith(".css") else "image/png")
            self.end_headers()
            self.wfile.write(style().encode() if self.path.endswith(".css") else picture())

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def style() -> str:
    return f"p::after {{ content: ' {SECRET}' }}"


def picture() -> bytes:
    made = BytesIO()
    Image.new("RGB", (4, 4), "red").save(made, "PNG")
    return made.getvalue()


def made(html: str = LETTER, **options: Any) -> PdfReader:
    content = pdf.as_pdf(html, **{"language": "nl", "title": "Terugkoppeling melding"} | options)
    assert content.startswith(b"%PDF-1.7")
    return PdfReader(BytesIO(content))


def words(reader: PdfReader) -> str:
    return " ".join(page.extract_text() for page in reader.pages)


def tags(node: Any) -> Iterator[str]:
    """The kinds of the elements in the tree that a screen reader walks."""
    node = node.get_object()
    if isinstance(node, dict):
        if "/S" in node:
            yield node["/S"]
        node = node.get("/K", [])
    for child in node if isinstance(node, list) else [node]:
        if not isinstance(child, int):
            yield from tags(child)


def test_a_dutch_letter_can_be_read_with_the_ears(pango: None):
    reader = made()
    catalog = reader.trailer["/Root"]
    assert catalog["/Lang"] == "nl" and catalog["/MarkInfo"]["/Marked"]
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None and reader.metadata.title == "Terugkoppeling melding"
    assert b"pdfuaid:part" in catalog["/Metadata"].get_object().get_data()
    assert {"/H1", "/P", "/Table", "/TH", "/TD"} <= set(tags(catalog["/StructTreeRoot"]))
    assert "één-loketbalie" in words(reader) and "4 november 2026" in words(reader)


def test_language_and_title_are_the_given_ones(pango: None):
    page = f"<!doctype html><html lang='en'><head><title>Other</title></head><body>{LETTER}</body></html>"
    reader = made(page, language="nl-NL", title="Brief <b> & meer")
    assert reader.trailer["/Root"]["/Lang"] == "nl-NL"
    assert reader.metadata is not None and reader.metadata.title == "Brief <b> & meer"


def test_a_link_on_paper_leads_to_the_portal(pango: None):
    annotations = made("<a href='/incidents/1/'>de zaak</a>").pages[0]["/Annots"]
    assert annotations[0].get_object()["/A"]["/URI"] == "http://testserver/incidents/1/"


@pytest.mark.parametrize("missing", [{"language": " "}, {"title": ""}])
def test_a_pdf_without_language_or_title_is_refused(missing: dict[str, str]):
    with pytest.raises(ValueError, match="needs a language and a title"):
        made(**missing)


OUTSIDE = {
    "image": "<img src='{at}/picture.png' alt='foto'>",
    "background": "<p style='background: url({at}/picture.png)'>x</p>",
    "drawing": "<svg width='9' height='9'><image href='{at}/picture.png' width='9' height='9'/></svg>",
    "object": "<object data='{at}/picture.png'></object>",
    "stylesheet": "<link rel='stylesheet' href='{at}/page.css'>",
    "imported style": "<style>@import url({at}/page.css);</style>",
    "font": "<style>@font-face {{ font-family: F; src: url({at}/page.css) }} p {{ font-family: F }}</style>",
    "attachment": "<link rel='attachment' href='{at}/page.css'>",
    "attached link": "<a rel='attachment' href='{at}/page.css'>x</a>",
    "base": "<base href='{at}/'><img src='picture.png' alt='foto'><link rel='stylesheet' href='page.css'>",
}


def is_closed(reader: PdfReader) -> bool:
    """Whether no picture, no file and no foreign style came in, wherever in the document."""
    parts = [reader.get_object(number) for number in range(1, reader.trailer["/Size"])]
    kinds = {part.get(key) for part in parts if isinstance(part, dict) for key in ("/Type", "/Subtype")}
    return not kinds & {"/Image", "/EmbeddedFile", "/FileAttachment"} and SECRET not in words(reader)


@pytest.mark.parametrize("html", OUTSIDE.values(), ids=OUTSIDE)
def test_nothing_is_asked_of_the_network(pango: None, website: tuple[str, list[str]], html: str):
    address, asked = website
    assert is_closed(made(html.format(at=address) + LETTER)) and asked == []
    with urllib.request.urlopen(f"{address}/page.css") as answer:  # it would have been heard
        assert SECRET in answer.read().decode() and asked == ["/page.css"]


@pytest.mark.parametrize("html", OUTSIDE.values(), ids=OUTSIDE)
def test_no_file_of_the_machine_comes_in(pango: None, tmp_path: Path, html: str):
    (tmp_path / "picture.png").write_bytes(picture())
    (tmp_path / "page.css").write_text(style())
    for address in (tmp_path.as_uri(), str(tmp_path)):
        assert is_closed(made(html.format(at=address) + LETTER))


def test_style_comes_with_the_page_or_from_static(pango: None, settings: Any, tmp_path: Path):
    assert SECRET in words(made(f"<style>{style()}</style>{LETTER}"))
    (tmp_path / "paper.css").write_text(style())
    settings.STATICFILES_DIRS = [tmp_path]
    pdf.finders.get_finder.cache_clear()
    try:
        assert SECRET in words(made(stylesheets=["paper.css"]))
        with pytest.raises(FileNotFoundError, match="static/none.css"):
            made(stylesheets=["none.css"])
        with pytest.raises(SuspiciousFileOperation):
            made(stylesheets=["../pyproject.toml"])
    finally:
        pdf.finders.get_finder.cache_clear()


def test_without_the_libraries_one_is_told_what_to_install(asked_anew: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf, "LIBRARIES", (*pdf.LIBRARIES, "vpd-no-such-library"))
    assert not pdf.is_available()
    with pytest.raises(pdf.PdfUnavailable, match="sudo apt install libpango-1.0-0 libpangoft2-1.0-0"):
        made()


def test_make_test_says_it_too_where_it_may_not_install(
    asked_anew: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(pdf, "LIBRARIES", (*pdf.LIBRARIES, "vpd-no-such-library"))
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    with pytest.raises(SystemExit):
        run.bring_pango()
    said = capsys.readouterr()
    assert said.out == "" and said.err.strip() == pdf.REMEDY


@pytest.mark.parametrize("error", [ImportError("no module"), OSError("cannot load library")])
def test_a_library_that_breaks_while_loading_is_told_too(
    pango: None, monkeypatch: pytest.MonkeyPatch, error: Exception
):
    def break_off(_name: str) -> None:
        raise error

    monkeypatch.setattr(importlib, "import_module", break_off)
    with pytest.raises(pdf.PdfUnavailable, match="the extra `pdf`"):
        made()


def test_a_machine_without_weasyprint_has_no_pdf(asked_anew: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    assert not pdf.is_available()


def test_looking_whether_it_is_there_does_not_load_it():
    code = "import sys; from vpdportal import pdf; pdf.is_available(); raise SystemExit('weasyprint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
