"""The portal and the baseline as real servers: gunicorn with two processes each, on the same machine and database."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from tests.environment import DEFAULTS
from tests.services import free_port

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 120  # seconds until it must answer
WORKERS = ["--workers", "2", "--threads", "4", "--no-control-socket", "--keep-alive", "30"]


@contextmanager
def served(application: str, ready: str, **environment: str) -> Iterator[int]:
    """A server of this application; gives its port. `ready`: a path that answers without signing in."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", application, "-b", f"127.0.0.1:{port}", *WORKERS]
    values = {**DEFAULTS, **os.environ, "PORTAL_URL": "http://127.0.0.1", "PYTHONPATH": str(ROOT), **environment}
    process = subprocess.Popen(command, cwd=ROOT, env=values, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}{ready}", process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=60)


def memory_of(port: int) -> list[int]:
    """Kilobytes of memory of its own, of each process that listens on this port."""
    pids = subprocess.run(["pgrep", "-f", f"127.0.0.1:{port}"], capture_output=True, text=True, check=True)
    sizes = []
    for pid in pids.stdout.split():
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                sizes.append(int(line.split()[1]))
    return sizes


def _wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            urlopen(address, timeout=5).close()
            return
        except OSError:
            if time.monotonic() > end or process.poll() is not None:
                raise
            time.sleep(0.2)
