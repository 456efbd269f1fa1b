"""What kind of file something is, by what is in it. The name and what the browser says do not count.

A file may be two things at once (a picture with a zip behind it, a PDF that a browser would take for a page). It is
kept as what it is at its first byte, sealed, and only ever handed out as a download under a name of ours; what people
look at of a picture is a copy made anew.
"""

import re
from collections.abc import Iterator
from email.parser import BytesHeaderParser
from email.utils import parsedate_tz
from typing import IO

from incidents.actions.evidence_refusals import (
    ArchiveRefused,
    FileDamaged,
    FileKindRefused,
    OfficeFileRefused,
    OutlookFileRefused,
    PageRefused,
    PdfRefused,
    PictureKindRefused,
    ProgramRefused,
    VideoKindRefused,
)
from incidents.evidence_kinds import KINDS, Kind

HEAD = 256 * 1024  # bytes: room for the headers of a mail that passed many servers
BLANK_LINE = re.compile(rb"\r?\n\r?\n")
HEADER = re.compile(rb"[!-9;-~]+[ \t]*:")  # RFC 5322, 3.6.8
MOST_BOXES = 2000
STILL_PICTURES = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis", b"crx "}

SIGNATURES = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR": "image/png",
    b"%PDF-": "application/pdf",
}
# What is refused, with the advice that helps. The first that fits counts.
REFUSED: tuple[tuple[bytes, type[FileKindRefused]], ...] = (
    (b"PK\x03\x04", OfficeFileRefused),
    (b"PK\x05\x06", OfficeFileRefused),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OutlookFileRefused),
    (b"\x1f\x8b", ArchiveRefused),
    (b"BZh", ArchiveRefused),
    (b"\xfd7zXZ", ArchiveRefused),
    (b"7z\xbc\xaf\x27\x1c", ArchiveRefused),
    (b"Rar!", ArchiveRefused),
    (b"GIF8", PictureKindRefused),
    (b"II*\0", PictureKindRefused),
    (b"MM\0*", PictureKindRefused),
    (b"BM", PictureKindRefused),
    (b"\0\0\0\x0cjP  ", PictureKindRefused),
    (b"#!AMR", VideoKindRefused),
    (b"fLaC", VideoKindRefused),
    (b"RIFF", VideoKindRefused),
    (b"OggS", VideoKindRefused),
    (b"FLV", VideoKindRefused),
    (b"\x1aE\xdf\xa3", VideoKindRefused),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", VideoKindRefused),
    (b"MZ", ProgramRefused),
    (b"\x7fELF", ProgramRefused),
    (b"\xca\xfe\xba\xbe", ProgramRefused),
    (b"\xcf\xfa\xed\xfe", ProgramRefused),
    (b"#!", ProgramRefused),
)


def kind_of(content: IO[bytes]) -> Kind:
    """The kind of file. Raises a FileKindRefused with advice, or FileDamaged. Leaves the file at its beginning."""
    try:
        content.seek(0)
        head = content.read(HEAD)
        found = _content_type(head, content)
    finally:
        content.seek(0)
    if found is None:
        raise _refusal_of(head)
    return KINDS[found]


def _content_type(head: bytes, content: IO[bytes]) -> str | None:
    for signature, content_type in SIGNATURES.items():
        if head.startswith(signature):
            return content_type
    if head.startswith(b"RIFF"):
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12])
    if head.startswith(b"OggS"):
        return "audio/ogg" if re.search(rb"OpusHead|\x01vorbis|\x7fFLAC|Speex   ", head[:4096]) else None
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "video/webm" if b"webm" in head[:100] else None
    if head[4:8] == b"ftyp":
        return _mp4_type(head[8:12], content)
    if _is_mp3(head, content):
        return "audio/mpeg"
    return "message/rfc822" if _is_mail(head) else None


