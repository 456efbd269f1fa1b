"""The proxy that is shipped (deploy/proxy), as a real nginx in front of whatever answers on a port."""

import datetime
import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.services import NOBODY, as_nobody, free_port, server_folder

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "deploy" / "proxy"
HOST = "portaal.voorbeeld.invalid"
MAIN = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log warn;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/bodies; proxy_temp_path {folder}/answers; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; access_log off; default_type text/html;
    include {folder}/portal.conf;
}}
"""


@dataclass
class Proxy:
    """Where it listens, and what it wrote."""

    folder: Path
    http: int
    https: int
    authority: Path

    def connect(self, host: str = HOST, **limits: object) -> ssl.SSLSocket:
        """An open connection over TLS; `limits` are attributes of the context (maximum_version, ...)."""
        context = ssl.create_default_context(cafile=str(self.authority))
        if ciphers := limits.pop("ciphers", None):
            context.set_ciphers(str(ciphers))
        for name, value in limits.items():
            setattr(context, name, value)
        return context.wrap_socket(socket.create_connection(("127.0.0.1", self.https), 10), server_hostname=host)

    def ask(self, path: str, method: str = "GET", body: bytes = b"", **headers: str) -> tuple[int, str, str]:
        """Status, header lines and body of one request over TLS."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        with self.connect() as line:
            line.sendall("\r\n".join([*lines, "", ""]).encode() + body)
            head, _, answer = read_all(line).partition(b"\r\n\r\n")
        return int(head.split(b" ")[1]), head.decode("latin-1"), answer.decode("utf-8", "replace")

    def log(self) -> str:
        return (self.folder / "access.log").read_text()


def read_all(line: socket.socket) -> bytes:
    """All that comes until the other side closes, or says nothing for two seconds."""
    line.settimeout(2)
    parts = []
    try:
        while part := line.recv(65536):
            parts.append(part)
    except (TimeoutError, ConnectionError, ssl.SSLError):
        pass
    return b"".join(parts)


@contextmanager
def proxy_before(web: int, nginx: str, **changes: str) -> Iterator[Proxy]:
    """The shipped configuration with its own ports and paths; `changes` are texts to replace: what a test breaks."""
    with server_folder() as folder:
        proxy = Proxy(folder, free_port(), free_port(), _make_certificate(folder))
        _fill(proxy, web, changes)
        if os.getuid() == 0:
            subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", str(folder)], check=True)
        command = [nginx, "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", str(folder / "start.log")]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, **as_nobody())
        try:
            _wait_until_it_listens(proxy, process)
            yield proxy
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=10)


def _fill(proxy: Proxy, web: int, changes: dict[str, str]) -> None:
    folder = proxy.folder
    shutil.copytree(SHIPPED / "pages", folder / "pages")
    filled = {
        "${PORTAL_WEB}": f"127.0.0.1:{web}",
        "${PORTAL_HOST}": HOST,
        "${PORTAL_TLS}": str(folder),
        "${PORTAL_PAGES}": str(folder / "pages"),
        "listen 8080": f"listen 127.0.0.1:{proxy.http}",
        "listen 8443": f"listen 127.0.0.1:{proxy.https}",
        "/dev/stdout": str(folder / "access.log"),
        "/dev/stderr": str(folder / "crit.log"),
    }
    text = (SHIPPED / "portal.conf.template").read_text()
    for old, new in [*filled.items(), *changes.items()]:
        if old not in text:
            raise ValueError(f"{old!r} does not stand in the configuration")
        text = text.replace(old, new)
    (folder / "portal.conf").write_text(text)
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder))


def _wait_until_it_listens(proxy: Proxy, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", proxy.https), 1).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > end:
                said = [
                    (proxy.folder / name).read_text()
                    for name in ("start.log", "error.log")
                    if (proxy.folder / name).exists()
                ]
                raise RuntimeError(f"nginx does not start: {' '.join(said)}") from None
            time.sleep(0.05)


def _make_certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    today = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "portal.key").write_bytes(private)
    (folder / "portal.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return folder / "portal.crt"
