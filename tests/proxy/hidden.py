"""Requests that hide another one: what proxy and portal might cut in two at different places."""

from tests.proxy.proxy import HOST

INNER = f"GET /hidden HTTP/1.1\r\nHost: {HOST}\r\n\r\n"
CHUNKED_END = f"0\r\n\r\n{INNER}"


def _post(*headers: str, body: str = CHUNKED_END) -> bytes:
    lines = ["POST /-/live HTTP/1.1", f"Host: {HOST}", *headers]
    return ("\r\n".join([*lines, "", ""]) + body).encode("latin-1")


HIDDEN: dict[str, bytes] = {
    "length and chunks": _post(f"Content-Length: {len(CHUNKED_END)}", "Transfer-Encoding: chunked"),
    "short length and chunks": _post("Content-Length: 4", "Transfer-Encoding: chunked"),
    "chunks that are a length": _post(
        "Content-Length: 4", "Transfer-Encoding: chunked", body=f"{len(INNER):x}\r\n{INNER}\r\n0\r\n\r\n"
    ),
    **{
        f"transfer encoding {number}": _post(f"Content-Length: {len(CHUNKED_END)}", *lines)
        for number, lines in enumerate(
            [
                ("Transfer-Encoding : chunked",),
                ("Transfer-Encoding: xchunked",),
                ("Transfer-Encoding:\tchunked",),
                ("Transfer-Encoding:\x0bchunked",),
                ("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
                ("Transfer-Encoding: identity", "Transfer-Encoding: chunked"),
                ("Transfer-Encoding: gzip, chunked",),
                (" Transfer-Encoding: chunked",),
                ("X: x\nTransfer-Encoding: chunked",),
                ("X: x\rTransfer-Encoding: chunked",),
                ("Transfer-Encoding\n: chunked",),
                ("Transfer_Encoding: chunked",),
                ("TRANSFER-ENCODING: CHUNKED",),
                ("Transfer-Encoding: 'chunked'",),
                ("Transfer-Encoding: chunked;a=b",),
                ("Transfer-Encoding: \x00chunked",),
            ]
        )
    },
    "two lengths": _post("Content-Length: 0", f"Content-Length: {len(INNER)}", body=INNER),
    "two lengths, the other way": _post(f"Content-Length: {len(INNER)}", "Content-Length: 0", body=INNER),
    **{
        f"length {value!r}": _post(f"Content-Length: {value}", body=INNER)
        for value in (
            f"+{len(INNER)}",
            f"-{len(INNER)}",
            f"{len(INNER)}, {len(INNER)}",
            "0x10",
            "1e1",
            "",
            "9" * 30,
            "1_0",
        )
    },
    "length with a bare line feed": _post(f"X: x\nContent-Length: {len(INNER)}", body=INNER),
    "size of a chunk that is too large for a number": _post(
        "Transfer-Encoding: chunked", body=f"{'f' * 17}\r\n{INNER}\r\n0\r\n\r\n"
    ),
    "size of a chunk with a sign": _post("Transfer-Encoding: chunked", body=f"+0\r\n\r\n{INNER}"),
    "extension of a chunk with a line feed": _post("Transfer-Encoding: chunked", body=f"0;a\nb\r\n\r\n{INNER}"),
    "chunks that end with bare line feeds": _post("Transfer-Encoding: chunked", body=f"0\n\n{INNER}"),
    "a trailer that is a request": _post("Transfer-Encoding: chunked", body=f"0\r\n{INNER}"),
    "another host on the first line": (f"GET http://elders.invalid/-/live HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()),
    "a body with GET": f"GET /-/live HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {len(INNER)}\r\n\r\n{INNER}".encode(),
    "version 0.9": f"GET /-/live\r\n{INNER}".encode(),
    "two hosts": f"GET /-/live HTTP/1.1\r\nHost: {HOST}\r\nHost: elders.invalid\r\n\r\n".encode(),
    "an upgrade": (
        f"GET /-/live HTTP/1.1\r\nHost: {HOST}\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n{INNER}".encode()
    ),
}
