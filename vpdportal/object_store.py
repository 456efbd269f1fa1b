"""The same sealed files in an S3-compatible object store, for installations of more than one machine.

What comes here is sealed already (vpdportal.sealed_files), so the store reads nothing. A file is there completely or
not at all: it is sealed into a nameless temporary file first and sent in one request with its MD5. Every trouble with
the store is an OSError, as with a disk, so whoever keeps or opens a file needs to know nothing of it.

boto3 is the extra `s3`. Only settings with EVIDENCE_URL load this module.
"""

import base64
import hashlib
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import Any, BinaryIO

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, NoCredentialsError
from botocore.exceptions import ConnectionError as NotReached
from django.core.files.storage import Storage
from django.utils.deconstruct import deconstructible

from vpdportal.evidence_url import StoreAway, StoreRefuses

# A person waits for it with a report in hand: a store that does not answer must cost seconds, once.
CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 3, 10, 2
PAUSE = 10  # seconds in which a store that did not answer is not asked again
GONE = ("404", "NoSuchKey", "NotFound")
REFUSALS = (
    "AccessDenied", "AllAccessDisabled", "AuthorizationHeaderMalformed", "ExpiredToken", "Forbidden",
    "InvalidAccessKeyId", "InvalidBucketName", "InvalidToken", "NoSuchBucket", "PermanentRedirect",
    "SignatureDoesNotMatch",
)  # fmt: skip
PROBE = "start-check"  # an object that is written and removed to see whether that is allowed


class Body:
    """What comes from the store, as a file that is read from its beginning to its end."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def read(self, size: int = -1) -> bytes:
        """Exactly `size` bytes while there are so many, as a file on a disk gives them."""
        with as_of_a_disk():
            if size < 0:
                return bytes(self._body.read())
            parts, left = [], size
            while left and (part := self._body.read(left)):
                parts.append(part)
                left -= len(part)
            return b"".join(parts)

    def close(self) -> None:
        self._body.close()

    def __enter__(self) -> "Body":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def as_of_a_disk() -> Iterator[None]:
    """Turns what the library raises into the OSError that a disk would give."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in GONE:
            raise FileNotFoundError(code) from error
        raise (StoreRefuses if code in REFUSALS else StoreAway)(code) from error
    except NoCredentialsError as error:
        raise StoreRefuses("no key: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY") from error
    except BotoCoreError as error:
        raise StoreAway(type(error).__name__) from error


@deconstructible
class SealedObjects(Storage):
    """A bucket of an S3-compatible store, or the part of it below `prefix`.

    `endpoint`: its address, where that is not Amazon's; `addressing`: path or virtual; `authority`: a file with the
    certificate by which it is known.
    """

    def __init__(
        self, bucket: str, prefix: str = "", endpoint: str = "", region: str = "", addressing: str = "auto",
        authority: str = "",
    ) -> None:  # fmt: skip
        self.bucket, self.prefix = bucket, f"{prefix}/" if prefix else ""
        self._where = {"endpoint_url": endpoint or None, "region_name": region or None, "verify": authority or None}
        self._addressing = addressing
        self._asked_again_at = 0.0

    @cached_property
    def client(self) -> Any:
        """One for the process: it is safe between threads, and costs half a second to make."""
        how = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            s3={"addressing_style": self._addressing},
            # Not every store knows Amazon's newer sums. What we send has its MD5, and the seal finds every change.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        return boto3.session.Session().client("s3", config=how, **self._where)

    # --- as Django asks ---

    def _open(self, name: str, mode: str = "rb") -> Any:
        with self._asking():
            return Body(self.client.get_object(Bucket=self.bucket, Key=self._key(name))["Body"])

    def _save(self, name: str, content: Any) -> str:
        with tempfile.TemporaryFile() as file:
            digest = hashlib.md5(usedforsecurity=False)
            for piece in content.chunks():
                file.write(piece)
                digest.update(piece)
            file.seek(0)
            self._put(name, file, base64.b64encode(digest.digest()).decode())
        return name

    def delete(self, name: str) -> None:
        with self._asking():
            self.client.delete_object(Bucket=self.bucket, Key=self._key(name))

    def exists(self, name: str) -> bool:
        try:
            self._facts(name)
        except FileNotFoundError:
            return False
        return True

    def size(self, name: str) -> int:
        return int(self._facts(name)["ContentLength"])

    def get_modified_time(self, name: str) -> datetime:
        changed: datetime = self._facts(name)["LastModified"]
        return changed

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        start = self._key(f"{path.strip('/')}/" if path.strip("/") else "")
        folders, files = [], []
        for page in self._pages(Prefix=start, Delimiter="/"):
            folders += [one["Prefix"].removeprefix(start).rstrip("/") for one in page.get("CommonPrefixes", ())]
            files += [one["Key"].removeprefix(start) for one in page.get("Contents", ()) if one["Key"] != start]
        return folders, files

    # --- as the folder does (vpdportal.sealed_files.WholeFilesOnly) ---

    def replace(self, name: str, content: Any) -> None:
        """Put new content in the place of a file. Whoever reads the old one meanwhile reads it to its end."""
        self._save(name, content)

    def names(self) -> Iterator[str]:
        """Of every file, in order."""
        for page in self._pages(Prefix=self.prefix):
            for one in page.get("Contents", ()):
                if not one["Key"].endswith("/"):
                    yield one["Key"].removeprefix(self.prefix)

    # --- for the start ---

    def try_out(self) -> None:
        """Write, read and remove a small object. Raises StoreAway and StoreRefuses."""
        with tempfile.TemporaryFile() as nothing:
            self._put(PROBE, nothing, base64.b64encode(hashlib.md5(usedforsecurity=False).digest()).decode())
        with self.open(PROBE) as file:
            file.read()
        self.delete(PROBE)

    def hang_up(self) -> None:
        """Forget the line: a process that forks now must not share it."""
        if client := self.__dict__.pop("client", None):
            client.close()

    def keeps_what_is_removed(self) -> bool:
        """Whether the bucket has versions: then what must be destroyed stays. False where it does not tell."""
        try:
            with self._asking():
                return "Status" in self.client.get_bucket_versioning(Bucket=self.bucket)
        except OSError:
            return False

    # --- the line ---

    def _key(self, name: str) -> str:
        return self.prefix + name

    def _put(self, name: str, file: BinaryIO, md5: str) -> None:
        with self._asking():
            self.client.put_object(Bucket=self.bucket, Key=self._key(name), Body=file, ContentMD5=md5)

    def _facts(self, name: str) -> dict[str, Any]:
        with self._asking():
            facts: dict[str, Any] = self.client.head_object(Bucket=self.bucket, Key=self._key(name))
            return facts

    def _pages(self, **of: str) -> Iterator[dict[str, Any]]:
        pages = iter(self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, **of))
        while True:
            with self._asking():
                page = next(pages, None)
            if page is None:
                return
            yield page

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Ask the store something. One that did not answer is left alone for PAUSE seconds: ten files wait once."""
        if time.monotonic() < self._asked_again_at:
            raise StoreAway("did not answer a moment ago")
        try:
            with as_of_a_disk():
                yield
        except StoreAway as error:
            if isinstance(error.__cause__, (HTTPClientError, NotReached)):
                self._asked_again_at = time.monotonic() + PAUSE
            raise