def _refusal_of(head: bytes) -> FileKindRefused:
    for signature, refusal in REFUSED:
        if head.startswith(signature):
            return refusal()
    if b"%PDF-" in head[:1024]:
        return PdfRefused()
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        return PageRefused()
    if head[257:262] == b"ustar":
        return ArchiveRefused()
    return VideoKindRefused() if head[4:8] in {b"moov", b"mdat", b"wide"} else FileKindRefused()


def _is_mail(head: bytes) -> bool:
    """Whether it begins with the headers of a mail (RFC 5322), and nothing else, with a sender and a date."""
    block = BLANK_LINE.split(head.removeprefix(b"\xef\xbb\xbf"), maxsplit=1)[0]
    lines = block.splitlines()
    if lines and lines[0].startswith(b"From "):  # as a mailbox file writes it
        lines = lines[1:]
    if not lines or not HEADER.match(lines[0]) or b"\0" in block:
        return False
    if not all(HEADER.match(line) or line.startswith((b" ", b"\t")) for line in lines):
        return False
    headers = BytesHeaderParser().parsebytes(b"\n".join(lines) + b"\n\n")
    return bool(str(headers["From"] or "").strip()) and parsedate_tz(str(headers["Date"] or "")) is not None


# --- sound and video --------------------------------------------------------------------------------------------------


def _mp4_type(brand: bytes, content: IO[bytes]) -> str:
    """Sound or video, by the tracks that the description (`moov`) names. Raises FileDamaged without a description."""
    if brand in STILL_PICTURES:
        raise PictureKindRefused
    for name, start, size in _boxes(content):
        if name == b"moov":
            content.seek(start)
            if not re.search(rb"hdlr.{8}vide", content.read(min(size, HEAD * 8)), re.DOTALL):
                return "audio/mp4"
            return "video/quicktime" if brand == b"qt  " else "video/mp4"
    raise FileDamaged


def _boxes(content: IO[bytes]) -> Iterator[tuple[bytes, int, int]]:
    """The parts of an MP4 file (ISO 14496-12): name, place, size. Stops at one that does not fit."""
    end, place = content.seek(0, 2), 0
    for _count in range(MOST_BOXES):
        content.seek(place)
        header = content.read(16)
        if len(header) < 8:
            return
        size = int.from_bytes(header[:4], "big")
        if size == 1:
            size = int.from_bytes(header[8:16], "big")
        elif size == 0:
            size = end - place
        if size < 8 or place + size > end:
            return
        yield header[4:8], place, size
        place += size


BITRATES = {  # kbit/s of layer III, by version
    3: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
RATES = (44100, 48000, 32000)  # samples a second in version 1; half in version 2, a quarter in version 2.5
FRAMES_BEGIN_WITHIN = 4096  # bytes after a description, which some recorders fill up


def _is_mp3(head: bytes, content: IO[bytes]) -> bool:
    """Whether two frames of MPEG layer III follow each other: at the beginning, or after an ID3 description."""
    if not head.startswith(b"ID3"):
        return _are_frames(head, 0)
    size = sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=False))
    content.seek(10 + size)
    frames = content.read(4 * FRAMES_BEGIN_WITHIN)
    return any(_are_frames(frames, place) for place in range(min(FRAMES_BEGIN_WITHIN, len(frames))))


def _are_frames(content: bytes, place: int) -> bool:
    length = _frame_length(content[place : place + 4])
    return length > 0 and _frame_length(content[place + length : place + length + 4]) > 0


def _frame_length(header: bytes) -> int:
    """Bytes of the frame that begins with these four, or 0 when it is none."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version, rate, bits = header[1] >> 3 & 3, header[2] >> 2 & 3, header[2] >> 4
    if version == 1 or rate == 3 or not 0 < bits < 15:
        return 0
    is_first = version == 3
    bitrate = BITRATES[3 if is_first else 2][bits - 1] * 1000
    samples = RATES[rate] >> {3: 0, 2: 1, 0: 2}[version]
    return (144 if is_first else 72) * bitrate // samples + (header[2] >> 1 & 1)
