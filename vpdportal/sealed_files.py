"""Files that are unreadable on disk: sealed piece by piece, so that a long video never stands in memory as a whole.

Form 2: `2, length of key id, key id, 16 random bytes` and then, for each piece of 1 MiB (the last may be shorter),
`12 bytes nonce, ciphertext`. With each piece are authenticated: that beginning, the number of the piece, whether it
is the last one, and the place that the file belongs to. So a piece that was changed, cut off, swapped, repeated, or
taken from another file does not open. Form 1 is a whole file in one seal (vpdportal.encryption); it still opens.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.files.storage import FileSystemStorage

from vpdportal.encryption import NONCE_BYTES, SealBroken, keyring, open_seal

VERSION = 2
PIECE = 1024 * 1024  # bytes, before sealing
SALT_BYTES = 16
TAG_BYTES = 16
UNFINISHED = ".part"  # how the name of a file ends that is still being written


class Readable(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


class WholeFiles(Protocol):
    """Where sealed files are kept, each completely or not at all: a folder, or an object store."""

    def names(self) -> Iterator[str]: ...

    def open(self, name: str) -> Any: ...

    def replace(self, name: str, content: Any) -> None: ...


@dataclass(frozen=True)
class Seal:
    """What all pieces of one file share."""

    key: AESGCM
    beginning: bytes
    place: str

    def close(self, piece: bytes, number: int, is_last: bool) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self.key.encrypt(nonce, piece, self._of(number, is_last))

    def open(self, sealed: bytes, number: int, is_last: bool) -> bytes:
        try:
            return self.key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self._of(number, is_last))
        except (InvalidTag, ValueError) as error:  # ValueError: cut off before its nonce ended
            raise SealBroken("changed, cut off, or not of this file") from error

    def _of(self, number: int, is_last: bool) -> bytes:
        return self.beginning + number.to_bytes(8, "big") + bytes([is_last]) + self.place.encode()


def seal_pieces(content: Iterable[bytes], *, place: str) -> Iterator[bytes]:
    """The pieces of `content` (each exactly PIECE long but the last one), sealed with the newest key for `place`."""
    key_id, key = next(iter(keyring(settings.FIELD_KEYS).items()))
    name = key_id.encode()
    seal = Seal(key, bytes([VERSION, len(name)]) + name + os.urandom(SALT_BYTES), place)
    yield seal.beginning
    held, number = b"", 0
    for piece in content:
        if held:
            if len(held) != PIECE:
                raise ValueError("only the last piece may be shorter: whoever opens it counts on that")
            yield seal.close(held, number, is_last=False)
            number += 1
        held = piece
    yield seal.close(held, number, is_last=True)


def open_pieces(sealed: Readable, *, place: str) -> Iterator[bytes]:
    """The content sealed for `place`, piece by piece. Raises SealBroken at the piece that does not open.

    Whoever hands it on must know that it can break later: read it through once before the first piece leaves.
    """
    first = sealed.read(2)
    if first[:1] != bytes([VERSION]):
        yield open_seal(first + sealed.read(), place=place)
        return
    beginning = first + sealed.read(first[-1] + SALT_BYTES)
    key = keyring(settings.FIELD_KEYS).get(beginning[2:-SALT_BYTES].decode(errors="replace"))
    if key is None or len(first) < 2:
        raise SealBroken("its key is not in FIELD_KEYS")
    seal, number = Seal(key, beginning, place), 0
    size = NONCE_BYTES + PIECE + TAG_BYTES
    held = sealed.read(size)
    while following := sealed.read(size):
        yield seal.open(held, number, is_last=False)
        held, number = following, number + 1
    yield seal.open(held, number, is_last=True)


def key_of(sealed: Readable) -> str:
    """The id of the key under which a file of either form stands. Raises SealBroken when it begins like neither."""
    first = sealed.read(2)
    name = sealed.read(first[1]) if len(first) == 2 else b""
    if not name or first[0] not in (1, VERSION):
        raise SealBroken("unknown form")
    return name.decode(errors="replace")


def pieces_of(content: Readable) -> Iterator[bytes]:
    """What can be read, in pieces of PIECE bytes; the last may be shorter."""
    while piece := content.read(PIECE):
        yield piece


def cut_anew(content: Iterable[bytes]) -> Iterator[bytes]:
    """The same content in pieces of PIECE bytes, however it comes in; the last may be shorter."""
    held = b""
    for part in content:
        held += part
        while len(held) > PIECE:
            yield held[:PIECE]
            held = held[PIECE:]
    if held:
        yield held


class WholeFilesOnly(FileSystemStorage):
    """A folder in which a file is there completely or not at all, also when the power fails.

    It is written under another name, brought to the disk, and then given its own.
    """

    def _save(self, name: str, content: Any) -> str:
        path = Path(self.path(name))
        _make(path.parent)
        unfinished = path.with_name(f"{uuid4()}{UNFINISHED}")
        try:
            with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                for piece in content.chunks():
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, path)
        except BaseException:
            with suppress(OSError):
                unfinished.unlink()
            raise
        to_disk(path.parent)
        return name

    def replace(self, name: str, content: Any) -> None:
        """Put new content in the place of a file. Whoever reads the old one meanwhile reads it to its end."""
        self._save(name, content)

    def names(self) -> Iterator[str]:
        """Of every whole file, in order."""
        folder = Path(self.location)
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if path.is_file() and not path.name.endswith(UNFINISHED):
                yield path.relative_to(folder).as_posix()


def _make(folder: Path) -> None:
    """Make the folder, for us alone."""
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        to_disk(folder.parent)


def to_disk(path: Path) -> None:
    """Whatever stands there survives a power failure: the content of a file, or the list of names of a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Pieces:
    """Pieces of a file in the shape in which a storage takes content."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces

    def chunks(self, chunk_size: int | None = None) -> Iterable[bytes]:
        return self._pieces
