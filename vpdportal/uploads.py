"""What comes in over a connection: files that leave no trace on the disk, and nothing that broke off half-way."""

import errno
import io
import logging
import tempfile
from typing import Any, Protocol

from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

log = logging.getLogger(__name__)


class NamelessFiles(FileUploadHandler):
    """Puts what is uploaded in a temporary file without a name: when the process dies, nothing readable stays behind.

    More than the largest file, or than one report may hold, is counted but not written. `size` is what was sent:
    whoever keeps the file refuses it by that, or because there is less in it than `size` says.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._room = settings.EVIDENCE_MAX_REPORT_BYTES

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        # Without a buffer: what a full disk did not take would be tried again later, outside the `try` below.
        self.file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  closed with the request
        self._left = max(settings.EVIDENCE_MAX_BYTES, settings.EVIDENCE_MAX_MEDIA_BYTES)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        try:
            if len(raw_data) <= min(self._left, self._room):
                if self.file.write(raw_data) < len(raw_data):
                    raise OSError(errno.ENOSPC, "only part of it was written")
                self._left -= len(raw_data)
                self._room -= len(raw_data)
                return
        except OSError as error:  # a full disk costs this file, not the text that came with it
            log.error("upload not written: %s", type(error).__name__)
        self._left = 0  # a gap is not filled up by what comes after it

    def file_complete(self, file_size: int) -> UploadedFile:
        self.file.seek(0)
        return UploadedFile(io.BufferedReader(self.file), self.file_name, self.content_type, file_size, self.charset)

    def upload_interrupted(self) -> None:
        self.file.close()


class Body(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...

    def readline(self, size: int = ..., /) -> bytes: ...


class BrokenOff(BadRequest):
    """The sender went away before the request was whole.

    No OSError: Django goes on after one, with an empty form, which would empty what was kept before.
    """


class WholeBody:
    """The body of a request, which ends where it said it would. Servers hand on a body that broke off as if it ended.

    Without this, half a text would be kept in place of the whole one.
    """

    def __init__(self, body: Body, length: int) -> None:
        self._body, self._left = body, length

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        parts = []
        while wanted:
            part = self._received(self._body.read(wanted))
            parts.append(part)
            wanted -= len(part)
        return b"".join(parts)

    def readline(self, size: int = -1) -> bytes:
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        return self._received(self._body.readline(wanted)) if wanted else b""

    def _received(self, part: bytes) -> bytes:
        if not part:
            raise BrokenOff
        self._left -= len(part)
        return part


def whole_requests(application: Any) -> Any:
    """The WSGI application, for which a request that broke off is an error and not the end of what was sent."""

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        length = environ.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length):
            environ["wsgi.input"] = WholeBody(environ["wsgi.input"], int(length))
        return application(environ, start_response)

    return answer
