"""Asking a ClamAV daemon (clamd) whether there is a virus in a file, over its own protocol.

The published clients are asynchronous or have not been touched for years; the protocol is this small:
`zINSTREAM\\0`, then pieces that begin with their length in four bytes, then a length of zero, then one answer.
"""

import socket
from collections.abc import Iterable
from contextlib import suppress

CONNECT_SECONDS = 3
ANSWER_SECONDS = 20  # for each step: sending one piece, and the answer


class ScannerDown(Exception):
    """There is no scanner at the address, or it does not answer."""


class ScannerUnsure(Exception):
    """The scanner answers, but not about this file: it is larger than it takes, for example, and it hangs up."""


def has_virus(content: Iterable[bytes], *, address: str) -> bool:
    """Whether clamd at `address` ("host:port", or the path of a socket) finds something.

    Raises ScannerDown and ScannerUnsure.
    """
    try:
        with _connected(address) as line:
            answer = _asked(line, content)
    except (OSError, ValueError) as error:
        raise ScannerDown(type(error).__name__) from error
    if answer.endswith("FOUND"):
        return True
    if answer.endswith("OK"):
        return False
    if not answer:
        raise ScannerDown("no answer")
    raise ScannerUnsure(answer)


def _connected(address: str) -> socket.socket:
    if not address.startswith("/"):
        host, _, port = address.rpartition(":")
        line = socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_SECONDS)
    else:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(CONNECT_SECONDS)
        try:
            line.connect(address)
        except OSError:
            line.close()
            raise
    line.settimeout(ANSWER_SECONDS)
    return line


def _asked(line: socket.socket, content: Iterable[bytes]) -> str:
    """The answer. Raises ScannerUnsure when it hung up on the file: its answer may be lost with the connection."""
    with suppress(BrokenPipeError, ConnectionResetError):  # too large for it, which it says before it hangs up
        line.sendall(b"zINSTREAM\0")
        for piece in filter(None, content):  # a length of zero would end it
            line.sendall(len(piece).to_bytes(4, "big") + piece)
        line.sendall(bytes(4))
    try:
        return _answer(line)
    except ConnectionResetError as error:
        raise ScannerUnsure("it hung up") from error


def _answer(line: socket.socket) -> str:
    answer = b""
    while part := line.recv(4096):
        answer += part
    return answer.rstrip(b"\0\n").decode(errors="replace")
