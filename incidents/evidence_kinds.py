"""Which files may come with a report: one table. Recognised by what is in them, never by their name."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

PICTURE, DOCUMENT, MAIL = gettext_lazy("photo or screenshot"), gettext_lazy("PDF"), gettext_lazy("mail")
SOUND, VIDEO = gettext_lazy("sound recording"), gettext_lazy("video")


@dataclass(frozen=True)
class Kind:
    """A kind of file. `slug` and `ending` make its name at download; `accepts` is what a browser lets one choose."""

    content_type: str
    slug: str
    ending: str
    word: Any
    accepts: str
    is_media: bool = False

    @property
    def is_picture(self) -> bool:
        return self.word is PICTURE

    @property
    def most_bytes(self) -> int:
        return int(settings.EVIDENCE_MAX_MEDIA_BYTES if self.is_media else settings.EVIDENCE_MAX_BYTES)


KINDS = {
    kind.content_type: kind
    for kind in (
        Kind("image/jpeg", "picture", "jpg", PICTURE, "image/jpeg"),
        Kind("image/png", "picture", "png", PICTURE, "image/png"),
        Kind("image/webp", "picture", "webp", PICTURE, "image/webp"),
        Kind("application/pdf", "document", "pdf", DOCUMENT, "application/pdf"),
        Kind("message/rfc822", "mail", "eml", MAIL, "message/rfc822,.eml"),
        Kind("audio/mpeg", "sound", "mp3", SOUND, "audio/mpeg", is_media=True),
        Kind("audio/mp4", "sound", "m4a", SOUND, "audio/mp4,audio/x-m4a,.m4a", is_media=True),
        Kind("audio/ogg", "sound", "ogg", SOUND, "audio/ogg,.opus", is_media=True),
        Kind("audio/wav", "sound", "wav", SOUND, "audio/wav,.wav", is_media=True),
        Kind("video/mp4", "video", "mp4", VIDEO, "video/mp4", is_media=True),
        Kind("video/quicktime", "video", "mov", VIDEO, "video/quicktime", is_media=True),
        Kind("video/webm", "video", "webm", VIDEO, "video/webm", is_media=True),
    )
}
ACCEPTED = ",".join(kind.accepts for kind in KINDS.values())


def limits_sentence() -> str:
    """What may be sent, said before anyone chooses a file."""
    return _(
        "At most %(files)s files, together %(together)s. A photo, screenshot, PDF or mail (.eml): at most %(each)s. "
        "Sound or video: at most %(media)s."
    ) % {
        "files": settings.EVIDENCE_MAX_FILES,
        "together": megabytes(settings.EVIDENCE_MAX_REPORT_BYTES),
        "each": megabytes(settings.EVIDENCE_MAX_BYTES),
        "media": megabytes(settings.EVIDENCE_MAX_MEDIA_BYTES),
    }


def most_bytes() -> int:
    """More than this no file may have, of whatever kind."""
    return max(settings.EVIDENCE_MAX_BYTES, settings.EVIDENCE_MAX_MEDIA_BYTES)


def megabytes(size: int) -> str:
    """A limit as people say it: "10 MB", without a figure after the comma when there is none."""
    mega = 1024 * 1024
    return f"{size // mega} MB" if size % mega == 0 else filesizeformat(size)
