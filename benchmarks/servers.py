"""The portal and the baseline as real servers: gunicorn with two processes each, on the same machine and database."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from tests.environment import DEFAULTS
from tests.services import answering, free_port, own_postgres

PATIENCE = 300  # seconds until a server answers: a machine that does other work as well is slow
ROOT = Path(__file__).resolve().parents[1]
HOW = ["-c", "deploy/gunicorn.conf.py", "--workers", "2", "--threads", "4", "--keep-alive", "30", "--max-requests", "0"]


def again_beside_postgres(name: str, settings: dict[str, str] | None = None) -> NoReturn:
    """The benchmark of this name once more, with the same options, on an empty PostgreSQL of its own; then the end."""
    with own_postgres(**settings or {}) as server:
        again = [sys.executable, "-m", f"benchmarks.{name}", *sys.argv[1:], "--here"]
        raise SystemExit(subprocess.run(again, env={**os.environ, "DATABASE_URL": server.url()}).returncode)


@contextmanager
def served(application: str, ready: str, **environment: str) -> Iterator[int]:
    """A server of this application; gives its port. `ready`: a path that answers without signing in."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", application, "-b", f"127.0.0.1:{port}", *HOW]
    values = {**DEFAULTS, **os.environ, "PORTAL_URL": "http://127.0.0.1", "PYTHONPATH": str(ROOT), **environment}
    address = f"http://127.0.0.1:{port}{ready}"
    with answering(command, address, Path(os.devnull), patience=PATIENCE, cwd=ROOT, env=values):
        yield port


def worker_pids(port: int) -> list[int]:
    """The processes that answer on this port; not the one that minds them."""
    pids = subprocess.run(["pgrep", "-f", f"127.0.0.1:{port}"], capture_output=True, text=True, check=True)
    return sorted(map(int, pids.stdout.split()))[1:]


def resident(port: int) -> list[int]:
    """Kilobytes in memory, shared ones too, of each worker that answers on this port."""
    sizes = []
    for pid in worker_pids(port):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                sizes.append(int(line.split()[1]))
    return sizes


def memory_of(port: int) -> list[int]:
    """Kilobytes of memory of its own, of each process that listens on this port."""
    pids = subprocess.run(["pgrep", "-f", f"127.0.0.1:{port}"], capture_output=True, text=True, check=True)
    sizes = []
    for pid in pids.stdout.split():
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                sizes.append(int(line.split()[1]))
    return sizes
