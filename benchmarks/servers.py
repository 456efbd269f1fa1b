"""The portal and the baseline as real servers: gunicorn with two processes each, on the same machine and database."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.environment import DEFAULTS
from tests.services import answering, free_port

ROOT = Path(__file__).resolve().parents[1]
WORKERS = ["--workers", "2", "--threads", "4", "--no-control-socket", "--keep-alive", "30"]


@contextmanager
def served(application: str, ready: str, **environment: str) -> Iterator[int]:
    """A server of this application; gives its port. `ready`: a path that answers without signing in."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", application, "-b", f"127.0.0.1:{port}", *WORKERS]
    values = {**DEFAULTS, **os.environ, "PORTAL_URL": "http://127.0.0.1", "PYTHONPATH": str(ROOT), **environment}
    with answering(command, f"http://127.0.0.1:{port}{ready}", Path(os.devnull), cwd=ROOT, env=values):
        yield port


def memory_of(port: int) -> list[int]:
    """Kilobytes of memory of its own, of each process that listens on this port."""
    pids = subprocess.run(["pgrep", "-f", f"127.0.0.1:{port}"], capture_output=True, text=True, check=True)
    sizes = []
    for pid in pids.stdout.split():
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                sizes.append(int(line.split()[1]))
    return sizes
