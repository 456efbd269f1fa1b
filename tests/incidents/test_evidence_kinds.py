"""What may come with a report: every kind, every trick, every limit. Refused with advice, or kept and harmless."""

import gzip
import time
from typing import Any

import pytest
from django.test import Client

from incidents.models import Evidence
from tests import files
from tests.incidents.evidence import begin, bring, content_of, facts_of, stored
from tests.world import Place

pytestmark = pytest.mark.usefixtures("own_store")
MB = 1024 * 1024
RTLO = "foto\u202egpj.exe"


@pytest.mark.parametrize("name", files.GOOD)
def test_each_kind_is_kept_as_what_it_is(town: Place, employee: Client, name: str):
    build, content_type = files.GOOD[name]
    content = build()
    answer = bring(employee, begin(town), name, content)
    assert (answer.status_code, answer.json()["errors"]) == (200, [])
    kept = Evidence.objects.get()
    assert (kept.content_type, kept.size, kept.name) == (content_type, len(content), name)
    assert kept.has_view_copy == content_type.startswith("image/")
    own = employee.get(answer.json()["files"][0]["own"])
    assert content_of(own) == content and own["Content-Length"] == str(len(content))
    assert own["Content-Disposition"].endswith(f'.{kept.kind.ending}"')


@pytest.mark.parametrize(
    "name", ["foto.exe", "foto.jpg.exe", "foto.html", "foto", RTLO, "x" * 200 + ".jpg", "../../foto.jpg"]
)
def test_the_name_does_not_count(town: Place, employee: Client, name: str):
    draft = begin(town)
    answer = bring(employee, draft, name, files.picture("JPEG"))
    assert answer.status_code == 200
    kept = Evidence.objects.get()
    assert (
        kept.content_type == "image/jpeg" and len(kept.name) <= 120 and "\u202e" not in kept.name + str(answer.json())
    )
    own = employee.get(answer.json()["files"][0]["own"])
    assert own["Content-Disposition"] == f'attachment; filename="VPD-picture-{str(kept.pk)[:8]}.jpg"'


