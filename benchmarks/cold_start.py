"""The demonstration from nothing, as a newcomer starts it: `run.py bench cold_start`, a few minutes (P12).

A copy of the tree without anything made, and package caches that are empty. What the package index takes to answer is
in it: that is what the newcomer waits for. Needs the network.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, keep, say
from benchmarks.servers import ROOT
from tests.environment import DEFAULTS
from tests.services import free_port

RUNS = 3
PATIENCE = 300  # seconds
MADE = (".git", ".venv", ".demo", ".static", "node_modules", "__pycache__", "*.mo", ".*_cache")
OURS = {"VIRTUAL_ENV", "DJANGO_SETTINGS_MODULE", *DEFAULTS}  # of this process: the demonstration has its own database
READY = re.compile(r"ready in (\d+) s")


def start(folder: Path, *, is_warm: bool) -> float:
    """Seconds that the demonstration says it took."""
    cache = folder / ("cache" if is_warm else f"cache-{free_port()}")
    environment = {
        **{name: value for name, value in os.environ.items() if name not in OURS},
        "PORT": str(free_port()), "UV_CACHE_DIR": str(cache / "uv"), "PIP_CACHE_DIR": str(cache / "pip"),
        "DEMO_DIR": str(folder / "demo"), "PYTHONUNBUFFERED": "1",
    }  # fmt: skip
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin") or sys.executable
    process = subprocess.Popen(
        [sys._base_executable or python, "run.py", "demo"],  # type: ignore[attr-defined]
        cwd=folder / "tree", env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )  # fmt: skip
    said: list[str] = []
    try:
        for line in process.stdout or ():
            said.append(line)
            if found := READY.search(line):
                return float(found[1])
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)
    raise SystemExit("the demonstration did not start:\n" + "".join(said[-20:]))


def report() -> Iterator[str]:
    cold, warm = [], []
    for _run in range(RUNS):
        with tempfile.TemporaryDirectory(prefix="vpd-cold-") as name:
            folder = Path(name)
            shutil.copytree(ROOT, folder / "tree", ignore=shutil.ignore_patterns(*MADE))
            cold.append(start(folder, is_warm=False))
            warm.append(start(folder, is_warm=True))
    figures = [
        Figure("P12", "from nothing to a page, empty package cache", cold, unit="s", most=20),
        Figure("", "the second time", warm, unit="s"),
    ]
    yield from keep("cold_start", figures, {"runs": RUNS})


if __name__ == "__main__":
    say(report())
