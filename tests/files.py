"""Files as people send them, and as attackers do. Small, made here, and visibly fictional."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

from PIL import Image

# The test file of the anti-virus makers, in two halves so that a scanner leaves this one alone.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
CANARY = b"kanarie-in-het-bestand"
GPS = 0x8825


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), **options: object) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, "steelblue").save(stream, kind, **options)
    return stream.getvalue()


def photo_with_a_place(kind: str = "JPEG") -> bytes:
    """A photo taken on its side, which says where, with what and by whom."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter to the right
    exif[0x010F] = "Kanarie Camera"
    exif[0x9286] = "kanarie-opmerking"
    exif.get_ifd(GPS).update({1: "N", 2: (52.0, 4.0, 48.0), 3: "E", 4: (4.0, 18.0, 0.0)})
    more = {"comment": CANARY} if kind == "JPEG" else {}
    return picture(kind, (60, 20), exif=exif, icc_profile=b"kanarie-profiel" * 20, **more)


def chunk(name: bytes, content: bytes) -> bytes:
    """A part of a PNG."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_with_a_text_of(size: int) -> bytes:
    """A small picture with a remark of `size` letters, packed a thousand times smaller."""
    packer, letters = zlib.compressobj(9), bytes(1_000_000)
    packed = b"".join(packer.compress(letters) for _ in range(size // len(letters))) + packer.flush()
    whole = picture()
    return whole[:33] + chunk(b"zTXt", b"Comment\0\0" + packed) + whole[33:]


def png_of(width: int, height: int) -> bytes:
    """A whole PNG of so many black pixels, a few kB large whatever they are."""
    packer, row = zlib.compressobj(9), bytes(1 + (width + 7) // 8)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def jpeg_that_says(width: int, height: int) -> bytes:
    """A small JPEG whose head says that it is as large as this."""
    content = picture("JPEG")
    start = content.index(b"\xff\xc0") + 5  # the frame: marker, length, precision, height, width
    return content[:start] + struct.pack(">HH", height, width) + content[start + 4 :]


def pdf(text: bytes = b"verzonnen brief") -> bytes:
    return b"%PDF-1.7\n1 0 obj <<>> stream\n" + text + b"\nendstream endobj\n%%EOF\n"


def mail(body: bytes = b"Ik weet waar u woont.") -> bytes:
    return (
        b"Received: from mx.voorbeeld.invalid\r\n\tby mail.voorbeeld.invalid; Tue, 24 Nov 2026 08:00:00 +0100\r\n"
        b"From: Iemand <iemand@voorbeeld.invalid>\r\nDate: Tue, 24 Nov 2026 07:59:58 +0100\r\n"
        b"Subject: =?utf-8?q?Uw_besluit?=\r\nContent-Type: text/html\r\n\r\n<html><body>" + body + b"</body></html>\r\n"
    )


def archive(name: str = "bestand.txt", content: bytes = b"inhoud") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, content)
    return stream.getvalue()


def box(name: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I", 8 + len(content)) + name + content


def mp4(brand: bytes = b"isom", track: bytes = b"vide", media: bytes = bytes(2000)) -> bytes:
    """A container with one track; `media` stands before the description, as telephones write it."""
    handler = box(b"hdlr", bytes(8) + track + bytes(13))
    return box(b"ftyp", brand + bytes(4) + brand) + box(b"mdat", media) + box(b"moov", box(b"trak", handler))


def mp3(with_id3: bool = False, frames: int = 4) -> bytes:
    one = b"\xff\xfb\x90\x00" + bytes(417 - 4)  # MPEG 1, layer III, 128 kbit/s, 44.1 kHz
    description = b"ID3\x04\x00\x00" + bytes([0, 0, 2, 0]) + bytes(256) if with_id3 else b""
    return description + one * frames


def wav() -> bytes:
    return b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt " + bytes(16) + b"data" + bytes(4)


def ogg(codec: bytes = b"OpusHead") -> bytes:
    return b"OggS\x00\x02" + bytes(20) + b"\x01\x13" + codec + bytes(40)


def webm(document: bytes = b"webm") -> bytes:
    return b"\x1aE\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84" + document + bytes(60)


# name, content, and what it is kept as
GOOD: dict[str, tuple[Callable[[], bytes], str]] = {
    "foto.jpg": (lambda: picture("JPEG"), "image/jpeg"),
    "scherm.png": (picture, "image/png"),
    "scherm.webp": (lambda: picture("WEBP"), "image/webp"),
    "brief.pdf": (pdf, "application/pdf"),
    "bericht.eml": (mail, "message/rfc822"),
    "uit-een-postbus.eml": (lambda: b"From - Tue Nov 24\r\n" + mail(), "message/rfc822"),
    "voicemail.mp3": (mp3, "audio/mpeg"),
    "met-omschrijving.mp3": (lambda: mp3(with_id3=True), "audio/mpeg"),
    "gesprek.m4a": (lambda: mp4(b"M4A ", b"soun"), "audio/mp4"),
    "spraak.ogg": (ogg, "audio/ogg"),
    "gesprek.wav": (wav, "audio/wav"),
    "film.mp4": (mp4, "video/mp4"),
    "film.mov": (lambda: mp4(b"qt  "), "video/quicktime"),
    "film.webm": (webm, "video/webm"),
}
