"""Files that came with a report: checked by content, sealed, hashed at receipt, opened only for who may see them."""

import hashlib
import io
import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image, UnidentifiedImageError

from incidents.actions.refusals import Refused
from incidents.models import Evidence
from vpdportal.accounts.models import Organisation, User
from vpdportal.encryption import open_seal, seal

log = logging.getLogger(__name__)

MAX_PIXELS = 40_000_000
UNCLAIMED_AFTER = timedelta(days=14)
IMAGE_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png"}


class FileTooLarge(Refused):
    message = _("This file is too large. Make it smaller, or give it to your VPD adviser in another way.")


class FileKindRefused(Refused):
    message = _("This kind of file cannot be kept here. Send a photo or screenshot (JPG, PNG) or a PDF.")


class FileNotKept(Refused):
    message = _("This file could not be kept just now. Send your report without it; you can give it to your adviser.")


class TooManyFiles(Refused):
    message = _("There are too many files. Keep the most important ones; you can give the rest to your adviser.")


def keep_evidence(
    *, upload: UploadedFile, organisation: Organisation, by: User, form_key: UUID, now: datetime
) -> Evidence:
    """Seal one uploaded file and keep it for the form it came with. Raises a Refused that says why not.

    The same content sent again with the same form is kept once.
    """
    if (upload.size or 0) > settings.EVIDENCE_MAX_BYTES:
        raise FileTooLarge
    content = upload.read()
    digest = hashlib.sha256(content).hexdigest()
    waiting = waiting_evidence(by=by, form_key=form_key)
    for kept in waiting:
        if kept.sha256 == digest:
            return kept
    if len(waiting) >= settings.EVIDENCE_MAX_FILES:
        raise TooManyFiles
    evidence = Evidence(
        organisation=organisation,
        uploaded_by=by,
        form_key=form_key,
        received_at=now,
        name=(upload.name or "")[-120:],
        content_type=content_type_of(content),
        size=len(content),
        sha256=digest,
    )
    try:
        storages["evidence"].save(evidence.path, ContentFile(seal(content, place=_place(evidence))))
    except OSError as error:  # a full disk must not cost the report
        log.error("evidence not kept: %s", type(error).__name__)
        raise FileNotKept from error
    evidence.save(force_insert=True)
    return evidence


def waiting_evidence(*, by: User, form_key: UUID) -> list[Evidence]:
    """The files that this person's form has already brought, while it has not been sent."""
    return list(Evidence.objects.filter(uploaded_by=by, form_key=form_key, incident__isnull=True))


def read_evidence(evidence: Evidence) -> bytes:
    """The content as received. Raises vpdportal.encryption.SealBroken when the stored file was changed."""
    with storages["evidence"].open(evidence.path) as sealed:
        return open_seal(sealed.read(), place=_place(evidence))


def remove_unclaimed_evidence(*, now: datetime) -> int:
    """Remove files whose form was never sent within 14 days; gives their number."""
    stale = list(Evidence.objects.filter(incident__isnull=True, received_at__lt=now - UNCLAIMED_AFTER)[:500])
    for evidence in stale:
        path = evidence.path
        with transaction.atomic():
            removed, _per_kind = Evidence.objects.filter(pk=evidence.pk, incident__isnull=True).delete()
        if removed:
            storages["evidence"].delete(path)
    return len(stale)


def content_type_of(content: bytes) -> str:
    """The kind of file by what is in it, never by its name. Raises FileKindRefused."""
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    try:
        with Image.open(io.BytesIO(content), formats=list(IMAGE_TYPES)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise FileTooLarge
            image.verify()
            return IMAGE_TYPES[str(image.format)]
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise FileKindRefused from error


def _place(evidence: Evidence) -> str:
    return f"evidence.{evidence.organisation_id}.{evidence.pk}"
