"""A file that opens with a passphrase and nothing else, in the open format of age (age-encryption.org/v1).

So whoever leaves needs no portal to open what is theirs: `age -d FILE` does. Written as a stream; read at any place,
so that a zip inside is never unpacked on a disk. The passphrase goes through scrypt; pieces of 64 KiB are sealed with
ChaCha20-Poly1305.
"""

import hmac
import io
import os
from base64 import b64decode, b64encode
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

INTRO = b"age-encryption.org/v1\n"
LABEL = b"age-encryption.org/v1/scrypt"
WORK = 17  # as a power of two: 128 MB of memory and about half a second for each guess
MOST_WORK = 20
PIECE, TAG = 64 * 1024, 16
NONCE = 16


class CannotOpen(Exception):
    """Another passphrase, a file of another kind, or one that was changed or cut off."""


class Writer(io.RawIOBase):
    """Seals what is written to it into `target`. Only after `close` the file is whole."""

    def __init__(self, target: IO[bytes], passphrase: str, *, work: int = WORK) -> None:
        file_key, salt, nonce = os.urandom(16), os.urandom(16), os.urandom(NONCE)
        wrapped = ChaCha20Poly1305(_wrapping(passphrase, salt, work)).encrypt(bytes(12), file_key, None)
        head = INTRO + b"-> scrypt " + _base64(salt) + f" {work}\n".encode() + _base64(wrapped) + b"\n---"
        target.write(head + b" " + _base64(_mac(file_key, head)) + b"\n" + nonce)
        self._target, self._cipher = target, ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))
        self._held, self._number = bytearray(), 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held += data
        while len(self._held) > PIECE:  # what is last is known at the end
            self._seal(bytes(self._held[:PIECE]), is_last=False)
            del self._held[:PIECE]
        return len(data)

    def finish(self) -> None:
        """Seal the last piece. Without it the file does not open."""
        self._seal(bytes(self._held), is_last=True)
        self._held.clear()

    def _seal(self, piece: bytes, *, is_last: bool) -> None:
        self._target.write(self._cipher.encrypt(_nonce(self._number, is_last), piece, None))
        self._number += 1


class Reader(io.RawIOBase):
    """What is sealed in `source`, which can be sought. Raises CannotOpen."""

    def __init__(self, source: IO[bytes], passphrase: str) -> None:
        self._source = source
        source.seek(0)
        file_key = _file_key(source, passphrase)
        nonce = source.read(NONCE)
        self._start = source.tell()
        sealed = source.seek(0, io.SEEK_END) - self._start
        pieces, left = divmod(sealed, PIECE + TAG)
        if len(nonce) < NONCE or sealed < TAG or 0 < left < TAG:
            raise CannotOpen("it is cut off")
        self._last = pieces if left else pieces - 1
        self._size = sealed - (self._last + 1) * TAG
        self._cipher = ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))
        self._at, self._known = 0, (-1, b"")
        self._piece(self._last)  # a file that was cut off between two pieces has no last one

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        """All that is asked for, but at the end: who reads a zip counts on that."""
        done = 0
        while done < len(buffer) and self._at < self._size:
            number, offset = divmod(self._at, PIECE)
            part = self._piece(number)[offset : offset + len(buffer) - done]
            buffer[done : done + len(part)] = part
            self._at += len(part)
            done += len(part)
        return done

    def _piece(self, number: int) -> bytes:
        if self._known[0] != number:
            self._source.seek(self._start + number * (PIECE + TAG))
            sealed = self._source.read(PIECE + TAG)
            try:
                opened = self._cipher.decrypt(_nonce(number, number == self._last), sealed, None)
            except InvalidTag as error:
                raise CannotOpen("it was changed or cut off") from error
            self._known = (number, opened)
        return self._known[1]


def _file_key(source: IO[bytes], passphrase: str) -> bytes:
    """From the head, after which the source stands at the content."""
    if source.readline(len(INTRO)) != INTRO:
        raise CannotOpen("it is no file of age")
    recipient, body, end = source.readline(200), source.readline(200), source.readline(200)
    try:
        arrow, kind, salt, work = recipient.split()
        if (arrow, kind) != (b"->", b"scrypt") or not 1 <= int(work) <= MOST_WORK:
            raise CannotOpen("it does not open with a passphrase")
        key = _wrapping(passphrase, _unbase64(salt), int(work))
        file_key = ChaCha20Poly1305(key).decrypt(bytes(12), _unbase64(body.strip()), None)
        head = INTRO + recipient + body + b"---"
        if not hmac.compare_digest(_unbase64(end.split()[1]), _mac(file_key, head)):
            raise CannotOpen("its head was changed")
    except InvalidTag as error:
        raise CannotOpen("this is not its passphrase") from error
    except (ValueError, IndexError) as error:
        raise CannotOpen("its head cannot be read") from error
    return file_key


def _wrapping(passphrase: str, salt: bytes, work: int) -> bytes:
    return Scrypt(salt=LABEL + salt, length=32, n=2**work, r=8, p=1).derive(passphrase.encode())


def _derived(key: bytes, salt: bytes | None, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(key)


def _mac(file_key: bytes, head: bytes) -> bytes:
    return hmac.digest(_derived(file_key, None, b"header"), head, "sha256")


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _base64(content: bytes) -> bytes:
    return b64encode(content).rstrip(b"=")


def _unbase64(text: bytes) -> bytes:
    return b64decode(text + b"=" * (-len(text) % 4), validate=True)