REFUSED = {
    "tekening.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "screenshot"),
    "pagina.pdf": (b"<!doctype html><script>alert(1)</script>", "screenshot"),
    "pagina-met-teken.html": (b"\xef\xbb\xbf\n<html>", "screenshot"),
    "virus.png": (b"MZ\x90\x00 not a picture", "program"),
    "virus.jpg": (b"\x7fELF" + bytes(60), "program"),
    "doe-iets.jpg": (b"#!/bin/sh\nrm -rf /\n", "program"),
    "brief.docx": (files.archive("word/document.xml"), "PDF"),
    "bom.zip": (files.archive("bom", bytes(20_000_000)), "PDF"),
    "zip-in-zip.zip": (files.archive("in.zip", files.archive("virus.txt", files.EICAR)), "PDF"),
    "alles.gz": (b"\x1f\x8b\x08" + bytes(30), "one by one"),
    "alles.7z": (b"7z\xbc\xaf\x27\x1c" + bytes(30), "one by one"),
    "mail.msg": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "Outlook"),
    "dansje.gif": (b"GIF89a" + bytes(60), "JPG"),
    "beide.gif": (b"GIF89a/*<html>*/=1;alert(1)", "JPG"),
    "scan.tiff": (b"II*\x00" + bytes(60), "JPG"),
    "iphone.heic": (files.box(b"ftyp", b"heic" + bytes(4) + b"mif1heic") + files.box(b"meta"), "JPG"),
    "foto.avif": (files.box(b"ftyp", b"avif" + bytes(4) + b"mif1") + files.box(b"meta"), "JPG"),
    "oud.avi": (b"RIFF" + bytes(4) + b"AVI LIST" + bytes(60), "MP4"),
    "film.mkv": (files.webm(b"matroska"), "MP4"),
    "film.ogv": (files.ogg(b"\x80theora"), "MP4"),
    "telefoon.amr": (b"#!AMR\n" + bytes(60), "MP4"),
    "oud.mov": (files.box(b"moov", bytes(60)), "MP4"),
    "half.mp4": (files.mp4()[:900], "missing"),
    "zonder-einde.mp4": (files.mp4()[:-30], "missing"),
    "getal.mp3": (b"ID3\x04\x00\x00\x00\x00\x00\x05<html><script>alert(1)</script>", "screenshot"),
    "bijna.mp3": (b"\xff\xfb\x90\x00" + bytes(600), "screenshot"),
    "kop-en-niets.jpg": (b"\xff\xd8\xff<html><script>", "missing"),
    "kop-en-niets.webp": (b"RIFF\x00\x00\x00\x00WEBP<html>", "missing"),
    "zip-voor-pdf.pdf": (files.archive() + files.pdf(), "PDF"),
    "html-voor-pdf.pdf": (b"<html>" + files.pdf(), "new PDF"),
    "iets-voor-pdf.pdf": (b"\n\n" + files.pdf(), "new PDF"),
    "notitie.txt": (b"Beste collega, dit gebeurde er vandaag.\n", "screenshot"),
    "eicar.txt": (files.EICAR, "screenshot"),
    "zonder-datum.eml": (b"From: iemand@voorbeeld.invalid\r\nSubject: x\r\n\r\ntekst", "screenshot"),
    "zonder-afzender.eml": (b"Date: Tue, 24 Nov 2026 08:00:00 +0100\r\n\r\ntekst", "screenshot"),
    "geen-datum.eml": (b"From: iemand@voorbeeld.invalid\r\nDate: gisteren\r\n\r\ntekst", "screenshot"),
    "tekst-ertussen.eml": (
        b"From: a@voorbeeld.invalid\r\n<script>\r\nDate: Tue, 24 Nov 2026 08:00:00 +0100\r\n\r\n",
        "screenshot",
    ),
    "tekening.svgz": (gzip.compress(b"<svg onload='alert(1)'/>"), "one by one"),
    "pagina-in-utf16.html": ("<html><script>alert(1)</script>".encode("utf-16"), "screenshot"),
    "pagina-in-een-brief.mht": (b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n<html>", "screenshot"),
    "snelkoppeling.lnk": (b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(60), "screenshot"),
    "adres.url": (b"[InternetShortcut]\r\nURL=file://elders.invalid/x\r\n", "screenshot"),
    "macro.docm": (files.archive("word/vbaProject.bin"), "PDF"),
    "programma.jar": (files.archive("META-INF/MANIFEST.MF"), "PDF"),
    "programma.class": (b"\xca\xfe\xba\xbe\x00\x00\x00\x34" + bytes(60), "program"),
    "tekst.rtf": (b"{\\rtf1{\\object\\objdata 0}}", "screenshot"),
    "opmaak.xml": (b"<?xml version='1.0'?><?xml-stylesheet href='//elders.invalid'?><x/>", "screenshot"),
    "pixels.png": (files.png_of(20_000, 20_000), "too large to look at"),
    "pixels.jpg": (files.jpeg_that_says(65_500, 65_500), "too large to look at"),
    "leeg.png": (b"", "empty"),
    "leeg.pdf": (b"", "empty"),
    "spaties.pdf": (b" " * 600, "screenshot"),
    "nullen.mp4": (bytes(600), "screenshot"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_each_trick_is_refused_by_name_and_with_advice(town: Place, employee: Client, name: str):
    content, advice = REFUSED[name]
    answer = bring(employee, begin(town), name, content)
    assert answer.status_code == 400 and answer.json()["files"] == []
    (error,) = answer.json()["errors"]
    assert error["name"] == name and advice in error["message"]
    assert Evidence.objects.count() == 0 and stored() == {}


BOTH = {
    "plaatje-en-zip.png": (files.picture() + files.archive("virus.exe", files.CANARY), "image/png"),
    "plaatje-en-html.jpg": (files.picture("JPEG") + b"<html><script>alert('kanarie')</script>", "image/jpeg"),
    "pdf-en-html.pdf": (b"%PDF-1.7\n<html><script>alert(1)</script>\n%%EOF", "application/pdf"),
    "pdf-en-zip.pdf": (files.pdf() + files.archive(), "application/pdf"),
    "mail-met-html.eml": (files.mail(b"<script>alert(1)</script>"), "message/rfc822"),
}


@pytest.mark.parametrize("name", BOTH)
def test_what_is_two_things_is_kept_as_the_first_and_never_shown(town: Place, employee: Client, name: str):
    content, content_type = BOTH[name]
    answer = bring(employee, begin(town), name, content)
    assert answer.status_code == 200
    own = employee.get(answer.json()["files"][0]["own"])
    assert own["Content-Type"] == content_type and own["Content-Disposition"].startswith("attachment")
    assert (
        own["Content-Security-Policy"] == "sandbox; default-src 'none'" and own["X-Content-Type-Options"] == "nosniff"
    )
    assert content_of(own) == content


def test_a_text_in_a_picture_that_unpacks_to_gigabytes_does_no_harm(town: Place, employee: Client):
    began = time.monotonic()
    assert bring(employee, begin(town), "bom.png", files.png_with_a_text_of(400_000_000)).status_code == 200
    kept = Evidence.objects.get()
    assert kept.size < 1_000_000 and kept.is_picture_without_copy
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_that_stops_half_way_is_kept_without_a_copy(town: Place, employee: Client, kind: str):
    half = files.picture(kind, (400, 300))
    half = half[: len(half) // 2]
    assert bring(employee, begin(town), "half.jpg", half).status_code == 200
    kept = Evidence.objects.get()
    assert kept.is_picture_without_copy and len(stored()) == 1


@pytest.mark.parametrize(
    ("most", "build"),
    [
        (MB, lambda size: files.pdf().ljust(size, b" ")),
        (MB, lambda size: files.mail().ljust(size, b" ")),
        (MB, lambda size: files.picture("JPEG").ljust(size, b"\0")),
        (2 * MB, lambda size: files.mp3(frames=5100)[:size]),
        (2 * MB, lambda size: files.mp4(media=bytes(size - len(files.mp4(media=b""))))),
    ],
    ids=["pdf", "mail", "picture", "sound", "video"],
)
def test_the_limit_is_kept_and_one_byte_more_is_not(
    town: Place, employee: Client, settings: Any, most: int, build: Any
):
    settings.EVIDENCE_MAX_BYTES, settings.EVIDENCE_MAX_MEDIA_BYTES = MB, 2 * MB
    draft = begin(town)
    assert bring(employee, draft, "past.bin", build(most)).status_code == 200
    answer = bring(employee, draft, "te-groot.bin", build(most + 1))
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["name"] == "te-groot.bin" and f"larger than {most // MB} MB" in error["message"]
    assert [kept.size for kept in Evidence.objects.all()] == [most]


def test_a_file_far_over_every_limit_is_refused_without_being_written(town: Place, employee: Client, settings: Any):
    settings.EVIDENCE_MAX_BYTES = settings.EVIDENCE_MAX_MEDIA_BYTES = 100_000
    answer = bring(employee, begin(town), "groot.mp4", files.mp4(media=bytes(900_000)))
    assert answer.status_code == 400 and "larger than" in answer.json()["errors"][0]["message"]
    assert stored() == {}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_keeps_its_original_and_gets_a_copy_that_says_nothing(town: Place, employee: Client, kind: str):
    photo = files.photo_with_a_place(kind)
    assert facts_of(photo).place and b"anarie" in photo
    answer = bring(employee, begin(town), "foto.jpg", photo)
    assert content_of(employee.get(answer.json()["files"][0]["own"])) == photo
    copy = facts_of(Evidence.objects.get())
    assert copy.place == {} and copy.exif == {} and copy.more == set()
    assert b"anarie" not in copy.content and b"Exif" not in copy.content
    assert copy.size == (20, 60), "turned upright"


def test_a_large_photo_gets_a_copy_of_at_most_2000_pixels(town: Place, employee: Client):
    bring(employee, begin(town), "foto.jpg", files.picture("JPEG", (4000, 1000)))
    assert facts_of(Evidence.objects.get()).size == (2000, 500)


def test_a_copy_of_a_picture_with_something_behind_it_is_clean(town: Place, employee: Client):
    bring(employee, begin(town), "foto.png", BOTH["plaatje-en-zip.png"][0])
    content = facts_of(Evidence.objects.get()).content
    assert b"PK\x03\x04" not in content and files.CANARY not in content
    assert content.startswith(b"\xff\xd8\xff") and content.endswith(b"\xff\xd9")
