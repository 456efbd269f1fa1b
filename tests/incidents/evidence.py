"""What the tests of evidence start from: a draft, and a file that a browser brings for it."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from incidents.actions.drafts import start_draft
from incidents.actions.evidence_files import read_evidence
from incidents.models import Draft, Evidence
from incidents.vocabulary import ReportKind
from tests import clock, files
from tests.world import Place
from vpdportal.accounts.models import User
from vpdportal.sealed_files import WholeFilesOnly

JSON = {"HTTP_ACCEPT": "application/json"}


def begin(at: Place, by: User | None = None) -> Draft:
    return start_draft(
        key=uuid4(),
        organisation=at.organisation,
        kind=ReportKind.INCIDENT,
        by=by or at.employee,
        now=clock.now(),
    )


def bring(client: Client, draft: Draft, name: str, content: bytes, **more: Any) -> Any:
    """One file to the address for files, as the script of the page sends it."""
    data = {"evidence": SimpleUploadedFile(name, content), **more}
    return client.post(reverse("evidence_keep", args=[draft.pk]), data, **JSON)


class NoRoomForCopies(WholeFilesOnly):
    """A disk that is full just after the original of a photo was written."""

    def _save(self, name: str, content: Any) -> str:
        if name.endswith(".view"):
            raise OSError("no space left")
        return super()._save(name, content)


@dataclass(frozen=True)
class PhotoFacts:
    """What a picture says beside what one sees."""

    content: bytes
    size: tuple[int, int]
    exif: dict[int, Any]
    place: dict[int, Any]
    more: set[str]


def facts_of(photo: bytes | Evidence) -> PhotoFacts:
    content = photo if isinstance(photo, bytes) else b"".join(read_evidence(photo, is_view_copy=True).pieces)
    with Image.open(io.BytesIO(content)) as image:
        exif = image.getexif()
        more = set(image.info) & {"exif", "comment", "icc_profile", "xmp", "photoshop", "adobe"}
        return PhotoFacts(content, image.size, dict(exif), dict(exif.get_ifd(files.GPS)), more)


def stored() -> dict[str, bytes]:
    """Every file in the store, by its path there."""
    return {str(path.relative_to(folder())): path.read_bytes() for path in _files()}


def folder() -> Path:
    return Path(settings.STORAGES["evidence"]["OPTIONS"]["location"])


def _files() -> Iterator[Path]:
    return (path for path in folder().rglob("*") if path.is_file())


def content_of(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def paths_of(*kept: Evidence) -> set[str]:
    return {path for one in kept for path in (one.path, *([one.view_path] if one.has_view_copy else []))}
